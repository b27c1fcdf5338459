"""Every error that Tenfold raises on purpose.

    TenfoldError
    ├── DataError            the data cannot be used             (also a ValueError)
    ├── SettingError         an argument is out of its range     (also a ValueError)
    ├── ModelError           a model does not fit its data       (also a ValueError)
    ├── StateError           not now: another call comes first   (also a RuntimeError)
    ├── TrainingError        training cannot go on               (also a RuntimeError)
    ├── StoppedError         it was stopped, so no result        (also a RuntimeError)
    ├── FileError            a saved file cannot be used         (also an OSError)
    └── MissingPackageError  an optional package is not there    (also an ImportError)

A message says what was given, what is allowed, and the next step.
"""

from __future__ import annotations


class TenfoldError(Exception):
    """The root: catch it to catch everything that Tenfold raises on purpose."""


class DataError(TenfoldError, ValueError):
    """The data cannot be used as it is."""


class SettingError(TenfoldError, ValueError):
    """An argument is outside what is allowed."""


class ModelError(TenfoldError, ValueError):
    """A model is unknown, cannot be made, or does not fit the data or the task."""


class StateError(TenfoldError, RuntimeError):
    """The call is fine, but not in the present state."""


class TrainingError(TenfoldError, RuntimeError):
    """Training cannot go on, for example because the loss is not a number."""


class StoppedError(TenfoldError, RuntimeError):
    """A pass was stopped on request before it had a result."""


class FileError(TenfoldError, OSError):
    """A saved file is damaged, too new, or of another model."""


class MissingPackageError(TenfoldError, ImportError):
    """An optional package is needed for this and is not installed."""


class TenfoldWarning(UserWarning):
    """Something that works, but perhaps not as you think."""
