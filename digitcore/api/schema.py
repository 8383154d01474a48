"""What requests and answers hold, as the OpenAPI page describes it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from digitcore.preprocessing import drawing

MOST_PICTURES = 200
"""In one request: as many as Upload takes at once without a zip."""

PICTURE_TYPES = (
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/bmp",
    "image/gif",
    "application/octet-stream",
)
"""Content types of a request whose body is a picture file; its first bytes decide what it really is."""


class Drawing(BaseModel):
    """Strokes of a pen in pixels of a paper, x to the right and y downwards."""

    model_config = ConfigDict(extra="forbid")
    strokes: list[list[tuple[float, float]]] = Field(
        description="Each stroke is a list of points [x, y], from touching the paper to leaving it.",
        max_length=drawing.MOST_STROKES,
        examples=[[[[70, 60], [200, 60], [120, 230]]]],
    )
    pen: float = Field(drawing.PEN, ge=drawing.THINNEST, le=drawing.THICKEST, description="Width of the pen.")
    width: int = Field(drawing.SIDE, ge=drawing.SMALLEST, le=drawing.LARGEST)
    height: int = Field(drawing.SIDE, ge=drawing.SMALLEST, le=drawing.LARGEST)


class Drawings(BaseModel):
    """Several drawings, answered in their order."""

    model_config = ConfigDict(extra="forbid")
    drawings: list[Drawing] = Field(min_length=1, max_length=MOST_PICTURES)


class Digit(BaseModel):
    """One digit of a picture, in reading order."""

    digit: int = Field(description="The number of the most probable class.")
    probability: float
    probabilities: list[float] = Field(description="Of each class; they add up to 1.")
    digitness: float = Field(description="0 to 1, how much it looks like a digit at all.")
    box: tuple[int, int, int, int] = Field(description="x, y, width and height in pixels.")
    row: int = Field(description="Which line of digits, from 0.")
    is_digit: bool
    accepted: bool = Field(description='Whether the network is sure; if not, it is "?" in the text.')


class Answer(BaseModel):
    """What was read from one picture: the object of `python -m digitcore predict --json`."""

    file: str
    text: str = Field(description='"2026", rows separated by a line break, "?" where unsure.')
    digits: list[Digit]
    left_out: dict[str, int] = Field(description="How much else there is in the picture, by its kind.")
    note: str = Field(description='The same in a sentence: "Left out: 2 marks that are no digits."')
    error: str | None = Field(description="Why nothing was read, in one sentence.")


class Problem(BaseModel):
    """Why there is no answer."""

    error: str = Field(description="One sentence: what was expected, and what came.")


class Model(BaseModel):
    """One of the networks that ship with the app."""

    name: str
    title: str
    default: bool
    class_names: list[str]
    parameters: int
    test_accuracy: float
    test_misses: int
    test_pictures: int


class Health(BaseModel):
    """Whether the server answers, and how busy it is."""

    status: str
    model: str = Field(description="The network that reads where a request names none.")
    requests: int = Field(description="Requests that are being answered or waiting.")
    most_requests: int


def request_body() -> dict[str, Any]:
    """OpenAPI's `requestBody` of POST /read, which FastAPI cannot derive from a function's parameters."""
    picture = {"schema": {"type": "string", "format": "binary"}}
    files = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
    files["maxItems"] = MOST_PICTURES
    form = {"type": "object", "properties": {"file": files}, "required": ["file"]}
    drawings = {"oneOf": [_inline(Drawing), _inline(Drawings)]}
    return {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": form},
            "application/json": {"schema": drawings},
            **dict.fromkeys(PICTURE_TYPES, picture),
        },
    }


def _inline(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON schema without references to definitions elsewhere."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def resolved(part: Any) -> Any:
        if isinstance(part, list):
            return [resolved(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return resolved(definitions[part["$ref"].rsplit("/", 1)[1]])
        return {name: resolved(value) for name, value in part.items()}

    return resolved(schema)
