"""The moments of a run at which a callback is called.

The list is closed: a callback overrides methods of `Callback`, and a name that looks like an
event but is none is refused when the class is defined. Each gets the `Run` and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tenfold.errors import SettingError
from tenfold.text import did_you_mean, listed

if TYPE_CHECKING:
    from tenfold.train.run import Run

__all__ = ["EVENTS", "Callback", "Events"]


class Callback:
    """Override what you need; every method does nothing here.

    >>> class Beep(Callback):
    ...     def after_epoch(self, run):
    ...         print("epoch", run.epoch)
    """

    def before_fit(self, run: Run) -> None:
        """Once, before the first epoch."""

    def before_epoch(self, run: Run) -> None:
        """Before the training pass of an epoch."""

    def before_batch(self, run: Run) -> None:
        """`run.inputs` and `run.targets` are set and may be replaced."""

    def after_backward(self, run: Run) -> None:
        """The gradients are there; the optimizer has not stepped."""

    def after_step(self, run: Run) -> None:
        """The optimizer has stepped; `run.loss` is the loss of this batch, on the device."""

    def on_tick(self, run: Run) -> None:
        """At most five times a second, between two batches; `run.last_loss` is fresh."""

    def before_validate(self, run: Run) -> None:
        """After the training pass, before the validation pass."""

    def after_epoch(self, run: Run) -> None:
        """The row of this epoch is in `run.history`."""

    def after_fit(self, run: Run) -> None:
        """Once, however the run ended; `run.state` says how."""

    def state(self) -> dict[str, Any]:
        """What this callback has to remember when a killed run goes on; nothing by default.

        Numbers, words, tensors, and lists, tuples and dicts of them. Tensors must not change
        later: give copies.
        """
        return {}

    def load_state(self, state: dict[str, Any], run: Run) -> None:
        """Go on from what `state` returned; called after `before_fit` of a run that goes on."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        for name in vars(cls):
            if name.startswith(("before_", "after_", "on_")) and name not in EVENTS:
                hint = did_you_mean(name, EVENTS, quoted=False)
                raise SettingError(
                    f"{cls.__name__}.{name} is not an event; events are {listed(EVENTS)}{hint}"
                )


EVENTS: tuple[str, ...] = (
    "before_fit",
    "before_epoch",
    "before_batch",
    "after_backward",
    "after_step",
    "on_tick",
    "before_validate",
    "after_epoch",
    "after_fit",
)


class Events(dict[str, list[Callable[["Run"], None]]]):
    """The overridden methods of some callbacks, one flat list for each event, in their order."""

    def __init__(self, callbacks: Iterable[Callback]) -> None:
        super().__init__({name: [] for name in EVENTS})
        for callback in callbacks:
            if not isinstance(callback, Callback):
                raise SettingError(
                    f"{callback!r} was given as a callback; allowed is an instance of a subclass "
                    "of tenfold.Callback"
                )
            for name in EVENTS:
                if getattr(type(callback), name) is not getattr(Callback, name):
                    self[name].append(getattr(callback, name))

    def call(self, name: str, run: Run) -> None:
        """Call every handler of one event."""
        for handler in self[name]:
            handler(run)
