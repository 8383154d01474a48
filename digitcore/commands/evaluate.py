"""Measure a model on labelled pictures, through the code that serves it.

python -m digitcore evaluate
python -m digitcore evaluate --model mlp-128-128 --data mnist:validation --json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from digitcore import evaluation, measuring, model_store
from digitcore.classifier import Classifier


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default=model_store.DEFAULT_MODEL, help="a shipped model or a run folder")
    parser.add_argument("--data", default="mnist", metavar="WHERE", help="mnist, mnist:validation, …")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object, last")
    parser.add_argument("--probabilities", type=Path, metavar="FILE.npz", help="also keep every answer")


def run(options: argparse.Namespace) -> int:
    classifier = open_model(options.model)
    name, _, part = options.data.partition(":")
    measured = measuring.measure_dataset(classifier, name, part or "test")
    if options.probabilities:
        np.savez_compressed(
            options.probabilities, probabilities=measured.probabilities, labels=measured.labels
        )
    summary = measured.summary
    if options.json:
        print(json.dumps(summary))
        return 0
    print(f"{summary['model']} on {summary['data']}: accuracy {summary['accuracy']:.2%},")
    print(f"{summary['misses']} misses of {summary['n']:,}, loss {summary['loss']:.4f}")
    print(evaluation.report_text(summary["classification_report"]))
    return 0


def open_model(name: str) -> Classifier:
    """A shipped model by name, or the model of a run folder."""
    folder = Path(name)
    if (folder / "card.json").is_file():
        return model_store.load_folder(folder)
    if (folder / "draft.json").is_file():
        return model_store.load_draft(folder)
    return model_store.load(name)
