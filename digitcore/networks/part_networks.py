"""The files of the networks that are parts of the reader, each in a folder of its own in `models/`, because
they are not among the networks that people choose from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from digitcore.errors import ModelError
from digitcore.networks import model_store

TFLITE, KERAS, CARD = "model.tflite", "model.keras", "card.json"


def checked_card(folder: Path) -> dict[str, Any]:
    """The card of a network, its TFLITE file checked against the hash in it. Raises ModelError where the
    folder is not complete, or the file is not the one that the card describes."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        expected = card["files"][TFLITE]["sha256"]
        fits = model_store.file_sha256(folder / TFLITE) == expected
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(
            f"{folder.name} is not complete: {TFLITE} and a readable {CARD} are needed."
        ) from error
    if not fits:
        raise ModelError(f"{TFLITE} is not the file that the card of {folder.name} describes.")
    return card
