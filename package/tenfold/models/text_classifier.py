"""A text classifier on the encoder of a language model: all words are pooled, then the head."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.awd_lstm import PADDING, AwdLstm, Dropouts, checked_sizes, last_of
from tenfold.models.head import create_head

__all__ = [
    "CLASSIFIER_DROPOUTS",
    "SettledNorm",
    "TextClassifier",
    "build_text_classifier",
    "create_text_classifier",
    "pooled",
]

# those of ULMFiT; `output` is that of the head
CLASSIFIER_DROPOUTS = Dropouts(embedding=0.05, input=0.4, weight=0.5, hidden=0.3, output=0.4)
_LAST_DROPOUT = 0.1


class TextClassifier(nn.Module):
    """Word numbers (texts, words), padded behind, to raw outputs (texts, outputs).

    >>> model = create_text_classifier(100, 2, embedding=8, hidden=16)
    >>> model(torch.zeros(4, 7, dtype=torch.long)).shape
    torch.Size([4, 2])
    """

    def __init__(self, encoder: AwdLstm, head: nn.Module, *, spec: dict[str, Any]) -> None:
        super().__init__()
        self.encoder, self.head, self.spec = encoder, head, spec

    def forward(self, words: Tensor) -> Tensor:
        return self.head(pooled(self.encoder(words).outputs, words))

    def groups(self) -> list[list[nn.Module]]:
        """The layer groups: the embedding, each LSTM layer, the head."""
        return [*self.encoder.groups(), [self.encoder.output_drop, self.head]]


def pooled(outputs: Tensor, words: Tensor) -> Tensor:
    """Concat pooling: the last, the largest and the mean feature of each text, without padding.

    Outputs (words, texts, features) and word numbers (texts, words) to (texts, 3 * features).
    Howard & Ruder 2018, arXiv:1801.06146, section 3.3.

    >>> pooled(torch.tensor([[[1.0]], [[3.0]], [[9.0]]]), torch.tensor([[5, 6, 1]]))
    tensor([[3., 3., 2.]])
    """
    real = (words != PADDING).t()[..., None]
    largest = outputs.masked_fill(~real, float("-inf")).amax(0)
    # texts differ little in their mean: rounded to bfloat16, much of what the norm looks at is gone
    mean = (outputs * real).sum(0, dtype=torch.float32) / real.sum(0)
    return torch.cat([last_of(outputs, words).float(), largest.float(), mean], 1)


class SettledNorm(nn.BatchNorm1d):
    """Batch norm for short runs: its running averages begin with the first batch, not at 0 and 1.

    The features of an LSTM vary by a hundredth or so. A running variance that begins at 1 is far
    too large for a hundred steps, and all that time a model that is right in training predicts one
    class.

    >>> norm = SettledNorm(1)
    >>> _ = norm(torch.tensor([[2.0], [4.0]]))
    >>> norm.running_mean.item(), norm.running_var.item()
    (3.0, 2.0)
    """

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        found = F.batch_norm(x, None, None, self.weight, self.bias, True, 0.0, self.eps)
        self._keep(x.detach().float())
        return found

    @torch.no_grad()
    def _keep(self, x: Tensor) -> None:
        mean, var, seen = self.running_mean, self.running_var, self.num_batches_tracked
        assert mean is not None and var is not None and seen is not None
        seen += 1
        # a weight that stays a tensor: nothing waits for the device
        weight = seen.reciprocal().clamp(min=self.momentum)
        mean.lerp_(x.mean(0), weight)
        var.lerp_(x.var(0), weight)


def create_text_classifier(
    words: int,
    outputs: int,
    *,
    embedding: int = 400,
    hidden: int = 1152,
    layers: int = 3,
    head: int = 50,
    dropouts: Dropouts = CLASSIFIER_DROPOUTS,
    seed: int = 0,
) -> TextClassifier:
    """A classifier with random weights from `seed`; `head` is the width of its hidden layer.

    >>> create_text_classifier(100, 2, embedding=8, hidden=16).spec["outputs"]
    2
    """
    sizes = checked_sizes(words=words, embedding=embedding, hidden=hidden, layers=layers)
    spec = {
        "kind": "text_classifier",
        **sizes,
        **checked_sizes(outputs=outputs, head=head),
        "dropouts": asdict(dropouts),
    }
    rates = [dropouts.output, min(_LAST_DROPOUT, dropouts.output)]
    top = create_head(
        3 * embedding, outputs, dropout=rates, hidden=(head,), seed=seed, norm=SettledNorm
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        encoder = AwdLstm(**sizes, dropouts=replace(dropouts, output=0.0))
    return TextClassifier(encoder, top, spec=spec)


def build_text_classifier(spec: dict[str, Any]) -> TextClassifier:
    """The network that `spec` describes, with random weights.

    >>> model = create_text_classifier(50, 3, embedding=4, hidden=8)
    >>> build_text_classifier(model.spec).spec == model.spec
    True
    """
    names = ("words", "outputs", "embedding", "hidden", "layers", "head")
    try:
        words, outputs, *rest = (spec[name] for name in names)
        more = dict(zip(names[2:], rest, strict=True))
        return create_text_classifier(words, outputs, **more, dropouts=Dropouts(**spec["dropouts"]))
    except (KeyError, TypeError, SettingError) as error:
        raise ModelError(
            f"{spec!r:.80} does not describe a text classifier ({error}); allowed is the .spec of "
            "a TextClassifier; save the model again"
        ) from error
