"""A line's characters -> its digits: what the network is sure of stays, the rest is read again.

A character that the network is sure of stays as it is. The others, each with the characters close to it, form
knots. A knot is cut wherever a path crosses little ink (`cut_paths`), and every run of neighbouring pieces
that is no larger than a digit is shown to the network (`lattice`): broken digits come together, touching ones
apart. The whole knot is also shown to the line reader, which needs no cuts (`line_reader`), and both decide
together (`fusion`).

The numbers were chosen by hand on the development pages and on numbers composed of validation digits: `python
-m benchmarks.strings FOLDER` counts the misses of both. SURE and CLOSE, halved or doubled, change nothing in
100 numbers (`python -m benchmarks.constants`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from digitcore.networks.classifier import Answers
from digitcore.reading import fusion, second_look
from digitcore.reading.budget import Budget
from digitcore.reading.candidates import Inked, Piece, around, too_wide, whole_character
from digitcore.reading.knot import Knot, scale_of
from digitcore.reading.layout import Line
from digitcore.reading.line_reader import LineReader
from digitcore.reading.parts import Parts

SURE = 0.9
"""Probability x digitness from which a character of ordinary width is not taken apart."""

CLOSE = 0.3
"""Share of the line's height: the widest gap between characters that may be pieces of one digit."""

UNLIKELY = 2.0
"""Standard deviations: a character that is wider than usual by more is taken apart, however sure the network
is."""

TALL, LONG = 2.0, 300
"""Only above so many heights of a line does a knot's height count towards the budget, in proportion, and only
above so many columns, some fifteen digits, its own width: a text as long takes time by the square."""

BATCH = 256
"""About how many pieces the network is asked about at once."""

Asks = Callable[[np.ndarray], Answers]


def as_they_came(parts: Parts, lines: list[Line], budget: Budget) -> np.ndarray:
    """(n, 28, 28) float32: all lines' characters, none taken apart. Raises as the budget does."""
    made = []
    for character in (each for line in lines for each in line.characters):
        budget.take("pixels", character.box[2] * character.box[3])
        made.append(whole_character(parts, character)[1][1])
    return np.stack(made) if made else np.zeros((0, 28, 28), np.float32)


def read_lines(
    parts: Parts, lines: list[Line], ask: Asks, reader: LineReader | None = None
) -> list[list[Piece]]:
    """The pieces of each line from left to right. Raises as the parts' Budget does.

    ask: what a network says of pictures (n, 28, 28). reader: None to let the pieces decide alone.
    """
    budget = parts.budget
    budget.take("characters", sum(len(line.characters) for line in lines))
    whole = []
    for line in lines:
        whole.append([])
        for character in line.characters:
            budget.take("pixels", character.box[2] * character.box[3])
            whole[-1].append(whole_character(parts, character))
    asked = [(found, made) for line in whole for found, made in line]
    if not asked:
        return []
    answers = ask(np.stack([made[1] for _, made in asked]))
    pieces = iter(
        Piece(made[0], made[1], probabilities, float(digitness))
        for (_, made), probabilities, digitness in zip(
            asked, answers.probabilities, answers.digitness, strict=True
        )
    )
    found = [[next(pieces) for _ in line] for line in whole]
    runs = []
    for number, line in enumerate(lines):
        inks = [inked for inked, _ in whole[number]]
        otherwise = np.zeros(len(line.characters), bool)
        if reader:
            otherwise = second_look.otherwise(found[number], inks, line.height, reader)
        for start, stop in _doubtful(found[number], line, otherwise):
            budget.take("columns", _columns(inks[start:stop], line.height))
            runs.append((number, start, stop, inks[start:stop]))
    solved = _solved([(inks, lines[number].height) for number, *_, inks in runs], ask, budget, reader)
    for (number, start, stop, _), chosen in reversed(list(zip(runs, solved, strict=True))):
        found[number][start:stop] = chosen
    if reader:
        for number in sorted({number for number, *_ in runs}):
            budget.look()
            inks = [inked for inked, _ in whole[number]]
            found[number] = second_look.settled(found[number], inks, lines[number].height, reader)
    return found


def _columns(inks: list[Inked], height: float) -> int:
    """How many columns a knot of these characters counts for: more than it has where it is far taller than a
    line, or very long."""
    _, _, width, tall = around(inks)
    own = width / scale_of(height)
    return round(own * max(1.0, tall / height / TALL) * max(1.0, own / LONG))


def _doubtful(pieces: list[Piece], line: Line, otherwise: np.ndarray) -> list[tuple[int, int]]:
    """(start, stop) of each run of characters to take apart and put together again. otherwise: (n,) bool,
    which of the characters the line reader reads otherwise."""
    doubt = [
        other
        or piece.score < SURE
        or piece.box[3] < 0.5 * line.height
        or too_wide(piece.probabilities.argmax(), piece.box[2], piece.box[3]) > UNLIKELY
        for piece, other in zip(pieces, otherwise, strict=True)
    ]
    close = [
        after.box[0] - (before.box[0] + before.box[2]) < CLOSE * line.height
        for before, after in pairwise(pieces)
    ]
    runs, i = [], 0
    while i < len(pieces):
        if not doubt[i]:
            i += 1
            continue
        start, stop = i, i + 1
        if start and close[start - 1] and (not runs or runs[-1][1] < start):
            start -= 1
        while stop < len(pieces) and close[stop - 1] and (doubt[stop - 1] or doubt[stop]):
            stop += 1
        if runs and runs[-1][1] > start:
            start = runs.pop()[0]
        runs.append((start, stop))
        i = stop
    return runs


def _solved(
    runs: list[tuple[list[Inked], float]], ask: Asks, budget: Budget, reader: LineReader | None
) -> list[list[Piece]]:
    """The pieces of each run of characters; each run comes with the height of its line."""
    solved: list[list[Piece]] = []
    waiting: list[Knot] = []
    for inks, height in runs:
        waiting.append(Knot(inks, height, budget))
        if sum(len(each.runs) for each in waiting) >= BATCH:
            solved += _settled(waiting, ask, budget, reader)
            waiting = []
    return [*solved, *_settled(waiting, ask, budget, reader)]


def _settled(
    knots: list[Knot], ask: Asks, budget: Budget, reader: LineReader | None
) -> Iterator[list[Piece]]:
    """The pieces of each knot. The network is asked about all of them together, BATCH pictures at a time."""
    if not knots:
        return
    pictures = np.concatenate([knot.pictures for knot in knots])
    asked = []
    for start in range(0, len(pictures), BATCH):
        budget.look()
        asked.append(ask(pictures[start : start + BATCH]))
    probabilities = np.concatenate([answers.probabilities for answers in asked])
    digitness = np.concatenate([answers.digitness for answers in asked])
    start = 0
    for knot in knots:
        stop = start + len(knot.runs)
        answers = Answers(probabilities[start:stop], digitness[start:stop])
        if reader:
            budget.look()
            yield fusion.settled(knot, answers, reader.views(knot.ink, knot.height))
        else:
            yield fusion.pieces_alone(knot, answers)
        start = stop
