"""Every place on disk that Digit Lab knows by itself, in one file."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
MODELS = REPOSITORY / "models"
"""The networks that ship with the app, each with its card."""
RECORDED = MODELS / "recorded"
"""Finished runs that ship with the app, read-only."""
SAMPLES = REPOSITORY / "samples"
"""Pictures to try on Upload."""
RESULTS = REPOSITORY / "benchmarks" / "results"
"""What the commands under benchmarks/ measured, one JSON file a command."""


def runs() -> Path:
    """Where runs are kept: $DIGITLAB_RUNS, or `runs/` beside the app."""
    return Path(os.environ.get("DIGITLAB_RUNS") or REPOSITORY / "runs")


def data() -> Path:
    """Where fetched data sets are kept: $DIGITLAB_DATA, or `data/` beside the app."""
    return Path(os.environ.get("DIGITLAB_DATA") or REPOSITORY / "data")
