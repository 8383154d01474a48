"""python -m benchmarks.predict_speed [--before COMMIT] [--quick]

How many pictures a second `predict` reads, and how many times as many as at an earlier commit.
Both commands, start included, read the same folder in turns. The pictures are MNIST validation digits, dark
on light, as PNGs of 28x28 to 300x300 pixels. Also printed: the same by one process (--jobs 1); the
milliseconds of a core that a picture takes, which depend less on how busy the machine is; and how many texts
differ.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from benchmarks.support import record
from digitcore import datasets
from digitcore.paths import REPOSITORY

BEFORE = "485bce1"
"""The last commit that found the ink of one digit and of several digits separately, in one process."""

SMALLEST, LARGEST = 28, 300
ROUNDS = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--before", default=BEFORE, metavar="COMMIT", help="the commit to compare with")
    parser.add_argument("--quick", action="store_true", help="300 pictures, one round; keeps nothing")
    arguments = parser.parse_args()
    n, rounds = (300, 1) if arguments.quick else (3000, ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        pictures, before = Path(folder, "pictures"), Path(folder, "before")
        draw(pictures, n)
        git("worktree", "add", "--detach", str(before), arguments.before)
        try:
            ways = {
                "before": (before, []),
                "one process": (REPOSITORY, ["--jobs", "1"]),
                "all cores": (REPOSITORY, []),
            }
            seconds: dict[str, list[float]] = {name: [] for name in ways}
            of_cores: dict[str, list[float]] = {name: [] for name in ways}
            texts = {}
            for _ in range(rounds):
                for name, (where, options) in ways.items():
                    spent, busy, texts[name] = read(where, pictures, options)
                    seconds[name].append(spent)
                    of_cores[name].append(busy)
        finally:
            git("worktree", "remove", "--force", str(before))
    differ = sum(texts["before"][name] != text for name, text in texts["all cores"].items())
    figures = {"n": n, "pixels": f"{SMALLEST}x{SMALLEST} to {LARGEST}x{LARGEST}", "before": arguments.before}
    figures["pictures_a_second"] = {name: n / statistics.median(spent) for name, spent in seconds.items()}
    figures["times_before"] = {
        name: statistics.median(seconds["before"]) / statistics.median(seconds[name]) for name in ways
    }
    figures["core_milliseconds"] = {name: 1000 * min(busy) / n for name, busy in of_cores.items()}
    figures["texts_differ"] = differ
    for name, rate in figures["pictures_a_second"].items():
        print(
            f"{name:12} {rate:7.0f} pictures a second, {figures['times_before'][name]:.2f} times before; "
            f"{figures['core_milliseconds'][name]:.2f} ms of a core each"
        )
    print(f"{differ} of {n:,} texts differ from before")
    if not arguments.quick:
        print("Kept in", record.write("predict_speed", "python -m benchmarks.predict_speed", figures))
    return 0


def draw(folder: Path, n: int) -> None:
    """n PNG files, each a digit on a page of its own size."""
    folder.mkdir()
    digits, _ = datasets.load("mnist", "validation")
    rng = np.random.default_rng(0)
    for number, digit in enumerate(digits[:n]):
        side = int(rng.integers(SMALLEST, LARGEST + 1))
        page = np.full((side, side), 255, np.uint8)
        part = max(SMALLEST, round(side * rng.uniform(0.5, 0.9)))
        top, left = rng.integers(side - part + 1, size=2)
        large = cv2.resize(digit, (part, part), interpolation=cv2.INTER_CUBIC)
        page[top : top + part, left : left + part] = 255 - large
        cv2.imwrite(str(folder / f"{number:04}.png"), page)


def read(where: Path, pictures: Path, options: list[str]) -> tuple[float, float, dict[str, str]]:
    """The seconds that a checkout's `predict` takes, the seconds of all cores together, and each picture's
    text."""
    command = [sys.executable, "-m", "digitcore", "predict", str(pictures), "--csv", *options]
    start, used = time.perf_counter(), of_children()
    done = subprocess.run(command, cwd=where, capture_output=True, text=True)
    spent, busy = time.perf_counter() - start, of_children() - used
    if done.returncode not in (0, 1):  # 1: some could not be read
        raise SystemExit(f"predict of {where} failed: {done.stderr.strip()}")
    return spent, busy, {row["file"]: row["text"] for row in csv.DictReader(io.StringIO(done.stdout))}


def of_children() -> float:
    """Processor seconds of all child processes that have ended, and of their own children."""
    times = os.times()
    return times.children_user + times.children_system


def git(*arguments: str) -> None:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(
            f"git {arguments[0]} failed, a clone with its history is needed: {done.stderr.strip()}"
        )


if __name__ == "__main__":
    sys.exit(main())
