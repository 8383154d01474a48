"""The picture formats that are read, and what else a file may be, recognised by its first bytes."""

from __future__ import annotations

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
"""As Pillow calls them."""

READABLE = "PNG, JPEG, WebP, BMP or GIF"

_ISO_BRANDS = {
    "HEIC": (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
    "AVIF": (b"avif", b"avis"),
}
_SIGNATURES = (
    (b"II*\0", "a TIFF"),
    (b"MM\0*", "a TIFF"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive or office document"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\1\0", "an icon"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML or SVG file"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
)


LOSSLESS_FRAMES = (0xC3, 0xC7, 0xCB, 0xCF)
HIERARCHICAL_FRAMES = (0xC5, 0xC6, 0xCD, 0xCE)
"""Markers that begin a frame which libjpeg cannot decode (ITU-T T.81, table B.1)."""


def what_kind_of_jpeg(data: bytes) -> str | None:
    """The end of a sentence about a JPEG of a valid kind that is not read; None for any other file."""
    if not data.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 5 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # those define tables
            way_out = "which is not read: save it as PNG or as an ordinary JPEG."
            if marker in LOSSLESS_FRAMES:
                return f"is a lossless JPEG, {way_out}"
            if marker in HIERARCHICAL_FRAMES:
                return f"is a hierarchical JPEG, {way_out}"
            return None if data[at + 4] == 8 else f"is a JPEG of {data[at + 4]} bits a sample, {way_out}"
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def what_it_is(data: bytes) -> str:
    """The end of a sentence: what the file is, and what to do."""
    if data[4:8] == b"ftyp":
        brands = {data[8:12], *(data[i : i + 4] for i in range(16, min(64, len(data) - 3), 4))}
        for kind in ("AVIF", "HEIC"):
            if brands & set(_ISO_BRANDS[kind]):
                way_out = "save or share it as JPEG"
                if kind == "HEIC":
                    way_out += " (iPhone: Settings, Camera, Formats, Most Compatible)"
                return f"is a {kind} picture, which is not read: {way_out}."
        return f"is a video, not a picture: expected {READABLE}."
    start = data[:256].lstrip()
    for signature, kind in _SIGNATURES:
        if start.startswith(signature) or data.startswith(signature):
            return f"is {kind}, which is not read: save it as PNG or JPEG."
    return f"is not a picture that is read here: expected {READABLE}."
