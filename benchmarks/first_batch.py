"""python -m benchmarks.first_batch [--rounds 3]

How long a student looks at an empty chart: seconds from Start to the first batch that the page can show, with
a trainer that has yet to load TensorFlow ("cold") and with one that has just trained another run ("warm").
The network is Train's first choice with its own recipe, on an otherwise idle machine. Targets: 8 s and 3 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace

import psutil

from benchmarks.support import record
from digitcore import backends, limits
from digitcore.networks.settings import Settings
from digitcore.runs import queue as run_queue
from digitcore.runs import requests, run_folder
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.local_trainers import LocalTrainers

TARGETS = {"cold": 8.0, "warm": 3.0}
PATIENCE_SECONDS = 300.0
BUSY = 0.5  # processes at work, on average over the last minute
IDLE_SECONDS = 5
"""So long a trainer waits for another run: more than it takes to ask for one."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--rounds", type=int, default=3, help="with other than 3 it keeps nothing")
    rounds = parser.parse_args().rounds
    measured: dict[str, list[float]] = {way: [] for way in TARGETS}
    if (load := psutil.getloadavg()[0]) > BUSY:
        print(f"The machine is busy (load {load:.1f}): a trainer gives way to everything else.")
    for _ in range(rounds):
        for way, seconds in measure().items():
            measured[way].append(seconds)
            print(f"{way}: {seconds:.1f} s", flush=True)
    for way, seconds in measured.items():
        each = ", ".join(f"{value:.1f}" for value in seconds)
        print(f"{way}: first batch {statistics.median(seconds):.1f} s after Start ({each})")
    if rounds == 3:
        figures = {way: {"seconds": seconds, "target": TARGETS[way]} for way, seconds in measured.items()}
        print("Kept in", record.write("first_batch", "python -m benchmarks.first_batch", figures))
    return 0 if all(statistics.median(measured[way]) <= TARGETS[way] for way in TARGETS) else 1


def measure() -> dict[str, float]:
    """One run by a fresh trainer, then one by the same."""
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DIGITLAB_RUNS"] = folder
        allowed = replace(limits.PROFILES["laptop"], idle_seconds=IDLE_SECONDS)
        backend = LocalTrainers(allowed, [sys.executable, *backends.TRAINER], 1)
        queue = run_queue.Queue(backend).start()
        found = {}
        for way in TARGETS:
            begun = time.perf_counter()
            run = queue.submit(settings, run_store.new_key())
            _wait(run, lambda run=run: any(event["event"] == "batch" for event in run.events()))
            found[way] = time.perf_counter() - begun
            requests.stop(run)
            _wait(run, lambda run=run: not run_state.of(run).active)
        queue.close()
        psutil.wait_procs(psutil.Process().children(), PATIENCE_SECONDS)  # the next one is to be cold
    return found


def _wait(run: run_folder.Run, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end or run_state.of(run).name == "failed":
            raise SystemExit(f"{run_state.of(run)}: {run.log_tail()}")
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
