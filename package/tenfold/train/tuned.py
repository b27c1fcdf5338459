"""What is chosen for a task after training: the thresholds of labels, or a temperature.

Every file that brings a learner back holds it, as numbers of JSON, which come back bit for bit.
"""

from __future__ import annotations

from typing import Any

from tenfold.train.task import Task

__all__ = ["tuned", "with_tuned"]

# its name in the settings of a task, and what it is where nothing was chosen
CHOSEN = {"multi label": ("threshold", 0.5), "single label": ("temperature", 1.0)}


def tuned(task: Task) -> dict[str, Any]:
    """What was chosen for this task; nothing where there is nothing to choose.

    >>> from tenfold.train.task import multi_label, number
    >>> tuned(multi_label(2, threshold=[0.25, 0.5])), tuned(number())
    ({'threshold': (0.25, 0.5)}, {})
    """
    settings = dict(task.settings)
    if task.name not in CHOSEN or "classes" not in settings:  # a task of somebody's own
        return {}
    name, usual = CHOSEN[task.name]
    return {name: settings.get(name, usual)}


def with_tuned(task: Task, told: dict[str, Any]) -> Task:
    """The task that decides by what `tuned` told of one like it, as it was or as JSON has it.

    >>> from tenfold.train.task import multi_label
    >>> with_tuned(multi_label(2), {"threshold": [0.25, 0.5]}).thresholds
    (0.25, 0.5)
    """
    found: dict[str, Any] = {
        name: tuple(it) if isinstance(it, list) else it for name, it in told.items()
    }
    own = tuned(task)
    if found == own or found.keys() != own.keys():  # a file of before, or of another kind
        return task
    if "threshold" in found:
        return task.with_thresholds(found["threshold"])
    return task.with_temperature(found["temperature"])
