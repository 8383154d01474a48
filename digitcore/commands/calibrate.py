"""Fit how sure a model says it is, on its validation pictures. The network itself stays as it is.

  python -m digitcore models calibrate --model simple-cnn
  python -m digitcore models calibrate --model my-run

A training does this at its end. Of a model that is finished, accuracy, loss and calibration error are
measured again, and its card is written anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitcore.commands.options import add_model, open_model

if TYPE_CHECKING:
    from digitcore.networks.classifier import Classifier


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    from digitcore.evaluation import calibration
    from digitcore.networks import model_store  # OpenCV and NumPy: not for --help
    from digitcore.runs.run_folder import write_json

    path = model_store.card_file(options.model)
    classifier = open_model(options.model)
    card = classifier.card | calibration.fit(classifier)
    if "test" in card:
        _measure_again(classifier, card, path.parent / "test.npz")
    write_json(path, card)
    print(
        f"{classifier.name}: temperature {card['calibration']['temperature']:.3f}, "
        f"sure from {card['acceptance']['threshold']:.1%} on, "
        f"a digit from a score of {card['not_a_digit']['threshold']:.3f} on"
    )
    if "test" in card:
        print(
            f"calibration error {card['calibration']['test_ece']:.4f} on {card['test']['n']:,} test pictures"
        )
    return 0


def _measure_again(classifier: Classifier, card: dict[str, Any], answers: Path) -> None:
    """Put both parts' figures into the new card, and the answers to the test pictures where they are kept."""
    import numpy as np

    from digitcore.evaluation import labelled, measure
    from digitcore.runs import cards

    classifier, name = classifier.with_card(card), card["dataset"]["name"]
    parts: list[dict[str, Any]] = []
    for part in ("validation", "test"):
        measured = measure.measure(classifier, labelled.find(f"{name}:{part}", classifier))
        parts.append(measured.summary)
    if answers.is_file():
        np.savez_compressed(answers, probabilities=measured.probabilities)
    cards.measured(card, *parts)
