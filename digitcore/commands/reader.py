"""Train the line reader, which reads digits that touch without cutting them apart.

  python -m digitcore reader                         into models/line-reader, where the app finds it
  python -m digitcore reader --output my-reader --steps 2000
  python -m digitcore reader --output my-reader --start models/line-reader --learning-rate 0.001

It learns from lines composed of MNIST's training digits. The folder then holds model.tflite, model.keras and
card.json, which says how many lines of validation digits it reads.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from digitcore.errors import SettingsError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where to keep it")
    parser.add_argument("--steps", type=int, metavar="N", help="batches of 32 lines to learn from")
    parser.add_argument("--n-train", type=int, metavar="N", help="training digits to compose lines from")
    parser.add_argument("--learning-rate", type=float, metavar="X", help="its peak")
    parser.add_argument(
        "--start", type=Path, metavar="FOLDER", help="the reader to continue from; default: none"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="where all randomness comes from")


def run(options: argparse.Namespace) -> int:
    chosen = {
        name: getattr(options, name)
        for name in ("steps", "n_train", "seed")
        if getattr(options, name) is not None
    }
    for name, value in chosen.items():
        low = 0 if name == "seed" else 1
        if value < low:
            raise SettingsError(f"{name} must be {low} or more, got {value}.")
    if options.learning_rate is not None:
        if not 0 < options.learning_rate <= 1:
            raise SettingsError(f"learning_rate must be above 0 and at most 1, got {options.learning_rate}.")
        chosen["learning_rate"] = options.learning_rate
    from digitcore import process  # loads TensorFlow, which --help does not need
    from digitcore.networks import part_networks
    from digitcore.reading import line_reader

    if options.start:
        if not (options.start / part_networks.KERAS).is_file():
            raise SettingsError(f"start must be a folder with {part_networks.KERAS}, got {options.start}.")
        chosen["start"] = str(options.start)
    from digitcore.training import line_reader_fit

    process.lower_priority()
    folder = options.output or line_reader.FOLDER
    card = line_reader_fit.train(
        line_reader_fit.LineSettings(**chosen), folder, lambda text: print(text, flush=True)
    )
    validation = card["validation"]
    print(f"validation:    {validation['exact']:,} of {validation['lines']:,} lines exact")
    print(f"kept:          in {folder}, after {card['seconds']:.0f} s of training")
    return 0
