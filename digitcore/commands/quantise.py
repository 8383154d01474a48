"""Make a finished model's 8-bit .tflite (whole numbers) from its .keras file, and compare all its files.

  python -m digitcore models quantise --model digitnet
  python -m digitcore models quantise --model my-run

No training is needed; training makes that file by itself. The comparison goes into the model's card.
"""

from __future__ import annotations

import argparse

from digitcore.commands.options import add_model, open_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    from digitcore.evaluation import receipts
    from digitcore.networks import model_store

    card = open_model(options.model).card
    from digitcore.training import export  # loads TensorFlow, so only once the model is found

    files = export.quantise(card, model_store.card_file(options.model), model_store.files(options.model))
    for name in files:
        print(receipts.line(name, card["exports"][name]))
    return 0
