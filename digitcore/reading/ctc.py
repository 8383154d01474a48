"""What a network trained with connectionist temporal classification says of a line (Graves et al. 2006).

    likeliest   frames -> the likeliest texts with their log-probabilities
    likelihood  the log-probability of one text
    places      the frames where its digits stand

Frames are log-probabilities (frames, classes + 1), the blank last. A text is a tuple of class numbers; each
stands for all ways to spread it over the frames, with blanks between, and between two of the same always.
"""

from __future__ import annotations

import math

import numpy as np

NEGLIGIBLE = -9.0
"""log-probability in a frame from which on a class is not followed there: e^-9 is a ten-thousandth, and a
text with it is no rival of the likeliest (`fusion.UNLIKELY`)."""

Text = tuple[int, ...]


def likeliest(frames: np.ndarray, beams: int = 12) -> list[tuple[Text, float]]:
    """Prefix beam search (Hannun et al. 2014): at most `beams` texts, the likeliest first."""
    blank = frames.shape[1] - 1
    # Of each text so far: log-probability of the ways that end with a blank, and with its last class.
    ends: dict[Text, tuple[float, float]] = {(): (0.0, -np.inf)}
    for frame in frames:
        candidates = [int(c) for c in np.flatnonzero(frame[:-1] > NEGLIGIBLE)]
        if not candidates:
            ends = {text: (_sum(*both) + float(frame[blank]), -np.inf) for text, both in ends.items()}
            continue
        found: dict[Text, list[float]] = {}
        price = frame.tolist()
        for text, (with_blank, with_class) in ends.items():
            both = _sum(with_blank, with_class)
            own = found.setdefault(text, [-np.inf, -np.inf])
            own[0] = _sum(own[0], both + price[blank])
            for label in candidates:
                longer = found.setdefault((*text, label), [-np.inf, -np.inf])
                if text and text[-1] == label:
                    own[1] = _sum(own[1], with_class + price[label])
                    longer[1] = _sum(longer[1], with_blank + price[label])
                else:
                    longer[1] = _sum(longer[1], both + price[label])
        best = sorted(found, key=lambda text: -_sum(*found[text]))[:beams]
        ends = {text: (found[text][0], found[text][1]) for text in best}
    return [(text, _sum(*both)) for text, both in sorted(ends.items(), key=lambda item: -_sum(*item[1]))]


def likelihood(frames: np.ndarray, text: Text) -> float:
    """log-probability of a text: all its ways together; -inf where it does not fit."""
    states, allowed = _states(frames, text)
    total = np.full(len(states), -np.inf)
    total[:2] = frames[0, states[:2]]
    for frame in frames[1:]:
        once = np.logaddexp(total, _shifted(total, 1))
        total = np.logaddexp(once, np.where(allowed, _shifted(total, 2), -np.inf)) + frame[states]
    return float(np.logaddexp.reduce(total[-2:]))


def places(frames: np.ndarray, text: Text) -> np.ndarray:
    """(n,) float: in the likeliest way of a text, the middle of the frames of each of its digits."""
    states, allowed = _states(frames, text)
    total = np.full(len(states), -np.inf)
    total[:2] = frames[0, states[:2]]
    back = np.zeros((len(frames), len(states)), int)
    for number, frame in enumerate(frames[1:], 1):
        ways = np.stack([total, _shifted(total, 1), np.where(allowed, _shifted(total, 2), -np.inf)])
        back[number] = ways.argmax(0)
        total = ways.max(0) + frame[states]
    at = len(states) - 1 - int(len(states) > 1 and total[-2] > total[-1])
    way = []
    for number in range(len(frames) - 1, -1, -1):
        way.append(at)
        at -= back[number, at]
    way = np.array(way[::-1])
    return np.array([np.flatnonzero(way == 2 * i + 1).mean() for i in range(len(text))])


def _states(frames: np.ndarray, text: Text) -> tuple[np.ndarray, np.ndarray]:
    """A text with blanks around its digits, and where two states may be taken at once."""
    blank = frames.shape[1] - 1
    states = np.full(2 * len(text) + 1, blank)
    states[1::2] = text
    allowed = np.zeros(len(states), bool)
    allowed[3::2] = states[3::2] != states[1:-2:2]
    return states, allowed


def _shifted(values: np.ndarray, by: int) -> np.ndarray:
    return np.concatenate([np.full(by, -np.inf), values[:-by]])[: len(values)]


def _sum(a: float, b: float) -> float:
    """log(e^a + e^b)."""
    if a < b:
        a, b = b, a
    return a if b == -np.inf else a + math.log1p(math.exp(b - a))
