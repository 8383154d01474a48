"""The model card: what a run did and how well, measured through the exported `.tflite`.

The card of a run (`card.json`) and that of a shipped model (`models/<name>.json`) have the same schema.
"""

from __future__ import annotations

import platform
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from digitcore import datasets
from digitcore.errors import RunError
from digitcore.evaluation.receipts import FLOAT, scores
from digitcore.networks import architectures, card_shape
from digitcore.networks.model_store import hashes
from digitcore.networks.ranges import RANGES
from digitcore.networks.settings import Settings
from digitcore.runs import extra_digits
from digitcore.runs.run_folder import Run

_PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy", "ai-edge-litert")


# Fields besides the figures that the pages show for every run.
_SHOWN = ("parameters", "seconds", "epochs_run", "best_epoch", "created", "recipe", "versions")


def read(run: Run) -> dict[str, Any] | None:
    """A run's card, with everything that pages show of it checked; None if there is none yet.

    RunError says what is damaged. `Run.card`, by contrast, only says whether there is a card.
    """
    card = run.card()
    odd = card_shape.problem(card) if card is not None else None
    if card is not None and odd is None:
        odd = next((f"its {name}" for name in _SHOWN if name not in card), None)
        if not datasets.is_known(card["dataset"]["name"]):
            odd = "its dataset"
    if odd:
        raise RunError(f"Run {run.id} has a damaged card.json: {odd}.")
    return card


def draft(run: Run, fitted: Any) -> dict[str, Any]:
    """The card before anything is measured: enough for the classifier to run the model.

    fitted: a `fit.Fitted`; `seconds` in the card is the time of the fit alone.
    """
    settings = run.settings
    info = datasets.describe(settings.dataset)
    layers = architectures.layers(settings)
    # A network that was trained with non-digits has an output for them after those of the classes.
    others = {"not_a_digit": {"index": len(info.class_names)}} if settings.negatives else {}
    return {
        "name": run.id,
        "title": run.name,
        "architecture": settings.architecture,
        "settings": settings.to_dict(),
        "layers": [[layer.kind, layer.text, list(layer.output_shape), layer.parameters] for layer in layers],
        "parameters": architectures.parameter_count(settings),
        "class_names": list(info.class_names),
        **others,
        "input": {"shape": [28, 28], "dtype": "float32", "range": [0.0, 1.0], "paper": 0.0, "ink": 1.0},
        "dataset": {"name": settings.dataset, "sha256": datasets.sha256(settings.dataset)},
        **extra_digits.described(run),
        "seed": settings.seed,
        "versions": versions(),
        "recipe": command(settings),
        "seconds": round(fitted.seconds, 1),
        "epochs_run": fitted.epochs_run,
        "best_epoch": fitted.best_epoch,
        **fitted.start,
        "stopped": fitted.stopped,
        **({"ended": fitted.ended} if fitted.ended else {}),
        "more_epochs": run.all_more_epochs(),
        "interventions": run.interventions(),
        "created": time.time(),
    }


def complete(
    card: dict[str, Any],
    folder: Path,
    validation: dict[str, Any],
    test: dict[str, Any],
) -> None:
    """Complete a calibrated draft with the measurements of `evaluate` and the hashes of the files."""
    settings = Settings.from_dict(card["settings"])
    card["dataset"] |= {"n_train": settings.n_train, "n_validation": validation["n"], "n_test": test["n"]}
    measured(card, validation, test)
    card["exports"][FLOAT] |= {part: scores(card[part]) for part in ("validation", "test")}
    card["files"] = hashes(folder.glob("model*.*"))


def measured(card: dict[str, Any], validation: dict[str, Any], test: dict[str, Any]) -> None:
    """Write into the card what `evaluate` found for the calibrated model on both parts."""
    kept = ("accuracy", "misses", "n", "loss")
    card["validation"] = {name: validation[name] for name in kept}
    card["test"] = {name: test[name] for name in (*kept, "confusion_matrix", "classification_report")}
    card["calibration"] |= {
        "validation_ece": validation["expected_calibration_error"],
        "test_ece": test["expected_calibration_error"],
        "test_nll": test["loss"],
        "reliability": test["reliability"],
    }


def command(settings: Settings) -> str:
    """The exact command that repeats a run."""
    default = Settings.for_architecture(settings.architecture).to_dict()
    parts = ["python -m digitcore train", f"--architecture {settings.architecture}"]
    for name in RANGES:
        value = getattr(settings, name)
        if name != "architecture" and (value != default[name] or name == "seed"):
            parts.append(f"--{name.replace('_', '-')} {value}")
    return " ".join(parts)


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that affect a result."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
