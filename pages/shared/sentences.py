"""Sentences that come as finished text, recognised by the templates they were made from.

digitcore says everything in English: it serves a command line too, and much of it is written by another
process into a run's folder, where it is read by whoever opens the page. So the catalogue holds its f-strings
as templates ("{name} holds {n} files"), and what comes is held against them; what stood in the gaps goes into
the translated sentence.
"""

import gettext
import re
from collections.abc import Callable

_GAP = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"[-−+]?\d[\d,]*(\.\d+)?%?")
_SEPARATOR = "\x04"  # what gettext's files write between a context and a sentence


class Templates:
    """All sentences of one context of a catalogue."""

    def __init__(self, catalogue: gettext.NullTranslations, context: str) -> None:
        self._catalogue, self._context = catalogue, context
        known = getattr(catalogue, "_catalog", {})
        said = [key for key in known if isinstance(key, str) and key.startswith(context + _SEPARATOR)]
        templates = [key.partition(_SEPARATOR)[2] for key in said]
        # The one with the most words of its own first: "{name} is empty" also fits longer sentences.
        ordered = sorted(filter(_GAP.search, templates), key=lambda text: -len(_GAP.sub("", text)))
        self._patterns = [(pattern(template), template) for template in ordered]

    def translated(self, text: str, as_written: Callable[[str], str]) -> str:
        """The text in the catalogue's language; the text itself where no template fits. `as_written` is given
        each number that stood in a gap."""
        whole = self._say(text)
        if whole != text:
            return whole
        for fits, template in self._patterns:
            if found := fits.fullmatch(text):
                values = {name: self._value(value, as_written) for name, value in found.groupdict().items()}
                return _GAP.sub(lambda gap, values=values: values.get(gap[1], gap[0]), self._say(template))
        # Some are given their full stop later.
        rest = self.translated(text[:-1], as_written) if text.endswith(".") else text[:-1]
        return text if rest == text[:-1] else f"{rest}."

    def _value(self, value: str, as_written: Callable[[str], str]) -> str:
        return as_written(value) if _NUMBER.fullmatch(value) else self.translated(value, as_written)

    def _say(self, text: str) -> str:
        return self._catalogue.pgettext(self._context, text)


def pattern(template: str) -> re.Pattern[str]:
    """What a template's finished sentences look like, each gap a group of its name."""
    parts, seen = [], set()
    for place, part in enumerate(_GAP.split(template)):
        if place % 2 == 0:
            parts.append(re.escape(part))
        elif part in seen:
            parts.append(f"(?P={part})")
        else:
            seen.add(part)
            parts.append(f"(?P<{part}>.*?)")
    return re.compile("".join(parts), re.DOTALL)
