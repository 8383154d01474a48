"""Which digit a student is asked to draw next, so that the class set has as many of each."""

from __future__ import annotations

from collections.abc import Sequence


def next_digit(ours: Sequence[int], mine: Sequence[int], number: int, students: int) -> int:
    """The digit that is missed most, 0 to 9.

    ours, mine: how many drawings of each digit the class has, and how many of them are the student's. number:
    the student's, 1, 2, 3 …; students: how many there are.

    A student draws each digit once before one comes again, unless the class has a gap: what it has for each
    student counts twice as much as what the student has. Where several are missed alike, each student begins
    with another digit; a whole class that is asked for the same one fills no gap, it makes nine.
    """
    return min(range(10), key=lambda digit: (mine[digit] / 2 + ours[digit] / students, (digit - number) % 10))
