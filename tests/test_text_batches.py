"""A classifier's batches: every text once, of about one length, never one alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tenfold.data.ragged import Ragged
from tenfold.data.text_batches import TextBatches
from tenfold.errors import DataError

LENGTHS = np.random.default_rng(0).integers(2, 60, 401)
TEXTS = Ragged.of([[number + 2] * length for number, length in enumerate(LENGTHS)])


def make_batches(texts: Ragged = TEXTS, **more: object) -> TextBatches:
    targets = torch.arange(len(texts))
    return TextBatches(texts, targets, **{"batch_size": 8, "shuffle": True, **more})  # type: ignore[arg-type]


def test_every_text_comes_once_with_its_target_and_its_padding() -> None:
    seen = []
    for words, targets in make_batches():
        real = words != 1
        assert torch.equal(real.sum(1), torch.from_numpy(LENGTHS[targets]))
        assert (real.long().diff(dim=1) <= 0).all()  # padding is behind
        assert torch.equal(words[:, 0], targets + 2)
        seen += targets.tolist()
    assert sorted(seen) == list(range(401))


def test_hardly_anything_is_padding() -> None:
    places = sum(words.numel() for words, _ in make_batches())
    assert places < 1.1 * LENGTHS.sum()


def test_the_longest_text_comes_first_and_the_order_is_of_chance() -> None:
    batches = make_batches()
    first = next(iter(batches))[0]
    orders = [torch.cat([t for _, t in batches.at_epoch(epoch)]) for epoch in (0, 1)]
    assert first.shape[1] == LENGTHS.max()
    assert not torch.equal(*orders)
    assert torch.equal(orders[0], torch.cat([t for _, t in make_batches()]))


def test_a_shuffled_pass_never_ends_on_one_text() -> None:
    sizes = [len(words) for words, _ in make_batches()]
    assert len(sizes) == len(make_batches()) == 50
    assert sorted(sizes) == [8] * 49 + [9]


def test_in_order_means_in_order() -> None:
    batches = make_batches(shuffle=False)
    assert torch.cat([targets for _, targets in batches]).tolist() == list(range(401))
    assert len(batches) == 51
    assert repr(batches) == "TextBatches: 401 texts in 51 batches of 8, in order"


def test_a_pass_can_be_gone_on_with_in_the_middle() -> None:
    whole, rest = list(make_batches()), list(make_batches().starting_at(40))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(whole[40:], rest, strict=True))


def test_texts_without_targets_give_none() -> None:
    assert next(iter(TextBatches(TEXTS)))[1] is None


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(DataError, match="there is no text"):
        TextBatches(Ragged.of([]))
    with pytest.raises(DataError, match="401 texts came with 2 targets"):
        TextBatches(TEXTS, torch.zeros(2))
