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
SYMBOL = "By symbol"


@dataclass(frozen=True)
class Tile:
    """A drawing on the wall. label: what was drawn; answer: what the network reads; None where no network
    reads what the class draws."""

    drawing: Drawing
    label: str
    answer: str | None = None

    @property
    def missed(self) -> bool:
        return self.answer not in (None, self.label)


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


def orders(room: Room, is_read: bool = True) -> tuple[str, ...]:
    """The orders that a class's wall may be arranged in. is_read: whether a network reads it; otherwise
    nobody knows what is misread."""
    by_class = DIGIT if room.draws_digits else SYMBOL
    return (NEWEST, by_class, STUDENT, WRONG) if is_read else (NEWEST, by_class, STUDENT)


def tiles(
    drawings: Sequence[Drawing],
    class_names: Sequence[str],
    probabilities: np.ndarray | None,
    known: Sequence[str] = (),
) -> list[Tile]:
    """The newest first. probabilities: (n, c), as `ClassReader.answers` gives them for the drawings; None
    without a network. known: the c classes of the network, where it does not know all of the class's; a
    drawing of another one is no miss, and has no answer."""
    labels = [class_names[drawing.label] for drawing in drawings]
    answers: list[str | None] = [None] * len(labels)
    if probabilities is not None:
        names = known or class_names
        answers = [
            names[answer] if label in names else None
            for label, answer in zip(labels, probabilities.argmax(1), strict=True)
        ]
    return [Tile(*each) for each in zip(drawings, labels, answers, strict=True)][::-1]


def arranged(tiles: Sequence[Tile], order: str) -> dict[str, list[Tile]]:
    """Tiles under their headings: all of them under "" (NEWEST), or by what was drawn, by nickname, or the
    misread ones by confusion, the most frequent first."""
    groups: dict[str, list[Tile]] = {}
    for tile in tiles:
        if order == WRONG and not tile.missed:
            continue
        heading = {
            NEWEST: "",
            DIGIT: tile.label,
            SYMBOL: tile.label,
            STUDENT: tile.drawing.nickname,
            WRONG: f"{tile.label} read as {tile.answer}",
        }[order]
        groups.setdefault(heading, []).append(tile)
    if order == WRONG:
        return dict(sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])))
    if order in (DIGIT, SYMBOL):  # as the class has named them
        return dict(sorted(groups.items(), key=lambda group: group[1][0].drawing.label))
    return dict(sorted(groups.items()))
