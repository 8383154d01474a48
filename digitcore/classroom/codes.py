"""A class's code, and a nickname.

A code is three words of two syllables, "LAMO TIRE BAFO": easy to call through a room, and hard to guess
(32 syllables, six of them: 2^30 codes; how many may be tried stands in attempts.py). Letters that sound or
look alike are taken for one another.
"""

from __future__ import annotations

import re
import secrets
import unicodedata

from digitcore.errors import ClassError

CONSONANTS, VOWELS = "BFKLMRST", "AEIO"
WORDS = 3
LONGEST_NICKNAME = 20
# What somebody hears or reads -> what was meant. 0 and 1 stand where only vowels do.
_ALIKE = str.maketrans("PVWCGQNDZJ01UY", "BFFKKKMTSSOIOI")
_CODE = re.compile(f"(?:[{CONSONANTS}][{VOWELS}]){{{2 * WORDS}}}")
_SECRET = re.compile("-[0-9a-f]{10}$")
_RUDE = re.compile("K[AI]K.|F[IO]K.|TIT.")
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


def new_code() -> str:
    """A code that nobody has guessed: "LAMO TIRE BAFO"."""
    return " ".join(_word() for _ in range(WORDS))


def _word() -> str:
    while True:
        word = "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(2))
        if not _RUDE.fullmatch(word):
            return word


def check_code(typed: str) -> str:
    """A code as it was typed -> as it is kept; ClassError where it has not the form of one.

    "lamo-tire bafo", "Lamotirebafo" and "LANO DIRE PAVO" are all "LAMO TIRE BAFO"; so is an invitation, whose
    secret part is left out.
    """
    letters = "".join(c for c in _SECRET.sub("", str(typed)[:100]).upper() if c.isalnum()).translate(_ALIKE)
    if not _CODE.fullmatch(letters):
        raise ClassError("A class's code is three words of four letters, such as LAMO TIRE BAFO.")
    return " ".join(letters[i : i + 4] for i in range(0, 4 * WORDS, 4))


def clean_nickname(typed: str) -> str:
    """A nickname as it is shown: at most LONGEST_NICKNAME characters, nothing invisible, no e-mail address.

    It begins with a letter, a digit or a picture, so that no spreadsheet takes it for a formula.
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
    """What two nicknames of a class may not share: "Anna  B" and "annab" are one."""
    decomposed = unicodedata.normalize("NFKD", nickname.casefold())
    return "".join(c for c in decomposed if not c.isspace() and unicodedata.category(c) != "Mn")


def _few_marks(text: str) -> str:
    """At most two marks upon one letter: more would hang into other people's lines."""
    kept: list[str] = []
    for c in text:
        marks = [unicodedata.category(before) in ("Mn", "Me") for before in kept[-2:]]
        if not (unicodedata.category(c) in ("Mn", "Me") and len(marks) == 2 and all(marks)):
            kept.append(c)
    return "".join(kept)
