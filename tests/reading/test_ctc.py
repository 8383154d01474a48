"""CTC decoding against all the ways there are, counted out on small frames."""

import itertools

import numpy as np
import pytest

from digitcore.reading import ctc

CLASSES, FRAMES = 3, 5


def text_of(way):
    """Repeats count once, then blanks go."""
    kept = [label for label, _ in itertools.groupby(way)]
    return tuple(label for label in kept if label != CLASSES)


@pytest.fixture(params=range(3))
def frames(request):
    scores = np.random.default_rng(request.param).normal(0, 1.5, (FRAMES, CLASSES + 1))
    return scores - np.logaddexp.reduce(scores, 1)[:, None]


@pytest.fixture
def counted(frames):
    """{text: log-probability}, all ways summed."""
    total = {}
    for way in itertools.product(range(CLASSES + 1), repeat=FRAMES):
        price = sum(frames[i, label] for i, label in enumerate(way))
        total[text_of(way)] = np.logaddexp(total.get(text_of(way), -np.inf), price)
    return total


def test_a_text_is_as_likely_as_all_its_ways_together(frames, counted):
    texts = list(counted)
    for text, together in zip(texts, ctc.likelihoods(frames, texts), strict=True):
        assert together == pytest.approx(counted[text])
        assert ctc.likelihoods(frames, [text])[0] == pytest.approx(counted[text])


def test_a_text_that_does_not_fit_is_impossible(frames):
    assert ctc.likelihoods(frames, [(1, 1, 1, 1)])[0] == -np.inf


def test_the_likeliest_texts_come_first(frames, counted):
    found = ctc.likeliest(frames, beams=1000)
    expected = sorted(counted, key=lambda text: -counted[text])
    assert [text for text, _ in found][:5] == expected[:5]
    for text, likely in found[:5]:
        assert likely == pytest.approx(counted[text])


def test_a_narrow_search_keeps_the_best(frames, counted):
    ((text, _),) = ctc.likeliest(frames, beams=4)[:1]
    assert counted[text] == max(counted.values())


def peaked(way):
    frames = np.full((len(way), 11), -20.0)
    frames[np.arange(len(way)), way] = -1e-6
    return frames


def test_digits_stand_where_their_frames_are():
    way = [10, 10, 4, 4, 10, 4, 10, 7, 7, 7]
    assert ctc.likeliest(peaked(way))[0][0] == (4, 4, 7)
    found = ctc.places(peaked(way), [(4, 7), (4, 4, 7)])
    assert found[1].tolist() == [2.5, 5, 8]
    assert len(found[0]) == 2 and found[0][1] == 8


def test_bare_paper_has_no_text():
    assert ctc.likeliest(peaked([10] * 6))[0][0] == ()
