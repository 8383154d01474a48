"""Bytes from outside -> one grey array. The only place that decodes pictures.

Formats are an allow-list (`formats`), recognised by content, never by file name. TIFF is left out on purpose:
its decoder (libtiff: dozens of codecs, tiles, several pages, old compression schemes) has the longest record
of memory errors of them all, and whoever has a TIFF also has a program that saves PNG.

No state is kept or changed, so any number of threads may decode at once.
"""

from __future__ import annotations

import io
import logging
import struct
import zlib

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from digitcore.errors import FormatError, ImageError, TooLargeError
from digitcore.preprocessing import colour, formats
from digitcore.preprocessing.formats import FORMATS, READABLE
from digitcore.preprocessing.grey import EVEN, grey_of, is_jpeg

MAX_BYTES = 32 * 2**20
"""Largest file: photographs of 50 megapixels, as telephones save them, have 10-25 MB."""

MAX_PIXELS = 64_000_000
"""Largest picture that is decoded to one byte a pixel: a JPEG, which is decoded straight to grey, and
pictures in grey, in black and white or with a palette, as scanners save an A4 page at 600 dpi (35
megapixels)."""

MAX_PIXELS_REDUCED = 240_000_000
"""Largest JPEG that is decoded at half its size or less (telephones have 50 to 200 megapixels). Progressive
ones are excluded: libjpeg keeps the whole of them in memory first."""

MAX_PIXELS_LOSSLESS = 32_000_000
"""Largest picture in colour in any other format, and largest CMYK JPEG: these need three or four bytes a
pixel while they are decoded."""

MAX_PIXELS_WEBP = 16_000_000
"""Largest WebP: libwebp keeps several canvases of four bytes a pixel while it decodes."""

COLOUR_SIDE = 1600
"""Long side in pixels at which colours are set apart, where brightness does not tell the ink from its
ground."""

MOST_FRAMES = 20
"""How many frames of an animation are searched for one that is not blank."""

# Pillow warns on stderr above this size, and refuses above twice as much; `_check_size` refuses long before.

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
"""What Pillow's decoders raise on damaged files. Anything else is logged as a fault of theirs or of ours."""

_ORIENTATION = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Value of the EXIF tag Orientation (CIPA DC-008, 0x0112) -> the transposition that turns the picture
upright."""


_log = logging.getLogger(__name__)


class _Refused(Exception):
    """A reason, as the end of a sentence that begins with the file's name."""

    error = ImageError


class _TooLarge(_Refused):
    error = TooLargeError


class _NotRead(_Refused):
    error = FormatError


def decode(data: bytes, name: str = "") -> np.ndarray:
    """The grey picture in the bytes of an image file.

    data: bytes of a PNG, JPEG, WebP, BMP or GIF (its first frame that is not blank). name: what to call it in
    an error, such as the file's name.
    Returns (h, w) uint8, C-contiguous and upright (EXIF orientation applied): ITU-R 601 luma, or the distance
    of each colour from the ground's where luma hides ink (`colour`); 16 bits reduced to 8, palette and CMYK
    resolved, transparency laid on the ground that suits the opaque part. A JPEG with more than MAX_PIXELS
    comes reduced.
    Raises ImageError, in one sentence, for everything else: empty, damaged, of an unknown format
    (FormatError) or too large (TooLargeError).
    """
    try:
        return _decode(bytes(data))
    except _Refused as reason:
        raise reason.error(f"{name or 'This file'} {reason}") from None


def _decode(data: bytes) -> np.ndarray:
    """As `decode`, (h, w) uint8; raises _Refused in place of its errors."""
    if not data:
        raise _Refused(f"is empty (0 bytes): expected a {READABLE} picture.")
    if len(data) > MAX_BYTES:
        cut = len(data) == MAX_BYTES + 1  # whoever reads no further does not know how much there is
        size = f"more than {MAX_BYTES // 2**20}" if cut else f"{len(data) / 2**20:.0f}"
        raise _TooLarge(f"has {size} MB, at most {MAX_BYTES // 2**20} MB are read: save it smaller.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image)
            return _upright(_seen(image, data), image)
    except _Refused:
        raise
    except UnidentifiedImageError:
        raise _NotRead(formats.what_kind_of_jpeg(data) or formats.what_it_is(data)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _TooLarge(
            f"has far more than the {MAX_PIXELS // 10**6} megapixels that are read: save it smaller,"
            " or send a part of it."
        ) from None
    except MemoryError:
        raise _TooLarge("needs more memory to decode than there is: save it smaller.") from None
    except _BROKEN:
        raise _broken(data) from None
    except Exception as error:  # such as Pillow's AssertionError where a PNG's palette is missing
        _log.warning("A decoder failed with %s.", type(error).__name__, exc_info=True)
        raise _broken(data) from None


def _broken(data: bytes) -> _Refused:
    kind = formats.what_kind_of_jpeg(data)
    if kind:
        return _NotRead(kind)
    return _Refused("is damaged or cut off and cannot be decoded: save or send it again.")


def _check_size(image: Image.Image) -> None:
    """Called before a single pixel is decoded: `image` knows its size from the header alone."""
    width, height = image.size
    most, kind = MAX_PIXELS_LOSSLESS, f"{image.format} in colour"
    if image.format == "WEBP":
        most, kind = MAX_PIXELS_WEBP, image.format
    elif image.mode in ("1", "L", "P") and not is_jpeg(image):
        most, kind = MAX_PIXELS, image.format
    elif is_jpeg(image) and image.mode != "CMYK":
        progressive = image.info.get("progressive")
        most, kind = (MAX_PIXELS, "progressive JPEG") if progressive else (MAX_PIXELS_REDUCED, "JPEG")
    if width * height > most:
        raise _TooLarge(
            f"has {width} × {height} pixels, at most {most // 10**6} megapixels of a {kind}"
            " are read: save it smaller, or send a part of it."
        )


def _seen(image: Image.Image, data: bytes) -> np.ndarray:
    """(h, w) uint8: the grey picture, or the one with its colours set apart where brightness hides ink."""
    grey = grey_of(image, MAX_PIXELS)
    if image.format == "GIF":
        grey = _not_blank(image, grey)
    colours = _colours(image, data, colour.LOOKED_AT)
    if colours is None or not colour.hides(colours):
        return grey
    apart = colour.set_apart(_colours(image, data, COLOUR_SIDE))
    return cv2.resize(apart, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _not_blank(image: Image.Image, grey: np.ndarray) -> np.ndarray:
    """The first frame of an animation that is not an even ground, (h, w) uint8; or `grey`, its first frame,
    where there is none."""
    for frame in range(1, min(getattr(image, "n_frames", 1), MOST_FRAMES)):
        if int(grey.max()) - int(grey.min()) >= EVEN:
            break
        image.seek(frame)
        grey = grey_of(image, MAX_PIXELS)
    return grey


def _colours(image: Image.Image, data: bytes, side: int) -> np.ndarray | None:
    """(h, w, 3) uint8, long side about `side` or the picture's own. None for a picture in grey, and for one
    with transparent parts, which are laid on a grey ground."""
    if is_jpeg(image):
        with Image.open(io.BytesIO(data), formats=FORMATS) as again:
            if again.mode != "RGB":  # grey, or CMYK
                return None
            again.draft("RGB", tuple(max(1, round(n * side / max(again.size))) for n in again.size))
            return colour.smaller(np.asarray(again), side)
    if image.mode not in ("RGB", "RGBA", "P"):
        return None
    if max(image.size) > side:  # samples are enough, and avoid a copy of the whole picture
        factor = side / max(image.size)
        image = image.resize([max(1, round(n * factor)) for n in image.size], Image.Resampling.NEAREST)
    pixels = np.asarray(image.convert("RGBA") if image.mode == "P" else image)
    if pixels.shape[2] == 4 and pixels[..., 3].min() < 255:
        return None
    return np.ascontiguousarray(pixels[..., :3])


def _upright(grey: np.ndarray, image: Image.Image) -> np.ndarray:
    """The grey picture (h, w) uint8 turned as the EXIF data of `image` say."""
    try:
        orientation = image.getexif().get(0x0112)
    except _BROKEN:  # damaged EXIF does not matter: the picture itself has been decoded
        orientation = None
    turn = _ORIENTATION.get(orientation)
    return grey if turn is None else np.array(Image.fromarray(grey).transpose(turn))
