"""On Data: a data set of one's own is uploaded, made, described and deleted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from digitcore.datasets import own
from digitcore.datasets.collecting import building
from digitcore.errors import RunError
from digitcore.runs import own_data
from digitcore.runs.own_data import Own
from pages.shared import made_sets, refused_uploads, uploads, visitor
from pages.shared.language import _, ngettext, told
from pages.shared.run_list import as_typed

TICK_SECONDS = 0.5
_TURN, _PROBLEM = "own_set_turn", "own_set_problem"


def section() -> None:
    """The form, folded away, and what is being made or has failed."""
    listed = own_data.listed(visitor.key())
    busy = any(each.is_being_made for each in listed)
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(told(problem))
    if busy:
        _watch()
    for each in listed:
        if each.problem:
            _failed(each)
    # Of another key after each start: the expander is closed again.
    turn = st.session_state.setdefault(_TURN, 0)
    with st.expander(_("A data set of your own"), icon=":material/add:", key=f"own_set_box_{turn}"):
        _form(busy, turn)


def _form(busy: bool, turn: int) -> None:
    st.markdown(
        _(
            "Letters, signs, your own digits: 2 to {classes} classes, and at least {least} pictures of each.",
            classes=own.MOST_CLASSES,
            least=building.LEAST,
        )
    )
    st.markdown(
        "\n".join(
            (
                _("* a **zip** with one folder per class, named after it, and one symbol in each picture;"),
                _("* or a **CSV** with a label and the pixels of a square picture in each row (Kaggle's);"),
                _("* or **idx** files, pictures and labels (MNIST's)."),
            )
        )
    )
    files = st.file_uploader(
        _("Zip, CSV or idx files"), accept_multiple_files=True, key=f"own_set_files_{turn}"
    )
    refused_uploads.show()
    left, right = st.columns(2, gap="medium")
    title = left.text_input(
        _("Title"), placeholder=_("The file's name"), max_chars=own.LONGEST_TITLE, key=f"own_set_title_{turn}"
    )
    names = right.text_input(
        _("Names of the classes"),
        placeholder="A, B, C",
        key=f"own_set_names_{turn}",
        help=_("Needed only where labels are numbers: in their order, separated by commas."),
    )
    seed = left.number_input(_("Seed of the split"), 0, 2**31 - 1, 0, key=f"own_set_seed_{turn}")
    pressed = st.button(
        _("Make the data set"),
        type="primary",
        icon=":material/dataset:",
        disabled=busy or not files,
        key="own_set_make",
    )
    st.caption(
        _(
            "A tenth of each class is kept for validation and a tenth for the test. Only you can use the "
            "data set; it is kept with your runs, and you can delete it here."
        )
    )
    if pressed and files:
        _ask(files, title, int(seed), [name.strip() for name in names.split(",")] if names.strip() else [])


def _ask(files: Sequence[UploadedFile], title: str, seed: int, names: list[str]) -> None:
    try:
        made_sets.make([(file.name, file.getvalue()) for file in files], title, seed, names)
        st.session_state[_TURN] += 1
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
    else:
        uploads.release(files)
    st.rerun()


@st.fragment(run_every=TICK_SECONDS)
def _watch() -> None:
    """How far it is; the whole page runs again when it has ended."""
    made = next((each for each in own_data.listed(visitor.key()) if each.is_being_made), None)
    if made is None:
        st.rerun()
    if not made.done:
        st.progress(0.0, _("{title}: opening the files …", title=as_typed(made.title)))
    elif made.total:
        text = _(
            "{title}: {done:,} of {total:,} pictures prepared",
            title=as_typed(made.title),
            done=made.done,
            total=made.total,
        )
        st.progress(min(1.0, made.done / made.total), text)
    else:
        st.progress(0.0, _("{title}: {done:,} pictures prepared", title=as_typed(made.title), done=made.done))


def _failed(each: Own) -> None:
    with st.container(key=f"own_set_failed_{each.name}"):
        st.error(f"{as_typed(each.title)}: {as_typed(told(each.problem))}")
        st.button(_("Close"), on_click=_delete, args=(each.name,), key=f"own_set_close_{each.name}")


def facts(name: str) -> None:
    """How a data set of one's own was split, and of a visitor's own the button that deletes it."""
    said = own.about(name)
    st.caption(_("Split with seed {seed}.", seed=said.get("seed", 0)) + _twice(said.get("duplicates", 0)))
    pictures = own.pictures(name)
    if pictures is not None:
        st.download_button(
            _("Take it home (.npz)"),
            pictures.read_bytes,  # when it is clicked
            f"{own.file_name(name)}.npz",
            icon=":material/download:",
            on_click="ignore",
            key=f"own_set_download_{name}",
        )
    if not own.is_private(name):
        return
    with st.popover(_("Delete this data set"), icon=":material/delete:"):
        st.markdown(_("Its pictures are deleted for good. Networks that have learnt from them stay."))
        st.button(_("Delete it"), type="primary", on_click=_delete, args=(name,), key="own_set_delete")


def _twice(count: int) -> str:
    if not count:
        return ""
    return " " + ngettext(
        "{n:,} picture was there twice and counts once.",
        "{n:,} pictures were there more than once and count once.",
        count,
    )


def _delete(name: str) -> None:
    try:
        own_data.delete(visitor.key(), name)
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
