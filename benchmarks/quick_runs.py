"""python -m benchmarks.quick_runs [--runs 30] [--trainers 2] [--only cold|warm]

Thirty students press Start at once: how long until all of them have their result?
The network is mlp-128 on 10,000 digits, with its own recipe. Also measured: what a run spends its time on,
and the trainers' memory; with trainers that go on to the next run ("warm"), and, for a fifth of the runs,
with a fresh trainer for each ("cold").

Memory is PSS (proportional set size, proc_pid_smaps(5)) summed over all trainers and what they started, at
its peak, and afterwards, when it has been given back. Linux only.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import replace
from typing import Any

from benchmarks.support import record
from benchmarks.support.process_memory import own_mb, tree_mb
from digitcore import backends, limits
from digitcore.networks.settings import Settings
from digitcore.runs import queue as run_queue
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.local_trainers import LocalTrainers
from digitcore.runs.run_folder import Run

TARGET_MINUTES = 10
COLD = 5  # a fifth of the runs is enough to show what a cold run spends its time on
STAGES = ("waiting", "loading", "learning", "exporting and measuring")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument(
        "--trainers", type=int, default=2, help="at the same time; the laptop's profile has 2"
    )
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--only", choices=("cold", "warm"), help="one of the two; only prints")
    options = parser.parse_args()
    settings = Settings.for_architecture("mlp-128", n_train=options.pictures)
    laptop = replace(limits.PROFILES["laptop"], trainers=options.trainers)
    ways = {"warm": laptop, "cold": replace(laptop, runs_a_trainer=1, idle_seconds=0)}
    measured = {
        way: measure(allowed, settings, options.runs if way == "warm" else max(1, options.runs // COLD))
        for way, allowed in ways.items()
        if options.only in (None, way)
    }
    for way, figures in measured.items():
        show(way, figures)
    whole = options.runs == 30 and options.pictures == 10_000 and not options.only
    if whole:
        figures = {"trainers": options.trainers, "target_minutes": TARGET_MINUTES}
        print("Kept in", record.write("quick_runs", "python -m benchmarks.quick_runs", figures | measured))
    slow = [way for way in measured if way == "warm" and measured[way]["minutes"] > TARGET_MINUTES]
    failed = [way for way in measured if measured[way]["finished"] < measured[way]["runs"]]
    return 1 if slow or failed else 0


def measure(allowed: limits.Limits, settings: Settings, count: int) -> dict[str, Any]:
    """All runs, submitted at once, until the last one has its result."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DIGITLAB_RUNS"] = folder
        backend = LocalTrainers(allowed, [sys.executable, *backends.TRAINER])
        queue = run_queue.Queue(backend).start()
        sampler = _Sampler()
        begun = time.perf_counter()
        submitted = [queue.submit(settings, run_store.new_key(), f"student {n + 1}") for n in range(count)]
        waits = [queue.wait(run) for run in submitted]
        while any(run_state.of(run).active for run in submitted):
            time.sleep(0.25)
        minutes = (time.perf_counter() - begun) / 60
        finished = [run for run in submitted if run_state.of(run).name == "finished"]
        end = time.monotonic() + allowed.idle_seconds + 30
        while sampler.now() and time.monotonic() < end:
            time.sleep(0.5)
        afterwards = sampler.now()
        sampler.close()
        queue.close()
        stages = [spent(run) for run in finished]
        return {
            "runs": count,
            "finished": len(finished),
            "minutes": minutes,
            "seconds_a_run": {
                stage: statistics.median(times[stage] for times in stages) for stage in STAGES[1:]
            },
            "first_and_last_wait_seconds": [stages[0]["waiting"], stages[-1]["waiting"]],
            "last_place_when_submitted": max((wait.place for wait in waits if wait), default=0),
            "misses": sorted({run.card()["test"]["misses"] for run in finished}),
            "trainers_peak_mb": sampler.peak,
            "trainers_mb_afterwards": afterwards,
        }


def spent(run: Run) -> dict[str, float]:
    """Seconds that each of STAGES took, from the run's own files."""
    at: dict[str, float] = {}
    for event in run.events():
        if event["event"] == "state":
            at.setdefault(event["state"], event["time"])
    started = run.file("started").stat().st_mtime
    return {
        "waiting": started - run.created,
        "loading": at["running"] - started,
        "learning": at["finishing"] - at["running"],
        "exporting and measuring": at["finished"] - at["finishing"],
    }


class _Sampler:
    """The memory of this process's children, measured four times a second."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def now(self) -> float:
        """MB of everything below this process."""
        return max(0.0, tree_mb(os.getpid()) - own_mb(os.getpid()))

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.25):
            self.peak = max(self.peak, self.now())


def show(way: str, figures: dict[str, Any]) -> None:
    """Print the figures of one way."""
    print(f"\n{way}: {figures['finished']} of {figures['runs']} runs in {figures['minutes']:.1f} minutes")
    for stage, seconds in figures["seconds_a_run"].items():
        print(f"  {stage:24} {seconds:6.1f} s (median)")
    print(f"  trainers' memory {figures['trainers_peak_mb']:.0f} MB at the peak, ", end="")
    print(f"{figures['trainers_mb_afterwards']:.0f} MB afterwards; misses {figures['misses']}")


if __name__ == "__main__":
    sys.exit(main())
