from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import torch
from table_worlds import make_frame, make_table

from tenfold.data.columns import Category, Number, is_missing, numbers_of, plain
from tenfold.data.dates import PARTS, date_part, looks_like_dates, read_dates
from tenfold.data.encoders import PictureEncoder, TensorEncoder, describe, read_encoder
from tenfold.data.kinds import column_kind
from tenfold.data.rows import RowEncoder
from tenfold.data.tables import TabularData
from tenfold.errors import FileError


def test_one_row_and_many_are_encoded_alike() -> None:
    encoder, frame = make_table().encoder, make_frame()
    whole = encoder.encode(frame)
    rows = encoder.encode([row.to_dict() for _, row in frame.iterrows()])
    series = encoder.encode([row for _, row in frame.iterrows()])
    assert torch.equal(whole, rows) and torch.equal(whole, series)


def test_a_column_called_like_a_part_of_a_date_is_not_taken_for_it() -> None:
    frame = make_frame().assign(**{"sold month": [1.5, 7.25] * 100})
    encoder = TabularData.from_frame(frame, "dear", ignore=["price"], device="cpu").encoder
    assert torch.equal(encoder.encode(frame), encoder.encode(frame.to_dict("records")))


def test_a_named_tuple_is_a_row_and_what_is_not_known_may_be_none_or_na() -> None:
    encoder = make_table().encoder
    one = next(make_frame().itertuples(index=False))
    assert torch.equal(encoder.encode([one]), encoder.encode(make_frame()[:1]))
    unknown = encoder.encode([{"size": None, "doors": pd.NA, "age": pd.NA, "sold": pd.NaT}])
    assert unknown[0, :2].tolist() == [0, 0] and unknown[0, -1] == 1


def test_rows_are_encoded_as_a_slow_loop_would() -> None:
    encoder = RowEncoder(
        (Category("size", ("S", "L"), missing=True),),
        (Number("age", median=3.0, mean=2.0, std=0.5, flagged=True), Number("n", 0.0, 1.0, 2.0)),
    )
    frame = pd.DataFrame({"n": [1, 5], "age": [np.nan, 4.0], "size": ["L", None]})
    assert encoder.encode(frame).tolist() == [[3.0, 2.0, 0.0, 1.0], [1.0, 4.0, 2.0, 0.0]]
    assert repr(encoder) == "RowEncoder(1 categories, 2 numbers)" and encoder.inputs == 4


@pytest.mark.parametrize("count", [1, 15, 16, 17, 33])
def test_columns_are_written_in_blocks_of_any_rest(count: int) -> None:
    numbers = tuple(Number(place, 0.0, 0.0, 1.0) for place in range(count))
    values = np.random.default_rng(0).standard_normal((5, count)).astype(np.float32)
    chosen = np.array([4, 0])
    whole, some = RowEncoder((), numbers).matrices(pd.DataFrame(values), [None, chosen])
    assert np.array_equal(whole.numpy(), values) and np.array_equal(some.numpy(), values[chosen])


@pytest.mark.parametrize(
    "encoder", [PictureEncoder((8, 9)), TensorEncoder(), make_table().encoder], ids=lambda e: e.kind
)
def test_an_encoder_is_the_same_after_json(encoder: Any) -> None:
    again = read_encoder(json.loads(json.dumps(describe(encoder))))
    assert again == encoder and again.many([1]) and not again.many({"a": 1})


def test_an_unknown_kind_of_items_is_refused() -> None:
    with pytest.raises(FileError, match="items are 'smells'; this Tenfold knows pictures, tensors"):
        read_encoder({"kind": "smells", "state": {}})


class Moment(NamedTuple):
    year: int = 2024
    month: int = 2
    day: int = 29
    hour: int = 13


def test_the_parts_of_a_date_are_those_of_the_calendar() -> None:
    one = pd.Timestamp(*Moment())
    found = {part: date_part(one, part) for part in PARTS}
    assert found == {
        "year": 2024, "month": 2, "day": 29, "weekday": 3, "day of year": 60, "hour": 13,
        "month start": False, "month end": True, "elapsed days": pytest.approx(19782 + 13 / 24),
    }  # fmt: skip
    many = pd.DatetimeIndex([one])
    assert all(date_part(many, part)[0] == found[part] for part in PARTS)


def test_dates_are_read_with_holes_and_without_their_time_zone() -> None:
    dates = read_dates(pd.Series(["2020-01-01T00:00:00Z", None]), name="x")
    assert dates.tz is None and dates.isna().tolist() == [False, True]
    assert looks_like_dates(["2020-1-5 10:00"]) and not looks_like_dates([])


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pd.Series([1, 2, 3] * 9), "category"),
        (pd.Series(range(21)), "number"),
        (pd.Series([1.0, 2.0, None]), "category"),
        (pd.Series([1.0, 2.5]), "number"),
        (pd.Series([*range(5)] * 400 + [*range(100)]), "number"),
        (pd.Series([True, False]), "category"),
        (pd.Series(["a", None]), "category"),
        (pd.Series(["a", "b"], dtype="category"), "category"),
        (pd.Series([1, None], dtype="Int64"), "category"),
        (pd.Series([1, 2.5], dtype=object), "number"),
        (pd.Series([1, 2], dtype=object), "category"),
        (pd.Series(pd.to_timedelta([1, 2], unit="D")), "number"),
        (pd.Series(pd.date_range("2020", periods=2)), "date"),
        (pd.Series([pd.Timestamp("2020").date()], dtype=object), "date"),
        (pd.Series(["2020-01-01", None]), "date"),
        (pd.Series([None, None], dtype=object), "category"),
    ],
)
def test_what_a_column_is(column: pd.Series, kind: str) -> None:
    assert column_kind(column, name="x") == kind


def test_numbers_of_every_type_are_floats() -> None:
    days = pd.Series(pd.to_timedelta([36, None], unit="h"))
    assert numbers_of(days, name="x")[0] == 1.5
    for column in (pd.Series([1, None], dtype="Int8"), pd.Series([1, None], dtype="category")):
        assert numbers_of(column, name="x")[0] == 1 and np.isnan(numbers_of(column, name="x")[1])


def test_a_value_is_missing_or_plain() -> None:
    assert all(map(is_missing, [None, np.nan, pd.NA, pd.NaT])) and not is_missing("")
    assert not is_missing(np.zeros(2)) and plain(np.int8(3)) == 3
    assert plain(pd.Timestamp("2020-01-01")) == "2020-01-01T00:00:00"


def test_categories_of_dates_and_of_halves_keep_their_numbers() -> None:
    when = Category("when", ("2020-01-01T00:00:00",))
    assert when.number(pd.Timestamp("2020-01-01")) == 1
    frame = pd.DataFrame({"x": [0.5, 1.0] * 9})
    half = Category("x", (0.5, 1))
    assert half.encode(frame["x"]).tolist() == [1.0, 2.0] * 9
