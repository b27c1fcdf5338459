"""Tables ready to train on: `TabularData`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.data.batches import Batches, check_batch_size
from tenfold.data.kinds import Finder
from tenfold.data.rows import RowEncoder
from tenfold.data.split import check_share, stratified_split
from tenfold.data.table_frames import as_frame, check_names, check_titles, forced_kinds
from tenfold.data.table_view import TableView, column_words, columns_view, rows_view
from tenfold.data.targets import Target, read_target
from tenfold.device import default_device
from tenfold.errors import DataError, SettingError
from tenfold.text import counted, listed

__all__ = ["TabularData"]

_LARGEST = 1 << 24  # floats hold whole numbers exactly up to here


class TabularData:
    """Training, validation and perhaps test rows of a table, as batches on the device.

    Make one with `from_frame`. What was learned from the training rows, and from no others, is
    in `encoder`: the categories, medians, means and deviations. A batch is float32 (N, inputs):
    the numbers of categories first, then normalised numbers, then 0 or 1 for what was missing.

    `train`, `valid` and `test` (or None) are `Batches`; `rows` has the places of the first two in
    the frame. `columns` shows what each column was taken for; `left_out` says which were not used
    and why. `classes` is None when the target is a number.

    >>> import pandas
    >>> frame = pandas.DataFrame({"size": ["S", "L"] * 8, "age": [i / 2 for i in range(16)]})
    >>> frame["dear"] = frame["size"] == "L"
    >>> data = TabularData.from_frame(frame, "dear", device="cpu")
    >>> data.classes, data.train.inputs.shape
    (['False', 'True'], torch.Size([13, 2]))
    """

    def __init__(
        self,
        encoder: RowEncoder,
        target: Target,
        *,
        parts: Sequence[Tensor],
        rows: dict[str, np.ndarray],
        left_out: dict[str, str] | None = None,
        batch_size: int = 64,
        seed: int = 0,
        device: torch.device | str | None = None,
    ) -> None:
        self.encoder, self.target, self.rows = encoder, target.name, rows
        self.left_out = left_out or {}
        self.classes, self.log = target.classes, target.log
        self.task = target.task(rows["train"])
        where = device or default_device()
        train, valid, *more = (
            Batches(part, targets, batch_size=batch_size, seed=seed, device=where)
            for part, targets in zip(
                parts, [target.part(rows["train"]), target.part(rows["valid"]), None]
            )
        )
        self.train, self.valid = train.shuffled(), valid
        self.test = more[0] if more else None

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        target: Any,
        *,
        categorical: Sequence[Any] = (),
        continuous: Sequence[Any] = (),
        dates: Sequence[Any] = (),
        ignore: Sequence[Any] = (),
        valid: float | str = 0.2,
        test: Any = None,
        classes: bool | None = None,
        log: bool = False,
        min_count: int = 2,
        like: TabularData | None = None,
        batch_size: int = 64,
        seed: int = 0,
        device: torch.device | str | None = None,
    ) -> TabularData:
        """A table: a DataFrame or a dict of lists, with the column `target` to predict.

        The kind of every other column is found by looking, unless `categorical`, `continuous` or
        `dates` name it; columns to `ignore` are not used, nor are those with one value, nor words
        that differ in nearly every row. Whole numbers with at most 20 different values are
        categories. Dates are expanded into year, month, weekday and so on. A category seen less
        than `min_count` times in training shares the row of those never seen.

        `valid` is a share, of every class, or the name of a column that is True for the rows that
        validate. `classes` says whether the target is classes or, False, a number. With `log` the
        error is that of the logarithm, for targets whose ratios matter. `test` is a frame without
        the target. `like` is data whose columns, categories and means are taken as they are, to
        train on with a learner that has it. Raises DataError for a table that cannot be used,
        SettingError for an argument out of range.
        """
        check_batch_size(batch_size)
        frame = as_frame(frame)
        check_titles(frame, rows=2)
        kinds = {"categorical": categorical, "continuous": continuous, "dates": dates}
        forced = forced_kinds(frame, ignore, **kinds)
        by_column = [valid] if isinstance(valid, str) else []
        check_names(frame, [target, *by_column])
        unused = {target, *ignore, *by_column}
        found = read_target(frame[target], name=target, classes=classes, log=log)
        rows = _split(frame, valid, found, seed=seed)
        finder = Finder(frame, rows["train"], forced, _count(min_count))
        names = [name for name in frame.columns if name not in unused]
        encoder = finder.find(names) if like is None else _encoder_of(like)
        _check_sizes(encoder)
        parts = encoder.matrices(frame, [rows["train"], rows["valid"]])
        if test is not None:
            test = as_frame(test)
            check_titles(test, rows=1)
            parts += encoder.matrices(test, [None])
        given: dict[str, Any] = {"parts": parts, "rows": rows, "left_out": finder.left_out}
        return cls(encoder, found, **given, batch_size=batch_size, seed=seed, device=device)

    @property
    def columns(self) -> TableView:
        """What every column was taken for."""
        return columns_view(self.encoder, self.left_out)

    def show_batch(self, n: int = 9, *, epoch: int = 0) -> TableView:
        """`n` training rows, read back from what the network sees; another `epoch`, others."""
        inputs, targets = self.train.at_epoch(epoch).take(n)
        assert targets is not None
        return rows_view(self.encoder, inputs, self._titles(targets), target=str(self.target))

    def item_words(self, items: Sequence[int]) -> dict[str, list[str]]:
        """Some rows of the validation set by column: their place in the frame, then their values.

        At most 24 columns, as the network sees them: a number that was missing is in brackets.
        """
        inputs = self.valid.inputs[torch.as_tensor(items, dtype=torch.int64)]
        places = self.rows["valid"][list(items)]
        return {"row": [str(place) for place in places], **column_words(self.encoder, inputs)}

    def _titles(self, targets: Tensor) -> list[str]:
        if self.classes is None:
            return [f"{value:.6g}" for value in targets.tolist()]
        return [self.classes[value] for value in targets.tolist()]

    def __repr__(self) -> str:
        test = f", {self.test.items:,} test" if self.test is not None else ""
        kind = "a number" if self.classes is None else counted(len(self.classes), "class")
        lines = [
            f"TabularData: {self.train.items:,} training, {self.valid.items:,} validation{test} "
            f"rows; {self.target} to predict, {kind}"
        ]
        words = {
            "category": [f"{one.name} ({one.rows})" for one in self.encoder.categories],
            "number": [one.name for one in self.encoder.numbers],
        }
        for noun, names in words.items():
            if names:
                lines.append(f"{counted(len(names), noun)}: {listed(names, most=12)}")
        if self.left_out:
            left = (f"{name} ({why})" for name, why in self.left_out.items())
            lines.append(f"left out: {listed(left, most=6)}")
        return "\n".join(lines)


def _split(frame: Any, valid: float | str, target: Target, *, seed: int) -> dict[str, np.ndarray]:
    """The places of the training and the validation rows."""
    if isinstance(valid, str):
        chosen = _marks(frame[valid], valid)
        _check_classes(target, np.flatnonzero(~chosen))
        return {"train": np.flatnonzero(~chosen), "valid": np.flatnonzero(chosen)}
    check_share(valid)
    groups = target.values if target.classes else torch.zeros(len(frame), dtype=torch.int64)
    train, held = stratified_split(groups, valid, seed=seed)
    return {"train": train.numpy(), "valid": held.numpy()}


def _marks(column: Any, name: str) -> np.ndarray:
    values = set(column.unique().tolist())
    if values != {0, 1}:  # True and False are the same
        raise DataError(
            f"column {name!r} holds {listed(sorted(map(str, values)), most=5)}; allowed are True, "
            "for the rows that validate, and False, and both are needed; make it with those"
        )
    return column.to_numpy(dtype=bool)


def _check_classes(target: Target, train: np.ndarray) -> None:
    if target.classes is None:
        return
    counts = torch.bincount(target.part(train), minlength=len(target.classes))
    absent = [target.classes[place] for place in (counts == 0).nonzero().flatten().tolist()]
    if absent:
        raise DataError(
            f"the class {listed(absent)} of {target.name!r} is in no training row; a class must "
            "be seen to be learned; move some of its rows to training, or leave them out"
        )


def _count(min_count: object) -> int:
    if not isinstance(min_count, int) or isinstance(min_count, bool) or min_count < 1:
        raise SettingError(
            f"min_count={min_count!r} was given; allowed is a whole number from 1; try 2"
        )
    return min_count


def _encoder_of(like: Any) -> RowEncoder:
    if not isinstance(like, TabularData):
        raise SettingError(
            f"like={like!r:.40} was given; allowed is a TabularData; try like=learn.data"
        )
    return like.encoder


def _check_sizes(encoder: RowEncoder) -> None:
    for column in encoder.categories:
        if column.rows > _LARGEST:
            raise DataError(
                f"column {column.name!r} has {column.rows:,} values; allowed are {_LARGEST:,}; "
                "raise min_count, or ignore the column"
            )
