"""python -m benchmarks.classroom [--minutes 20] [--sessions 30] [--only steady|restart]

A class at work: thirty sessions draw, upload and start runs on one server, which shows the class's wall. Each
session does so in an order of its own and with pauses to think; then the same again, for a quarter of the
time, with the server killed (SIGKILL) in the middle and started again. Counts errors, times strokes, samples
the server's memory, and follows every run to its end.

The sessions speak the websocket protocol (visitor_client.py), and one real Chromium draws beside them. For a
session, a stroke's time is that from sending it to receiving the answer, plus the 0.2 s that the canvas waits
in a browser; for Chromium, it is that from lifting the pen to the first frame with the answer. Each student
starts one run of mlp-128 on 1,000 digits, which is trained meanwhile. The projection with the wall is open
all the time, and another drawing comes to it every three seconds. Each of the two lessons takes a few minutes
more than it lasts. Memory is the resident set of the server's process without trainers. Of the 104 MB of
libraries in it, PSS would count a share, which grows by tens of megabytes as others end that map the same.
Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.support import record
from benchmarks.support.process_memory import resident_mb
from benchmarks.support.students import School, Tally, Wall, attend, draw_in_chromium
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store

MINUTES = 20.0
RESTART = 0.25
"""Share of them that the lesson takes in which the server is killed: nothing in it needs more."""

TARGET_P95_SECONDS = 1.2
FLAT_MB_A_MINUTE = 0.5
PATIENCE_SECONDS = 900.0
"""Seconds after the last student has left in which all runs must end."""

EVERYWHERE = 0.5
"""Share of the lesson after which everybody has seen every page. Memory that still grows after that would
grow for as long as the lesson lasts."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--only", choices=("steady", "restart"), help="one of the two; only prints")
    parser.add_argument("--no-browser", action="store_true", help="without the real Chromium")
    options = parser.parse_args()
    figures = {}
    for way in ("steady", "restart"):
        if options.only in (None, way):
            minutes = options.minutes * (RESTART if way == "restart" else 1)
            figures[way] = lesson(options, minutes, restart=way == "restart")
            show(way, figures[way])
    if options.minutes == MINUTES and options.sessions == 30 and not options.only:
        targets = {"stroke_p95_seconds": TARGET_P95_SECONDS, "growth_mb_a_minute": FLAT_MB_A_MINUTE}
        figures |= {"sessions": 30, "minutes": MINUTES, "targets": targets}
        print("Kept in", record.write("classroom", "python -m benchmarks.classroom", figures))
    return 0 if all(figures[way]["fine"] for way in figures if way in ("steady", "restart")) else 1


def lesson(options: argparse.Namespace, minutes: float, restart: bool) -> dict[str, Any]:
    """One lesson, from the first session to the end of the last run."""
    tally, ended = Tally(), threading.Event()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        school = School(Path(folder))
        school.open()
        stack.callback(school.close)
        os.environ["DIGITLAB_RUNS"] = str(Path(folder, "runs"))
        wall = Wall(school, tally)
        beside = [
            threading.Thread(target=_watch_memory, args=(school, tally, ended)),
            threading.Thread(target=wall.fill, args=(ended,)),
        ]
        if not options.no_browser:
            beside.append(threading.Thread(target=draw_in_chromium, args=(school, tally, ended)))
        for thread in beside:
            thread.start()
        try:
            asyncio.run(attend(school, wall, tally, options.sessions, minutes * 60, restart))
        finally:
            ended.set()
            for thread in beside:
                thread.join()
        return _figures(tally, _account(tally), restart, minutes)


def _watch_memory(school: School, tally: Tally, ended: threading.Event) -> None:
    begun = time.monotonic()
    while not ended.wait(1.0):
        megabytes = resident_mb(school.process.pid)
        if megabytes:
            tally.memory.append((time.monotonic() - begun, megabytes))


def _account(tally: Tally) -> dict[str, int]:
    """How many runs are in each state once none is active any more, and how many that a student started
    cannot be found. Where the server was killed before it could tell, there may be one run more than students
    know of."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and any(run_state.of(run).active for run in run_store.all_runs()):
        time.sleep(1.0)
    keys = [query.split("key=", 1)[1].split("&")[0] for query in tally.started]
    states = Counter(run_state.of(run).name for run in run_store.all_runs())
    return {**states, "not found": sum(not run_store.list_runs(key) for key in keys)}


def _figures(tally: Tally, accounted: dict[str, int], restart: bool, minutes: float) -> dict[str, Any]:
    after = minutes * 60 * EVERYWHERE
    late = [(seconds, megabytes) for seconds, megabytes in tally.memory if seconds >= after]
    slope = float(np.polyfit(*zip(*late, strict=True), 1)[0] * 60) if len(late) > 2 else 0.0
    every_run = set(accounted) <= {"finished", "not found"} and not accounted["not found"]
    quick = _percentile(tally.strokes, 95) <= TARGET_P95_SECONDS
    return {
        "minutes": minutes,
        "strokes": len(tally.strokes),
        "stroke_seconds": {"p50": _percentile(tally.strokes, 50), "p95": _percentile(tally.strokes, 95)},
        "strokes_in_chromium": len(tally.in_browser),
        "chromium_stroke_seconds": {
            "p50": _percentile(tally.in_browser, 50),
            "p95": _percentile(tally.in_browser, 95),
        },
        "uploads": len(tally.uploads),
        "upload_seconds": {"p50": _percentile(tally.uploads, 50), "p95": _percentile(tally.uploads, 95)},
        "drawings_on_the_wall": tally.on_the_wall,
        "runs_started": len(tally.started),
        "runs_by_state": accounted,
        "errors": len(tally.errors),
        "what_errors": sorted(set(tally.errors))[:20],
        "connections_lost": tally.lost,
        "server_mb": {"highest": max((mb for _, mb in tally.memory), default=0.0), "growth_a_minute": slope},
        "server_mb_by_seconds": tally.memory[:: max(1, len(tally.memory) // 30)],
        "fine": not tally.errors and every_run and quick and (restart or slope <= FLAT_MB_A_MINUTE),
    }


def _percentile(values: list[float], share: float) -> float:
    return float(np.percentile(values, share)) if values else 0.0


def show(way: str, figures: dict[str, Any]) -> None:
    """Print one lesson."""
    print(f"\n{way}: {figures['errors']} errors, {figures['connections_lost']} connections lost")
    for what in figures["what_errors"]:
        print(f"  {what}")
    for name in ("stroke_seconds", "chromium_stroke_seconds", "upload_seconds"):
        times = figures[name]
        print(f"  {name.replace('_', ' '):24} p50 {times['p50']:.2f}, p95 {times['p95']:.2f}")
    print(f"  {figures['strokes']} strokes, {figures['strokes_in_chromium']} of Chromium's, ", end="")
    print(f"{figures['uploads']} uploads; {figures['runs_started']} runs: {figures['runs_by_state']}")
    memory = figures["server_mb"]
    print(f"  {figures['drawings_on_the_wall']} drawings came to the wall")
    print(
        f"  server {memory['highest']:.0f} MB at most, {memory['growth_a_minute']:+.2f} MB a minute ", end=""
    )
    print("over the last half")
    print("  fine" if figures["fine"] else "  NOT fine")


if __name__ == "__main__":
    sys.exit(main())
