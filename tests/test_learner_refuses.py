from __future__ import annotations

import math
import threading
from typing import Any

import pytest
from factories import At, make_learner, make_net, make_pairs, same, tensors
from torch import nn

from tenfold.errors import DataError, ModelError, SettingError, StateError
from tenfold.train.task import number

# far above what any of these runs needs: a wait that is longer has hung
LONG = 20.0


BAD = [
    (lambda learn: learn.fit(0), "epochs=0 was given; allowed is 1 and above"),
    (lambda learn: learn.fit(1.5), "epochs=1.5 was given"),
    (lambda learn: learn.fit(True), "epochs=True was given"),
    (lambda learn: learn.fit(1, [0.1, 0.1]), "2 learning rates were given; this model has 3"),
    (lambda learn: learn.fit(1, -0.1), "the learning rate -0.1 was given"),
    (lambda learn: learn.fit(1, schedule="cosin"), "'cosin' was given.*did you mean 'cosine'"),
    (lambda learn: learn.fit(1, clip=0), "norm=0 was given"),
    (lambda learn: learn.fit(1, callbacks=[3]), "3 was given as a callback"),
    (lambda learn: learn.fit_one_cycle(0), "epochs=0 was given"),
    (lambda learn: learn.fit_one_cycle(1, divide=0), "divide=0 was given"),
    (lambda learn: learn.fit_sgdr(0), "cycles=0 was given"),
    (lambda learn: learn.fine_tune(0), "epochs=0 was given"),
    (lambda learn: learn.fine_tune(1, freeze_epochs=0), "freeze_epochs=0 was given"),
    (lambda learn: learn.fine_tune(1, math.nan), "the learning rate nan was given"),
    (lambda learn: learn.freeze_to(9), "group 9 was given"),
    (lambda learn: learn.plan(threads=0), "threads=0 was given"),
]


@pytest.mark.parametrize(("call", "words"), BAD)
def test_a_bad_argument_is_refused_and_changes_nothing(call: Any, words: str) -> None:
    learn = make_learner()
    with pytest.raises(SettingError, match=words) as caught:
        call(learn)
    assert same(tensors(learn.model), tensors(make_net())) and not learn.history.rows
    assert all(p.requires_grad for p in learn.model.parameters())
    assert "\n" not in str(caught.value)


class Apart(nn.Module):
    """A net without parameters."""


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (
            lambda: make_learner(task=None),
            SettingError,
            r"no task was given.*pass task=single_label",
        ),
        (lambda: make_learner(optimizer="admw").fit(1), SettingError, "'admw' .*mean 'adam"),
        (lambda: make_learner(metrics=["acuracy"]).fit(1), SettingError, "'acuracy' .*'accuracy'"),
        (lambda: make_learner(weight_decay=-1).fit(1), SettingError, "weight_decay=-1 was given"),
        (lambda: make_learner(smoothing=2), SettingError, "smoothing=2 was given"),
        (
            lambda: make_learner(smoothing=0.1, task=number()),
            SettingError,
            "with number; allowed is 0",
        ),
        (
            lambda: make_learner(3),
            DataError,
            "int was given as data; allowed is an ImageData, or a",
        ),
        (
            lambda: make_learner((iter([]), [])),
            DataError,
            "train is a list_iterator; data must be it",
        ),
        (lambda: make_learner((make_pairs(), iter([]))), DataError, "valid is a list_iterator"),
        (lambda: make_learner(([], [])).fit(1), DataError, "the training data gave no batch"),
        (lambda: make_learner(model=Apart()), ModelError, "Apart has no parameters, so there is"),
        (lambda: make_learner(model=make_net(3)).fit(1), ModelError, "gives 3 outputs.*needs 2"),
    ],
)
def test_a_learner_that_cannot_train_says_why(make: Any, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_a_model_that_does_not_fit_is_left_as_it_was() -> None:
    learn = make_learner(model=make_net(3))
    with pytest.raises(ModelError):
        learn.fit(1)
    assert same(tensors(learn.model), tensors(make_net(3))) and not learn.history.rows


CHANGES = [
    lambda learn: learn.fit(1),
    lambda learn: learn.lr_find(),
    lambda learn: learn.freeze(),
    lambda learn: learn.unfreeze(),
    lambda learn: learn.load("x"),
    lambda learn: learn.set_data((make_pairs(), make_pairs())),
    lambda learn: setattr(learn, "precompute", True),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_learner_that_trains_cannot_be_changed(change: Any) -> None:
    paused, learn = threading.Event(), make_learner()
    pause = At("after_step", lambda run: (run.pause(), paused.set()), step=1)
    thread = threading.Thread(target=learn.fit, args=(1, 0.1), kwargs={"callbacks": [pause]})
    thread.start()
    assert paused.wait(LONG)
    with pytest.raises(StateError, match=r"is training \(epoch 1 of 1\); wait for it with .*stop"):
        change(learn)
    learn.run.stop()
    thread.join(LONG)
    assert learn.run.state == "stopped"
    learn.freeze()
