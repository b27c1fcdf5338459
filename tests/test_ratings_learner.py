from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from table_worlds import make_table
from torch import Tensor, nn

import tenfold
from tenfold.data.ratings import RatingsData
from tenfold.data.samples.films import ratings
from tenfold.errors import DataError, FileError
from tenfold.learner import Learner
from tenfold.learners import ratings_learner
from tenfold.train.checkpoint import read_file, write_file
from tenfold.train.rows import RowAdamW
from tenfold.train.task import number


def make_learner(model: Any = "dot_bias", data: Any = None, **more: Any) -> Learner:
    data = ratings(600, users=40, items=30) if data is None else data
    return ratings_learner(data, model, **{"factors": 4, "quiet": True, "device": "cpu", **more})


def error_of(learn: Learner) -> float:
    return learn.history.column("rmse")[-1]


@pytest.fixture(scope="module")
def club() -> RatingsData:
    return ratings(8000, users=200, items=100)


def test_factors_find_what_biases_alone_do_not(club: RatingsData) -> None:
    found = []
    for factors in (1, 20):
        learn = make_learner(data=club, factors=factors)
        learn.fit_one_cycle(5, 1e-2)
        found.append(error_of(learn))
    spread = float(club.valid.targets.std())
    assert found[1] < found[0] - 0.03 and found[0] < spread - 0.1


@pytest.mark.parametrize("model", ["dot_bias", "neural"])
@pytest.mark.parametrize("sparse", [True, False])
def test_every_model_learns_with_either_kind_of_gradients(
    club: RatingsData, model: str, sparse: bool
) -> None:
    learn = make_learner(model, club, factors=20, sparse=sparse)
    learn.fit_one_cycle(12, 1e-2)
    assert error_of(learn) < 0.85


def test_other_ratings_must_be_of_the_same_users_and_items(club: RatingsData) -> None:
    learn = make_learner(data=club)
    for other in (ratings(8000, users=199, items=100), ratings(8000, users=200, items=99)):
        with pytest.raises(DataError, match="other users or items, and each is a row of this mod"):
            learn.set_data(other)
    with pytest.raises(DataError, match="the new data are rows, and this model was made for pairs"):
        learn.set_data(make_table("price"))
    assert learn.data is club
    again = ratings(8000, users=200, items=100)
    learn.set_data(again)
    assert learn.data is again


def test_the_first_prediction_is_the_mean_rating() -> None:
    learn = make_learner()
    assert learn.predict((None, None)).label == pytest.approx(learn.data.mean, abs=1e-4)


def test_what_training_has_not_seen_keeps_its_row_of_zeros() -> None:
    for sparse in (True, False):
        learn = make_learner(sparse=sparse)
        learn.fit(1, 0.1)
        assert not learn.model.tables.users.weight[0].any()
        assert not learn.model.tables.items.weight[0].any()


def test_a_new_user_gets_the_same_order_of_items_as_the_biases() -> None:
    learn = make_learner()
    learn.fit(2, 1e-2)
    items = list(learn.data.items.values)
    found = learn.predict([(None, item) for item in items])
    scores = torch.tensor([one.label for one in found])
    assert torch.equal(scores.argsort(), learn.model.rows_of("items")[1].argsort())


def test_the_optimizer_is_picked_by_the_size_of_the_tables_and_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    large = make_learner(factors=20000, quiet=False)
    assert "more than 1,000,000: only the rows of a batch are updated" in capsys.readouterr().out
    assert large.model.sparse and "only the rows of a batch" in str(large.plan())
    small = make_learner(quiet=False)
    assert not small.model.sparse and "every weight is, fused" in str(small.plan())
    assert capsys.readouterr().out == ""
    for learn, kind in ((large, RowAdamW), (small, torch.optim.AdamW)):
        learn.fit(1, 1e-3, stop_at=1)
        assert type(learn._optimizer) is kind


def test_an_optimizer_of_the_users_is_taken() -> None:
    learn = make_learner(factors=20000, optimizer="sgd")
    learn.fit(1, 1e-2, stop_at=1)
    assert type(learn._optimizer) is torch.optim.SGD and not learn.model.sparse


@pytest.mark.parametrize("model", ["dot_bias", "neural"])
def test_an_exported_model_predicts_the_same(tmp_path: Path, model: str) -> None:
    learn = make_learner(model)
    learn.fit(1, 1e-2)
    predictor = tenfold.load(learn.export(tmp_path / "x"))
    film = learn.data.items.values[3]
    pairs = [(3, film), (None, film), {"member": 99, "film": "The New One"}]
    assert predictor.predict(pairs) == learn.predict(pairs)
    assert predictor.predict(pd.DataFrame(learn.data.show_batch(1).rows[1:], columns=[
        "member", "film", "stars"]).astype({"member": int}))  # fmt: skip


def test_a_file_with_damaged_ids_is_refused(tmp_path: Path) -> None:
    make_learner().export(tmp_path / "x")
    parts, header = read_file(tmp_path / "x", kind="predictor")
    header["encoder"]["state"]["users"] = ["member", []]
    write_file(tmp_path / "x", parts, kind="predictor", header=header)
    with pytest.raises(FileError, match="is damaged: its description is unreadable"):
        tenfold.load(tmp_path / "x")


class Mean(nn.Module):
    """The same rating for everybody."""

    def __init__(self) -> None:
        super().__init__()
        self.base = nn.Parameter(torch.zeros(1))

    def forward(self, pairs: Tensor) -> Tensor:
        return self.base + torch.zeros(len(pairs), 1)


def test_a_module_of_the_users_is_trained_as_it_is() -> None:
    learn = make_learner(Mean())
    learn.fit(1, 1e-1)
    assert error_of(learn) > 0 and learn.weight_decay == 0.1


def test_a_task_without_a_range_starts_from_nothing() -> None:
    learn = make_learner(task=number())
    assert float(learn.model.base.detach()) == 0
    assert learn.fit(1, 1e-2).state == "finished"


def test_other_data_is_refused() -> None:
    with pytest.raises(DataError, match=r"tuple was given; a ratings_learner takes RatingsData"):
        ratings_learner(([], []))


def test_movielens_has_an_error_of_87_hundredths_at_most(needs_data: Any) -> None:
    frame = pd.read_csv(needs_data("movielens") / "ratings.csv")
    data = RatingsData.from_frame(frame, user="userId", item="movieId", device="cpu")
    learn = ratings_learner(data, quiet=True, device="cpu")
    learn.fit_one_cycle(5, 5e-3)
    assert error_of(learn) < 0.87
