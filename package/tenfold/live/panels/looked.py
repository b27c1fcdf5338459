"""What a panel's page was shown, as tables for a saved notebook: a batch, and every result."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from tenfold.text import counted, escape

__all__ = ["batch_tables", "prose", "strip_html", "tables"]

Table = tuple[str, list[list[str]]]

# with more classes a matrix is too wide to read
READABLE = 15
MOST_SHARES = 5
# results that are words, a picture and tables
VIEWS = (
    "labels", "tune_thresholds", "residuals", "factors", "iou", "sheet", "summary", "landscape",
    "sharpness", "heat", "activations", "embeddings", "calibration", "written", "before_after",
    "compare_optimizers", "optimizers", "widths", "decays",
)  # fmt: skip
# the width of a small picture that is shown larger than it is
FIGURE = 256


def prose(rows: list[list[str]]) -> bool:
    """Whether a table holds texts, which are read from the left.

    >>> prose([["text"], ["xxbos a film that is good"]]), prose([["loss"], ["0.5"]])
    (True, False)
    """
    return any(cell.count(" ") > 2 for row in rows[1:] for cell in row)


def batch_tables(batch: Mapping[str, Any] | None) -> list[Table]:
    """The batch of the Data tab where it is a table; of pictures nothing stays."""
    return [(batch["words"], batch["table"])] if batch and batch["table"] else []


def tables(results: Mapping[str, Any]) -> list[Table]:
    """The results of a panel: captions, each with the rows of its table or with none."""
    makers = {
        "scores": scores_table,
        "confusion": confusion_table,
        "cell": cell_table,
        "top": top_table,
        "prediction": prediction_table,
    }
    found = [make(results[key]) for key, make in makers.items() if results.get(key)]
    for key in VIEWS:
        found += view_tables(results[key]) if results.get(key) else []
    if results.get("exported"):
        found.append((f"exported to {results['exported']}", []))
    return found


def strip_html(found: Mapping[str, Any] | None, png: bytes) -> str:
    """A picture before, after and as it should be, side by side, as large as a page can use.

    >>> strip_html(None, b"")
    ''
    """
    if not found or not png:
        return ""
    width = found["pictures"] * max(found["width"], min(FIGURE, 4 * found["width"]))
    return (
        f'<img alt="{escape(found["picture"])}" width="{width}" '
        'style="max-width:100%;image-rendering:pixelated" '
        f'src="data:image/png;base64,{base64.b64encode(png).decode()}"/>'
    )


def scores_table(scores: Mapping[str, Any]) -> Table:
    """Metrics by the way of predicting."""
    rows = zip(scores["ways"], scores["values"])
    return "scores", [
        ["", *scores["names"]],
        *[[way, *[number(value) for value in values]] for way, values in rows],
    ]


def confusion_table(confusion: Mapping[str, Any]) -> Table:
    """How many are right, and with few classes the whole matrix; of several labels all rows."""
    classes, matrix, cells = confusion["classes"], confusion["matrix"], confusion["cells"]
    rows = [[name, *[f"{count:,}" for count in row]] for name, row in zip(classes, matrix)]
    if cells:
        return confusion["words"], [["label", *[cell.replace("-", " ") for cell in cells]], *rows]
    right, total = sum(row[at] for at, row in enumerate(matrix)), sum(map(sum, matrix))
    caption = (
        f"{right:,} of {counted(total, 'validation item')} right ({right / max(total, 1):.1%})"
    )
    if len(classes) > READABLE:
        return caption, []
    return caption, [["actual \\ predicted", *classes], *rows]


def cell_table(cell: Mapping[str, Any]) -> Table:
    """The items of one cell of the matrix in words, where they have some."""
    return cell["words"], cell["table"]


def top_table(top: Mapping[str, Any]) -> Table:
    """The items with the largest losses, with what they are in words."""
    shares = any(item["probability"] is not None for item in top["items"])
    named = any(item["label"] for item in top["items"])
    head = [*["actual", "predicted"] * named, "loss"]
    rows = [[*head, *["probability of actual"] * shares, *top["heads"]]]
    for item in top["items"]:
        row = [*[item["label"], item["predicted"]] * named, number(item["loss"])]
        rows.append([*row, *[share(item["probability"])] * shares, *item["words"]])
    return top["words"], rows


def view_tables(view: Mapping[str, Any]) -> list[Table]:
    """What was said, then each table under its caption."""
    return [(view["words"], []), *((one["caption"], one["rows"]) for one in view["tables"])]


def prediction_table(prediction: Mapping[str, Any]) -> Table:
    """What the model said about a file."""
    shares = [[name, share(one)] for name, one in prediction["probabilities"][:MOST_SHARES]]
    caption = f"{prediction['name']}: {prediction['label']}"
    return caption, [["class", "probability"], *shares] if shares else []


def number(value: float | None) -> str:
    """A score or a loss."""
    return "–" if value is None else f"{value:.4f}"


def share(value: float | None) -> str:
    """A probability."""
    return "–" if value is None else f"{value:.1%}"
