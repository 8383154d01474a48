"""Train the network that tells the digits of a line from marks and letters.

  python -m digitcore kinds                          into models/character-kinds, where the app finds it
  python -m digitcore kinds --output my-kinds --lines 1000 --turns 1
  python -m digitcore kinds --start my-kinds --output further --lines 1000 --turns 1     go on from a network

It learns from lines that are made: MNIST's training digits and digits by a pen, with marks and words among
them. The folder then holds model.tflite, model.keras and card.json, which says how many digits of validation
lines are lost, and how many marks and letters are taken for digits.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from digitcore.errors import SettingsError

NUMBERS = {
    "lines": "lines made for each turn",
    "turns": "times that all digits are written again",
    "epochs": "times that the network goes through the lines of a turn",
    "n_train": "training digits to write lines with",
    "seed": "where all randomness comes from",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where to keep it")
    parser.add_argument("--start", metavar="FOLDER", help="go on from the network in this folder")
    for name, text in NUMBERS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N", help=text)


def run(options: argparse.Namespace) -> int:
    chosen = {name: getattr(options, name) for name in NUMBERS if getattr(options, name) is not None}
    for name, value in chosen.items():
        low = 0 if name == "seed" else 1
        if value < low:
            raise SettingsError(f"{name} must be {low} or more, got {value}.")
    if options.start:
        chosen["start"] = options.start
    from digitcore import process
    from digitcore.reading import character_kinds
    from digitcore.training import character_kinds_fit  # loads TensorFlow, which --help does not need

    process.lower_priority()
    folder = options.output or character_kinds.FOLDER
    settings = character_kinds_fit.KindSettings(**chosen)
    card = character_kinds_fit.train(settings, folder, lambda text: print(text, flush=True))
    validation = card["validation"]
    print(
        f"validation:    of {validation['lines']:,} lines {validation['digits_lost']:.2%} of digits lost, "
        f"{validation['others_kept']:.2%} of marks and letters kept"
    )
    print(f"kept:          in {folder}, after {card['seconds']:.0f} s of training")
    return 0
