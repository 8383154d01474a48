"""Who may train when: a queue over the run folders.

The folders are the queue: whatever run says that it waits for a trainer gets one when its turn comes. So a
queue survives a restart of the app, and several app processes may share one folder of runs.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from digitcore import limits, paths
from digitcore.errors import DigitcoreError, NoRoom, RunError, SettingsError
from digitcore.networks import architectures
from digitcore.networks.settings import Settings
from digitcore.runs import admission
from digitcore.runs import store as run_store
from digitcore.runs.run_files import modified
from digitcore.runs.run_folder import Run
from digitcore.runs.turns import Pace, Took, Waiting, in_turn, waits

TICK_SECONDS = 0.5
# How many recent runs tell how long the next ones will take.
RECENT = 30
# Of a run that takes longer than was thought, nobody knows how much is left.
LEAST_LEFT_SECONDS = 5.0


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


@dataclass(frozen=True)
class Wait:
    """Where a waiting run stands: 1 for the one that starts next, and the seconds until then, about; None
    where no run has ended yet from which that could be told."""

    place: int
    seconds: float | None


@dataclass(frozen=True)
class _Ended:
    """A run that needs nothing any more, as long as its folder stays as it was seen."""

    seen: tuple[int, int]
    owner: str
    at: float
    took: Took | None


@dataclass(frozen=True)
class _Look:
    """Everybody's runs at one moment: those that wait, in turn, and those that have a trainer."""

    at: float = -1e9
    line: list[Run] = field(default_factory=list)
    training: list[Run] = field(default_factory=list)
    waits: dict[Path, Wait] = field(default_factory=dict)


class Queue:
    """Everybody's runs, as many at a time as the back end has places; the rest wait in fair turns.

    Safe to share between threads. `start` runs the dispatcher in a daemon thread; without it,
    `dispatch` does one round. Trainers are processes of their own: they outlive the queue.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.short_of_memory = False  # whether the next run waits for memory rather than for its turn
        self._last_look = _Look()
        self._settled: dict[Path, _Ended] = {}
        self._looking = threading.Lock()  # over the two above
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
        """A new run of a visitor, started now or queued. RunError where it cannot be taken.

        sweep: the id that the runs of one sweep have in common; they have a limit of their own.
        extra: digits to learn from besides the data set's, as `extra_digits.pack` makes them. address: whose
        budget of places it takes (admission.py); None for nobody's.
        """
        with self._submitting:  # or two clicks at once would count the same waiting runs
            _check_waiting(key, bool(sweep))
            admission.check([waiting.folder for waiting in self.waiting()], address)
            self.backend.check(settings)
            tidy(key)
            try:
                run = run_store.create(settings, key, name, sweep, extra)
            except OSError as error:
                raise RunError(f"The run could not be kept: {error.strerror or error}.") from error
            admission.note(run.folder, address)
        try:
            self.dispatch()
        except OSError as error:  # the run waits; the dispatcher tries again
            print(f"The training queue could not look at its runs: {error}", file=sys.stderr)
        return run

    def place(self, run: Run) -> int | None:
        """1 for the run that starts next, 2 for the one after it; None if it does not wait."""
        wait = self.wait(run)
        return wait and wait.place

    def wait(self, run: Run) -> Wait | None:
        """Where a run stands in line, and about how long it still will; None if it does not wait."""
        return self._look(at_once=self._thread is None).waits.get(run.folder)

    def waiting(self) -> list[Run]:
        """Everybody's queued runs, the next one first."""
        return list(self._look(at_once=True).line)

    def stop(self, run: Run) -> None:
        """Ask a run to stop; one that still waits for its first trainer leaves the queue at once."""
        run.request_stop()
        with self._dispatching():
            if not run.file("started").exists() and not run.file("card.json").exists():
                run.append_event("state", state="stopped")
            self._look(at_once=True)

    def dispatch(self) -> None:
        """Start as many waiting runs as there are free places, and forget the trainers that ended."""
        with self._dispatching():
            for run, code in self.backend.ended():
                _note_silent_death(run, code)
            look = self._look(at_once=True)
            free = self.backend.places() - len(look.training)
            self.short_of_memory, started = False, 0
            for run in look.line:
                if free <= started:
                    break
                try:
                    self.backend.launch(run)
                except NoRoom:
                    self.short_of_memory = True  # it may fit when something else has ended
                    break
                except (OSError, DigitcoreError) as error:  # e.g. its folder: those behind it go first
                    print(f"Run {run.id} could not be started: {error}", file=sys.stderr)
                else:
                    started += 1
            if started:
                self._look(at_once=True)

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
            except (OSError, DigitcoreError) as error:  # a full disk must not end everybody's queue
                print(f"The training queue could not look at its runs: {error}", file=sys.stderr)

    def _look(self, at_once: bool) -> _Look:
        """Everybody's runs as they are now, or a moment ago: thirty pages ask twice a second."""
        with self._looking:
            if at_once or time.monotonic() - self._last_look.at > 2 * TICK_SECONDS:
                self._last_look = self._look_now()
            return self._last_look

    def _look_now(self) -> _Look:
        line, training = [], []
        ended = {folder: known for folder, known in self._settled.items() if _seen(folder) == known.seen}
        for run in run_store.all_runs(but=ended.__contains__):
            seen = _seen(run.folder)
            with contextlib.suppress(OSError):  # a folder that cannot be looked into holds up nobody
                if self._is_training(run):
                    training.append(run)
                elif run.waits_for_trainer():
                    line.append(run)
                else:
                    ended[run.folder] = _settle(run, seen)
        self._settled = ended
        return self._in_turn(line, training)

    def _in_turn(self, line: list[Run], training: list[Run]) -> _Look:
        latest: dict[str, float] = {}
        for known in self._settled.values():
            latest[known.owner] = max(known.at, latest.get(known.owner, 0.0))
        by_folder = {run.folder: run for run in line}
        order = in_turn([_waiting(run) for run in line], [run.folder.parent.name for run in training], latest)
        took = sorted((known.at, known.took) for known in self._settled.values() if known.took)
        pace = Pace([run for _, run in took[-RECENT:]])
        times = [pace.seconds(run.architecture, run.work) for run in order]
        starts: list[float] | list[None] = [None] * len(order)
        places = self.backend.places()
        if places and None not in times:
            starts = waits(places, [_left(run, pace) for run in training], times)
        found = {run.folder: Wait(i + 1, starts[i]) for i, run in enumerate(order)}
        return _Look(time.monotonic(), [by_folder[run.folder] for run in order], training, found)

    def _is_training(self, run: Run) -> bool:
        """Whether it takes a place."""
        alive = self.backend.alive(run) if run.file("started").exists() else False
        return run.state().training if alive is None else alive

    @contextlib.contextmanager
    def _dispatching(self):
        """One dispatcher at a time, over threads and over app processes that share the runs."""
        paths.runs().mkdir(parents=True, exist_ok=True)
        with self._mutex, FileLock(paths.runs() / "queue.lock"):
            yield


def _check_waiting(key: str, in_sweep: bool) -> None:
    """RunError where a visitor has as many runs in line as one may."""
    allowed = limits.current()
    waiting = [run for run in run_store.list_runs(key) if run.waits_for_trainer()]
    count = sum(bool(run.sweep) == in_sweep for run in waiting)
    most = allowed.waiting_in_sweeps if in_sweep else allowed.waiting_runs
    if count >= most:
        of = "runs of your sweeps" if in_sweep else "your runs"
        raise RunError(
            f"At most {most} of {of} may wait in the queue, and {count} do; cancel one or let one finish."
        )


def tidy(key: str) -> None:
    """Keep the disk bounded by deleting ended runs, oldest first: a visitor's beyond `kept_runs`, then
    anybody's while all runs together take more than `kept_megabytes` (see limits.py)."""
    allowed = limits.current()
    mine = [run for run in run_store.list_runs(key) if not _is_active(run)]
    for run in mine[max(0, allowed.kept_runs - 1) :]:
        shutil.rmtree(run.folder, ignore_errors=True)
    ended = [run for run in run_store.all_runs() if not _is_active(run)]
    total = sum(_bytes(run) for run in ended)
    for run in ended:
        if total <= allowed.kept_megabytes * 2**20:
            return
        total -= _bytes(run)
        shutil.rmtree(run.folder, ignore_errors=True)


def _bytes(run: Run) -> int:
    return sum(path.stat().st_size for path in run.folder.rglob("*") if path.is_file())


def _is_active(run: Run) -> bool:
    """Whether a run is queued or learning; one whose folder cannot be looked into is neither."""
    try:
        return run.state().active
    except OSError:
        return False


def _seen(folder: Path) -> tuple[int, int]:
    """What changes with a run: every control file and every file that takes another's place changes the
    folder, whatever a trainer does is an event."""
    return modified(folder), modified(folder / "events.jsonl")


def _settle(run: Run, seen: tuple[int, int]) -> _Ended:
    return _Ended(seen, run.folder.parent.name, seen[1] / 1e9, _took(run))


def _took(run: Run) -> Took | None:
    """How long a run took that went through in one go; None for any other."""
    try:
        card = run.card()
        started, ended = modified(run.file("started")) / 1e9, modified(run.file("card.json")) / 1e9
        if not card or card.get("stopped") or card.get("interventions") or not started < ended:
            return None
        settings = run.settings
        return Took(settings.architecture, _work(settings), ended - started, float(card["seconds"]))
    except (OSError, DigitcoreError, KeyError, TypeError, ValueError):  # of another version, or damaged
        return None


def _waiting(run: Run) -> Waiting:
    more = run.more_epochs()
    try:
        settings = run.settings
    except SettingsError:  # of another version: its trainer will say so
        return Waiting(run.folder, run.created, "", 0.0)
    epochs = more["epochs"] if more else None
    asked = more["asked"] if more else run.created
    return Waiting(run.folder, asked, settings.architecture, _work(settings, epochs))


def _work(settings: Settings, epochs: int | None = None) -> float:
    """Pictures learnt, times the multiplications of the network for one."""
    pictures = settings.n_train * (settings.epochs if epochs is None else epochs)
    return float(pictures * architectures.multiplications(settings))


def _left(run: Run, pace: Pace) -> float:
    """About how many seconds a run still takes that is being trained."""
    try:
        settings = run.settings
    except SettingsError:
        return LEAST_LEFT_SECONDS
    whole = pace.seconds(settings.architecture, _work(settings)) or 0.0
    return max(LEAST_LEFT_SECONDS, whole - (time.time() - modified(run.file("started")) / 1e9))


def _note_silent_death(run: Run, code: int) -> None:
    """A trainer that was killed could not say so itself; its parent can, unless another one goes on."""
    run.take_back_start()
    if run.waits_for_trainer():
        return
    state = run.state()
    if (
        not state.has_model
        and state.name in ("starting", "failed")
        and run.last_state() not in ("failed", "stopped")
    ):
        run.append_event("message", text=f"The training process ended with code {code}.")
        run.append_event("state", state="failed")
