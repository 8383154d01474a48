"""python -m benchmarks.screenshots

The README's pictures, taken of the real app in a real Chromium, as benchmarks/pictures/*.png: a drawn 7 and
its answer, the samples read on Upload, and a network that has just learnt (mlp-128, a minute) on Train.
"""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from benchmarks import driving

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURES = Path(__file__).resolve().parent / "pictures"
WIDTH = 960


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, driving.chromium() as browser:
        environment = {"DIGITLAB_RUNS": str(Path(folder) / "runs")}
        with driving.server(environment=environment) as server:
            page = browser.new_page(
                viewport={"width": WIDTH, "height": 720}, device_scale_factor=1.5, color_scheme="light"
            )
            driving.open_page(page, server.url)
            driving.draw(page, 7)
            page.get_by_role("heading", name="7", exact=True).wait_for(timeout=60_000)
            shoot(page, "draw", 690)
            driving.open_page(page, server.url, "Upload")
            page.get_by_role("button", name="Try samples").click()
            page.get_by_text(re.compile(r"^\d+ read")).first.wait_for(timeout=60_000)
            page.get_by_text(re.compile(r"^\d+ read")).first.scroll_into_view_if_needed()
            shoot(page, "upload", 690)
            driving.open_page(page, server.url, "Train")
            page.get_by_role("combobox", name="Network").click()
            page.get_by_role("option", name="mlp-128", exact=True).click()
            driving.settle(page)
            page.get_by_role("button", name="Start training").click()
            page.get_by_role("button", name="Stop", exact=True).wait_for(timeout=60_000)
            page.get_by_text("Test accuracy").first.wait_for(timeout=400_000)
            page.get_by_text("Test accuracy").first.scroll_into_view_if_needed()
            shoot(page, "train", 690)


def shoot(page: Page, name: str, height: int) -> None:
    """Keep what the window shows, once it stands still; 256 colours are plenty for a page and save half."""
    driving.settle(page)
    page.mouse.move(5, 5)
    page.wait_for_timeout(2500)  # charts draw and toasts go
    shot = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
    path = PICTURES / f"{name}.png"
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(256).save(path, optimize=True)
    print(f"{path.relative_to(driving.REPOSITORY)}: {path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
