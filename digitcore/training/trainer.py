"""The trainer: the process around one fit, from the lock that it takes to the card that it writes last.

    python -m digitcore train --run FOLDER      (what the app starts)
    python -m digitcore train --architecture cnn … (what a person types; the same from here on)

TensorFlow is loaded only after the lock is taken, so a run shows as alive from its first moment. However a
trainer ends, the next one continues: from the checkpoint, from the exported model, or from the complete
result that only has to be moved into place.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import Timeout

from digitcore import datasets, files, paths, process
from digitcore.datasets import own
from digitcore.errors import DigitcoreError, PackageError, RunError
from digitcore.evaluation.receipts import CHECKED
from digitcore.networks import model_store
from digitcore.runs import cards, disk, extra_digits, requests
from digitcore.runs import state as run_state
from digitcore.runs.recording import Recorder
from digitcore.runs.run_folder import Run
from digitcore.runs.state import RELEASED
from digitcore.training import checkpoint, finishing, publication
from digitcore.training.control import Released, RunControl

# How often a stop is looked for while TensorFlow loads and the first batch is traced; later the fit looks.
WATCH_SECONDS = 0.2

Listener = Callable[[dict[str, Any]], None]


def train(run: Run, listener: Listener | None = None) -> dict[str, Any] | None:
    """Train a run to its end and return its card; None if it was stopped before it learnt anything.

    listener receives every event as it is written (the command line prints from it).
    A run whose trainer died continues where that one stopped; a complete run that was asked for more epochs
    learns for those. Raises RunError if another trainer holds the run, or if there is nothing left to do.
    """
    try:
        lock = run.lock().acquire(timeout=3)  # longer than anybody's probe of it
    except Timeout:
        raise RunError(f"Run {run.id} is being trained by another process.") from None
    with lock:
        own.also_in(run.folder)
        if run_state.is_over(run):
            raise RunError(f"Run {run.id} is over; a run that has a model continues with --more-epochs.")
        process.lower_priority()
        process.keep_freed_memory()
        if not run.file(paths.STARTED).exists():
            run_state.mark_started(run)
        trainer = _Trainer(run, listener)
        with _signals(run):
            try:
                return trainer.run_to_the_end()
            except Released:
                trainer.event("state", state=RELEASED)
                return None
            except BaseException as error:
                if disk.is_why(error, run.folder):
                    # Nothing says "failed", so another trainer continues once there is room, and the run is
                    # not blamed for the end of this one.
                    run.file(paths.RELAUNCHES).unlink(missing_ok=True)
                    text = "The disk is full; the run will continue from its last epoch when there is room."
                    with contextlib.suppress(OSError):
                        trainer.event("message", text=text)
                    raise RunError(text) from error
                if not isinstance(error, DigitcoreError):
                    traceback.print_exc()  # goes to log.txt, whose last lines the page shows
                trainer.event("message", text=f"{type(error).__name__}: {error}")
                trainer.event("state", state="failed")
                raise


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
        if finishing.has_begun(self.run):  # a trainer died after the export: nothing has to be learnt again
            self.event("state", state="finishing")
            return self._finish()
        again = self.run.file(paths.EVENTS).exists()
        self.event("state", state="starting")
        reached = checkpoint.read(self.run.file(paths.CHECKPOINT))
        epoch = reached.epoch if reached else 0
        if again:
            self.event("resumed", epoch=epoch)
        more = self.run.more_epochs()
        nothing_new = epoch == (more["from"] if more else 0)
        if nothing_new:
            if self.run.stop_requested():
                return self._leave()
            threading.Thread(target=self._stop_before_learning, daemon=True).start()
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its notes on CPU features would fill the log
        # By default TensorFlow uses its faster convolutions on some processors only; they are faster on the
        # others too, and the same run should give the same numbers on both.
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
        # Keras would accept their tables and estimators; without them it loads in two thirds of the time.
        with process.without("pandas", "scipy", "sklearn"):
            from digitcore.training import fit

        control, recorder = RunControl(self.run, self.event), Recorder(self.run)
        extra = extra_digits.read(self.run.folder)
        fitted = fit.fit(self.run.settings, self.report, control, recorder, extra)
        if nothing_new and not self.learning:
            return self._leave()
        self.event("state", state="finishing")
        self._export(fitted)
        return self._finish()

    def _leave(self) -> None:
        """End a run that was stopped before it had learnt anything, or anything more."""
        self.run.file(paths.MORE_EPOCHS).unlink(missing_ok=True)
        extra_digits.forget(self.run.folder)
        card = self.run.card()
        self.event("state", state="finished" if card and not card["stopped"] else "stopped")

    def _export(self, fitted: Any) -> None:
        """Write the model's files and a draft of its card, from which another process can continue."""
        from digitcore.training import batches, export

        settings, folder = self.run.settings, publication.begin(self.run)
        examples = batches.examples(settings, export.EXAMPLES)
        export.export_all(fitted.model, folder, examples)
        images, _ = datasets.load(settings.dataset, "validation")
        pictures = batches.to_network(images[:CHECKED])
        expected = fitted.model.predict(pictures, batch_size=500, verbose=0)
        files.write_npz(folder / paths.EXPECTED, False, probabilities=expected)
        card = cards.draft(self.run, fitted)
        card["exports"] = export.check_keras_files(folder, pictures, expected)
        if self.run.file(paths.ONNX_TOO).exists():
            self._export_onnx(fitted.model, card["class_names"], folder)
        files.write_json(folder / paths.DRAFT, card)

    def _export_onnx(self, model: Any, class_names: list[str], folder: Path) -> None:
        from digitcore.training import onnx_file

        try:
            files.write_bytes(folder / model_store.ONNX, onnx_file.converted(model, class_names))
        except PackageError as error:  # the run is none the worse for it
            self.event("message", text=str(error))

    def _finish(self) -> dict[str, Any]:
        card = finishing.finish(self.run)
        extra_digits.forget(self.run.folder)
        own.leave_behind(self.run.settings.dataset, self.run.folder)
        self.event("state", state="stopped" if card["stopped"] else "finished")
        return card

    def _stop_before_learning(self) -> None:
        """Loading TensorFlow and tracing the first batch cannot be interrupted; nothing is lost by ending
        the process at once, because nothing has been learnt."""
        while not self.learning:
            time.sleep(WATCH_SECONDS)
            if self.run.stop_requested() and not self.learning:
                self._leave()
                os._exit(0)


@contextlib.contextmanager
def _signals(run: Run):
    """Ctrl-C becomes a stop, which keeps the best epoch. SIGTERM, by which the system announces SIGKILL, ends
    the process at once: nobody asked this run to stop, and another trainer continues it."""

    def stop(_signal: int, _frame: Any) -> None:
        requests.stop(run)

    def leave(number: int, _frame: Any) -> None:
        os._exit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals; tests train in others
        return
    handlers = {signal.SIGINT: stop, signal.SIGTERM: leave}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
