from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from factories import make_learner, same
from table_worlds import make_frame, make_table, make_tabular_learner

import tenfold
from tenfold.data import samples
from tenfold.errors import DataError, FileError, ModelError, SettingError
from tenfold.interpret.embedded import EmbeddingMap, embedding_features
from tenfold.learners import tabular_learner
from tenfold.models.tabular import JOINS
from tenfold.train.checkpoint import read_file, write_file


@pytest.mark.parametrize("join", JOINS)
def test_it_learns_the_classes_of_a_table(join: str) -> None:
    learn = make_tabular_learner(join=join, data=make_table(rows=600))
    learn.fit_one_cycle(6, 1e-2)
    assert learn.history.column("accuracy")[-1] > 0.9


def test_it_learns_a_number_in_its_unit() -> None:
    learn = make_tabular_learner(data=make_table("price", rows=600))
    learn.fit_one_cycle(8, 2e-2)
    assert learn.history.column("rmse")[-1] < 1.3  # the deviation is 2.6
    assert learn.history.column("valid_loss")[-1] == pytest.approx(
        (learn.history.column("rmse")[-1] / dict(learn.task.settings)["std"]) ** 2, rel=0.05
    )


def test_an_output_range_holds_and_counts_in_the_targets_unit() -> None:
    data = make_table("price", log=True)
    learn = make_tabular_learner(data=data, output_range=(5, 40))
    assert dict(learn.task.settings) == {"low": 5, "high": 40, "log": True}
    predictions, _ = learn.predictions()
    assert predictions.min() > 5 and predictions.max() < 40
    assert learn.metrics == ["rmspe", "rmse"]


def test_widths_can_be_given_by_column_and_by_rule() -> None:
    learn = make_tabular_learner(widths={"size": 7})
    assert learn.model.spec["widths"][:2] == (7, 4)
    assert make_tabular_learner(widths="half").model.spec["widths"][:2] == (2, 3)


def test_a_fit_repeats_itself_bit_for_bit() -> None:
    first, second = make_tabular_learner(dropout=0.2), make_tabular_learner(dropout=0.2)
    for learn in (first, second):
        learn.lr_find(steps=10)
        learn.fit_one_cycle(2, 1e-2)
    assert same(first.model.state_dict(), second.model.state_dict())


def test_a_row_is_predicted_as_a_dict_a_series_and_in_a_frame() -> None:
    # the weights of a net without dropout: with others a batch may differ in the last bit
    learn, frame = make_tabular_learner(dropout=0.0, embedding_dropout=0.0), make_frame()
    learn.fit(1, 1e-2)
    whole = learn.predict(frame[:3])
    rows = [row.to_dict() for _, row in frame[:3].iterrows()]
    assert [str(one) for one in whole] == [str(learn.predict(row)) for row in rows]
    assert str(learn.predict(frame.iloc[0])) == str(whole[0])
    assert learn.predict(rows) == [learn.predict(row) for row in rows]
    by_label = frame[:3].set_axis([7.5, 2.5, 0.5])
    assert [str(one) for one in learn.predict(by_label)] == [str(one) for one in whole]


def test_predictions_of_validation_rows_are_those_of_the_pass() -> None:
    learn = make_tabular_learner("price")
    learn.fit(2, 1e-2)
    rows = make_frame().iloc[learn.data.rows["valid"]]
    predictions, targets = learn.predictions()
    found = torch.tensor([one.label for one in learn.predict(rows)])
    assert torch.allclose(found, predictions[:, 0], rtol=1e-5)
    assert torch.allclose(targets.double(), torch.tensor(rows["price"].to_numpy()), rtol=1e-6)


@pytest.mark.parametrize("target", ["dear", "price"])
def test_an_export_predicts_the_same_without_the_data(tmp_path: Path, target: str) -> None:
    learn = make_tabular_learner(target)
    learn.fit(1, 1e-2)
    predictor = tenfold.load(learn.export(tmp_path / "x"))
    frame = make_frame(300, seed=5)
    assert [str(one) for one in predictor.predict(frame)] == [
        str(one) for one in learn.predict(frame)
    ]
    assert predictor.encoder == learn.data.encoder


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"encoder": {"kind": "rows", "state": {"numbers": []}}}, "description is unreadable"),
        ({"encoder": None}, "description is unreadable"),
        ({"spec": {"kind": "oracle"}}, "a network of the kind 'oracle'; this Tenfold knows vision"),
    ],
)
def test_a_damaged_export_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    make_tabular_learner().export(tmp_path / "x")
    parts, header = read_file(tmp_path / "x", kind="predictor")
    write_file(tmp_path / "x", parts, kind="predictor", header={**header, **change})
    with pytest.raises(FileError, match=words):
        tenfold.load(tmp_path / "x")


def test_what_does_not_fit_a_table_is_refused() -> None:
    with pytest.raises(DataError, match="tuple was given as data; tabular_learner takes a Tab"):
        tabular_learner(([], []))
    with pytest.raises(SettingError, match="with classes; allowed is None there; a range is for"):
        make_tabular_learner(output_range=(0, 1))
    with pytest.raises(SettingError, match=r"a width for 'sise' was given; .* did you mean 'size'"):
        make_tabular_learner(widths={"sise": 3})


def test_another_table_must_be_encoded_alike() -> None:
    learn = make_tabular_learner()
    with pytest.raises(DataError, match=r"other columns, categories or means .* like=learn\.data"):
        learn.set_data(make_table(seed=3))
    with pytest.raises(DataError, match="targets of the new data are for number, and this model"):
        learn.set_data(make_table("price", like=learn.data))
    new = make_table(rows=300, like=learn.data)
    learn.set_data(new)
    assert learn.data is new and new.encoder is make_table(like=new).encoder
    assert learn.fit(1, 1e-3).state == "finished"


def test_features_are_the_embeddings_and_the_numbers() -> None:
    learn, frame = make_tabular_learner(), make_frame()[10:14]
    found = embedding_features(learn, frame)
    rows = learn.data.encoder.encode(frame)
    size = learn.model.embeddings.table(0)[rows[:, 0].long()]
    assert list(found.index) == [10, 11, 12, 13] and found.columns[-1] == "age missing"
    assert torch.equal(torch.tensor(found[[f"size {n}" for n in range(3)]].to_numpy()), size)
    assert torch.equal(torch.tensor(found[["age"]].to_numpy()), rows[:, 6:7])


def test_neighbours_are_those_of_a_slow_loop_and_components_are_the_variance() -> None:
    learn = make_tabular_learner()
    chart = EmbeddingMap(learn, "doors")
    vectors = learn.model.embeddings.table(1)[1:].detach()
    slow = {
        name: float(torch.cosine_similarity(vectors[0], vectors[place], dim=0))
        for place, name in enumerate(["2", "3", "4", "5"]) if place
    }  # fmt: skip
    found = dict(chart.nearest(2))
    assert found == pytest.approx(slow) and list(found) == sorted(slow, key=slow.get)[::-1]
    places, shares = chart.components(4)
    assert sum(shares) == pytest.approx(1) and shares == sorted(shares, reverse=True)
    centred = vectors - vectors.mean(0)
    assert torch.allclose(torch.cdist(places, places), torch.cdist(centred, centred), atol=1e-6)


def test_a_map_names_its_values() -> None:
    chart = EmbeddingMap(make_tabular_learner(), "size")
    assert repr(chart) == "EmbeddingMap(size: 3 values, 3 numbers each)"
    assert [text.get_text() for text in chart.plot(names=["S"]).axes[0].texts] == ["S"]
    narrow = EmbeddingMap(make_tabular_learner(widths={"size": 1}), "size")
    assert len(narrow.plot().axes[0].texts) == 3


def test_what_has_no_embeddings_or_no_such_category_is_refused() -> None:
    with pytest.raises(ModelError, match="has no embeddings of categories; make one with tabular"):
        EmbeddingMap(make_learner(), "size")
    with pytest.raises(DataError, match=r"'sise' was given; the categories are size, .* 'size'"):
        EmbeddingMap(make_tabular_learner(), "sise")
    with pytest.raises(DataError, match="'XL' was given; size has L, M and S"):
        EmbeddingMap(make_tabular_learner(), "size").nearest("XL")


def test_the_sales_of_a_seed_are_always_the_same_and_have_rossmanns_columns() -> None:
    frame = samples.sales_frame(stores=8, days=400)
    assert frame.equals(samples.sales_frame(stores=8, days=400))
    assert not frame.equals(samples.sales_frame(stores=8, days=400, seed=1))
    assert set(frame.columns) >= {
        "Store", "DayOfWeek", "Date", "Sales", "Customers", "Open", "Promo", "StateHoliday",
        "SchoolHoliday", "StoreType", "Assortment", "CompetitionDistance",
    }  # fmt: skip
    assert (frame["Sales"].eq(0) == frame["Open"].eq(0)).all()
    assert (frame["Date"].dt.day_of_week + 1 == frame["DayOfWeek"]).all()


def test_the_last_weeks_of_the_sales_validate() -> None:
    data, frame = samples.sales(stores=8, days=400), samples.sales_frame(stores=8, days=400)
    assert data.target == "Sales" and "Customers" not in data.encoder.fields
    dates = pd.Series(frame.loc[frame["Open"] == 1, "Date"].to_numpy())
    last, others = dates[data.rows["valid"]], dates[data.rows["train"]]
    assert last.min() > others.max() and (last.max() - last.min()).days == 41


def test_promotions_sell_more_in_the_sales() -> None:
    frame = samples.sales_frame()
    frame = frame[(frame["Open"] == 1) & (frame["DayOfWeek"] < 6)]
    means = frame.groupby("Promo")["Sales"].mean()
    assert 1.2 < means[1] / means[0] < 1.4
    with pytest.raises(SettingError, match="days=0 was given; allowed is a whole number from 1"):
        samples.sales_frame(days=0)
