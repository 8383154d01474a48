"""Paths between touching digits cross little ink."""

import cv2
import numpy as np

from digitcore.reading import cut_paths


def test_touching_shapes_are_cut_where_they_touch():
    ink = np.zeros((24, 40), np.float32)
    cv2.circle(ink, (11, 12), 9, 1.0, 2)
    cv2.circle(ink, (29, 12), 9, 1.0, 2)
    paths = cut_paths.cuts(ink, 20)
    path, crossed = min(paths, key=lambda cut: abs(cut[0][12] - 20))
    assert abs(path[12] - 20) <= 2
    assert crossed < 0.5
    order = cut_paths.segments(ink.shape, [path])
    assert (order[:, :18] == 0).all()
    assert (order[:, 23:] == 1).all()


def test_what_is_all_ink_is_not_cut():
    assert cut_paths.cuts(np.ones((24, 40), np.float32), 20) == []


def test_a_path_leans_between_strokes_that_slant_over_each_other():
    ink = np.zeros((48, 80), np.float32)
    for x in (10, 22):
        cv2.line(ink, (x, 46), (x + 28, 1), 1.0, 4)
    assert ink.any(0)[10:50].all(), "no column is bare"
    paths = [path for path, crossed in cut_paths.cuts(ink, 48) if crossed < 0.05]
    assert any(12 < path[-1] < 20 and 40 < path[0] < 48 for path in paths)
