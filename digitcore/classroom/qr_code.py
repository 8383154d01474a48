"""A QR code of an address, made locally so that no service learns where a class is."""

from __future__ import annotations

import io

import segno

# Four modules of white around it, as the standard (ISO/IEC 18004) requires: phones need them to find it.
QUIET_ZONE = 4


def svg(address: str) -> str:
    """An SVG image, dark on white in the light and the dark theme, that scales to its container.

    Error correction "M": a head or a reflection may hide 15 % of it.
    """
    file = io.BytesIO()
    code = segno.make_qr(address, error="m")
    code.save(file, kind="svg", border=QUIET_ZONE, light="white", xmldecl=False, omitsize=True, svgclass=None)
    return file.getvalue().decode()
