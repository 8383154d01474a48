"""From exported files to a card: they are calibrated and measured by the code that serves them.

Each step is one of our own commands, in a process that holds LiteRT instead of TensorFlow (measurer.py).
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from digitcore.runs import cards
from digitcore.runs.run_folder import DRAFT, UNFINISHED, Run, write_json
from digitcore.training import publication
from digitcore.training.measurer import Measurer

# The network's own answers to the first validation pictures, with which the exported files are compared.
EXPECTED = "expected.npz"

# Serves every run of this process, and ends with it.
_command = Measurer()


def has_begun(run: Run) -> bool:
    """Whether a result lies there that only needs to be finished: `finish` goes on wherever that ended."""
    return publication.is_complete(run) or run.file(UNFINISHED, DRAFT).exists()


def finish(run: Run) -> dict[str, Any]:
    """Calibrate and measure the exported model, write its card, and put both in their place."""
    if not publication.is_complete(run):
        _measure(run)
    publication.publish(run)
    return run.card()


def _measure(run: Run) -> None:
    folder, dataset = run.file(UNFINISHED), run.settings.dataset
    _command("models", "calibrate", "--model", str(folder))
    _command("models", "receipts", "--model", str(folder))
    card = json.loads((folder / DRAFT).read_text(encoding="utf-8"))
    validation, _ = _evaluate(folder, f"{dataset}:validation")
    test, probabilities = _evaluate(folder, dataset)
    np.savez_compressed(folder / "test.npz", probabilities=probabilities)
    cards.complete(card, folder, validation, test)
    write_json(folder / "card.json", card)


def _evaluate(folder: Path, data: str) -> tuple[dict[str, Any], np.ndarray]:
    """What `python -m digitcore evaluate` says of the exported model on `data`."""
    with tempfile.TemporaryDirectory() as scratch:
        kept = Path(scratch, "probabilities.npz")
        wanted = ("--data", data, "--json", "--probabilities", str(kept))
        printed = _command("evaluate", "--model", str(folder), *wanted)
        with np.load(kept, allow_pickle=False) as file:
            return json.loads(printed.strip().splitlines()[-1]), file["probabilities"]
