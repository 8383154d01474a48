"""List the models with their accuracy, ship one from finished runs into models/, calibrate or quantise one.

  python -m digitcore models
  python -m digitcore models ship --name deeper-cnn RUN_FOLDER [RUN_FOLDER …]
  python -m digitcore models calibrate --model simple-cnn
  python -m digitcore models quantise --model simple-cnn
  python -m digitcore models answers --model simple-cnn

Of several runs (one per seed), the one with the median number of misses on the validation pictures is
shipped, or with --choice first the first one named; the card lists them all. Calibrating fits how sure a
model says it is; its network is not changed. Quantising makes its small .tflite.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from digitcore.commands import answers, calibrate, quantise, receipts

# Actions that have a module of their own.
ACTIONS = {
    "calibrate": (calibrate, "fit how sure a model says it is"),
    "quantise": (quantise, "make a model's 8-bit .tflite"),
    "answers": (answers, "keep a shipped model's answers to the test pictures"),
    "receipts": (receipts, "compare a run's .tflite files with its network"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print each model's card as a line of JSON")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    ship = actions.add_parser("ship", help="put a run's model into models/")
    ship.add_argument("--name", required=True, type=_name, help="the model's name, e.g. my-cnn")
    ship.add_argument("--choice", choices=("median", "first"), default="median", help="which of several runs")
    ship.add_argument("--title", default="", help="what the pages call it")
    ship.add_argument("runs", nargs="+", type=Path, metavar="RUN_FOLDER")
    for name, (module, help_text) in ACTIONS.items():
        action = actions.add_parser(
            name,
            help=help_text,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(action)


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", text):
        raise argparse.ArgumentTypeError(f"expected lower-case letters, digits and hyphens, got {text!r}")
    return text


def run(options: argparse.Namespace) -> int:
    from digitcore.networks import model_store
    from digitcore.runs import shipping  # NumPy and more, which --help does not need

    if options.action in ACTIONS:
        return ACTIONS[options.action][0].run(options)
    if options.action == "ship":
        card = shipping.ship(options.name, options.runs, options.title, options.choice)
        print(f"models/{options.name}: test {card['test']['misses']} misses of {card['test']['n']:,}")
        return 0
    names = model_store.shipped()
    cards = [model_store.card(name) for name in names]
    if options.json:
        for card in cards:
            print(json.dumps(card))
        return 0
    width = max([5, *map(len, names)])
    print(f"{'Model':{width}}  Test accuracy  Misses  of      Parameters  Network")
    for name, card in zip(names, cards, strict=True):
        test = card["test"]
        print(
            f"{name:{width}}  {test['accuracy']:13.2%}  {test['misses']:6,}  {test['n']:<6,}  "
            f"{card['parameters']:10,}  {card['architecture']} on {card['dataset']['name']}"
            f"{'  (default)' if name == names[0] else ''}"
        )
    return 0
