"""The ink of a picture is found once, and short ways give what the long ones give."""

import cv2
import numpy as np
import pytest

from benchmarks.support import papers
from digitcore import datasets
from digitcore.networks import model_store
from digitcore.preprocessing import ink, normalisation, paper, ruled_lines
from digitcore.reading import reader


@pytest.fixture(scope="module")
def digits():
    return datasets.load("mnist", "validation")[0]


def drawn(digit, side=280, part=200):
    page = np.full((side, side), 255, np.uint8)
    edge = (side - part) // 2
    large = cv2.resize(digit, (part, part), interpolation=cv2.INTER_CUBIC)
    page[edge : edge + part, edge : edge + part] = 255 - large
    return page


def photographs(digits, *kinds):
    rng = np.random.default_rng(0)
    for digit, kind in zip(digits, kinds, strict=False):
        yield cv2.cvtColor(papers.photograph(digit, kind, rng), cv2.COLOR_RGB2GRAY)


def test_each_map_is_made_once_whatever_the_picture_holds(digits, monkeypatch):
    made = []
    once = ink._map
    monkeypatch.setattr(ink, "_map", lambda *asked: made.append(asked[1]) or once(*asked))
    network = model_store.load(model_store.DEFAULT_MODEL)
    several = np.hstack([drawn(digit) for digit in digits[:3]])
    for picture, maps in ((drawn(digits[0]), [2]), (several, [4, 1]), (digits[0], [1])):
        made.clear()
        reader.find(picture, network)
        assert made == maps


def test_even_paper_is_seen_without_looking_for_its_level(digits, monkeypatch):
    turned = [255 - drawn(digit, 140, 80) for digit in digits[:20]]
    short = [paper.flatten(picture) for picture in turned]
    assert all(above.dtype == np.uint8 for above in short)
    monkeypatch.setattr(paper, "_is_even", lambda ink_up: False)
    for above, picture in zip(short, turned, strict=True):
        np.testing.assert_array_equal(above, paper.flatten(picture))


def test_a_shadow_is_not_taken_for_even_paper(digits):
    for picture in (
        *photographs(digits, "shadow", "gradient", "noise"),
        np.tile(np.arange(140, dtype=np.uint8), (140, 1)),
    ):
        assert paper.flatten(picture).dtype == np.float32


def test_fog_is_told_by_its_outline_as_by_its_grey_levels(digits):
    rng = np.random.default_rng(1)
    for digit in digits[:20]:
        fog = cv2.GaussianBlur(rng.uniform(0, 1, (120, 120)).astype(np.float32), (0, 0), 15)
        fog = (fog - fog.min()) / np.ptp(fog)
        turned = cv2.max((fog * 90 * rng.integers(2)).astype(np.uint8), 255 - drawn(digit, 120, 90))
        above = paper.flatten(turned)
        levels = paper.levels(above)
        clear = paper.without_fog(above, levels)
        strong = (above > levels.paper + 0.5 * levels.contrast).view(np.uint8)
        width = round(1.2 * 2 * cv2.distanceTransform(strong, cv2.DIST_L2, 3).max() + 3) | 1
        if width > 0.35 * 120:
            continue
        window = np.ones((width, width), np.uint8)
        ground = cv2.morphologyEx(above.astype(np.float32), cv2.MORPH_OPEN, window) - levels.paper
        foggy = (ground > paper.FOGGED * levels.contrast).mean() >= paper.UNEVEN
        assert (clear is not above) == foggy
        if foggy:
            np.testing.assert_allclose(clear, above - np.maximum(ground, 0), atol=1e-4)


def test_no_ink_at_a_side_is_no_line_and_a_line_is_found(digits):
    clean = drawn(digits[0]).astype(np.float32)
    turned = 255 - clean
    levels = paper.levels(turned)
    assert ruled_lines.without_lines(turned, levels) is turned
    ruled = turned.copy()
    cv2.line(ruled, (0, 250), (279, 246), 120.0, 2)
    assert np.abs(ruled_lines.without_lines(ruled, levels) - turned).mean() < 1


def test_a_large_picture_is_kept_no_larger_than_a_page_needs(digits):
    page = cv2.resize(drawn(digits[0]), (4000, 3000))
    opened = ink.opened(page)
    assert max(opened.turned.shape) == ink.FULL_SIDE
    assert opened.quick.grey.shape == (300, 400)
    assert opened.quick.scale == pytest.approx(0.1)
    assert opened.full.grey.shape == (1200, 1600)
    one = normalisation.locate(opened)
    assert one.scale == pytest.approx(0.1)


def test_a_percentile_is_numpys():
    rng = np.random.default_rng(2)
    for n in (1, 2, 3, 10, 1001):
        values = rng.normal(size=n).astype(np.float32)
        for percent in (0, 50, 85, 100):
            assert ink.percentile(values, percent) == pytest.approx(np.percentile(values, percent), abs=1e-6)


def test_a_stroke_s_full_strength_is_that_of_most_of_it_and_noise_of_the_paper_is_none():
    levels = paper.Levels(10.0, 5.0, 110.0)
    above = np.full((20, 20), 18, np.float32)
    strokes = np.zeros((20, 20), bool)
    strokes[5:15, 8:12] = True
    above[strokes] = 110
    above[5, 8:12] = 255  # where the pen rested
    found = ink.strengths(above, levels, strokes)
    assert found[~strokes].max() == 0
    assert found[strokes].min() == 1


def test_ink_in_one_piece_is_labelled_as_any_other(monkeypatch):
    rng = np.random.default_rng(0)
    alone = 0
    for number in range(120):
        above = np.zeros(tuple(rng.integers(20, 60, 2)), np.float32)
        for _ in range(1 + number % 3):
            x, y = (int(rng.integers(side)) for side in above.shape[::-1])
            cv2.circle(above, (x, y), int(rng.integers(1, 18)), 200, int(rng.choice([-1, 1, 3])))
        found = ink.components(above, 100)
        with monkeypatch.context() as patch:
            patch.setattr(ink, "OUTLINED", 0)
            expected = ink.components(above, 100)
        assert found[0] == expected[0]
        for mine, theirs in zip(found[1:], expected[1:], strict=True):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)
        alone += len(found[2]) == 2
    assert 30 < alone < 120
    one = np.zeros((40, 40), np.float32)
    cv2.circle(one, (20, 20), 12, 200, 2)
    monkeypatch.setattr(ink.cv2, "connectedComponentsWithStats", None)
    assert len(ink.components(one, 100)[2]) == 2


def test_the_ground_of_a_drawing_is_beyond_doubt_and_that_of_a_page_half_in_shadow_is_not(digits):
    assert ink.opened(drawn(digits[0])).is_certain
    page = drawn(digits[0])
    page[:, : page.shape[1] // 2] //= 2
    assert not ink.opened(page).is_certain
    framed = np.zeros((100, 100), np.uint8)
    framed[5:-5, 5:-5] = 255
    assert not ink.opened(framed, "light-on-dark").is_certain
