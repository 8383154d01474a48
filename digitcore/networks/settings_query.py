"""Settings in an address, for teachers to hand out: `architecture=mlp-128&epochs=3&n_train=1000`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from digitcore.datasets import own
from digitcore.networks.ranges import RANGES, Choice
from digitcore.networks.settings import Settings

ALWAYS = ("architecture", "epochs", "n_train")
"""Always in a link, for people to read; other settings only if they differ from the network's recipe."""

ONLY_CUSTOM = ("depth", "width", "activation")

_NUMBER = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,20})?(e-?[0-9]{1,2})?")
_LONGEST = 20  # characters shown of a value from outside


def query(settings: Settings) -> str:
    """The part of the address after "?", which `taken` reads."""
    recipe = Settings.for_architecture(settings.architecture).to_dict()
    values = settings.to_dict()
    if own.is_private(settings.dataset):  # nobody else could use it
        values["dataset"] = recipe["dataset"]
    custom = settings.architecture == "custom"
    told = {
        name: _text(values[name])
        for name in (*ALWAYS, *(name for name in RANGES if name not in ALWAYS))
        if name in ALWAYS or (values[name] != recipe[name] and (custom or name not in ONLY_CUSTOM))
    }
    return urlencode(told)


def taken(parameters: Mapping[str, str], default: str) -> tuple[dict[str, Any], list[str]]:
    """The settings in an address by name, and one clause about each that is wrong, in plain words without
    markup from outside.

    default: the network, if the address names none.
    """
    values: dict[str, Any] = {}
    problems = []
    for name, text in parameters.items():
        if name not in RANGES:
            problems.append(f"there is no setting {_shown(name)}")
            continue
        value = _value(name, text)
        problem = RANGES[name].problem(name, value)
        if name == "dataset" and own.is_private(text):
            problem = f"dataset must be one that everybody here may use, got {text!r}."
        if problem:
            # Show what was expected, then what came, which may be anybody's text.
            expected = re.split(r"[,;] got ", problem)[0]
            problems.append(f"{expected} (got {_shown(text)})")
        else:
            values[name] = value
    network = values.get("architecture", default)
    for name in ONLY_CUSTOM:
        if name in values and network != "custom":
            del values[name]
            problems.append(f"{name} is only for the network custom")
    return values, problems


def _value(name: str, text: str) -> Any:
    """The text converted to the setting's type, or unchanged if that fails."""
    allowed = RANGES[name]
    if isinstance(allowed, Choice) or not _NUMBER.fullmatch(text):
        return text
    whole = isinstance(allowed.step, int) and text.lstrip("-").isdigit()
    return int(text) if whole else float(text)


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _shown(text: str) -> str:
    """Text from outside, without anything that could be markup or a line break."""
    plain = re.sub(r"[^\w.,+ -]", "", text)[:_LONGEST].strip("_- ").replace("_", " ")
    return plain or "nothing"
