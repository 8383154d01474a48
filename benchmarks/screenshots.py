"""python -m benchmarks.screenshots

Takes the README's pictures from the real app in a real Chromium.
They go to benchmarks/pictures/*.png: a drawn 7 and its answer, the samples read on Upload, and a recorded
training on Train.
"""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from benchmarks.support import driving
from digitcore import paths

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PICTURES = Path(__file__).resolve().parent / "pictures"
WIDTH, HEIGHT = 960, 900


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, driving.chromium() as browser:
        environment = {"DIGITLAB_RUNS": str(Path(folder) / "runs")}
        with driving.server(environment=environment) as server:
            page = browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5, color_scheme="light"
            )
            driving.open_page(page, server.url)
            driving.draw(page, 7)
            page.get_by_role("heading", name="7", exact=True).wait_for(timeout=60_000)
            shoot(page, "draw", page.get_by_role("heading", name="Draw a digit"))
            driving.open_page(page, server.url, "Upload")
            page.get_by_role("button", name="Try samples").click()
            read = page.get_by_text(re.compile(r"^\d+ read")).first
            read.wait_for(timeout=60_000)
            shoot(page, "upload", read)
            driving.open_page(page, server.url, "Train")
            scores = page.get_by_text("Test accuracy").first
            scores.wait_for(timeout=60_000)
            shoot(page, "train", scores)


def shoot(page: Page, name: str, top: Locator) -> None:
    """Keep what the window shows, with `top` near its upper edge, once nothing moves any more."""
    driving.settle(page)
    page.mouse.move(5, 5)
    top.evaluate("element => { element.style.scrollMarginTop = '130px'; element.scrollIntoView() }")
    page.wait_for_timeout(2500)  # charts are drawn and toasts disappear
    path = PICTURES / f"{name}.png"
    # 256 colours are enough for a page and halve the file.
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(256).save(path, optimize=True)
    print(f"{path.relative_to(paths.REPOSITORY)}: {path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
