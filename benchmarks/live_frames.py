"""How long a live frame on Draw takes in a real Chromium while the pen is on the paper.

    python -m benchmarks.live_frames [--throttle 4]

Only prints. A frame is pixels, picture, network and bars. Between strokes a fixed piece of work is timed: how
much longer than its quickest time it takes shows how busy the machine was.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.support import driving

OBSERVE = """() => {
  window.frames = []
  new PerformanceObserver((list) => {
    for (const { name, duration, detail } of list.getEntries())
      if (name === "live frame" && detail.drawing) window.frames.push(duration)
  }).observe({ type: "measure" })
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=int, default=6)
    parser.add_argument("--throttle", type=float, default=1, help="how many times slower the processor is")
    options = parser.parse_args()
    with driving.server() as server, driving.chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        driving.open_page(page, server.url)
        page.locator(".live-answer h1").wait_for()
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": options.throttle})
        page.wait_for_timeout(1500)  # while the page times its networks
        page.evaluate(OBSERVE)
        work = []
        for stroke in range(options.strokes):
            driving.draw_stroke(page, driving.STROKES[(2, 3, 7)[stroke % 3]][0], steps=20)
            work += page.evaluate(WORK)
            page.get_by_role("button", name="Clear").click()
            page.locator(".live-answer h1:has-text('Nothing drawn yet')").wait_for()
            driving.settle(page)
        frames = page.evaluate("window.frames")
    p50, p95 = np.percentile(frames, (50, 95))
    busy = np.percentile(work, (50, 95)) / min(work)
    print(f"{len(frames)} live frames at throttle {options.throttle:g}: least {min(frames):.1f} ms, ", end="")
    print(f"p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    print(f"Fixed work took {busy[0]:.1f} times (p50) and {busy[1]:.1f} times (p95) its quickest.")


if __name__ == "__main__":
    main()
