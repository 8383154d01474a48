"""python -m benchmarks.serving [--quick]

How long an answer takes with our classifier (LiteRT), and in TensorFlow.
One digit, and MNIST's 10,000 test digits, through our classifier and through the same network in TensorFlow:
`keras.Model.predict`, one digit a call and batched, and a `tf.function` with a fixed signature. Both sides
take turns in every round; TensorFlow runs in a process of its own.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from itertools import chain

import numpy as np

from benchmarks.support import record
from benchmarks.support.tensorflow_worker import Worker, timed
from digitcore import datasets
from digitcore.networks import model_store

MODEL = "simple-cnn"
TARGET = 200.0  # times faster than `predict`, one digit
BATCHES = {"batched, 32": 32, "batched, 256": 256}  # 32 is Keras's own default, 256 what the classifier uses


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--quick", action="store_true", help="two rounds; only prints")
    quick = parser.parse_args().quick
    rounds = 2 if quick else 7
    classifier = model_store.load(MODEL)
    images, _ = datasets.load("mnist", "test")
    pictures = images.astype(np.float32) / np.float32(255.0)

    one: dict[str, list[list[float]]] = {}
    every: dict[str, list[list[float]]] = {}
    with Worker("benchmarks.support.tensorflow_worker", f"models/{MODEL}.keras") as tensorflow:
        theirs = np.array(tensorflow("answers", n=1000)["probabilities"])
        difference = float(np.abs(classifier.predict(pictures[:1000]) - theirs).max())
        warm_up(classifier, pictures, tensorflow)
        for _ in range(rounds):
            take(one, "digitcore", timed(lambda: classifier.predict(pictures[:1]), 1000))
            take(one, "predict", tensorflow("predict_one", n=30)["seconds"])
            take(one, "tf.function", tensorflow("function_one", n=300)["seconds"])
            take(every, "digitcore", timed(lambda: classifier.predict(pictures), 1))
            for name, size in BATCHES.items():
                take(every, f"predict, {name}", tensorflow("predict_all", n=1, batch_size=size)["seconds"])
            take(every, "tf.function, 256", tensorflow("function_all", n=1, batch_size=256)["seconds"])
        singly = timed(lambda: [classifier.predict(p[None]) for p in pictures], 1)[0]

    figures = {
        "model": MODEL,
        "largest_difference_of_a_probability": difference,
        "one_digit": summary(one),
        "ten_thousand_digits": summary(every),
        "ten_thousand_digits_one_by_one": {
            "digitcore_seconds": singly,
            "predict_seconds_from_its_one_digit": 10_000 * statistics.median(flat(one["predict"])),
        },
        "rounds": rounds,
        "target_times_faster_than_predict": TARGET,
    }
    show(figures)
    if not quick:
        print("Kept in", record.write("serving", "python -m benchmarks.serving", figures))
    predict = figures["one_digit"]["predict"]
    return 0 if min(predict["times_slower"], predict["times_slower_at_the_fastest"]) >= TARGET else 1


def warm_up(classifier, pictures: np.ndarray, tensorflow: Worker) -> None:
    """First calls allocate, trace and compile; nobody waits for that twice."""
    classifier.predict(pictures[:1])
    classifier.predict(pictures[:300])
    tensorflow("predict_one", n=3)
    tensorflow("function_one", n=3)
    tensorflow("function_all", n=1, batch_size=256)


def take(series: dict[str, list[list[float]]], name: str, seconds: list[float]) -> None:
    """Keep one round's timings."""
    series.setdefault(name, []).append(seconds)


def summary(series: dict[str, list[list[float]]]) -> dict[str, dict[str, float]]:
    """Median and fastest call, and how many times slower than ours: the median over the rounds of the ratio
    of medians, and the ratio of the fastest calls, which other programs on the machine disturb least."""
    ours = series["digitcore"]
    figures = {}
    for name, rounds in series.items():
        ratios = [
            statistics.median(theirs) / statistics.median(mine)
            for theirs, mine in zip(rounds, ours, strict=True)
        ]
        calls = flat(rounds)
        figures[name] = {
            "milliseconds": 1000 * statistics.median(calls),
            "fastest_milliseconds": 1000 * min(calls),
            "calls": len(calls),
            "times_slower": statistics.median(ratios),
            "times_slower_at_the_fastest": min(calls) / min(flat(ours)),
        }
    return figures


def flat(rounds: list[list[float]]) -> list[float]:
    """The timings of all rounds in one list."""
    return list(chain.from_iterable(rounds))


def show(figures: dict) -> None:
    """Print the two tables."""
    for title in ("one_digit", "ten_thousand_digits"):
        print(f"\n{title.replace('_', ' ')} ({figures['model']})")
        for name, row in figures[title].items():
            print(
                f"  {name:24} {row['milliseconds']:10.3f} ms   {row['times_slower']:8.1f} times ours"
                f"   (fastest {row['fastest_milliseconds']:.3f} ms, {row['times_slower_at_the_fastest']:.1f})"
            )
    singly = figures["ten_thousand_digits_one_by_one"]
    print(
        f"\nten thousand one by one: ours {singly['digitcore_seconds']:.2f} s, predict "
        f"{singly['predict_seconds_from_its_one_digit']:.0f} s (10,000 times its one digit)"
    )


if __name__ == "__main__":
    sys.exit(main())
