from __future__ import annotations

import torch
from factories import same
from gan_world import make_data, pictures

from tenfold.data.batches import Batches
from tenfold.data.noise import NoiseBatches, NoiseData


def test_a_pass_is_a_function_of_seed_epoch_and_batch() -> None:
    data = NoiseData(make_data(), latent=6)
    first, again = list(data.train), list(data.train)
    assert same(first, again) and len(first) == len(data.train) == 5
    assert same(list(data.train.starting_at(2)), first[2:])
    data.train.epoch = 1
    assert not same(list(data.train), first)
    noises = torch.cat([noise for noise, _ in first + list(data.train)]).flatten(1)
    assert len(noises.unique(dim=0)) == len(noises)


def test_the_pictures_are_those_of_the_data_and_its_epoch_is_left_alone() -> None:
    source = make_data()
    data = NoiseData(source, latent=6)
    data.train.epoch = 3
    assert source.train.epoch == 0
    wanted = [shown for shown, _ in source.train.at_epoch(3)]
    assert same([shown for _, shown in data.train], wanted)


def test_noise_is_normal_and_leaves_the_random_numbers() -> None:
    before = torch.get_rng_state()
    batches = NoiseBatches(Batches(pictures(400), batch_size=200), latent=50)
    noise = torch.cat([one for one, _ in batches])
    assert torch.equal(torch.get_rng_state(), before)
    assert noise.shape == (400, 50, 1, 1)
    assert abs(float(noise.mean())) < 0.03 and abs(float(noise.std()) - 1) < 0.03
