"""Train a network on MNIST, or another data set, and keep the run in a folder.

  python -m digitcore train                                       simple-cnn with its own recipe
  python -m digitcore train --architecture mlp-128 --epochs 8
  python -m digitcore train --architecture custom --depth 3 --width 64 --output my-run
  python -m digitcore train --run my-run                          continues a training that was killed
  python -m digitcore train --run my-run --more-epochs 3          trains a finished one further

The folder then holds model.tflite, model.keras, model.h5 and card.json with the test accuracy, and
`evaluate` and `predict` read with it: --model my-run. Ctrl-C stops the fit and keeps its best epoch;
`control` pauses it and changes its learning rate.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from digitcore import paths
from digitcore.errors import RunError
from digitcore.runs import requests

if TYPE_CHECKING:
    from digitcore.runs.run_folder import Run

DEFAULT_ARCHITECTURE = "simple-cnn"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from digitcore.networks.ranges import RANGES, Choice

    parser.add_argument(
        "--run", type=Path, metavar="FOLDER", help="train the run in this folder, or continue it"
    )
    parser.add_argument(
        "--more-epochs",
        type=int,
        metavar="N",
        help="with --run: train a run that has ended for N more epochs",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to keep the run (default: a new one in runs/)"
    )
    parser.add_argument("--name", default="", help="the run's name on the Train page and in its card")
    parser.add_argument(
        "--onnx",
        action="store_true",
        help="make an ONNX file too (needs python -m pip install -r requirements-onnx.txt)",
    )
    settings = parser.add_argument_group("settings (default: the network's own recipe)")
    for name, allowed in RANGES.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(allowed, Choice):
            help_text = f"{allowed.help} One of: {', '.join(allowed.options)}."
            settings.add_argument(option, metavar="NAME", help=help_text)
        else:
            kind = int if isinstance(allowed.step, int) else float
            help_text = f"{allowed.help} {_plain(allowed.low)} to {_plain(allowed.high)}."
            settings.add_argument(option, type=kind, metavar="N" if kind is int else "X", help=help_text)


def _plain(number: float) -> str:
    return f"{number:,.5f}".rstrip("0").rstrip(".")


def run(options: argparse.Namespace) -> int:
    from digitcore.evaluation import other_runtimes  # NumPy and more, which --help does not need
    from digitcore.training import narration

    if options.onnx:
        other_runtimes.check_onnx_packages()
    wanted = _run(options)
    if options.onnx:
        requests.onnx_too(wanted)
    narration.train(wanted, say_where=not options.run)
    return 0


def _run(options: argparse.Namespace) -> Run:
    from digitcore.networks.ranges import RANGES
    from digitcore.networks.settings import Settings
    from digitcore.runs import store as run_store
    from digitcore.runs.run_folder import Run

    chosen = {name: getattr(options, name) for name in RANGES if getattr(options, name) is not None}
    if options.run:
        if chosen or options.output or options.name:
            raise RunError(
                "--run trains what its settings.json says, so no other settings can be given with it."
            )
        existing = Run(options.run)
        if options.more_epochs is not None:
            requests.more_epochs(existing, options.more_epochs)
        return existing
    if options.more_epochs is not None:
        raise RunError("--more-epochs continues a run, and needs its folder: --run FOLDER.")
    architecture = chosen.pop("architecture", DEFAULT_ARCHITECTURE)
    settings = Settings.for_architecture(architecture, **chosen)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    folder = options.output or paths.runs() / "command-line" / f"{stamp}-{architecture}-{settings.seed}"
    return run_store.create_at(folder, settings, options.name)
