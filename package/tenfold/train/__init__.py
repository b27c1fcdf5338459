"""The trainer: read `trainer.py` first, then `run.py` and `events.py`."""
