"""A run replayed epoch by epoch, from random weights to its end: a slider, and a button that moves it."""

import streamlit as st

from digitcore import datasets
from digitcore.runs import recording
from digitcore.runs.recording import Frame
from digitcore.runs.run_folder import Run
from pages.parts.train import curves, epoch_view
from pages.parts.train.run_curves import history_of
from pages.shared import run_list
from pages.shared.language import _

# Slow enough to see what changes, and for a machine that is also training to keep up.
STEP_SECONDS = 0.8
_FRAMES = "train_frames"


def frames_of(run: Run) -> list[Frame]:
    """The frames of a run, oldest first; each is read once per session. Damaged ones are left out."""
    run_id, kept = st.session_state.get(_FRAMES, ("", {}))
    if run_id != run.id:
        kept = {}
        st.session_state[_FRAMES] = run.id, kept
    for epoch in recording.epochs(run):
        if epoch not in kept:
            frame = recording.frame(run, epoch)
            if frame:
                kept[epoch] = frame
    return [kept[epoch] for epoch in sorted(kept)]


def show(run: Run) -> None:
    """The replay, or one sentence if the run left nothing to replay."""
    if len(frames_of(run)) < 2:
        st.info(
            _(
                "This run has no epochs to replay: it was trained before they were recorded, or it ended "
                "early."
            )
        )
        return
    st.fragment(_replay, run_every=STEP_SECONDS if st.session_state.get(_playing(run)) else None)(run)


def _replay(run: Run) -> None:
    frames = {frame.epoch: frame for frame in frames_of(run)}
    epochs = list(frames)
    place = f"replay_{run.id}"
    if st.session_state.get(place) not in frames:
        st.session_state[place] = epochs[0]
    playing = st.session_state.get(_playing(run), False)
    if playing and not _step(place, epochs, 1):
        st.session_state[_playing(run)] = False
        st.rerun()  # rerunning the whole page ends the fragment's clock
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if st.button(
            "",
            icon=":material/pause:" if playing else ":material/play_arrow:",
            help=_("Hold") if playing else _("Play"),
            key=f"play_{run.id}",
            type="primary",
        ):
            if not playing and st.session_state[place] == epochs[-1]:
                st.session_state[place] = epochs[0]
            st.session_state[_playing(run)] = not playing
            st.rerun()
        epoch = st.select_slider(_("After epoch"), epochs, key=place)
    frame = frames[epoch]
    missing = len(recording.epochs(run)) - len(epochs)
    if missing:
        st.caption(
            _("{missing} of the epochs cannot be shown, because their files are damaged.", missing=missing)
        )
    st.markdown(sentence(run, frame))
    names = datasets.describe(run.settings.dataset).class_names
    if len(frame.own):
        st.markdown(_("**Your digit**") if len(frame.own) == 1 else _("**Your digits**"))
        epoch_view.own_digits([f for f in frames.values() if f.epoch <= epoch], names)
    _curves(run, epoch)
    inside(run, frame, list(frames.values()))


def inside(run: Run, frame: Frame, frames: list[Frame]) -> None:
    """The row of pictures, the first layer's weights, the confusion matrix; `frames` are all those of the
    run."""
    names = datasets.describe(run.settings.dataset).class_names
    _pictures(run, frame, names)
    _weights(frame, frames)
    st.markdown(f"**{_('Confusion')}**")
    epoch_view.confusion(frame, names)
    st.caption(
        _(
            "{n:,} validation pictures. Rows: what it was; columns: what was read. Blue is "
            "right, orange wrong.",
            n=frame.confusion.sum(),
        )
    )


def _pictures(run: Run, frame: Frame, names: tuple[str, ...]) -> None:
    row = recording.row(run)
    if row is None or len(row[0]) != len(frame.answers):
        return
    st.markdown(_("**The same pictures after each epoch**"))
    epoch_view.row(*row, frame, names)
    st.caption(
        _("Validation pictures: the first of each class, and the one least like the rest of its class.")
    )


def _weights(frame: Frame, frames: list[Frame]) -> None:
    if not frame.weights.size:
        return
    kernels = frame.weights.shape[1] < 28
    st.markdown(_("**First layer**"))
    epoch_view.weights(frame, epoch_view.weights_scale(frames))
    st.caption(
        _(
            "Each picture is the small pattern that a filter looks for: ink on blue counts for it, ink on "
            "orange against it."
        )
        if kernels
        else _(
            "Each picture is what one unit looks for in each pixel: ink on blue counts for it, ink on orange "
            "against it."
        )
    )


def _curves(run: Run, epoch: int) -> None:
    """Curves up to the epoch, on axes that fit the whole run."""
    whole = history_of(run)
    if not whole.points:
        return
    part = {run_list.name(run): whole.until(epoch)}
    for column, measure in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        with column:
            limits = curves.limits_of(whole, measure)
            curves.draw(part, measure, f"replay_{measure}_{run.id}", limits=limits)


def sentence(run: Run, frame: Frame) -> str:
    """Which epoch it is, and how well the network reads after it."""
    right, n = frame.confusion.diagonal().sum(), frame.confusion.sum()
    when = (
        _("Random weights, before anything was learnt")
        if frame.epoch == 0
        else _("After epoch {epoch}", epoch=frame.epoch)
    )
    known = {e["epoch"]: e for e in history_of(run).epochs}.get(frame.epoch)
    rate = f", {_('learning rate {rate:.2g}', rate=known['learning_rate'])}" if known else ""
    return _(
        "{when}: **{right:,} of {n:,}** validation pictures right{rate}.",
        when=when,
        right=right,
        n=n,
        rate=rate,
    )


def _step(place: str, epochs: list[int], by: int) -> bool:
    """Move the slider on; False if it is at its end."""
    at = epochs.index(st.session_state[place]) + by
    if at >= len(epochs):
        return False
    st.session_state[place] = epochs[at]
    return True


def _playing(run: Run) -> str:
    return f"replay_plays_{run.id}"
