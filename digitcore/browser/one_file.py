"""A network to take home as one HTML file, which reads drawings in any browser without a server."""

from __future__ import annotations

import base64
import hashlib
import html
from typing import Any

from digitcore import datasets
from digitcore.browser import scripts

PRECISION = "float16"
"""Half the size of float32, with answers that differ in the fourth decimal place of a probability."""

BITS = {"float32": 32, "float16": 16, "int8": 8}


def page(packed: bytes, precision: str, card: dict[str, Any], measured: dict[str, Any] | None = None) -> str:
    """The text of the file.

    packed: the network, as `weights.of_model` packs it with that precision. measured: its {"misses", "n"} on
    the test pictures in a browser (benchmarks.one_file), or None where nobody has counted: the file then
    quotes its card.
    """
    digits = datasets.describe(card["dataset"]["name"]).is_digits
    what = "a digit" if digits else "one of " + ", ".join(card["class_names"])
    parts = {
        "TITLE": html.escape(card.get("title") or card["name"]),
        "WHAT": html.escape(what),
        "TRY": "draw a 1, then make it a 7, and watch the answer move with the pen."
        if digits
        else html.escape(f"draw {what}, and watch the answer move with the pen."),
        "RECEIPT": "\n".join(f"<p>{html.escape(line)}</p>" for line in receipt(precision, card, measured)),
        "WEIGHTS": base64.b64encode(packed).decode(),
        "SCRIPT": scripts.script("network", "picture") + scripts.source("one_file"),
    }
    text = (scripts.FOLDER / "one_file.html").read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"{{{{{name}}}}}", part)
    return text


def receipt(precision: str, card: dict[str, Any], measured: dict[str, Any] | None) -> list[str]:
    """What the file says about itself, in sentences."""
    data = datasets.describe(card["dataset"]["name"])
    things = "digits" if data.is_digits else "pictures"
    lines = [
        f"{card.get('title') or card['name']}: {card['parameters']:,} parameters, trained on "
        f"{card['dataset']['n_train']:,} {things} of {data.title}; weights of {BITS[precision]} bits."
    ]
    if measured:
        lines.append(
            f"{1 - measured['misses'] / measured['n']:.2%} of {data.title}'s test {things}, "
            f"{measured['misses']:,} misses of {measured['n']:,}: counted in Chromium with these weights."
        )
    elif "test" in card:
        test = card["test"]
        lines.append(
            f"{test['accuracy']:.2%} of {data.title}'s test {things}, {test['misses']:,} misses of "
            f"{test['n']:,}: counted on the server, before these weights were rounded."
        )
    return [*lines, "It reads one drawing at a time, on this device: nothing is sent anywhere."]


def fingerprint(packed: bytes) -> str:
    """What distinguishes a network that was measured from any other: the SHA-256 of its packed bytes."""
    return hashlib.sha256(packed).hexdigest()
