"""Trainers on a Dask cluster: the queue's other back end, used if $DIGITLAB_SCHEDULER names a scheduler.

    python -m dask scheduler                                   on one machine
    python -m dask worker tcp://HOST:8786 --nthreads 1         on each, in Digit Lab's folder
    DIGITLAB_SCHEDULER=tcp://HOST:8786 python -m streamlit run app.py

A run keeps its folder at the app. Its trainer works in a copy on a worker (worker.py), and a relay here
(relay.py) keeps the two alike. What is still to be done follows from the folder and from what the workers
say (connection.py), and from nothing else:

* The app is restarted: trainings go on. The next app asks the workers which runs they have, takes the locks
  that are free, and copies what it missed. With several apps over one folder of runs, whoever has the lock
  relays.
* A worker dies: its trainer ends with it (die_with_owner.py), the relay lets the run go, and the queue
  launches it again elsewhere, from the checkpoint of its last epoch.

Whoever reaches a scheduler's or a worker's port can run code there: keep them in a network of their own, or
use TLS on all sides (Dask's configuration `distributed.comm`, which its client and commands read).
"""

from __future__ import annotations

import asyncio
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from filelock import Timeout

from digitcore import datasets, paths
from digitcore.cluster.connection import ANSWER_SECONDS, Connection
from digitcore.cluster.relay import KILLED, TICK_SECONDS, Relay, attempt_of
from digitcore.cluster.worker import ENDED
from digitcore.datasets import own
from digitcore.errors import ClusterError, NoRoom, RunError
from digitcore.networks.settings import Settings
from digitcore.runs import memory
from digitcore.runs import state as run_state
from digitcore.runs.run_folder import Run

# How often workers are asked what they have, and how often a silent scheduler is tried again.
SURVEY_SECONDS = 1.0
RECONNECT_SECONDS = 3.0
# How long somebody who submits a run waits for the first word from the cluster.
PATIENCE_SECONDS = 20.0


class DaskBackend:
    """The queue's back end on a cluster; see `runs.backend.Backend`. Safe to share between threads.

    Everything that waits for the cluster happens in one thread of its own.
    """

    def __init__(self, scheduler: str, trainer: Sequence[str], patience: float = PATIENCE_SECONDS) -> None:
        """scheduler: its address, tcp://host:8786. trainer: what Python is given on a worker to train a run;
        the run's folder follows. patience: seconds that `check` waits for the cluster's first word."""
        self._cluster = Connection(scheduler)
        self._trainer = tuple(trainer)
        self._patience = patience
        self._root = paths.runs()
        self._relays: dict[Path, Relay] = {}
        self._over: list[tuple[Run, int]] = []
        self._mutex = threading.RLock()  # guards the relays, what is over, and the connection's surveys
        self._closing = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="digitlab-cluster", daemon=True)
        self._thread.start()

    # The queue's side

    def places(self) -> int:
        with self._mutex:
            return sum(survey.places for survey in self._cluster.surveys.values())

    def check(self, settings: Settings) -> None:
        """RunError if the cluster does not answer; if it has no worker, runs may wait for one."""
        self._cluster.heard.wait(self._patience)
        self._check_cluster()

    def launch(self, run: Run) -> None:
        with self._mutex:
            self._check_cluster()
            if run.folder in self._relays:  # adopted a moment ago
                return
            needed = memory.trainer_bytes(run.settings)
            workers = self._cluster.surveys
            free = [address for address in workers if self._free_places(address) > 0]
            free = [address for address in free if workers[address].available >= needed]
            if not free:
                raise NoRoom("No worker has a free place and enough memory for a trainer.")
            worker = max(free, key=lambda address: workers[address].available)
            if datasets.describe(run.settings.dataset).own:  # which the worker does not have
                own.bring_along(run.settings.dataset, run.folder, pictures=True)
            run_state.mark_started(run)
            task = f"{run.folder.relative_to(self._root).as_posix()}/{time.time_ns()}"
            self._begin(Relay(run, task, worker, self._cluster, self._trainer))

    def ended(self) -> list[tuple[Run, int]]:
        with self._mutex:
            over, self._over = self._over, []
            return over

    def alive(self, run: Run) -> bool | None:
        with self._mutex:
            return True if run.folder in self._relays else None

    def close(self) -> None:
        """Disconnect from the cluster; trainings go on, and the next back end finds them. Runs that are over
        are first removed from their workers."""
        end = time.monotonic() + ANSWER_SECONDS
        while not self._cluster.problem and self._over_there() and time.monotonic() < end:
            time.sleep(TICK_SECONDS)
        self._closing.set()
        self._thread.join(ANSWER_SECONDS)

    def _check_cluster(self) -> None:
        if self._cluster.problem:
            raise RunError(self._cluster.problem)

    def _over_there(self) -> bool:
        """Whether a worker still has a run that is complete here."""
        with self._mutex:
            return any(not run_state.of(relay.run).active for relay in self._relays.values())

    def _free_places(self, address: str) -> int:
        survey = self._cluster.surveys[address]
        tasks = {task for task, phase in survey.trainings.items() if phase != ENDED}
        tasks |= {relay.task for relay in self._relays.values() if relay.worker == address}
        return survey.places - len(tasks)

    def _begin(self, relay: Relay) -> None:
        self._relays[relay.run.folder] = relay
        asyncio.run_coroutine_threadsafe(self._follow(relay), self._loop)

    # The cluster's side: all of this runs in the thread

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._loop.close()

    async def _main(self) -> None:
        while not self._closing.is_set():
            try:
                await self._cluster.open()
                while not self._closing.is_set():
                    await self._survey()
                    await asyncio.sleep(SURVEY_SECONDS)
            except ImportError as error:
                self._cluster.say(f"A cluster needs what requirements-cluster.txt names ({error}).")
                return
            except Exception as error:
                self._cluster.say(self._sentence(error))
                with self._mutex:
                    self._cluster.surveys = {}
                await self._cluster.close()
                await asyncio.sleep(RECONNECT_SECONDS)
        jobs = [relay.job for relay in self._relays.values() if relay.job is not None]
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await self._cluster.close()

    def _sentence(self, error: Exception) -> str:
        if isinstance(error, ClusterError):
            return str(error)
        if not isinstance(error, (OSError, TimeoutError, ValueError, RuntimeError)):
            traceback.print_exc()  # a bug of ours: it is shown, and everybody's queue goes on
        return f"The cluster at {self._cluster.scheduler} does not answer ({type(error).__name__})."

    async def _survey(self) -> None:
        """Ask every worker what it has, and relay the runs of this app that nobody relays."""
        surveys, unusable = await self._cluster.survey()
        with self._mutex:
            self._cluster.surveys = surveys
            found = [(worker, task) for worker, survey in surveys.items() for task in survey.trainings]
            for worker, task in sorted(found, key=lambda each: attempt_of(each[1]), reverse=True):
                if task not in self._cluster.forgotten:
                    self._adopt(worker, task)
            if unusable and not surveys:
                problem = f"The cluster's workers were not started in Digit Lab's folder: {unusable}."
                self._cluster.say(problem)
            else:
                self._cluster.say(None)

    def _adopt(self, worker: str, task: str) -> None:
        owner, run_id, _ = task.split("/")
        run = Run(self._root / owner / run_id)
        if not run.file(paths.SETTINGS).is_file():
            return  # another app's
        relay = self._relays.get(run.folder)
        if relay is None:
            if not run.alive():
                self._begin(Relay(run, task, worker, self._cluster, self._trainer, adopted=True))
        elif attempt_of(task) < relay.attempt:  # from a worker that was given up
            self._tidying = self._loop.create_task(self._cluster.forget(worker, task))

    async def _follow(self, relay: Relay) -> None:
        """Relay a training to its end, then let the queue know how it ended."""
        relay.job = asyncio.current_task()
        code: int | None = KILLED
        try:
            code = await relay.to_the_end()
        except Timeout:  # another app was faster
            code = None
        except Exception:  # a bug of ours: it is shown, and the run is released as if its worker were lost
            traceback.print_exc()
        finally:
            with self._mutex:
                del self._relays[relay.run.folder]
                if code is not None and not self._closing.is_set():
                    self._over.append((relay.run, code))
