"""python -m benchmarks.bytes_to_answer [--quick]

From the bytes of a 280x280 PNG to its answer: how long that takes here, and in the usual loop.
Our whole path (decode, one digit or several, MNIST's 28x28 picture, network) and the loop that digit projects
usually have (`cv2.imread`, resize, invert, `model.predict`) take turns on the same pictures: MNIST validation
digits drawn seven times as large.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from benchmarks.support import record
from benchmarks.support.tensorflow_worker import Worker
from digitcore import datasets
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing import images
from digitcore.reading import reader

MODEL = "simple-cnn"
SIDE, DIGIT = 280, 196
TARGET_MS = 3.0
STAGES = ("decode", "prepare", "network")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--quick", action="store_true", help="30 pictures; only prints")
    quick = parser.parse_args().quick
    n = 30 if quick else 200
    pngs, labels = canvases(n)
    names = [MODEL] + [name for name in model_store.shipped()[:1] if name != MODEL]
    networks = {name: model_store.load(name) for name in names}

    ours: dict[str, list[list[float]]] = {name: [] for name in networks}
    right = dict.fromkeys(networks, 0)
    usual: dict[str, list] = {"seconds": [], "answers": []}
    with (
        tempfile.TemporaryDirectory() as folder,
        Worker("benchmarks.support.tensorflow_worker", f"models/{MODEL}.keras") as tensorflow,
    ):
        paths = []
        for i, png in enumerate(pngs):
            paths.append(str(Path(folder) / f"{i}.png"))
            Path(paths[-1]).write_bytes(png)
        tensorflow("usual_loop", paths=paths[:3])
        for network in networks.values():
            read(pngs[0], network)
        for start in range(0, n, 10):  # in turns, ten pictures each
            for name, network in networks.items():
                for png, label in zip(pngs[start : start + 10], labels[start : start + 10], strict=True):
                    answer, seconds = read(png, network)
                    ours[name].append(seconds)
                    right[name] += answer == label
            answered = tensorflow("usual_loop", paths=paths[start : start + 10])
            usual["seconds"] += answered["seconds"]
            usual["answers"] += answered["answers"]

    loop = 1000 * statistics.median(usual["seconds"])
    figures = {"n": n, "picture": f"PNG {SIDE}x{SIDE}", "target_milliseconds": TARGET_MS}
    for name in networks:
        totals = [1000 * sum(seconds) for seconds in ours[name]]
        figures[name] = {
            "milliseconds": statistics.median(totals),
            "p95_milliseconds": float(np.quantile(totals, 0.95)),
            "stages_milliseconds": {
                stage: 1000 * statistics.median(column)
                for stage, column in zip(STAGES, zip(*ours[name], strict=True), strict=True)
            },
            "right": int(right[name]),
        }
    figures["usual_loop"] = {
        "model": MODEL,
        "milliseconds": loop,
        "p95_milliseconds": 1000 * float(np.quantile(usual["seconds"], 0.95)),
        "right": int((np.array(usual["answers"]) == labels).sum()),
        "times_slower": loop / figures[MODEL]["milliseconds"],
    }
    show(figures, networks)
    if not quick:
        print("Kept in", record.write("bytes_to_answer", "python -m benchmarks.bytes_to_answer", figures))
    return 0 if all(figures[name]["milliseconds"] <= TARGET_MS for name in networks) else 1


def canvases(n: int) -> tuple[list[bytes], np.ndarray]:
    """n PNG files, dark on light, each with a digit, and the labels (n,) uint8."""
    digits, labels = datasets.load("mnist", "validation")
    pngs = []
    for digit in digits[:n]:
        page = np.full((SIDE, SIDE), 255, np.uint8)
        edge = (SIDE - DIGIT) // 2
        large = cv2.resize(digit, (DIGIT, DIGIT), interpolation=cv2.INTER_CUBIC)
        page[edge : edge + DIGIT, edge : edge + DIGIT] = 255 - large
        pngs.append(cv2.imencode(".png", page)[1].tobytes())
    return pngs, labels[:n]


def read(png: bytes, network: Classifier) -> tuple[int, list[float]]:
    """The answer, and the seconds of each of STAGES."""
    times = [time.perf_counter()]
    grey = images.decode(png)
    times.append(time.perf_counter())
    found = reader.find(grey, network)  # one digit, or several, as the pages do
    times.append(time.perf_counter())
    answer = found.digits(network.answer(found.pictures), network)[0].verdict.label
    times.append(time.perf_counter())
    return answer, [after - before for before, after in pairwise(times)]


def show(figures: dict, networks: dict[str, Classifier]) -> None:
    """Print one line for each path."""
    for name in networks:
        row = figures[name]
        stages = ", ".join(f"{stage} {ms:.2f}" for stage, ms in row["stages_milliseconds"].items())
        print(
            f"{name:14} {row['milliseconds']:7.2f} ms (p95 {row['p95_milliseconds']:.2f}; {stages}), "
            f"{row['right']} of {figures['n']} right"
        )
    row = figures["usual_loop"]
    name = "usual loop"
    print(
        f"{name:14} {row['milliseconds']:7.2f} ms (p95 {row['p95_milliseconds']:.2f}, {row['model']}), "
        f"{row['right']} of {figures['n']} right; {row['times_slower']:.0f} times ours"
    )


if __name__ == "__main__":
    sys.exit(main())
