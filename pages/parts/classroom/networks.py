"""The networks that a class is shown, shipped ones and those on its board, and how each reads the class
set."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from digitcore import datasets
from digitcore.classroom import wall
from digitcore.classroom.board import Row
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import Drawing
from digitcore.classroom.scores import ClassFigure, ClassReader
from digitcore.errors import DigitcoreError
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier

# Seconds that one look at the board may spend reading drawings; the next look continues.
SECONDS_A_LOOK = 1.0
MOST = 60  # networks of a board that are listed
READER = ClassReader()
"""Readings of class sets, kept for all visitors; not in Streamlit's cache, which any client may clear."""


@dataclass(frozen=True)
class Network:
    """A network to measure on the class set. identity: unique to it. has_seen: how many drawings of the set
    it learnt from. name: only if it ships."""

    title: str
    identity: str
    load: Callable[[], Classifier]
    has_seen: int = 0
    name: str = ""


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


def of_wall(room: Room) -> Network:
    """The network that reads a class's wall."""
    name = wall.network_of(room)
    return next(network for network in shipped() if network.name == name)


def of_row(row: Row) -> Network:
    """The network of a run on the board. It is loaded for its reading only: thirty students' networks
    would push each other out of the memory that the pages' own networks share."""
    folder = row.folder
    return Network(f"{row.nickname}: {row.name}", row.model, lambda: _load(folder), row.class_digits)


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
