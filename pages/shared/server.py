"""What a server has once, whoever asks: the queue of trainings, fetches of data sets, what makes further
files of runs, and its opening.

None of it is in Streamlit's cache, which any client may have cleared by a message: a second dispatcher would
stand beside the first, and so on. Nor is it in this module, which Streamlit imports anew when a file of the
app changes: it is kept beside it, where only the end of the process ends it.
"""

import contextlib
import gc
import sys
import threading
import types

from digitcore import backends, datasets, process
from digitcore.runs import queue as run_queue
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.further_files import FurtherFiles

_PLACE = "digitlab_server"


def _new_place() -> types.ModuleType:
    place = types.ModuleType(_PLACE)
    place.mutex = threading.RLock()
    place.queue = None
    place.fetchers = {}
    place.further_files = None
    place.opened = False
    place.kept = set()  # titles of pages
    return place


def _place() -> types.ModuleType:
    return sys.modules.setdefault(_PLACE, _new_place())


def queue() -> run_queue.Queue:
    """The server's queue of trainings, started; all visitors share it."""
    place = _place()
    with place.mutex:
        if type(place.queue) is not run_queue.Queue:  # none yet, or one of before a file was changed
            old = place.queue
            if old is not None:
                old.close()
            place.queue = run_queue.Queue(old.backend if old is not None else backends.chosen()).start()
        return place.queue


def fetcher(name: str) -> datasets.BackgroundFetch:
    """What fetches a data set, at most once at a time."""
    place = _place()
    with place.mutex:
        if name not in place.fetchers:
            place.fetchers[name] = datasets.BackgroundFetch(name)
        return place.fetchers[name]


def further_files() -> FurtherFiles:
    """What makes further files of finished runs, one at a time."""
    place = _place()
    with place.mutex:
        if place.further_files is None:
            place.further_files = backends.further_files()
        return place.further_files


def open_server() -> None:
    """Done once per server, with the first page that anybody opens."""
    place = _place()
    with place.mutex:
        if place.opened:
            return
        place.opened = True
    process.share_arenas()
    process.keep_opencv_in_its_thread()
    # Runs that were waiting when the last server ended continue, and runs on other machines are followed
    # again. If that fails, people must still be able to draw; Train tries again.
    with contextlib.suppress(Exception):
        if any(run_state.of(run).active for run in run_store.all_runs()):
            queue()


def keep_modules(page: str) -> None:
    """Done once per page, after its first run has imported its modules: the garbage collector can skip those.

    Scanning the 140,000 objects of imported modules takes 75 ms, in which no page answers.
    """
    place = _place()
    with place.mutex:
        if page in place.kept:
            return
        place.kept.add(page)
    gc.collect()
    gc.freeze()


def forget() -> None:
    """As a server that has just begun: for tests, which are many servers in one process."""
    place = sys.modules.pop(_PLACE, None)
    if place is not None and place.queue is not None:
        place.queue.close()
