"""The trainer: the process around one fit, from the lock it takes to the card it writes last.

    python -m digitcore train --run FOLDER      (what the app starts)
    python -m digitcore train --architecture cnn … (what a person types; the same from here on)

TensorFlow is loaded only after the lock is taken, so a run shows as alive from its first moment.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from filelock import Timeout

from digitcore import cards, datasets
from digitcore.classifier import answers
from digitcore.errors import DigitcoreError, RunError
from digitcore.run_folder import Run, write_json
from digitcore.runs import REPOSITORY

# Below the app and everything else a person waits for.
NICENESS = 10
# How often stop is looked for while TensorFlow loads and the first batch is traced; later the fit looks.
WATCH_SECONDS = 0.2

# Between export and card: the card so far, and the network's own answers to the validation pictures.
DRAFT, EXPECTED = "draft.json", "expected.npz"

Listener = Callable[[dict[str, Any]], None]


def train(run: Run, listener: Listener | None = None) -> dict[str, Any] | None:
    """Train a run to its end and return its card; None if it was stopped before it learnt anything.

    listener receives every event as it is written (the command line prints from it).
    Raises RunError if another trainer holds the run or the run is over already.
    """
    lower_priority()
    keep_freed_memory()
    try:
        lock = run.lock().acquire(timeout=3)  # longer than anybody's probe of it
    except Timeout:
        raise RunError(f"Run {run.id} is being trained by another process.") from None
    with lock:
        if run.file("events.jsonl").exists() and not run.file(DRAFT).exists():
            raise RunError(f"Run {run.id} was started before; a run is trained once.")
        run.mark_started()
        trainer = _Trainer(run, listener)
        with _signals_request_stop(run):
            try:
                return trainer.run_to_the_end()
            except BaseException as error:
                if not isinstance(error, DigitcoreError):
                    traceback.print_exc()  # goes to log.txt, whose last lines the page shows
                trainer.event("message", text=f"{type(error).__name__}: {error}")
                trainer.event("state", state="failed")
                raise


def keep_freed_memory() -> None:
    """Have glibc keep the memory that tensors free; a no-op elsewhere.

    TensorFlow asks for its tensors' memory anew at each step. By default glibc returns such pieces to the
    system at once and gets them back page by page, which is slow where a second thread prepares pictures.
    (mallopt(3): one arena, nothing by mmap, no trimming.)
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None)
            for option, value in (
                (-8, 1),  # M_ARENA_MAX
                (-4, 0),  # M_MMAP_MAX
                (-1, 2**31 - 1),  # M_TRIM_THRESHOLD
                (-2, 64 * 2**20),  # M_TOP_PAD
            ):
                libc.mallopt(option, value)


def lower_priority() -> None:
    """Make way for the app; a no-op where the system has no niceness (Windows).

    Linux desktops weigh sessions against each other first and niceness only within one (sched(7),
    autogroup); the trainer is a session of its own, which has to be made nice as a whole.
    """
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICENESS)
        group = Path("/proc/self/autogroup")
        with contextlib.suppress(OSError):
            if os.getsid(0) == os.getpid():  # nobody else's session
                group.write_text(str(NICENESS))


class _Trainer:
    def __init__(self, run: Run, listener: Listener | None) -> None:
        self.run = run
        self.listener = listener
        self.learning = False

    def event(self, event: str, **values: Any) -> None:
        self.run.append_event(event, **values)
        if self.listener:
            self.listener({"event": event, **values})

    def report(self, event: str, **values: Any) -> None:
        if not self.learning:
            self.learning = True
            self.event("state", state="running")
        self.event(event, **values)

    def run_to_the_end(self) -> dict[str, Any] | None:
        """Fit, export, measure; None if stopped before anything was learnt."""
        if self.run.file(DRAFT).exists():  # a trainer that died after the export: nothing needs relearning
            self.event("state", state="finishing")
            return self._finish()
        self.event("state", state="starting")
        if self.run.stop_requested():
            self.event("state", state="stopped")
            return None
        threading.Thread(target=self._stop_before_learning, daemon=True).start()
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its notes on CPU features fill the log
        from digitcore import export, training

        settings = self.run.settings
        fitted = training.fit(settings, self.report, self.run.stop_requested)
        self.event("state", state="finishing")
        export.export_all(fitted.model, self.run.folder)
        images, _ = datasets.load(settings.dataset, "validation")
        pictures = training.to_network(images)
        expected = fitted.model.predict(pictures, batch_size=500, verbose=0)
        np.savez(self.run.file(EXPECTED), probabilities=expected)
        card = cards.draft(self.run, fitted)
        card["exports"] = export.check_keras_files(self.run.folder, pictures[:1000], expected[:1000])
        write_json(self.run.file(DRAFT), card)
        return self._finish()

    def _finish(self) -> dict[str, Any]:
        """Calibrate and measure the exported `.tflite` through the serving code, and write the card."""
        run = self.run
        self._digitcore("models", "calibrate")
        card = json.loads(run.file(DRAFT).read_text(encoding="utf-8"))
        with np.load(run.file(EXPECTED), allow_pickle=False) as file:
            expected = file["probabilities"]
        dataset = run.settings.dataset
        validation, probabilities = self._evaluate(f"{dataset}:validation")
        classes, temperature = len(card["class_names"]), card["calibration"]["temperature"]
        expected = answers(expected, classes, temperature).probabilities
        card["exports"]["model.tflite"] = cards.receipt(probabilities, expected)
        test, probabilities = self._evaluate(dataset)
        np.savez_compressed(run.file("test.npz"), probabilities=probabilities)
        cards.complete(card, run.folder, validation, test)
        write_json(run.file("card.json"), card)
        for name in (DRAFT, EXPECTED):
            run.file(name).unlink()
        self.event("state", state="stopped" if card["stopped"] else "finished")
        return card

    def _stop_before_learning(self) -> None:
        """Loading TensorFlow and tracing the first batch cannot be interrupted politely; nothing is
        lost by leaving at once, because nothing has been learnt."""
        while not self.learning:
            time.sleep(WATCH_SECONDS)
            if self.run.stop_requested() and not self.learning:
                self.event("state", state="stopped")
                os._exit(0)

    def _evaluate(self, data: str) -> tuple[dict[str, Any], np.ndarray]:
        """What `python -m digitcore evaluate` says of the exported model on `data`."""
        scratch = self.run.file(".probabilities.npz")
        printed = self._digitcore("evaluate", "--data", data, "--json", "--probabilities", str(scratch))
        with np.load(scratch, allow_pickle=False) as file:
            probabilities = file["probabilities"]
        scratch.unlink()
        return json.loads(printed.strip().splitlines()[-1]), probabilities

    def _digitcore(self, *command: str) -> str:
        """What one of our commands prints about the run's model."""
        # A session of its own: Ctrl-C asks the trainer to stop, and must not end what measures its model.
        done = subprocess.run(
            [sys.executable, "-m", "digitcore", *command, "--model", str(self.run.folder)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            start_new_session=True,
        )
        if done.returncode:
            raise RunError(f"{' '.join(command)} of the exported model failed: {done.stderr.strip()[-500:]}")
        return done.stdout


@contextlib.contextmanager
def _signals_request_stop(run: Run):
    """Ctrl-C and a polite end by the system become a stop: the best epoch is kept."""

    def request_stop(_signal: int, _frame: Any) -> None:
        run.request_stop()

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals; tests train in others
        return
    before = {number: signal.signal(number, request_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
