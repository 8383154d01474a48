"""One grey picture -> the 28x28 picture that the networks know, step by step.

    locate     grey picture -> ink on paper -> the box of the digit
    normalise  that box -> MNIST's own format

MNIST's format, as its authors describe it (http://yann.lecun.com/exdb/mnist/): ink bright on dark, the
digit scaled to fit a 20x20 box with its proportions kept, placed in 28x28 with its centre of mass in the
middle. Canvas, file, photograph and training set all come through here, and nothing here knows
where a picture is from.
"""

import contextlib
from dataclasses import dataclass, replace

import cv2
import numpy as np

from digitcore.errors import BlankError
from digitcore.preprocessing import blots, ruled_lines, strokes
from digitcore.preprocessing import ink as inks

WORKING_SIDE = 1024
"""Larger pictures are reduced to this long side first: a digit needs 20 pixels, not a thousand."""

QUICK_SIDE, ENOUGH = 192, 80
"""And first of all to this one, which is enough where the digit then has four times those 20 pixels: it is
read as well, and a drawing in half the time."""

SIDE = 28
BOX = 20
CENTRE = 14
"""Pixel index of the centre of mass: 14.00 ± 0.50 for each of MNIST's 60,000, always by whole pixels."""

THINNEST, PEN = 1.3, 1.7
"""Of 20x20, in pixels: strokes thinner than the first are widened to the second; MNIST's are 2 to 3 wide."""

POLARITIES = ("auto", "dark-on-light", "light-on-dark")

STEPS = {
    "ink": ("Ink", "Grey as it came"),
    "box": ("Box", "Whole picture"),
    "scale": ("20 × 20", "Stretched to 28 × 28"),
    "centre": ("Centred", "In the middle"),
}
"""What `read` can leave out, with its title in the strip where it is done and where it is not."""


@dataclass(frozen=True)
class Located:
    """What was found in a picture.

    grey: (h, w) uint8, at working size.  scale: working size / given size, at most 1.
    ink: (h, w) float32, 0 paper to 1 ink, debris removed.  polarity: "dark-on-light" or "light-on-dark".
    boxes: (x, y, w, h) of each digit, in pixels of `grey`. One, for now.
    """

    grey: np.ndarray
    ink: np.ndarray
    polarity: str
    boxes: tuple
    scale: float

    def box_in_picture(self, index=0):
        """(x, y, w, h) of a digit in pixels of the picture that came in."""
        return tuple(round(value / self.scale) for value in self.boxes[index])


@dataclass(frozen=True)
class Steps:
    """From a box to the picture: cropped (h, w), scaled (long side 20, if scaled), picture (28, 28); each
    float32, 0 to 1."""

    cropped: np.ndarray
    scaled: np.ndarray
    picture: np.ndarray


@dataclass(frozen=True)
class Reading:
    """One digit made ready. steps: five (title, array) in order, for a page to show: the picture as it came
    and what each of STEPS made of it, or left; the last is `picture`."""

    located: Located
    box: tuple
    picture: np.ndarray
    steps: tuple


def read(grey, polarity="auto", without=()):
    """The one digit in a grey picture, made into the picture that a network reads.

    grey: (h, w) uint8, as images.decode returns it.
    without: names of STEPS to leave out, to see what they are worth. Without "ink" the grey levels
    stay as they came (ground, shadows and all, and never inverted); without "box" the whole picture counts as
    the digit; without "scale" it is stretched to 28x28, whatever its proportions; without "centre" the middle
    of the box, not of the ink, goes to the middle.
    Raises BlankError where there is no digit, whatever is left out.
    """
    if unknown := set(without) - set(STEPS):
        raise ValueError(f"without: expected some of {', '.join(STEPS)}, got {', '.join(sorted(unknown))}")
    located = locate(grey, polarity)
    if "ink" in without:
        located = replace(located, ink=located.grey.astype(np.float32) / 255)
    if "box" in without:
        height, width = located.grey.shape
        located = replace(located, boxes=((0, 0, width, height),))
    box = located.boxes[0]
    steps = normalise(located.ink, box, without)
    titles = {step: names[step in without] for step, names in STEPS.items()}
    if "scale" in without:
        titles["centre"] = "Nothing left to centre"
    strip = (
        ("Picture", located.grey),
        (titles["ink"], located.ink),
        (titles["box"], _boxed(located.grey, box)),
        (titles["scale"], steps.scaled),
        (titles["centre"], steps.picture),
    )
    return Reading(located, box, steps.picture, strip)


def _boxed(grey, box):
    """The picture with a frame around the box, (h, w, 3) uint8."""
    x, y, w, h = box
    boxed = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    line = max(1, round(max(boxed.shape) / 150))
    height, width = grey.shape
    start = max(0, x - line), max(0, y - line)
    end = min(width, x + w + line) - 1, min(height, y + h + line) - 1
    cv2.rectangle(boxed, start, end, (230, 110, 0), line)
    return boxed


def locate(grey, polarity="auto"):
    """Find the ink and the box of the one digit.

    grey: (h, w) uint8. polarity: "auto", or one of the two when a person overrules the evidence.
    Returns Located. Raises BlankError, each with its own sentence, when the picture is empty, holds
    a dot only or is all ink.
    """
    if polarity not in POLARITIES:
        raise ValueError(f"polarity: expected one of {', '.join(POLARITIES)}, got {polarity!r}")
    if grey.ndim != 2 or grey.dtype != np.uint8 or grey.size == 0:
        raise ValueError(f"grey: expected (h, w) uint8, got {grey.shape} {grey.dtype}")
    if max(grey.shape) > QUICK_SIDE:
        with contextlib.suppress(BlankError):
            located = _locate_at(QUICK_SIDE, grey, polarity)
            if max(located.boxes[0][2:]) >= ENOUGH:
                return located
    return _locate_at(WORKING_SIDE, grey, polarity)


def _locate_at(side, grey, polarity):
    work = inks.reduced(grey, side)
    if polarity == "auto":
        polarity = inks.polarity_of(work)
    flat = inks.flatten(inks.quiet(work), polarity)
    levels = inks.levels(flat)
    above = inks.without_fog(flat, levels)
    if above is not flat:
        levels = inks.levels(above)
    levels = inks.unrest(above, levels)
    corners = above[[0, 0, -1, -1], [0, -1, 0, -1]]
    framed = bool((corners > (levels.paper + levels.ink) / 2).all())
    without = ruled_lines.without_lines(above, levels)
    if without is not above:
        above, levels = without, inks.levels(without)
    mask = strokes.digit_mask(above, levels)
    box = cv2.boundingRect(mask.view(np.uint8))
    blots.refuse(mask, box, above, levels, framed)
    strength = float(np.percentile(above[mask], 85))
    floor = levels.paper + 2 * levels.noise
    ink = np.clip((above - floor) / max(strength - floor, 1), 0, 1, dtype=np.float32) * mask
    return Located(work, ink, polarity, (_tight(ink, box),), max(work.shape) / max(grey.shape))


def _tight(ink, box):
    """The box without blur: each side moves in to where the ink reaches half of what it reaches one
    twentieth of the digit further in, which for a stroke blurred or enlarged is its edge. A picture of
    20 pixels or less keeps its box."""
    x, y, w, h = box
    reach = max(w, h) // BOX - 1
    if reach < 1:
        return box
    part = ink[y : y + h, x : x + w]
    down, right = part.max(1), part.max(0)
    top, bottom, left, right = (
        int(np.argmax(side >= side[: reach + 1].max() / 2)) for side in (down, down[::-1], right, right[::-1])
    )
    return x + left, y + top, w - left - right, h - top - bottom


def normalise(ink, box, without=()):
    """A box of ink -> MNIST's format.

    ink: (h, w) float32, 0 to 1. box: (x, y, w, h) in its pixels. without: as for `read`.
    Returns Steps.
    """
    x, y, w, h = box
    cropped = ink[y : y + h, x : x + w]
    if "scale" in without:
        scaled = _resized(cropped, (SIDE, SIDE))
        return Steps(cropped, scaled, scaled)
    scale = BOX / max(w, h)
    scaled = _resized(_by_a_wider_pen(cropped), (max(1, round(w * scale)), max(1, round(h * scale))))
    if "centre" in without:
        top, left = ((SIDE - side) // 2 for side in scaled.shape)
    else:
        top, left = _centred(scaled)
    picture = np.zeros((SIDE, SIDE), np.float32)
    picture[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return Steps(cropped, scaled, picture)


def _by_a_wider_pen(cropped):
    """The same strokes, widened where the pen was so thin that in 20x20 it would leave but a pale trace,
    thinner than any of MNIST's."""
    size = max(cropped.shape)
    if size < 2 * BOX:
        return cropped
    inside = (cropped > 0.5).view(np.uint8)
    area = int(cv2.countNonZero(inside))
    rim = area - int(cv2.countNonZero(cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=0)))
    width = 2 * area / max(rim, 1)
    if width * BOX >= THINNEST * size:
        return cropped
    more = round(PEN * size / BOX - width) + 1
    return cv2.dilate(cropped, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (more, more)))


def _resized(cropped, size):
    """A copy of that (width, height), by averaging where it shrinks."""
    if size == cropped.shape[::-1]:
        return cropped.copy()
    shrinks = max(size) < max(cropped.shape)
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.clip(cv2.resize(cropped, size, interpolation=method), 0, 1)


def _centred(scaled):
    """(top, left) in 28x28, whole pixels: centre of mass on pixel 14, never over the edge."""
    height, width = scaled.shape
    total = max(float(scaled.sum()), 1e-6)
    down = float(scaled.sum(1) @ np.arange(height)) / total
    right = float(scaled.sum(0) @ np.arange(width)) / total
    top = min(max(round(CENTRE - down), 0), SIDE - height)
    left = min(max(round(CENTRE - right), 0), SIDE - width)
    return top, left
