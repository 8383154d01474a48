"""The networks that a class is shown, shipped ones and those on its board, and how each reads the class
set."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from digitcore import datasets, paths
from digitcore.classroom import board, wall
from digitcore.classroom.board import Row
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import Drawing
from digitcore.classroom.scores import ClassFigure, ClassReader
from digitcore.errors import DigitcoreError
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from pages.shared import membership

# Seconds that one look at the board may spend reading drawings; the next look continues.
SECONDS_A_LOOK = 1.0
MOST = 60  # networks of a board that are listed
LOOK_SECONDS, MOST_CLASSES = 5.0, 100
_READERS: dict[tuple[Path, int], tuple[float, list["Network"]]] = {}
"""Of classes that draw symbols: when their runs were looked at last, as everybody's wall asks for them every
two seconds, and the networks found."""

READER = ClassReader()
"""Readings of class sets, kept for all visitors; not in Streamlit's cache, which any client may clear."""


@dataclass(frozen=True)
class Network:
    """A network to measure on the class set. identity: unique to it. has_seen: how many drawings of the set
    it learnt from. name: what a teacher chooses it by for the wall. class_names: what it reads."""

    title: str
    identity: str
    load: Callable[[], Classifier]
    has_seen: int = 0
    name: str = ""
    class_names: tuple[str, ...] = datasets.DIGITS


def shipped() -> list[Network]:
    """The networks that ship and read digits, the default one first."""
    cards = {name: model_store.card(name) for name in model_store.shipped()}
    return [
        Network(
            card.get("title") or name,
            wall.identity(name),
            lambda name=name: model_store.load(name),
            name=name,
        )
        for name, card in cards.items()
        if datasets.are_digits(card["class_names"])
    ]


def for_wall(room: Room) -> list[Network]:
    """The networks of which one may read a class's wall: those that ship, or, where the class draws symbols,
    those of its runs that have learnt them, the best on validation first."""
    if room.draws_digits:
        return shipped()
    which = paths.runs(), room.id
    looked, found = _READERS.get(which, (-math.inf, []))
    if time.monotonic() - looked >= LOOK_SECONDS:
        found = [of_row(row) for row in board.readers(membership.rooms(), room)[:MOST]]
        while len(_READERS) >= MOST_CLASSES:
            _READERS.pop(next(iter(_READERS)), None)
        _READERS[which] = time.monotonic(), found
    return found


def of_wall(room: Room) -> Network | None:
    """The network that reads a class's wall: the teacher's choice, else the first; None where none reads what
    the class draws."""
    networks = for_wall(room)
    name = wall.network_of(room) if room.draws_digits else room.network
    return next((network for network in networks if network.name == name), networks[0] if networks else None)


def of_row(row: Row) -> Network:
    """The network of a run on the board. It is loaded for its reading only: thirty students' networks
    would push each other out of the memory that the pages' own networks share."""
    folder = row.folder
    title = f"{row.nickname}: {row.name}"
    return Network(
        title,
        row.model,
        lambda: _load(folder),
        row.class_digits,
        row.model,
        row.class_names or datasets.DIGITS,
    )


def figures(networks: Sequence[Network], drawings: Sequence[Drawing]) -> list[ClassFigure | None]:
    """Each network's score on the class set; None if it cannot be measured, or not yet."""
    found: list[ClassFigure | None] = []
    end = time.monotonic() + SECONDS_A_LOOK
    for network in networks:
        known = READER.knows(network.identity, drawings)
        found.append(figure(network, drawings) if drawings and (known or time.monotonic() < end) else None)
    return found


def figure(network: Network, drawings: Sequence[Drawing]) -> ClassFigure | None:
    """A network's score on the class set; None if its model is gone or damaged."""
    try:
        return READER.read(network.identity, network.load, drawings)
    except DigitcoreError:
        return None


def _load(folder: Path) -> Classifier:
    return model_store.load_folder(folder)
