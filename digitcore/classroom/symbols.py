"""What a class draws: the ten digits, or symbols that its teacher names, such as A, B, C or + - x ="""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence

from digitcore.datasets import own
from digitcore.datasets.info import DIGITS
from digitcore.errors import ClassError

LEAST, MOST, LONGEST = 2, own.MOST_CLASSES, own.LONGEST_CLASS


def named(text: str) -> tuple[str, ...]:
    """The symbols in what a teacher has typed, separated by commas, or by spaces where there is no comma.

    ClassError unless these are LEAST to MOST different names of 1 to LONGEST characters.
    """
    return checked(text.split(",") if "," in text else text.split())


def checked(names: Sequence[str]) -> tuple[str, ...]:
    """The names, in their order and without needless spaces; errors as for `named`."""
    clean = [" ".join(unicodedata.normalize("NFC", name).split()) for name in names]
    clean = [name for name in clean if name]
    if not LEAST <= len(clean) <= MOST:
        raise ClassError(f"A class draws {LEAST} to {MOST} different symbols; got {len(clean)}.")
    for number, name in enumerate(clean):
        if len(name) > LONGEST or not name.isprintable():
            raise ClassError(f"A symbol is named by 1 to {LONGEST} characters; got {name[:40]!r}.")
        if name in clean[:number]:
            raise ClassError(f"Each symbol is named once; got {name!r} twice.")
    return tuple(clean)


def packed(names: Sequence[str]) -> str | None:
    """As the file of classes keeps them; None for the digits."""
    return None if tuple(names) == DIGITS else json.dumps(list(names), ensure_ascii=False)


def unpacked(kept: str | None) -> tuple[str, ...]:
    """The other way round."""
    return DIGITS if kept is None else tuple(json.loads(kept))
