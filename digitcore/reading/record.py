"""What a program is told about a picture: the object of `predict --json` and of the HTTP API."""

from __future__ import annotations

from typing import Any

from digitcore.reading.batch import Row


def record(row: Row) -> dict[str, Any]:
    """What was read from a picture, as JSON types. `text` has the digits' names, "?" where the network is
    unsure, rows separated by a line break; `digit` is the number of the class; `box` is (x, y, w, h) in
    pixels of the upright picture; `left_out` counts what else there is in the picture, by its kind, and
    `note` says it in one sentence or is ""; `error` is None, or the sentence that says why nothing was read.
    """
    if row.error is not None:
        return {"file": row.name, "text": "", "digits": [], "left_out": {}, "note": "", "error": row.error}
    digits = [
        {
            "digit": digit.verdict.label,
            "probability": round(digit.verdict.confidence, 6),
            "probabilities": [round(float(p), 6) for p in digit.probabilities],
            "digitness": round(digit.digitness, 6),
            "box": [int(value) for value in digit.box],
            "row": digit.row,
            "is_digit": digit.verdict.is_digit,
            "accepted": digit.accepted,
        }
        for digit in row.digits
    ]
    return {
        "file": row.name,
        "text": row.text,
        "digits": digits,
        "left_out": row.left_out.counts,
        "note": row.left_out.sentence,
        "error": None,
    }
