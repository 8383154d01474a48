"""Answer over HTTP what the digits in pictures and drawings are: POST /read, GET /models, GET /health.

  python -m digitcore serve                          on http://127.0.0.1:8000, with a page that describes it
  python -m digitcore serve --host 0.0.0.0 --port 80 --model digitnet-nano
  curl -F file=@seven.png http://127.0.0.1:8000/read

Answers are the objects of `predict --json`. Needs `python -m pip install -r requirements-api.txt`.
Anyone who can reach the port may ask; a few pictures are read at once, and further requests are told to wait.
"""

from __future__ import annotations

import argparse

from digitcore.commands.options import add_model, open_model
from digitcore.errors import PackageError

ENDS = 5
"""Seconds in which answers that are begun may be finished when the server is told to stop."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine)")
    parser.add_argument("--port", type=_port, default=8000, metavar="PORT", help="(default: 8000)")
    parser.add_argument(
        "--at-once", type=_count, metavar="N", help="pictures read at the same time (default: one per core)"
    )


def _count(text: str) -> int:
    return _whole(text, 1, 64)


def _port(text: str) -> int:
    return _whole(text, 1, 65_535)


def _whole(text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}, got {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    try:
        import uvicorn

        from digitcore.api import app
    except ModuleNotFoundError as error:
        raise PackageError(
            f"Serving needs the package {error.name}: python -m pip install -r requirements-api.txt"
        ) from None
    made = app.make(open_model(options.model), options.at_once)
    uvicorn.run(
        made,
        host=options.host,
        port=options.port,
        limit_concurrency=512,  # idle connections too: each holds a file descriptor
        timeout_graceful_shutdown=ENDS,
        access_log=False,
    )
    return 0
