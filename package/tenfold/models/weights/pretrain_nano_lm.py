"""Train the weights of nano_lm: an AWD-LSTM on film reviews and encyclopedia text.

    TENFOLD_DATA=shared/data python -m tenfold.models.weights.pretrain_nano_lm nano_lm.safetensors

The text is IMDB's unlabelled reviews (Maas et al. 2011, no label is seen, and none of its labelled
reviews) and the test part of WikiText-2 (Merity et al. 2016, arXiv:1609.07843); its validation part
and every hundredth review are held out to say how good the model is. Words are written as
`tenfold.data.tokens` does. Dropout is a tenth of the paper's: a net this small underfits. The loss
of a step is over the words of its batch and a sample of the others, which doubles the speed; the
perplexity at the end is over all.

The file holds bfloat16 weights, and in its header the vocabulary and the sizes; with `--steps` it
is a trial that stops early. The weights are saved every `--save-every` steps.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pandas
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from tenfold.data.ragged import Ragged
from tenfold.data.streams import Streams
from tenfold.data.tokens import WordTokenizer
from tenfold.models.awd_lstm import Dropouts, LanguageModel, create_language_model
from tenfold.techniques.sampled_words import sampled_loss

HELD_OUT = 100  # one review of so many
LARGEST = 8_000_000  # bytes of the file
SAMPLED = 1000  # words that stand for those which are not in a batch


def read_texts(data: Path, *, most: int | None) -> tuple[list[str], list[str]]:
    """Texts to train on and texts held out."""
    with gzip.open(data / "imdb" / "unsup.csv.gz", "rt", encoding="utf-8") as file:
        reviews = pandas.read_csv(file, nrows=most)["text"].dropna().astype(str).tolist()
    articles = {part: _articles(data / "wikitext2" / f"{part}.txt") for part in ("test", "valid")}
    train = [text for number, text in enumerate(reviews) if number % HELD_OUT]
    return [*train, *articles["test"][:most]], [*reviews[::HELD_OUT], *articles["valid"][:most]]


def _articles(file: Path) -> list[str]:
    """The articles of a WikiText file: a title stands between single equals signs."""
    articles: list[list[str]] = []
    for line in file.read_text("utf-8").splitlines():
        words = line.replace(" @-@ ", "-").replace(" @,@ ", ",").replace(" @.@ ", ".").strip()
        if words.startswith("= ") and not words.startswith("= ="):
            articles.append([])
        elif words and not words.startswith("=") and articles:
            articles[-1].append(words.replace("<unk>", "xxunk"))
    return ["\n".join(lines) for lines in articles if lines]


def train(model: LanguageModel, rows: Ragged, arguments: argparse.Namespace) -> Iterator[int]:
    """One cycle of the rate over all epochs; gives the number of each step that was made."""
    device = torch.device(arguments.device)
    streams = Streams(
        rows, batch_size=arguments.batch, length=arguments.length, shuffle=True, device=device
    )
    total = len(streams) * arguments.epochs
    optimizer = torch.optim.AdamW(
        model.parameters(), arguments.rate, betas=(0.8, 0.99), weight_decay=0.01, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, arguments.rate, total_steps=total, pct_start=0.1, cycle_momentum=False
    )
    began, step, shown = time.time(), 0, 0.0
    for epoch in range(arguments.epochs):
        for (words, first), following in streams.at_epoch(epoch):
            shown += _step(model, words, first, following, optimizer)
            schedule.step()
            step += 1
            if step % 100 == 0:
                speed = step * arguments.batch * arguments.length / (time.time() - began)
                print(f"{step} of {total} loss {shown / 100:.4f}, {speed:,.0f} words/s", flush=True)
                shown = 0.0
            yield step


def _step(
    model: LanguageModel,
    words: Tensor,
    first: bool,
    following: Tensor,
    optimizer: torch.optim.Optimizer,
) -> float:
    with torch.autocast(words.device.type, torch.bfloat16):
        loss = sampled_loss(model, model.read(words, first), following, count=SAMPLED)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())


@torch.inference_mode()
def perplexity(model: LanguageModel, rows: Ragged, device: str) -> float:
    """e to the mean loss of the held-out words, those that are unknown included."""
    model.eval()
    total, count = 0.0, 0
    for (words, first), following in Streams(rows, batch_size=32, device=torch.device(device)):
        loss = functional.cross_entropy(model(words, first), following, reduction="sum")
        total, count = total + float(loss), count + len(following)
    model.train()
    return math.exp(total / count)


def save_weights(model: LanguageModel, vocab: list[str], file: Path) -> None:
    """Weights as bfloat16; the words and the sizes in the header."""
    state = {name: value.bfloat16().contiguous() for name, value in model.state_dict().items()}
    part = file.with_suffix(".part")
    save_file(state, part, metadata={"spec": json.dumps(model.spec), "vocab": json.dumps(vocab)})
    if part.stat().st_size > LARGEST:
        part.unlink()
        raise SystemExit(f"the file would be larger than {LARGEST:,} bytes; take fewer --words")
    os.replace(part, file)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the weights of nano_lm.")
    parser.add_argument("save", type=Path, help="the safetensors file to write")
    numbers = {
        "words": 12_000, "embedding": 160, "hidden": 320, "layers": 3, "epochs": 3, "batch": 32,
        "length": 72, "save-every": 1000,
    }  # fmt: skip
    for name, value in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--dropout", type=float, default=0.1, help="a factor on the paper's rates")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--steps", type=int, help="stop after so many: a trial")
    parser.add_argument("--texts", type=int, help="reviews and articles to read: a trial")
    arguments = parser.parse_args()
    texts, held = read_texts(Path(os.environ["TENFOLD_DATA"]), most=arguments.texts)
    tokenizer, rows = WordTokenizer.learn(texts, most=arguments.words)
    sizes = {name: getattr(arguments, name) for name in ("embedding", "hidden", "layers")}
    rates = Dropouts().times(arguments.dropout)
    model = create_language_model(len(tokenizer.vocab), **sizes, dropouts=rates)
    model.to(arguments.device).train()
    print(f"{len(texts):,} texts, {len(rows.flat):,} words, {len(tokenizer.vocab):,} different")
    for step in train(model, rows, arguments):
        if step % arguments.save_every == 0:
            save_weights(model, tokenizer.vocab, arguments.save)
        if step == arguments.steps:
            break
    save_weights(model, tokenizer.vocab, arguments.save)
    unseen = perplexity(model, tokenizer.encode(held), arguments.device)
    print(f"perplexity of held-out text {unseen:.1f}, {arguments.save.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
