"""Writing on: a language model's own text after yours, word by word."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tenfold.errors import ModelError, SettingError
from tenfold.models.awd_lstm import PADDING, LanguageModel
from tenfold.train.interrupts import Interrupts
from tenfold.train.state import kept_modes

__all__ = ["generate"]

_NEVER = [0, PADDING, 2, 3]  # unknown, padding, beginning and end of a text are nothing to read


@torch.no_grad()
def generate(
    model: Any,
    encoder: Any,
    prompt: str,
    *,
    words: int = 40,
    temperature: float = 0.75,
    top: int = 50,
    seed: int = 0,
) -> str:
    """`prompt` and `words` more words, drawn from the `top` likeliest.

    `temperature` below 1 keeps to likely words, above 1 dares more. The same seed writes the same
    text. A model that reads backwards writes what comes before the prompt.
    """
    _check(model, words=words, temperature=temperature, top=top)
    device = next(model.parameters()).device
    generator = torch.Generator().manual_seed(seed)
    written = encoder.rows([prompt])[0].tolist()
    with Interrupts() as interrupts, kept_modes(model), interrupts.raising():
        model.eval()
        encoded = model.encoder(torch.tensor([written], device=device))
        for _ in range(words):
            outputs = model.decode(encoded.outputs[-1])[0].float().cpu()
            written.append(_drawn(outputs / temperature, top, generator))
            new = torch.tensor([written[-1:]], device=device)
            encoded = model.encoder(new, encoded.state)
    return encoder.decode(written)


def _drawn(outputs: Tensor, top: int, generator: torch.Generator) -> int:
    outputs[_NEVER] = -torch.inf
    values, numbers = outputs.topk(min(top, len(outputs) - len(_NEVER)))
    return int(numbers[torch.multinomial(values.softmax(0), 1, generator=generator)])


def _check(model: Any, *, words: int, temperature: float, top: int) -> None:
    if not isinstance(model, LanguageModel):
        raise ModelError(
            f"{type(model).__name__} cannot write; only a language model can; make one with "
            "language_model_learner"
        )
    for name, value in (("words", words), ("top", top)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise SettingError(f"{name}={value!r} was given; allowed is 1 and above; try 40")
    if not 0 < temperature < float("inf"):
        raise SettingError(f"temperature={temperature!r} was given; allowed is above 0; try 0.75")
