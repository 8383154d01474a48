"""What streamlit-drawable-canvas sends to the server: strokes, and the picture that they make."""

from __future__ import annotations

import base64
import io
import json

from PIL import Image, ImageDraw


def canvas_state(strokes: list[list[tuple[float, float]]], png: str, ground: str) -> str:
    """What streamlit-drawable-canvas sends after a stroke: its strokes, and a PNG as a data URL.

    strokes: the corners of each, in pixels. ground: its background, as the page gave it (`Page.ground`).
    """
    paths = [[["M", *stroke[0]], *(["L", *corner] for corner in stroke[1:])] for stroke in strokes]
    objects = [{"type": "Path", "stroke": "#000000", "strokeWidth": 18, "path": path} for path in paths]
    raw = {"version": "7.4.0", "objects": objects, "background": ground}
    return json.dumps({"drawing": {"raw": raw, "data": png}})


def canvas_png(strokes: list[list[tuple[float, float]]]) -> str:
    """What the canvas shows with these strokes on it, as a data URL."""
    paper = Image.new("RGBA", (280, 280), "white")
    pen = ImageDraw.Draw(paper)
    for stroke in strokes:
        pen.line(stroke, fill="black", width=18, joint="curve")
    packed = io.BytesIO()
    paper.save(packed, "PNG")
    return "data:image/png;base64," + base64.b64encode(packed.getvalue()).decode()
