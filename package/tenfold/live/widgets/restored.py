"""A picture before and after, for the page of a panel: its pixels as they are."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tenfold.interpret.before_after import BeforeAfter

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["restored", "strip"]


def restored(item: Any, made: Image.Image, *, encoder: Any, name: str = "") -> BeforeAfter:
    """An item that was given to predict, and what the model made of it."""
    after = torch.from_numpy(np.array(made)).permute(2, 0, 1).float() / 255
    named = name or (Path(item).name if isinstance(item, str | Path) else "the picture")
    return BeforeAfter(named, encoder.encode([item])[0], after)


def strip(found: BeforeAfter) -> bytes:
    """Before, after and target side by side as PNG, a dot for each pixel.

    >>> strip(BeforeAfter("photo", torch.zeros(3, 8, 8), torch.ones(3, 8, 8)))[1:4]
    b'PNG'
    """
    from PIL import Image

    file = io.BytesIO()
    row = torch.cat(list(found.pictures.values()), dim=-1)
    shown = row.clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(shown).save(file, "PNG")
    return file.getvalue()
