"""The form for a new training: three choices in view, all other settings in one expander."""

import pandas as pd
import streamlit as st

from digitcore import datasets
from digitcore.errors import DigitcoreError
from digitcore.networks import architectures
from digitcore.networks.settings import ARCHITECTURES, RANGES, RECIPES, Choice, Range, Settings
from digitcore.networks.settings_query import ONLY_CUSTOM
from pages.parts.train import class_set, settings_link

IN_VIEW = ("architecture", "epochs", "dataset", "n_train")
LABELS = {
    "architecture": "Network",
    "n_train": "Training pictures",
    "dataset": "Data",
    "seed": "Random seed",
    "shift": "Shift (pixels)",
    "rotation": "Rotation (degrees)",
}


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
    with st.expander("More settings"):
        choices |= _others(choices["architecture"])
        name = st.text_input("Name of the run", placeholder="Optional", max_chars=60, key="train_name")
    settings = None
    try:
        settings = Settings.for_architecture(**choices)
        with right:
            _network(settings)
        problem = _missing(settings.dataset)
    except DigitcoreError as error:
        problem = str(error)
    if problem:
        st.warning(problem)
    pressed = button.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        disabled=bool(problem),
        width="stretch",
    )
    if settings:
        with button:
            settings_link.offer(settings)
    return (settings, name) if pressed and settings else None


def _missing(dataset: str) -> str:
    """Why a data set cannot be trained on here, or "" if it can."""
    if datasets.is_available(dataset):
        return ""
    title = datasets.describe(dataset).title
    return f"{title} is not on this machine yet: the Data page can fetch it; MNIST is always here."


def _in_view() -> dict:
    told = settings_link.values()
    network = st.selectbox(
        LABELS["architecture"],
        ARCHITECTURES,
        index=ARCHITECTURES.index(told.get("architecture", settings_link.FIRST)),
        key=settings_link.key("train_architecture"),
        persist_state="session",
    )
    recipe = _recipe(network)
    epochs = _widget("epochs", network, recipe["epochs"])
    dataset = st.segmented_control(
        LABELS["dataset"],
        datasets.names(),
        default=told.get("dataset", datasets.names()[0]),
        required=True,
        format_func=lambda name: datasets.describe(name).title,
        key=settings_link.key("train_dataset"),
        persist_state="session",
    )
    n_train = st.select_slider(
        LABELS["n_train"],
        _round_numbers(RANGES["n_train"], told.get("n_train")),
        value=told.get("n_train", recipe["n_train"]),
        format_func=lambda n: f"{n:,}",
        help=RANGES["n_train"].help,
        key=settings_link.key("train_n_train"),
        persist_state="session",
    )
    return {"architecture": network, "epochs": epochs, "dataset": dataset, "n_train": n_train}


def _others(network: str) -> dict:
    """One widget per setting, with the value from the network's own recipe."""
    recipe = _recipe(network)
    names = [
        name for name in RANGES if name not in IN_VIEW and (network == "custom" or name not in ONLY_CUSTOM)
    ]
    columns = st.columns(2, gap="medium")
    chosen = {}
    for number, name in enumerate(names):
        with columns[number % 2]:
            chosen[name] = _widget(name, network, recipe[name])
    changed = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in RECIPES[network].items())
    st.caption(f"To begin with, {network}'s own recipe is filled in: {changed}.")
    return chosen


def _recipe(network: str) -> dict:
    """The network's own recipe, changed by what a link says."""
    return Settings.for_architecture(network).to_dict() | settings_link.values(network)


def _widget(name: str, network: str, value):
    """A setting's widget, made from its range; each network has its own, which starts at its recipe's
    value."""
    allowed = RANGES[name]
    label = LABELS.get(name, name.replace("_", " ").capitalize())
    common = {
        "key": settings_link.key(f"train_{name}_{network}"),
        "help": allowed.help,
        "persist_state": "session",
    }
    if isinstance(allowed, Choice):
        return st.selectbox(label, allowed.options, index=allowed.options.index(value), **common)
    if (allowed.high - allowed.low) / allowed.step <= 100:
        return st.slider(label, allowed.low, allowed.high, value, allowed.step, **common)
    form = {} if isinstance(allowed.step, int) else {"format": "%.5f"}
    return st.number_input(label, allowed.low, allowed.high, value, allowed.step, **form, **common)


def _round_numbers(allowed: Range, told: int | None) -> list[int]:
    """1, 2, 5, 10, … times the smallest value, the largest, and the one from a link."""
    values = {int(allowed.low * factor * 10**power) for power in range(4) for factor in (1, 2, 5)}
    return sorted({value for value in values if value < allowed.high} | {int(allowed.high), told} - {None})


def _network(settings: Settings) -> None:
    layers = architectures.layers(settings)
    table = pd.DataFrame(
        {
            "Layer": [layer.text for layer in layers],
            "Output": [" × ".join(map(str, layer.output_shape)) for layer in layers],
            "Parameters": [layer.parameters for layer in layers],
        }
    )
    total = architectures.parameter_count(settings)
    steps = f"{settings.steps_per_epoch:,} batches an epoch"
    st.caption(f"28 × 28 picture in; {len(layers)} layers, **{total:,} parameters**; {steps}.")
    st.dataframe(
        table,
        hide_index=True,
        height=min(318, 38 + 35 * len(layers)),  # the deepest network scrolls in its own box
        column_config={"Parameters": st.column_config.NumberColumn(format="localized")},
        alt=f"The layers of {settings.architecture} with their output shapes and parameters",
    )
