"""What a picture holds besides the digits that were read, in one sentence in the visitor's language."""

from __future__ import annotations

from digitcore.reading.left_out import LeftOut
from pages.shared.language import _, ngettext


def sentence(left_out: LeftOut) -> str:
    """ "Left out: 2 marks that are no digits, 5 letters."; "" where nothing was left out."""
    said = [_said(name, count) for name, count in left_out.counts.items()]
    return _("Left out: {things}.", things=", ".join(said)) if said else ""


def _said(name: str, count: int) -> str:
    if name == "marks":
        return ngettext("{n:,} mark that is no digit", "{n:,} marks that are no digits", count)
    if name == "letters":
        return ngettext("{n:,} letter", "{n:,} letters", count)
    if name == "cut":
        return ngettext(
            "{n:,} piece that the picture's side cuts", "{n:,} pieces that the picture's sides cut", count
        )
    if name == "lines":
        return ngettext("{n:,} line", "{n:,} lines", count)
    if name == "around":
        return ngettext("{n:,} shape around others", "{n:,} shapes around others", count)
    return ngettext("{n:,} faint, small or large piece", "{n:,} faint, small or large pieces", count)
