"""How long a live frame on Draw takes in a real Chromium, with the pen on the paper, and how long the pen
waits for it.

    python -m benchmarks.live_frames [--throttle 4]

Prints only. A frame is pixels, picture, network and bars. The pen waits from when the browser has one of its
events until the page hears of it; that is measured with live frames and, for comparison, on the same page
without a network on the device. A fixed piece of work is timed between the strokes: how much longer than its
quickest time it takes tells how busy the machine was.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.support import driving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OBSERVE = """() => {
  window.frames = []
  window.waits = []
  window.said = new Set()
  new PerformanceObserver((list) => {
    for (const { name, duration, detail } of list.getEntries())
      if (name === "live frame" && detail.drawing) window.frames.push(duration)
  }).observe({ type: "measure" })
  for (const name of ["pointerdown", "pointermove", "pointerup"])
    window.addEventListener(name, (event) => {
      if (event.buttons || name === "pointerup") window.waits.push(performance.now() - event.timeStamp)
      const caption = document.querySelector(".live-answer .caption").textContent
      if (event.buttons && caption.includes("sure")) window.said.add(caption.includes("which is quick"))
    }, true)
}"""
WORK = """() => {
  const times = []
  for (let round = 0; round < 20; round++) {
    const before = performance.now()
    let sum = 0
    for (let i = 0; i < 2_000_000; i++) sum = (sum + i * i) % 1000003
    times.push(performance.now() - before)
  }
  return times
}"""


def drawn(browser: Browser, url: str, options: argparse.Namespace, live: bool) -> dict[str, list]:
    """Frames and waits in milliseconds of some strokes, and times of the fixed work between them."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    if not live:
        page.route("**/media/*.bin", lambda route: route.abort())
    driving.open_page(page, url)
    page.locator(".live-answer h1").wait_for()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": options.throttle})
    page.wait_for_timeout(1500)  # in which the networks are tried
    page.evaluate(OBSERVE)
    work = []
    for stroke in range(options.strokes):
        driving.draw_stroke(page, driving.STROKES[(2, 3, 7)[stroke % 3]][0], steps=20)
        work += page.evaluate(WORK)
        page.get_by_role("button", name="Clear").click()
        page.locator(".live-answer h1:has-text('Nothing drawn yet')").wait_for()
        driving.settle(page)
    found = page.evaluate("({ frames, waits, quick: [...said] })") | {"work": work}
    page.close()
    return found


def spread(times: list[float]) -> str:
    p50, p95 = np.percentile(times, (50, 95))
    return f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {max(times):.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--strokes", type=int, default=6)
    parser.add_argument("--throttle", type=float, default=1, help="how many times slower the processor is")
    options = parser.parse_args()
    with driving.server() as server, driving.chromium() as browser:
        found, without = (drawn(browser, server.url, options, live) for live in (True, False))
    by = {(): "no", (False,): "digitnet's", (True,): "digitnet-nano's"}
    whose = by.get(tuple(found["quick"]), "both networks'")
    print(f"{len(found['frames'])} live frames at throttle {options.throttle:g}, {whose} answers: ", end="")
    print(spread(found["frames"]))
    print(f"The pen waits with them: {spread(found['waits'])} ({len(found['waits'])} events)")
    print(f"and without a network on the device: {spread(without['waits'])} ({len(without['waits'])} events)")
    busy = np.percentile(found["work"], (50, 95)) / min(found["work"])
    print(f"Fixed work took {busy[0]:.1f} times (p50) and {busy[1]:.1f} times (p95) its quickest.")


if __name__ == "__main__":
    main()
