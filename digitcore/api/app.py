"""The server's paths: POST /read, GET /models, GET /health, and the page /docs that describes them."""

import os
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError, StarletteHTTPException
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi_offline import FastAPIOffline

from digitcore.api import bodies, schema
from digitcore.api.readers import Busy, Networks, Readers
from digitcore.errors import DigitcoreError, FormatError, TooLargeError
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing.polarity import POLARITIES
from digitcore.reading import reader
from digitcore.reading.batch import Row
from digitcore.reading.digit import text_of
from digitcore.reading.record import record

DESCRIPTION = """\
Reads handwritten digits: one, a number, or rows of them.

For a picture as the body, or for one drawing, the answer is one object. For a form of files or a list of
drawings it is a list of such objects in the same order; where one could not be read, its `error` says why.

    curl --data-binary @seven.png -H "Content-Type: image/png" http://localhost:8000/read
    curl -F file=@seven.png -F file=@2026.jpg http://localhost:8000/read
    curl --json '{"strokes": [[[70, 60], [200, 60], [120, 230]]]}' http://localhost:8000/read
"""

STATUS = {
    400: "The request is not valid HTTP",
    408: "The body took too long to arrive",
    413: "More bytes, pixels or pictures than are read",
    415: "A format that is not read",
    422: "Nothing could be read",
    503: "Too many requests are waiting: try again in a second",
}


def make(default: Classifier, at_once: int | None = None) -> FastAPI:
    """The application, for an ASGI server.

    default: the network that reads where a request names none. at_once: how many pictures are read at the
    same time; None: one for each core, at most four.
    """
    networks, readers = Networks(default), Readers(at_once or min(os.cpu_count() or 1, 4))
    app = FastAPIOffline(title="Digit Lab", version="1", description=DESCRIPTION, redoc_url=None)
    app.add_middleware(bodies.Bounded)
    _answer_problems(app)
    names = tuple(model_store.shipped())
    problems = {code: {"model": schema.Problem, "description": text} for code, text in STATUS.items()}

    @app.get("/", include_in_schema=False)
    async def start() -> RedirectResponse:
        return RedirectResponse("/docs")

    @app.get("/health", summary="Whether the server answers")
    async def health() -> schema.Health:
        return schema.Health(
            status="ok",
            model=default.name,
            requests=readers.requests,
            most_requests=readers.most_requests,
        )

    @app.get("/models", summary="The available networks")
    async def models() -> list[schema.Model]:
        return [_described(card, default.name) for card in map(model_store.card, names)]

    @app.post(
        "/read",
        summary="Read a picture or a drawing, or several",
        response_model=schema.Answer | list[schema.Answer],
        responses=problems,
        openapi_extra={"requestBody": schema.request_body()},
    )
    async def read(
        request: Request,
        model: Annotated[
            Literal[names] | None, Query(description="The network that reads, one of GET /models.")
        ] = None,
        polarity: Annotated[
            Literal[POLARITIES], Query(description="Whether ink is darker or lighter than its ground.")
        ] = "auto",
    ) -> JSONResponse:
        address = request.client.host if request.client else ""
        async with readers.place(address), bodies.received(request) as (items, several):
            classifier = await readers.do(networks.get, model)
            if not several:
                return JSONResponse(await readers.do(answer, items[0], classifier, polarity))
            answers = []
            for each in items:
                if await request.is_disconnected():  # nobody waits for the rest
                    raise bodies.Gone
                answers.append(await readers.do(_answer_or_error, each, classifier, polarity))
            return JSONResponse(answers)

    return app


def answer(item: bodies.Item, classifier: Classifier, polarity: str) -> dict[str, Any]:
    """The object of `predict --json` for one picture. Raises ImageError or BlankError."""
    grey = bodies.grey(item)
    found = reader.find(grey, classifier, polarity)
    digits = found.digits(classifier.answer(found.pictures), classifier)
    text = text_of(digits, classifier.class_names)
    return record(Row(item.name, digits=digits, text=text, left_out=found.left_out))


def _answer_or_error(item: bodies.Item, classifier: Classifier, polarity: str) -> dict[str, Any]:
    try:
        return answer(item, classifier, polarity)
    except DigitcoreError as error:
        return record(Row(item.name, error=str(error)))


def _described(card: dict[str, Any], default: str) -> schema.Model:
    return schema.Model(
        name=card["name"],
        title=card.get("title") or card["name"],
        default=card["name"] == default,
        class_names=list(card["class_names"]),
        parameters=card["parameters"],
        test_accuracy=card["test"]["accuracy"],
        test_misses=card["test"]["misses"],
        test_pictures=card["test"]["n"],
    )


def _problem(status: int, sentence: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, headers)


def _answer_problems(app: FastAPI) -> None:
    """Every problem is answered by one sentence in the same kind of object; a fault of the program stays a
    500."""

    @app.exception_handler(DigitcoreError)
    async def ours(_: Request, error: DigitcoreError) -> JSONResponse:
        kinds = {TooLargeError: 413, FormatError: 415}
        return _problem(kinds.get(type(error), 422), str(error))

    @app.exception_handler(RequestValidationError)
    async def parameters(_: Request, error: RequestValidationError) -> JSONResponse:
        return _problem(422, bodies.sentence(error.errors()))

    @app.exception_handler(StarletteHTTPException)
    async def http(request: Request, error: StarletteHTTPException) -> JSONResponse:
        asked = f"{request.method} {request.url.path}"
        sentence = f"{error.detail}: {asked} is not answered here, see /docs for what is."
        return _problem(error.status_code, sentence, error.headers)

    @app.exception_handler(bodies.Gone)
    async def gone(_: Request, error: bodies.Gone) -> JSONResponse:
        return _problem(400, "The client has gone.")  # nobody is left to read this

    @app.exception_handler(bodies.Slow)
    async def slow(_: Request, error: bodies.Slow) -> JSONResponse:
        return _problem(408, f"The body took more than {bodies.MOST_SECONDS} seconds to arrive.")

    @app.exception_handler(Busy)
    async def busy(_: Request, error: Busy) -> JSONResponse:
        return _problem(
            503, "Too many requests are waiting: send this one again in a second.", {"Retry-After": "1"}
        )
