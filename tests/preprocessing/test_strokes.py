"""What is no digit's strokes is refused with its own sentence, and strokes like it are not."""

import cv2
import numpy as np
import pytest

from digitcore.errors import BlankError
from digitcore.preprocessing import ink, normalisation


def located(grey):
    return normalisation.locate(ink.opened(grey))


def ring(blur):
    """A zero, 120 pixels high, out of focus by so many; dark on light."""
    zero = np.zeros((200, 200), np.float32)
    cv2.ellipse(zero, (100, 100), (42, 60), 0, 0, 360, 1.0, 14, cv2.LINE_AA)
    zero = cv2.GaussianBlur(zero, (0, 0), blur)
    return np.uint8(235 - 190 * zero / zero.max())


def glow(side=100):
    """A shadow that falls in from the lower side."""
    down, right = np.mgrid[:side, :side] / side
    return np.uint8(235 - 150 * np.exp(-20 * (right - 0.5) ** 2 - 6 * (down - 1) ** 2))


def clouds(seed, side=300):
    """Soft patches, a few of them dark."""
    field = np.random.default_rng(seed).normal(0, 1, (side, side)).astype(np.float32)
    field = cv2.GaussianBlur(field, (0, 0), side / 15)
    field = (field - field.min()) / np.ptp(field)
    return np.uint8(235 - 380 * np.clip(field - 0.5, 0, None))


@pytest.mark.parametrize("blur", [1, 3, 8])
def test_a_digit_out_of_focus_is_one(blur):
    x, y, w, h = located(ring(blur)).box
    assert x < 60 and y < 45 and x + w > 140 and y + h > 155


@pytest.mark.parametrize("grey", [glow(), clouds(9), clouds(34)])
def test_a_soft_shadow_is_no_digit(grey):
    with pytest.raises(BlankError, match="soft shades"):
        located(grey)


def test_a_patch_of_ink_is_no_digit():
    grey = np.full((200, 200), 235, np.uint8)
    cv2.circle(grey, (100, 100), 40, 30, -1)
    with pytest.raises(BlankError, match="dot or a blot"):
        located(grey)


def test_what_the_edge_cuts_off_is_no_digit_and_a_digit_that_reaches_the_edge_is():
    cut = np.full((200, 200), 235, np.uint8)
    cv2.ellipse(cut, (190, 100), (30, 45), 0, 0, 360, 30, 8)
    with pytest.raises(BlankError, match="cut off"):
        located(cut)
    tight = np.full((104, 70), 235, np.uint8)
    cv2.ellipse(tight, (35, 52), (30, 47), 0, 0, 360, 30, 10)
    assert located(tight).box


def test_a_dot_and_a_black_picture_are_no_digits():
    dot = np.full((200, 200), 235, np.uint8)
    dot[98:103, 98:103] = 30
    with pytest.raises(BlankError, match="Only a dot is here"):
        located(dot)
