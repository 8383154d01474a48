"""Settings in an address: `architecture=mlp-128&epochs=3&n_train=1000`, as a teacher hands them out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from digitcore.networks.settings import RANGES, Choice, Settings

ALWAYS = ("architecture", "epochs", "n_train")
"""In every link, for people to read; any other setting only where it differs from the network's recipe."""

ONLY_CUSTOM = ("depth", "width", "activation")

_NUMBER = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,20})?(e-?[0-9]{1,2})?")
_LONGEST = 20  # characters of somebody's value that are shown


def query(settings: Settings) -> str:
    """The address's part after "?" that `taken` reads again."""
    recipe = Settings.for_architecture(settings.architecture).to_dict()
    values = settings.to_dict()
    custom = settings.architecture == "custom"
    told = {
        name: _text(values[name])
        for name in (*ALWAYS, *(name for name in RANGES if name not in ALWAYS))
        if name in ALWAYS or (values[name] != recipe[name] and (custom or name not in ONLY_CUSTOM))
    }
    return urlencode(told)


def taken(parameters: Mapping[str, str], default: str) -> tuple[dict[str, Any], list[str]]:
    """The settings that an address names, by their names, and what is wrong with the others, a clause each:
    plain words without anybody's markup.

    default: the network where the address names none.
    """
    values: dict[str, Any] = {}
    problems = []
    for name, text in parameters.items():
        if name not in RANGES:
            problems.append(f"there is no setting {_shown(name)}")
            continue
        value = _value(name, text)
        problem = RANGES[name].problem(name, value)
        if problem:
            # What was expected, and then what came, which anybody may have written.
            expected = re.split(r"[,;] got ", problem)[0]
            problems.append(f"{expected} (got {_shown(text)})")
        else:
            values[name] = value
    network = values.get("architecture", default)
    for name in ONLY_CUSTOM:
        if name in values and network != "custom":
            del values[name]
            problems.append(f"{name} is for the network custom only")
    return values, problems


def _value(name: str, text: str) -> Any:
    """The text as the setting's kind of value, or as it is where it is none."""
    allowed = RANGES[name]
    if isinstance(allowed, Choice) or not _NUMBER.fullmatch(text):
        return text
    whole = isinstance(allowed.step, int) and text.lstrip("-").isdigit()
    return int(text) if whole else float(text)


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _shown(text: str) -> str:
    """Somebody's text without what could be markup or a line of its own."""
    plain = re.sub(r"[^\w.,+ -]", "", text)[:_LONGEST].strip("_- ").replace("_", " ")
    return plain or "nothing"
