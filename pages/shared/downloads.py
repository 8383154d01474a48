"""Downloads of a network: its files, each with its receipt, and a program that reads a picture with it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import streamlit as st

from digitcore import datasets, paths
from digitcore.browser import one_file, weights
from digitcore.datasets import own
from digitcore.errors import PackageError, RunError
from digitcore.evaluation import other_runtimes, published
from digitcore.networks import model_store, snippet
from digitcore.runs.run_folder import Run
from pages.shared import reveal, server
from pages.shared.language import N_, _, current, number, told, written

LABELS = {
    "model.tflite": (".tflite", N_("For phones and small computers.")),
    "model-int8.tflite": (N_(".tflite of 8 bits"), N_("The smallest and, on small chips, the fastest.")),
    "model.keras": (".keras", N_("To continue in Keras.")),
    "model.h5": (".h5", N_("For older Keras.")),
    "model.onnx": (".onnx", N_("For ONNX Runtime and the many programs that read this format.")),
    "model-batch-1.tflite": (N_(".tflite for one picture per call"), N_("For LiteRT.js, in a browser.")),
}
FURTHER = {
    "model.onnx": (N_("Make an ONNX file"), LABELS["model.onnx"][1]),
    "model-batch-1.tflite": (
        N_("Make a .tflite for one picture per call"),
        LABELS["model-batch-1.tflite"][1],
    ),
}
"""What can still be made of a finished run: what its button says, and what the file is for."""
_PROBLEM = "download_problem"


def downloads(model: Run | str) -> None:
    """Buttons and receipts of a finished run, or of a shipped model by its name.

    Missing files are left out (a shipped model has no .h5, an older run no .tflite of 8 bits).
    Raises RunError or ModelError where the card is damaged.
    """
    if isinstance(model, Run):
        name, card, files, card_file = model.id, reveal.card(model), _files_of(model), model.file(paths.CARD)
    else:
        name, card, files = model, model_store.card(model), model_store.files(model)
        card_file = model_store.card_file(model)
    names = {file: f"{name}{file.removeprefix('model')}" for file in LABELS}
    for file, (title, purpose) in LABELS.items():
        if file in files:
            _button(f"{_(title)}, {size(files[file])}", files[file], names[file])
            st.caption(f"{_(purpose)} {receipt(file, card)}".strip())
    if isinstance(model, Run) and not model.recorded:
        _further(model, files)
    if "model.keras" in files:
        _one_file(model.folder if isinstance(model, Run) else model, name, card)
    _button(_("Card: settings, scores, versions (JSON)"), card_file, f"{name}.json", card)
    dataset = card["dataset"]["name"]
    pictures = (
        own.pictures(dataset) if datasets.is_known(dataset) and datasets.describe(dataset).own else None
    )
    if pictures is not None:
        _button(_("Its data set (.npz)"), pictures, f"{own.file_name(dataset)}.npz")
    if "model.tflite" in files:
        _program(names["model.tflite"], card, "model-int8.tflite" in files)


def _further(run: Run, there: dict[str, Path]) -> None:
    """Buttons for the files that a finished run does not have yet, each made in a process of its own."""
    maker = server.further_files()
    if maker.makes(run):
        st.fragment(_making, run_every=1.0)(run)
        return
    if problem := st.session_state.pop(_PROBLEM, None) or maker.problem(run):
        st.error(told(problem))
    for name, (title, purpose) in FURTHER.items():
        if name in there:
            continue
        if name == model_store.ONNX and not _can_make_onnx():
            st.caption(
                _("This server lacks the packages that make an ONNX file: requirements-onnx.txt names them.")
            )
            continue
        st.button(
            _(title), icon=":material/build:", key=f"make_{run.id}_{name}", on_click=_make, args=(run, name)
        )
        st.caption(_(purpose))


def _make(run: Run, name: str) -> None:
    try:
        server.further_files().start(run, name)
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)


def _making(run: Run) -> None:
    if not server.further_files().makes(run):
        st.rerun()
    st.info(
        _("The file is being made and compared with the network; this takes about half a minute."),
        icon=":material/hourglass_top:",
    )


def _can_make_onnx() -> bool:
    try:
        other_runtimes.check_onnx_packages()
    except PackageError:
        return False
    return True


def receipt(file: str, card: dict[str, Any]) -> str:
    """How a file compared with the network it was made from, in sentences; empty if the card does not say."""
    found = card.get("exports", {}).get(file)
    if not found:
        return ""
    digits = datasets.are_digits(card["class_names"])
    same, n = round(found["agreement"] * found["n"]), found["n"]
    off = found["max_difference"]
    said = [
        _("The same answer as the trained network to {same:,} of {n:,} digits,", same=same, n=n)
        if digits
        else _("The same answer as the trained network to {same:,} of {n:,} pictures,", same=same, n=n),
        _("no probability more than {off} off.", off=_rounded_up(off)) if off else _("to the last digit."),
    ]
    test = found.get("test") or (card.get("test") if file == "model.tflite" else None)
    if test:
        said.append(
            _("{accuracy:.2%} of the test digits: {misses:,} misses of {n:,}.", **_score(test))
            if digits
            else _("{accuracy:.2%} of the test pictures: {misses:,} misses of {n:,}.", **_score(test))
        )
    return " ".join(said)


def _score(test: dict[str, Any]) -> dict[str, Any]:
    return {name: test[name] for name in ("accuracy", "misses", "n")}


def size(path: Path) -> str:
    """A file's size for people."""
    count = path.stat().st_size
    return f"{number(count / 1e6, '.1f')} MB" if count >= 1e6 else f"{number(count / 1e3, ',.0f')} kB"


def _rounded_up(off: float) -> str:
    """As an upper bound: 0.0561 gives "5.7%", and nothing gives less than "0.01%"."""
    step = 1000 if off > 0.001 else 10_000
    return written(f"{math.ceil(off * step) / step * 100:g}%", current())


def _files_of(run: Run) -> dict[str, Path]:
    return model_store.files(str(run.folder))


def _button(label: str, path: Path, name: str, card: dict[str, Any] | None = None) -> None:
    """card: what is shown of the file, if it is a card."""
    hidden = card is not None and "test" not in card
    st.download_button(
        label,
        # Read when it is clicked, not held for every visitor.
        (lambda: json.dumps(card, indent=1).encode()) if hidden else path.read_bytes,
        name,
        icon=":material/download:",
        on_click="ignore",
        key=f"download_{name}",
    )


def _one_file(model: Path | str, name: str, card: dict[str, Any]) -> None:
    def made() -> bytes:
        packed = weights.of_model(str(model), one_file.PRECISION)
        counted = published.counted_in_a_browser(one_file.fingerprint(packed))
        return one_file.page(packed, one_file.PRECISION, card, counted).encode()

    st.download_button(
        _("One HTML file"),
        made,  # when it is clicked
        f"{name}.html",
        "text/html",
        icon=":material/download:",
        on_click="ignore",
        key=f"download_{name}.html",
    )
    st.caption(_("Reads drawings on a phone, without a server, and shows what each layer does with them."))


def _program(file: str, card: dict[str, Any], with_int8: bool) -> None:
    st.markdown(_("**Read a picture with it**, in ten lines of Python:"))
    knows_others = "index" in card.get("not_a_digit", {})
    st.code(snippet.text(file, card["class_names"], knows_others), language="python", wrap_lines=True)
    st.code(f"python -m pip install {snippet.PACKAGES}", language="bash", wrap_lines=True)
    st.caption(
        _("Save it next to the file and a picture digit.png of one digit on plain paper.")
        if datasets.are_digits(card["class_names"])
        else _("Save it next to the file and a picture digit.png.")
    )
    if with_int8:
        st.caption(_("It also works with the 8-bit file: put that file's name in instead."))
