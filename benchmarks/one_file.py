"""How well the one HTML file of each shipped model reads the test digits, counted in a real Chromium.

    python -m benchmarks.one_file [MODEL ...]

Writes benchmarks/results/one_file.json, which `python -m digitcore export MODEL --html` quotes; a model that
is not named keeps its row. The file is opened from disk, and the network in it, with its rounded weights, is
what is measured.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser

from benchmarks.support import driving, in_browser, record
from digitcore import datasets
from digitcore.browser import one_file, weights
from digitcore.evaluation import published
from digitcore.networks import model_store
from digitcore.preprocessing.levels import scaled

LIMITS = {"digitnet-nano": 120_000, "digitnet": 900_000}
"""Bytes: what a phone loads quickly, and what e-mail and learning platforms accept easily."""

CHUNK = 1000

_LABELS = """async (pictures) => {
  const bytes = await (await fetch("data:application/octet-stream;base64," + pictures)).arrayBuffer()
  const values = new Float32Array(bytes)
  const labels = []
  for (let i = 0; i < values.length; i += 784) labels.push(network.read(values.subarray(i, i + 784)).label)
  return labels
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="MODEL", default=model_store.shipped())
    names = parser.parse_args().models
    kept = published.read("one_file") or {"networks": []}
    found = {row["model"]: row for row in kept["networks"]}
    with driving.chromium() as browser:
        for name in names:
            found[name] = of_model(browser, name)
            print(found[name], flush=True)
    rows = [found[name] for name in model_store.shipped() if name in found]
    record.write("one_file", "python -m benchmarks.one_file", {"networks": rows})
    large = [row["model"] for row in rows if row["bytes"] > LIMITS.get(row["model"], sys.maxsize)]
    print(f"Larger than they may be: {', '.join(large)}." if large else "Each is as small as it should be.")
    return 1 if large else 0


def of_model(browser: Browser, name: str) -> dict[str, Any]:
    """What the file of a shipped model is, and how many of the test pictures it misses."""
    card = model_store.card(name)
    packed = weights.of_model(name, one_file.PRECISION)
    text = one_file.page(packed, one_file.PRECISION, card)
    images, labels = datasets.load(card["dataset"]["name"], "test")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.html")
        path.write_text(text, encoding="utf-8")
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_function("globalThis.network !== undefined")
        read = []
        for i in range(0, len(images), CHUNK):
            pictures = scaled(images[i : i + CHUNK])
            read += page.evaluate(_LABELS, in_browser.text(pictures))
        page.close()
    return {
        "model": name,
        "precision": one_file.PRECISION,
        "sha256": one_file.fingerprint(packed),
        "bytes": len(text.encode()),
        "misses": int((np.asarray(read) != labels).sum()),
        "n": len(labels),
        "misses_of_the_server": card["test"]["misses"],
    }


if __name__ == "__main__":
    sys.exit(main())
