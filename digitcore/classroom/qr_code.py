"""A QR code of an address, drawn here: no service is told where a class is."""

from __future__ import annotations

import io

import segno

# Four modules of white around it, as the standard asks for (ISO/IEC 18004): phones need them to find it.
QUIET_ZONE = 4


def svg(address: str) -> str:
    """An SVG image, dark on white in either light, that scales to its container.

    Error correction "M": 15 % of it may be hidden by a head or a reflection.
    """
    file = io.BytesIO()
    code = segno.make_qr(address, error="m")
    code.save(file, kind="svg", border=QUIET_ZONE, light="white", xmldecl=False, omitsize=True, svgclass=None)
    return file.getvalue().decode()
