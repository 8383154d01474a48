"""What the server has to do for people who draw on Inside, compared with the same people on Draw.

    python -m benchmarks.inside_server                          30 sessions, a minute each
    python -m benchmarks.inside_server --sessions 5 --seconds 20

Writes benchmarks/results/inside_server.json: CPU seconds of the server's process in three rounds on the same
server, in which sessions draw on Draw, draw on Inside, and have Inside open without doing anything. Two cores
cannot run thirty Chromiums beside a server, so the sessions speak the websocket protocol as the browser does
(benchmarks/support/visitor_client.py), with the canvas's own messages, a stroke every two seconds and Clear
after each digit. Opening the pages is not counted, nor is what a browser then fetches once (the weights and
training digits). Afterwards a real Chromium draws on Inside, to show that the page works.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
from pathlib import Path

from benchmarks.support import driving, record
from benchmarks.support.canvas_messages import canvas_png, canvas_state
from benchmarks.support.visitor_client import Visitor

NAME = "inside_server"
BETWEEN_STROKES = 2.0
ROUNDS = (("draw", "Draw", True), ("inside", "Inside", True), ("inside_idle", "Inside", False))


def measure(sessions: int, seconds: float) -> dict[str, dict[str, float]]:
    """CPU seconds of the server, and how many strokes were sent to it, in each of ROUNDS."""
    with tempfile.TemporaryDirectory() as folder, driving.server(
        environment={"DIGITLAB_RUNS": str(Path(folder) / "runs")}
    ) as server:  # fmt: skip
        asyncio.run(_round(server, "Draw", 2, 4.0, True))  # imports, and the network loaded
        asyncio.run(_round(server, "Inside", 2, 4.0, True))
        figures = {
            name: asyncio.run(_round(server, page, sessions, seconds, draws)) for name, page, draws in ROUNDS
        }
        figures["chromium"] = {"answers": _in_chromium(server.url)}
    return figures


async def _round(
    server: driving.Server, page: str, sessions: int, seconds: float, draws: bool
) -> dict[str, float]:
    visitors = [Visitor(server.url) for _ in range(sessions)]
    try:
        for visitor in visitors:
            await visitor.open()
            await visitor.goto(page)
        await asyncio.sleep(1.0)
        before = cpu_seconds(server.process.pid)
        if draws:
            strokes = sum(
                await asyncio.gather(*(_draw(visitor, n, seconds) for n, visitor in enumerate(visitors)))
            )
        else:
            strokes = 0
            await asyncio.sleep(seconds)
        used = cpu_seconds(server.process.pid) - before
        wrong = [text for visitor in visitors for text in visitor.exceptions]
        if wrong:
            raise SystemExit(f"{page}: {wrong[0]}")
        return {"cpu_seconds": used, "strokes": strokes, "sessions": sessions, "seconds": seconds}
    finally:
        for visitor in visitors:
            await visitor.close()


async def _draw(visitor: Visitor, number: int, seconds: float) -> int:
    """Digits, stroke by stroke, for so long; returns the strokes."""
    mind = random.Random(number)
    key = visitor.page.numbered("draw_canvas_")
    end = asyncio.get_running_loop().time() + seconds
    await asyncio.sleep(mind.uniform(0, BETWEEN_STROKES))
    sent = 0
    while True:
        strokes: list[list[tuple[float, float]]] = []
        for stroke in driving.STROKES[mind.choice(list(driving.STROKES))]:
            strokes.append([(x + mind.uniform(-8, 8), y + mind.uniform(-8, 8)) for x, y in stroke])
            state = canvas_state(strokes, canvas_png(strokes), visitor.page.ground(key))
            await visitor.touch(key, json_value=state)
            sent += 1
            await asyncio.sleep(BETWEEN_STROKES * mind.uniform(0.75, 1.25))
            if asyncio.get_running_loop().time() >= end:
                return sent
        await visitor.touch("Clear", trigger_value=True)
        await visitor.touch(key, json_value=canvas_state([], canvas_png([]), visitor.page.ground(key)))


def cpu_seconds(process: int) -> float:
    """What a process has used since it started, in user and in system time."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _in_chromium(url: str) -> str:
    """What Inside says of a 7 in a real browser."""
    with driving.chromium() as browser:
        page = browser.new_page()
        page.goto(f"{url}/inside")
        page.locator(".inside .samples button").first.wait_for()
        driving.draw(page, 7)
        word = page.locator(".inside .rows")
        word.wait_for()
        return word.inner_text()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=30, help="people at once (default: 30)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each draws (default: 60)")
    options = parser.parse_args()
    figures = measure(options.sessions, options.seconds)
    print(f"{options.sessions} sessions for {options.seconds:.0f} s:")
    record.write(NAME, "python -m benchmarks.inside_server", figures)
    for name, page, draws in ROUNDS:
        used, strokes = figures[name]["cpu_seconds"], figures[name]["strokes"]
        each = f", {1000 * used / strokes:.1f} ms a stroke" if strokes else ""
        print(
            f"{'drawing on' if draws else 'only open:'} {page}: {used:.2f} s of CPU, {strokes} strokes{each}"
        )
    print(f"In Chromium, Inside reads a drawn 7 as {figures['chromium']['answers']}.")


if __name__ == "__main__":
    main()
