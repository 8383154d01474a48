"""Finds, checks and loads the models that ship in `models/` and those of finished runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from digitcore import files as files_on_disk
from digitcore import paths
from digitcore.errors import DamagedFile, ModelError
from digitcore.networks import card_shape
from digitcore.networks.classifier import Classifier

DEFAULT_MODEL = "digitnet"

FURTHER = ONNX, BATCH_1 = "model.onnx", "model-batch-1.tflite"
"""Files made from a finished model on request (`export`). Another network may have replaced it since, so they
count only if its card describes them."""

FILES = ("model.keras", "model.h5", "model.tflite", "model-int8.tflite")
"""The files of a run's network; a shipped one has `<name>.keras` and so on, without .h5."""


def shipped() -> list[str]:
    """Names of the models in `models/`, the default one first."""
    names = sorted(path.stem for path in paths.MODELS.glob("*.json") if path.with_suffix(".tflite").is_file())
    return sorted(names, key=lambda name: name != DEFAULT_MODEL)


def card(name: str) -> dict[str, Any]:
    """The card of a shipped model; if there is none of that name, ModelError lists those that there are."""
    if name not in shipped():
        raise ModelError(f"There is no model {name!r}; there are {', '.join(shipped()) or 'none'}.")
    return read_card(paths.MODELS / f"{name}.json")


def card_file(model: str | None) -> Path:
    """The path of the card of a shipped model (None: the default one) or of the run in a folder, whose draft
    counts while the run is being finished."""
    if model is None or model in shipped():
        return paths.MODELS / f"{model or shipped()[0]}.json"
    card, draft = Path(model, paths.CARD), Path(model, paths.DRAFT)
    return draft if draft.is_file() and not card.is_file() else card


def files(model: str | None) -> dict[str, Path]:
    """The existing files of a shipped model (None: the default one) or of the run in a folder, by the names
    that they have in a run: {"model.keras": path, …}."""
    found = {name: place(model, name) for name in (*FILES, *FURTHER)}
    return {name: path for name, path in found.items() if path.is_file() and _belongs(model, name, path)}


def place(model: str | None, name: str) -> Path:
    """The path of a file in `FILES` or `FURTHER`, for a shipped model (None: the default one) or the run in a
    folder, whether or not the file exists."""
    if model is None or model in shipped():
        return paths.MODELS / f"{model or shipped()[0]}{name.removeprefix('model')}"
    return Path(model, name)


def _belongs(model: str | None, name: str, path: Path) -> bool:
    if name not in FURTHER:
        return True
    described = read_card(card_file(model)).get("files", {}).get(path.name, {})
    return described.get("sha256") == file_sha256(path)


def test_answers(name: str) -> Path:
    """The path of a shipped model's answers to the test pictures, whether or not they are kept."""
    return paths.MODELS / f"{name}-{paths.TEST_ANSWERS}"


def hashes(paths: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """A card's `files`: {name: {"sha256", "bytes"}}."""
    return {path.name: {"sha256": file_sha256(path), "bytes": path.stat().st_size} for path in sorted(paths)}


def find(model: str | None) -> Classifier:
    """A shipped model by name (None: the default one), else the model in a run's folder, measured or not.

    Raises ModelError if it is neither.
    """
    names = shipped()
    if model is None:
        return load(names[0] if names else DEFAULT_MODEL)
    if model in names:
        return load(model)
    if not Path(model).is_dir():
        raise ModelError(
            f"There is no model {model!r}: expected {', '.join(names) or 'a name'}, or the folder of a run."
        )
    if card_file(model).name == paths.DRAFT:
        return load_draft(Path(model))
    return load_folder(Path(model))


def load(name: str = DEFAULT_MODEL) -> Classifier:
    """A shipped model, its file checked against the hash in its card."""
    return _load(paths.MODELS / f"{name}.tflite", card(name), f"{name}.tflite")


def load_folder(folder: Path) -> Classifier:
    """The model of a run folder that has its card."""
    folder = Path(folder)
    if not (folder / paths.CARD).is_file():
        raise ModelError(f"{folder.name} holds no finished run: its card.json is missing.")
    return _load(folder / "model.tflite", read_card(folder / paths.CARD), "model.tflite")


def load_draft(folder: Path) -> Classifier:
    """The model of a run that is being finished: exported, but not measured yet."""
    return Classifier(folder / "model.tflite", read_card(folder / paths.DRAFT))


def _load(path: Path, card: dict[str, Any], name: str) -> Classifier:
    expected = card.get("files", {}).get(name, {}).get("sha256")
    if not path.is_file():
        raise ModelError(f"Model {card['name']} lacks its file {path.name}.")
    if file_sha256(path) != expected:
        raise ModelError(f"{path.name} is not the file that the card of model {card['name']} describes.")
    return Classifier(path, card)


def read_card(path: Path) -> dict[str, Any]:
    """A card, measured or not, with all fields checked; ModelError if it cannot be read."""
    try:
        card = files_on_disk.read_json(path)
    except (FileNotFoundError, DamagedFile) as error:
        raise ModelError(f"{path.name} is not a readable model card.") from error
    if card_shape.problem(card, measured=False):
        raise ModelError(f"{path.name} is not a readable model card.")
    return card


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
