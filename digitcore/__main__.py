"""The command line: python -m digitcore train | evaluate | predict | models | datasets."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from digitcore.errors import DigitcoreError

COMMANDS = {
    "train": "train a network and keep the run in a folder",
    "evaluate": "measure a model on labelled pictures",
    "models": "list the models, or ship one from a run",
    "datasets": "list the data sets, or fetch one",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 done, 1 a stated problem, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m digitcore", description=__doc__.split(":")[0] + ".")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        module = importlib.import_module(f"digitcore.commands.{name}")
        command = commands.add_parser(
            name, help=text, description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        module.add_arguments(command)
        command.set_defaults(handler=module.run)
    options = parser.parse_args(arguments)
    try:
        return options.handler(options)
    except DigitcoreError as error:
        print(f"digitcore {options.command}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
