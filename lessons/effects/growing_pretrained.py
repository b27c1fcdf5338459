"""Growing images with a pretrained network: small pictures first, at the same number of pixels."""

from lessons.effects.growing import BETTER, MEASURE, train

__all__ = ["ARMS", "BETTER", "MEASURE", "TITLE"]

TITLE = "Growing images, pretrained"

ARMS = {
    "64 pixels throughout": lambda seed: train(seed, first=0, last=6, pretrained=True),
    "32 pixels, then 64": lambda seed: train(seed, first=8, last=4, pretrained=True),
}
