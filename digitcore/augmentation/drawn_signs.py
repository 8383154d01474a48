"""Drawings that are neither digits nor letters, as a pen makes them, for `negatives`: faces, signs, hearts,
stars, arrows, stick men, rings with something in them, bars, brackets.

None of the following is drawn, because it is a digit or nearly one: an empty ring, or one with a stroke or a
dot in it (0); an upright bar, a caret, a thick exclamation mark (1); a lightning bolt (a 4 in one stroke); a
Z (2) and an S (5).
"""

from __future__ import annotations

import numpy as np

from digitcore.augmentation import pen
from digitcore.augmentation.pen import Stroke, ring

_WRITTEN = {
    "question mark": (
        "~0,.2 .25,0 .75,.02 .9,.25 .55,.5 .48,.72 | .48,.98",
        "~.05,.22 .4,0 .85,.2 .5,.48 .45,.7 | .45,1",
    ),
    "exclamation marks": (".35,0 .3,.7 | .3,1 | .75,0 .7,.7 | .7,1",),
    "plus": (".5,0 .5,1 | 0,.5 1,.5",),
    "times": ("0,0 1,1 | 1,0 0,1",),
    "equals": ("0,.3 1,.3 | 0,.7 1,.7",),
    "not equal": ("0,.3 1,.3 | 0,.7 1,.7 | .85,0 .15,1",),
    "three lines": ("0,.15 1,.15 | 0,.5 1,.5 | 0,.85 1,.85",),
    "divided by": ("0,.5 1,.5 | .5,.12 | .5,.88",),
    "percent": ("1,0 0,1 | ~.2,.05 .02,.2 .2,.36 .38,.2 .2,.05 | ~.8,.62 .62,.78 .8,.95 .98,.78 .8,.62",),
    "hash": (".35,0 .25,1 | .75,0 .65,1 | 0,.35 1,.3 | 0,.7 1,.65",),
    "asterisk": (".5,0 .5,1 | .05,.25 .95,.75 | .95,.25 .05,.75", ".5,0 .5,1 | 0,.5 1,.5 | .15,.15 .85,.85"),
    "ampersand": ("~1,1 .3,.35 .35,.05 .65,.05 .65,.3 .1,.65 .15,.95 .5,1 .95,.55",),
    "at": ("~.65,.35 .4,.35 .35,.6 .6,.65 .68,.35 .7,.65 .95,.6 .95,.2 .5,0 .05,.25 .05,.75 .45,1 .9,.92",),
    "euro": ("~.95,.15 .6,0 .2,.25 .2,.75 .6,1 .95,.85 | 0,.42 .7,.42 | 0,.6 .65,.6",),
    "less": ("1,0 0,.5 1,1",),
    "more": ("0,0 1,.5 0,1",),
    "tilde": ("~0,.6 .25,.35 .5,.5 .75,.65 1,.4", "~0,.35 .25,.2 .5,.3 .75,.4 1,.25 | 0,.75 1,.75"),
    "tick": ("0,.55 .35,1 1,0", "~0,.5 .2,.65 .35,1 | .35,1 1,0"),
    "square root": ("0,.55 .15,.5 .35,1 .55,0 1,0",),
    "infinity": ("~.5,.5 .25,.2 0,.5 .25,.8 .5,.5 .75,.2 1,.5 .75,.8 .5,.5",),
    "heart": (
        "~.5,.25 .3,0 0,.15 .05,.5 .5,1 | ~.5,.25 .7,0 1,.15 .95,.5 .5,1",
        "~.5,.3 .25,.02 .02,.25 .2,.65 .5,1 .8,.65 .98,.25 .75,.02 .5,.3",
    ),
    "star": (
        ".2,1 .5,0 .8,1 0,.38 1,.38 .2,1",
        ".5,0 .62,.35 1,.36 .7,.6 .8,1 .5,.76 .2,1 .3,.6 0,.36 .38,.35 .5,0",
    ),
    "arrow up": (".5,1 .5,0 | .1,.4 .5,0 .9,.4",),
    "arrow down": (".5,0 .5,1 | .1,.6 .5,1 .9,.6",),
    "arrow left": ("1,.5 0,.5 | .4,.15 0,.5 .4,.85",),
    "arrow right": ("0,.5 1,.5 | .6,.15 1,.5 .6,.85", "0,.35 .6,.35 .6,.1 1,.5 .6,.9 .6,.65 0,.65 0,.35"),
    "arrow both ways": ("0,.5 1,.5 | .25,.2 0,.5 .25,.8 | .75,.2 1,.5 .75,.8",),
    "arrow aslant": ("0,1 1,0 | .45,.05 1,0 .95,.55",),
    "house": ("0,1 0,.45 .5,0 1,.45 1,1 0,1", "0,1 0,.45 .5,0 1,.45 1,1 0,1 | .4,1 .4,.65 .65,.65 .65,1"),
    "triangle": (".5,0 1,1 0,1 .5,0", "0,0 1,0 .5,1 0,0"),
    "square": ("0,0 1,0 1,1 0,1 0,0",),
    "crossed square": (
        "0,0 1,0 1,1 0,1 0,0 | 0,0 1,1 | 1,0 0,1",
        "0,0 1,0 1,1 0,1 0,0 | .2,.5 .45,.8 1.1,-.1",
    ),
    "window": ("0,0 1,0 1,1 0,1 0,0 | .5,0 .5,1 | 0,.5 1,.5",),
    "lozenge": (".5,0 1,.5 .5,1 0,.5 .5,0",),
    "cross": (".5,0 .5,1 | .15,.3 .85,.3",),
    "flower": (
        "~.5,.3 .3,.05 .1,.25 .35,.35 .1,.5 .3,.65 .5,.42 .7,.65 .9,.5 .65,.35 .9,.2 .7,.02 .5,.3 |"
        " .5,.45 .5,1",
    ),
    "tree": (".5,1 .5,.6 | .1,.6 .5,0 .9,.6 .1,.6", ".5,1 .5,.3 | .5,.6 .15,.3 | .5,.5 .85,.15"),
    "fish": ("~1,.2 .6,.75 .25,.8 0,.5 .25,.2 .6,.25 1,.8 | 1,.2 1,.8",),
    "cloud": ("~.2,.8 0,.6 .2,.4 .35,.15 .6,.2 .75,.35 1,.5 .9,.8 .2,.8",),
    "cup": ("0,.1 .1,.95 .65,.95 .75,.1 0,.1 | ~.73,.3 1,.35 .95,.65 .68,.65",),
    "note": ("~.1,.85 .25,.72 .42,.85 .25,.98 .1,.85 | .42,.85 .42,0 .9,.15 .9,.75",),
    "key": ("~.3,.5 .15,.35 0,.5 .15,.65 .3,.5 | .3,.5 1,.5 1,.7 | .8,.5 .8,.65",),
    "dash": ("0,.5 1,.5",),
    "steps": ("0,1 0,.66 .33,.66 .33,.33 .66,.33 .66,0 1,0",),
    "comb": ("0,1 1,1 | .05,1 .05,.4 | .35,1 .35,.4 | .65,1 .65,.4 | .95,1 .95,.4",),
    "ladder": ("0,0 0,1 | 1,0 1,1 | 0,.2 1,.2 | 0,.5 1,.5 | 0,.8 1,.8",),
    "bars": (
        "0,0 0,1 | .5,0 .5,1 | 1,0 1,1",
        "0,0 0,1 | 1,0 1,1",
        "0,0 0,1 | .33,0 .33,1 | .66,0 .66,1 | 1,0 1,1 | -.1,.8 1.1,.2",
    ),
    "square brackets": ("1,0 0,0 0,1 1,1", "0,0 1,0 1,1 0,1", ".25,0 0,0 0,1 .25,1 | .75,0 1,0 1,1 .75,1"),
    "brackets": ("~.3,0 0,.3 0,.7 .3,1 | ~.7,0 1,.3 1,.7 .7,1",),
    "bent bracket": (
        "~1,0 .55,.05 .6,.4 .1,.5 .6,.6 .55,.95 1,1",
        "~0,0 .45,.05 .4,.4 .9,.5 .4,.6 .45,.95 0,1",
    ),
    "dots": (".1,.5 | .5,.5 | .9,.5", ".5,.2 | .5,.8", ".2,.5 | .8,.5", ".5,.15 | .15,.85 | .85,.85"),
    "quotation mark": (".3,0 .25,.5 | .75,0 .7,.5",),
    "angle": ("0,0 0,1 1,1", "0,0 1,0 | 0,0 0,1", ".8,0 0,1 1,1"),
    "waves": ("~0,.3 .17,.1 .33,.3 .5,.1 .67,.3 .83,.1 1,.3 | ~0,.8 .17,.6 .33,.8 .5,.6 .67,.8 .83,.6 1,.8",),
    "cat": (
        "0,.3 .1,0 .35,.2 .65,.2 .9,0 1,.3 | ~0,.3 .05,.8 .5,1 .95,.8 1,.3 | .3,.5 | .7,.5 | .4,.75 .6,.75",
    ),
}
_SIGNS = tuple(pen.strokes(text) for texts in _WRITTEN.values() for text in texts)

_MEN = tuple(
    pen.strokes(text)
    for text in (
        ".5,.3 .5,.65 | .5,.65 .2,1 | .5,.65 .8,1 | .15,.45 .85,.45",
        ".5,.3 .5,.65 | .2,1 .5,.65 .8,1 | .1,.25 .5,.45 .9,.25",
        ".5,.3 .5,.7 | .25,1 .5,.7 .75,1 | .2,.6 .5,.4 .8,.6",
        ".5,.3 .2,.75 .8,.75 .5,.3 | .35,.75 .35,1 | .65,.75 .65,1 | .1,.45 .9,.45",
    )
)

_INSIDE = tuple(
    pen.strokes(text)
    for text in (
        ".5,.25 .5,.75 | .25,.5 .75,.5",
        ".3,.3 .7,.7 | .7,.3 .3,.7",
        ".5,0 .5,1 | .5,.5 .15,.85 | .5,.5 .85,.85",
        ".3,.75 .5,.2 .7,.75 | .38,.55 .62,.55",
        "~.7,.32 .5,.25 .3,.45 .35,.65 .5,.72 .7,.65",
        ".3,.4 .7,.4 | .3,.6 .7,.6",
        ".5,.5 .5,.2 | .5,.5 .7,.55",
        ".35,.35 .65,.35 .65,.65 .35,.65 .35,.35",
        ".3,.5 .45,.7 .75,.3",
        ".35,.4 | .65,.4 | .5,.65",
        ".35,.3 .35,.7 | .65,.3 .65,.7",
    )
)


def draw(rng: np.random.Generator) -> np.ndarray:
    """A sign or an object, (56, 56) uint8, 0 paper."""
    kind = rng.random()
    if kind < 0.25:
        return pen.write(_face(rng), rng, (0.75, 1.15), 15.0)
    if kind < 0.33:
        return pen.write(_man(rng), rng, (0.4, 0.8))
    if kind < 0.43:
        ringed = (_around(rng), *_INSIDE[rng.integers(len(_INSIDE))])
        return pen.write(ringed, rng, (0.75, 1.15), 15.0)
    if kind < 0.48:
        return pen.write(_sun(rng), rng, (0.85, 1.1), 40.0)
    if kind < 0.52:
        return pen.write(_coil(rng), rng, (0.7, 1.2), 180.0)
    return pen.write(_SIGNS[rng.integers(len(_SIGNS))], rng, (0.5, 1.2))


def _around(rng) -> Stroke:
    """A ring round the whole box, closed or nearly closed."""
    return ring(0.5, 0.5, 0.5, 0.5, rng.uniform(-3, 0), rng.uniform(0.93, 1.06))


def _face(rng) -> tuple[Stroke, ...]:
    """A smiley: eyes as dots, strokes or rings; a mouth of any mood; sometimes a nose, hair or ears, or no
    outline of the head."""
    apart, high = rng.uniform(0.13, 0.24), rng.uniform(0.3, 0.42)
    drawn = [] if rng.random() < 0.08 else [_around(rng)]
    look = rng.integers(4)
    for side in (-1, 1):
        x = 0.5 + side * apart
        if look <= 1:
            drawn.append(Stroke(np.array([[x, high]])))
        elif look == 2:
            drawn.append(Stroke(np.array([[x, high - 0.06], [x, high + rng.uniform(0.03, 0.1)]])))
        else:
            drawn.append(ring(x, high, 0.07, 0.08))
    mood, wide, low = rng.choice((0.18, 0.1, 0.0, -0.12)), rng.uniform(0.16, 0.3), rng.uniform(0.62, 0.72)
    across = np.linspace(-1, 1, 5)
    bow = np.stack([0.5 + wide * across, low + mood * (0.6 - across**2)], 1)
    drawn.append(ring(0.5, low, 0.1, 0.1) if rng.random() < 0.1 else Stroke(bow, True))
    if rng.random() < 0.2:
        drawn.append(Stroke(np.array([[0.5, 0.42], [0.47, 0.55], [0.53, 0.56]])))
    if rng.random() < 0.12:
        drawn += [
            Stroke(np.array([[x, 0.05], [x + rng.uniform(-0.1, 0.1), -0.12]])) for x in (0.35, 0.5, 0.65)
        ]
    return tuple(drawn)


def _man(rng) -> tuple[Stroke, ...]:
    return (ring(0.5, 0.15, 0.16, 0.14), *_MEN[rng.integers(len(_MEN))])


def _sun(rng) -> tuple[Stroke, ...]:
    rays = int(rng.integers(5, 11))
    drawn = [ring(0.5, 0.5, 0.25, 0.25)]
    for angle in np.arange(rays) * 2 * np.pi / rays:
        towards = np.array([np.cos(angle), np.sin(angle)])
        drawn.append(Stroke(0.5 + np.stack([0.33 * towards, rng.uniform(0.45, 0.55) * towards])))
    return tuple(drawn)


def _coil(rng) -> tuple[Stroke, ...]:
    """A coil of two and a half turns or more: with fewer it would be close to a 6, a 9 or a 0."""
    angle = np.linspace(0, 2 * np.pi * rng.uniform(2.4, 4.0), 40) * rng.choice((-1, 1))
    away = np.linspace(0.04, 0.5, 40)
    return (Stroke(0.5 + np.stack([away * np.cos(angle), away * np.sin(angle)], 1), True),)
