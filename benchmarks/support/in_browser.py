"""digitcore's browser modules in a real Chromium, called from Python."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.support.centre_lines import Drawing
from digitcore.browser import scripts
from digitcore.preprocessing import images

if TYPE_CHECKING:
    from playwright.sync_api import Page

_TOOLS = """
globalThis.buffer = async (text) =>
  (await fetch("data:application/octet-stream;base64," + text)).arrayBuffer()

globalThis.drawn = ({ lines, pen, side }) => {
  const canvas = document.createElement("canvas")
  canvas.width = canvas.height = side
  const context = canvas.getContext("2d", { willReadFrequently: true })
  context.fillStyle = "#fff"
  context.fillRect(0, 0, side, side)
  context.lineWidth = pen
  context.lineCap = "round"
  context.beginPath()
  for (const [x1, y1, x2, y2] of lines) {
    context.moveTo(x1, y1)
    context.lineTo(x2, y2)
  }
  context.stroke()
  return canvas
}

globalThis.pixels = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
Object.assign(globalThis, { Network, pictureOf })
"""

_DRAWN = """([drawings, symbol]) => drawings.map((drawing) => {
  const canvas = drawn(drawing)
  const found = pictureOf(pixels(canvas), symbol)
  return { png: canvas.toDataURL().split(",")[1], ...found, picture: found && Array.from(found.picture) }
})"""

_OUTPUTS = """async ([packed, pictures]) => {
  const network = new Network(await buffer(packed))
  const values = new Float32Array(await buffer(pictures))
  const outputs = []
  for (let i = 0; i < values.length; i += 784)
    outputs.push(Array.from(network.forward(values.subarray(i, i + 784))))
  return outputs
}"""

_SECONDS = """async ([packed, pictures]) => {
  const network = new Network(await buffer(packed))
  const values = new Float32Array(await buffer(pictures))
  const took = { forward: [], backward: [] }
  for (let i = 0; i < values.length; i += 784) {
    const started = performance.now()
    network.forward(values.subarray(i, i + 784))
    const between = performance.now()
    network.gradient(network.logit(0))
    took.forward.push((between - started) / 1000)
    took.backward.push((performance.now() - between) / 1000)
  }
  return took
}"""

_PICTURE_SECONDS = """(drawings) => drawings.map((drawing) => {
  const canvas = drawn(drawing)
  pixels(canvas) // a canvas just drawn on is copied from the graphics card once
  const started = performance.now()
  pictureOf(pixels(canvas))
  return (performance.now() - started) / 1000
})"""


def prepare(page: Page) -> Page:
    """A page that knows Network and pictureOf, and nothing else."""
    page.goto("about:blank")
    page.add_script_tag(type="module", content=scripts.script("network", "picture") + _TOOLS)
    page.wait_for_function("globalThis.pictureOf !== undefined")
    return page


def text(content: bytes | np.ndarray) -> str:
    """Bytes, or the 32-bit floats of an array, as `buffer` takes them in the page."""
    content = content if isinstance(content, bytes) else np.ascontiguousarray(content, "<f4").tobytes()
    return base64.b64encode(content).decode()


def outputs(page: Page, packed: bytes, pictures: np.ndarray) -> np.ndarray:
    """What a packed network answers in the browser to pictures (n, 28, 28) float32: (n, outputs) float32."""
    return np.asarray(page.evaluate(_OUTPUTS, [text(packed), text(pictures)]), np.float32)


def seconds(page: Page, packed: bytes, pictures: np.ndarray) -> dict[str, list[float]]:
    """How long it takes to compute the answer to each picture, and the gradient back to the picture."""
    return page.evaluate(_SECONDS, [text(packed), text(pictures)])


def picture_seconds(page: Page, drawings: Sequence[Drawing]) -> list[float]:
    """How long each drawing takes from its pixels to its 28x28 picture."""
    return page.evaluate(_PICTURE_SECONDS, [asdict(drawing) for drawing in drawings])


def drawn(page: Page, drawings: Sequence[Drawing], symbol: bool = False) -> list[dict[str, Any]]:
    """Each drawing, of a digit or another symbol, on a canvas: {"grey": (side, side) uint8 as the server gets
    it, "picture": the browser's (28, 28) float32 or None, "box": [x, y, w, h], "mayBeSeveral"}."""
    found = page.evaluate(_DRAWN, [[asdict(drawing) for drawing in drawings], symbol])
    for one in found:
        one["grey"] = images.decode(base64.b64decode(one.pop("png")), "The drawing")
        if one["picture"] is not None:
            one["picture"] = np.asarray(one["picture"], np.float32).reshape(28, 28)
    return found
