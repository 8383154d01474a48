"""python -m benchmarks.page_speed [PICTURE ...] [--pages N] [--profile]

How long a photograph of a page takes: 12 megapixels, 100 digits in ten rows.
Pages are made from MNIST validation digits, in uneven light, as JPEG files; half of them lie on their side.
Each is decoded and read as Upload does, in one process, and timed in seconds of one core; so is each PICTURE.
Fails where one of the made pages takes longer than SECONDS. --profile shows where the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from benchmarks.support import camera, record
from benchmarks.support.page_writer import Page, Writer, put
from benchmarks.support.texts import counts_of
from digitcore import datasets
from digitcore.networks import model_store
from digitcore.reading import batch

SECONDS = 1.0
SIDES = 4000, 3000
ROWS, ACROSS = 10, 10
SEED = 4711


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE", help="read as well")
    parser.add_argument("--pages", type=int, default=6, metavar="N")
    parser.add_argument("--profile", action="store_true", help="keeps nothing")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    classifier = model_store.load()
    made = [page(number) for number in range(arguments.pages)]
    files = [(f"made {number}", data, truth) for number, (data, truth) in enumerate(made)]
    files += [(path.name, path.read_bytes(), "") for path in arguments.pictures]
    list(batch.read_pictures([files[0][:2]], classifier))  # what is loaded with the first picture
    profile = cProfile.Profile()
    rows = {}
    for name, data, truth in files:
        start = time.thread_time()
        if arguments.profile:
            profile.enable()
        (row,) = batch.read_pictures([(name, data)], classifier)
        profile.disable()
        seconds = time.thread_time() - start
        counts = counts_of(truth, "rows", row.text or "", row.text or "")
        rows[name] = {"seconds": seconds, "digits": counts["digits"], "right": counts["right"]}
        right = f", {counts['right']} of {counts['digits']} digits right and sure" if truth else ""
        print(f"{name:12} {seconds:5.2f} s of a core{right} {row.error or ''}", flush=True)
    seconds = [row["seconds"] for name, row in rows.items() if name.startswith("made ")]
    figures = {
        "megapixels": SIDES[0] * SIDES[1] / 1e6,
        "digits": ROWS * ACROSS,
        "pages": len(seconds),
        "slowest_seconds": max(seconds),
        "median_seconds": float(np.median(seconds)),
        "right": sum(row["right"] for row in rows.values()),
    }
    median = figures["median_seconds"]
    print(f"{len(seconds)} made pages: median {median:.2f} s, slowest {max(seconds):.2f} s")
    if arguments.profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
    elif not arguments.pictures:
        print("Kept in", record.write("page_speed", "python -m benchmarks.page_speed", figures))
    return 0 if max(seconds) <= SECONDS else 1


def page(number: int) -> tuple[bytes, str]:
    """(a JPEG file of a made page, its true text); every other page lies on its side."""
    rng = np.random.default_rng((SEED, number))
    written = hundred(Writer(*datasets.load("mnist", "validation"), rng))
    events = frozenset({"light", "sideways"} if number % 2 else {"light"})
    picture = camera.photograph(written.ink, events, rng)
    return cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes(), written.truth


def hundred(writer: Writer) -> Page:
    """Ten rows of ten digits on a page of SIDES."""
    rng, (height, width) = writer.rng, SIDES
    ink, truth = np.zeros((height, width), np.float32), []
    down, right = height / (ROWS + 1), width / (ACROSS + 1)
    size = min(down, right) * rng.uniform(0.4, 0.65)
    for row in range(ROWS):
        names = [str(digit) for digit in rng.integers(0, 10, ACROSS)]
        for column, name in enumerate(names):
            part, below = writer.character(name, size)
            x = (column + 1) * right - part.shape[1] / 2 + rng.normal(0, 0.05) * right
            put(ink, part, x, (row + 0.75) * down + below + rng.normal(0, 0.04) * size)
        truth.append("".join(names))
    return Page(ink, "/".join(truth))


if __name__ == "__main__":
    sys.exit(main())
