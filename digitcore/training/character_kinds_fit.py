"""The network that tells digits from marks and letters by their place in a line, and how it learns: on lines
that are made (`augmentation.written_lines`) and taken apart as those of a picture are.

Importing this module loads TensorFlow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from digitcore import datasets, files
from digitcore.augmentation import composed_lines, written_lines
from digitcore.errors import BlankError
from digitcore.networks import model_store
from digitcore.networks.part_networks import CARD, KERAS, TFLITE, checked_card
from digitcore.preprocessing.ink import opened
from digitcore.preprocessing.levels import BRIGHTEST
from digitcore.reading import layout
from digitcore.reading.character_kinds import (
    COLUMNS,
    DIGIT,
    KINDS,
    NAME,
    ROWS,
    KindReader,
    windows,
)
from digitcore.reading.form import without_lines
from digitcore.reading.parts import parts_of
from digitcore.training.export import float_tflite
from digitcore.training.learning_rate import one_cycle
from digitcore.training.part_networks_fit import card_of, command

PURE = 0.9
"""Of a character's pixels: the share of one kind from which it is of that kind; others teach nothing."""


@dataclass(frozen=True)
class KindSettings:
    """What a training is told. lines: made for each of `turns`, in which `epochs` go through them. start: a
    folder with the network to go on from, at a third of the learning rate; "" to begin anew."""

    lines: int = 6000
    turns: int = 3
    epochs: int = 5
    batch_size: int = 64
    learning_rate: float = 0.003
    n_train: int = 55_000
    validation_lines: int = 1500
    seed: int = 0
    start: str = ""


def build() -> keras.Model:
    """(n, ROWS, COLUMNS, 2) float32, 0 paper to 1 ink -> (n, 3) probabilities of KINDS."""
    window = keras.Input((ROWS, COLUMNS, 2))
    x = _block(window, 16, 5, 2)
    x = _block(x, 32, 3, 2)
    x = _block(x, 48, 3, 2)
    x = _block(x, 64, (4, 3), padding="valid")
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.ReLU()(layers.Dense(48)(x))
    return keras.Model(window, layers.Dense(len(KINDS), activation="softmax")(x), name=NAME)


def _block(x, filters, size, strides=1, padding="same"):
    x = layers.Conv2D(filters, size, strides=strides, padding=padding, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))


def train(settings: KindSettings, folder: Path, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Train the network and keep it in `folder`: model.keras, model.tflite, card.json. Returns the card."""
    before = checked_card(Path(settings.start)) if settings.start else None
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(settings.seed)
    begun = time.perf_counter()
    model, peak = build(), settings.learning_rate
    if before:
        model.set_weights(keras.models.load_model(Path(settings.start) / KERAS).get_weights())
        peak /= 3
    optimizer = keras.optimizers.AdamW(peak, weight_decay=1e-4)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    images, labels = datasets.load("mnist", "train", settings.n_train)
    whole = settings.turns * settings.epochs
    for turn in range(settings.turns):
        written = composed_lines.hands(images, labels, settings.seed, turn)
        pictures, kinds = examples(written, labels, settings.lines, (settings.seed, turn))
        for epoch in range(settings.epochs):
            number = turn * settings.epochs + epoch
            optimizer.learning_rate = peak * one_cycle((number + 0.5) / whole, warm_up=0.15)
            data = tf.data.Dataset.from_generator(
                lambda: _batches(pictures, kinds, settings, number),  # noqa: B023
                output_signature=(
                    tf.TensorSpec((None, ROWS, COLUMNS, 2), tf.float32),
                    tf.TensorSpec((None,), tf.int32),
                ),
            )
            told = model.fit(data, verbose=0).history
            seconds = time.perf_counter() - begun
            loss, right = told["loss"][0], told["accuracy"][0]
            say(f"epoch {number + 1} of {whole}  {seconds:.0f} s - loss: {loss:.4f} - accuracy: {right:.4f}")
    seconds = time.perf_counter() - begun
    bare = build()  # the optimizer's moments would treble the file
    bare.set_weights(model.get_weights())
    with files.replacing(folder / KERAS) as part:
        bare.save(part)
    content = float_tflite(model)
    files.write_bytes(folder / TFLITE, content)
    card = _card(settings, model, seconds, before)
    card["validation"] = validated(KindReader(content, card), settings)
    card["files"] = model_store.hashes([folder / KERAS, folder / TFLITE])
    files.write_json(folder / CARD, card)
    return card


def examples(
    digits: np.ndarray, labels: np.ndarray, lines: int, seed: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Windows (n, ROWS, COLUMNS, 2) uint8 of the characters of so many lines, and their kinds (n,)."""
    rng = np.random.default_rng((*seed, 0x51615))
    pictures, kinds = [], []
    for _ in range(lines):
        made = windows_of(written_lines.compose(digits, labels, rng), rng)
        if made:
            pictures.append(np.rint(made[0] * BRIGHTEST).astype(np.uint8))
            kinds.append(made[1])
    return np.concatenate(pictures), np.concatenate(kinds)


def windows_of(line: written_lines.Written, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray] | None:
    """The windows of a line's characters, (n, ROWS, COLUMNS, 2) float32, and their kinds (n,), when the line
    is written on paper; None where nothing is found. Characters of more than one kind are left out."""
    margin = int(rng.integers(6, 60))
    ink, owner = np.pad(line.ink, margin), np.pad(line.owner, margin)
    paper, dark = rng.uniform(150, 255), rng.uniform(0.35, 1.0)
    ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.3, 1.2))
    grey = paper * (1 - dark * ink) + rng.normal(0, rng.uniform(0, 6), ink.shape)
    try:
        parts = without_lines(parts_of(opened(np.clip(grey, 0, 255).astype(np.uint8), "dark-on-light").full))
    except BlankError:
        return None
    if owner.shape != parts.labels.shape:
        owner = cv2.resize(owner, parts.labels.shape[::-1], interpolation=cv2.INTER_NEAREST)
    belongs = np.zeros((len(parts.boxes), len(KINDS) + 1))
    np.add.at(belongs, (parts.labels, owner), 1)
    found, kinds = [], []
    for each in layout.lines(parts, parts.writing):
        shares = np.array([belongs[list(one.parts), 1:].sum(0) for one in each.characters])
        pure = shares.max(1) >= PURE * np.maximum(1, shares.sum(1))
        found.append(windows(parts, each)[pure])
        kinds.append(shares.argmax(1)[pure])
    return (np.concatenate(found), np.concatenate(kinds)) if found else None


def validated(reader: KindReader, settings: KindSettings) -> dict[str, Any]:
    """On lines of validation digits: how many of each kind are taken for each kind (rows: what they are)."""
    images, labels = datasets.load("mnist", "validation")
    pictures, kinds = examples(images, labels, settings.validation_lines, (0,))
    said = reader.answer(pictures.astype(np.float32) / BRIGHTEST).argmax(1)
    table = np.zeros((len(KINDS), len(KINDS)), int)
    np.add.at(table, (kinds, said), 1)
    return {
        "lines": settings.validation_lines,
        "kinds": table.tolist(),
        "digits_lost": float(1 - table[DIGIT, DIGIT] / table[DIGIT].sum()),
        "others_kept": float(table[1:, DIGIT].sum() / table[1:].sum()),
    }


def _batches(
    pictures: np.ndarray, kinds: np.ndarray, settings: KindSettings, number: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    order = np.random.default_rng((settings.seed, number)).permutation(len(kinds))
    for start in range(0, len(order) - settings.batch_size + 1, settings.batch_size):
        chosen = order[start : start + settings.batch_size]
        yield pictures[chosen].astype(np.float32) / BRIGHTEST, kinds[chosen].astype(np.int32)


def _card(
    settings: KindSettings, model: keras.Model, seconds: float, before: dict[str, Any] | None
) -> dict[str, Any]:
    """before: the card of the network that it went on from."""
    recipe = command("kinds", settings, ("lines", "turns", "epochs", "n_train", "start"))
    if before:
        recipe = f"{before['recipe']} --output {settings.start}, then {recipe}"
    return card_of(
        settings,
        model,
        seconds,
        recipe,
        name=NAME,
        title="Kinds of characters",
        class_names=["digit", "mark", "letter"],
        input={"shape": [ROWS, COLUMNS, 2], "dtype": "float32", "range": [0.0, 1.0]},
    )
