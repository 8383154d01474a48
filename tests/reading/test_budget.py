"""Reading ends where a picture would take too much, in a sentence, and where nobody waits for it."""

import cv2
import numpy as np
import pytest

from digitcore.errors import Abandoned, TooMuchError, UnreadError
from digitcore.preprocessing.ink import opened
from digitcore.reading import batch, reader, taken_apart
from digitcore.reading.budget import LIMITS, Budget, Limits
from digitcore.reading.parts import parts_of
from tests.reading.sheets import page


class Counts:
    """A clock that goes on by one with each look at it, and counts them."""

    def __init__(self):
        self.now = 0

    def __call__(self):
        self.now += 1
        return self.now


def bars(n, step=12, height=60):
    """n strokes side by side."""
    paper = np.full((height + 40, step * n + 40), 255, np.uint8)
    for x in range(20, 20 + step * n, step):
        paper[20 : 20 + height, x : x + 3] = 0
    return paper


def frames(n, step=4):
    """Angles within angles."""
    side = 2 * n * step + 40
    paper = np.full((side, side), 255, np.uint8)
    for edge in range(10, 10 + n * step, step):
        corners = np.array([(edge, edge), (edge, side - edge), (side - edge, side - edge)])
        cv2.polylines(paper, [corners], False, 0, 1)
    return paper


def noughts(n):
    """n noughts that touch one another."""
    paper = np.full((100, 40 + 36 * n), 255, np.uint8)
    for place in range(n):
        cv2.ellipse(paper, (38 + 36 * place, 50), (18, 27), 0, 0, 360, 0, 4, cv2.LINE_AA)
    return paper


@pytest.mark.parametrize(
    ("grey", "limits", "says"),
    [
        (bars(40), Limits(marks=30), "more than the 30 marks"),
        (bars(40), Limits(characters=30), "more than the 30 characters"),
        (noughts(40), Limits(columns=200), "touch one another"),
        (noughts(40), Limits(pieces=50), "touch one another"),
        (noughts(40), Limits(rows=20), "touch one another"),
        (frames(30), Limits(area=100_000), "around one another"),
        (bars(40), Limits(pixels=5_000), "around one another"),
    ],
)
def test_each_limit_has_its_sentence(grey, limits, says, network):
    with pytest.raises(TooMuchError, match=f"{says}.*crop to the digits"):
        reader.find(grey, network, budget=Budget(limits=limits))


def test_a_page_of_a_hundred_digits_is_far_within_the_limits(clear, network):
    tenth = Limits(**{name: most // 2 for name, most in vars(LIMITS).items()})
    grey = page(clear, ["0123456789"] * 10)
    assert len(reader.read(grey, network, budget=Budget(limits=tenth))) == 100


@pytest.mark.parametrize("grey", [noughts(40), bars(110), frames(120)])
def test_what_is_known_to_be_too_much_is_not_begun(grey, network):
    asked = []

    class Counted:
        def __getattr__(self, name):
            return getattr(network, name)

        def answer(self, pictures):
            asked.append(len(pictures))
            return network.answer(pictures)

    few = Limits(marks=100, characters=50, columns=500, rows=500, pieces=200, area=10**6, pixels=10**6)
    with pytest.raises(TooMuchError):
        reader.find(grey, Counted(), budget=Budget(limits=few))
    assert sum(asked) <= 50 + 200


def test_time_ends_it_on_the_clock_that_is_given(clear, network):
    clock = Counts()
    with pytest.raises(TooMuchError, match="crop to the digits"):
        reader.find(page(clear, ["2026"] * 3), network, budget=Budget(clock=clock, seconds=3))
    assert clock.now <= 6


def test_a_reading_that_nobody_waits_for_ends(clear, network):
    looks = []

    def gone():
        looks.append(1)
        return len(looks) > 2

    grey = page(clear, ["2026"] * 3)
    with pytest.raises(Abandoned):
        reader.find(grey, network, budget=Budget(gone))
    assert len(looks) == 3
    items = [(f"{n}.png", cv2.imencode(".png", grey)[1].tobytes()) for n in range(5)]
    looks.clear()
    with pytest.raises(Abandoned):
        list(batch.read_pictures(items, network, stop=gone))


def test_a_step_that_fails_costs_its_picture_alone_and_is_logged(clear, network, monkeypatch, caplog):
    pictures = [page(clear, ["7"]), page(clear, ["2026"])]
    broken = parts_of

    def fails(inks, budget=None):
        if inks.grey.shape[1] > 200:
            raise ZeroDivisionError
        return broken(inks, budget)

    monkeypatch.setattr(taken_apart, "parts_of", fails)
    items = [(f"{n}.png", cv2.imencode(".png", grey)[1].tobytes()) for n, grey in enumerate(pictures)]
    first, second = batch.read_pictures(items, network)
    assert first.text == "7" and first.error is None
    assert "a fault of ours (ZeroDivisionError)" in second.error
    assert "Traceback" in caplog.text
    with pytest.raises(UnreadError):
        reader.read(pictures[1], network)


def test_a_budget_is_of_one_picture():
    budget = Budget(limits=Limits(pieces=10))
    budget.take("pieces", 6)
    with pytest.raises(TooMuchError):
        budget.take("pieces", 6)
    Budget(limits=Limits(pieces=10)).take("pieces", 6)
    assert parts_of(opened(bars(5)).full, Budget()).writing.sum() == 5
