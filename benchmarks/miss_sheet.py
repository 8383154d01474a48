"""Misread pictures on one sheet: each as it came, beside the 28x28 that the network saw, the true label and
the answer. For people to look at; such sheets are not kept."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

SIDE = 112
MARGIN = 8
TEXT = 34
COLUMNS = 6


@dataclass(frozen=True)
class Miss:
    """source: the set that it comes from. raw: (h, w) uint8. picture: (28, 28) float32. probabilities: (10,),
    or None where the pipeline refused the picture."""

    source: str
    raw: np.ndarray
    picture: np.ndarray
    label: int
    probabilities: np.ndarray | None

    @property
    def text(self):
        """Two lines under the pictures."""
        if self.probabilities is None:
            return f"{self.source}\n{self.label} refused"
        answer = int(self.probabilities.argmax())
        return f"{self.source}\n{self.label} read as {answer}, {self.probabilities[answer]:.1%} sure"


def draw_misses(misses, path):
    """Write the sheet as a picture file, and return its path."""
    width, height = 2 * SIDE + 2 * MARGIN, SIDE + TEXT + MARGIN
    rows = max(1, -(-len(misses) // COLUMNS))
    sheet = Image.new("L", (COLUMNS * width + MARGIN, rows * height + MARGIN), 96)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for i, miss in enumerate(misses):
        left, top = MARGIN + i % COLUMNS * width, MARGIN + i // COLUMNS * height
        sheet.paste(_fitted(miss.raw), (left, top))
        sheet.paste(_fitted(np.rint(255 * miss.picture).astype(np.uint8)), (left + SIDE + 2, top))
        draw.text((left, top + SIDE), miss.text, fill=255, font=font)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
    return path


def _fitted(grey):
    """The picture in a SIDE x SIDE square, proportions kept; small ones are enlarged pixel by pixel."""
    image = Image.fromarray(grey)
    method = Image.Resampling.NEAREST if max(grey.shape) <= SIDE // 2 else Image.Resampling.LANCZOS
    return ImageOps.pad(image, (SIDE, SIDE), method, color=96)
