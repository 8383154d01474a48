"""python -m benchmarks.reading_budget [--pictures N] [--seed N] [--quick] [--worst FOLDER]

How much time and memory one picture can cost.
The pictures are samples with bytes changed, and hatchings, stripes, grids, dots, rings and scribbles drawn to
be as much work as possible. Each is decoded and read as Upload does, in one process. Prints the slowest
picture and the 99th percentile, in seconds of one core, how far memory rises above rest at most, and how far
it stays above it afterwards. --worst keeps the ten slowest. Fails beyond one second, 120 MB and 40 MB.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.support import record
from digitcore.networks import model_store
from digitcore.paths import SAMPLES
from digitcore.reading import batch

SECONDS, PEAK_MB, AFTER_MB = 1.0, 120, 40
WORST = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--pictures", type=int, default=3000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--quick", action="store_true", help="200 pictures; keeps nothing")
    parser.add_argument("--worst", type=Path, metavar="FOLDER", help="keep the slowest pictures")
    arguments = parser.parse_args()
    n = 200 if arguments.quick else arguments.pictures
    cv2.setNumThreads(1)
    classifier = model_store.load()
    samples = [path.read_bytes() for path in sorted(SAMPLES.glob("*")) if path.suffix in (".png", ".jpg")]
    for data in samples:  # what is loaded with the first picture does not count
        list(batch.read_pictures([("sample", data)], classifier))
    rest = memory_mb("VmRSS")
    seconds, outcomes, slowest = [], Counter(), []
    peak = 0.0
    for number in range(n):
        name, data = picture(np.random.default_rng((arguments.seed, number)), samples)
        reset_peak()
        start = time.thread_time()
        (row,) = batch.read_pictures([(name, data)], classifier)
        seconds.append(time.thread_time() - start)
        peak = max(peak, memory_mb("VmHWM") - rest)
        outcomes[outcome(row)] += 1
        slowest = sorted([*slowest, (seconds[-1], number, name, data)], reverse=True)[:WORST]
    after = memory_mb("VmRSS") - rest
    figures = {
        "n": n,
        "seed": arguments.seed,
        "slowest_seconds": max(seconds),
        "p99_seconds": float(np.quantile(seconds, 0.99)),
        "median_seconds": float(np.median(seconds)),
        "peak_mb": peak,
        "after_mb": after,
        "outcomes": dict(outcomes.most_common()),
    }
    print(
        f"{n:,} pictures: slowest {max(seconds):.2f} s of a core, p99 {figures['p99_seconds']:.2f} s, "
        f"median {1000 * figures['median_seconds']:.0f} ms; "
        f"memory at most {peak:.0f} MB above rest, {after:.0f} MB afterwards"
    )
    for spent, number, name, data in slowest:
        print(f"  {spent:.2f} s  {number}  {name}, {len(data):,} bytes")
        if arguments.worst:
            arguments.worst.mkdir(parents=True, exist_ok=True)
            (arguments.worst / f"{number}-{name.replace(' ', '-')}").write_bytes(data)
    for what, count in outcomes.most_common():
        print(f"  {count:5}  {what}")
    if not arguments.quick:
        print("Kept in", record.write("reading_budget", "python -m benchmarks.reading_budget", figures))
    return 0 if max(seconds) <= SECONDS and peak <= PEAK_MB and after <= AFTER_MB else 1


def outcome(row: batch.Row) -> str:
    """ "read", or why not, without the numbers."""
    return "read" if row.error is None else "".join("#" if c.isdigit() else c for c in row.error)


def picture(rng: np.random.Generator, samples: list[bytes]) -> tuple[str, bytes]:
    """A name that says what it is, and the bytes of a picture file."""
    kind = KINDS[int(rng.integers(len(KINDS)))]
    if kind is mutated:
        return "mutated sample", mutated(rng, samples)
    height, width = (int(2 ** rng.uniform(5.5, 11)) for _ in range(2))
    page = kind(rng, height, width)
    if rng.random() < 0.3:
        page = 255 - page
    if rng.random() < 0.2:
        page = np.clip(page + rng.normal(0, rng.uniform(2, 40), page.shape), 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(page).save(out, "PNG", compress_level=1)
    return f"{kind.__name__} {width}x{height}", out.getvalue()


def mutated(rng: np.random.Generator, samples: list[bytes]) -> bytes:
    """A sample with a few of its bytes changed, after its header."""
    data = bytearray(samples[int(rng.integers(len(samples)))])
    for _ in range(int(rng.integers(1, 30))):
        data[int(rng.integers(min(600, len(data) // 2), len(data)))] ^= 1 << int(rng.integers(8))
    return bytes(data)


def paper(height: int, width: int) -> np.ndarray:
    return np.full((height, width), 255, np.uint8)


def stripes(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Parallel lines at any angle, perhaps joined at one end."""
    page, angle = paper(height, width), rng.choice((0, np.pi / 2, rng.uniform(0, np.pi)))
    step, pen = rng.uniform(2, 30), int(rng.integers(1, 8))
    along = np.array((np.cos(angle), np.sin(angle)))
    across = np.array((-along[1], along[0]))
    reach = rng.uniform(0.2, 1.2) * max(height, width) / 2
    middle = np.array((width, height)) / 2
    for place in np.arange(-reach, reach, step):
        half = rng.uniform(0.7, 1.0) * reach * along
        start, stop = (middle + place * across + sign * half for sign in (-1, 1))
        cv2.line(page, start.astype(int).tolist(), stop.astype(int).tolist(), 0, pen)
    if rng.random() < 0.5:
        ends = (middle + sign * reach * across for sign in (-1, 1))
        cv2.line(page, *(end.astype(int).tolist() for end in ends), 0, pen)
    return page


def hatching(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    return np.minimum(stripes(rng, height, width), stripes(rng, height, width))


def grid(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Marks in rows and columns: bars, rings, angles or crosses."""
    page = paper(height, width)
    size = int(rng.integers(3, 60))
    step = np.maximum(size + rng.integers(-2, 12, 2), 3)
    mark = int(rng.integers(4))
    for top in range(int(rng.integers(10)), height - size, int(step[0])):
        for left in range(int(rng.integers(10)), width - size, int(step[1])):
            end = left + size, top + size
            if mark == 0:
                page[top : end[1], left : left + max(1, size // 6)] = 0
            elif mark == 1:
                cv2.circle(page, (left + size // 2, top + size // 2), size // 2, 0, max(1, size // 8))
            elif mark == 2:
                cv2.polylines(
                    page, [np.array([(left, top), (left, end[1]), end])], False, 0, max(1, size // 8)
                )
            else:
                cv2.drawMarker(page, (left + size // 2, top + size // 2), 0, cv2.MARKER_CROSS, size)
    return page


def dots(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    page = paper(height, width)
    for _ in range(int(rng.integers(10, 4000))):
        place = int(rng.integers(width)), int(rng.integers(height))
        cv2.circle(page, place, int(rng.integers(1, 6)), int(rng.integers(120)), -1)
    return page


def rings(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Frames within frames, closed or with one side open."""
    page, step = paper(height, width), int(rng.integers(2, 20))
    is_open = rng.random() < 0.5
    for edge in range(0, min(height, width) // 2 - 3, step):
        box = (edge, edge), (width - 1 - edge, height - 1 - edge)
        if is_open:
            corners = [box[0], (edge, box[1][1]), box[1]]
            cv2.polylines(page, [np.array(corners)], False, 0, 1)
        else:
            cv2.rectangle(page, *box, 0, 1)
    return page


def scribble(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    page = paper(height, width)
    points = rng.uniform(0, 1, (int(rng.integers(5, 400)), 2)) * (width, height * rng.uniform(0.05, 1))
    cv2.polylines(page, [points.astype(int)], False, 0, int(rng.integers(1, 10)), cv2.LINE_AA)
    return page


def noise(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    field = rng.normal(0, 1, (height, width)).astype(np.float32)
    field = cv2.GaussianBlur(field, (0, 0), rng.uniform(0.5, 6))
    return np.uint8(255 * (field < rng.uniform(0, 2) * field.std()))


KINDS = (mutated, stripes, stripes, hatching, hatching, grid, grid, dots, rings, scribble, noise)


def memory_mb(what: str) -> float:
    """VmRSS: memory now. VmHWM: the most since `reset_peak`."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(what)) / 1024


def reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    sys.exit(main())
