"""The nursery: the same bytes from the same seed, true masks, and arguments that are checked."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tenfold.data.samples import (
    SPECIES_NAMES,
    seedling_masks,
    seedling_pairs,
    seedlings,
    write_seedlings,
)
from tenfold.data.samples._damage import DAMAGES, damage
from tenfold.data.samples._scene import draw_photo, draw_tray
from tenfold.errors import SettingError

SMALL = {"pictures": 60, "size": 16}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_same_seed_draws_the_same_bytes():
    first, second = draw_photo(3, [5, 1], 48), draw_photo(3, [5, 1], 48)
    assert first.image.tobytes() == second.image.tobytes()
    assert first.mask.tobytes() == second.mask.tobytes()


def test_another_seed_draws_another_picture():
    first, second = draw_photo(3, 0, 48).image.astype(int), draw_photo(3, 1, 48).image
    assert np.abs(first - second).mean() > 5


@pytest.mark.parametrize("size", [16, 33, 96, 200])
def test_any_size_can_be_drawn(size):
    photo = draw_photo(0, 0, size)
    assert photo.image.shape == (size, size, 3) and photo.image.dtype == np.uint8
    assert photo.mask.shape == (size, size) and photo.mask.dtype == np.uint8


def test_one_seed_is_one_scene_at_every_size():
    small, large = draw_photo(7, 4, 64).mask, draw_photo(7, 4, 192).mask
    assert (small == large[1::3, 1::3]).mean() > 0.97


@pytest.mark.parametrize("species", range(12), ids=SPECIES_NAMES)
def test_the_mask_lies_where_the_plant_is_green(species):
    greener = []
    for seed in range(6):
        photo = draw_photo(species, [8, seed], 64)
        red, green, blue = photo.image.astype(float).transpose(2, 0, 1)
        excess = 2 * green - red - blue
        plant = photo.mask == species + 1
        assert set(np.unique(photo.mask)) == {0, species + 1}
        greener.append(excess[plant].mean() - excess[~plant].mean())
    assert np.median(greener) > 10


def test_a_box_is_the_frame_of_its_plant():
    photo = draw_photo(4, 2, 64)
    box = photo.boxes[0]
    rows, columns = np.nonzero(photo.mask)
    assert (box.left, box.right) == (columns.min(), columns.max() + 1)
    assert (box.top, box.bottom, box.species) == (rows.min(), rows.max() + 1, 4)


def test_a_tray_shows_every_species_that_was_planted():
    tray = draw_tray([0, 4, 7, 11], 3, 96)
    assert set(np.unique(tray.mask)) == {0, 1, 5, 8, 12}
    assert [box.species for box in tray.boxes] == [0, 4, 7, 11]


def test_every_species_is_in_both_parts():
    for part in ("train", "valid"):
        assert set(seedling_masks(**SMALL, part=part).targets) == set(range(12))


def test_a_trays_labels_are_the_species_in_its_mask():
    drawn = seedling_masks(**SMALL, kind="trays")
    assert drawn.targets.shape == (48, 12) and drawn.targets.dtype == np.float32
    for mask, target in zip(drawn.masks, drawn.targets, strict=True):
        assert set(np.flatnonzero(target) + 1) == set(np.unique(mask)) - {0}


def test_more_pictures_begin_with_the_same_ones():
    few, many = seedling_masks(60, 16), seedling_masks(70, 16)
    assert np.array_equal(few.images, many.images[: len(few.images)])


def test_pairs_hold_the_clean_pictures_and_damaged_ones():
    degraded, clean = seedling_pairs(**SMALL)
    assert np.array_equal(clean, seedling_masks(**SMALL).images)
    assert degraded.shape == clean.shape and degraded.dtype == np.uint8
    assert all((bad != good).any() for bad, good in zip(degraded, clean, strict=True))


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_comes_from_its_generator(kind):
    image = draw_photo(0, 0, 48).image
    first, again = (damage(image, kind, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(first, again) and (first != image).mean() > 0.2


def test_kept_pictures_are_used(cache):
    seedling_masks(**SMALL)
    file = next(cache.glob("seedlings-*.npz"))
    painted = dict(np.load(file))
    painted["images"][:] = 7
    np.savez(file, **painted)
    assert (seedling_masks(**SMALL).images == 7).all()


@pytest.mark.parametrize("damaged", [b"", b"not a file of arrays", None])
def test_a_damaged_file_is_drawn_again(cache, damaged):
    images = seedling_masks(**SMALL).images
    file = next(cache.glob("seedlings-*.npz"))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damaged is None else damaged)
    assert np.array_equal(seedling_masks(**SMALL).images, images)
    assert file.read_bytes() == whole
    assert [path.name for path in cache.iterdir()] == [file.name]


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(cache):
    cache.mkdir()
    (cache / "seedlings-v1-photos-train-48-16-0.npz").mkdir()
    assert seedling_masks(**SMALL).images.shape == (48, 16, 16, 3)


def test_photos_are_single_label_data():
    data = seedlings(**SMALL, batch_size=12)
    inputs, targets = next(iter(data.valid))
    assert data.classes == list(SPECIES_NAMES)
    assert inputs.shape == (12, 3, 16, 16) and inputs.dtype == torch.float32
    assert targets.tolist() == list(range(12))


def test_trays_are_multi_label_data():
    data = seedlings(**SMALL, kind="trays", augment=None)
    _, targets = next(iter(data.valid))
    assert targets.shape == (12, 12) and set(targets.unique().tolist()) == {0.0, 1.0}


def test_files_are_written_by_part_and_class(tmp_path):
    folder = write_seedlings(tmp_path / "plants", 60, size=16)
    assert {path.name for path in folder.iterdir()} == {"train", "valid"}
    for part, count in (("train", 48), ("valid", 12)):
        assert sorted(path.name for path in (folder / part).iterdir()) == list(SPECIES_NAMES)
        assert len([path for path in (folder / part).rglob("*") if path.is_file()]) == count


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "photo"}, "kind='photo'; use one of photos and trays; did you mean \"photos\""),
        ({"part": "test"}, "part='test'; use one of train and valid"),
        ({"size": 8}, "size=8; give a whole number from 16 to 2048"),
        ({"size": 20.5}, "size=20.5; give a whole number"),
        ({"seed": -1}, "seed=-1; give a whole number from 0"),
        ({"valid": 1.0}, "valid=1.0; it is a part between 0 and 1"),
        ({"pictures": 0}, "pictures=0; give a whole number from 1"),
        ({"pictures": 30}, "gives 24 for training and 6 pictures for validation; each needs at "
                           "least 12, one of every species; use pictures=60 or more"),
    ],
)  # fmt: skip
def test_arguments_out_of_range_are_refused(arguments, words, cache):
    with pytest.raises(SettingError) as error:
        seedling_masks(**{**SMALL, **arguments})
    assert words in str(error.value)
    assert not cache.exists()


def test_unknown_damage_is_refused():
    with pytest.raises(SettingError, match=r"damages='blurr'; use one of .*did you mean .blur."):
        seedling_pairs(**SMALL, damages=["blurr"])
    with pytest.raises(SettingError, match="damages is empty; give one or more of noise, blur"):
        seedling_pairs(**SMALL, damages=[])


def test_the_front_of_the_room_knows_only_its_names():
    from tenfold.data import samples

    assert "seedlings" in dir(samples)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        samples.nothing  # noqa: B018
