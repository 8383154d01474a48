"""Ask a training to do something while it learns; it obeys within a second.

  python -m digitcore control my-run pause
  python -m digitcore control my-run step                  learns to the end of an epoch, and waits there
  python -m digitcore control my-run resume
  python -m digitcore control my-run learning-rate 0.0005  from the next batch on
  python -m digitcore control my-run stop                  keeps the best epoch

What was done to a run is kept in its card.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=Path, metavar="FOLDER", help="the run's folder")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("pause", help="wait, with everything in memory")
    actions.add_parser("resume", help="continue")
    actions.add_parser("step", help="learn to the end of an epoch and wait there")
    actions.add_parser("stop", help="end now and keep the best epoch")
    rate = actions.add_parser(
        "learning-rate", help="learn at another rate; a schedule continues, scaled by it"
    )
    rate.add_argument("value", type=float, metavar="X")


def run(options: argparse.Namespace) -> int:
    from digitcore.runs import requests
    from digitcore.runs import state as run_state
    from digitcore.runs.run_folder import Run

    chosen = Run(options.run)
    _ = chosen.settings  # raises one sentence if the folder holds no run
    if options.action == "learning-rate":
        requests.learning_rate(chosen, options.value)
    else:
        getattr(requests, options.action)(chosen)
    print(f"Asked. {run_state.of(chosen).text}")
    return 0
