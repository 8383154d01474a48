"""Who may train when: a queue made of the run folders.

The folders are the queue: every run whose folder says that it waits for a trainer gets one when its turn
comes. So the queue survives a restart of the app, and several processes of the app may share one folder of
runs.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import traceback
from collections.abc import Iterator

from filelock import FileLock

from digitcore import files, paths
from digitcore.errors import DigitcoreError, NoRoom, NoSpace, RunError
from digitcore.networks.settings import Settings
from digitcore.runs import admission, disk, own_data, requests, tidying
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.backend import Backend
from digitcore.runs.line import Line, Wait
from digitcore.runs.run_folder import Run

TICK_SECONDS = 0.5


class Queue:
    """Everybody's runs: as many at once as the back end has places; the others wait for their turn.

    Safe to share between threads. `start` runs the dispatcher in a daemon thread; without it, each call of
    `dispatch` does one round. Trainers are processes of their own and outlive the queue.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        # Whether the next run waits not for its turn, but for memory or for room on the disk.
        self.short_of_memory = self.short_of_space = False
        self._line = Line(backend)
        self._problems: dict[str, str] = {}  # the last message about each thing that went wrong
        self._mutex = threading.Lock()
        self._submitting = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def submit(
        self,
        settings: Settings,
        key: str,
        name: str = "",
        sweep: str | None = None,
        extra: bytes | None = None,
        address: str | None = None,
    ) -> Run:
        """A visitor's new run, started now or queued. RunError if it cannot be accepted.

        sweep: the id that the runs of one sweep share; they have a limit of their own.
        extra: digits to learn from besides the data set's, as `extra_digits.pack` makes them. address: the
        network whose share of places it takes (admission.py); None for none.
        """
        with self._submitting:  # otherwise two clicks at once would count the same waiting runs
            own_data.check(settings.dataset, key)
            admission.check_own(key, bool(sweep))
            admission.check([waiting.folder for waiting in self.waiting()], address)
            self.backend.check(settings)
            tidying.tidy(key)
            if (free := disk.free_bytes()) < (needed := disk.needed_bytes(settings)):
                raise RunError(
                    f"The disk is full: a training needs up to {needed / 2**20:,.0f} MB of it, and "
                    f"{free / 2**20:,.0f} MB are free."
                )
            try:
                run = run_store.create(settings, key, name, sweep, extra)
            except OSError as error:
                raise RunError(f"The run could not be kept: {error.strerror or error}.") from error
            admission.note(run.folder, address)
        self._dispatch_or_say()  # if that fails the run waits, and the dispatcher tries again
        return run

    def place(self, run: Run) -> int | None:
        """1 for the run that starts next, 2 for the one after it; None if it does not wait."""
        wait = self.wait(run)
        return wait and wait.place

    def wait(self, run: Run) -> Wait | None:
        """A run's place in the queue, and about how long it has still to wait; None if it does not wait."""
        return self._line.look(at_once=self._thread is None).waits.get(run.folder)

    def waiting(self) -> list[Run]:
        """Everybody's queued runs, the next one first."""
        return list(self._line.look().waiting)

    def stop(self, run: Run) -> None:
        """Ask a run to stop; one that still waits for its first trainer leaves the queue at once."""
        requests.stop(run)
        with self._dispatching():
            if not run.file(paths.STARTED).exists() and not run.file(paths.CARD).exists():
                run.append_event("state", state="stopped")
            self._line.look()

    def dispatch(self) -> None:
        """Start as many waiting runs as there are free places, and forget the trainers that have ended."""
        with self._dispatching():
            for run, code in self.backend.ended():
                with self._said(f"The end of run {run.id} could not be noted"):
                    _note_silent_death(run, code)
            look = self._line.look()
            free = self.backend.places() - len(look.training)
            self.short_of_memory = self.short_of_space = False
            started = 0
            for run in look.waiting:
                if free <= started:
                    break
                try:
                    with self._said(f"Run {run.id} could not be started"):  # those behind it go first
                        self.backend.launch(run)
                        started += 1
                except NoRoom as error:
                    self.short_of_space = isinstance(error, NoSpace)
                    self.short_of_memory = not self.short_of_space  # it may fit when another run has ended
                    break
            if started:
                self._line.look()

    def start(self) -> Queue:
        """Dispatch twice a second from now on, in a daemon thread."""
        self._thread = threading.Thread(target=self._loop, name="digitlab-queue", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """End the dispatcher; trainers keep running."""
        self._ended.set()
        if self._thread:
            self._thread.join()

    def _loop(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            self._dispatch_or_say()

    def _dispatch_or_say(self) -> None:
        """Dispatch once; whatever goes wrong must not end everybody's queue."""
        with self._said("The training queue could not look at its runs"):
            self.dispatch()

    @contextlib.contextmanager
    def _said(self, what: str) -> Iterator[None]:
        """Print whatever is raised within, each message once until all has gone well again."""
        try:
            yield
            self._problems.pop(what, None)
        except NoRoom:
            raise
        except Exception as error:
            if self._problems.get(what) != repr(error):
                self._problems[what] = repr(error)
                print(f"{what}: {error}", file=sys.stderr)
                if not isinstance(error, (OSError, DigitcoreError)):  # a bug: say where
                    traceback.print_exception(error)

    @contextlib.contextmanager
    def _dispatching(self) -> Iterator[None]:
        """One dispatcher at a time, over all threads and all processes of the app that share the runs."""
        files.private_folder(paths.runs())
        with self._mutex, FileLock(paths.runs() / paths.QUEUE_LOCK, mode=0o600):
            yield


def _note_silent_death(run: Run, code: int) -> None:
    """A killed trainer cannot report its own end; its parent does, unless another trainer takes over."""
    run_state.take_back_start(run)
    if run_state.waits_for_trainer(run):
        return
    state = run_state.of(run)
    if (
        not state.has_model
        and state.name in ("starting", "failed")
        and run.last_state() not in ("failed", "stopped")
    ):
        run.append_event("message", text=f"The training process ended with code {code}.")
        run.append_event("state", state="failed")
