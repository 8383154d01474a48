"""Shown while a run waits for its turn or loads TensorFlow: a recorded run of the same kind, epoch by
epoch."""

import time
from pathlib import Path

import streamlit as st

from digitcore import datasets
from digitcore.networks import architectures
from digitcore.networks.settings import Settings
from digitcore.runs import recording
from digitcore.runs import store as run_store
from digitcore.runs.recording import Frame
from digitcore.runs.run_folder import Run
from pages.parts.train import epoch_view
from pages.shared.language import _

EPOCH_SECONDS = 1.5


def show(run: Run) -> None:
    """One epoch of the recording, by the clock; nothing if there is no recording."""
    recorded = _like(run.settings)
    frames = _frames(str(recorded.folder)) if recorded else ()
    if not frames:
        return
    frame = frames[int(time.time() / EPOCH_SECONDS) % len(frames)]
    names = datasets.describe(recorded.settings.dataset).class_names
    right, n = frame.confusion.diagonal().sum(), frame.confusion.sum()
    when = _("with random weights") if frame.epoch == 0 else _("after epoch {epoch}", epoch=frame.epoch)
    st.caption(
        _(
            "Meanwhile, a recorded run of the same kind ({architecture}), {when}: {right:,} of "
            "{n:,} validation pictures right.",
            architecture=recorded.settings.architecture,
            when=when,
            right=right,
            n=n,
        )
    )
    row = recording.row(recorded)
    if row is not None and len(row[0]) == len(frame.answers):
        epoch_view.row(*row, frame, names)
    if frame.weights.size:
        epoch_view.weights(frame, epoch_view.weights_scale(frames), most=16)


def _like(settings: Settings) -> Run | None:
    """The most similar recorded run: the same network, or else one that also has (or lacks) convolutions,
    with the nearest number of pictures."""

    def unlike(run: Run) -> tuple[bool, bool, int]:
        other = run.settings
        return (
            other.architecture != settings.architecture,
            _convolves(other) != _convolves(settings),
            abs(other.n_train - settings.n_train),
        )

    return min(run_store.recorded(), key=unlike, default=None)


def _convolves(settings: Settings) -> bool:
    return any(layer.kind == "Conv2D" for layer in architectures.layers(settings))


@st.cache_resource(max_entries=4, show_spinner=False)
def _frames(folder: str) -> tuple[Frame, ...]:
    """The recording's frames, oldest first, the same for all visitors."""
    run = Run(Path(folder), recorded=True)
    found = (recording.frame(run, epoch) for epoch in recording.epochs(run))
    return tuple(frame for frame in found if frame)
