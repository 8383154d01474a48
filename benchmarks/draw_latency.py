"""How long after the pen is lifted the answer appears on the Draw page, in a real browser.

    python -m benchmarks.draw_latency                   alone
    python -m benchmarks.draw_latency --with-training   while a network is being trained on the same machine

Writes benchmarks/results/draw_latency.json; each of the two replaces its own part. The canvas itself waits
0.2 s after a stroke, in case another one follows. The clock is the browser's: from its pointerup event to the
first frame after the answer's text has changed.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.support import driving, record
from digitcore import paths
from digitcore.runs import requests, run_folder
from digitcore.runs import state as run_state

NAME = "draw_latency"
LIMIT = {"alone": 0.7, "with_training": 1.5}
ONE_STROKE = [digit for digit, strokes in driving.STROKES.items() if len(strokes) == 1]
NOTHING = "Nothing drawn yet"

# After Clear the announced text begins with NOTHING, so any other text is the server's answer to the stroke.
# (The browser's own answer changes with the pen and is not announced.)
WATCH = """() => {
  window.lifted = window.answered = null
  window.addEventListener("pointerup", () => { window.lifted = performance.now() }, true)
  const look = () => {
    const text = document.querySelector(".st-key-answer [aria-live]")?.textContent.trim()
    if (window.lifted && !window.answered && text && !text.startsWith("Nothing drawn yet"))
      requestAnimationFrame(() => { window.answered ??= performance.now() })
  }
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
}"""
NEXT = "() => { window.lifted = window.answered = null }"


def measure(samples: int) -> list[float]:
    """Seconds from lifting the pen to the answer for each drawing; the first is the first that the server
    ever answers."""
    seconds = []
    with driving.server() as server, driving.chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        driving.open_page(page, server.url)
        page.locator("canvas.upper-canvas").wait_for()
        page.evaluate(WATCH)
        for i in range(samples):
            page.evaluate(NEXT)
            driving.draw(page, ONE_STROKE[i % len(ONE_STROKE)])
            page.wait_for_function("() => window.answered", timeout=30_000)
            seconds.append(page.evaluate("() => (window.answered - window.lifted) / 1000"))
            page.get_by_role("button", name="Clear").click()
            page.wait_for_selector(f".st-key-answer h1:has-text('{NOTHING}')")
            driving.settle(page)
    return seconds


@contextlib.contextmanager
def training() -> Iterator[None]:
    """A training of `simple-cnn` that is fully under way, stopped at the end."""
    with tempfile.TemporaryDirectory() as folder:
        run = run_folder.Run(Path(folder) / "run")
        command = [sys.executable, "-m", "digitcore", "train", "--architecture", "simple-cnn"]
        command += ["--epochs", "60", "--output", str(run.folder)]
        trainer = subprocess.Popen(
            command, cwd=paths.REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not any(event["event"] == "batch" for event in run.events()):
                if trainer.poll() is not None:
                    raise SystemExit(f"The training ended with code {trainer.returncode} before it learnt.")
                time.sleep(0.2)
            yield
            if run_state.of(run).name != "running":
                raise SystemExit("The training ended before the measurement did: take fewer samples.")
        finally:
            if trainer.poll() is None:
                requests.stop(run)
            trainer.wait(120)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--with-training", action="store_true", help="train a network at the same time")
    parser.add_argument("--samples", type=int, default=60, help="drawings to measure (default: 60)")
    options = parser.parse_args()
    part = "with_training" if options.with_training else "alone"
    with training() if options.with_training else contextlib.nullcontext():
        seconds = measure(options.samples)
    p50, p95 = (float(np.percentile(seconds, q)) for q in (50, 95))
    figures = {
        "n": len(seconds),
        "p50_seconds": p50,
        "p95_seconds": p95,
        "longest_seconds": max(seconds),
        "first_seconds": seconds[0],
        "limit_p95_seconds": LIMIT[part],
    }
    record.write(NAME, "python -m benchmarks.draw_latency [--with-training]", measured() | {part: figures})
    print(f"Pen up to answer, {part.replace('_', ' ')}, {len(seconds)} drawings:")
    print(f"p50 {p50:.2f} s, p95 {p95:.2f} s, longest {max(seconds):.2f} s, first {seconds[0]:.2f} s")
    print(f"Limit for p95: {LIMIT[part]} s.")


def measured() -> dict[str, Any]:
    """The parts that have been measured before."""
    try:
        known = record.read(NAME)
    except FileNotFoundError:
        return {}
    return {part: known[part] for part in LIMIT if part in known}


if __name__ == "__main__":
    main()
