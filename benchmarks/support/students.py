"""A class of students who use one server: what each does, what all of them see, and a browser beside them.

School            the server, which can be killed and started again
attend            the students, each a session of the websocket protocol, for some seconds
Wall              the wall of their class, open all the time, on which drawings appear
draw_in_chromium  strokes in a real browser meanwhile
Tally             what all of them have seen
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.draw_latency import NEXT, NOTHING, ONE_STROKE, WATCH
from benchmarks.support import driving
from benchmarks.support.canvas_messages import canvas_png, canvas_state
from benchmarks.support.visitor_client import AppError, Lost, Visitor
from digitcore import datasets, paths
from digitcore.classroom.classes import Classroom
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.students import Students
from digitcore.errors import DigitcoreError
from digitcore.preprocessing.levels import scaled
from digitcore.runs import store as run_store

CANVAS_WAITS = 0.2
"""Seconds that the canvas waits in a browser before it sends a stroke, in case another one follows."""

LAST_START = 0.6
"""Share of the lesson after which the last student has pressed Start."""

STUDENTS, EVERY_SECONDS = 30, 3.0
"""Of the class whose wall is open; and how often a drawing comes to it."""

SAMPLES = sorted(paths.SAMPLES.glob("*.png"))


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
    on_the_wall: int = 0  # drawings that were sent to it


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


async def attend(
    school: School, wall: Wall, tally: Tally, sessions: int, seconds: float, restart: bool
) -> None:
    """All students at once, for that many seconds, and whoever projects the wall; the server is killed and
    started again in the middle if `restart`."""
    end = time.monotonic() + seconds
    students = [
        asyncio.create_task(_student(number, school, tally, end, seconds)) for number in range(sessions)
    ]
    students.append(asyncio.create_task(wall.watch(end)))
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
    key = visitor.page.numbered("draw_canvas_")
    for _ in range(mind.randint(1, 3)):
        digit = mind.choice(list(driving.STROKES))
        strokes: list[list[tuple[float, float]]] = []
        for stroke in driving.STROKES[digit]:
            strokes.append([(x + mind.uniform(-8, 8), y + mind.uniform(-8, 8)) for x, y in stroke])
            state = canvas_state(strokes, canvas_png(strokes), visitor.page.ground(key))
            seconds = await visitor.answer_to(key, "Draw a", json_value=state)
            tally.strokes.append(seconds + CANVAS_WAITS)
            await asyncio.sleep(mind.uniform(0.8, 2.0))
        await asyncio.sleep(mind.uniform(1.0, 4.0))
        await visitor.touch("Clear", trigger_value=True)
        await visitor.touch(key, json_value=canvas_state([], canvas_png([]), visitor.page.ground(key)))


async def _upload(visitor: Visitor, mind: random.Random, tally: Tally) -> None:
    """A picture, and a look at what was read."""
    await visitor.goto("Upload")
    picture = mind.choice(SAMPLES)
    key = visitor.page.numbered("upload_files_")
    tally.uploads.append(await visitor.upload(key, picture.name, picture.read_bytes()))
    if not any(re.match(r"\*\*[\d,]+ read", text) for text in visitor.page.texts()):
        tally.errors.append(f"upload of {picture.name}: no result; {visitor.page.alerts()}")
    await asyncio.sleep(mind.uniform(3.0, 8.0))


async def _train(visitor: Visitor, mind: random.Random, tally: Tally) -> None:
    """A small run, watched for a while."""
    await visitor.goto("Train")
    await visitor.touch("train_architecture", string_value="mlp-128")
    await visitor.touch("train_n_train", string_array_value=["1,000"])
    await asyncio.sleep(mind.uniform(0.5, 2.0))
    await visitor.touch("Start training", trigger_value=True)
    if not visitor.query:
        raise AppError(f"Start training gave no run: {visitor.page.alerts()}")
    tally.started.append(visitor.query)
    await asyncio.sleep(mind.uniform(10.0, 25.0))  # the page polls meanwhile, as in a browser


class Wall:
    """A class with its wall, whose projection is open until the lesson ends, whatever becomes of the server.

    Drawings are put into the class file in the way the page's Send does.
    """

    def __init__(self, school: School, tally: Tally) -> None:
        self._school, self._tally = school, tally
        self._rooms = Classroom(school.folder / "runs" / "classes.sqlite3")
        self._room, _ = self._rooms.make()
        students = Students(self._rooms)
        self._students = [
            students.join(self._room.code, f"student {n}", run_store.new_key()) for n in range(STUDENTS)
        ]
        self.query = f"class={self._room.invitation}&view=projection"

    def fill(self, ended: threading.Event) -> None:
        """A drawing every EVERY_SECONDS."""
        images, labels = datasets.load("mnist", "validation")
        drawings = ClassSet(self._rooms)
        while not ended.wait(EVERY_SECONDS):
            number = self._tally.on_the_wall
            grey = 255 - np.kron(images[number], np.ones((10, 10), np.uint8))
            student = self._students[number % STUDENTS]
            try:
                drawings.add(student, int(labels[number]), scaled(images[number]), grey)
            except DigitcoreError as error:
                self._tally.errors.append(f"wall: {error}")
                return
            self._tally.on_the_wall += 1

    async def watch(self, end: float) -> None:
        """A session that has the projection open, and opens it anew when the server is lost."""
        while time.monotonic() < end:
            visitor = Visitor(self._school.url)
            visitor.query = self.query
            try:
                await visitor.open()
                await visitor.goto("Class")
                while time.monotonic() < end:
                    await asyncio.sleep(0.5)
                    if visitor.is_lost:
                        raise Lost
            except Lost:
                await asyncio.sleep(1.0)
            finally:
                self._tally.errors += [f"wall: {text}" for text in visitor.exceptions]
                await visitor.close()


def draw_in_chromium(school: School, tally: Tally, ended: threading.Event) -> None:
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
