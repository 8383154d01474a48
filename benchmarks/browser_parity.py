"""What the browser reads by itself, compared with what the server reads, in a real Chromium.

    python -m benchmarks.browser_parity

Writes benchmarks/results/browser_parity.json: for drawings, how far the browser's 28x28 pictures are from the
server's and how often both give the same answer; for each shipped network and each kind that Train can make
(with random weights, by way of the real export), how far its probabilities are from LiteRT's; and how long it
takes to make a drawing's picture, to compute an answer, and to compute a gradient.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from benchmarks.support import driving, in_browser, random_networks, record
from benchmarks.support.centre_lines import drawings
from digitcore import datasets
from digitcore.browser import weights
from digitcore.errors import BlankError
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing import normalisation
from digitcore.preprocessing.levels import scaled
from digitcore.reading import reader

PICTURE_LIMIT, SAME_LIMIT, PROBABILITY_LIMIT = 0.02, 0.995, 1e-5
TIMED = 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drawings", type=int, default=300)
    parser.add_argument("--pictures", type=int, default=1000)
    options = parser.parse_args()
    digits = scaled(datasets.load("mnist", "validation")[0][: options.pictures])
    with driving.chromium() as browser:
        page = in_browser.prepare(browser.new_page())
        drawn = {name: of_drawings(page, name, options.drawings) for name in ("digitnet", "digitnet-nano")}
        networks = {name: of_shipped(page, name, digits) for name in model_store.shipped()}
        networks |= of_every_kind(page, digits)
        times = {"picture": _spread(in_browser.picture_seconds(page, drawings(TIMED))[TIMED // 10 :])}
        for name in model_store.shipped():
            times[name] = {
                way: _spread(seconds[TIMED // 10 :])
                for way, seconds in in_browser.seconds(page, weights.of_model(name), digits[:TIMED]).items()
            }
    figures = {"drawings": drawn, "n_pictures": len(digits), "largest_difference": networks, "seconds": times}
    print(record.write("browser_parity", "python -m benchmarks.browser_parity", figures))
    for name, figure in drawn.items():
        print(f"{name}: {figure}")
    for name, difference in networks.items():
        print(f"{name}: probabilities within {difference:.1e} of LiteRT's")
    for name, seconds in times.items():
        print(f"{name}: {seconds}")
    good = max(networks.values()) <= PROBABILITY_LIMIT and all(
        figure["largest_mean_difference"] <= PICTURE_LIMIT and figure["same"] >= SAME_LIMIT * figure["single"]
        for figure in drawn.values()
    )
    print("As it should be." if good else "Not as it should be.")
    return 0 if good else 1


def of_drawings(page: Page, name: str, n: int) -> dict[str, Any]:
    """n drawings read by both. single: those that the server takes for one digit. same: how many of these get
    the same answer in words. refused: those in which the server or the browser reads nothing."""
    network = model_store.load(name)
    packed = weights.of_model(name)
    differences, same, several, refused = [], 0, 0, 0
    for one in in_browser.drawn(page, drawings(n)):
        try:
            digits = reader.read(one["grey"], network)
        except BlankError:
            digits = ()
        if not digits or one["picture"] is None:
            refused += 1
            continue
        if len(digits) > 1:
            several += 1
            continue
        picture = normalisation.read(one["grey"]).picture
        differences.append(float(np.abs(picture - one["picture"]).mean()))
        said = page.evaluate(
            "async ([packed, picture]) => "
            "new Network(await buffer(packed)).read(new Float32Array(await buffer(picture))).text",
            [in_browser.text(packed), in_browser.text(one["picture"])],
        )
        same += said == digits[0].verdict.text
    return {
        "n": n,
        "single": len(differences),
        "several": several,
        "refused": refused,
        "same": same,
        "largest_mean_difference": max(differences),
        "mean_difference": float(np.mean(differences)),
    }


def of_shipped(page: Page, name: str, digits: np.ndarray) -> float:
    """The largest difference from LiteRT in any probability of a shipped network."""
    expected = model_store.load(name).outputs(digits)
    return float(np.abs(in_browser.outputs(page, weights.of_model(name), digits) - expected).max())


def of_every_kind(page: Page, digits: np.ndarray) -> dict[str, float]:
    """The same for each kind of network that Train can make, exported as a run's network is."""
    from digitcore.training import export

    found = {}
    for name, settings in random_networks.kinds().items():
        with tempfile.TemporaryDirectory() as folder:
            model = random_networks.built(settings)
            model.compile("sgd", loss="sparse_categorical_crossentropy")
            export.export_all(model, Path(folder), digits[:20, ..., np.newaxis])
            card = random_networks.card(name, settings)
            expected = Classifier(Path(folder, "model.tflite"), card).outputs(digits)
            got = in_browser.outputs(page, weights.packed(Path(folder, "model.keras"), card), digits)
        found[f"{name} (random weights)"] = float(np.abs(got - expected).max())
    return found


def _spread(seconds: list[float]) -> dict[str, float]:
    return {"median": float(np.median(seconds)), "p95": float(np.percentile(seconds, 95))}


if __name__ == "__main__":
    sys.exit(main())
