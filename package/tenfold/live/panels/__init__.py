"""Panels: pure functions from numbers to text and HTML; no torch, no IPython, no widgets."""
