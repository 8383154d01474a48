"""Drawn signs to make data sets of: + - x =, each by a hand that is never quite the same."""

import io
import zipfile

import numpy as np
from PIL import Image

from digitcore.preprocessing import drawing

STROKES = {
    "+": [[(60, 140), (220, 140)], [(140, 60), (140, 220)]],
    "-": [[(60, 140), (220, 140)]],
    "=": [[(60, 110), (220, 110)], [(60, 170), (220, 170)]],
    "x": [[(60, 60), (220, 220)], [(220, 60), (60, 220)]],
}


def drawn(sign, number):
    """(280, 280) uint8, ink on paper."""
    random = np.random.default_rng((ord(sign), number))
    strokes = [[(x + random.normal(0, 8), y + random.normal(0, 8)) for x, y in s] for s in STROKES[sign]]
    return drawing.rendered(strokes, pen=16)


def png(grey):
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


def files(names="+-=x", each=12):
    """{"+/00.png": bytes, …}"""
    return {f"{sign}/{n:02}.png": png(drawn(sign, n)) for sign in names for n in range(each)}


def zipped(contents):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return file.getvalue()


def folder(place, contents):
    for name, data in contents.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    return place
