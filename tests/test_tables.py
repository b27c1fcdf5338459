from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
import torch
from table_worlds import make_frame, make_table

from tenfold.data.columns import Category, Number
from tenfold.data.tables import TabularData


def numbers(data: TabularData) -> dict[str, Number]:
    return {one.name: one for one in data.encoder.numbers}


def categories(data: TabularData) -> dict[str, Category]:
    return {one.name: one for one in data.encoder.categories}


def test_the_kind_of_each_column_is_found() -> None:
    data = make_table()
    assert list(categories(data)) == ["size", "doors", "sold month", "sold weekday",
                                      "sold month start", "sold month end"]  # fmt: skip
    assert list(numbers(data)) == ["age", "sold day", "sold day of year", "sold elapsed days"]
    assert data.classes == ["no", "yes"] and data.task.name == "single label"


def test_what_the_user_names_is_taken_as_named() -> None:
    data = make_table(continuous=["doors"], categorical=["sold"], min_count=1, ignore=["price"])
    assert "doors" in numbers(data) and len(categories(data)["sold"].values) == 160


def test_the_statistics_are_those_of_the_training_rows_alone() -> None:
    data, frame = make_table(), make_frame()
    age = frame["age"].iloc[data.rows["train"]]
    filled = age.fillna(age.median())
    found = numbers(data)["age"]
    assert found.median == age.median() and found.flagged
    assert found.mean == pytest.approx(filled.mean()) and found.std == pytest.approx(
        filled.std(ddof=0)
    )


def test_training_numbers_have_mean_0_and_deviation_1() -> None:
    data = make_table()
    place = len(data.encoder.categories)
    block = data.train.inputs[:, place : place + len(data.encoder.numbers)].double()
    assert torch.allclose(block.mean(0), torch.zeros(4).double(), atol=1e-5)
    assert torch.allclose(block.std(0, correction=0), torch.ones(4).double(), atol=1e-4)


def test_a_missing_number_is_flagged_and_filled_with_the_median() -> None:
    data, frame = make_table(), make_frame()
    absent = frame["age"].isna().to_numpy()[data.rows["valid"]]
    flags = data.valid.inputs[:, -1]
    age = numbers(data)["age"]
    column = data.valid.inputs[:, len(data.encoder.categories)]
    assert flags.bool().tolist() == absent.tolist()
    filled = torch.tensor((age.median - age.mean) / age.std, dtype=torch.float32)
    assert (column[flags.bool()] == filled).all()


def test_a_category_seen_only_in_validation_takes_the_row_of_the_unseen() -> None:
    frame = make_frame()
    frame["check"] = np.arange(200) >= 160
    frame.loc[170:, "size"] = "XXL"
    data = TabularData.from_frame(frame, "dear", valid="check", ignore=["price"], device="cpu")
    assert categories(data)["size"].values == ("L", "M", "S")
    assert data.valid.inputs[10:, 0].tolist() == [0.0] * 30
    assert (data.train.inputs[:, 0] > 0).all()


def test_rare_categories_train_the_row_of_the_unseen() -> None:
    frame = make_frame()
    frame.loc[5, "size"] = "XXL"
    data = TabularData.from_frame(frame, "dear", ignore=["price"], device="cpu", seed=1)
    assert categories(data)["size"].values == ("L", "M", "S")
    whole = torch.cat([data.train.inputs, data.valid.inputs])
    assert (whole[:, 0] == 0).sum() == 1


def test_missing_categories_are_a_category_of_their_own() -> None:
    frame = make_frame()
    frame["size"] = frame["size"].where(np.arange(200) % 5 > 0)
    data = TabularData.from_frame(frame, "dear", ignore=["price"], device="cpu")
    size = categories(data)["size"]
    assert (size.words, size.number(None), size.number(np.nan)) == (
        ["unseen", "missing", "L", "M", "S"], 1, 1,
    )  # fmt: skip
    assert data.encoder.encode(frame)[::5, 0].tolist() == [1.0] * 40


def test_the_order_of_ordered_categories_is_kept() -> None:
    frame = make_frame()
    frame["size"] = pd.Categorical(frame["size"], ["S", "M", "L"], ordered=True)
    data = TabularData.from_frame(frame, "dear", ignore=["price"], device="cpu")
    assert categories(data)["size"].values == ("S", "M", "L")


def test_columns_that_teach_nothing_are_left_out_and_named() -> None:
    frame = make_frame().assign(shop="here", key=[f"k{i}" for i in range(200)], empty=np.nan)
    data = TabularData.from_frame(frame, "dear", ignore=["price"], device="cpu")
    assert data.left_out == {
        "shop": "one value only",
        "key": "nearly every row has a value of its own",
        "empty": "one value only",
    }
    assert "left out: shop (one value only), key (nearly" in repr(data)


def test_a_table_says_what_it_found() -> None:
    data = make_table()
    assert repr(data).startswith(
        "TabularData: 160 training, 40 validation rows; dear to predict, 2 classes\n"
        "6 categories: size (4), doors (5)"
    )
    assert "flagged, filled with" in repr(data.columns)
    assert "<caption>10 columns</caption>" in data.columns._repr_html_()


def test_rows_are_shown_in_their_units_and_what_was_filled_in_brackets() -> None:
    data, frame = make_table(), make_frame()
    shown = data.show_batch(160)
    head, *rows = shown.rows
    assert head[:4] == ["dear", "size", "doors", "sold month"] and len(shown) == 160
    ages = {f"{age:.6g}" for age in frame["age"].dropna()}
    for row in rows:
        age = row[head.index("age")]
        assert age.startswith("(") or age in ages
    assert "as the network sees them" in shown._repr_html_()


def test_a_shuffled_pass_gives_every_row_with_its_target() -> None:
    data = make_table("price")
    pairs = {(x[:2].sum().item(), y.item()) for xs, ys in data.train for x, y in zip(xs, ys)}
    rows = {(x[:2].sum().item(), y.item()) for x, y in zip(data.train.inputs, data.train.targets)}
    assert pairs == rows and data.train.shuffle and not data.valid.shuffle


def test_numbers_are_targets_in_their_unit_with_the_training_mean() -> None:
    data, frame = make_table("price"), make_frame()
    known = frame["price"].iloc[data.rows["train"]]
    assert data.classes is None and dict(data.task.settings) == {
        "mean": pytest.approx(known.mean(), rel=1e-6),
        "std": pytest.approx(known.std(ddof=0), rel=1e-5),
    }


def test_whole_numbers_can_be_a_number_to_predict_and_a_test_frame_has_no_targets() -> None:
    frame = make_frame()
    data = TabularData.from_frame(frame, "doors", classes=False, test=frame[:7], device="cpu")
    assert data.task.name == "number" and len(data.test.inputs) == 7 and data.test.targets is None
    assert TabularData.from_frame(frame, "doors", device="cpu").classes == ["2", "3", "4", "5"]


def test_a_dict_of_lists_and_columns_without_names_are_tables() -> None:
    data = TabularData.from_frame({0: [0.1, 0.5] * 9, 1: ["a", "b"] * 9}, 1, device="cpu")
    assert data.classes == ["a", "b"] and data.encoder.fields == [0]


def test_preparing_a_wide_table_takes_less_memory_than_the_table() -> None:
    values = np.random.default_rng(0).standard_normal((4000, 500))
    frame = pd.DataFrame(values, columns=[f"x{i}" for i in range(500)])
    frame["y"] = np.arange(4000) % 2
    make_table()  # what is imported late is no part of it
    tracemalloc.start()
    try:
        TabularData.from_frame(frame, "y", device="cpu")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < values.nbytes
