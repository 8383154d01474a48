"""Trainers that die at a given point, as suddenly as by `kill -9`: for test_crashes.py.

    python -m tests.training.crashing   reads lines "FOLDER POINT NUMBER", trains that run in a process of its
                                    own until POINT, and prints how it ended: "killed" or its exit code
    POINT NUMBER:  batch N          after the N-th batch that it learns
                   checkpoint N     with half of its N-th checkpoint written
                   export N         with half of its N-th exported file written
                   move N           after N files of the result have been moved into place
                   never 0          not at all

TensorFlow is imported and the digits are read once, and each trainer is forked from there. Whatever only
takes time is left out: there are few validation digits, no graph is traced, the exported files are not
measured, and the `.tflite` files hold the weights' bytes instead of a network.
"""

import functools
import json
import os
import signal
import sys
from pathlib import Path

from digitcore import datasets, files, paths, process
from digitcore.runs import cards
from digitcore.runs.run_folder import Run
from digitcore.training import export, finishing, fit, publication, trainer


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def on_the(number, act, before=lambda *arguments: None):
    """`act`, except that on its number-th call the process runs `before` and dies."""
    calls = 0

    def acting(*arguments, **options):
        nonlocal calls
        calls += 1
        if calls == number:
            before(*arguments)
            die()
        return act(*arguments, **options)

    return acting


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def halving(name: str, number: int):
    """`os.replace`, but of the files whose names begin so, the number-th is halved, and the process dies."""
    dying = on_the(number, os.replace, lambda source, target: halve(source))
    return lambda source, target: (dying if target.name.startswith(name) else os.replace)(source, target)


def die_at(point: str, number: int) -> None:
    if point == "batch":
        reporter = fit.Reporter
        reporter.on_train_batch_end = on_the(number, reporter.on_train_batch_end)
    elif point == "checkpoint":
        files.os = _Os(halving("checkpoint", number))
    elif point == "export":
        files.os = _Os(halving("model", number))
    elif point == "move":
        publication.os = _Os(on_the(number + 1, os.replace))


class _Os:
    """The module `os` with another `replace`, for one module only."""

    def __init__(self, replace) -> None:
        self.replace = replace

    def __getattr__(self, name):
        return getattr(os, name)


def unmeasured(folder: Path) -> None:
    """What the measuring process does with an exported model, without the measuring."""
    card = json.loads((folder / paths.DRAFT).read_text())
    card["files"] = cards.hashes(folder.glob("model*.*"))
    files.write_json(folder / "card.json", card)


def weights_as_bytes(model, examples):
    content = b"".join(weight.tobytes() for weight in model.get_weights())
    return {"model.tflite": content, "model-int8.tflite": content[::4]}


def train(folder: str, point: str, number: int) -> None:
    fit.tf.config.run_functions_eagerly(True)
    process.lower_priority = lambda: None  # a test does not wait for everything else on the machine
    finishing._measurer.complete = unmeasured
    export.converted = weights_as_bytes
    export.check_keras_files = lambda *arguments: {}
    die_at(point, number)
    log = os.open(Path(folder, "log.txt"), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    trainer.train(Run(Path(folder)))


read = functools.cache(datasets.load)


def few(*what):
    return tuple(array[:500] for array in read(*what))


def main() -> None:
    datasets.load = few
    few("mnist", "validation")
    for line in sys.stdin:
        *folder, point, number = line.split(" ")
        child = os.fork()
        if not child:
            train(" ".join(folder), point, int(number))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
