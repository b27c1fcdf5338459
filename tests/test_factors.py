from __future__ import annotations

from typing import Any

import pytest
import torch
from factories import make_learner
from sklearn.decomposition import PCA

from tenfold.data.samples.films import rating_frame, ratings
from tenfold.errors import DataError, ModelError, SettingError
from tenfold.interpret.factors import Factors, Ranking, factors
from tenfold.interpret.vectors import cosines, principal_components
from tenfold.learner import Learner
from tenfold.learners import ratings_learner


def make_factors(rows: int = 5, **more: Any) -> Factors:
    generator = torch.Generator().manual_seed(0)
    names = tuple(f"film {number}" for number in range(rows))
    settings: dict[str, Any] = {
        "ids": tuple(range(rows)),
        "names": names,
        "vectors": torch.randn(rows, 3, generator=generator),
        "biases": torch.tensor([0.1, 0.5, -0.3, 0.9, -0.7])[:rows],
        "counts": torch.tensor([9, 1, 8, 2, 7])[:rows],
    }
    return Factors(**{**settings, **more})


@pytest.fixture(scope="module")
def club() -> Learner:
    data = ratings()
    learn = ratings_learner(data, factors=20, quiet=True, device="cpu")
    learn.fit_one_cycle(5, 1e-2)
    return learn


def test_cosines_are_products_over_lengths() -> None:
    vectors = torch.randn(6, 4)
    for row, found in enumerate(cosines(vectors, 2)):
        lengths = vectors[row].norm() * vectors[2].norm()
        assert found.item() == pytest.approx(float(vectors[row] @ vectors[2] / lengths), abs=1e-6)
    assert cosines(torch.zeros(2, 3), 0).tolist() == [0, 0]


def test_principal_components_are_those_of_scikit_learn() -> None:
    vectors = torch.randn(30, 5) * torch.tensor([3.0, 1, 2, 1, 1])
    points, shares = principal_components(vectors)
    oracle = PCA(2).fit(vectors.numpy())
    theirs = torch.from_numpy(oracle.transform(vectors.numpy())).float()
    torch.testing.assert_close(points.abs(), theirs.abs(), atol=1e-4, rtol=1e-4)
    assert shares.tolist() == pytest.approx(oracle.explained_variance_ratio_.tolist(), abs=1e-5)


def test_the_sign_of_a_direction_is_always_the_same() -> None:
    vectors = torch.randn(30, 5)
    turned = principal_components(vectors[torch.randperm(30)])[0].sort(0).values
    torch.testing.assert_close(principal_components(vectors)[0].sort(0).values, turned)


def test_most_like_is_the_order_of_the_cosines_without_itself() -> None:
    found = make_factors()
    near = cosines(found.vectors, 1)
    order = [row for row in near.argsort(descending=True).tolist() if row != 1]
    assert found.like("film 1").names == [f"film {row}" for row in order]
    assert found.like(1, 2).rows == found.like("film 1").rows[:2]
    assert found.like(1).caption == "most like film 1"


def test_best_and_worst_are_by_bias_and_can_leave_out_the_little_known() -> None:
    found = make_factors()
    assert found.best(2).names == ["film 3", "film 1"]
    assert found.worst(2).names == ["film 4", "film 2"]
    assert found.best(2, least=7).names == ["film 0", "film 2"]
    assert found.like(3, least=8).names == ["film 2", "film 0"] or len(found.like(3, least=8)) == 2


def test_a_map_shows_the_most_rated_at_the_places_of_all() -> None:
    found = make_factors()
    shown = found.map(3)
    assert shown.names == ("film 0", "film 2", "film 4")
    assert torch.equal(shown.points, principal_components(found.vectors)[0][[0, 2, 4]])
    assert repr(shown).startswith("a map of 3 names; across ")
    figure = shown.plot()
    assert [text.get_text() for text in figure.axes[0].texts] == list(shown.names)


def test_long_names_are_cut_in_a_map() -> None:
    names = ("a" * 40, *"bcde")
    texts = make_factors(names=names).map().plot().axes[0].texts
    assert texts[0].get_text() == "a" * 27 + "…"


def test_a_ranking_is_a_table() -> None:
    found = make_factors().best(1)
    assert repr(found) == "        bias\nfilm 3  0.90" and isinstance(found, Ranking)
    assert "<caption>the largest biases</caption>" in found._repr_html_()


def test_films_of_a_genre_are_alike(club: Learner) -> None:
    frame = rating_frame()
    genre = dict(zip(frame["film"], frame["genre"]))
    found, same = club.factors(), []
    for film in found.names:
        same += [genre[film] == genre[other] for other in found.like(film, 5).names]
    assert sum(same) / len(same) > 0.7  # by chance: 1 / 6
    assert repr(found) == (
        "20 factors and a bias of 200 names; .like(), .best(), .worst() and .map() show them"
    )


def test_the_factors_of_users_are_named_by_their_ids(club: Learner) -> None:
    found = club.factors("users")
    assert found.ids[:3] == (1, 2, 3) and found.names[0] == "1" and len(found) == 300
    assert found.like(1, 3).names == found.like("1", 3).names


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (lambda f: f.like("film9"), DataError, "'film9' was asked for; training has seen no such"),
        (lambda f: f.like("FILM"), DataError, "did you mean 'film 0'"),
        (lambda f: f.like(["film 1"]), DataError, r"\['film 1'\] was asked for"),
        (lambda f: f.like(1, 0), SettingError, "n=0 was given"),
        (lambda f: f.best(0), SettingError, "n=0 was given"),
        (lambda f: f.map(-1), SettingError, "n=-1 was given"),
        (lambda f: f.best(least=99), SettingError, "least=99 was given; none has so many ratings"),
    ],
)
def test_what_cannot_be_shown_is_refused(act: Any, kind: type, words: str) -> None:
    with pytest.raises(kind, match=words):
        act(make_factors())


def test_a_map_of_too_little_is_refused() -> None:
    with pytest.raises(DataError, match="2 names with 3 factors were given; a map needs 3 names"):
        make_factors(2).map()


def test_only_models_of_ratings_have_factors(club: Learner) -> None:
    with pytest.raises(ModelError, match="Net on PlainData was given; factors are those of a mode"):
        make_learner().factors()
    with pytest.raises(SettingError, match="of='films' was given; allowed is 'items' or 'users'"):
        club.factors("films")
    other = ratings(600, users=40, items=30)
    with pytest.raises(ModelError, match="the model has 200 rows of items, the data 30; give the"):
        factors(club.model, other)
