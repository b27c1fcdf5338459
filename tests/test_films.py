from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tenfold.data import samples
from tenfold.data.samples.films import GENRES, rating_frame, ratings
from tenfold.errors import SettingError


def test_the_same_seed_makes_the_same_stars() -> None:
    one, two, other = (rating_frame(600, users=40, items=30, seed=seed) for seed in (1, 1, 2))
    assert one.equals(two) and not one.equals(other)


def test_there_are_as_many_as_asked_for_and_each_pair_once() -> None:
    frame = rating_frame(600, users=40, items=30)
    assert len(frame) == 600 == len(frame[["member", "film"]].drop_duplicates())
    assert frame["member"].between(1, 40).all() and frame["film"].nunique() <= 30
    assert set(frame["stars"]) <= set(np.arange(1, 11) / 2)


def test_a_film_has_one_name_and_one_genre() -> None:
    frame = rating_frame(items=600)
    assert (frame.groupby("film")["genre"].nunique() == 1).all()
    for film, genre in set(zip(frame["film"], frame["genre"])):
        assert film.split(" ", 2)[2] in GENRES[genre]


def test_members_rate_the_films_of_a_genre_alike() -> None:
    frame = rating_frame()
    frame["rest"] = frame["stars"] - frame.groupby("member")["stars"].transform("mean")
    frame["rest"] -= frame.groupby("film")["rest"].transform("mean")
    # the spread of a mean of k independent stars would be that of one over the root of k
    groups = frame.groupby(["member", "genre"])["rest"].agg(["mean", "size"])
    groups = groups[groups["size"] >= 5]
    by_chance = (frame["rest"].std() / groups["size"] ** 0.5).mean()
    assert groups["mean"].std() > 1.5 * by_chance


def test_the_sample_is_ready_to_train_on() -> None:
    data = samples.ratings(600, users=40, items=30, valid=0.2, batch_size=50)
    assert (data.train.items, data.valid.items, data.train.batch_size) == (480, 120, 50)
    assert data.show_batch(1).rows[0] == ["member", "film", "stars"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"items": 5}, "items=5; give a whole number from 6 to 1,200"),
        ({"ratings": 30001}, "ratings=30001; give a whole number from 2 to 30,000"),
        ({"users": 1}, "users=1; give a whole number from 2"),
        ({"seed": "x"}, "seed='x'; give a whole number from 0"),
    ],
)
def test_numbers_out_of_range_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        ratings(**settings)
