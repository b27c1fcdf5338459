"""The corpus that every install carries: prose, masked, split by file, kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tenfold.data.samples import docstring_frame, docstrings
from tenfold.data.samples._docstrings import docstrings_in, masked
from tenfold.errors import SettingError


def test_names_and_code_are_masked() -> None:
    docstring = """Fill with `numpy.nan` where a DataFrame has it, by some_function or f().

    Parameters
    ----------
    x : array_like
        The values, as :class:`Series` has them.
    >>> f(1)
    2
    """
    assert masked(docstring) == (
        "Fill with xxname where a xxname has it, by xxname or xxname\n"
        "Parameters The values, as xxname has them."
    )


def test_what_is_hardly_prose_is_left_out() -> None:
    source = 'def f():\n    """' + "`a` `b` some words " * 20 + '"""\n'
    assert docstrings_in(source) == []
    assert docstrings_in('class A:\n    """Too short."""\n') == []


def test_no_package_gives_itself_away() -> None:
    text = " ".join(docstring_frame(500)["text"]).lower()
    given = r"\b(numpy|pandas|torch|pytorch|matplotlib|python|dataframe|ndarray|plt|pd|np)\b"
    assert not re.findall(given, text)


def test_classes_are_balanced_and_files_do_not_straddle() -> None:
    frame = docstring_frame(500, valid=0.3, seed=1)
    assert frame["package"].value_counts().tolist() == [100] * 5
    assert frame["valid"].mean() == pytest.approx(0.3, abs=0.05)
    sides = frame.groupby(["package", "file"])["valid"].nunique()
    assert (sides == 1).all()
    assert not frame["text"].duplicated().any()


def test_the_seed_decides() -> None:
    first, again, other = (docstring_frame(100, seed=seed)["text"].tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_it_is_data_for_a_classifier_and_for_a_language_model() -> None:
    assert docstrings(200, batch_size=8).task.name == "single label"
    assert docstrings(200, label=False).task.name == "next word"


def test_kept_texts_that_are_damaged_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = docstring_frame(50)["text"].tolist()
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path))
    docstring_frame(50)
    (kept,) = tmp_path.glob("docstrings-*.json")
    kept.write_text("{")
    assert docstring_frame(50)["text"].tolist() == whole


@pytest.mark.parametrize("texts", [3, 10**6, True, "many"])
def test_a_number_of_texts_that_cannot_be_had_is_refused(texts: int) -> None:
    with pytest.raises(SettingError, match="allowed is a whole number from 20 to 7,500"):
        docstring_frame(texts)
