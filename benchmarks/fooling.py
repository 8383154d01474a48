"""How small a change of a drawing fools a network, as Inside's *Fool it* finds it in a real Chromium.

    python -m benchmarks.fooling [--drawings 10] [--models digitnet digitnet-nano mlp-128-128]

Writes benchmarks/results/fooling.json: for each network, over drawings of which it is sure and each of the
other nine digits, how often there is a change that the server's own network takes for that digit, how large
it is (the ink added and taken away, as a share of the ink before), and how long the search takes.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from playwright.sync_api import Page

from benchmarks.support import centre_lines, driving, in_browser, record
from digitcore.browser import weights
from digitcore.classroom.fooling import SURE
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from pages.parts.inside import view

MODELS = ("digitnet", "digitnet-nano", "mlp-128-128")
SMALL = 0.15

_BEGIN = """async ([packed, ink]) => {
  const network = new Network(await buffer(packed))
  const picture = new Float32Array(await buffer(ink))
  document.body.replaceChildren()
  globalThis.part = new Fool(document.body)
  part.take(network, () => part.draw(picture, network.read(picture)))
  part.draw(picture, network.read(picture))
}"""
_DONE = "!part.words.textContent.startsWith('Looking')"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drawings", type=int, default=10)
    parser.add_argument("--models", nargs="+", choices=model_store.shipped(), default=MODELS)
    options = parser.parse_args()
    with driving.chromium() as browser:
        page = in_browser.prepare(browser.new_page())
        page.add_script_tag(type="module", content=f"{view.modules()}\nObject.assign(globalThis, {{ Fool }})")
        page.wait_for_function("globalThis.Fool !== undefined")
        figures = {name: of_model(page, name, options.drawings) for name in options.models}
    print(record.write("fooling", "python -m benchmarks.fooling", {"networks": figures}))
    for name, figure in figures.items():
        print(
            f"{name}: {figure['fooled']} of {figure['asked']} changes found, median {figure['median']:.1%} "
            f"of the ink, a quarter below {figure['lower_quarter']:.1%}, a quarter above "
            f"{figure['upper_quarter']:.1%}; below {SMALL:.0%}: {figure['small']:.0%}. The easiest digit of "
            f"each drawing: median {figure['easiest']:.1%}. Found in {figure['seconds']['median']:.2f} s, "
            f"p95 {figure['seconds']['p95']:.2f} s."
        )


def of_model(page: Page, name: str, n: int) -> dict[str, Any]:
    """The figures of one network, over n drawings."""
    network, packed = model_store.load(name), in_browser.text(weights.of_model(name))
    sizes, seconds, asked, easiest = [], [], 0, []
    for label, picture in sure(page, network, n):
        page.evaluate(_BEGIN, [packed, in_browser.text(picture)])
        own = []
        for wanted in range(10):
            if wanted == label:
                continue
            asked += 1
            started = time.perf_counter()
            page.evaluate(f"part.fool({wanted})")
            page.wait_for_function(_DONE)
            seconds.append(time.perf_counter() - started)
            before, after = (
                np.asarray(page.evaluate(f"Array.from(part.{which})"), np.float32).reshape(28, 28)
                for which in ("original", "changed")
            )
            if verdict(network, after) == wanted:
                own.append(float(np.abs(after - before).sum() / before.sum()))
        sizes += own
        easiest += [min(own)] if own else []
    quarters = np.percentile(sizes, (25, 50, 75))
    return {
        "drawings": n,
        "asked": asked,
        "fooled": len(sizes),
        "lower_quarter": float(quarters[0]),
        "median": float(quarters[1]),
        "upper_quarter": float(quarters[2]),
        "small": float(np.mean(np.asarray(sizes) < SMALL)),
        "easiest": float(np.median(easiest)),
        "seconds": {"median": float(np.median(seconds)), "p95": float(np.percentile(seconds, 95))},
    }


def sure(page: Page, network: Classifier, n: int) -> list[tuple[int, np.ndarray]]:
    """n drawings (label, (28, 28) float32) as the browser makes them, of each digit as many as of the others,
    of which the network is as sure as the class's game asks."""
    found: dict[int, list[np.ndarray]] = {label: [] for label in range(10)}
    made = centre_lines.drawings(20 * n)
    for drawing, one in zip(made, in_browser.drawn(page, made), strict=True):
        if one["picture"] is None or len(found[drawing.label]) >= -(-n // 10):
            continue
        answers = network.answer(one["picture"][np.newaxis])
        answer = network.verdict(answers.probabilities[0], answers.digitness[0])
        if answer.accepted and answer.label == drawing.label and answer.confidence >= SURE:
            found[drawing.label].append(one["picture"])
    listed = [(label, picture) for label, pictures in found.items() for picture in pictures]
    return sorted(listed, key=lambda pair: pair[0])[:n]


def verdict(network: Classifier, picture: np.ndarray) -> int | None:
    """The digit that the server's network reads in a picture; None where it accepts none."""
    answers = network.answer(picture[np.newaxis])
    found = network.verdict(answers.probabilities[0], answers.digitness[0])
    return found.label if found.accepted else None


if __name__ == "__main__":
    main()
