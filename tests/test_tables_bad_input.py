from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from table_worlds import make_frame, make_table, make_tabular_learner

from tenfold.data.dates import read_date
from tenfold.data.tables import TabularData
from tenfold.errors import DataError, SettingError


def refused(frame: Any, words: str, *, target: Any = "dear", **more: Any) -> None:
    with pytest.raises(DataError, match=words):
        TabularData.from_frame(frame, target, device="cpu", **more)


def test_a_frame_without_the_target() -> None:
    refused(make_frame(), r"no column 'deer'; it has size, .*; did you mean 'dear'", target="deer")


def test_a_target_with_holes() -> None:
    frame = make_frame()
    frame.loc[3:4, "dear"] = None
    refused(frame, r"target 'dear' is empty in 2 rows \(row 3 and 4\).*frame\.dropna")


def test_one_class() -> None:
    refused(make_frame().assign(dear="no"), r"target 'dear' has one class only \(no\)")


def test_a_class_seen_only_in_validation() -> None:
    frame = make_frame().assign(check=np.arange(200) >= 150)
    frame.loc[199, "dear"] = "perhaps"
    refused(frame, "the class perhaps of 'dear' is in no training row", valid="check")


def test_infinities() -> None:
    frame = make_frame()
    frame.loc[7, "age"] = np.inf
    refused(frame, r"'age' holds infinity, or as good as that, in 1 row \(row 7\)")
    frame = make_frame()
    frame.loc[7, "price"] = -np.inf
    refused(frame, "'price' holds infinity", target="price")


def test_mixed_types_in_a_column() -> None:
    frame = make_frame()
    frame["size"] = [1, "L"] * 100
    refused(frame, r"'size' holds int \(1\) and str \('L'\); allowed is one kind of value")


def test_mixed_kinds_of_categories() -> None:
    frame = make_frame()
    frame["size"] = pd.Categorical([1, "L"] * 100)
    refused(frame, r"'size' holds int \(1\) and str \('L'\)")


def test_lists_in_a_column() -> None:
    frame = make_frame()
    frame["size"] = [["S"]] * 200
    refused(frame, r"'size' holds list \(\['S'\]\); allowed is one kind", categorical=["size"])


def test_duplicate_column_names() -> None:
    frame = make_frame()
    refused(pd.concat([frame, frame["age"]], axis=1), r"more than one column 'age'; every column")


def test_a_date_that_does_not_parse() -> None:
    frame = make_frame()
    frame.loc[9, "sold"] = "2020-13-45"
    refused(frame, r"'sold' has 1 date that cannot be read: '2020-13-45' \(row 9\)")


def test_a_date_of_one_row_that_does_not_parse() -> None:
    with pytest.raises(DataError, match="'soon' was given for 'sold', which is a date"):
        read_date("soon", name="sold")


def test_words_among_numbers() -> None:
    frame = make_frame()
    refused(frame, "'size' holds '[SML]' among its numbers", continuous=["size"])
    refused(frame.assign(when=pd.Timestamp("2020-01-01")), "'when' holds", continuous=["when"])


def test_a_table_that_is_none() -> None:
    refused([1, 2], "a list was given as a table; allowed is a DataFrame or a dict")
    refused(make_frame()[:0], "the frame has 0 rows; at least 2 are needed")
    refused(make_frame()[:1], "the frame has 1 row; at least 2 are needed")
    refused(make_frame(), "the frame has 0 rows; at least 1", test=make_frame()[:0])
    double = pd.concat([make_frame(), make_frame()[["age"]]], axis=1)
    refused(make_frame(), "more than one column 'age'", test=double)
    refused({"dear": [1, 2], "x": [1]}, r"a dict was given that makes no table \(All arrays must")


def test_a_name_that_is_no_word() -> None:
    refused(make_frame().rename(columns={"age": ("a", 1)}), r"a column is called \('a', 1\)")


def test_nothing_to_learn_from() -> None:
    refused(make_frame()[["dear"]].assign(x=1), "no column is left to learn from: x: one value")


def test_a_target_alone_and_one_that_never_changes() -> None:
    refused(make_frame()[["dear"]], "left to learn from: there is none beside the target")
    frame = make_frame().assign(price=3.5)
    refused(frame, "'price' is 3.5 in every row, so there is nothing to learn", target="price")


def test_numbers_that_are_words_are_left_out_with_the_reason() -> None:
    frame = make_frame()
    frame["age"] = [str(row) if row != 7 else "n/a" for row in range(len(frame))]
    reasons = TabularData.from_frame(frame, "dear", valid=0.01, device="cpu").left_out
    assert reasons == {
        "age": "words that are numbers, with 'n/a' among them; use "
        "pandas.to_numeric(..., errors='coerce')"
    }


def test_a_column_of_marks_that_is_none() -> None:
    refused(make_frame(), "'size' holds L, M and S; allowed are True", valid="size")


def test_a_logarithm_of_0() -> None:
    frame = make_frame()
    frame.loc[2, "price"] = 0
    refused(
        frame, r"'price' is 0 or less in 1 row \(row 2\); a logarithm", target="price", log=True
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"categorical": "size"}, r"categorical='size' was given; .* try categorical=\['size'\]"),
        ({"categorical": ["size"], "dates": ["size"]}, "'size' was given as category and as date"),
        ({"ignore": "size"}, r"ignore='size' was given; .* try ignore=\['size'\]"),
        ({"target": ["dear"], "ignore": []}, r"\['dear'\] was given; allowed is the name of one"),
        ({"like": 5}, "like=5 was given; allowed is a TabularData"),
        ({"min_count": 0}, "min_count=0 was given; allowed is a whole number from 1"),
        ({"valid": 2}, "valid=2 was given"),
        ({"batch_size": 0}, "batch_size=0 was given"),
    ],
)
def test_settings_out_of_range(given: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        make_table(**given)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"age": "old"}, "'old' was given for 'age', which is a number"),
        ({"age": float("inf")}, "inf was given for 'age'; allowed is a finite number"),
        ({"size": ["S"]}, r"\['S'\] was given for 'size'; allowed is one word or number"),
        ({"sold": "soon"}, "'soon' was given for 'sold', which is a date"),
    ],
)
def test_a_value_of_one_row_that_cannot_be_used(change: dict[str, Any], words: str) -> None:
    row = {**make_frame().iloc[0].to_dict(), **change}
    with pytest.raises(DataError, match=words):
        make_table().encoder.encode([row])


def test_a_row_without_a_column_and_a_row_that_is_none() -> None:
    learn = make_tabular_learner()
    with pytest.raises(DataError, match=r"no column 'sold' and 'age'; needed are size, doors"):
        learn.predict({"size": "S", "doors": 2})
    with pytest.raises(DataError, match="3 was given as a row; allowed is a dict, a Series"):
        learn.predict(3)
    with pytest.raises(DataError, match="no column 'age'"):
        learn.predict(make_frame().drop(columns="age"))
