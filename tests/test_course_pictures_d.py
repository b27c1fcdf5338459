"""The picture of what a language model guesses."""

from __future__ import annotations

import pytest
import torch

from tenfold import TextData, language_model_learner
from tenfold.course.pictures import next_words


def test_the_likeliest_words_are_those_of_the_model_in_order() -> None:
    data = TextData.from_texts(["the cat sat", "the dog ran"] * 20, batch_size=4)
    learn = language_model_learner(data, pretrained=False, quiet=True)
    learn.model.train()
    picture = next_words(learn, "the cat", most=3)
    assert learn.model.training, "looking changes no mode"
    learn.model.eval()
    words = torch.as_tensor(data.encoder.rows(["the cat"])[0])[None]
    chances = learn.model(words)[0].softmax(0)
    best = [data.vocab[number] for number in chances.argsort(descending=True)[:3].tolist()]
    told = [part.rsplit(" ", 2)[0] for part in picture.words.split(": ")[1].split(", ")]
    assert told == best
    bars = picture.figure.axes[0].patches
    drawn = [bar.get_width() / 100 for bar in bars]
    assert drawn == pytest.approx(chances.sort(descending=True).values[:3].tolist())
