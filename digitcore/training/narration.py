"""A training in words: what `train` prints in a terminal, and the app's trainer into its run's log."""

from __future__ import annotations

from typing import Any

from digitcore.datasets import own
from digitcore.networks import architectures
from digitcore.process import drop_output
from digitcore.runs.run_folder import Run
from digitcore.training import trainer


def train(run: Run, say_where: bool = False) -> None:
    """Train a run to its end, as `trainer.train` does, and print line by line what happens.

    say_where: print the folder too; visitors see the app's log, and the folder is none of their business.
    """
    own.also_in(run.folder)  # a run that has come to another machine brings its data set along
    _say(description(run))
    if say_where:
        _say(f"The run is kept in {run.folder}\n")
    card = trainer.train(run, _Printer())
    if card is None:
        return
    test = card["test"]
    _say(f"test loss:     {test['loss']:.4f}")
    _say(f"test accuracy: {test['accuracy']:.4f}   {test['misses']} misses of {test['n']:,}")
    epochs = f"epoch {card['best_epoch']} of {card['epochs_run']}" if card["best_epoch"] else "the last step"
    _say(f"kept:          {epochs}, after {card['seconds']:.0f} s of training")
    names = ", ".join(run.file(f"model.{ending}").name for ending in ("tflite", "keras", "h5"))
    _say(f"models:        {names}")


def description(run: Run) -> str:
    """The network layer by layer and its training in numbers, before anything is loaded to train it."""
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
    """Print at once. A reader that has gone (`| head`) loses lines, but never ends a training."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        drop_output()


class _Printer:
    """A progress bar for each epoch if a person is watching, and a line at its end."""

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
            _say(f"Continuing after epoch {event['epoch']}." if event["epoch"] else "Starting again.")
        elif kind == "intervention" and event["what"] == "learning rate":
            self._close_bar()
            _say(f"learning rate {event['value']:g} from step {event['step'] + 1}")
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
