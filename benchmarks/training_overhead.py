"""python -m benchmarks.training_overhead [--quick] [--n-train N]

What it costs that a training reports to its run folder (batches, epochs, checking for `stop`).
Our fit, as the trainer calls it, against plain `model.fit(x, y, batch_size, validation_data)` on the same
arrays and against our fit without reports. Timed is the second of two epochs, with its validation; the first
one traces. All variants take turns in every round; the ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.support import record
from benchmarks.support.tensorflow_worker import Worker, serve

ARCHITECTURE = "simple-cnn"
N_TRAIN = 20_000
TARGET_PERCENT = 3.0
# Plain fits run in a process of their own: our fit makes TensorFlow deterministic for a whole process.
VARIANTS = {
    "plain": ("plain", {}),
    "plain, deterministic": ("deterministic", {}),
    "ours, silent": ("ours", {"reports": False}),
    "ours, reporting": ("ours", {"reports": True}),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--quick", action="store_true", help="two rounds, 5,000 pictures; only prints")
    parser.add_argument("--n-train", type=int, default=N_TRAIN, help="training pictures in each epoch")
    parser.add_argument("--worker", choices=("plain", "deterministic", "ours"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        serve(_Fits(options.worker))
        return 0
    rounds, n_train = (2, 5_000) if options.quick else (5, options.n_train)
    seconds: dict[str, list[float]] = {name: [] for name in VARIANTS}
    cpu_seconds: dict[str, list[float]] = {name: [] for name in VARIANTS}
    events = 0
    module = "benchmarks.training_overhead"
    with (
        Worker(module, "--worker", "plain") as plain,
        Worker(module, "--worker", "deterministic") as deterministic,
        Worker(module, "--worker", "ours") as ours,
    ):
        workers = {"plain": plain, "deterministic": deterministic, "ours": ours}
        for number in range(rounds):
            for name in sorted(VARIANTS, reverse=number % 2 == 1):  # so that none always comes first
                worker, arguments = VARIANTS[name]
                answer = workers[worker]("epoch", n_train=n_train, **arguments)
                seconds[name].append(answer["seconds"])
                cpu_seconds[name].append(answer["cpu_seconds"])
                events = max(events, answer["events"])
                print(
                    f"round {number + 1}: {name:22} {answer['seconds']:6.2f} s, "
                    f"{answer['cpu_seconds']:6.2f} s of processor time",
                    flush=True,
                )

    figures: dict[str, Any] = {
        "architecture": ARCHITECTURE,
        "n_train": n_train,
        "rounds": rounds,
        "epoch_seconds": {name: statistics.median(series) for name, series in seconds.items()},
        "epoch_cpu_seconds": {name: statistics.median(series) for name, series in cpu_seconds.items()},
        "all_seconds": seconds,
        "events_in_an_epoch": events,
        "overhead_percent": percent(seconds["ours, reporting"], seconds["plain"]),
        "overhead_in_cpu_time_percent": percent(cpu_seconds["ours, reporting"], cpu_seconds["plain"]),
        "overhead_against_deterministic_percent": percent(
            seconds["ours, reporting"], seconds["plain, deterministic"]
        ),
        "reporting_alone_percent": percent(seconds["ours, reporting"], seconds["ours, silent"]),
        "reporting_alone_in_cpu_time_percent": percent(
            cpu_seconds["ours, reporting"], cpu_seconds["ours, silent"]
        ),
        "target_percent": TARGET_PERCENT,
    }
    print(f"\nour fit with its reports against plain model.fit: {figures['overhead_percent']:+.1f} %")
    print(f"  in processor time: {figures['overhead_in_cpu_time_percent']:+.1f} %")
    print(f"  against a deterministic plain fit: {figures['overhead_against_deterministic_percent']:+.1f} %")
    print(
        f"  its reports alone: {figures['reporting_alone_percent']:+.1f} %, in processor time "
        f"{figures['reporting_alone_in_cpu_time_percent']:+.1f} %; {events} events an epoch"
    )
    if not options.quick:
        print("Kept in", record.write("training_overhead", f"python -m {module}", figures))
    return 0 if figures["overhead_percent"] < TARGET_PERCENT else 1


def percent(series: list[float], base: list[float]) -> float:
    """By how many per cent the first took longer than the second: the median over the rounds."""
    return 100 * statistics.median(mine / theirs - 1 for mine, theirs in zip(series, base, strict=True))


def clocks() -> tuple[float, float]:
    """The wall clock, and the processor time over all threads of this process, which other programs on the
    machine disturb less."""
    return time.perf_counter(), time.process_time()


def between(begin: tuple[float, float], end: tuple[float, float]) -> dict[str, float]:
    return {"seconds": end[0] - begin[0], "cpu_seconds": end[1] - begin[1]}


class _Fits:
    """The worker's side: fits of two epochs, of which the second is timed."""

    def __init__(self, kind: str) -> None:
        import tensorflow as tf

        self.kind = kind
        if kind == "deterministic":
            import keras

            keras.utils.set_random_seed(0)
            tf.config.experimental.enable_op_determinism()

    def epoch(self, n_train: int, reports: bool = True) -> dict[str, Any]:
        from digitcore.networks.settings import Settings

        settings = Settings.for_architecture(ARCHITECTURE, n_train=n_train, epochs=2)
        return self._ours(settings, reports) if self.kind == "ours" else self._plain(settings)

    def _plain(self, settings: Any) -> dict[str, Any]:
        import keras

        from digitcore import datasets
        from digitcore.networks import architectures
        from digitcore.training import batches, fit

        x, y = datasets.load(settings.dataset, "train", settings.n_train)
        x_validation, y_validation = datasets.load(settings.dataset, "validation")
        model = architectures.build(settings)
        fit.compile_model(model, settings)
        ends: list[tuple[float, float]] = []
        model.fit(
            batches.to_network(x),
            y,
            batch_size=settings.batch_size,
            epochs=settings.epochs,
            validation_data=(batches.to_network(x_validation), y_validation),
            callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(clocks()))],
            verbose=0,
        )
        return between(*ends) | {"events": 0}

    def _ours(self, settings: Any, reports: bool) -> dict[str, Any]:
        from digitcore.runs import store as run_store
        from digitcore.training import fit
        from digitcore.training.control import RunControl

        ends: list[tuple[float, float]] = []
        events = 0
        with tempfile.TemporaryDirectory() as folder:
            run = run_store.create_at(Path(folder) / "run", settings)

            def report(event: str, **values: Any) -> None:
                nonlocal events
                if reports:
                    run.append_event(event, **values)
                events += len(ends) == 1
                if event == "epoch":
                    ends.append(clocks())

            fit.fit(settings, report, RunControl(run, report) if reports else None)
        return between(*ends) | {"events": events}


if __name__ == "__main__":
    sys.exit(main())
