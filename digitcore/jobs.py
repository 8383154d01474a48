"""Who may train when: a queue over the run folders, on this machine.

The folders are the queue: a run with settings but no `started` file waits, oldest first. So a queue
survives a restart of the app, and several app processes may share one folder of runs.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from typing import Protocol

from filelock import FileLock

from digitcore import runs
from digitcore.errors import NoRoom, RunError
from digitcore.local_trainers import LocalTrainers
from digitcore.run_folder import Run
from digitcore.settings import Settings

# The rule that bounds the disk: ended runs beyond these are deleted, oldest first, when a new one comes.
KEPT_RUNS_PER_VISITOR = 20
KEPT_BYTES = 2 * 2**30
# And what one visitor may have waiting, so that nobody fills the queue alone.
WAITING_PER_VISITOR = 5

TICK_SECONDS = 0.5


class Backend(Protocol):
    """Where trainers run. Runs are stopped, paused and resumed by the control files in their folders alone;
    a back end whose trainers do not see this folder relays those files to them, and their files back."""

    def places(self) -> int:
        """How many trainers may run at once."""

    def check(self, settings: Settings) -> None:
        """RunError, a sentence for people, where not even one trainer of these settings could be taken."""

    def launch(self, run: Run) -> None:
        """Write `started` and start a trainer on the run. NoRoom where it must wait although a place is
        free (too little memory); OSError or RunError where this run cannot be started now."""

    def ended(self) -> list[tuple[Run, int]]:
        """Trainers that ended since this was last asked, each with its exit code."""

    def alive(self, run: Run) -> bool | None:
        """Whether a trainer is at work on the run; None where the lock in its folder tells."""


def chosen_backend() -> Backend:
    """A Dask cluster where $DIGITLAB_SCHEDULER names one (tcp://host:8786), else this machine."""
    scheduler = os.environ.get("DIGITLAB_SCHEDULER")
    if scheduler:
        from digitcore.cluster import DaskBackend  # its library is in requirements-cluster.txt

        return DaskBackend(scheduler)
    return LocalTrainers(int(os.environ.get("DIGITLAB_TRAINERS", "1")))


class Queue:
    """Everybody's runs, as many at a time as the back end has places; the rest wait in order.

    Safe to share between threads. `start` runs the dispatcher in a daemon thread; without it,
    `dispatch` does one round. Trainers are processes of their own: they outlive the queue.
    """

    def __init__(self, limit: int | None = None, backend: Backend | None = None) -> None:
        """limit: places on this machine; without it and without a back end, the environment chooses."""
        self.backend = backend or (chosen_backend() if limit is None else LocalTrainers(limit))
        self.short_of_memory = False  # whether the next run waits for memory rather than for its turn
        self._mutex = threading.Lock()
        self._submitting = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def submit(self, settings: Settings, key: str, name: str = "", sweep: str | None = None) -> Run:
        """A new run of a visitor, started now or queued. RunError where it cannot be taken.

        sweep: the id that the runs of one sweep have in common.
        """
        with self._submitting:  # or two clicks at once would count the same waiting runs
            waiting = [run for run in runs.list_runs(key) if _is_waiting(run)]
            if len(waiting) >= WAITING_PER_VISITOR:
                raise RunError(
                    f"At most {WAITING_PER_VISITOR} of your runs may wait in the queue, and {len(waiting)} "
                    "do; cancel one or let one finish."
                )
            self.backend.check(settings)
            tidy(key)
            try:
                run = runs.create(settings, key, name, sweep)
            except OSError as error:
                raise RunError(f"The run could not be kept: {error.strerror or error}.") from error
        try:
            self.dispatch()
        except OSError as error:  # the run waits; the dispatcher tries again
            print(f"The training queue could not look at its runs: {error}", file=sys.stderr)
        return run

    def place(self, run: Run) -> int | None:
        """1 for the run that starts next, 2 for the one after it; None if it does not wait."""
        ids = [waiting.folder for waiting in self.waiting()]
        return ids.index(run.folder) + 1 if run.folder in ids else None

    def waiting(self) -> list[Run]:
        """Everybody's queued runs, the next one first."""
        return [run for run in runs.all_runs() if _is_waiting(run)]

    def stop(self, run: Run) -> None:
        """Ask a run to stop; one that still waits leaves the queue at once."""
        run.request_stop()
        with self._dispatching():
            if _never_started(run):
                run.append_event("state", state="stopped")

    def dispatch(self) -> None:
        """Start as many waiting runs as there are free places, and forget the trainers that ended."""
        with self._dispatching():
            for run, code in self.backend.ended():
                _note_silent_death(run, code)
            everybody = runs.all_runs()
            waiting = [run for run in everybody if _is_waiting(run)]
            if not waiting:
                return
            free = self.backend.places() - sum(self._is_training(run) for run in everybody)
            self.short_of_memory = False
            for run in waiting:
                if free <= 0:
                    return
                try:
                    self.backend.launch(run)
                except NoRoom:
                    self.short_of_memory = True  # it may fit when something else has ended
                    return
                except (OSError, RunError) as error:  # e.g. its folder: those behind it go first
                    print(f"Run {run.id} could not be started: {error}", file=sys.stderr)
                else:
                    free -= 1

    def start(self) -> Queue:
        """Dispatch twice a second from now on, in a daemon thread."""
        self._thread = threading.Thread(target=self._loop, name="digitlab-queue", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """End the dispatcher; trainers run on."""
        self._ended.set()
        if self._thread:
            self._thread.join()

    def _loop(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            try:
                self.dispatch()
            except (
                OSError,
                RunError,
            ) as error:  # a full disk or a vanished folder must not end everybody's queue
                print(f"The training queue could not look at its runs: {error}", file=sys.stderr)

    def _is_training(self, run: Run) -> bool:
        if not run.file("started").exists():
            return False
        alive = self.backend.alive(run)
        return _is_active(run) if alive is None else alive

    @contextlib.contextmanager
    def _dispatching(self):
        """One dispatcher at a time, over threads and over app processes that share the runs."""
        runs.root().mkdir(parents=True, exist_ok=True)
        with self._mutex, FileLock(runs.root() / "queue.lock"):
            yield


def tidy(key: str) -> None:
    """Keep the disk bounded by deleting ended runs, oldest first: a visitor's beyond
    `KEPT_RUNS_PER_VISITOR`, then anybody's while all runs together take more than `KEPT_BYTES`."""
    mine = [run for run in runs.list_runs(key) if not _is_active(run)]
    for run in mine[KEPT_RUNS_PER_VISITOR - 1 :]:
        shutil.rmtree(run.folder, ignore_errors=True)
    ended = [run for run in runs.all_runs() if not _is_active(run)]
    total = sum(_bytes(run) for run in ended)
    for run in ended:
        if total <= KEPT_BYTES:
            return
        total -= _bytes(run)
        shutil.rmtree(run.folder, ignore_errors=True)


def _bytes(run: Run) -> int:
    return sum(path.stat().st_size for path in run.folder.iterdir() if path.is_file())


def _is_active(run: Run) -> bool:
    """Whether a run is queued or learning; one whose folder cannot be looked into is neither."""
    try:
        return run.state().active
    except OSError:
        return False


def _never_started(run: Run) -> bool:
    return not run.file("started").exists() and not run.file("card.json").exists()


def _is_waiting(run: Run) -> bool:
    return _never_started(run) and not run.file("stop").exists() and not run.file("events.jsonl").exists()


def _note_silent_death(run: Run, code: int) -> None:
    """A trainer that was killed could not say so itself; its parent can."""
    state = run.state()
    if (
        not state.has_model
        and state.name in ("starting", "failed")
        and run.last_state() not in ("failed", "stopped")
    ):
        run.append_event("message", text=f"The training process ended with code {code}.")
        run.append_event("state", state="failed")
