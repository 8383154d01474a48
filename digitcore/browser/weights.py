"""What the browser needs of a trained network, in one piece, read from `.keras` without Keras.

    packed(model_store.files("digitnet")["model.keras"], card)    bytes for network.js

The bytes: b"DIGITLAB", the header's length (32 bits, little-endian), the header (JSON, padded with spaces),
and the weights. The header holds what an answer depends on (class names, temperature, thresholds) and the
layers, as `keras_file.read` gives them.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from digitcore.browser import keras_file
from digitcore.browser.keras_file import Step
from digitcore.errors import ModelError
from digitcore.networks import model_store
from digitcore.networks.architectures import Layer

MAGIC = b"DIGITLAB"
PRECISIONS = ("float32", "float16", "int8")


def of_model(
    model: str | None, precision: str = "float32", numbers: Sequence[np.ndarray] | None = None
) -> bytes:
    """The packed network of a shipped model (None: the default one), or of the run in a folder.

    numbers: as for `keras_file.read`, to pack the same network after another epoch.
    Raises ModelError where its `.keras` file or its card is missing or damaged, and as `packed` does.
    """
    keras = model_store.files(model).get("model.keras")
    if keras is None:
        raise ModelError(f"Model {model!r} has no .keras file, from which its weights are read.")
    card = model_store.read_card(model_store.card_file(model))
    if model_store.file_sha256(keras) != card.get("files", {}).get(keras.name, {}).get("sha256"):
        raise ModelError(f"{keras.name} is not the file that the card of model {card['name']} describes.")
    return packed(keras, card, precision, numbers)


def packed(
    keras: Path,
    card: dict[str, Any],
    precision: str = "float32",
    numbers: Sequence[np.ndarray] | None = None,
) -> bytes:
    """The network of a `.keras` file, with what its card says about its answers, as network.js takes it.

    precision: "float32" gives the answers that LiteRT gives; "float16" and "int8" (a scale for each output,
    biases in float32) are for files that must be small. numbers: as for `keras_file.read`.
    Raises ModelError where the file is damaged or holds a layer that network.js does not know.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision: expected one of {', '.join(PRECISIONS)}, got {precision!r}")
    blob = bytearray()
    layers = []
    for name, step in _named(keras_file.read(Path(keras), numbers)):
        described = {"name": name, "kind": step.kind, "shape": step.shape} | step.geometry
        if step.weights is not None:
            described |= {
                "activation": step.activation,
                "weights": _store(blob, step.weights, precision),
                "bias": _store(blob, step.bias, "float32"),
            }
        layers.append(described | {"text": _text(step)})
    outputs = layers[-1]["shape"][-1] if layers else 0
    not_a_digit = card.get("not_a_digit", {})
    classes = len(card["class_names"])
    if outputs != classes + ("index" in not_a_digit) or layers[-1].get("activation") != "softmax":
        raise ModelError(f"{keras.name} does not end in a probability for each class of its card.")
    header = {
        "name": card["name"],
        "title": card.get("title") or card["name"],
        "class_names": card["class_names"],
        "temperature": float(card.get("calibration", {}).get("temperature", 1.0)),
        "threshold": float(card.get("acceptance", {}).get("threshold", 0.0)),
        "not_a_digit": {
            "known": "index" in not_a_digit,
            "threshold": float(not_a_digit.get("threshold", 0.0)),
        },
        "precision": precision,
        "layers": layers,
    }
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-(len(MAGIC) + 4 + len(text)) % 4)  # typed arrays begin at multiples of their size
    return MAGIC + struct.pack("<I", len(text)) + text + bytes(blob)


def _store(blob: bytearray, values: np.ndarray, precision: str) -> dict[str, Any]:
    """Append (inputs, outputs) or (outputs,) values; returns where they are, for the header."""
    stored: dict[str, Any] = {"type": precision, "length": int(values.size)}
    if precision == "int8":
        scales = np.maximum(np.abs(values).max(0), 1e-12) / 127
        stored["scales"] = _append(blob, scales.astype("<f4"))
        values = np.rint(values / scales).astype(np.int8)
    else:
        values = values.astype("<f4" if precision == "float32" else "<f2")
    stored["offset"] = _append(blob, values)
    return stored


def _append(blob: bytearray, values: np.ndarray) -> int:
    blob += bytes(-len(blob) % 4)
    offset = len(blob)
    blob += values.tobytes()
    return offset


def _named(steps: list[Step]) -> list[tuple[str, Step]]:
    """Each step with a name of its own: "Conv2D 1", "Conv2D 2", "Dense 1"."""
    seen: Counter[str] = Counter()
    named = []
    for step in steps:
        seen[step.kind] += 1
        named.append((f"{step.kind} {seen[step.kind]}", step))
    return named


def _text(step: Step) -> str:
    """The layer in words, as the page describes a network before it is trained."""
    arguments = {"activation": step.activation, **step.geometry}
    if step.kind == "Conv2D":
        arguments |= {"filters": step.shape[-1]}
    elif step.kind == "Dense":
        arguments |= {"units": step.shape[-1]}
    for name in ("kernel_size", "strides", "pool_size"):
        if name in arguments:
            arguments[name] = arguments[name][0]
    return Layer(step.kind, arguments, step.shape, 0).text
