"""The fields that a card must have, and their types, so that pages can rely on them. A damaged card is
detected here, once, instead of wherever it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from digitcore.files import is_count, is_number

Shape = Callable[[Any], bool]


def problem(card: Any, measured: bool = True) -> str | None:
    """The first field of a card that is missing or not of its type; None for a sound card.

    measured: whether the card must say how well the network reads; that of a draft does not.
    """
    if not isinstance(card, dict):
        return "it is no object"
    for name in (*_NEEDED, *(_MEASURED if measured else ())):
        if name not in card:
            return f"its {name}"
    shapes = (_NEEDED | _MEASURED | _OPTIONAL).items()
    odd = (name for name, shape in shapes if name in card and not shape(card[name]))
    return next((f"its {name}" for name in odd), None)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _list_of(shape: Shape) -> Shape:
    return lambda value: isinstance(value, list) and all(map(shape, value))


def _each(shape: Shape) -> Shape:
    """An object all of whose values have this shape."""
    return lambda value: isinstance(value, dict) and all(map(shape, value.values()))


def _with(**fields: Shape) -> Shape:
    """An object with these fields, and perhaps others."""
    return lambda value: (
        isinstance(value, dict)
        and all(name in value and shape(value[name]) for name, shape in fields.items())
    )


def _maybe(shape: Shape) -> Shape:
    return lambda value: value is None or shape(value)


def _share(value: Any) -> bool:
    return is_number(value) and 0 <= value <= 1


def _report(value: Any) -> bool:
    """A report as scikit-learn gives it: numbers by class and by average, and the accuracy as one number."""
    return isinstance(value, dict) and all(
        is_number(part) or _each(_maybe(is_number))(part) for part in value.values()
    )


def _square(value: Any) -> bool:
    return _list_of(_list_of(is_count))(value) and all(len(row) >= len(value) > 0 for row in value)


def _test(value: Any) -> bool:
    return (
        _scored(value)
        and ("confusion_matrix" not in value or _square(value["confusion_matrix"]))
        and ("classification_report" not in value or _report(value["classification_report"]))
    )


def _intervention(value: Any) -> bool:
    return _with(what=_text, epoch=is_count, step=is_count)(value) and all(
        is_number(value[name]) for name in ("value", "epochs", "asked") if name in value
    )


def _export(value: Any) -> bool:
    sound = _with(agreement=_share, max_difference=is_number, n=is_count)(value)
    return sound and all(_scored(value[part]) for part in ("validation", "test") if part in value)


_scored = _with(accuracy=_share, misses=is_count, n=lambda value: is_count(value) and value > 0)
_NEEDED: dict[str, Shape] = {
    "name": _text,
    "class_names": lambda value: _list_of(_text)(value) and len(value) > 1,
    "dataset": _with(name=_text),
}
_MEASURED: dict[str, Shape] = {"validation": _scored, "test": _test}
_OPTIONAL: dict[str, Shape] = {
    "title": _text,
    "architecture": _text,
    "settings": lambda value: isinstance(value, dict),
    "layers": _list_of(lambda value: isinstance(value, list) and len(value) == 4),
    "parameters": is_count,
    "seed": is_count,
    "versions": _each(_text),
    "recipe": _text,
    "seconds": is_number,
    "epochs_run": is_count,
    "best_epoch": is_count,
    "ended": _with(by=_text, value=is_number, epoch=is_count, text=_text),
    "stopped": lambda value: isinstance(value, bool),
    "interventions": _list_of(_intervention),
    "more_epochs": _list_of(lambda value: isinstance(value, dict)),
    "created": is_number,
    "calibration": lambda value: (
        isinstance(value, dict)
        and all(is_number(value[name]) for name in ("temperature", "test_ece", "test_nll") if name in value)
        and _list_of(_each(_maybe(is_number)))(value.get("reliability", []))
    ),
    "acceptance": _each(is_number),
    "not_a_digit": _each(is_number),
    "exports": _each(_export),
    "files": _each(_with(sha256=_text)),
    "extra_digits": _with(n=is_count, sha256=_text),
}
