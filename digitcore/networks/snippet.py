"""The ten lines of Python that read a picture with a downloaded `.tflite` file.

They need only PACKAGES, and do briefly what `preprocessing` does carefully: whatever differs from the paper
is ink; the ink is fitted into 20x20, and its centre of mass moves to the middle of 28x28.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from digitcore import datasets

PACKAGES = "ai-edge-litert numpy pillow"

NONE_OF_THEM = "none of them"

_DIGIT = """\
image = np.float32(ImageOps.exif_transpose(Image.open({picture})).convert("RGBA"))
ink = np.abs(image - np.median(image, (0, 1))).mean(2)  # how unlike the paper, which is light or dark
ink = Image.fromarray(np.where(ink > ink.max() / 2, ink / ink.max(), 0))
picture = np.float32(ImageOps.expand(ImageOps.pad(ink.crop(ink.getbbox()), (20, 20), 2), 4))
picture = np.roll(picture, np.int64(14.5 - np.average(np.indices((28, 28)), (1, 2), picture)), (0, 1))
"""

# Clothes fill the 28x28 pixels and are not moved.
_OTHER = """\
image = ImageOps.exif_transpose(Image.open({picture})).convert("L")
picture = np.float32(ImageOps.pad(image, (28, 28), 2))
picture = np.abs(picture - np.median(picture[[0, -1]])) / 255  # 0 is ground, whether light or dark
"""

_SNIPPET = """\
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image, ImageOps
{read}\
answer = Interpreter({model}).get_signature_runner()(picture=picture[None, ..., None])["output_0"][0]
print({names}[answer.argmax()], f"{{min(answer.max(), 0.999):.1%}}")
"""


def text(
    model: str, class_names: Sequence[str], knows_others: bool = False, picture: str = "digit.png"
) -> str:
    """The program, to be run next to both files; it prints what it reads and how sure the network is, 99.9%
    at the most, since none can be a hundred.

    model: name of the `.tflite` file, with 32 or 8 bits. class_names: what its outputs mean.
    knows_others: whether there is one more output, for none of these. picture: the picture's file name.
    """
    digits = datasets.are_digits(class_names)
    return _SNIPPET.format(
        read=(_DIGIT if digits else _OTHER).format(picture=json.dumps(picture)),
        model=json.dumps(model),
        names=_names(class_names, digits, knows_others),
    )


def _names(class_names: Sequence[str], digits: bool, knows_others: bool) -> str:
    """The expression that `[answer.argmax()]` indexes: "0123456789" if that is enough."""
    if not digits:
        return json.dumps([*class_names, *[NONE_OF_THEM] * knows_others])
    characters = json.dumps("".join(class_names))
    return f"[*{characters}, {json.dumps(NONE_OF_THEM)}]" if knows_others else characters
