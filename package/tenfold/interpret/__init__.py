"""Ways of looking at what a model got wrong, one per file."""
