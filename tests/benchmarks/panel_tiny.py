"""What an open panel costs a model so small that only the trainer and the panel are left to see."""

from __future__ import annotations

from .harness import Table
from .panel import with_and_without

TINY = """
import torch
from torch import nn
from tenfold import Batches, PlainData
from tenfold.learner import Learner
from tenfold.train.task import single_label
torch.manual_seed(0)
inputs, targets = torch.randn(64 * 1000, 784), torch.randint(0, 10, (64 * 1000,))
batches = Batches(inputs, targets, batch_size=64, shuffle=True, device="cpu")
model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
learn = Learner(
    PlainData(batches, None, task=single_label(10)), model, optimizer="sgd", metrics=[],
    quiet=True, device="cpu",
)
learn.plan(threads=1, precision="float32", channels_last=False)
epochs, items = 40, 64 * 1000
learn.fit(1, 1e-4)
"""


def measure(*, rounds: int = 5) -> Table:
    """Items per second of 784-50-10 on one thread, in batches of 64."""
    return with_and_without(
        TINY,
        rounds=rounds,
        part="panel_tiny",
        title="An open panel: 784-50-10, batches of 64, one thread",
        unit="items/s",
        least=0.90,
    )
