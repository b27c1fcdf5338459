"""Trying settings: a search over ranges, and what its trials say about the settings."""
