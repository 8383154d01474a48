"""python -m benchmarks.classroom [--minutes 5] [--sessions 30] [--only steady|restart]

A class at work: thirty sessions draw, upload and start runs on one server.
Each session does so in an order of its own and with pauses to think; then the same again, with the server
killed (SIGKILL) in the middle and started again. Counts errors, times strokes, samples the server's memory,
and follows every run to its end.

The sessions speak the websocket protocol (visitor_client.py), and one real Chromium draws beside them. For a
session, a stroke's time is that from sending it to receiving the answer, plus the 0.2 s that the canvas waits
in a browser; for Chromium, it is that from lifting the pen to the first frame with the answer. Each student
starts one run of mlp-128 on 1,000 digits, which is trained meanwhile. Each of the two lessons takes about 7
minutes. Memory is PSS (proc_pid_smaps(5)) of the server's process without trainers. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.draw_latency import NEXT, NOTHING, ONE_STROKE, WATCH
from benchmarks.startup_and_memory import _pss
from benchmarks.support import driving, record
from benchmarks.support.visitor_client import AppError, Lost, Visitor, canvas_png, canvas_state
from digitcore import paths
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store

CANVAS_WAITS = 0.2
TARGET_P95_SECONDS = 1.5
FLAT_MB_A_MINUTE = 2.0
# Seconds after the last student has left in which all runs must end.
PATIENCE_SECONDS = 900.0
# Shares of the lesson: when the last student presses Start, and when everybody has seen every page. Memory
# that still grows after that would grow for as long as the lesson lasts.
LAST_START, EVERYWHERE = 0.6, 0.7
SAMPLES = sorted((paths.SAMPLES).glob("*.png"))


@dataclass
class Tally:
    """What all sessions together have seen."""

    strokes: list[float] = field(default_factory=list)
    in_browser: list[float] = field(default_factory=list)
    uploads: list[float] = field(default_factory=list)
    started: list[str] = field(default_factory=list)  # queries (?key=…) under which a run was started
    errors: list[str] = field(default_factory=list)
    lost: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)  # seconds, MB


class School:
    """A server with its port and its folder of runs, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, driving.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        self._open = contextlib.ExitStack()

    def open(self) -> None:
        environment = {"DIGITLAB_RUNS": str(self.folder / "runs")}
        server = driving.server(environment=environment, port=self.port, log=self.folder / "log.txt")
        self.process = self._open.enter_context(server).process

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._open.close()

    def close(self) -> None:
        self._open.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--only", choices=("steady", "restart"), help="one of the two; prints, keeps nothing")
    parser.add_argument("--no-browser", action="store_true", help="without the real Chromium")
    options = parser.parse_args()
    figures = {}
    for way in ("steady", "restart"):
        if options.only in (None, way):
            figures[way] = lesson(options, restart=way == "restart")
            show(way, figures[way])
    if options.minutes == 5 and options.sessions == 30 and not options.only:
        targets = {"stroke_p95_seconds": TARGET_P95_SECONDS, "growth_mb_a_minute": FLAT_MB_A_MINUTE}
        figures |= {"sessions": 30, "minutes": 5, "targets": targets}
        print("Kept in", record.write("classroom", "python -m benchmarks.classroom", figures))
    return 0 if all(figures[way]["fine"] for way in figures if way in ("steady", "restart")) else 1


def lesson(options: argparse.Namespace, restart: bool) -> dict[str, Any]:
    """One lesson, from the first session to the end of the last run."""
    tally, ended = Tally(), threading.Event()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        school = School(Path(folder))
        school.open()
        stack.callback(school.close)
        os.environ["DIGITLAB_RUNS"] = str(Path(folder, "runs"))
        beside = [threading.Thread(target=_watch_memory, args=(school, tally, ended))]
        if not options.no_browser:
            beside.append(threading.Thread(target=_draw_in_chromium, args=(school, tally, ended)))
        for thread in beside:
            thread.start()
        try:
            asyncio.run(_students(school, tally, options.sessions, options.minutes * 60, restart))
        finally:
            ended.set()
            for thread in beside:
                thread.join()
        return _figures(tally, _account(tally), restart, options.minutes)


async def _students(school: School, tally: Tally, sessions: int, seconds: float, restart: bool) -> None:
    end = time.monotonic() + seconds
    students = [
        asyncio.create_task(_student(number, school, tally, end, seconds)) for number in range(sessions)
    ]
    if restart:
        await asyncio.sleep(seconds / 2)
        await asyncio.to_thread(school.kill)
        await asyncio.to_thread(school.open)
    await asyncio.gather(*students)


async def _student(number: int, school: School, tally: Tally, end: float, seconds: float) -> None:
    """One student, who comes back at once when the server is lost, as Streamlit's front end does."""
    mind = random.Random(number)
    await asyncio.sleep(mind.uniform(0, min(15.0, seconds / 4)))  # not all open the page at the same instant
    # Half of the class presses Start before the middle, so that a killed server leaves runs to find again.
    start_at = end - seconds * mind.uniform(1 - LAST_START, 0.9)
    visitor = Visitor(school.url)
    while time.monotonic() < end:
        was_in = False
        try:
            await visitor.open()
            was_in = True
            while time.monotonic() < end:
                if time.monotonic() > start_at:
                    start_at = end + 1
                    await _train(visitor, mind, tally)
                elif mind.random() < 0.75:
                    await _draw(visitor, mind, tally)
                else:
                    await _upload(visitor, mind, tally)
        except Lost:
            tally.lost += was_in
            await asyncio.sleep(1.0)
        except (AppError, KeyError, OSError) as error:
            tally.errors.append(f"student {number}: {type(error).__name__}: {error}")
        finally:
            tally.errors += [f"student {number}: {text}" for text in visitor.exceptions]
            visitor.exceptions.clear()
            await visitor.close()


async def _draw(visitor: Visitor, mind: random.Random, tally: Tally) -> None:
    """A digit or two on a new sheet."""
    await visitor.goto("Draw")
    key = visitor.numbered("draw_canvas_")
    for _ in range(mind.randint(1, 3)):
        digit = mind.choice(list(driving.STROKES))
        strokes: list[list[tuple[float, float]]] = []
        for stroke in driving.STROKES[digit]:
            strokes.append([(x + mind.uniform(-8, 8), y + mind.uniform(-8, 8)) for x, y in stroke])
            state = canvas_state(strokes, canvas_png(strokes))
            seconds = await visitor.answer_to(key, "Draw a", json_value=state)
            tally.strokes.append(seconds + CANVAS_WAITS)
            await asyncio.sleep(mind.uniform(0.8, 2.0))
        await asyncio.sleep(mind.uniform(1.0, 4.0))
        await visitor.touch("Clear", trigger_value=True)
        await visitor.touch(key, json_value=canvas_state([], canvas_png([])))


async def _upload(visitor: Visitor, mind: random.Random, tally: Tally) -> None:
    """A picture, and a look at what was read."""
    await visitor.goto("Upload")
    picture = mind.choice(SAMPLES)
    key = visitor.numbered("upload_files_")
    tally.uploads.append(await visitor.upload(key, picture.name, picture.read_bytes()))
    if not any(re.match(r"\*\*[\d,]+ read", text) for text in visitor.texts()):
        tally.errors.append(f"upload of {picture.name}: no result; {visitor.alerts()}")
    await asyncio.sleep(mind.uniform(3.0, 8.0))


async def _train(visitor: Visitor, mind: random.Random, tally: Tally) -> None:
    """A small run, watched for a while."""
    await visitor.goto("Train")
    await visitor.touch("train_architecture", string_value="mlp-128")
    await visitor.touch("train_n_train", string_array_value=["1,000"])
    await asyncio.sleep(mind.uniform(0.5, 2.0))
    await visitor.touch("Start training", trigger_value=True)
    if not visitor.query:
        raise AppError(f"Start training gave no run: {visitor.alerts()}")
    tally.started.append(visitor.query)
    await asyncio.sleep(mind.uniform(10.0, 25.0))  # the page polls meanwhile, as in a browser


def _draw_in_chromium(school: School, tally: Tally, ended: threading.Event) -> None:
    """Strokes in a real browser until the lesson ends; a new page whenever the server was lost."""
    from playwright.sync_api import Error

    with driving.chromium() as browser:
        while not ended.is_set():
            server = school.process
            try:
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                driving.open_page(page, school.url)
                page.locator("canvas.upper-canvas").wait_for()
                page.evaluate(WATCH)
                for number in range(10_000):
                    if ended.is_set():
                        break
                    page.evaluate(NEXT)
                    driving.draw(page, ONE_STROKE[number % len(ONE_STROKE)])
                    page.wait_for_function("() => window.answered", timeout=30_000)
                    tally.in_browser.append(page.evaluate("() => (window.answered - window.lifted) / 1000"))
                    page.get_by_role("button", name="Clear").click()
                    page.wait_for_selector(f".st-key-answer h1:has-text('{NOTHING}')")
                    driving.settle(page)
                    page.wait_for_timeout(2000)
            except (Error, AssertionError) as error:
                if server is not school.process or server.poll() is not None:
                    tally.lost += 1
                elif not ended.is_set():
                    tally.errors.append(f"Chromium: {str(error).splitlines()[0]}")
            finally:
                with contextlib.suppress(Error):
                    page.close()


def _watch_memory(school: School, tally: Tally, ended: threading.Event) -> None:
    begun = time.monotonic()
    while not ended.wait(1.0):
        megabytes = _pss(school.process.pid) / 1024
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
        "strokes": len(tally.strokes),
        "stroke_seconds": {"p50": _percentile(tally.strokes, 50), "p95": _percentile(tally.strokes, 95)},
        "strokes_in_chromium": len(tally.in_browser),
        "chromium_stroke_seconds": {
            "p50": _percentile(tally.in_browser, 50),
            "p95": _percentile(tally.in_browser, 95),
        },
        "uploads": len(tally.uploads),
        "upload_seconds": {"p50": _percentile(tally.uploads, 50), "p95": _percentile(tally.uploads, 95)},
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
    print(f"  server {memory['highest']:.0f} MB at most, {memory['growth_a_minute']:+.1f} MB a minute")
    print("  fine" if figures["fine"] else "  NOT fine")


if __name__ == "__main__":
    sys.exit(main())
