"""Augmentation: what a hand and a pen do, from one seed, within the stated ranges."""

import numpy as np

from digitcore import datasets
from digitcore.augmentation.moves import augment
from digitcore.networks.settings import Settings


def rng():
    return np.random.default_rng(3)


def dot(row=14, column=14):
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, row - 1 : row + 2, column - 1 : column + 2] = 255
    return image


def centre(image):
    rows, columns = np.indices(image.shape)
    return np.array([(rows * image).sum(), (columns * image).sum()]) / image.sum()


def test_nothing_asked_for_changes_nothing():
    images, _ = datasets.load("mnist", "validation")
    assert (augment(images[:50], Settings(), rng()) == images[:50]).all()


def test_the_same_seed_gives_the_same_pictures_and_another_gives_others():
    images, _ = datasets.load("mnist", "validation")
    settings = Settings.for_architecture("deeper-cnn")
    first = augment(images[:50], settings, rng())
    assert (first == augment(images[:50], settings, rng())).all()
    assert (first != augment(images[:50], settings, np.random.default_rng(4))).any()
    assert first.dtype == np.uint8


def test_a_shift_stays_within_its_pixels():
    moved = augment(np.repeat(dot(), 300, 0), Settings(shift=3.0), rng())
    offsets = np.array([centre(image.astype(float)) for image in moved]) - centre(dot()[0].astype(float))
    assert np.abs(offsets).max() <= 3.05
    assert np.abs(offsets).max() > 2.5


def test_a_rotation_turns_about_the_middle_and_within_its_degrees():
    turned = augment(np.repeat(dot(row=4), 300, 0), Settings(rotation=20.0), rng())
    spots = np.array([centre(image.astype(float)) for image in turned]) - 13.5
    angles = np.degrees(np.arctan2(spots[:, 1] - 0.0, -spots[:, 0]))
    radii = np.hypot(*spots.T)
    assert np.abs(radii - radii.mean()).max() < 0.3
    assert 17 < np.ptp(angles) / 2 <= 21


def test_thickness_makes_some_pens_bolder_and_some_finer_and_leaves_the_rest():
    images, _ = datasets.load("mnist", "validation")
    images = images[:300]
    ink = augment(images, Settings(thickness=0.5), rng()).sum((1, 2), dtype=float) / images.sum(
        (1, 2), dtype=float
    )
    assert 0.4 < (ink == 1.0).mean() < 0.6
    assert (ink > 1.02).any() and (ink < 0.98).any()
    assert ink.min() > 0.3
