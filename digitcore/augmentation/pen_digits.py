"""Digits written stroke by stroke with a pen, as on a screen, in the ways that Europe and America teach.

They keep a network that learns from drawn signs and letters (`negatives`) from concluding that whatever looks
drawn is not a digit, and they bring forms that MNIST hardly has: a 1 whose upstroke is nearly as long as its
stem, a 7 with a bar, a 9 that ends in a curl, a 4 that stays wide open.
"""

from __future__ import annotations

import numpy as np

from digitcore.augmentation import pen

_WRITTEN = {
    0: (
        "~.5,0 .1,.2 0,.55 .15,.9 .5,1 .85,.85 1,.5 .85,.15 .5,0",
        "~.3,.08 .05,.35 .1,.8 .5,1 .9,.7 .85,.2 .45,-.02",
        "~.6,.02 .2,.15 0,.6 .3,.98 .75,.9 1,.45 .8,.08 .5,.03 .35,.12",
    ),
    1: (
        ".5,0 .5,1",
        "0,.4 .6,0 .6,1",
        ".1,.3 .55,0 .55,1 | .15,1 .95,1",
        "0,.6 .75,0 .75,1",
        "0,.95 .6,0 .75,1",
        "0,.8 .7,0 .6,1",
        ".1,.1 .5,0 .5,1 | .2,1 .8,1",
        "~.1,.35 .35,.2 .6,0 | .6,0 .6,1",
    ),
    2: (
        "~.05,.25 .3,.02 .75,.05 .9,.3 .6,.65 0,1 | 0,1 1,1",
        "~.05,.2 .4,0 .85,.15 .8,.45 .3,.85 .1,.95 .15,.75 .4,.85 .7,1 1,.9",
        "~.05,.25 .3,.02 .75,.05 .9,.3 .6,.65 0,1 .5,.93 1,1",
    ),
    3: (
        "~.05,.15 .4,0 .85,.1 .85,.35 .4,.48 .85,.6 .95,.82 .5,1 .05,.88",
        "0,0 .9,0 .4,.4 | ~.4,.4 .85,.5 .95,.78 .6,1 .05,.92",
    ),
    4: (
        ".3,0 0,.6 1,.6 | .75,.3 .75,1",
        ".1,0 .1,.5 .95,.5 | .9,0 .9,1",
        ".7,1 .7,0 0,.68 1,.68",
        "~.1,0 .05,.35 .3,.5 .9,.45 | .95,.05 .85,1",
        ".5,0 0,.55 .9,.5 | .75,.3 .45,1",
        ".55,0 .1,.55 .8,.5 .45,1",
    ),
    5: (
        ".9,0 .15,0 .1,.45 | ~.1,.45 .55,.35 .95,.55 .9,.85 .5,1 0,.9",
        ".15,.05 .1,.45 | ~.1,.45 .55,.35 .95,.55 .9,.85 .5,1 0,.9 | .15,.05 .95,.02",
        "~.95,0 .2,.05 .1,.4 .6,.4 .95,.65 .75,.95 .35,1 0,.9",
    ),
    6: (
        "~.75,0 .3,.2 .05,.6 .15,.92 .5,1 .9,.85 .85,.6 .5,.5 .1,.7",
        "~.45,0 .15,.35 .05,.75 .4,1 .85,.9 .8,.62 .4,.58 .1,.75",
    ),
    7: (
        "0,0 1,0 .35,1",
        "0,0 1,0 .4,1 | .3,.5 .95,.5",
        "0,.15 0,0 1,0 .5,1 | .35,.52 .95,.48",
        "~0,.1 .1,0 .5,.08 1,0 .65,.45 .5,1",
        "~0,.12 .15,0 .5,.06 1,0 .65,.45 .5,1 | .35,.5 .95,.45",
        "0,.25 .05,.02 .9,.06 .45,1 | .1,.5 1,.45",
        "~0,.2 .1,.05 .5,.12 .95,.02 .6,.5 .4,1 | .15,.55 1,.5",
    ),
    8: (
        "~.8,.12 .4,0 .1,.2 .35,.42 .8,.65 .85,.9 .45,1 .1,.85 .25,.6 .75,.35 .8,.12",
        "~.5,.48 .12,.3 .3,.02 .75,.05 .85,.3 .5,.48 .05,.7 .2,.97 .75,.98 .95,.72 .5,.48",
    ),
    9: (
        "~.85,.25 .5,0 .1,.15 .1,.42 .5,.5 .85,.25 | .87,.1 .8,1",
        "~.88,.25 .5,0 .1,.18 .15,.45 .55,.5 .88,.2 .85,.65 .6,.95 .2,1 .02,.88",
        "~.9,.15 .5,0 .1,.15 .12,.42 .5,.5 .9,.2 .9,.7 .65,1 .1,.95",
    ),
}
_DIGITS = {label: tuple(pen.strokes(text) for text in texts) for label, texts in _WRITTEN.items()}

_SLIM = 0.15, 0.6
_USUAL = 0.45, 0.95


def ways(label: int) -> tuple[list[np.ndarray], ...]:
    """The ways of writing a digit with a steady hand: for each its strokes, (n, 2) float, points right and
    down in a box from 0 to 1."""
    return tuple([pen.line(stroke) for stroke in strokes] for strokes in _DIGITS[label])


def draw(label: int, rng: np.random.Generator, pen_width: float | None = None) -> np.ndarray:
    """The digit `label`, (56, 56) uint8, 0 paper. pen_width: as `pen.write`'s pen."""
    ways = _DIGITS[label]
    wide = _SLIM if label == 1 else _USUAL
    return pen.write(ways[rng.integers(len(ways))], rng, wide, turn=8.0, unsteady=0.03, pen=pen_width)
