"""Train a network once for each point of a grid of settings, and print which did best.

  python -m digitcore sweep --architecture mlp-128 --grid learning_rate=0.001,0.003 --grid epochs=1,2
  python -m digitcore sweep --grid dropout=0,0.2,0.4 --set n_train=5000 --set epochs=3 --trainers 2
  python -m digitcore sweep --grid width=32,64,128 --architecture custom --scheduler tcp://host:8786

The runs join the same queue as the app's, here or on a Dask cluster. Ctrl-C leaves them as they are, and the
same command continues: what has been trained is not trained again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from digitcore import paths
from digitcore.runs import state as run_state

if TYPE_CHECKING:
    from digitcore.networks.settings import Settings
    from digitcore.runs.queue import Queue
    from digitcore.runs.run_folder import Run
    from digitcore.runs.sweep import Row

LOOK_SECONDS = 0.3
CONNECT_SECONDS = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--architecture", metavar="NAME", default="simple-cnn", help="the network")
    grid, fixed = "NAME=VALUE,VALUE,…", "NAME=VALUE"
    parser.add_argument(
        "--grid", action="append", required=True, metavar=grid, help="a setting and the values to try"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar=fixed, help="a setting that all runs share"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--trainers", type=int, metavar="N", help="how many learn at once, on this machine")
    where.add_argument("--scheduler", metavar="ADDRESS", help="train on the workers of this Dask scheduler")


def run(options: argparse.Namespace) -> int:
    from digitcore import backends
    from digitcore.runs import queue as run_queue
    from digitcore.runs import sweep

    fixed = {name: values[0] for name, values in sweep.parse(options.set).items()}
    planned = sweep.plan(options.architecture, sweep.parse(options.grid), **fixed)
    name = _id(planned)
    key = _key(name)
    cluster = backends.on_cluster(options.scheduler, CONNECT_SECONDS) if options.scheduler else None
    here = backends.chosen if options.trainers is None else lambda: backends.here(options.trainers)
    queue = run_queue.Queue(cluster or here())
    names = sweep.varied(planned)
    try:
        mine = _begin(queue, planned, key, name)
        print(f"{len(planned)} runs, kept in {mine[0].folder.parent}\n", flush=True)
        _watch(queue, mine, names)
    except KeyboardInterrupt:
        print(
            "\nThe same command continues from here; runs that are learning carry on by themselves.",
            file=sys.stderr,
        )
        raise
    finally:
        queue.close()
        if cluster:
            cluster.close()
    rows = sweep.table(mine)
    print()
    _print(rows)
    return 0 if all(row.test is not None for row in rows) else 1


def _id(planned: Sequence[Settings]) -> str:
    """An id that is the same for the same sweep, so that it is found again."""
    text = json.dumps([settings.to_dict() for settings in planned], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _key(sweep: str) -> str:
    """The key under which a sweep's runs are kept, made when the command is first used."""
    from digitcore.runs import store as run_store

    file = paths.runs() / "command-line" / f"sweep-{sweep}.key"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(run_store.new_key())
    return run_store.check_key(file.read_text().strip())


def _begin(queue: Queue, planned: Sequence[Settings], key: str, name: str) -> list[Run]:
    """The sweep's runs in the order of its grid; those that are missing, or ended without a model, are
    queued."""
    from digitcore.runs import sweep

    there = {run.settings: run for run in sweep.found(key).get(name, []) if _worth_keeping(run)}
    missing = [settings for settings in planned if settings not in there]
    if len(missing) < len(planned):
        print(f"{len(planned) - len(missing)} of these runs exist already.", file=sys.stderr)
    there |= {run.settings: run for run in sweep.submit(queue, missing, key, name)}
    return [there[settings] for settings in planned]


def _worth_keeping(run: Run) -> bool:
    state = run_state.of(run)
    return state.active or state.has_model


def _watch(queue: Queue, mine: Sequence[Run], names: Sequence[str]) -> None:
    from tqdm import tqdm

    from digitcore.runs import sweep

    queue.start()
    going = list(mine)
    with tqdm(total=len(mine), unit=" runs", disable=None, leave=False) as bar:
        while going:
            for run in [each for each in going if not run_state.of(each).active]:
                going.remove(run)
                bar.update()
                (row,) = sweep.table([run])
                what = sweep.point(run.settings, names)
                tqdm.write(f"{what}: {_percent(row.accuracy)} of the validation pictures", file=sys.stdout)
            time.sleep(LOOK_SECONDS)


def _print(rows: Sequence[Row]) -> None:
    from digitcore.runs import sweep

    names = list(rows[0].values)
    head = [*(name.replace("_", " ") for name in names), "epochs learnt", "validation", "test", "seconds", ""]
    winner = sweep.best(rows)
    lines = [head]
    for row in rows:
        note = "best" if row is winner else "" if row.state.name == "finished" else row.state.name
        numbers = [str(row.epochs), _percent(row.accuracy), _percent(row.test), f"{row.seconds:.1f}"]
        lines.append([*(sweep.shown(row.values[name]) for name in names), *numbers, note])
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line[:-1], widths, strict=False)]
        print("  ".join([*cells, line[-1]]).rstrip())
    if winner:
        print(f"\nThe best by its validation pictures: {winner.run.folder}")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"
