"""Widgets: shells around the panels; ipywidgets is loaded with the first of them."""
