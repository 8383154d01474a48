"""Train a network on MNIST, or another data set, and keep the run in a folder.

  python -m digitcore train                                       simple-cnn with its own recipe
  python -m digitcore train --architecture mlp-128 --epochs 8
  python -m digitcore train --architecture custom --depth 3 --width 64 --output my-run
  python -m digitcore train --run my-run                          goes on where a killed training was
  python -m digitcore train --run my-run --more-epochs 3          lets a finished one learn on

The folder then holds model.tflite, model.keras, model.h5 and card.json with the test accuracy, and
`evaluate` and `predict` read with it: --model my-run. Ctrl-C stops the fit and keeps its best epoch;
`control` pauses it and changes its learning rate.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitcore import paths
from digitcore.commands.options import drop_output
from digitcore.errors import RunError

if TYPE_CHECKING:
    from digitcore.runs.run_folder import Run

DEFAULT_ARCHITECTURE = "simple-cnn"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from digitcore.networks.settings import RANGES, Choice

    parser.add_argument(
        "--run", type=Path, metavar="FOLDER", help="train the run in this folder, or go on with it"
    )
    parser.add_argument(
        "--more-epochs",
        type=int,
        metavar="N",
        help="with --run: let a run that has ended learn N epochs more",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to keep the run (default: a new one in runs/)"
    )
    parser.add_argument("--name", default="", help="what the run is called on the Train page and in its card")
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
    from digitcore.training import trainer  # NumPy and more: not for --help

    waiting = _run(options)
    _say(describe(waiting))
    if not options.run:  # the app's log is shown to visitors: no business of theirs where it lies
        _say(f"The run is kept in {waiting.folder}\n")
    card = trainer.train(waiting, _Printer())
    if card is None:
        return 0
    test = card["test"]
    _say(f"test loss:     {test['loss']:.4f}")
    _say(f"test accuracy: {test['accuracy']:.4f}   {test['misses']} misses of {test['n']:,}")
    epochs = f"epoch {card['best_epoch']} of {card['epochs_run']}" if card["best_epoch"] else "the last step"
    _say(f"kept:          {epochs}, after {card['seconds']:.0f} s of training")
    names = ", ".join(waiting.file(f"model.{ending}").name for ending in ("tflite", "keras", "h5"))
    _say(f"models:        {names}")
    return 0


def _run(options: argparse.Namespace) -> Run:
    from digitcore.networks.settings import RANGES, Settings
    from digitcore.runs import store as run_store
    from digitcore.runs.run_folder import Run

    chosen = {name: getattr(options, name) for name in RANGES if getattr(options, name) is not None}
    if options.run:
        if chosen or options.output or options.name:
            raise RunError(
                "--run trains what its settings.json says; other settings cannot be given with it."
            )
        existing = Run(options.run)
        if options.more_epochs is not None:
            existing.request_more_epochs(options.more_epochs)
        return existing
    if options.more_epochs is not None:
        raise RunError("--more-epochs lets a run go on, and needs its folder: --run FOLDER.")
    architecture = chosen.pop("architecture", DEFAULT_ARCHITECTURE)
    settings = Settings.for_architecture(architecture, **chosen)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    folder = options.output or paths.runs() / "command-line" / f"{stamp}-{architecture}-{settings.seed}"
    return run_store.create_at(folder, settings, options.name)


def describe(run: Run) -> str:
    """The network layer by layer and what it will be told, before anything is loaded to train it."""
    from digitcore.networks import architectures

    settings = run.settings
    layers = architectures.layers(settings)
    shapes = ["×".join(map(str, layer.output_shape)) for layer in layers]
    wide = max(5, *(len(layer.text) for layer in layers))
    lines = [f"{settings.architecture} on {settings.dataset}", ""]
    lines.append(f"{'Layer':{wide}}  {'Output':>10}  Parameters")
    for layer, shape in zip(layers, shapes, strict=True):
        lines.append(f"{layer.text:{wide}}  {shape:>10}  {layer.parameters:10,}")
    lines.append(f"{'Total':{wide}}  {'':>10}  {architectures.parameter_count(settings):10,}")
    lines.append("")
    lines.append(
        f"{settings.n_train:,} pictures, {settings.epochs} epochs of {settings.steps_per_epoch:,} batches of "
        f"{settings.batch_size}, {settings.optimizer} {settings.learning_rate:g} ({settings.schedule}), "
        f"seed {settings.seed}"
    )
    return "\n".join(lines) + "\n"


def _say(text: str) -> None:
    """Print at once. A reader that has gone (`| head`) loses lines, never a training."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        drop_output()


class _Printer:
    """A progress bar for each epoch where a person watches, and a line at its end."""

    def __init__(self) -> None:
        self.bar: Any = None
        self.learnt = False
        self.finishing = False

    def __call__(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "batch":
            self.learnt = True
            self._bar(event)
        elif kind == "epoch":
            self._close_bar()
            _say(
                f"epoch {event['epoch']}/{event['epochs']}  {event['seconds']:.1f} s - "
                f"loss: {event['loss']:.4f} - accuracy: {event['accuracy']:.4f} - "
                f"val_loss: {event['val_loss']:.4f} - val_accuracy: {event['val_accuracy']:.4f}"
            )
        elif kind == "message":
            _say(event["text"])
        elif kind == "resumed":
            _say(f"Going on after epoch {event['epoch']}." if event["epoch"] else "Beginning again.")
        elif kind == "intervention" and event["what"] == "learning rate":
            self._close_bar()
            _say(f"learning rate {event['value']:g} from step {event['step'] + 1} on")
        elif kind == "state":
            self._close_bar()
            if event["state"] == "paused":
                _say("Paused.")
            if event["state"] == "finishing" and not self.finishing:
                self.finishing = True
                _say("Exporting the model, then reading the test pictures with it.")
            elif event["state"] == "stopped":
                _say("Stopped." if self.learnt else "Stopped before it had learnt anything.")

    def _bar(self, event: dict[str, Any]) -> None:
        from tqdm import tqdm

        if self.bar is None:
            self.bar = tqdm(total=event["batches"], desc=f"epoch {event['epoch']}", disable=None, leave=False)
        self.bar.update(event["batch"] - self.bar.n)
        self.bar.set_postfix(loss=f"{event['loss']:.4f}", accuracy=f"{event['accuracy']:.4f}")

    def _close_bar(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
