"""From finished runs to a model in `models/`: the files, and a card that lists every seed."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path
from typing import Any

from digitcore import files, paths
from digitcore.errors import ModelError
from digitcore.networks import model_store
from digitcore.runs.run_folder import Run


def ship(name: str, folders: list[Path], title: str = "", choice: str = "median") -> dict[str, Any]:
    """Put one of the runs into `models/<name>.*`; returns its card.

    choice: "median" takes the run with the median number of validation misses, which represents the recipe;
    "first" takes the first folder, which somebody chose by digits other than MNIST's (never by the test's).

    The runs must be complete and differ in nothing but their seeds. The card's `seeds` lists the results of
    each on the validation and on the test pictures.
    """
    cards = []
    for folder in folders:
        card = Run(folder).card()
        if card is None:
            raise ModelError(f"{folder} holds no finished run: its card.json is missing.")
        cards.append((card, folder))
    recipes = {str(card["settings"] | {"seed": None}) for card, _ in cards}
    if len(recipes) > 1:
        raise ModelError(
            "The runs to choose from must have the same settings except for the seed; these differ."
        )
    cards.sort(key=lambda pair: (pair[0]["validation"]["misses"], pair[0]["validation"]["loss"]))
    if choice == "first":
        card, folder = next(pair for pair in cards if pair[1] == folders[0])
    else:
        card, folder = cards[(len(cards) - 1) // 2]

    paths.MODELS.mkdir(exist_ok=True)
    kept = {
        f"{name}{file.removeprefix('model')}": file
        for file in ("model.tflite", "model-int8.tflite", "model.keras")
        if file in card["files"]  # old runs have no 8-bit file
    }
    for file in model_store.FURTHER:  # made from the network that had this name before
        (paths.MODELS / f"{name}{file.removeprefix('model')}").unlink(missing_ok=True)
    for target, source in kept.items():
        shutil.copyfile(folder / source, paths.MODELS / target)
    answers = model_store.test_answers(name)
    answers.unlink(missing_ok=True)
    if (folder / paths.TEST_ANSWERS).is_file():
        shutil.copyfile(folder / paths.TEST_ANSWERS, answers)
    shipped = card | {
        "name": name,
        "title": title or name,
        "seeds": [
            {
                "seed": c["seed"],
                "validation_misses": c["validation"]["misses"],
                "test_misses": c["test"]["misses"],
            }
            for c, _ in sorted(cards, key=lambda pair: pair[0]["seed"])
        ],
        "choice": choice,
        "median_test_misses": statistics.median(c["test"]["misses"] for c, _ in cards),
        "files": {target: card["files"][source] for target, source in kept.items()},
    }
    files.write_json(paths.MODELS / f"{name}.json", shipped)
    return shipped
