"""The table of a model's layers, and its sums in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenfold.tables import html_table, text_table
from tenfold.text import counted, listed

__all__ = ["Row", "Summary", "amount", "sided"]


@dataclass
class Row:
    """One layer: the shape of what it gives for one item, and what it costs.

    `flops` are additions and multiplications for one item, `memory` bytes of what it gives for
    the whole batch. `shape` is None for a layer that was not called itself.
    """

    name: str
    kind: str
    shape: tuple[int, ...] | None = None
    weights: int = 0
    trained: int = 0
    flops: float = 0
    memory: int = 0

    @property
    def trains(self) -> str:
        """Whether its weights are trained, frozen, or in part."""
        if not self.weights:
            return ""
        return {0: "frozen", self.weights: "trained"}.get(self.trained, "in part")


@dataclass(frozen=True, repr=False)
class Summary:
    """The layers of a model in the order in which they run, and their sums."""

    model: str
    rows: tuple[Row, ...]
    shape: tuple[tuple[int, ...], ...]
    """Of what goes in, for one item: a shape for each of the inputs."""
    batch: int
    flops: float
    """Of the whole model for one item, those beside its layers included."""
    weight_bytes: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def weights(self) -> int:
        """All weights; those that two layers share count once."""
        return sum(row.weights for row in self.rows)

    @property
    def trained(self) -> int:
        """Those of them that train."""
        return sum(row.trained for row in self.rows)

    @property
    def memory(self) -> int:
        """Bytes of what all layers give for the batch."""
        return sum(row.memory for row in self.rows)

    @property
    def words(self) -> str:
        """The sums, in a sentence."""
        return (
            f"{self.model} of {listed(map(sided, self.shape))}: {counted(self.weights, 'weight')}, "
            f"{self.trained:,} of them trained; {amount(self.flops)}FLOPs for one item; "
            f"{amount(self.weight_bytes)}B of weights and "
            f"{amount(self.memory)}B of activations for a batch of {self.batch}"
        )

    @property
    def table(self) -> list[list[str]]:
        """A line for each layer; the last one holds the sums."""
        head = ["layer", "kind", "gives", "weights", "", "FLOPs", "memory"]
        lines = [
            [
                row.name,
                row.kind,
                "–" if row.shape is None else sided(row.shape),
                f"{row.weights:,}" if row.weights else "",
                row.trains,
                amount(row.flops) if row.flops else "",
                f"{amount(row.memory)}B" if row.memory else "",
            ]
            for row in self.rows
        ]
        beside = self.flops - sum(row.flops for row in self.rows)
        if beside > 0.5:
            lines.append(["beside these layers", "", "", "", "", amount(beside), ""])
        sums = ["all", "", "", f"{self.weights:,}", "", amount(self.flops)]
        return [head, *lines, [*sums, f"{amount(self.memory)}B"]]

    def __repr__(self) -> str:
        return f"{text_table(self.table)}\n{self.words}"

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.words, words=True)


def sided(shape: Sequence[int]) -> str:
    """A shape in words.

    >>> sided((3, 32, 32)), sided(())
    ('3 × 32 × 32', '1')
    """
    return " × ".join(map(str, shape)) or "1"


def amount(number: float) -> str:
    """A large number with the prefix of its unit, for which room is left.

    >>> amount(40) + "B", amount(1_281_824) + "FLOPs"
    ('40 B', '1.28 MFLOPs')
    """
    prefixes = ["", "k", "M", "G", "T"]
    while number >= 999.5 and len(prefixes) > 1:
        number /= 1000
        prefixes.pop(0)
    return f"{number:.3g} {prefixes[0]}"
