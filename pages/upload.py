"""Upload: many pictures at once, read, looked through, corrected and taken home as a table."""

from collections.abc import Sequence
from itertools import chain, islice

import streamlit as st

from digitcore import paths
from digitcore.errors import Abandoned
from digitcore.preprocessing import archives, images
from digitcore.reading.batch import read_pictures
from digitcore.reading.results import MAX_DIGITS, MAX_RESULTS, Results, small
from pages.parts.upload import gallery
from pages.shared import networks, refused_uploads, visitor
from pages.shared.language import N_, _, told
from pages.shared.uploads import release

SAMPLES = sorted(path for path in paths.SAMPLES.glob("*") if path.suffix in (".png", ".jpg"))
LOOSE_FILES = 200
KEPT_SIDE = 400  # pixels of the copy that is kept to look closer at: some 2 kB a photograph

INKS = {
    N_("Any ink"): "auto",
    N_("Dark on light"): "dark-on-light",
    N_("Light on dark"): "light-on-dark",
}

state = st.session_state
results: Results = state.setdefault("upload_results", Results())
# A new key gives an empty uploader and an empty camera.
turn = state.setdefault("upload_turn", 0)


def read(parts: Sequence[Sequence[tuple[str, object]]], left_out: int = 0) -> None:
    """Read all items of all parts with the chosen network and keep the results."""
    total = sum(len(part) for part in parts)
    wanted = min(total, results.room)
    bar = st.progress(0.0, _("Reading …"))

    def progress(done: int, _name: str) -> None:
        if done % max(1, wanted // 100) == 0:
            bar.progress(done / wanted, _("Reading {done:,} of {wanted:,}", done=done, wanted=wanted))

    pictures = islice(chain.from_iterable(parts), wanted)
    # Kept in one go: whoever presses a button meanwhile starts the reading again, not half of it twice.
    rows = read_pictures(pictures, network, progress, INKS[ink], KEPT_SIDE, stop=visitor.has_gone())
    try:
        kept = results.extend([small(row) for row in rows], network)
    except Abandoned:
        st.stop()
    state.upload_one = kept == 1
    note = "".join(f"{told(part.left_out)} " for part in parts if getattr(part, "left_out", ""))
    if left_out > 0:
        note += _(
            "Beyond {most} files, {n:,} were not read: make a zip of them.",
            most=LOOSE_FILES,
            n=left_out,
        )
        note += " "
    if kept < total:
        note += _(
            "Not read: {n:,} of the {total:,} files, because {most:,} results with {digits:,} digits are "
            "kept at most: download the table, press Clear and send them again.",
            n=total - kept,
            total=total,
            most=MAX_RESULTS,
            digits=MAX_DIGITS,
        )
    state.upload_note = note


def clear() -> None:
    state.upload_results, state.upload_note = Results(), ""


st.title(_("Upload pictures"), anchor=False)
# On a phone the cards begin below the first screen, and whoever has sent one photograph waits for one answer.
newest = st.container(key="upload_newest", gap=None) if results.items and state.get("upload_one") else None
if newest is None:
    st.markdown(
        _("**Try this:** read the samples, correct an answer that is wrong, then change the network.")
    )
uploads = st.file_uploader(
    _(
        "Pictures: up to {files} files, or a zip of up to {zipped:,}",
        files=LOOSE_FILES,
        zipped=archives.MAX_FILES,
    ),
    accept_multiple_files=True,
    key=f"upload_files_{turn}",
    help=_(
        "{formats}, dark on light or light on dark: a digit, a number, or rows of digits. "
        "Photographs of paper are fine.",
        formats=told(images.READABLE),
    ),
)
refused_uploads.show()
with st.container(horizontal=True, vertical_alignment="center"):
    samples = st.button(_("Try samples"), icon=":material/auto_awesome:", disabled=not SAMPLES)
    camera = st.toggle(_("Use the camera"))
    ink = st.selectbox(
        _("Ink and ground"),
        list(INKS),
        format_func=_,
        key="upload_ink",
        label_visibility="collapsed",
        width=160,
        help=_("For pictures that come out the wrong way round"),
    )
photo = st.camera_input(_("A photo of a digit or a number"), key=f"upload_camera_{turn}") if camera else None
with st.container(border=True):
    network = networks.model_picker("upload")

if uploads:
    zips = [file for file in uploads if archives.is_zip(file.name)]
    loose = [file for file in uploads if not archives.is_zip(file.name)]
    chosen = zips + loose[:LOOSE_FILES]
    read([archives.unpacked(file.name, file.getvalue()) for file in chosen], len(loose) - LOOSE_FILES)
if photo:
    read([[(f"photo {len(results.items) + 1}.jpg", photo.getvalue())]])
if samples:
    read([[(path.name, path.read_bytes()) for path in SAMPLES]])
if uploads or photo or samples:
    release([*uploads, photo] if photo else uploads)
    state.upload_turn += 1
    st.rerun()

results.follow(network)
if state.get("upload_note"):
    st.warning(state.upload_note)
if results.items:
    if newest is not None:
        with newest:
            gallery.newest(results)
    gallery.show(results, network, INKS[ink], clear)
