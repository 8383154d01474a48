"""Train a network on MNIST (or another data set) and keep the run in a folder.

  python -m digitcore train                                simple-cnn with its own recipe
  python -m digitcore train --architecture mlp-128 --epochs 8
  python -m digitcore train --architecture custom --depth 3 --width 64 --output my-run

The folder then holds model.tflite, model.keras, model.h5 and card.json with the test accuracy.
Ctrl-C stops the fit and keeps its best epoch.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm

from digitcore import runs, trainer
from digitcore.errors import RunError
from digitcore.settings import RANGES, Choice, Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="train the run that waits in this folder")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to keep the run (default: runs/…)"
    )
    settings = parser.add_argument_group("settings (default: the network's own recipe)")
    for name, allowed in RANGES.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(allowed, Choice):
            settings.add_argument(option, choices=allowed.options, help=allowed.help)
        else:
            kind = int if isinstance(allowed.step, int) else float
            help_text = f"{allowed.help} ({allowed.low:g} to {allowed.high:g})"
            settings.add_argument(option, type=kind, metavar=kind.__name__.upper(), help=help_text)


def run(options: argparse.Namespace) -> int:
    chosen = {name: getattr(options, name) for name in RANGES if getattr(options, name) is not None}
    if options.run:
        if chosen or options.output:
            raise RunError(
                "--run trains what its settings.json says; other settings cannot be given with it."
            )
        run = runs.Run(options.run)
    else:
        architecture = chosen.pop("architecture", "simple-cnn")
        settings = Settings.for_architecture(architecture, **chosen)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        folder = options.output or runs.root() / "command-line" / f"{stamp}-{architecture}-{settings.seed}"
        run = runs.create_at(folder, settings)
    print(f"{run.settings.architecture} on {run.settings.dataset}, in {run.folder}")
    card = trainer.train(run, _Printer())
    if card is None:
        print("Stopped before it had learnt anything.")
        return 0
    test = card["test"]
    print(
        f"{'Stopped' if card['stopped'] else 'Finished'}: test loss {test['loss']:.4f}, "
        f"test accuracy {test['accuracy']:.2%}, {test['misses']} misses of {test['n']:,} "
        f"({card['parameters']:,} parameters, {card['seconds']:.0f} s)"
    )
    print(f"Model: {run.file('model.keras')}, {run.file('model.h5')}, {run.file('model.tflite')}")
    return 0


class _Printer:
    """A progress bar for each epoch and a line at its end; lines alone where no person watches."""

    def __init__(self) -> None:
        self.bar: tqdm | None = None

    def __call__(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "batch" and sys.stderr.isatty():
            if self.bar is None:
                self.bar = tqdm(total=event["batches"], desc=f"epoch {event['epoch']}", leave=False)
            self.bar.update(event["batch"] - self.bar.n)
            self.bar.set_postfix(loss=f"{event['loss']:.4f}", accuracy=f"{event['accuracy']:.4f}")
        elif kind == "epoch":
            self._close_bar()
            print(
                f"epoch {event['epoch']}/{event['epochs']}: loss {event['loss']:.4f}, "
                f"accuracy {event['accuracy']:.4f}, val_loss {event['val_loss']:.4f}, "
                f"val_accuracy {event['val_accuracy']:.4f}, {event['seconds']:.1f} s",
                flush=True,
            )
        elif kind == "message":
            print(event["text"], flush=True)
        elif kind == "state":
            self._close_bar()

    def _close_bar(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
