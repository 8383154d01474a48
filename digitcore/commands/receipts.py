"""Compare the .tflite files of a run with the network that they were made from.

  python -m digitcore models receipts --model my-run

A training does this at its end, while the network's own answers lie beside its files; the comparison goes
into its card, with the small file's accuracy. See `models quantise` for a model that is finished.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from digitcore.commands.options import add_model, open_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    import numpy as np  # not for --help

    from digitcore.errors import ModelError
    from digitcore.evaluation import receipts
    from digitcore.networks import model_store
    from digitcore.runs.run_folder import write_json

    path = model_store.card_file(options.model)
    answers = Path(path.parent, "expected.npz")
    card = open_model(options.model).card
    if not answers.is_file():
        raise ModelError(f"{card['name']} is finished: compare its files anew with `models quantise`.")
    with np.load(answers, allow_pickle=False) as file:
        expected = file["probabilities"]
    files = model_store.files(options.model)
    for name in (receipts.FLOAT, receipts.INT8):
        card["exports"][name] = receipts.of_tflite(files[name], card, expected)
    card["exports"][receipts.INT8] |= receipts.counted(files[receipts.INT8], card)
    write_json(path, card)
    for name, receipt in card["exports"].items():
        print(receipts.line(name, receipt))
    return 0
