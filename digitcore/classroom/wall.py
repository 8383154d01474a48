"""The wall: everybody's drawings as they arrive, each with one network's answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitcore import datasets
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import Drawing
from digitcore.networks import model_store

NEWEST, DIGIT, STUDENT, WRONG = "Newest", "By digit", "By student", "Misread"
ORDERS = (NEWEST, DIGIT, STUDENT, WRONG)


@dataclass(frozen=True)
class Tile:
    """A drawing on the wall. answer: the digit that the network reads; sureness: its probability."""

    drawing: Drawing
    answer: int
    sureness: float

    @property
    def missed(self) -> bool:
        return self.answer != self.drawing.label


def network_of(room: Room) -> str:
    """The name of the network that reads a class's wall: the teacher's choice, else the first one that ships
    and reads digits."""
    ships = [
        name for name in model_store.shipped() if datasets.are_digits(model_store.card(name)["class_names"])
    ]
    return room.network if room.network in ships else ships[0]


def identity(name: str) -> str:
    """What changes with a network that ships: the SHA-256 of its file."""
    card = model_store.card(name)
    return card.get("files", {}).get(f"{name}.tflite", {}).get("sha256") or name


def tiles(drawings: Sequence[Drawing], probabilities: np.ndarray) -> list[Tile]:
    """The newest first. probabilities: (n, 10), as `ClassReader.answers` gives them for the drawings."""
    answers = probabilities.argmax(1)
    found = [
        Tile(drawing, int(answer), float(row[answer]))
        for drawing, answer, row in zip(drawings, answers, probabilities, strict=True)
    ]
    return found[::-1]


def arranged(tiles: Sequence[Tile], order: str) -> dict[str, list[Tile]]:
    """Tiles under their headings: all of them under "" (NEWEST), or by digit, by nickname, or the misread
    ones by confusion, the most frequent first."""
    groups: dict[str, list[Tile]] = {}
    for tile in tiles:
        if order == WRONG and not tile.missed:
            continue
        heading = {
            NEWEST: "",
            DIGIT: str(tile.drawing.label),
            STUDENT: tile.drawing.nickname,
            WRONG: f"{tile.drawing.label} read as {tile.answer}",
        }[order]
        groups.setdefault(heading, []).append(tile)
    if order == WRONG:
        return dict(sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])))
    return dict(sorted(groups.items()))
