"""The pictures of a panel: one trait for each way of looking that draws."""

from __future__ import annotations

from traitlets import Bytes

from tenfold.live.widgets.shell import Shell

__all__ = ["Pictured"]


class Pictured(Shell):
    """To be subclassed: `key_png` is the picture of what stands under `key`, empty for none.

    `key_gif` is the same in motion; its `key_png` is for who wants none.
    """

    batch_png = Bytes(b"").tag(sync=True)
    cell_png = Bytes(b"").tag(sync=True)
    labels_png = Bytes(b"").tag(sync=True)
    tune_thresholds_png = Bytes(b"").tag(sync=True)
    top_png = Bytes(b"").tag(sync=True)
    residuals_png = Bytes(b"").tag(sync=True)
    factors_png = Bytes(b"").tag(sync=True)
    iou_png = Bytes(b"").tag(sync=True)
    prediction_png = Bytes(b"").tag(sync=True)
    sheet_png = Bytes(b"").tag(sync=True)
    landscape_png = Bytes(b"").tag(sync=True)
    before_after_png = Bytes(b"").tag(sync=True)
    heat_png = Bytes(b"").tag(sync=True)
    activations_png = Bytes(b"").tag(sync=True)
    calibration_png = Bytes(b"").tag(sync=True)
    embeddings_png = Bytes(b"").tag(sync=True)
    compare_optimizers_png = Bytes(b"").tag(sync=True)
    optimizers_png = Bytes(b"").tag(sync=True)
    optimizers_gif = Bytes(b"").tag(sync=True)
    widths_png = Bytes(b"").tag(sync=True)
    widths_gif = Bytes(b"").tag(sync=True)
    decays_png = Bytes(b"").tag(sync=True)
    decays_gif = Bytes(b"").tag(sync=True)
