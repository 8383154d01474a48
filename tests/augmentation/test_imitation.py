"""Redrawn digits: another hand and pen, damage, and MNIST's format afterwards."""

import cv2
import numpy as np
import pytest

from digitcore import datasets
from digitcore.augmentation import imitation
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.preprocessing import normalisation

RECIPE = Settings.for_architecture("digitnet")


@pytest.fixture(scope="module")
def digits():
    images, labels = datasets.load("mnist", "validation")
    return images[:200], labels[:200]


def imitate(digits, seed=3, **settings):
    chosen = Settings(recentre=1.0) if not settings else Settings(**settings)
    return imitation.imitate(*digits, chosen, np.random.default_rng(seed), imitation.fields(seed))


def recipe(digits, seed):
    return imitation.imitate(*digits, RECIPE, np.random.default_rng(seed), imitation.fields(seed))


def slope(picture):
    """How far the ink moves to the right from one row to the one above it."""
    moments = cv2.moments(picture)
    return -moments["mu11"] / moments["mu02"]


def test_the_same_seed_gives_the_same_pictures_and_another_gives_others(digits):
    first = recipe(digits, 3)
    assert (first == recipe(digits, 3)).all()
    assert (first != recipe(digits, 4)).any()
    assert first.dtype == np.uint8 and first.shape == (200, 28, 28)


def test_a_picture_that_is_only_boxed_stays_nearly_the_same(digits):
    images, _ = digits
    difference = np.abs(imitate(digits).astype(float) - images).mean() / 255
    assert difference < 0.04


def test_the_box_is_that_of_the_reading_pipeline(digits):
    drawn = imitate(digits, rotation=14.0, shear=0.3, stretch=0.5, pen=0.6, recentre=1.0)
    ready = np.stack([normalisation.read(picture).picture for picture in drawn])
    assert np.abs(ready * 255 - drawn).mean() < 5


def test_strokes_become_half_to_double_their_width(digits):
    thin, thick = (
        np.array([imitation.with_pen(cv2.resize(image, (42, 42)), amount).sum() for image in digits[0]])
        for amount in (-0.9, 0.99)
    )
    whole = np.array([cv2.resize(image, (42, 42)).sum() for image in digits[0]])
    assert 0.35 < np.median(thin / whole) < 0.75
    assert 1.6 < np.median(thick / whole) < 2.6
    assert (thin > 0).all()


def test_slants_go_both_ways_and_as_far_as_allowed(digits):
    images, _ = digits
    ones = np.repeat(images[digits[1] == 1][:1], 200, 0)
    upright = slope(ones[0])
    turned = [slope(p) - upright for p in imitate((ones, np.ones(200)), shear=0.3, recentre=1.0)]
    assert min(turned) < -0.2 and max(turned) > 0.2
    assert np.abs(turned).max() < 0.4


def test_european_strokes_are_given_to_1_3_7_and_9_alone(digits):
    _, labels = digits
    plain, crossed = imitate(digits), imitate(digits, european=1.0, recentre=1.0)
    changed = np.abs(plain.astype(int) - crossed).sum((1, 2)) > 0
    assert changed[np.isin(labels, (1, 3, 7, 9))].mean() > 0.9
    assert not changed[~np.isin(labels, (1, 3, 7, 9))].any()


def test_damage_harms_about_the_share_asked_for(digits):
    plain, harmed = imitate(digits), imitate(digits, damage=0.4, recentre=1.0)
    changed = (np.abs(plain.astype(int) - harmed).sum((1, 2)) > 0).mean()
    assert 0.25 < changed < 0.55


def test_mild_ones_are_moved_a_little_and_plain_ones_not_at_all(digits):
    images, _ = digits
    left = imitate(digits, recentre=1.0, shear=0.4, rotation=15.0, plain=0.4, mild=0.6)
    difference = np.abs(left.astype(int) - images).mean((1, 2)) / 255
    assert 0.3 < (difference == 0).mean() < 0.5
    assert difference.max() < 0.2


def test_drawn_ones_are_the_digits_of_their_labels_in_another_pen(digits):
    """The network that ships reads them."""
    images, labels = digits
    drawn = imitate(digits, recentre=1.0, drawn=1.0)
    assert (drawn != images).any((1, 2)).all()
    answers = model_store.load("digitnet").predict(drawn.astype(np.float32) / 255)
    assert (answers.argmax(1) == labels).mean() > 0.9
