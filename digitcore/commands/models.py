"""List the models, or ship one from finished runs into models/.

  python -m digitcore models
  python -m digitcore models ship --name deeper-cnn RUN_FOLDER [RUN_FOLDER …]

Of several runs (one a seed) the one with the median of misses on the validation pictures is shipped,
and the card lists them all.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from digitcore import model_store, shipping


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the list as JSON, one card a line")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    ship = actions.add_parser("ship", help="put a run's model into models/")
    ship.add_argument("--name", required=True, help="the model's name")
    ship.add_argument("--title", default="", help="what the pages call it")
    ship.add_argument("runs", nargs="+", type=Path, metavar="RUN_FOLDER")


def run(options: argparse.Namespace) -> int:
    if options.action == "ship":
        card = shipping.ship(options.name, options.runs, options.title)
        print(f"models/{options.name}: test {card['test']['misses']} misses of {card['test']['n']:,}")
        return 0
    for name in model_store.shipped():
        card = model_store.card(name)
        if options.json:
            print(json.dumps(card))
            continue
        test = card["test"]
        default = "  (default)" if name == model_store.DEFAULT_MODEL else ""
        print(
            f"{name:14} {test['accuracy']:.2%}  {test['misses']:4} misses of {test['n']:,}  "
            f"{card['parameters']:9,} parameters  {card['architecture']}{default}"
        )
    return 0
