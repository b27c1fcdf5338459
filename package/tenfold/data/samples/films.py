"""A film club: who saw which film and how many stars it got, made from a seed.

Each film has a genre, perhaps a second one, and a quality; each member has a taste for the genres
and is generous or strict. Members see what is popular and what they like, and their stars are
taste, quality and generosity with some noise: what a model of factors and biases can find.
"""

from __future__ import annotations

from operator import index as whole
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.errors import SettingError

if TYPE_CHECKING:
    import pandas as pd

    from tenfold.data.ratings import RatingsData

__all__ = ["NOISE", "rating_frame", "ratings"]

GENRES = {
    "space": "Starship Comet Nebula Robot Orbit Signal Satellite Moon Galaxy Airlock",
    "crime": "Detective Heist Alibi Witness Verdict Informer Safe Getaway Ransom Suspect",
    "romance": "Wedding Letter Kiss Waltz Summer Promise Stranger Bouquet Rendezvous Heart",
    "horror": "Cellar Curse Scream Crypt Shadow Doll Asylum Fog Grave Haunting",
    "western": "Saddle Sheriff Canyon Outlaw Stagecoach Mustang Saloon Duel Frontier Ranch",
    "animals": "Penguin Otter Whale Puppy Fox Elephant Bear Parrot Dolphin Kitten",
}
WORDS = (
    "Last", "First", "Silent", "Golden", "Broken", "Secret", "Lost", "Hidden", "Distant", "Crimson",
    "Second", "Burning", "Frozen", "Borrowed", "Restless", "Brave", "Lonely", "Perfect", "Stolen",
    "Wild",
)  # fmt: skip
MOST = len(WORDS) * 10 * len(GENRES)
NOISE = 0.6
"""The deviation of the stars from what a member would give on average: no model errs less."""


def ratings(
    ratings: int = 15000,
    *,
    users: int = 300,
    items: int = 200,
    seed: int = 0,
    valid: float | str = 0.1,
    batch_size: int = 128,
) -> RatingsData:
    """The stars of a film club, ready to train on: half to five, for films of six genres.

    `ratings` is how many there are, from `users` members for `items` films. SettingError says
    which number is out of range.

    >>> ratings(600, users=40, items=30).scale
    (0.5, 5.0)
    """
    from tenfold.data.ratings import RatingsData

    frame = rating_frame(ratings, users=users, items=items, seed=seed)
    return RatingsData.from_frame(
        frame, user="member", item="film", rating="stars", scale=(0.5, 5.0), valid=valid,
        batch_size=batch_size, seed=seed,
    )  # fmt: skip


def rating_frame(
    ratings: int = 15000, *, users: int = 300, items: int = 200, seed: int = 0
) -> pd.DataFrame:
    """The same stars as a frame: member, film, genre, stars.

    >>> sorted(rating_frame(600, users=40, items=30)["genre"].unique())
    ['animals', 'crime', 'horror', 'romance', 'space', 'western']
    """
    import pandas as pd

    _number("users", users, 2, 1_000_000)
    _number("items", items, len(GENRES), MOST)
    _number("ratings", ratings, 2, users * items // 2)
    _number("seed", seed, 0, 2**63 - 1)
    rng = np.random.default_rng(seed)
    names, genres = _films(items, rng)
    stars, seen = _stars(genres, users, rng)
    # the largest of random keys: a draw without replacement, by their weights
    pairs = np.argpartition(-seen.ravel(), ratings - 1)[:ratings]
    member, film = np.divmod(rng.permutation(pairs), items)
    return pd.DataFrame(
        {
            "member": member + 1,
            "film": names[film],
            "genre": np.array(list(GENRES))[genres.argmax(1)][film],
            "stars": stars[member, film],
        }
    )


def _films(items: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Names (items,), and how much of each genre a film has (items, 6)."""
    first = np.arange(items) % len(GENRES)
    names = np.empty(items, object)
    for number, nouns in enumerate(GENRES.values()):
        own = np.flatnonzero(first == number)
        titles = [f"The {word} {noun}" for word in WORDS for noun in nouns.split()]
        names[own] = np.array(titles, object)[rng.permutation(len(titles))[: len(own)]]
    genres = np.zeros((items, len(GENRES)))
    genres[np.arange(items), rng.integers(len(GENRES), size=items)] = 0.4
    genres[np.arange(items), first] = 1.0
    return names, genres


def _stars(
    genres: np.ndarray, users: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The stars of every pair (users, items), and a random key of how soon it is seen."""
    items = len(genres)
    liking = rng.normal(0, 0.7, (users, len(GENRES))) @ genres.T
    generous, quality = rng.normal(0, 0.4, (users, 1)), rng.normal(0, 0.5, items)
    exact = 3.3 + generous + quality + liking + rng.normal(0, NOISE, (users, items))
    activity, popular = rng.normal(0, 0.6, (users, 1)), rng.normal(0, 1, items)
    seen = activity + popular + 0.5 * quality + 0.5 * liking + rng.gumbel(size=(users, items))
    return np.clip(np.round(exact * 2) / 2, 0.5, 5.0), seen


def _number(name: str, value: Any, low: int, high: int) -> None:
    try:
        fits = low <= whole(value) <= high
    except TypeError:
        fits = False
    if not fits:
        raise SettingError(f"{name}={value!r}; give a whole number from {low} to {high:,}")
