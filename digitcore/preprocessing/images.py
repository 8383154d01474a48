"""Bytes from outside -> one grey array. The only place that decodes pictures.

Formats are an allow-list (PNG, JPEG, WebP, BMP, GIF), told by content, never by file name. TIFF is left
out on purpose: its decoder (libtiff: dozens of codecs, tiles, several pages, old compression schemes) has
the longest record of memory errors of them all, and whoever has a TIFF also has a program that saves PNG.

No state is kept or changed, so any number of threads may decode at once.
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image, UnidentifiedImageError

from digitcore.errors import ImageError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
READABLE = "PNG, JPEG, WebP, BMP or GIF"

MAX_BYTES = 32 * 2**20
"""Largest file: photographs of 50 megapixels as telephones save them have 10-25 MB."""

MAX_PIXELS = 64_000_000
"""Largest JPEG: it is decoded straight to grey, one byte a pixel."""

MAX_PIXELS_LOSSLESS = 32_000_000
"""Largest picture of any other format, and JPEG in CMYK: these need three or four bytes a pixel while they
are decoded."""

MAX_PIXELS_WEBP = 16_000_000
"""Largest WebP: libwebp keeps several canvases of four bytes a pixel while it decodes."""

STRIP_ROWS = 256
"""Rows that are converted at a time: a copy of a whole picture for each step would take half a gigabyte."""

_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise on damaged files; anything else is a bug of ours and surfaces."""

_ORIENTATION = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Value of the EXIF tag Orientation (CIPA DC-008, 0x0112) -> what turns the picture upright."""

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


class _Refused(Exception):
    """A reason, as the end of a sentence that starts with the file's name."""


def decode(data, name=""):
    """The grey picture in the bytes of an image file.

    data: bytes of a PNG, JPEG, WebP, BMP or GIF (first frame).
    name: what to call it in an error, e.g. the file's name.
    Returns (h, w) uint8, C-contiguous: upright (EXIF orientation applied), ITU-R 601 luma, 16 bits reduced
    to 8, palette and CMYK resolved, transparency laid on the ground that the opaque part asks for.
    Raises ImageError, in one sentence, for everything else: empty, damaged, unknown or too large.
    """
    try:
        return _decode(bytes(data))
    except _Refused as reason:
        raise ImageError(f"{name or 'This file'} {reason}") from None


def _decode(data):
    if not data:
        raise _Refused(f"is empty (0 bytes): expected a {READABLE} picture.")
    if len(data) > MAX_BYTES:
        raise _Refused(
            f"has {len(data) / 2**20:.0f} MB, at most {MAX_BYTES // 2**20} MB are read: save it smaller."
        )
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image)
            return _upright(_grey(image), image)
    except UnidentifiedImageError:
        raise _Refused(_what_it_is(data)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _Refused(
            f"has far more than the {MAX_PIXELS // 10**6} megapixels that are read: save it smaller."
        ) from None
    except MemoryError:
        raise _Refused("needs more memory to decode than there is: save it smaller.") from None
    except _BROKEN:
        raise _Refused("is damaged or cut off and cannot be decoded: save or send it again.") from None


def _check_size(image):
    """Before a single pixel is decoded: `image` knows its size from the header alone."""
    width, height = image.size
    most = MAX_PIXELS if _is_jpeg(image) and image.mode != "CMYK" else MAX_PIXELS_LOSSLESS
    if image.format == "WEBP":
        most = MAX_PIXELS_WEBP
    if width * height > most:
        raise _Refused(
            f"has {width} × {height} pixels, at most {most // 10**6} megapixels of a {image.format}"
            " are read: save it smaller."
        )


def _is_jpeg(image):
    return image.format in ("JPEG", "MPO")  # MPO: a JPEG with further pictures behind it


def _grey(image):
    """Any mode that the allowed formats have -> (h, w) uint8."""
    if _is_jpeg(image) and image.mode != "CMYK":
        image.draft("L", image.size)  # libjpeg hands out luma alone: a third of the memory and time
    if image.mode.startswith("I"):  # 16-bit grey; convert("L") would clip instead of scale
        return _by_strips(image, lambda strip: np.clip(np.asarray(strip, np.int64) >> 8, 0, 255))
    if image.has_transparency_data:
        small = "LA" if image.mode in ("L", "1", "LA", "La") else "RGBA"
        alpha = _by_strips(image, lambda strip: strip.convert(small).getchannel("A"))
        if small == "LA":
            grey = _by_strips(image, lambda strip: strip.convert("LA").convert("L"))
        else:
            grey = _by_strips(image, lambda strip: strip.convert("RGBA").convert("RGB").convert("L"))
        return _composite(grey, alpha)
    if image.mode == "CMYK":
        return _by_strips(image, lambda strip: strip.convert("RGB").convert("L"))
    return np.array(image.convert("L"))


def _by_strips(image, convert):
    """(h, w) uint8 of what `convert` makes of the picture, `STRIP_ROWS` rows at a time."""
    image.load()
    width, height = image.size
    out = np.empty((height, width), np.uint8)
    for top in range(0, height, STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, height)
        out[top:bottom] = np.asarray(convert(image.crop((0, top, width, bottom))))
    return out


def _composite(grey, alpha):
    """Lay a transparent picture on white or black, whichever keeps what is drawn on it readable; in `grey`.

    Strokes alone on a transparent ground get the ground that they stand out from. A picture that is opaque
    for the most part and has strokes of its own (rounded corners, a cut-out card) gets the ground that
    continues its paper.
    """
    if alpha.min() == 255:
        return grey
    solid = grey[alpha >= 128]
    if solid.size == 0:
        return np.full(grey.shape, 255, np.uint8)
    low, middle, high = np.percentile(solid, (5, 50, 95))
    card = solid.size > 0.5 * grey.size and high - low > 64
    ground = 255 if (middle >= 128) == card else 0
    for top in range(0, len(grey), STRIP_ROWS):
        rows = slice(top, top + STRIP_ROWS)
        opaque = alpha[rows].astype(np.uint16)
        grey[rows] = (grey[rows] * opaque + np.uint16(ground) * (255 - opaque) + 127) // 255
    return grey


def _upright(grey, image):
    try:
        orientation = image.getexif().get(0x0112)
    except _BROKEN:  # damaged EXIF says nothing about the picture, which has been decoded
        orientation = None
    turn = _ORIENTATION.get(orientation)
    return grey if turn is None else np.array(Image.fromarray(grey).transpose(turn))


def _what_it_is(data):
    """The end of a sentence: what came, and the way out."""
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
