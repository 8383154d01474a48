"""python -m benchmarks.sprint [--seeds 0 1 2] [--data N --floor X]

How long until a network reads 99.0 % of MNIST's test digits?
`train --architecture sprint`, whose schedule was fixed beforehand on validation digits, against Keras's
example `mnist_convnet` (F. Chollet, 2015: convolutions of 32 and 64, max pooling, dropout 0.5, batches of
128, Adam) by plain `model.fit`.

Both learn from the same 55,000 digits and are checked on the same 5,000 validation digits after each epoch;
each has the machine to itself during its turn. The rule for both: the goal is reached at the end of the first
epoch at which the network reads this share of the test digits. The example is tested after each of its epochs
and stops there, and the time that testing costs is subtracted; the sprint is tested once, at the end of its
schedule, and all of its time counts.

    training        from the call of the fit (tracing, validation, checkpoints included) to that epoch's end
    start to saved  from the start of the process (TensorFlow's import included) to the .keras file on disk
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.support import record
from digitcore.paths import REPOSITORY

MODULE = "benchmarks.sprint"
FLOOR = 0.99
TIMES_FASTER = {"training": 15.0, "start_to_saved": 10.0}
"""What the medians over the seeds are to reach; a sprint that does not get there counts as 0."""

MOST_EPOCHS = 30  # for the example, whose author trains it for 15
SAVED = "model.keras"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--data", type=int, metavar="N", help="use only N training digits; keeps nothing")
    parser.add_argument("--floor", type=float, default=FLOOR, help="share of test digits that must be read")
    parser.add_argument("--example", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.example:
        print(json.dumps(train_example(options.example, options.seeds[0], options.data, options.floor)))
        return 0
    rounds = []
    for number, seed in enumerate(options.seeds):
        turns = {"sprint": run_sprint, "example": run_example}
        taken = {}
        for name in sorted(turns, reverse=number % 2 == 0):  # so that neither always comes first
            taken[name] = turns[name](seed, options.data, options.floor)
            print(f"seed {seed}: {describe(name, taken[name])}", flush=True)
        rounds.append({"seed": seed} | taken)
    figures = summary(rounds, options.floor)
    for what, target in TIMES_FASTER.items():
        times = figures["times_faster"][what]
        print(
            f"{what.replace('_', ' ')}: {', '.join(f'{x:.1f}' for x in times)} times faster, median "
            f"{statistics.median(times):.1f}; aim {target:g}"
        )
    if options.data is None and options.floor == FLOOR:
        print("Kept in", record.write("sprint", f"python -m {MODULE}", figures))
    return 0 if figures["aims_met"] else 1


def reached(history: list[dict[str, Any]], floor: float) -> dict[str, Any] | None:
    """The first end of an epoch at which the test digits are read as well as the floor demands; None if there
    is none.

    history: a dictionary for each end of an epoch that was tested, in order, with "test_accuracy" in 0..1.
    """
    return next((epoch for epoch in history if epoch["test_accuracy"] >= floor), None)


def summary(rounds: list[dict[str, Any]], floor: float) -> dict[str, Any]:
    """The rounds, how many times faster the sprint was in each, and whether the medians meet the aims.

    An example that never reached the floor counts as at least as slow as the epochs that it had. A sprint
    that did not reach it is no times faster.
    """
    times: dict[str, list[float]] = {what: [] for what in TIMES_FASTER}
    for taken in rounds:
        there = reached(taken["sprint"]["history"], floor)
        for what, ratios in times.items():
            theirs, mine = taken["example"][f"{what}_seconds"], taken["sprint"][f"{what}_seconds"]
            ratios.append(theirs / mine if there else 0.0)
    return {
        "floor": floor,
        "rounds": rounds,
        "times_faster": times,
        "median_times_faster": {what: statistics.median(ratios) for what, ratios in times.items()},
        "aims": TIMES_FASTER,
        "aims_met": all(statistics.median(times[what]) >= aim for what, aim in TIMES_FASTER.items()),
    }


def describe(name: str, taken: dict[str, Any]) -> str:
    looked = taken["history"][-1]
    parts = "".join(f", {what} {seconds:.1f} s" for what, seconds in taken.get("parts", {}).items())
    return (
        f"{name:7} epoch {looked['epoch']}, test {100 * looked['test_accuracy']:.2f} %; training "
        f"{taken['training_seconds']:.1f} s, start to saved {taken['start_to_saved_seconds']:.1f} s{parts}"
    )


def run_sprint(seed: int, n_train: int | None, floor: float) -> dict[str, Any]:
    """One `train --architecture sprint`, as a person types it, timed from what it leaves in its run
    folder."""
    prefix = [] if n_train is None else ["--n-train", str(n_train)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "run"
        begun = time.time()
        _python(
            *("-m", "digitcore", "train", "--architecture", "sprint", "--seed", str(seed)),
            *(*prefix, "--output", str(folder)),
        )
        ended = time.time()
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        saved = (folder / SAVED).stat().st_mtime
        lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
        events = [json.loads(line) for line in lines]
    at = {event["state"]: event["time"] for event in events if event["event"] == "state"}
    first_batch = next(event["time"] for event in events if event["event"] == "batch")
    fit_begun = at["finishing"] - card["seconds"]
    return {
        # What is kept is the best network on validation digits; the time counts all epochs.
        "history": [
            {
                "epoch": card["epochs_run"],
                "kept_epoch": card["best_epoch"],
                "test_accuracy": card["test"]["accuracy"],
                "test_misses": card["test"]["misses"],
                "validation_accuracy": card["validation"]["accuracy"],
                "seconds": card["seconds"],
            }
        ],
        "training_seconds": card["seconds"],
        "start_to_saved_seconds": saved - begun,
        "parts": {
            "start": at["starting"] - begun,
            "import and data": fit_begun - at["starting"],
            "first batch": first_batch - fit_begun,
            "the other batches": at["finishing"] - first_batch,
            "save": saved - at["finishing"],
            "other exports and card": ended - saved,
        },
        "parameters": card["parameters"],
        "settings": card["settings"],
    }


def run_example(seed: int, n_train: int | None, floor: float) -> dict[str, Any]:
    """The example in a process of its own."""
    prefix = [] if n_train is None else ["--data", str(n_train)]
    with tempfile.TemporaryDirectory() as folder:
        begun = time.time()
        printed = _python(
            *("-m", MODULE, "--example", folder, "--seeds", str(seed), "--floor", str(floor), *prefix)
        )
        saved = (Path(folder) / SAVED).stat().st_mtime
    answer = json.loads(printed.strip().splitlines()[-1])
    return answer | {"start_to_saved_seconds": saved - begun - answer["looking_seconds"]}


def train_example(folder: Path, seed: int, n_train: int | None, floor: float) -> dict[str, Any]:
    """Train Keras's example until it reaches the floor, and save it; runs in the process that `run_example`
    starts."""
    import keras

    from digitcore import datasets
    from digitcore.preprocessing.levels import scaled

    keras.utils.set_random_seed(seed)

    def part(name: str, n: int | None = None) -> tuple[Any, Any]:
        images, labels = datasets.load("mnist", name, n)
        return scaled(images[..., None]), keras.utils.to_categorical(labels, 10)

    train, validation, test = part("train", n_train), part("validation"), part("test")
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    history: list[dict[str, Any]] = []
    looking, begun = 0.0, 0.0

    def look(epoch: int, logs: dict[str, float]) -> None:
        nonlocal looking
        seconds = time.perf_counter() - begun - looking
        _, accuracy = model.evaluate(*test, batch_size=500, verbose=0)
        misses = round((1 - accuracy) * len(test[0]))
        history.append(
            {
                "epoch": epoch + 1,
                "test_accuracy": 1 - misses / len(test[0]),
                "test_misses": misses,
                "validation_accuracy": logs["val_accuracy"],
                "seconds": seconds,
            }
        )
        model.stop_training = reached(history, floor) is not None
        looking = time.perf_counter() - begun - seconds

    begun = time.perf_counter()
    model.fit(
        *train,
        batch_size=128,
        epochs=MOST_EPOCHS,
        validation_data=validation,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=look)],
        verbose=0,
    )
    model.save(folder / SAVED)
    return {
        "history": history,
        "training_seconds": history[-1]["seconds"],
        "looking_seconds": looking,
        "reached": reached(history, floor) is not None,
        "parameters": model.count_params(),
    }


def _python(*arguments: str) -> str:
    """What a Python program prints; RuntimeError if it failed."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=REPOSITORY, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
