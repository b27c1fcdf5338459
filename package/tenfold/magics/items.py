"""What a line gives to predict, and what is said about it: a row, a pair, a text, a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.data.columns import Category
from tenfold.data.rows import RowEncoder
from tenfold.learner import Learner
from tenfold.live.widgets.payloads import fields_of
from tenfold.magics.parser import MagicError
from tenfold.predictor import Predicted
from tenfold.text import counted, did_you_mean, listed

__all__ = ["read_item", "told"]


def read_item(learner: Learner, words: Sequence[str]) -> tuple[dict[Any, Any], list[str]]:
    """One row or pair out of words like Store=1, and the columns that no word named.

    Those are taken as not known. A value is the one of training that is written so.
    """
    fields = fields_of(learner.data)
    given: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or name not in fields:
            hint = did_you_mean(name, fields, quoted=False)
            raise MagicError(
                f"{word!r} was given; allowed is COLUMN=VALUE with the columns {listed(fields)}, "
                f"or variables that hold items{hint}"
            )
        if name in given:
            raise MagicError(f"{name} was given twice; a row has one value in each column")
        given[name] = value
    known = _values(learner.data.encoder)
    item = {
        field: known.get(str(field), {}).get(given[str(field)], given[str(field)])
        if given.get(str(field))
        else None
        for field in _fields(learner.data.encoder)
    }
    return item, [name for name in fields if name not in given]


def told(learner: Learner, found: Predicted | list[Predicted], absent: Sequence[str]) -> str:
    """Predictions in words, a line each; of a number with its name."""
    found = found if isinstance(found, list) else [found]
    name = getattr(learner.data, "target", None)
    numbers = name is not None and learner.task.name == "number"
    lines = [f"{name}: {_number(float(one.label))}" if numbers else str(one) for one in found]
    if absent:
        lines.append(f"taken as not known: {listed(absent)}")
    return "\n".join(lines or [f"{counted(0, 'item')} given"])


def _number(value: Any) -> str:
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"


def _fields(encoder: Any) -> list[Any]:
    if isinstance(encoder, RowEncoder):
        return list(encoder.fields)
    return [encoder.users.field, encoder.items.field]


def _values(encoder: Any) -> dict[str, dict[str, Any]]:
    """The values that training has seen, by column and by how they are written."""
    if isinstance(encoder, RowEncoder):
        columns = [one for one in encoder.columns if isinstance(one, Category) and not one.part]
        return {str(one.field): {str(value): value for value in one.values} for one in columns}
    return {
        str(ids.field): {str(value): value for value in ids.values}
        for ids in (encoder.users, encoder.items)
    }
