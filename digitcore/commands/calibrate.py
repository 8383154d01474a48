"""Fit how sure a model says it is, on its validation pictures. The network itself is not changed.

  python -m digitcore models calibrate --model simple-cnn
  python -m digitcore models calibrate --model my-run

Training does this at its end. For a finished model, accuracy, loss and calibration error are measured again,
and its card is rewritten.
"""

from __future__ import annotations

import argparse

from digitcore.commands.options import add_model, open_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    from digitcore import paths
    from digitcore.networks import model_store  # OpenCV and NumPy, which --help does not need
    from digitcore.runs import completion

    file = model_store.card_file(options.model)
    card = completion.calibrate(open_model(options.model), file)
    if file.parent == paths.MODELS:  # the shipped one, and no run that has its name
        model_store.test_answers(card["name"]).unlink(missing_ok=True)  # as sure as it was before
    print(
        f"{card['name']}: temperature {card['calibration']['temperature']:.3f}, "
        f"sure from {card['acceptance']['threshold']:.1%} on, "
        f"a digit from a score of {card['not_a_digit']['threshold']:.3f} on"
    )
    if "test" in card:
        print(
            f"calibration error {card['calibration']['test_ece']:.4f} on {card['test']['n']:,} test pictures"
        )
    return 0
