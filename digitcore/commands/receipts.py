"""Compare the .tflite files of a run with the network that they were made from.

  python -m digitcore models receipts --model my-run

Training does this at its end, while the network's own answers are still there; the comparison goes into its
card, with the small file's accuracy. See `models quantise` for a model that is finished.
"""

from __future__ import annotations

import argparse

from digitcore.commands.options import add_model, open_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    from digitcore.evaluation import receipts  # NumPy and more, which --help does not need
    from digitcore.networks import model_store
    from digitcore.runs import completion

    card = open_model(options.model).card
    files = model_store.files(options.model)
    card = completion.compare(card, model_store.card_file(options.model), files)
    for name, receipt in card["exports"].items():
        print(receipts.line(name, receipt))
    return 0
