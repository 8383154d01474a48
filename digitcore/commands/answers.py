"""Keep a shipped model's answers to its data set's test pictures beside it, as a run keeps its own.

  python -m digitcore models answers --model digitnet

Compare then puts two models side by side at once instead of having both read 10,000 pictures. `models ship`
takes the answers of the run along; this command makes them for a model that has none.
"""

from __future__ import annotations

import argparse

from digitcore.commands.options import add_model, open_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    from digitcore import datasets, files  # NumPy: not for --help
    from digitcore.errors import ModelError
    from digitcore.evaluation import comparison
    from digitcore.networks import model_store
    from digitcore.preprocessing.levels import scaled

    classifier = open_model(options.model)
    card = classifier.card
    if card["name"] not in model_store.shipped():
        raise ModelError("A run keeps its answers by itself: expected the name of a shipped model.")
    images, labels = datasets.load(card["dataset"]["name"], "test")
    path = model_store.test_answers(card["name"])
    files.write_npz(path, probabilities=classifier.predict(scaled(images)))
    if comparison.kept_answers(path, card["test"]["misses"], labels) is None:
        path.unlink()
        raise ModelError(f"{card['name']} does not make the {card['test']['misses']} misses of its card.")
    print(f"{path.name}: {len(labels):,} answers, {path.stat().st_size / 1e3:.0f} kB")
    return 0
