"""Tables of results for people: CSV without formulas, file names that tell files apart."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DEEPEST = 4
_LONGEST = 200


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A header line and one line a row as in RFC 4180, lines ended by CR LF; None is an empty cell.

    Text is made `harmless`; numbers stay as they are.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(cell) for cell in columns])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def harmless(cell: object) -> object:
    """Text that a spreadsheet would run, because it begins with = + - @, a tab or a carriage return, gets
    a leading apostrophe (owasp.org/www-community/attacks/CSV_Injection). All else comes back as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def short_names(paths: Sequence[str]) -> list[str]:
    """Names to show: the base name, with as many folders before it (3 at most) as tell it from the others.

    ["a/7.png", "b/7.png", "b/8.png"] -> ["a/7.png", "b/7.png", "8.png"]; equal paths stay equal.
    Only the last 200 characters count. What does not print (line ends, reversed writing) becomes "�".
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
