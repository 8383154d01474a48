"""The real app in a real Chromium: start a server, open a page, draw with the mouse.

For the benchmarks, the README's pictures and the browser tests. Needs requirements-dev.txt and a Chromium:
the system's own (chromium, google-chrome), or Playwright's (`playwright install chromium`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digitcore.paths import REPOSITORY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FloatRect, Locator, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "msedge")

# Each window of a Chromium, also one that nobody sees, loads pages of its own for what is typed into its
# address bar: as much work as all the rest of opening a window. Of two such switches Chromium takes the last,
# so that this one names all that Playwright's names (tests/benchmarks/test_driving.py).
FEATURES = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin"),
    *("OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
    *("msForceBrowserSignIn", "msEdgeUpdateLaunchServicesPreferredVersion"),
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
)
SWITCH = "--disable-features="

TITLE = "(title) => document.title === title"
# The pages that are opened by their name, and where they are (app.py).
PLACES = {
    **{"Draw": "", "Upload": "upload", "Train": "train", "Class": "classroom", "Data": "data"},
    **{"How well does it read?": "how_well"},
}

# Digits as a person draws them, stroke by stroke: corners in pixels of the 280x280 canvas.
STROKES = {
    0: [[(140, 50), (80, 100), (75, 170), (140, 230), (205, 170), (200, 100), (140, 50)]],
    1: [[(140, 40), (140, 240)]],
    2: [[(80, 90), (110, 50), (170, 50), (195, 95), (150, 160), (80, 225), (205, 225)]],
    3: [[(80, 60), (190, 60), (130, 130), (190, 150), (195, 205), (140, 235), (75, 215)]],
    4: [[(90, 50), (75, 150), (210, 150)], [(175, 60), (170, 235)]],
    7: [[(70, 60), (200, 60), (120, 230)]],
}


@dataclass(frozen=True)
class Server:
    """A running Streamlit server. started: time.perf_counter() just before its process was started.
    healthy_after: seconds from then until it answered /_stcore/health."""

    url: str
    process: subprocess.Popen
    started: float
    healthy_after: float


@contextlib.contextmanager
def server(
    script: str = "app.py",
    environment: dict[str, str] | None = None,
    port: int | None = None,
    log: Path | None = None,
) -> Iterator[Server]:
    """Serve a script of this repository until the block ends. RuntimeError if it does not become healthy.

    environment: variables added to this process's own, e.g. DIGITLAB_RUNS. log: the file to which the server
    prints.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.address", "127.0.0.1"]
    command += ["--server.fileWatcherType", "none"]
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for_health(f"http://127.0.0.1:{port}/_stcore/health", process)
            yield Server(f"http://127.0.0.1:{port}", process, started, time.perf_counter() - started)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A TCP port on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for_health(url: str, process: subprocess.Popen, seconds: float = 120.0) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with code {process.returncode} before it was healthy.")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.02)
    raise RuntimeError(f"The server was not healthy after {seconds:.0f} s.")


@contextlib.contextmanager
def chromium(arguments: Sequence[str] = ()) -> Iterator[Browser]:
    """A headless Chromium: the system's own if there is one, else Playwright's. RuntimeError without one."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        system = next(filter(None, map(shutil.which, BROWSERS)), None)
        # Chromium's own sandbox needs privileges that root in a container has not.
        switches = ["--no-sandbox", SWITCH + ",".join(FEATURES), *arguments]
        options = {"executable_path": system, "args": switches}
        try:
            browser = playwright.chromium.launch(**options)
        except Error as error:
            raise RuntimeError(f"No Chromium starts here: {error.message.splitlines()[0]}") from error
        try:
            yield browser
        finally:
            browser.close()


def settle(page: Page, timeout: float = 120.0) -> None:
    """Wait until the page's script has finished."""
    page.wait_for_selector(
        "[data-testid=stApp][data-test-script-state=notRunning]", state="attached", timeout=timeout * 1000
    )


def stand_still(page: Page) -> None:
    """Wait until nothing that opens, closes or changes its colour is on its way. What turns until something
    has come does not count."""
    page.wait_for_function(
        "() => document.getAnimations().every((one) => "
        "one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)",
        timeout=120_000,
    )


def open_page(page: Page, url: str, name: str = "") -> None:
    """Open an address of the app, or the page of that name by its own address, and wait until it has been
    drawn."""
    page.goto(f"{url}/{PLACES[name]}" if name else url)
    page.wait_for_selector("[data-testid=stApp]", timeout=120_000)
    page.wait_for_selector("h1", timeout=120_000)
    if name:
        page.wait_for_function(TITLE, arg=f"{name} - Digit Lab", timeout=120_000)
    settle(page)


def go_to(page: Page, name: str) -> None:
    """Go to another page by the navigation, and wait until nothing of the page before is left: until then its
    paper would take a stroke."""
    page.get_by_role("link", name=name, exact=True).first.click()
    # Said as the new page begins; its heading may be that of the page before ("Draw a 3" is a class's).
    page.wait_for_function(TITLE, arg=f"{name} - Digit Lab", timeout=120_000)
    settle(page)


def draw(page: Page, digit: int) -> None:
    """Draw a digit of STROKES on the page's canvas with the mouse."""
    for stroke in STROKES[digit]:
        draw_stroke(page, stroke)


def draw_stroke(page: Page, corners: Sequence[tuple[float, float]], steps: int = 8) -> None:
    """One stroke with the mouse. corners: (x, y) in pixels of the canvas. steps: moves from one corner to the
    next."""
    from playwright.sync_api import expect

    paper = page.locator("canvas.upper-canvas")
    expect(paper).to_have_count(1, timeout=120_000)  # after Clear the old sheet stays for a moment
    paper.scroll_into_view_if_needed()
    box = box_of(paper)
    x, y = corners[0]
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=steps)
    page.mouse.up()


def box_of(element: Locator) -> FloatRect:
    """Where an element is shown, as soon as it is: the one before it may be on its way out."""
    element.wait_for()
    while not (box := element.bounding_box()):
        element.wait_for()
    return box


def told(page: Page, answer: str) -> None:
    """Wait until the server has said this about the drawing on Draw; what moves with the pen does not
    count."""
    page.wait_for_function(
        "(start) => document.querySelector('.draw-answer [aria-live]')?.textContent.startsWith(start)",
        arg=f"{answer}. ",
        timeout=120_000,
    )
