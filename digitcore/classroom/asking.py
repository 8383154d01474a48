"""Which digit a student is asked to draw next, so that the class set has equally many of each."""

from __future__ import annotations

from collections.abc import Sequence


def next_digit(ours: Sequence[int], mine: Sequence[int], number: int, students: int) -> int:
    """The digit, 0 to 9, of which the class set needs another one most.

    ours, mine: how many drawings of each digit the class has, and how many of them are the student's. number:
    the student's number, 1, 2, 3 …; students: how many there are.

    A student draws each digit once before any comes again, unless the class lacks one: the class's drawings
    per student count twice as much as the student's own. If several are needed equally, each student begins
    with a different digit; asking the whole class for the same one would leave nine gaps.
    """
    return min(range(10), key=lambda digit: (mine[digit] / 2 + ours[digit] / students, (digit - number) % 10))
