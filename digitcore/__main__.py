"""Digit Lab on the command line: train networks, measure them, and read digits with them."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from digitcore.errors import DigitcoreError, SettingsError
from digitcore.process import drop_output

COMMANDS = {
    "predict": "read the digits in picture files",
    "evaluate": "measure a model on labelled pictures",
    "train": "train a network and keep the run in a folder",
    "reader": "train the reader of touching digits",
    "kinds": "train what tells digits from marks and letters",
    "control": "pause, resume, step or stop a training, or change its learning rate",
    "sweep": "train a network once for each point of a grid of settings",
    "export": "make a file from a model to take home",
    "models": "list the models, ship one from a run, or calibrate one",
    "datasets": "list the data sets, or fetch one",
    "serve": "answer over HTTP, for other programs",
}

EPILOG = """\
Begin with:
  python -m digitcore predict my-seven.png            what does the network read?
  python -m digitcore train --architecture mlp-128    train a small network
  python -m digitcore COMMAND --help                  examples and options of a command

Exit code: 0 done, 1 something could not be done (one sentence says what), 2 wrong usage, 130 Ctrl-C.
"""

INTERRUPTED = 130
PIPE_CLOSED = 141
"""128 + the number of the signal (SIGINT, SIGPIPE), as in shells."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; argparse raises SystemExit for --help and wrong usage."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a file's name may have letters that the terminal lacks
            stream.reconfigure(errors="backslashreplace")
    chosen = next((argument for argument in arguments if not argument.startswith("-")), "")
    try:
        options = _parser(chosen).parse_args(arguments)
        code = options.handler(options)
        if sys.stdout is not None:  # closed from outside: >&-
            sys.stdout.flush()
        return code
    except DigitcoreError as error:
        return _problem(chosen, str(error), 2 if isinstance(error, SettingsError) else 1)
    except KeyboardInterrupt:
        return _problem(chosen, "Interrupted.", INTERRUPTED)
    except BrokenPipeError:
        drop_output()
        return PIPE_CLOSED
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        return _problem(chosen, f"{where}{error.strerror or error}.", 1)


def _parser(chosen: str) -> argparse.ArgumentParser:
    """The parser, with only the chosen command's module imported: the general --help needs no libraries."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m digitcore", description=__doc__, epilog=EPILOG, formatter_class=raw
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, formatter_class=raw)
        if name == chosen:
            module = importlib.import_module(f"digitcore.commands.{name}")
            command.description = module.__doc__
            module.add_arguments(command)
            command.set_defaults(handler=module.run)
    return parser


def _problem(command: str, sentence: str, code: int) -> int:
    print(f"digitcore {command}: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
