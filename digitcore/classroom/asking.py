"""What a student is asked to draw next, so that the class set has equally many of each symbol."""

from __future__ import annotations

from collections.abc import Sequence


def next_label(ours: Sequence[int], mine: Sequence[int], number: int, students: int) -> int:
    """The label of the symbol, such as a digit, of which the class set needs another drawing most.

    ours, mine: how many drawings of each symbol the class has, and how many of them are the student's.
    number: the student's number, 1, 2, 3 …; students: how many there are.

    A student draws each symbol once before any comes again, unless the class lacks one: the class's drawings
    per student count twice as much as the student's own. If several are needed equally, each student begins
    with a different one; asking the whole class for the same one would leave gaps at all others.
    """
    count = len(ours)
    return min(
        range(count), key=lambda label: (mine[label] / 2 + ours[label] / students, (label - number) % count)
    )
