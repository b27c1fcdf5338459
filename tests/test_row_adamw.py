from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from factories import make_learner, same, tensors
from torch import Tensor, nn

from tenfold.learner import Learner
from tenfold.train.optim import make_optimizer, quick_step
from tenfold.train.rows import RowAdamW
from tenfold.train.task import number

SETTINGS: dict[str, Any] = {"lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-5}


def make_table(*, sparse: bool, rows: int = 6) -> nn.Embedding:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Embedding(rows, 3, sparse=sparse)


def stepped(optimizer: torch.optim.Optimizer, table: nn.Embedding, batches: list[Tensor]) -> Tensor:
    """The weights after a step on each batch of rows."""
    for batch in batches:
        optimizer.zero_grad()
        (table(batch) * torch.arange(1, 4)).square().sum().backward()
        optimizer.step()
    return table.weight.detach()


def random_batches(steps: int = 5) -> list[Tensor]:
    return [torch.randint(0, 6, (4,)) for _ in range(steps)]


def test_when_every_batch_has_all_rows_it_is_adamw() -> None:
    everything = [torch.tensor([0, 1, 2, 3, 4, 5, 3])] * 4
    thin, whole = make_table(sparse=True), make_table(sparse=False)
    by_rows = stepped(RowAdamW(thin.parameters(), weight_decay=0.2, **SETTINGS), thin, everything)
    plain = torch.optim.AdamW(whole.parameters(), weight_decay=0.2, **SETTINGS)
    torch.testing.assert_close(by_rows, stepped(plain, whole, everything))


def test_without_decay_it_is_sparse_adam() -> None:
    batches = random_batches()
    ours, theirs = make_table(sparse=True), make_table(sparse=True)
    by_rows = stepped(RowAdamW(ours.parameters(), weight_decay=0.0, **SETTINGS), ours, batches)
    # its eps is added before the correction of the bias, so it is only that small
    tiny = {**SETTINGS, "eps": 1e-12}
    lazy = stepped(torch.optim.SparseAdam(theirs.parameters(), **tiny), theirs, batches)
    torch.testing.assert_close(by_rows, lazy, atol=1e-4, rtol=1e-4)


def test_a_row_is_shrunk_once_for_each_batch_that_uses_it() -> None:
    table = make_table(sparse=True)
    before = table.weight.detach().clone()
    optimizer = RowAdamW(table.parameters(), lr=0.1, weight_decay=0.5)
    for batch in (torch.tensor([1, 1, 2]), torch.tensor([1])):
        (table(batch) * 0).sum().backward()  # no slope: only the decay is left
        optimizer.step()
    shrunk = torch.tensor([1, 0.95**2, 0.95, 1, 1, 1])[:, None]
    torch.testing.assert_close(table.weight.detach(), before * shrunk)


def test_what_has_ordinary_gradients_is_trained_by_adamw() -> None:
    table, layer, twin = make_table(sparse=True), nn.Linear(3, 1), nn.Linear(3, 1)
    twin.load_state_dict(layer.state_dict())
    both = RowAdamW([*table.parameters(), *layer.parameters()], **SETTINGS)
    alone = torch.optim.AdamW(twin.parameters(), **SETTINGS)
    inputs = table(torch.tensor([1, 2])).detach()
    layer(inputs).sum().backward()
    twin(inputs).sum().backward()
    table(torch.tensor([4])).sum().backward()
    both.step()
    alone.step()
    assert torch.equal(layer.weight, twin.weight) and torch.equal(layer.bias, twin.bias)


def test_the_quick_step_of_the_trainer_is_this_step() -> None:
    table = make_table(sparse=True)
    optimizer = make_optimizer(partial(RowAdamW, fused=True), table, rates=[0.1])
    before = table.weight.detach().clone()
    table(torch.tensor([2])).sum().backward()
    quick_step(optimizer)()
    assert (table.weight != before).any(1).tolist() == [False, False, True, False, False, False]


class Sum(nn.Module):
    """The mean of the rows of a table that the inputs name."""

    def __init__(self) -> None:
        super().__init__()
        self.table = make_table(sparse=True)

    def forward(self, rows: Tensor) -> Tensor:
        return self.table(rows).mean((1, 2))[:, None]


def make_sums(**more: Any) -> Learner:
    pairs = [(torch.randint(0, 6, (4, 2)), torch.rand(4)) for _ in range(3)]
    optimizer = partial(RowAdamW, fused=True)
    return make_learner((pairs, pairs), Sum(), task=number(), optimizer=optimizer, **more)


def test_a_saved_training_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    learn = make_sums()
    other = Learner(learn.data, Sum(), task=number(), optimizer=partial(RowAdamW, fused=True),
                    quiet=True, device="cpu")  # fmt: skip
    learn.fit(2, 0.1)
    learn.save(tmp_path / "x")
    other.load(tmp_path / "x")
    learn.fit(1, 0.1)
    other.fit(1, 0.1)
    assert same(tensors(learn.model), tensors(other.model))


@pytest.mark.parametrize("clip", [0.01, 1e6])
def test_the_gradient_can_be_clipped(clip: float) -> None:
    learn = make_sums()
    before = tensors(learn.model)
    assert learn.fit(1, 0.1, clip=clip).state == "finished"
    assert not same(tensors(learn.model), before)


def test_the_rate_finder_leaves_everything_as_it_was() -> None:
    learn = make_sums()
    before = tensors(learn.model)
    learn.lr_find(steps=12)
    assert same(tensors(learn.model), before)
