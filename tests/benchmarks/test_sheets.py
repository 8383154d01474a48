"""The pages and drawings that reading is measured on."""

import numpy as np
import pytest

from benchmarks.support import pen, sheets
from benchmarks.support.glyphs import STYLES


@pytest.fixture
def digits():
    """Thirty bars, three of each label: what the digits look like does not matter here."""
    images = np.zeros((30, 28, 28), np.uint8)
    images[:, 4:24, 10:18] = 255
    return images, np.arange(30) % 10


@pytest.mark.parametrize("kind", sheets.KINDS)
def test_a_seed_makes_the_same_page_again_with_its_text(kind, digits):
    picture, truth, layout = sheets.make(kind, *digits, np.random.default_rng(3))
    again, same, _ = sheets.make(kind, *digits, np.random.default_rng(3))
    assert (picture == again).all()
    assert truth == same
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert any(c.isdigit() for c in truth)
    assert set(truth) <= set("0123456789/,")
    assert ("," in truth) <= (layout == "grid")


def test_an_ink_as_bright_as_its_ground_is_hardly_seen_in_grey(digits):
    picture = sheets.make("equal brightness", *digits, np.random.default_rng(1))[0].astype(float)
    grey = picture @ (0.299, 0.587, 0.114)
    assert np.ptp(np.percentile(grey, (5, 95))) < 30
    assert max(np.ptp(np.percentile(picture[..., i], (5, 95))) for i in range(3)) > 30


def test_a_pair_overlaps_as_much_as_asked():
    widths = []
    for gap in (0.0, -0.18):
        rng = np.random.default_rng(0)
        picture = pen.pair("0", "8", gap, pen.Hand(0, 1, 0, 0.1), STYLES[0], 100, rng)
        widths.append(np.ptp(np.flatnonzero((picture < 128).any(0))))
    assert 8 <= widths[0] - widths[1] <= 14  # 0.18 of an 8 that is some 65 pixels wide


@pytest.mark.parametrize("kind", pen.NONE)
def test_a_drawing_of_no_digit_has_ink_and_room(kind):
    picture = pen.none(kind, np.random.default_rng(5))
    assert picture.shape == (280, 280)
    assert 0.001 < (picture < 128).mean() < 0.5


def test_every_style_has_ten_digits():
    for style in STYLES:
        assert sorted(style) == list("0123456789")
