"""python -m benchmarks.cluster [--quick]

How much a second worker helps, and what Dask costs.
A scheduler and up to two workers of one thread each run on this machine, so two workers need two idle cores
to show anything.

* Overhead: the seconds from submitting one small run to its card, through Dask and with a local trainer that
also starts afresh; the ratio of the medians, in alternating rounds.
* Runs an hour: a sweep of equal small runs on one worker, then on two.
* Pictures a second: PNG files of MNIST's test digits read here, on one worker and on two.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2

from benchmarks.support import record
from benchmarks.support.loopback_cluster import Cluster, cluster
from digitcore import backends, datasets
from digitcore.cluster import reading as cluster_reading
from digitcore.cluster.backend import DaskBackend
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.reading import batch
from digitcore.runs import queue as run_queue
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs import sweep
from digitcore.runs.backend import Backend

MODEL = "digitnet"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--quick", action="store_true", help="one small round; only prints")
    quick = parser.parse_args().quick
    rounds, count, pictures = (1, 2, 200) if quick else (3, 6, 4_000)
    small = Settings.for_architecture("mlp-128", n_train=500 if quick else 10_000, epochs=1 if quick else 3)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DIGITLAB_RUNS"] = str(Path(folder, "runs"))
        os.environ["DIGITLAB_RUNS_A_TRAINER"] = "1"  # both sides load TensorFlow for every run
        items = [(f"{number}.png", png) for number, png in enumerate(_pngs(pictures))]
        with cluster(Path(folder), "a") as dask:
            figures: dict[str, Any] = {"settings": small.to_dict()}
            figures["overhead"] = _overhead(dask, small, rounds)
            figures["reading"] = {"pictures": pictures, "model": MODEL, "here": _per_second(_here, items)}
            figures["runs"] = {"runs": count}
            for workers in (1, 2):
                if workers == 2:
                    dask.add("b")
                figures["runs"][f"per_hour_{workers}"] = _runs_per_hour(dask, small, count, workers)
                figures["reading"][f"workers_{workers}"] = _reading(dask, items, workers)
    for part in ("runs", "reading"):
        name = "per_hour" if part == "runs" else "workers"
        figures[part]["two_to_one"] = figures[part][f"{name}_2"] / figures[part][f"{name}_1"]
    print(record.rounded(figures))
    if not quick:
        record.write("cluster", "python -m benchmarks.cluster", figures)
    return 0


def _overhead(dask: Cluster, settings: Settings, rounds: int) -> dict[str, Any]:
    backends: dict[str, Callable[[], Backend]] = {
        "local": lambda: backends.here(1),
        "dask": lambda: backends.on_cluster(dask.address),
    }
    seconds: dict[str, list[float]] = {name: [] for name in backends}
    for number in range(rounds):
        for name in sorted(backends, reverse=number % 2 == 1):
            backend = backends[name]()
            queue = _ready(backend, 1)
            begun = time.perf_counter()
            _wait(queue, [queue.submit(settings, run_store.new_key())])
            seconds[name].append(time.perf_counter() - begun)
            print(f"one run, {name}: {seconds[name][-1]:.1f} s", flush=True)
            _end(queue)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {"seconds": seconds, "medians": medians, "ratio": medians["dask"] / medians["local"]}


def _runs_per_hour(dask: Cluster, settings: Settings, count: int, workers: int) -> float:
    queue = _ready(backends.on_cluster(dask.address), workers)
    fixed = {
        name: value for name, value in settings.to_dict().items() if name not in ("architecture", "seed")
    }
    planned = sweep.plan(settings.architecture, {"seed": range(count)}, **fixed)
    begun = time.perf_counter()
    _wait(queue, sweep.submit(queue, planned, run_store.new_key(), f"on-{workers}"))
    found = count / (time.perf_counter() - begun) * 3600
    print(f"{count} runs on {workers}: {found:.0f} an hour", flush=True)
    _end(queue)
    return found


def _ready(backend: Backend, places: int) -> run_queue.Queue:
    while backend.places() < places:
        time.sleep(0.1)
    return run_queue.Queue(backend).start()


def _end(queue: run_queue.Queue) -> None:
    queue.close()
    if isinstance(queue.backend, DaskBackend):
        queue.backend.close()


def _wait(queue: run_queue.Queue, started: list[Any]) -> None:
    while any(run_state.of(run).active for run in started):
        time.sleep(0.1)
    for run in started:
        if not run_state.of(run).has_model:
            raise RuntimeError(f"run {run.id}: {run_state.of(run).text} {run.log_tail()}")


def _reading(dask: Cluster, items: list[tuple[str, bytes]], workers: int) -> float:
    model = model_store.files(MODEL)["model.tflite"].read_bytes(), model_store.card(MODEL)
    with cluster_reading.connected(dask.address) as client:
        client.wait_for_workers(workers)
        # Each worker loads OpenCV and the network with its first pictures.
        list(cluster_reading.read_pictures(items[:200], model, client))
        found = _per_second(lambda all_items: cluster_reading.read_pictures(all_items, model, client), items)
    print(f"pictures on {workers}: {found:.0f} a second", flush=True)
    return found


def _here(items: list[tuple[str, bytes]]) -> Any:
    return batch.read_pictures(items, model_store.load(MODEL))


def _per_second(read: Callable[[list[tuple[str, bytes]]], Any], items: list[tuple[str, bytes]]) -> float:
    begun = time.perf_counter()
    rows = sum(1 for _ in read(items))
    return rows / (time.perf_counter() - begun)


def _pngs(count: int) -> list[bytes]:
    images, _ = datasets.load("mnist", "test")
    return [cv2.imencode(".png", image)[1].tobytes() for image in images[:count]]


if __name__ == "__main__":
    sys.exit(main())
