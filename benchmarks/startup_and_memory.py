"""python -m benchmarks.startup_and_memory [--quick]

How fast the app starts and how much memory it takes, driven through a real browser.
Measured are the time from the server's start to health and to the first answer, and the memory after 1,000
reads (drawings on Draw, zips of pictures on Upload), after the Data page, at the peak of a training beside
it, and with thirty visitors at once; against the same Draw page on TensorFlow.

Memory is PSS (proportional set size, proc_pid_smaps(5)) summed over the server and its child processes: what
they own, and their share of what they share. The browser is not counted. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import statistics
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import psutil

from benchmarks.bytes_to_answer import canvases
from benchmarks.support import driving, record
from benchmarks.support.process_memory import sampling, tree_mb

APP, USUAL = "app.py", "benchmarks/support/tensorflow_draw_page.py"
NOTHING = "Nothing drawn yet"
ANSWERED = f"""() => {{
  // The page to compare with has only a title.
  const find = (what) => document.querySelector(`.st-key-answer ${{what}}`)
  const text = (find("[aria-live]") ?? find("h1"))?.textContent.trim()
  return text && !text.startsWith("{NOTHING}")
}}"""
ONE_STROKE = [digit for digit, strokes in driving.STROKES.items() if len(strokes) == 1]
TARGETS = {"server_mb_after_1000_reads": 300, "with_training_mb": 1300, "growth_mb": 15}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--quick", action="store_true", help="100 reads; only prints")
    quick = parser.parse_args().quick
    if not Path("/proc/self/smaps_rollup").exists():
        print("startup_and_memory reads /proc/PID/smaps_rollup, which only Linux has.", file=sys.stderr)
        return 2
    drawings, zips, pictures, visitors = (20, 1, 80, 3) if quick else (50, 5, 190, 30)
    with driving.chromium() as browser:
        starts = measure_starts(browser, rounds=1 if quick else 5)
        app = starts[APP] | measure_app(browser, drawings, zips, pictures)
        app["visitors"] = measure_visitors(browser, visitors)
        usual = starts[USUAL] | measure_usual(browser, drawings)
    figures = {"app": app, "draw_page_on_tensorflow": usual, "targets": TARGETS}
    show(figures)
    if not quick:
        command = "python -m benchmarks.startup_and_memory"
        print("Kept in", record.write("startup_and_memory", command, figures))
    fits = (
        app["memory_mb"]["after_reads"] <= TARGETS["server_mb_after_1000_reads"]
        and app["training"]["peak_mb"] <= TARGETS["with_training_mb"]
        and app["growth_mb_over_the_second_half"] <= TARGETS["growth_mb"]
    )
    return 0 if fits else 1


def measure_starts(browser: Any, rounds: int) -> dict[str, dict[str, float]]:
    """Medians of health_seconds and first_answer_seconds; both scripts take turns after one warm-up each."""
    healths: dict[str, list[float]] = {APP: [], USUAL: []}
    answers: dict[str, list[float]] = {APP: [], USUAL: []}
    for number in range(rounds + 1):
        for script in healths:
            with driving.server(script) as server, contextlib.closing(browser.new_context()) as context:
                answer = first_answer(context.new_page(), server)
            if number:  # in the first round the browser and the disk's cache are cold
                healths[script].append(server.healthy_after)
                answers[script].append(answer)
    return {
        script: {
            "health_seconds": statistics.median(healths[script]),
            "first_answer_seconds": statistics.median(answers[script]),
        }
        for script in healths
    }


def measure_app(browser: Any, drawings: int, zips: int, pictures: int) -> dict[str, Any]:
    """Digit Lab's memory from its first answer to the end of a training, and how quick it was meanwhile."""
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        # A trainer without work soon returns its memory: what is left then is the server's.
        environment = {"DIGITLAB_RUNS": str(Path(folder) / "runs"), "DIGITLAB_IDLE_SECONDS": "5"}
        with driving.server(environment=environment) as server:
            memory["at_health"] = tree_mb(server.process.pid)
            page = browser.new_page(viewport={"width": 1280, "height": 1200})
            first_answer(page, server)
            memory["after_first_answer"] = tree_mb(server.process.pid)
            strokes = draw_many(page, drawings - 1)
            reads = [(drawings, tree_mb(server.process.pid))]
            memory["after_drawings"] = reads[-1][1]
            upload_seconds = []
            driving.open_page(page, server.url, "Upload")
            for number in range(zips):
                upload_seconds.append(upload_zip(page, pictures, number))
                reads.append((drawings + (number + 1) * pictures, tree_mb(server.process.pid)))
            memory["after_reads"] = reads[-1][1]
            driving.open_page(page, server.url, "Data")
            page.wait_for_timeout(2000)  # its charts have appeared
            memory["after_data_page"] = tree_mb(server.process.pid)
            training = train(page, server)
            memory["after_training"] = tree_mb(server.process.pid)
            page.close()
    half = reads[len(reads) // 2][1] if len(reads) > 2 else reads[0][1]
    return {
        "reads": {"drawings": drawings, "uploaded": zips * pictures},
        "memory_mb": memory,
        "memory_mb_by_reads": reads,
        "growth_mb_over_the_second_half": reads[-1][1] - half,
        "drawing_to_answer_seconds": statistics.median(strokes),
        "upload_seconds_per_picture": statistics.median(upload_seconds) / pictures,
        "training": training,
    }


def measure_visitors(browser: Any, n: int) -> dict[str, Any]:
    """A fresh server with n visitors, each with a page of their own and one drawing on it."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        environment = {"DIGITLAB_RUNS": str(Path(folder) / "runs")}
        server = stack.enter_context(driving.server(environment=environment))
        memory = []
        for i in range(n):
            context = stack.enter_context(contextlib.closing(browser.new_context()))
            page = context.new_page()
            driving.open_page(page, server.url)
            draw_one(page, ONE_STROKE[i % len(ONE_STROKE)])
            memory.append(tree_mb(server.process.pid))
    return {"n": n, "memory_mb": memory[-1], "mb_a_visitor": (memory[-1] - memory[0]) / (n - 1)}


def measure_usual(browser: Any, drawings: int) -> dict[str, Any]:
    """The same for benchmarks/support/tensorflow_draw_page.py, which has no other pages."""
    with driving.server(USUAL) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 1200})
        first_answer(page, server)
        memory = {"after_first_answer": tree_mb(server.process.pid)}
        strokes = draw_many(page, drawings - 1)
        memory["after_drawings"] = tree_mb(server.process.pid)
        page.close()
    return {
        "reads": {"drawings": drawings},
        "memory_mb": memory,
        "drawing_to_answer_seconds": statistics.median(strokes),
    }


def first_answer(page: Any, server: driving.Server) -> float:
    """Seconds from the server's start to the first answer; that includes opening the page and drawing."""
    driving.open_page(page, server.url)
    draw_one(page, 7)
    return time.perf_counter() - server.started


def draw_many(page: Any, n: int) -> list[float]:
    """n digits, each on a clean sheet; the seconds that each takes from the first move of the pen to the
    answer."""
    seconds = []
    for i in range(n):
        page.get_by_role("button", name="Clear").click()
        page.wait_for_selector(f".st-key-answer h1:has-text('{NOTHING}')")
        driving.settle(page)
        seconds.append(draw_one(page, ONE_STROKE[i % len(ONE_STROKE)]))
    return seconds


def draw_one(page: Any, digit: int) -> float:
    """Draw on an empty sheet and wait for the answer; returns the seconds."""
    begun = time.perf_counter()
    driving.draw(page, digit)
    page.wait_for_function(ANSWERED, timeout=60_000)
    seconds = time.perf_counter() - begun
    driving.settle(page)
    return seconds


def upload_zip(page: Any, pictures: int, number: int) -> float:
    """Upload one zip of PNGs and wait until all of it is read; returns the seconds."""
    pngs, _ = canvases(pictures)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for i, png in enumerate(pngs):
            archive.writestr(f"{number}-{i:03}.png", png)
    expected = f"{(number + 1) * pictures:,} read"
    begun = time.perf_counter()
    page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(
        {"name": f"{number}.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
    )
    page.get_by_text(re.compile(f"^{re.escape(expected)}")).first.wait_for(timeout=240_000)
    driving.settle(page)
    return time.perf_counter() - begun


def train(page: Any, server: driving.Server) -> dict[str, Any]:
    """One epoch of simple-cnn on all pictures, started on the Train page; the peak memory of server and
    trainer."""
    driving.open_page(page, server.url, "Train")
    page.get_by_role("slider", name=re.compile("Epochs")).first.press("Home")
    driving.settle(page)
    begun = time.perf_counter()
    with sampling(server.process.pid) as samples:
        page.get_by_role("button", name="Start training").click()
        page.get_by_role("button", name="Stop", exact=True).wait_for(timeout=60_000)
        page.get_by_text("Test accuracy").first.wait_for(timeout=400_000)
        seconds = time.perf_counter() - begun
        _wait_until_alone(server.process.pid)
    return {
        "architecture": "simple-cnn",
        "epochs": 1,
        "seconds": seconds,
        "peak_mb": max(total for total, _ in samples),
        "server_peak_mb": max(server_only for _, server_only in samples),
        "trainer_peak_mb": max(total - server_only for total, server_only in samples),
        "samples": len(samples),
    }


def _wait_until_alone(pid: int, seconds: float = 30.0) -> None:
    """The trainer ends some moments after the page has shown its result."""
    end = time.perf_counter() + seconds
    while psutil.Process(pid).children(recursive=True):
        if time.perf_counter() > end:
            raise RuntimeError(f"The trainer still ran {seconds:.0f} s after its result was shown.")
        time.sleep(0.1)


def show(figures: dict[str, Any]) -> None:
    """Print both sides."""
    for name in ("app", "draw_page_on_tensorflow"):
        side = figures[name]
        print(f"\n{name.replace('_', ' ')}")
        print(f"  start to health {side['health_seconds']:.1f} s, to the first answer ", end="")
        print(f"{side['first_answer_seconds']:.1f} s")
        for point, megabytes in side["memory_mb"].items():
            print(f"  {point.replace('_', ' '):20} {megabytes:7.0f} MB")
        seconds = side["drawing_to_answer_seconds"]
        print(f"  pen down to answer   {seconds:7.2f} s (the canvas waits 0.2 s of it)")
    app = figures["app"]
    print(f"\nmemory by reads: {', '.join(f'{n:,}: {mb:.0f} MB' for n, mb in app['memory_mb_by_reads'])}")
    visitors = app["visitors"]
    print(f"{visitors['n']} visitors: {visitors['memory_mb']:.0f} MB, {visitors['mb_a_visitor']:.1f} MB each")
    training = app["training"]
    print(
        f"training beside it: {training['peak_mb']:.0f} MB at the peak, of it the trainer's "
        f"{training['trainer_peak_mb']:.0f} MB; {training['seconds']:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
