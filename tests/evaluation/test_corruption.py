"""Corruption: one factor at a time, by a known amount, the same for the same seed."""

import cv2
import numpy as np
import pytest

from digitcore import datasets
from digitcore.evaluation.corruption import FACTORS, corrupt

DIGITS = datasets.load("mnist", "validation")[0][:24]
CHANCE = ("shift", "motion", "noise", "impulses", "stripes", "fog")


def bar(width, length=18):
    """An upright stroke in the middle of the picture."""
    image = np.zeros((1, 28, 28), np.uint8)
    left, top = 14 - width // 2, 14 - length // 2
    image[0, top : top + length, left : left + width] = 255
    return image


def centre(image):
    """(down, right), measured from the middle of the picture."""
    rows, columns = np.indices(image.shape)
    return np.array([(rows * image).sum(), (columns * image).sum()]) / image.sum() - 13.5


def pen_width(image):
    """Twice the mean distance of the strokes' middle line from their edge, in pixels."""
    ink = (cv2.resize(image, (280, 280), interpolation=cv2.INTER_CUBIC) > 127).astype(np.uint8)
    inside = cv2.distanceTransform(ink, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ridge = inside > np.maximum(cv2.dilate(inside, np.ones((3, 3))) - 0.6, 0)
    return (2 * inside[ridge].mean() - 1) / 10


@pytest.mark.parametrize("name", FACTORS)
def test_pictures_come_back_in_shape_and_type_at_every_level(name):
    for level in FACTORS[name].levels:
        changed = corrupt(DIGITS[:5], name, level)
        assert changed.shape == (5, 28, 28) and changed.dtype == np.uint8
        assert (changed == DIGITS[:5]).all() == (level == FACTORS[name].untouched)


@pytest.mark.parametrize("name", FACTORS)
def test_the_untouched_level_gives_a_copy(name):
    same = corrupt(DIGITS, name, FACTORS[name].untouched)
    assert (same == DIGITS).all() and not np.shares_memory(same, DIGITS)


@pytest.mark.parametrize("name", FACTORS)
def test_levels_ascend_and_one_of_them_is_untouched(name):
    factor = FACTORS[name]
    assert list(factor.levels) == sorted(set(factor.levels))
    assert factor.untouched in factor.levels


@pytest.mark.parametrize("name", FACTORS)
def test_each_step_away_from_untouched_changes_more(name):
    factor = FACTORS[name]
    far = [
        np.abs(corrupt(DIGITS, name, level).astype(float) - DIGITS).mean()
        for level in sorted(factor.levels, key=lambda level: abs(level - factor.untouched))
        if level >= factor.untouched or factor.levels[-1] == factor.untouched
    ]
    assert (np.diff(far) > 0).all()


@pytest.mark.parametrize("name", FACTORS)
def test_a_picture_depends_on_its_place_and_the_seed_alone(name):
    level = FACTORS[name].levels[0]
    level = FACTORS[name].levels[-1] if level == FACTORS[name].untouched else level
    many = corrupt(DIGITS, name, level, seed=1)
    assert (corrupt(DIGITS[:3], name, level, seed=1) == many[:3]).all()
    other = corrupt(DIGITS, name, level, seed=2)
    assert (other != many).any() == (name in CHANCE)


def test_a_positive_rotation_turns_counter_clockwise_by_its_degrees():
    top = np.zeros((1, 28, 28), np.uint8)
    top[0, 3:6, 13:15] = 255
    down, right = centre(corrupt(top, "rotation", 15)[0].astype(float))
    assert np.degrees(np.arctan2(-right, -down)) == pytest.approx(15, abs=1)
    assert np.hypot(down, right) == pytest.approx(9.5, abs=0.2)


def test_a_positive_slant_moves_the_top_to_the_right():
    changed = corrupt(bar(2), "shear", 15)[0].astype(float)
    upper, lower = centre(changed[:14]), centre(changed[14:])
    assert upper[1] - lower[1] == pytest.approx(9 * np.tan(np.deg2rad(15)), abs=0.2)


def test_a_size_of_half_halves_height_and_ink():
    changed = corrupt(bar(4, 20), "scale", 0.5)[0] > 127
    assert changed.any(1).sum() == pytest.approx(10, abs=1)
    assert changed.any(0).sum() == pytest.approx(2, abs=1)


def test_a_shift_goes_its_pixels_in_directions_of_all_kinds():
    moved = corrupt(np.repeat(bar(4, 12), 60, 0), "shift", 3)
    ways = np.array([centre(image.astype(float)) for image in moved]) - centre(bar(4, 12)[0].astype(float))
    assert np.abs(np.hypot(*ways.T) - 3).max() < 0.1
    assert (ways.max(0) > 2).all() and (ways.min(0) < -2).all()


@pytest.mark.parametrize("factor", [0.5, 0.75, 1.5, 2])
def test_a_pen_is_that_many_times_as_wide(factor):
    for width in (2, 4):
        across = corrupt(bar(width), "pen", factor)[0, 14].sum(dtype=float) / 255
        assert across == pytest.approx(factor * width, abs=0.2)
    before = np.array([pen_width(image) for image in DIGITS])
    after = np.array([pen_width(image) for image in corrupt(DIGITS, "pen", factor)])
    assert np.median(after / before) == pytest.approx(factor, rel=0.07)


def test_half_a_pen_leaves_thin_strokes_beside_thick_ones():
    both = bar(6)
    both[0, :, 24:26] = bar(2)[0, :, 13:15]
    thin = corrupt(both, "pen", 0.5)[0]
    assert thin[14, 22:].astype(float).sum() / 255 == pytest.approx(1, abs=0.3)
    assert thin[14, :20].astype(float).sum() / 255 == pytest.approx(3, abs=0.3)


def test_an_empty_picture_stays_empty_under_any_pen():
    assert not corrupt(np.zeros((1, 28, 28), np.uint8), "pen", 2).any()


def test_impulses_hit_their_share_of_the_pixels():
    grey = np.full((50, 28, 28), 100, np.uint8)
    changed = corrupt(grey, "impulses", 0.2)
    assert (changed != 100).mean() == pytest.approx(0.2, abs=0.01)
    assert set(np.unique(changed)) == {0, 100, 255}


def test_noise_has_its_sigma():
    changed = corrupt(np.full((50, 28, 28), 128, np.uint8), "noise", 0.1)
    assert changed.std() == pytest.approx(25.5, rel=0.03)


def test_contrast_keeps_paper_and_ink_that_far_apart():
    changed = corrupt(bar(4), "contrast", 0.2)
    assert int(changed.max()) - int(changed.min()) == pytest.approx(51, abs=1)


def test_no_pictures_give_no_pictures():
    assert corrupt(DIGITS[:0], "fog", 1).shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("images", "name", "level", "says"),
    [
        (DIGITS, "moon", 1, "name: expected one of rotation, shear"),
        (DIGITS, "rotation", 16, "level: rotation goes from -15 to 15, got 16"),
        (DIGITS[0], "rotation", 5, r"images: expected \(n, 28, 28\) uint8, got \(28, 28\) uint8"),
        (DIGITS / 255, "rotation", 5, r"expected \(n, 28, 28\) uint8, got \(24, 28, 28\) float64"),
    ],
)
def test_what_cannot_be_done_is_said(images, name, level, says):
    with pytest.raises(ValueError, match=says):
        corrupt(images, name, level)
