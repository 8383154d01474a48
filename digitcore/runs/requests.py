"""What a run can be asked: to stop, pause, resume, step, change its learning rate, learn for more epochs, or
end with an ONNX file too.

Each request is a control file in the run's folder, which its trainer obeys within a second, wherever it runs.
"""

from __future__ import annotations

import shutil
import time

from digitcore import files, paths
from digitcore.errors import RunError, SettingsError
from digitcore.networks.ranges import RANGES
from digitcore.runs import state as run_state
from digitcore.runs.run_folder import Run


def stop(run: Run) -> None:
    """Ask the trainer to end the fit and keep its best epoch. RunError for a recorded run."""
    _refuse_if_recorded(run)
    run.file(paths.STOP).touch(0o600)


def pause(run: Run) -> None:
    """Ask the trainer to wait, with everything in memory. RunError if the run is over or being finished."""
    _expect_learning(run, "paused")
    run.file(paths.PAUSE).touch(0o600)
    run.file(paths.STEP).unlink(missing_ok=True)


def resume(run: Run) -> None:
    """Ask a paused trainer to continue. RunError as for `pause`."""
    _expect_learning(run, "resumed")
    run.file(paths.PAUSE).unlink(missing_ok=True)
    run.file(paths.STEP).unlink(missing_ok=True)


def step(run: Run) -> None:
    """Ask the trainer to learn to the end of an epoch and to wait there: of the next epoch if it waits
    between two, otherwise of the current one. RunError as for `pause`."""
    _expect_learning(run, "stepped")
    run.file(paths.STEP).touch(0o600)  # first: with `pause` alone, the trainer would wait at once
    run.file(paths.PAUSE).touch(0o600)


def learning_rate(run: Run, value: float) -> None:
    """Ask the trainer to use another rate from the next batch on (training/learning_rate.py says how a
    schedule continues from there). SettingsError outside the allowed range; RunError as for `pause`."""
    problem = RANGES["learning_rate"].problem("learning_rate", value)
    if problem:
        raise SettingsError(problem)
    _expect_learning(run, "given another learning rate")
    files.write_json(run.file(paths.LEARNING_RATE), {"value": float(value), "asked": time.time()})


def more_epochs(run: Run, epochs: int) -> None:
    """Ask a complete run to learn for `epochs` more; it is queued, and keeps its model until the new one has
    been measured. RunError if it is not complete, or has no checkpoint to continue from."""
    _refuse_if_recorded(run)
    problem = RANGES["epochs"].problem("The number of further epochs", epochs)
    if problem:
        raise SettingsError(problem)
    state = run_state.of(run)
    if state.active or not state.has_model:
        raise RunError(
            f"Only a run that has ended with a model can learn further epochs; this one: {state.text}"
        )
    if not run.file(paths.CHECKPOINT).exists():
        raise RunError("This run has no checkpoint to continue from; train it anew with more epochs.")
    done = (run.card() or {}).get("epochs_run")
    if not files.is_count(done):
        raise RunError("The card of this run does not say how many epochs it has learnt.")
    shutil.rmtree(run.file(paths.UNFINISHED), ignore_errors=True)  # from an earlier attempt that failed
    for name in (paths.STOP, paths.PAUSE, paths.STEP, paths.LEARNING_RATE, paths.RELAUNCHES):
        run.file(name).unlink(missing_ok=True)
    request = {"epochs": epochs, "from": done, "until": done + epochs, "asked": time.time()}
    files.write_json(run.file(paths.MORE_EPOCHS), request)


def onnx_too(run: Run) -> None:
    """Ask for an ONNX file among the files that the training ends with. RunError as for `pause`."""
    _expect_learning(run, "asked for another file")
    run.file(paths.ONNX_TOO).touch(0o600)


def _refuse_if_recorded(run: Run) -> None:
    if run.recorded:
        raise RunError("This run is a recording that ships with the app; it cannot be changed.")


def _expect_learning(run: Run, what: str) -> None:
    _refuse_if_recorded(run)
    state = run_state.of(run)
    if state.name not in ("queued", "starting", "running", "paused"):
        raise RunError(f"This run cannot be {what} any more: {state.text}")
