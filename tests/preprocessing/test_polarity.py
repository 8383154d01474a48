"""Which way round a picture is: ink darker than its ground, or lighter."""

import cv2
import numpy as np
import pytest

from digitcore.preprocessing.paper import halved
from digitcore.preprocessing.polarity import polarity_of

WAYS = "dark-on-light", "light-on-dark"


def seen(dark_on_light):
    """What is found in a picture that is dark on light, and in the same inverted."""
    return polarity_of(dark_on_light), polarity_of(255 - dark_on_light)


def test_a_digit_in_the_middle_leaves_rim_and_corners_to_its_paper():
    grey = np.full((100, 100), 230, np.uint8)
    cv2.putText(grey, "5", (30, 75), cv2.FONT_HERSHEY_SIMPLEX, 2.2, 20, 5)
    assert seen(grey) == WAYS


@pytest.mark.parametrize("share", [0.4, 0.6, 0.7])
def test_a_shadow_over_much_of_a_page_is_no_ink(share):
    """Half in shadow the page is dark, but its strokes are darker than the paper around them everywhere."""
    grey = np.full((200, 200), 230, np.uint8)
    grey[:, : round(200 * share)] = 90
    for x in range(20, 180, 24):
        cv2.line(grey, (x, 90), (x + 8, 130), 20, 4)
    assert seen(grey) == WAYS


def test_a_stretched_one_is_ink_between_pieces_of_paper():
    """More than half of such a bitmap is ink: only its being in one piece tells it from the paper."""
    glyph = np.zeros((16, 16), np.uint8)
    cv2.line(glyph, (4, 15), (11, 0), 255, 9)
    assert (glyph > 0).mean() > 0.5
    assert seen(255 - glyph) == WAYS


def test_a_shadow_full_of_digits_does_not_invert_its_page():
    """Half of a large page lies in shadow, and strokes cut the lit half into pieces."""
    page = np.full((1200, 1600), 235.0)
    page[:, 650:] = 120
    page = cv2.GaussianBlur(page, (0, 0), 60)
    for x in range(60, 1600, 130):
        for y in range(60, 1200, 120):
            cv2.ellipse(page, (x, y), (26, 40), 0, 0, 360, 30.0, 14)
    grey = page.astype(np.uint8)
    assert seen(halved(grey, 4)) == WAYS
