"""The form for a new training: three choices in view, all other settings in one expander."""

import re
from typing import Any

import pandas as pd
import streamlit as st

from digitcore import datasets
from digitcore.errors import DigitcoreError, PackageError
from digitcore.evaluation import other_runtimes
from digitcore.networks import architectures
from digitcore.networks.ranges import ARCHITECTURES, DIGITS_ONLY, RANGES, Choice
from digitcore.networks.recipes import RECIPES
from digitcore.networks.settings import Settings
from digitcore.networks.settings_query import ONLY_CUSTOM
from pages.parts.train import class_set, settings_link
from pages.shared import data_sets
from pages.shared.language import N_, _, current, ngettext, number, told, written
from pages.shared.number_columns import COUNT, form, written_table

ONNX_TOO = "train_onnx_too"
IN_VIEW = ("architecture", "epochs", "dataset", "n_train")
LABELS = {
    "dataset": N_("Data"),
    "architecture": N_("Network"),
    "epochs": N_("Epochs"),
    "batch_size": N_("Batch size"),
    "optimizer": N_("Optimizer"),
    "learning_rate": N_("Learning rate"),
    "schedule": N_("Schedule"),
    "dropout": N_("Dropout"),
    "n_train": N_("Training pictures"),
    "shift": N_("Shift (pixels)"),
    "rotation": N_("Rotation (degrees)"),
    "zoom": N_("Zoom"),
    "thickness": N_("Thickness"),
    "recentre": N_("Recentre"),
    "shear": N_("Shear"),
    "stretch": N_("Stretch"),
    "elastic": N_("Elastic"),
    "pen": N_("Pen"),
    "european": N_("European"),
    "damage": N_("Damage"),
    "plain": N_("Plain"),
    "mild": N_("Mild"),
    "drawn": N_("Drawn"),
    "negatives": N_("Negatives"),
    "distil": N_("Distil"),
    "smoothing": N_("Smoothing"),
    "averaged": N_("Averaged"),
    "start": N_("Start"),
    "kept": N_("Kept"),
    "early_stopping": N_("Early stopping"),
    "stop_at_accuracy": N_("Stop at accuracy (%)"),
    "stop_after": N_("Stop after (minutes)"),
    "loss": N_("Loss"),
    "seed": N_("Random seed"),
    "depth": N_("Depth"),
    "width": N_("Width"),
    "activation": N_("Activation"),
}
"""What each setting is called on pages."""


def ask() -> tuple[Settings, str] | None:
    """Settings and name of a run once Start is pressed, else None; explains in place what cannot be
    trained."""
    if settings_link.problems():
        st.warning(settings_link.problems())
    left, right = st.columns([2, 3], gap="medium")
    with left:
        choices = _in_view()
        class_set.offer(choices["dataset"])
        button = st.container()  # stays right under the controls, on a phone too
    with st.expander(_("More settings")):
        choices |= _others(choices["architecture"], choices["dataset"])
        _onnx_too()
        name = st.text_input(_("Name of the run"), placeholder=_("Optional"), max_chars=60, key="train_name")
    settings = None
    try:
        settings = Settings.for_architecture(**choices)
        with right:
            _network(settings)
        problem = _missing(settings.dataset)
    except DigitcoreError as error:
        problem = told(error)
    if problem:
        st.warning(problem)
    pressed = button.button(
        _("Start training"),
        type="primary",
        icon=":material/play_arrow:",
        disabled=bool(problem),
        width="stretch",
    )
    if settings:
        with button:
            settings_link.offer(settings)
    return (settings, name) if pressed and settings else None


def label(name: str) -> str:
    """What a setting is called."""
    return _(LABELS[name])


def within(text: str) -> str:
    """A label within a sentence: in small letters, but for German, which keeps those of its nouns."""
    return text if current() == "de" else text.lower()


def as_written(value: Any) -> str:
    """A setting's value as the language writes it; names stay as they are."""
    return value if isinstance(value, str) else written(f"{value}", current())


def _onnx_too() -> None:
    """The choice of an ONNX file at the end; a sentence where this server cannot make one."""
    try:
        other_runtimes.check_onnx_packages()
    except PackageError:
        st.session_state[ONNX_TOO] = False
        st.caption(
            _("This server lacks the packages that make an ONNX file: requirements-onnx.txt names them.")
        )
        return
    st.toggle(
        _("Make an ONNX file too"),
        key=ONNX_TOO,
        persist_state="session",
        help=_("For ONNX Runtime and other programs that read this format; takes some seconds at the end."),
    )


def _missing(dataset: str) -> str:
    """Why a data set cannot be trained on here, or "" if it can."""
    if datasets.is_available(dataset):
        return ""
    title = datasets.describe(dataset).title
    return _(
        "{title} is not on this machine yet: the Data page can fetch it; MNIST is always here.", title=title
    )


def _in_view() -> dict:
    linked = settings_link.values()
    network = st.selectbox(
        label("architecture"),
        ARCHITECTURES,
        index=ARCHITECTURES.index(linked.get("architecture", settings_link.FIRST)),
        key=settings_link.key("train_architecture"),
        persist_state="session",
    )
    recipe = _recipe(network)
    epochs = _widget("epochs", network, recipe["epochs"])
    titles = data_sets.choices()
    key = settings_link.key("train_dataset")
    if st.session_state.get(key, next(iter(titles))) not in titles:  # deleted, or another visitor's
        del st.session_state[key]
    dataset = st.segmented_control(
        label("dataset"),
        list(titles),
        default=linked.get("dataset", next(iter(titles))),
        required=True,
        format_func=titles.get,
        wrap=True,
        key=key,
        persist_state="session",
    )
    data = datasets.describe(dataset)
    most = data.n_train if data.own else int(RANGES["n_train"].high)
    wanted = min(most, linked.get("n_train", recipe["n_train"]))
    n_train = st.select_slider(
        label("n_train"),
        _round_numbers(10 if data.own else 100, most, wanted),
        value=wanted,
        format_func=lambda n: number(n, ","),
        help=told(RANGES["n_train"].help),
        key=settings_link.key(f"train_n_train_{dataset}" if data.own else "train_n_train"),
        persist_state="session",
    )
    return {"architecture": network, "epochs": epochs, "dataset": dataset, "n_train": n_train}


def _others(network: str, dataset: str) -> dict:
    """One widget per setting that makes sense for the data set, with the value from the network's recipe."""
    recipe = _recipe(network)
    hidden = {
        *IN_VIEW,
        *(() if network == "custom" else ONLY_CUSTOM),
        *(() if datasets.describe(dataset).is_digits else DIGITS_ONLY),
    }
    names = [name for name in RANGES if name not in hidden]
    columns = st.columns(2, gap="medium")
    chosen = {}
    for place, name in enumerate(names):
        with columns[place % 2]:
            chosen[name] = _widget(name, network, recipe[name])
    changed = ", ".join(
        f"{within(label(key))} {as_written(value)}"
        for key, value in RECIPES[network].items()
        if key not in hidden or key in IN_VIEW
    )
    st.caption(
        _("To begin with, {network}'s own recipe is filled in: {changed}.", network=network, changed=changed)
    )
    return chosen


def _recipe(network: str) -> dict:
    """The network's own recipe, changed by what a link says."""
    return Settings.for_architecture(network).to_dict() | settings_link.values(network)


def _widget(name: str, network: str, value):
    """A setting's widget, made from its range; each network has its own, which starts at its recipe's
    value."""
    allowed = RANGES[name]
    common = {
        "key": settings_link.key(f"train_{name}_{network}"),
        "help": told(allowed.help),
        "persist_state": "session",
    }
    if isinstance(allowed, Choice):
        return st.selectbox(label(name), allowed.options, index=allowed.options.index(value), **common)
    if (allowed.high - allowed.low) / allowed.step <= 100:
        return st.slider(label(name), allowed.low, allowed.high, value, allowed.step, **common)
    form = {} if isinstance(allowed.step, int) else {"format": "%.1f" if allowed.step >= 0.1 else "%.5f"}
    return st.number_input(label(name), allowed.low, allowed.high, value, allowed.step, **form, **common)


def _round_numbers(least: int, most: int, wanted: int) -> list[int]:
    """1, 2, 5, 10, … times the smallest value, the largest, and the one that is to be shown first."""
    values = {least * factor * 10**power for power in range(4) for factor in (1, 2, 5)}
    return sorted({value for value in values if value < most} | {most, wanted})


def layer_text(text: str) -> str:
    """A layer as digitcore names it, which is by Keras's names but for where a convolution looks."""
    return re.sub(r"every (\d+)nd pixel", lambda found: _("every {n}nd pixel", n=found[1]), text)


def _network(settings: Settings) -> None:
    layers = architectures.layers(settings)
    table = pd.DataFrame(
        {
            _("Layer"): [layer_text(layer.text) for layer in layers],
            _("Output"): [" × ".join(map(str, layer.output_shape)) for layer in layers],
            _("Parameters"): [layer.parameters for layer in layers],
        }
    )
    total = architectures.parameter_count(settings)
    steps = ngettext("{n:,} batch an epoch", "{n:,} batches an epoch", settings.steps_per_epoch)
    st.caption(
        _(
            "28 × 28 picture in; {layers} layers, **{total:,} parameters**; {steps}.",
            layers=len(layers),
            total=total,
            steps=steps,
        )
    )
    st.dataframe(
        written_table(table, {_("Parameters"): COUNT}),
        hide_index=True,
        height=min(318, 38 + 35 * len(layers)),  # the deepest network scrolls in its own box
        column_config={_("Parameters"): st.column_config.NumberColumn(format=form(COUNT))},
        alt=_(
            "The layers of {architecture} with their output shapes and parameters",
            architecture=settings.architecture,
        ),
    )
