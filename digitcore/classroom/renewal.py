"""A new key for a visitor, to replace one that others may have seen: runs and classes move to it."""

from __future__ import annotations

import contextlib

from digitcore.classroom.classes import Classroom
from digitcore.errors import RunError
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store


def renew_visitor(rooms: Classroom, key: str) -> str:
    """Move everything that a key opens to a new one, which is returned; the old one then opens nothing.

    RunError while one of their runs is waiting or in training: its trainer writes into the old folder.
    """
    if any(run_state.of(run).active for run in run_store.list_runs(key)):
        raise RunError(
            "A new link can be made when none of your runs waits or is at work: stop them, or wait."
        )
    new = run_store.new_key()
    old_folder, new_folder = run_store.owner_folder(key), run_store.owner_folder(new)
    with contextlib.ExitStack() as both_or_neither:
        if rooms.store.path.exists():
            db = both_or_neither.enter_context(rooms.store.writing())
            owners = (new_folder.name, old_folder.name)
            db.execute("UPDATE students SET owner = ? WHERE owner = ?", owners)
        if old_folder.exists():
            try:
                old_folder.rename(new_folder)
            except OSError as error:
                raise RunError(f"Your runs could not be moved: {error.strerror or error}.") from error
    return new
