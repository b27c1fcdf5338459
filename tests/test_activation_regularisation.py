"""The two penalties against their closed form; validation never sees them."""

from __future__ import annotations

import math

import pytest
import torch
from factories import make_learner
from text_world import NO_DROPOUT, make_language_learner, make_text_learner

from tenfold.errors import SettingError
from tenfold.techniques.activation_regularisation import ActivationRegularisation
from tenfold.train.events import Callback
from tenfold.train.run import Run


class Losses(Callback):
    """Keeps the loss that was trained on and what it would be without the penalty."""

    def __init__(self) -> None:
        self.pairs: list[tuple[float, float]] = []
        self.features = torch.zeros(())

    def before_fit(self, run: Run) -> None:
        run.model.encoder.output_drop.register_forward_hook(self._keep)  # type: ignore[union-attr]

    def _keep(self, layer: object, given: tuple[torch.Tensor], dropped: torch.Tensor) -> None:
        self.features = dropped.detach()

    def after_step(self, run: Run) -> None:
        plain = torch.nn.functional.cross_entropy(run.outputs.detach(), run.targets)
        assert run.loss is not None
        self.pairs.append((float(run.loss), float(plain)))
        h = self.features
        slow = 2.0 * (h**2).mean() + 1.0 * ((h[1:] - h[:-1]) ** 2).mean()
        self.pairs[-1] = (float(run.loss) - float(plain), float(slow))


def test_the_training_loss_gets_both_penalties() -> None:
    losses = Losses()
    learn = make_language_learner(dropouts=NO_DROPOUT, callbacks=[losses])
    learn.fit(1, 1e-2)
    for added, wanted in losses.pairs:
        assert added == pytest.approx(wanted, abs=1e-5)
    assert losses.pairs[0][1] > 0


def test_the_penalty_is_its_closed_form() -> None:
    raw, dropped = torch.randn(5, 3, 4), torch.randn(5, 3, 4)
    found = ActivationRegularisation(alpha=3.0, beta=0.5).penalty(raw, dropped)
    slow = sum(float((raw[t + 1] - raw[t]).square().sum()) for t in range(4)) / (4 * 3 * 4)
    assert float(found) == pytest.approx(3.0 * float(dropped.square().mean()) + 0.5 * slow)
    one = ActivationRegularisation(beta=1e9).penalty(raw[:1], dropped[:1])
    assert float(one) == pytest.approx(2.0 * float(dropped[:1].square().mean()))


@pytest.mark.parametrize("make", [make_language_learner, make_text_learner])
def test_afterwards_task_and_model_are_as_before(make: object) -> None:
    learn = make()  # type: ignore[operator]
    task = learn.task
    learn.callbacks = [ActivationRegularisation()]
    learn.fit(1, 1e-2)
    assert learn.task is task and learn.run.task is task
    assert not learn.model.encoder.output_drop._forward_hooks


def test_validation_is_without_the_penalty() -> None:
    learn = make_language_learner(dropouts=NO_DROPOUT)
    learn.callbacks = [ActivationRegularisation(alpha=1e4)]
    learn.fit(1, 1e-9)
    row = learn.history.rows[-1]
    assert row["train_loss"] > 10 * row["valid_loss"]
    assert row["perplexity"] == pytest.approx(math.exp(row["valid_loss"]), rel=1e-4)


def test_a_model_without_an_encoder_is_refused_and_stays_whole() -> None:
    learn = make_learner(callbacks=[ActivationRegularisation()])
    with pytest.raises(SettingError, match=r"Net has no encoder\.output_drop"):
        learn.fit(1, 0.1)


@pytest.mark.parametrize("settings", [{"alpha": -1.0}, {"beta": float("inf")}, {"alpha": True}])
def test_a_weight_below_0_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(SettingError, match="allowed is 0 and above"):
        ActivationRegularisation(**settings)
