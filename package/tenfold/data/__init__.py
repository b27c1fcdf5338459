"""Data of every kind as batches on the device. Read `batches.py` first, then `images.py`."""
