"""Tables of results for people: CSV that spreadsheets show unchanged, and file names that tell files
apart."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from digitcore.reading.digit import Digit, text_of

# The beginnings of formulas, and what spreadsheets skip before one; the last four are the full-width forms of
# the first four, which some programs treat alike.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LOSES_DIGITS = re.compile(r"0[0-9]+|[0-9]{16,}", re.ASCII)
"""Text that a spreadsheet takes for a number and shows differently: 0138 as 138, more than 15 digits as
2.5E+15."""
_DEEPEST = 4
_LONGEST = 200


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A header line and one line for each row as in RFC 4180, ended by CR LF; None is an empty cell.

    Text is made `harmless`; numbers stay as they are.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(cell) for cell in columns])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def answer_columns() -> list[str]:
    """The columns that say what was read from a picture, as `answer_cells` fills them."""
    return ["text", "guess", "digits", "confidence", "accepted", "confidences", "boxes", "left_out"]


def answer_cells(digits: Sequence[Digit], class_names: Sequence[str], left_out: str = "") -> list[object]:
    """A picture's digits as cells: text, rows separated by a line break and "?" where the network is not
    sure; guess, the same with its best guesses; how many digits; the lowest confidence; whether all are
    accepted; separated by "; ", the confidence of each digit and its box as x y w h in pixels; and the
    sentence that says what else there is in the picture."""
    if not digits:
        return [None] * len(answer_columns())
    confidences = [digit.verdict.confidence for digit in digits]
    return [
        text_of(digits, class_names),
        text_of(digits, class_names, unsure=None),
        len(digits),
        round(min(confidences), 6),
        "yes" if all(digit.accepted for digit in digits) else "no",
        "; ".join(f"{confidence:.4f}" for confidence in confidences),
        "; ".join(" ".join(map(str, digit.box)) for digit in digits),
        left_out or None,
    ]


def harmless(cell: object) -> object:
    """A cell that a spreadsheet shows unchanged. Text that it would run as a formula, because it begins with
    = + - @ (full-width too), a tab, a line end or a null (owasp.org/www-community/attacks/CSV_Injection), and
    digits that it would turn into another number get a leading apostrophe. Everything else is returned as it
    is."""
    if isinstance(cell, str) and (cell.startswith(_FORMULA) or _LOSES_DIGITS.fullmatch(cell)):
        return f"'{cell}"
    return cell


def short_names(paths: Sequence[str]) -> list[str]:
    """Names to show: the base name, with as many of its folders (3 at most) as tell it from the others.

    ["a/7.png", "b/7.png", "b/8.png"] -> ["a/7.png", "b/7.png", "8.png"]; equal paths stay equal. Only the
    last 200 characters count. Characters that cannot be printed (line ends, marks that reverse the writing)
    become "�".
    """
    parts = [tuple(_printable(path).replace("\\", "/").split("/")[-_DEEPEST:]) for path in paths]
    names = [part[-1] for part in parts]
    for depth in range(2, _DEEPEST + 1):
        owners: dict[str, set[tuple[str, ...]]] = {}
        for name, part in zip(names, parts, strict=True):
            owners.setdefault(name, set()).add(part)
        names = [
            "/".join(part[-depth:]) if len(owners[name]) > 1 else name
            for name, part in zip(names, parts, strict=True)
        ]
    return names


def _printable(text: str) -> str:
    def shown(c: str) -> str:
        if unicodedata.category(c) == "Zs":
            return " "
        return c if c.isprintable() else "�"

    return "".join(shown(c) for c in text[-_LONGEST:])
