"""Every place on disk that Digit Lab knows of, in one file: folders, and the files in a run's folder.

`runs/run_folder.py` says what each file of a run is for.
"""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
MODELS = REPOSITORY / "models"
"""The networks that ship with the app, each with its card."""
RECORDED = MODELS / "recorded"
"""Finished runs that ship with the app; read-only."""
SAMPLES = REPOSITORY / "samples"
"""Pictures to try on Upload."""
RESULTS = REPOSITORY / "benchmarks" / "results"
"""What the commands under benchmarks/ have measured, one JSON file per command."""


def runs() -> Path:
    """Where runs are kept: $DIGITLAB_RUNS, or `runs/` beside the app."""
    return Path(os.environ.get("DIGITLAB_RUNS") or REPOSITORY / "runs")


def data() -> Path:
    """Where fetched data sets are kept: $DIGITLAB_DATA, or `data/` beside the app."""
    return Path(os.environ.get("DIGITLAB_DATA") or REPOSITORY / "data")


SETTINGS = "settings.json"
"""What was asked for; its existence makes a folder a run."""
EVENTS, LOG = "events.jsonl", "log.txt"
STARTED, RELAUNCHES, LOCK, QUEUE_LOCK = "started", "relaunches", "lock", "queue.lock"
CHECKPOINT = "checkpoint.npz"

UNFINISHED = "unfinished"
"""The folder in which a result is made and measured before it is moved into place."""
DRAFT = "draft.json"
"""The card before anything has been measured."""
EXPECTED = "expected.npz"
"""The network's own answers to the first validation pictures, with which the exported files are compared."""
TEST_ANSWERS = "test.npz"
"""The exported model's answers to the test pictures."""
CARD = "card.json"
"""The result; it is written last, so its existence means complete."""

STOP, PAUSE, STEP = "stop", "pause", "step"
LEARNING_RATE, MORE_EPOCHS = "learning-rate", "more-epochs"
ONNX_TOO = "onnx"
"""There where an ONNX file is wanted among the result's."""

REPLAY, REPLAY_ROW, REPLAY_NOW = "replay", "row.npz", "now.npz"
OWN_DIGIT = "own_digit.npz"
"""The visitor's own drawings, which the network reads after each epoch."""
EXTRA_DIGITS = "extra_digits.npz"
"""The copy of a class's digits that a run learns from besides its data set's."""

DATASETS = "datasets"
"""The folder of a visitor's own data sets, beside their runs."""
DATASET, DATA = "dataset.json", "data.npz"
"""A data set of one's own: what it is, which is written last, and its pictures and labels."""
MAKING_LOCK = "making.lock"
UPLOADED, ASKED, PROGRESS, PROBLEM = "uploaded", "asked.json", "progress.json", "problem.txt"
"""While one is made: what was brought, what is wanted, how far it is, and why it came to nothing."""
