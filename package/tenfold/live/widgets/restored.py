"""A picture before and after, for the page of a panel: its pixels as they are."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tenfold.interpret.before_after import BeforeAfter

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["pixels", "restored"]


def restored(item: Any, made: Image.Image, *, encoder: Any, name: str = "") -> BeforeAfter:
    """An item that was given to predict, and what the model made of it."""
    after = torch.from_numpy(np.array(made)).permute(2, 0, 1).float() / 255
    named = name or (Path(item).name if isinstance(item, str | Path) else "the picture")
    return BeforeAfter(named, encoder.encode([item])[0], after)


def pixels(picture: Tensor | None) -> bytes:
    """A picture (3, h, w) in [0, 1] as PNG, a dot for each pixel; no bytes for none.

    >>> pixels(torch.zeros(3, 4, 4))[1:4], pixels(None)
    (b'PNG', b'')
    """
    from PIL import Image

    if picture is None:
        return b""
    file = io.BytesIO()
    shown = picture.clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(shown).save(file, "PNG")
    return file.getvalue()
