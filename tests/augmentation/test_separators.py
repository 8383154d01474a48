"""Marks between digits: drawn at their height, and passed over in the text of a line."""

import numpy as np

from digitcore import datasets
from digitcore.augmentation import composed_lines, separators


def test_every_mark_leaves_ink_and_another_seed_draws_others():
    drawn = [separators.draw(np.random.default_rng(seed)) for seed in range(200)]
    assert all(mark.shape == (28, 28) and mark.dtype == np.uint8 and (mark > 60).any() for mark in drawn)
    assert len({mark.tobytes() for mark in drawn}) > 190


def test_a_slash_is_taller_than_a_digit_and_leans():
    rng = np.random.default_rng(1)
    for _ in range(50):
        (stroke,) = separators._slash(rng, 2.0)
        (right, top), (left, bottom) = stroke
        assert top < separators.TOP and bottom > separators.BOTTOM and right - left >= 4


def test_a_mark_is_no_digit_of_its_line():
    images, labels = datasets.load("mnist", "train", 200)
    mark = separators.draw(np.random.default_rng(2))
    digits = np.stack([images[0], mark, images[1]])
    line = composed_lines.compose(
        digits, np.array([labels[0], composed_lines.NOTHING, labels[1]]), np.random.default_rng(3)
    )
    assert line.labels.tolist() == [labels[0], labels[1]] and len(line.middles) == 2


def test_a_dot_stays_on_the_line_beside_a_digit():
    tall = np.zeros((28, 28), np.uint8)
    tall[4:24, 12:16] = 255
    dot = np.zeros((28, 28), np.uint8)
    dot[21:24, 13:16] = 255
    labels = np.array([1, composed_lines.NOTHING, 1])
    lows = []
    for seed in range(40):
        line = composed_lines.compose(np.stack([tall, dot, tall]), labels, np.random.default_rng(seed))
        ink = line.picture > 100
        columns = np.flatnonzero(ink.any(0))
        gaps = np.flatnonzero(np.diff(columns) > 1)
        if len(gaps) == 2:
            part = ink[:, columns[gaps[0]] + 1 : columns[gaps[1]] + 1]
            rows, all_rows = np.flatnonzero(part.any(1)), np.flatnonzero(ink.any(1))
            lows.append((rows.mean() - all_rows[0]) / np.ptp(all_rows))
    assert len(lows) > 10 and np.mean(lows) > 0.75
