from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tenfold.data.pairs import Ids, PairEncoder
from tenfold.data.ratings import RatingsData
from tenfold.errors import DataError, SettingError


def make_frame(users: int = 6, items: int = 5) -> pd.DataFrame:
    """Every user rates every item, from 1 to 5."""
    user, item = np.divmod(np.arange(users * items), items)
    names = np.array([f"film {number}" for number in range(items)], object)
    return pd.DataFrame({"user": user + 10, "item": names[item], "rating": 1.0 + (user + item) % 5})


def make_data(frame: Any = None, **more: Any) -> RatingsData:
    return RatingsData.from_frame(make_frame() if frame is None else frame, device="cpu", **more)


def pairs_of(data: RatingsData, part: str) -> set[tuple[Any, Any, float]]:
    """The ratings of a part as the frame has them."""
    batches = getattr(data, part)
    rows = zip(batches.inputs.tolist(), batches.targets.tolist(), strict=True)
    return {(data.users.values[u - 1], data.items.values[i - 1], r) for (u, i), r in rows}


def test_every_rating_is_in_one_part() -> None:
    frame, data = make_frame(), make_data(valid=0.2)
    train, valid = pairs_of(data, "train"), pairs_of(data, "valid")
    assert train | valid == set(frame.itertuples(index=False, name=None)) and not train & valid
    assert (data.train.items, data.valid.items) == (24, 6)
    assert data.train.shuffle and not data.valid.shuffle and data.test is None


def test_the_seed_decides_what_validates() -> None:
    one, two, other = (pairs_of(make_data(seed=seed), "valid") for seed in (1, 1, 2))
    assert one == two != other


def test_a_column_can_say_what_validates_and_the_new_ones_have_row_0() -> None:
    frame = make_frame()
    frame["late"] = frame["user"] == 12
    data = make_data(frame, valid="late")
    assert data.valid.inputs[:, 0].tolist() == [0] * 5 and 12 not in data.users.values
    assert data.valid.inputs[:, 1].tolist() == [1, 2, 3, 4, 5]
    assert "5 validation ratings, 5 of them with a new user or item" in repr(data)


def test_it_says_what_it_holds() -> None:
    assert repr(make_data(valid=0.2)) == (
        "RatingsData: 24 training, 6 validation ratings\n6 users, 5 items, from 1 to 5, on average "
        f"{make_data(valid=0.2).mean:.2f}"
    )


def test_batches_are_pairs_of_rows_and_the_range_is_wider_than_the_scale() -> None:
    data = make_data(batch_size=4)
    pairs, ratings = next(iter(data.train))
    assert (pairs.dtype, pairs.shape, ratings.dtype) == (torch.int64, (4, 2), torch.float32)
    assert dict(data.task.settings) == pytest.approx({"low": 0.6, "high": 5.4})
    assert dict(make_data(scale=(0, 10)).task.settings) == {"low": -1.0, "high": 11.0}


def test_counts_and_mean_are_those_of_training() -> None:
    data = make_data(valid=0.2)
    train = pairs_of(data, "train")
    names = [name for _, name, _ in train]
    assert data.counts().tolist() == [names.count(name) for name in data.items.values]
    assert int(data.counts("users").sum()) == 24
    assert data.mean == pytest.approx(np.mean([rating for *_, rating in train]))


def test_show_batch_is_a_table_of_training_ratings() -> None:
    data = make_data(titles={"film 1": "Alien"})
    shown = data.show_batch(40)
    assert shown.rows[0] == ["user", "item", "rating"] and len(shown) == 27
    names = {row[1] for row in shown.rows[1:]}
    assert names == {"film 0", "Alien", "film 2", "film 3", "film 4"}
    assert {(int(user), float(rating)) for user, _, rating in shown.rows[1:]} == {
        (user, rating) for user, _, rating in pairs_of(data, "train")
    }


def test_titles_come_from_a_column_a_dict_or_a_series() -> None:
    frame = make_frame()
    frame["name"] = frame["item"].str.upper()
    for titles in ("name", {"film 1": "FILM 1"}, pd.Series({"film 1": "FILM 1"})):
        assert make_data(frame, titles=titles).title("film 1") == "FILM 1"


def test_a_dict_of_lists_and_columns_of_other_names_will_do() -> None:
    frame = make_frame().rename(columns={"user": "who", "item": "what", "rating": "stars"})
    plain, named = make_data(), make_data(
        {name: list(column) for name, column in frame.items()},
        user="who", item="what", rating="stars",
    )  # fmt: skip
    assert pairs_of(plain, "train") == pairs_of(named, "train")


@pytest.mark.parametrize("kind", ["category", "float64", "Int64"])
def test_ids_may_be_categories_or_whole_floats(kind: str) -> None:
    frame = make_frame().astype({"user": kind})
    assert make_data(frame).users.values == (10, 11, 12, 13, 14, 15)


@pytest.mark.parametrize(("how", "rating"), [("last", 2.0), ("mean", 3.0)])
def test_duplicates_are_kept_once(how: str, rating: float) -> None:
    frame = make_frame()
    twice = pd.DataFrame({"user": [10], "item": ["film 3"], "rating": [2.0]})
    data = make_data(pd.concat([frame, twice], ignore_index=True), duplicates=how)
    found = [r for u, i, r in pairs_of(data, "train") | pairs_of(data, "valid")
             if (u, i) == (10, "film 3")]  # fmt: skip
    assert found == [rating] and data.train.items + data.valid.items == 30


def changed(column: str, value: Any, *, row: int = 3) -> pd.DataFrame:
    frame = make_frame().astype({column: object})
    frame.loc[row, column] = value
    return frame


TWICE = pd.concat([make_frame(), make_frame().head(1)], ignore_index=True)
DOUBLE = pd.concat([make_frame(), make_frame()[["user"]]], axis=1)
BAD: list[tuple[Any, dict[str, Any], str]] = [
    (make_frame().drop(columns="rating"), {}, "has no column 'rating'; needed is one; there"),
    (make_frame(), {"user": "usr"}, "has no column 'usr'.*did you mean 'user'"),
    (DOUBLE, {}, "has 2 columns 'user'; needed is one"),
    (make_frame().head(1), {}, "has 1 row; at least 2 are needed"),
    (changed("rating", None), {}, r"column 'rating' is empty in 1 row of 30 \(row 3\); drop"),
    (changed("user", None), {}, "column 'user' is empty in 1 row"),
    (changed("rating", "good"), {}, "column 'rating' holds what is no number"),
    (changed("rating", np.inf), {}, r"is infinite in 1 row \(row 3\); a rating is a finite"),
    (changed("rating", 7.0), {"scale": (1, 5)}, r"1 rating .* scale=\(1, 5\) \(row 3: 7\)"),
    (make_frame().assign(rating=4), {}, "every rating of column 'rating' is 4, so there is no"),
    (changed("user", "ten"), {}, "column 'user' holds both words and numbers; allowed are"),
    (make_frame().assign(user=0.5), {}, "column 'user' holds fractions; allowed are words or"),
    (TWICE, {}, r"1 row rate what .* already \(row 30: 10, film 0\); give duplicates='last'"),
    (make_frame(), {"valid": "late"}, "has no column 'late'"),
    (make_frame().assign(late=2), {"valid": "late"}, "column 'late' holds 2; allowed are True and"),
    (make_frame().assign(late=True), {"valid": "late"}, "column 'late' is True in every row"),
    ("ratings.csv", {}, "a str was given as a table; allowed is a DataFrame or a dict of lists"),
    ({"user": [1, 2], "item": [1]}, {}, r"a dict was given that makes no table \(All arrays must"),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "settings", "words"), BAD)
def test_ratings_that_cannot_be_used_are_refused(
    frame: Any, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(DataError, match=words) as caught:
        make_data(frame, **settings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"scale": (5, 1)}, r"scale=\(5, 1\) was given; allowed are the lowest"),
        ({"valid": "item"}, "'item' was given as item and as valid; allowed is one use"),
        ({"scale": "high"}, "scale='high' was given; allowed are the lowest"),
        ({"duplicates": "lst"}, "'lst' was given; allowed are error, last and mean; did you mean"),
        ({"titles": 3}, "titles=3 was given; allowed is the name of a column, or a dict"),
        ({"valid": 1.5}, "valid=1.5 was given; allowed is a share"),
        ({"batch_size": 0}, "batch_size=0 was given"),
    ],
)
def test_an_argument_out_of_range_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        make_data(**settings)


def make_encoder() -> PairEncoder:
    return PairEncoder(Ids("user", (3, 8)), Ids("film", ("Alien", "Heat")))


def test_pairs_are_tuples_dicts_and_rows_of_a_frame() -> None:
    encoder = make_encoder()
    frame = pd.DataFrame({"film": ["Heat", "Dune"], "user": [3, 8]})
    found = encoder.encode([(3, "Heat"), {"user": 3, "film": "Heat"}, frame.iloc[0]])
    assert found.tolist() == [[1, 2]] * 3 and encoder.encode(frame).tolist() == [[1, 2], [2, 0]]
    assert encoder.encode([]).shape == (0, 2)
    assert [encoder.many(one) for one in ((3, "Heat"), {}, [], frame, frame.iloc[0])] == [
        False, False, True, True, False,
    ]  # fmt: skip


def test_somebody_new_has_row_0_and_so_has_none() -> None:
    pairs = [(99, "Dune"), (None, float("nan")), (np.int64(8), "Alien"), (8.0, "Alien")]
    assert make_encoder().encode(pairs).tolist() == [[0, 0], [0, 0], [2, 1], [2, 1]]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (("3", "Heat"), "'3' was given for 'user'; allowed are whole numbers, as 3, or None for"),
        ((3, 5), "5 was given for 'film'; allowed are words, as 'Alien'"),
        (([3], "Heat"), r"\[3\] was given for 'user'"),
        ((3, "Heat", 4), r"a pair is \(user, item\), or a dict with 'user' and 'film'"),
        ({"user": 3}, r"a pair is \(user, item\), or a dict"),
        (7, "7 was given; a pair is"),
    ],
)
def test_what_is_no_pair_is_refused(item: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        make_encoder().encode([item])


def test_a_frame_without_one_of_the_columns_is_refused() -> None:
    with pytest.raises(DataError, match=r"the frame has no column 'film'; it has user; name its"):
        make_encoder().encode(pd.DataFrame({"user": [3]}))


def test_the_encoder_is_made_again_from_its_state() -> None:
    encoder = make_encoder()
    assert PairEncoder.from_state(encoder.state()) == encoder
    with pytest.raises(ValueError, match="the ids of 'user' are not all words or all whole"):
        PairEncoder.from_state({"users": ["user", [1, "2"]], "items": ["film", ["x"]]})
