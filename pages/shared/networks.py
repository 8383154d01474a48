"""What the pages share of networks: those that are loaded, and the choice among them.

A choice is a string: the name of a shipped model, or "run:<id>" for a finished run. Runs are looked up only
by the visitor's key and the run's id (`runs.find`), never by a path from outside.
"""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from digitcore import datasets, paths
from digitcore.errors import DigitcoreError, ModelError, RunError
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from digitcore.runs import cards, epoch_weights, run_folder
from digitcore.runs import store as run_store
from pages.shared import reveal, visitor
from pages.shared.language import _, told

PARAMETER = "model"
_CHOICE = "network"
_RUN = "run:"


def classifier(choice: str) -> Classifier:
    """The network of a choice, loaded once per server; ModelError or RunError if there is none."""
    model, card = model_of(choice)
    return (_of_run if choice.startswith(_RUN) else _shipped)(model, identity(card))


def model_of(choice: str) -> tuple[str, Path]:
    """A choice as `model_store` knows it (a shipped model's name or a run's folder) and the path of its card;
    ModelError or RunError if there is none."""
    if choice.startswith(_RUN):
        folder = _run(choice).folder
        return str(folder), folder / paths.CARD
    if choice not in model_store.shipped():
        raise ModelError(_("There is no model {choice!r}.", choice=choice))
    return choice, paths.MODELS / f"{choice}.json"


def choose(choice: str) -> None:
    """Read with this network on every page from now on."""
    st.session_state[_CHOICE] = choice
    visitor.carry(PARAMETER, None)  # an older choice in the address would win


def use_run(run: run_folder.Run) -> None:
    """Read with a finished run's network on every page from now on."""
    choose(_RUN + run.id)


def model_picker(key_prefix: str) -> Classifier:
    """The choice of network with its test accuracy and misses; returns the chosen one, loaded.

    Remembered across pages in the session and, so that a reload keeps it, in the address (?model=…). A
    network that is gone gives way to the first shipped one, with a sentence. Stops the page if there is none.
    """
    cards = _cards()
    if not cards:
        st.error(
            _("This copy of Digit Lab comes without a network: train one first (python -m digitcore train).")
        )
        st.stop()
    default = next(iter(cards))
    chosen = st.query_params.get(PARAMETER) or st.session_state.get(_CHOICE) or default
    try:
        network = classifier(chosen)
    except DigitcoreError:
        chosen = default
        network = _default(default)
        st.warning(
            _("The network that you chose is no longer here; {title} reads instead.", title=network.title)
        )
    cards.setdefault(chosen, network.card)
    widget = f"{key_prefix}_network"
    st.session_state[widget] = chosen
    st.selectbox(
        _("Network"),
        list(cards),
        format_func=lambda choice: _title(choice, cards[choice]),
        key=widget,
        on_change=lambda: choose(st.session_state[widget]),
    )
    _remember(chosen, default)
    test = network.card.get("test", {})
    if chosen.startswith(_RUN) and reveal.hides(_run(chosen)):
        validation = network.card["validation"]
        st.caption(
            _(
                "{accuracy:.2%} of the validation digits; your teacher reveals the test",
                accuracy=validation["accuracy"],
            )
        )
    elif "accuracy" in test:
        data = datasets.describe(network.card["dataset"]["name"]).title
        figures = {"accuracy": test["accuracy"], "data": data, "n": test["n"]}
        st.caption(
            _("{accuracy:.2%} of {data}'s {n:,} test pictures, one miss", **figures)
            if test["misses"] == 1
            else _(
                "{accuracy:.2%} of {data}'s {n:,} test pictures, {misses:,} misses",
                **figures,
                misses=test["misses"],
            )
        )
    return network


def chosen() -> str:
    """The choice whose network `model_picker` returned."""
    return st.session_state[_CHOICE]


def choices() -> dict[str, str]:
    """Everything this visitor may choose, and its title."""
    return {choice: _title(choice, card) for choice, card in _cards().items()}


def epochs_of(choice: str) -> dict[str, str]:
    """A run as it was after the epochs of which it kept its weights: choices for `live_network`, and titles;
    none of another network, nor of a run that is not this visitor's."""
    if not choice.startswith(_RUN):
        return {}
    with contextlib.suppress(DigitcoreError):
        kept = epoch_weights.epochs(_run(choice))
        return {f"{choice}@{epoch}": _("This run after epoch {epoch}", epoch=epoch) for epoch in kept}
    return {}


def _default(name: str) -> Classifier:
    try:
        return classifier(name)
    except ModelError as error:
        st.error(told(error))
        st.stop()


def _remember(chosen: str, default: str) -> None:
    st.session_state[_CHOICE] = chosen
    visitor.carry(PARAMETER, chosen if chosen != default else None)


def _cards() -> dict[str, dict[str, Any]]:
    """Cards of everything this visitor may choose: the shipped models, then their own runs' models."""
    files = sorted(paths.MODELS.glob("*.json"))
    cards = dict(_shipped_cards(tuple((file.name, identity(file)) for file in files)))
    key = visitor.key()
    for run in run_store.list_runs(key) if key else []:
        written = identity(run.file(paths.CARD))
        with contextlib.suppress(RunError):  # a damaged run offers no network; Train says why
            if written and (card := _run_card(str(run.folder), written)):
                cards[_RUN + run.id] = card
    return cards


# Do not change what these return: all sessions share it, and each stroke asks for it.
@st.cache_resource(max_entries=4, show_spinner=False)
def _shipped_cards(identities: tuple[tuple[str, tuple[int, int] | None], ...]) -> dict[str, dict[str, Any]]:
    return {name: model_store.card(name) for name in model_store.shipped()}


@st.cache_resource(max_entries=256, show_spinner=False)
def _run_card(folder: str, identity: tuple[int, int]) -> dict[str, Any] | None:
    """None for the instant in which a run's new result replaces the old one."""
    return cards.read(run_folder.Run(Path(folder)))


def _title(choice: str, card: dict[str, Any]) -> str:
    title = card.get("title") or card["name"]
    return _("{title} (your run)", title=title) if choice.startswith(_RUN) else title


def _run(choice: str) -> run_folder.Run:
    """A visitor's own run or a shipped recording; RunError for anybody else's."""
    run_id = choice.removeprefix(_RUN)
    for run in run_store.recorded():
        if run.id == run_id:
            return run
    key = visitor.key()
    if key is None:
        raise ModelError(_("Runs are found by their link, and this address contains none."))
    return run_store.find(key, run_id)


def identity(card: Path) -> tuple[int, int] | None:
    """A value that changes when the card is rewritten: it is written last, so a new card means new files."""
    try:
        stat = card.stat()
    except (OSError, ValueError):  # ValueError: an address may contain a null byte
        return None
    return stat.st_mtime_ns, stat.st_size


# Bounded, because each of thirty students has runs. A network takes 1-10 MB.
@st.cache_resource(max_entries=8, show_spinner=False)
def _shipped(name: str, identity: tuple[int, int] | None) -> Classifier:
    return _warm(model_store.load(name))


@st.cache_resource(max_entries=12, show_spinner=False)
def _of_run(folder: str, identity: tuple[int, int] | None) -> Classifier:
    return _warm(model_store.load_folder(Path(folder)))


def _warm(network: Classifier) -> Classifier:
    """The first answer allocates tensors, and nobody should have to wait for that after a stroke."""
    network.predict(np.zeros((1, 28, 28), np.float32))
    return network
