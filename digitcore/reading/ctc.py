"""What a network trained with connectionist temporal classification says of a line (Graves et al. 2006).

    likeliest   frames -> the likeliest texts with their log-probabilities
    likelihoods the log-probability of each of some texts
    places      the frames at which the digits of each text stand

Frames are log-probabilities (frames, classes + 1), the blank last. A text is a tuple of class numbers. It
stands for all ways to spread it over the frames, with blanks in between; between two equal digits there is
always a blank.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NEGLIGIBLE = -9.0
"""Log-probability at or below which a class is not followed in a frame: e^-9 is a ten-thousandth, and a text
that needs it cannot rival the likeliest one (`fusion.UNLIKELY`)."""

Text = tuple[int, ...]


def likeliest(frames: np.ndarray, beams: int = 12) -> list[tuple[Text, float]]:
    """Prefix beam search (Hannun et al. 2014) over frames (n, classes + 1): at most `beams` texts, the
    likeliest first."""
    blank = frames.shape[1] - 1
    tree = _Texts()
    # For each text so far: its number in the tree, the number of the text that it extends, its last class,
    # and the log-probabilities of the ways that end with a blank and of those that end with the last class.
    node, parent, last = np.array([0]), np.array([-1]), np.array([-1])
    with_blank, with_class = np.zeros(1), np.full(1, -np.inf)
    for frame in frames.astype(np.float64):
        followed = np.flatnonzero(frame[:-1] > NEGLIGIBLE)
        both = np.logaddexp(with_blank, with_class)
        if not len(followed):
            with_blank, with_class = both + frame[blank], np.full(len(node), -np.inf)
            continue
        again = last[:, None] == followed
        own = with_class + np.where(again.any(1), frame[last], -np.inf)
        longer = np.where(again, with_blank[:, None], both[:, None]) + frame[followed]
        # A text extended by one class may be among the texts already.
        columns = np.full(blank + 1, -1)
        columns[followed] = np.arange(len(followed))
        at, before = np.nonzero((parent[:, None] == node) & (columns[last] >= 0)[:, None])
        column = columns[last[at]]
        own[at] = np.logaddexp(own[at], longer[before, column])
        longer[before, column] = -np.inf
        total = np.concatenate([np.logaddexp(both + frame[blank], own), longer.ravel()])
        best = np.argsort(-total, kind="stable")[:beams]
        best = best[total[best] > -np.inf]
        kept, added = best[best < len(node)], best[best >= len(node)] - len(node)
        start, column = np.divmod(added, len(followed))
        parent = np.concatenate([parent[kept], node[start]])
        new = [
            tree.longer(int(text), int(label))
            for text, label in zip(node[start], followed[column], strict=True)
        ]
        node = np.concatenate([node[kept], np.array(new, int)])
        last = np.concatenate([last[kept], followed[column]])
        with_blank = np.concatenate([(both + frame[blank])[kept], np.full(len(added), -np.inf)])
        with_class = np.concatenate([own[kept], longer.ravel()[added]])
    both = np.logaddexp(with_blank, with_class)
    return [(tree.text(int(node[i])), float(both[i])) for i in np.argsort(-both, kind="stable")]


class _Texts:
    """Texts by number: each is the text that it extends and one more class; 0 is the empty text."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int]] = [(-1, -1)]
        self._numbers: dict[tuple[int, int], int] = {}

    def longer(self, text: int, label: int) -> int:
        """The number of a text with one more class."""
        number = self._numbers.setdefault((text, label), len(self._steps))
        if number == len(self._steps):
            self._steps.append((text, label))
        return number

    def text(self, number: int) -> Text:
        found = []
        while number:
            number, label = self._steps[number]
            found.append(label)
        return tuple(reversed(found))


def likelihoods(frames: np.ndarray, texts: Sequence[Text]) -> np.ndarray:
    """(n,) float64: the log-probability of each text, summed over all its ways; -inf where the frames are too
    few."""
    if not texts:
        return np.zeros(0)
    states, allowed, last = _states(frames, texts)
    total = np.full(states.shape, -np.inf)
    total[:, :2] = frames[0, states[:, :2]]
    for frame in frames[1:]:
        once = np.logaddexp(total, _shifted(total, 1))
        total = np.logaddexp(once, np.where(allowed, _shifted(total, 2), -np.inf)) + frame[states]
    rows = np.arange(len(texts))
    return np.logaddexp(total[rows, last], np.where(last > 0, total[rows, last - 1], -np.inf))


def places(frames: np.ndarray, texts: Sequence[Text]) -> list[np.ndarray]:
    """For each text, (length,) float: the middle of each digit's frames on the text's likeliest way."""
    if not texts:
        return []
    states, allowed, last = _states(frames, texts)
    total = np.full(states.shape, -np.inf)
    total[:, :2] = frames[0, states[:, :2]]
    back = np.zeros((len(frames), *states.shape), np.int8)
    for number, frame in enumerate(frames[1:], 1):
        ways = np.stack([total, _shifted(total, 1), np.where(allowed, _shifted(total, 2), -np.inf)])
        back[number] = ways.argmax(0)
        total = ways.max(0) + frame[states]
    rows = np.arange(len(texts))
    at = last - ((last > 0) & (total[rows, last - 1] > total[rows, last]))
    way = np.empty((len(frames), len(texts)), int)
    for number in range(len(frames) - 1, -1, -1):
        way[number] = at
        at = at - back[number, rows, at]
    return [
        np.array([np.flatnonzero(way[:, row] == 2 * i + 1).mean() for i in range(len(text))])
        for row, text in enumerate(texts)
    ]


def _states(frames: np.ndarray, texts: Sequence[Text]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each text's digits with blanks around them, padded with blanks to one length (n, states); bool of the
    same shape, whether a state may follow the one two before it; and each text's last state (n,)."""
    blank = frames.shape[1] - 1
    states = np.full((len(texts), 2 * max(map(len, texts)) + 1), blank)
    for row, text in enumerate(texts):
        states[row, 1 : 2 * len(text) : 2] = text
    allowed = np.zeros(states.shape, bool)
    allowed[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    return states, allowed, np.array([2 * len(text) for text in texts])


def _shifted(values: np.ndarray, by: int) -> np.ndarray:
    """Each row of values (n, states) moved to the right by some places, filled with -inf at the left."""
    moved = np.full(values.shape, -np.inf)
    moved[:, by:] = values[:, : values.shape[1] - by] if values.shape[1] > by else -np.inf
    return moved
