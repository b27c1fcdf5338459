"""AWD-LSTM, a language model of plain LSTM layers with five dropouts that make it strong.

Merity, Keskar & Socher 2017, "Regularizing and optimizing LSTM language models",
arXiv:1708.02182. Inside, time comes first: (words, texts, features), as the fused kernels read it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.dropouts import Dropouts, DroppedEmbedding, LockedDropout, dropping_mask
from tenfold.models.recurrence import lstm, rows_by_step

__all__ = [
    "PADDING",
    "AwdLstm",
    "Dropouts",
    "Encoded",
    "LanguageModel",
    "build_language_model",
    "create_language_model",
]

State = list[tuple[Tensor, Tensor]]

PADDING = 1  # the number of `xxpad`, behind the end of a text


class DroppedLstm(nn.Module):
    """An LSTM layer whose hidden-to-hidden weights are dropped, then its hidden dropout.

    The dropped matrix goes straight into the functional call: the weights of the module stay as
    they are, and the fused kernel runs as it does for `nn.LSTM` (see `recurrence.py`).
    """

    def __init__(self, inputs: int, outputs: int, *, weight: float, hidden: float) -> None:
        super().__init__()
        self.lstm = nn.LSTM(inputs, outputs)
        self.weight, self.drop = weight, LockedDropout(hidden)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None, counts: list[int] | None = None
    ) -> tuple[Tensor, Any]:
        own = self.lstm
        if state is None:
            state = (x.new_zeros(1, x.shape[1], own.hidden_size),) * 2
        inward, hidden, *biases = own.all_weights[0]
        drops = self.training and self.weight
        dropped = hidden * dropping_mask(hidden, self.weight) if drops else hidden
        weights = [inward, dropped, *biases]
        x, last, cell = lstm(x, state, weights, training=self.training, counts=counts)
        return self.drop(x), (last, cell)


class Encoded(NamedTuple):
    """What the encoder makes of words: outputs (words, texts, features), and its last state."""

    outputs: Tensor
    state: State


class AwdLstm(nn.Module):
    """The encoder: word numbers (texts, words) to features (words, texts, features).

    The last layer is as wide as the embedding, so that a decoder can share its table.

    >>> encoder = AwdLstm(100, embedding=8, hidden=16, layers=2)
    >>> encoder(torch.zeros(4, 7, dtype=torch.long)).outputs.shape
    torch.Size([7, 4, 8])
    """

    def __init__(
        self,
        words: int,
        *,
        embedding: int = 400,
        hidden: int = 1152,
        layers: int = 3,
        dropouts: Dropouts | None = None,
    ) -> None:
        super().__init__()
        rates = dropouts or Dropouts()
        widths = [embedding, *[hidden] * (layers - 1), embedding]
        self.embedding = DroppedEmbedding(words, embedding, dropout=rates.embedding)
        self.input_drop = LockedDropout(rates.input)
        self.layers = nn.ModuleList(
            DroppedLstm(
                widths[place],
                widths[place + 1],
                weight=rates.weight,
                hidden=rates.hidden if place < layers - 1 else 0.0,
            )
            for place in range(layers)
        )
        self.output_drop = LockedDropout(rates.output)

    def forward(self, words: Tensor, state: State | None = None) -> Encoded:
        x = self.input_drop(self.embedding(words.t()))
        after: State = []
        # on other devices the kernel is quick, and to look at the lengths is to wait
        short = self.training and words.device.type == "cpu"
        counts = rows_by_step(words != PADDING) if short else None
        for place, layer in enumerate(self.layers):
            x, last = layer(x, state[place] if state else None, counts)
            after.append(last)
        return Encoded(self.output_drop(x), after)

    def groups(self) -> list[list[nn.Module]]:
        """The embedding, then each LSTM layer."""
        return [[self.embedding, self.input_drop], *([layer] for layer in self.layers)]


class TiedDecoder(nn.Module):
    """Features to raw outputs for every word, by the table of the embedding and a bias.

    Press & Wolf 2017, "Using the output embedding to improve language models", arXiv:1608.05859.
    """

    def __init__(self, words: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(words))

    def forward(self, x: Tensor, table: Tensor) -> Tensor:
        return F.linear(x, table, self.bias)


class LanguageModel(nn.Module):
    """Word numbers (texts, words) to raw outputs for the word after each: (texts * words, known).

    In a pass over `Streams`, `first` says where the state begins anew; otherwise it goes on from
    the batch before, without its gradient. Called without `first`, it takes whole texts, padded
    behind, and gives the outputs for the one word after each: (texts, known).

    >>> model = create_language_model(100, embedding=8, hidden=16)
    >>> words = torch.zeros(4, 7, dtype=torch.long)
    >>> model(words, True).shape, model(words).shape
    (torch.Size([28, 100]), torch.Size([4, 100]))
    """

    low_outputs = True
    """Its loss takes outputs in bfloat16: a copy in float32 would cost as much as a layer."""
    decodes = True
    """Without it a training pass over `Streams` gives features, for a loss that decodes few."""

    def __init__(self, encoder: AwdLstm, *, spec: dict[str, Any]) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = TiedDecoder(len(encoder.embedding.weight))
        self.spec = spec
        self._state: State | None = None

    def forward(self, words: Tensor, first: bool | None = None) -> Tensor:
        if first is None:
            return self.decode(last_of(self.encoder(words).outputs, words))
        features = self.read(words, first)
        return self.decode(features) if self.decodes or not self.training else features

    def read(self, words: Tensor, first: bool) -> Tensor:
        """The features (texts * words, features) after each word of a batch of `Streams`."""
        outputs, state = self.encoder(words, None if first else self._kept(len(words)))
        self._state = [(hidden.detach(), cell.detach()) for hidden, cell in state]
        return outputs.transpose(0, 1).flatten(0, 1)

    def decode(self, features: Tensor) -> Tensor:
        """Raw outputs (n, known words) of features (n, features)."""
        return self.decoder(features, self.encoder.embedding.weight)

    def groups(self) -> list[list[nn.Module]]:
        """The layer groups: each LSTM layer, then the table that embedding and decoder share."""
        first, *layers = self.encoder.groups()
        return [*layers, [*first, self.encoder.output_drop, self.decoder]]

    @property
    def carried(self) -> State | None:
        """What goes on from batch to batch, for a run that is taken up in the middle of a pass."""
        return self._state

    def carry(self, state: State | None) -> None:
        """Go on from what another process carried, on the device of the model."""
        device = self.decoder.bias.device
        self._state = state and [(hidden.to(device), cell.to(device)) for hidden, cell in state]

    def _kept(self, texts: int) -> State | None:
        """The state of the batch before, when that had as many texts."""
        kept = self._state
        return kept if kept is not None and kept[0][0].shape[1] == texts else None


def last_of(outputs: Tensor, words: Tensor) -> Tensor:
    """The features (texts, features) at the last word of each text, before its padding."""
    last = (words != PADDING).sum(1) - 1
    return outputs[last, torch.arange(len(words), device=words.device)]


def create_language_model(
    words: int,
    *,
    embedding: int = 400,
    hidden: int = 1152,
    layers: int = 3,
    dropouts: Dropouts | None = None,
    seed: int = 0,
) -> LanguageModel:
    """A language model with random weights from `seed`; the sizes are those of the paper.

    >>> create_language_model(100, embedding=8, hidden=16).spec["layers"]
    3
    """
    rates = dropouts or Dropouts()
    spec = {
        "kind": "language_model",
        **checked_sizes(words=words, embedding=embedding, hidden=hidden, layers=layers),
        "dropouts": asdict(rates),
    }
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        sizes = {"embedding": embedding, "hidden": hidden, "layers": layers}
        return LanguageModel(AwdLstm(words, **sizes, dropouts=rates), spec=spec)


def checked_sizes(**sizes: int) -> dict[str, int]:
    """The sizes of a network, all of them whole numbers from 1."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise SettingError(
                f"{name}={size!r} was given; allowed is a whole number from 1; leave it out for "
                "the size of the paper"
            )
    return sizes


def build_language_model(spec: dict[str, Any]) -> LanguageModel:
    """The network that `spec` describes, with random weights.

    >>> build_language_model(create_language_model(50, embedding=4, hidden=8).spec).spec["words"]
    50
    """
    try:
        sizes = {name: spec[name] for name in ("words", "embedding", "hidden", "layers")}
        rates = Dropouts(**spec["dropouts"])
        return create_language_model(sizes.pop("words"), **sizes, dropouts=rates)
    except (KeyError, TypeError, SettingError) as error:
        raise ModelError(
            f"{spec!r:.80} does not describe a language model ({error}); allowed is the .spec of "
            "a LanguageModel; save the model again"
        ) from error
