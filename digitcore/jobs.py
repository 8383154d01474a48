"""Who may train when: a queue over the run folders, on this machine.

The folders are the queue: a run with settings but no `started` file waits, oldest first. So a queue
survives a restart of the app, and several app processes may share one folder of runs.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import psutil
from filelock import FileLock

from digitcore import runs
from digitcore.errors import RunError
from digitcore.run_folder import Run
from digitcore.runs import REPOSITORY
from digitcore.settings import Settings

# A trainer's private memory at its peak, with some reserve (benchmarks/startup_and_memory.py prints it).
TRAINER_BYTES = 900 * 2**20
# The rule that bounds the disk: ended runs beyond these are deleted, oldest first, when a new one comes.
KEPT_RUNS_PER_VISITOR = 20
KEPT_BYTES = 2 * 2**30
# And what one visitor may have waiting, so that nobody fills the queue alone.
WAITING_PER_VISITOR = 5

TICK_SECONDS = 0.5


class Queue:
    """At most `limit` trainers at a time over everybody's runs; the rest wait in order.

    Safe to share between threads. `start` runs the dispatcher in a daemon thread; without it,
    `dispatch` does one round. Trainers are processes of their own: they outlive the queue.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit or int(os.environ.get("DIGITLAB_TRAINERS", "1"))
        self.short_of_memory = False  # whether the next run waits for memory rather than for its turn
        self._trainers: dict[Path, subprocess.Popen] = {}
        self._mutex = threading.Lock()
        self._submitting = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def submit(self, settings: Settings, key: str, name: str = "") -> Run:
        """A new run of a visitor, started now or queued. RunError where it cannot be taken."""
        with self._submitting:  # or two clicks at once would count the same waiting runs
            waiting = [run for run in runs.list_runs(key) if _is_waiting(run)]
            if len(waiting) >= WAITING_PER_VISITOR:
                raise RunError(
                    f"At most {WAITING_PER_VISITOR} of your runs may wait in the queue, and {len(waiting)} "
                    "do; cancel one or let one finish."
                )
            check_memory()
            tidy(key)
            try:
                run = runs.create(settings, key, name)
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
            for folder, trainer in list(self._trainers.items()):
                if trainer.poll() is not None:
                    del self._trainers[folder]
                    _note_silent_death(Run(folder), trainer.returncode)
            everybody = runs.all_runs()
            waiting = [run for run in everybody if _is_waiting(run)]
            if not waiting:
                return
            free = self.limit - sum(run.file("started").exists() and _is_active(run) for run in everybody)
            self.short_of_memory = False
            for run in waiting:
                if free <= 0:
                    return
                if available_memory() < TRAINER_BYTES:
                    self.short_of_memory = True  # it may fit when something else has ended
                    return
                try:
                    self._launch(run)
                except OSError as error:  # its folder cannot be written to: those behind it go first
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

    def _launch(self, run: Run) -> None:
        run.mark_started()
        with run.file("log.txt").open("ab") as log:
            self._trainers[run.folder] = subprocess.Popen(
                [sys.executable, "-m", "digitcore", "train", "--run", str(run.folder.resolve())],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Neither Ctrl-C in the app's terminal nor its end reaches the trainer.
                start_new_session=True,
            )

    @contextlib.contextmanager
    def _dispatching(self):
        """One dispatcher at a time, over threads and over app processes that share the runs."""
        runs.root().mkdir(parents=True, exist_ok=True)
        with self._mutex, FileLock(runs.root() / "queue.lock"):
            yield


def available_memory() -> int:
    """Bytes that a new process may take: the machine's, or what the container's limit leaves."""
    available = psutil.virtual_memory().available
    group = Path("/sys/fs/cgroup")  # cgroup v2, by which Docker and Community Cloud bound an app
    try:
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        cache = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group, or its limit is "max"
        return available
    # Files that lie in memory because they were read once count as used, and are given up when needed.
    return min(available, limit - used + int(cache.get("inactive_file", 0)))


def check_memory() -> None:
    """RunError where a trainer would not fit beside the app now, even alone."""
    available = available_memory()
    if available < TRAINER_BYTES:
        raise RunError(
            f"Training needs about {TRAINER_BYTES / 2**30:.1f} GB of free memory, and this machine has "
            f"{available / 2**30:.1f} GB; close something or train on another machine."
        )


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
