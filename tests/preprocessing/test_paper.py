"""The paper under the ink: its noise, its level and its fog."""

import cv2
import numpy as np
import pytest

from digitcore.errors import BlankError
from digitcore.preprocessing import noise, paper

INK, GROUND = 220, 30


def stroke(side):
    """A bar of ink on an even ground, ink bright: (side, side) uint8."""
    turned = np.full((side, side), GROUND, np.uint8)
    turned[side // 4 : -side // 4, side // 2 - side // 14 : side // 2 + side // 14] = INK
    return turned


def test_lone_specks_and_holes_of_a_small_picture_go_and_its_strokes_stay():
    clean = stroke(28)
    spoilt = clean.copy()
    rng = np.random.default_rng(0)
    spoilt[rng.random(spoilt.shape) < 0.03] = 255
    spoilt[rng.random(spoilt.shape) < 0.03] = 0
    assert np.abs(spoilt.astype(int) - clean).mean() > 8
    assert np.abs(noise.quiet(spoilt).astype(int) - clean).mean() < 3


def test_a_clean_picture_and_a_large_one_are_not_smoothed():
    clean, large = stroke(28), stroke(80)
    large[::5, ::5] = 255
    assert noise.quiet(clean) is clean
    assert noise.quiet(large) is large


def test_a_shadow_as_wide_as_no_stroke_is_ground():
    turned = np.full((160, 160), GROUND, np.uint8)
    turned[:, 70:] += 60
    turned[60:100, 20:26] = turned[60:100, 120:126] = INK
    above = paper.flatten(turned)
    assert above[:50, 90:].max() <= 5
    assert above[70, 22] == pytest.approx(INK - GROUND, abs=5)
    assert above[70, 122] == pytest.approx(INK - GROUND - 60, abs=5)


def test_the_levels_are_those_of_paper_and_ink_and_of_the_noise_between():
    rng = np.random.default_rng(1)
    above = rng.normal(20, 4, (100, 100)).astype(np.float32)
    above[40:60, 40:60] = 150
    found = paper.levels(above)
    assert found.paper == pytest.approx(20, abs=2)
    assert found.noise == pytest.approx(4, abs=1.5)
    assert found.ink == pytest.approx(150, abs=2)


@pytest.mark.parametrize(("strength", "is_blank"), [(4, True), (12, False)])
def test_pencil_a_little_darker_than_its_paper_is_ink(strength, is_blank):
    above = np.zeros((100, 100), np.float32)
    above[30:70, 45:55] = strength
    if is_blank:
        with pytest.raises(BlankError, match="even ground"):
            paper.levels(above)
    else:
        assert paper.levels(above).ink == strength


def test_noise_that_is_as_strong_as_any_stroke_is_called_noise():
    with pytest.raises(BlankError, match="only noise"):
        paper.levels(np.random.default_rng(0).integers(0, 60, (100, 100)).astype(np.uint8))


def test_fog_wider_than_the_strokes_is_taken_away():
    above = np.zeros((100, 100), np.float32)
    cv2.circle(above, (50, 50), 40, 60.0, cv2.FILLED)
    above[30:70, 48:52] = 200
    clear = paper.without_fog(above, paper.Levels(0.0, 0.0, 200.0))
    assert clear[50, 30] < 10
    assert clear[50, 50] > 130
    assert above[50, 30] == 60


def test_ground_is_known_to_be_even_just_where_the_opening_finds_it_even():
    rng = np.random.default_rng(1)
    seen = []
    for _ in range(150):
        drawing = np.zeros((120, 150), np.uint8)
        for _ in range(int(rng.integers(1, 5))):
            ends = [tuple(int(v) for v in rng.integers(35, 85, 2)) for _ in range(2)]
            cv2.line(drawing, *ends, 255, int(rng.integers(2, 60)))
        drawing[[0, -1]] = drawing[:, [0, -1]] = 0
        width = round(paper.WIDEST_STROKE * 150)
        opened = cv2.morphologyEx(drawing, cv2.MORPH_OPEN, np.ones((width, width), np.uint8))
        if paper._is_even(drawing):
            assert not opened.any()
        seen.append((paper._is_even(drawing), np.count_nonzero(drawing) >= width**2, bool(opened.any())))
    assert {(True, False, False), (True, True, False), (False, True, True)} <= set(seen)


def test_a_long_board_within_its_frame_is_ground():
    picture = np.full((200, 470), 10, np.uint8)
    picture[25:175, 25:445] = 60
    for left in range(80, 400, 80):
        picture[60:140, left : left + 12] = 220
    above = paper.flatten(picture)
    assert above[100, 50] < 10 and above[100, 85] > 140


def test_what_reaches_a_side_is_no_board_within_a_frame():
    picture = np.full((100, 200), 30, np.uint8)
    picture[30:, 68:132] = 100  # wider than a board is at least, narrower than other ground
    picture[50:80, 95:100] = 255
    assert paper._windows(paper.reduced(picture, paper.PAPER_SIDE).shape) == (56, 48)
    assert paper.flatten(picture)[60, 115] == pytest.approx(70, abs=5)
    picture[94:] = 30
    assert paper.flatten(picture)[60, 115] < 10
