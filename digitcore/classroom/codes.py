"""A class's code, and a nickname.

A code is three words of two syllables, "LAMO TIRE BAFO": easy to call across a room, and hard to guess (six
of 32 syllables: 2^30 codes; attempts.py limits the tries). Letters that sound or look alike count as the
same.
"""

from __future__ import annotations

import re
import secrets
import unicodedata

from digitcore.errors import ClassError

CONSONANTS, VOWELS = "BFKLMRST", "AEIO"
WORDS = 3
LONGEST_NICKNAME = 20
# What somebody hears or reads -> what was meant. 0 and 1 can only have been typed for vowels.
_ALIKE = str.maketrans("PVWCGQNDZJ01UY", "BFFKKKMTSSOIOI")
_CODE = re.compile(f"(?:[{CONSONANTS}][{VOWELS}]){{{2 * WORDS}}}")
_SECRET = re.compile("-[0-9a-f]{10}$")
_RUDE = re.compile("K[AI]K.|F[IO]K.|TIT.")
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


def new_code() -> str:
    """A new random code: "LAMO TIRE BAFO"."""
    return " ".join(_word() for _ in range(WORDS))


def _word() -> str:
    while True:
        word = "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(2))
        if not _RUDE.fullmatch(word):
            return word


def check_code(typed: str) -> str:
    """A code as it was typed -> as it is kept; ClassError if it does not have the form of one.

    "lamo-tire bafo", "Lamotirebafo" and "LANO DIRE PAVO" are all "LAMO TIRE BAFO"; so is an invitation, whose
    secret part is left out.
    """
    letters = "".join(c for c in _SECRET.sub("", str(typed)[:100]).upper() if c.isalnum()).translate(_ALIKE)
    if not _CODE.fullmatch(letters):
        raise ClassError("A class's code is three words of four letters, such as LAMO TIRE BAFO.")
    return " ".join(letters[i : i + 4] for i in range(0, 4 * WORDS, 4))


def clean_nickname(typed: str) -> str:
    """A nickname as it is shown: at most LONGEST_NICKNAME characters, nothing invisible, no e-mail address.

    It begins with a letter, a digit or an emoji, so that no spreadsheet takes it for a formula.
    """
    shown = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFKC", str(typed)[:400]))
    shown = "".join(c for c in shown if unicodedata.category(c) not in _UNSEEN)
    shown = re.sub(r"^[^\w\U0001F000-\U0001FAFF]+", "", _few_marks(" ".join(shown.split()))).strip()
    if not any(c.isalnum() or unicodedata.category(c) == "So" for c in shown):
        raise ClassError("Choose a nickname with at least one letter or digit.")
    if "@" in shown:
        raise ClassError("Choose a nickname, not an e-mail address: it would be shown to the class.")
    if len(shown) > LONGEST_NICKNAME:
        raise ClassError(f"A nickname has at most {LONGEST_NICKNAME} characters; this one has {len(shown)}.")
    return shown


def folded(nickname: str) -> str:
    """The form in which the nicknames of a class must differ: "Anna  B" and "annab" count as the same."""
    decomposed = unicodedata.normalize("NFKD", nickname.casefold())
    return "".join(c for c in decomposed if not c.isspace() and unicodedata.category(c) != "Mn")


def _few_marks(text: str) -> str:
    """At most two accents per letter: more would reach into other lines."""
    kept: list[str] = []
    for c in text:
        marks = [unicodedata.category(before) in ("Mn", "Me") for before in kept[-2:]]
        if not (unicodedata.category(c) in ("Mn", "Me") and len(marks) == 2 and all(marks)):
            kept.append(c)
    return "".join(kept)
