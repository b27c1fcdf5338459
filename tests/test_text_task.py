"""The task of a language model, its perplexity, and bfloat16 for what recurs."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from text_world import make_language_learner

from tenfold.errors import ModelError
from tenfold.train.metrics import Perplexity, lower_is_better
from tenfold.train.passes import forward
from tenfold.train.plan import Plan
from tenfold.train.task import make_task, next_word


def test_perplexity_is_e_to_the_cross_entropy_over_all_batches() -> None:
    outputs, targets = torch.randn(30, 9), torch.randint(9, (30,))
    metric = Perplexity()
    for part in (slice(0, 7), slice(7, 30)):
        metric.update(outputs[part].softmax(1), targets[part])
    assert float(metric.compute()) == pytest.approx(math.exp(F.cross_entropy(outputs, targets)))
    assert lower_is_better("perplexity")


def test_the_task_is_made_again_from_its_settings() -> None:
    task = next_word(9)
    assert make_task(task.name, dict(task.settings)).outputs == 9


def test_targets_that_are_not_one_for_each_word_are_refused() -> None:
    with pytest.raises(ModelError, match="6 outputs came with 3 next words"):
        next_word(9).check(torch.zeros(6, 9), torch.zeros(3, dtype=torch.long))


def test_its_outputs_stay_as_they_are_while_it_trains_and_are_float32_to_look_at() -> None:
    learn = make_language_learner()
    (inputs, _), plan = next(iter(learn.data.train)), Plan(precision="bfloat16")
    assert forward(learn.model.train(), inputs, plan).dtype == torch.bfloat16
    assert forward(learn.model.eval(), inputs, plan).dtype == torch.float32


def test_the_plan_of_a_recurrent_network_times_bfloat16() -> None:
    learn = make_language_learner()
    assert any("bfloat16" in line for line in learn.plan(auto=True).why)
    learn.plan(precision="bfloat16")
    assert math.isfinite(learn.fit(1, 1e-2).last_loss)
