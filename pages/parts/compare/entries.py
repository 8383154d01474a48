"""What can be compared: shipped networks, recorded runs and the visitor's own, and their answers to the test.

Answers are cached by the hash of the network's file and its temperature: equal files give equal answers,
whoever they belong to, and a run is only ever found under its visitor's key.
"""

import functools
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from digitcore import datasets, paths
from digitcore.errors import DigitcoreError
from digitcore.evaluation import comparison
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing.levels import scaled
from digitcore.runs import store as run_store
from digitcore.runs.run_folder import Run
from pages.parts.compare.progress import Bar
from pages.shared import networks, reveal, visitor
from pages.shared.language import N_, _, told

SHIPPED, OWN, RECORDED = N_("Shipped"), N_("Yours"), N_("Recorded")
KINDS = (SHIPPED, OWN, RECORDED)
OF_THE_TEST = ("accuracy", "misses", "low", "high", "loss", "precision", "recall", "f1-score")

CHUNK = 250
"""Digits read at a time: in between, the network's lock is free for somebody who draws, and a visitor who
clicks elsewhere meanwhile loses no more than one batch."""


@dataclass(frozen=True)
class Entry:
    """A network with its card.

    choice: as in `resources`.  title: plain text, unique among the entries.  figures: `comparison.figures`.
    folder: of a run, None for a shipped network. hidden: only its validation may be shown (reveal.py).
    """

    choice: str
    title: str
    kind: str
    card: dict[str, Any]
    figures: dict[str, Any]
    folder: Path | None = None
    hidden: bool = False

    @property
    def dataset(self) -> str:
        return self.card["dataset"]["name"]

    @property
    def file(self) -> dict[str, Any]:
        """Hash and bytes of the file that answers; {} where an older card names none."""
        name = "model.tflite" if self.folder else f"{self.choice}.tflite"
        return self.card.get("files", {}).get(name, {})

    @property
    def identity(self) -> str:
        """The same for networks that give the same answers."""
        calibration = self.card.get("calibration", {}).get("temperature")
        return f"{self.file.get('sha256') or (self.choice, self.card.get('created'))} {calibration}"


def everything() -> tuple[list[Entry], list[str]]:
    """All that this visitor may compare, the best on validation first, and a sentence about each one left
    out."""
    found, problems = [], []
    for choice, name, kind, card_of, folder, hidden in itertools.chain(_shipped(), _runs()):
        try:
            card = card_of()
            if card is not None:  # None: a run without a result yet
                datasets.describe(card["dataset"]["name"])
                figures = comparison.figures(card)
                figures |= dict.fromkeys(OF_THE_TEST) if hidden else {}
                found.append(Entry(choice, name, kind, card, figures, folder, hidden))
        except DigitcoreError as error:
            problems.append(_("Left out: {error}", error=told(error)))
        except (KeyError, TypeError):
            problems.append(
                _("Left out: the card of {name} comes from another version of Digit Lab.", name=name)
            )
    # The default network comes first in a tie, since sorting is stable.
    found.sort(key=lambda entry: -(entry.figures["validation"] or 0))
    return _named_apart(found), problems


def _shipped() -> Iterable[tuple]:
    for name in model_store.shipped():
        yield name, name, SHIPPED, functools.partial(model_store.card, name), None, False


def _runs() -> Iterable[tuple]:
    key = visitor.key()
    for run in (run_store.list_runs(key) if key else []) + run_store.recorded():
        kind, name = (
            (RECORDED, _("{name} (recorded)", name=told(run.name))) if run.recorded else (OWN, run.name)
        )
        card_of = functools.partial(Run.card, run)
        yield f"run:{run.id}", name, kind, card_of, run.folder, reveal.hides(run)


def _named_apart(entries: list[Entry]) -> list[Entry]:
    """Charts and tables identify networks by their titles, but several runs may share a name."""
    named: list[Entry] = []
    for entry in entries:
        forms = itertools.chain([entry.title], (f"{entry.title} ({n})" for n in itertools.count(2)))
        taken = {other.title for other in named}
        title = next(form for form in forms if form not in taken)
        named.append(replace(entry, title=title))
    return named


def choose(label: str, entries: list[Entry], key: str, default: int = 0) -> Entry:
    """A choice among the entries (at least one); one that is gone gives way to the default."""
    by_choice = {entry.choice: entry for entry in entries}
    if st.session_state.get(key) not in by_choice:
        st.session_state[key] = entries[min(default, len(entries) - 1)].choice
    chosen = st.selectbox(label, list(by_choice), format_func=lambda choice: by_choice[choice].title, key=key)
    return by_choice[chosen]


def test_answers(entry: Entry) -> np.ndarray:
    """Probabilities (n, classes) float32 of the test pictures: kept beside the network, or read now.

    Raises DigitcoreError, with one sentence, if the network or its data set is gone or damaged.
    """
    labels = datasets.load_labels(entry.dataset, "test")
    path = entry.folder / paths.TEST_ANSWERS if entry.folder else model_store.test_answers(entry.choice)
    kept = _kept(str(path), entry.identity, entry.figures["misses"], labels)
    if kept is not None:
        return kept
    network = networks.classifier(entry.choice)
    load = functools.cache(lambda: datasets.load(entry.dataset, "test")[0])
    bar = Bar(_("{title} reads the test pictures", title=entry.title))
    parts = []
    for start in range(0, len(labels), CHUNK):
        parts.append(_read(entry.identity, entry.dataset, start, network, load))
        bar.tell((start + CHUNK) / len(labels))
    return np.concatenate(parts)


@st.cache_data(max_entries=24, show_spinner=False)  # 0.4 MB each
def _kept(path: str, identity: str, misses: int, _labels: np.ndarray) -> np.ndarray | None:
    return comparison.kept_answers(Path(path), misses, _labels)


@st.cache_data(max_entries=24 * 40, show_spinner=False)  # 0.4 MB a network
def _read(
    identity: str, dataset: str, start: int, _network: Classifier, _load: Callable[[], np.ndarray]
) -> np.ndarray:
    return _network.predict(scaled(_load()[start : start + CHUNK]))


def milliseconds(entry: Entry) -> float:
    """How long reading one picture takes on this machine; measured once for each network."""
    network = networks.classifier(entry.choice)
    return _milliseconds(entry.identity, entry.dataset, network)


@st.cache_data(max_entries=256, show_spinner=False)
def _milliseconds(identity: str, dataset: str, _network: Classifier) -> float:
    images = datasets.load(dataset, "validation")[0][: comparison.REPEATS]
    return comparison.milliseconds(_network.answer, scaled(images))
