"""The HTTP API as programs use it: a real server, the answers of `predict --json`, no 500 by any body."""

import http.client
import io
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
from PIL import Image

from benchmarks.support import driving
from digitcore import paths
from tests import lazily

bodies = lazily.Module("digitcore.api.bodies")
readers = lazily.Module("digitcore.api.readers")
schema = lazily.Module("digitcore.api.schema")

STROKES = [[list(point) for point in stroke] for stroke in driving.STROKES[7]]
SAMPLES = [
    "samples/four-or-nine.png",
    "samples/seven-with-a-bar.png",
    *(f"samples/{path.name}" for path in sorted(paths.SAMPLES.glob("*.jpg"))),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    port = driving.free_port()
    log = tmp_path_factory.mktemp("serve") / "log.txt"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "digitcore", "serve", "--port", str(port), "--at-once", "2"]
        process = subprocess.Popen(command, cwd=paths.REPOSITORY, stdout=output, stderr=output)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        assert process.poll() is None, log.read_text()
        assert "Traceback" not in log.read_text()
    finally:
        process.terminate()
        process.wait(60)


def asked(url, body=None, kind="", method=None, **headers):
    """Status and JSON of one request."""
    headers = headers | ({"Content-Type": kind} if kind else {})
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def form(files):
    """Body and content type of a form: (name, bytes) each."""
    line = "----between"
    parts = [
        f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, data in files
    ]
    return b"".join(parts) + f"--{line}--\r\n".encode(), f"multipart/form-data; boundary={line}"


def strokes(content):
    return json.dumps(content).encode(), "application/json"


def one_sentence(answer):
    assert set(answer) == {"error"}
    assert answer["error"].endswith(".") and "\n" not in answer["error"]
    return answer["error"]


@pytest.fixture(scope="module")
def predicted():
    """What the command line says of the samples."""
    command = [sys.executable, "-m", "digitcore", "predict", *SAMPLES, "README.md", "--json"]
    done = subprocess.run(command, cwd=paths.REPOSITORY, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_several_files_are_answered_as_predict_does_in_their_order_and_nothing_is_lost(url, predicted):
    names = [*SAMPLES, "README.md"]
    body, kind = form([(name, (paths.REPOSITORY / name).read_bytes()) for name in names])
    assert asked(f"{url}/read", body, kind) == (200, predicted)
    assert predicted[-1]["error"]


@pytest.mark.parametrize("charset", ["UTF-8", "us-ascii", "latin1"])
def test_a_form_may_say_what_its_names_are_written_in(url, charset):
    status, (answer,) = asked(f"{url}/read", *form_in(charset, b"seven.png"))
    assert (status, answer["file"], answer["text"]) == (200, "seven.png", "7")


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "image/x-whatever"])
def test_a_picture_as_the_body_is_answered_by_one_object(url, predicted, kind):
    status, answer = asked(f"{url}/read", (paths.REPOSITORY / SAMPLES[1]).read_bytes(), kind)
    assert status == 200
    assert answer | {"file": SAMPLES[1]} == predicted[1]


def test_strokes_are_drawn_and_read_one_drawing_or_several(url):
    status, answer = asked(f"{url}/read", *strokes({"strokes": STROKES}))
    assert (status, answer["text"], answer["error"]) == (200, "7", None)
    empty = {"strokes": [[[5, 5]]], "pen": 1}
    status, answers = asked(f"{url}/read", *strokes({"drawings": [{"strokes": STROKES}, empty]}))
    assert status == 200
    assert [each["text"] for each in answers] == ["7", ""]
    assert answers[1]["error"]


def test_another_network_reads_where_one_is_named(url):
    default = asked(f"{url}/read", *strokes({"strokes": STROKES}))[1]
    other = asked(f"{url}/read?model=mlp-128-128", *strokes({"strokes": STROKES}))[1]
    assert default["digits"][0]["probabilities"] != other["digits"][0]["probabilities"]
    status, models = asked(f"{url}/models")
    assert status == 200
    assert [each["name"] for each in models if each["default"]] == ["digitnet"]
    assert "mlp-128-128" in {each["name"] for each in models}


def png(grey):
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


def form_in(charset, name):
    """A form of a picture whose name is written in that encoding."""
    body, kind = form([("name", (paths.REPOSITORY / SAMPLES[1]).read_bytes())])
    return body.replace(b'filename="name"', b'filename="' + name + b'"'), f"{kind}; charset={charset}"


def too_many():
    return form([(f"{n}.png", b"") for n in range(schema.MOST_PICTURES + 1)])


REFUSED = {
    "more bytes than a picture may have": (413, lambda: (bytes(33 * 2**20), "image/png")),
    "more bytes than a request may have": (413, lambda: (bytes(bodies.MOST_BYTES + 1), "image/png")),
    "more pixels": (413, lambda: (png(np.zeros((9_000, 12_000), np.uint8)), "image/png")),
    "more pictures": (413, too_many),
    "more points": (413, lambda: strokes({"strokes": [[[1, 1]] * 20_001]})),
    "a type that is not read": (415, lambda: (b"seven", "text/plain")),
    "a file that is not read": (415, lambda: (b"%PDF-1.7 and so on", "image/png")),
    "names of half characters": (415, lambda: form_in("utf-7", b"+2AA-")),
    "names of escapes": (415, lambda: form_in("raw_unicode_escape", b"\\ud800")),
    "names that cannot be decoded": (415, lambda: form_in("punycode", b"a-\xff99")),
    "names in nothing that there is": (415, lambda: form_in("klingon", b"a")),
    "a damaged picture": (422, lambda: ((paths.REPOSITORY / SAMPLES[0]).read_bytes()[:200], "image/png")),
    "an empty picture": (422, lambda: (b"", "image/png")),
    "blank paper": (422, lambda: (png(np.full((99, 99), 255, np.uint8)), "image/png")),
    "no JSON": (422, lambda: (b"{", "application/json")),
    "no strokes": (422, lambda: strokes({"strokes": []})),
    "a pen of no width": (422, lambda: strokes({"strokes": STROKES, "pen": 0})),
    "a point of words": (422, lambda: strokes({"strokes": [[["a", "b"]]]})),
    "a point beyond all papers": (422, lambda: strokes({"strokes": [[[1e9, 1]]]})),
    "deep JSON": (422, lambda: (b"[" * 100_000, "application/json")),
    "a form without files": (422, lambda: form([])),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_read_is_refused_in_one_sentence(url, what):
    expected, made = REFUSED[what]
    status, answer = asked(f"{url}/read", *made())
    assert status == expected, answer
    assert ("This request" in one_sentence(answer)) == ("a request" in what)


def test_a_picture_that_was_not_read_to_its_end_has_more_bytes_than_are_read(url):
    answer = asked(f"{url}/read", bytes(40 * 2**20), "image/png")[1]
    assert "has more than 32 MB, at most 32 MB are read" in one_sentence(answer)


def test_wrong_parameters_and_paths_get_one_sentence(url):
    for query in ("model=resnet", "polarity=purple"):
        status, answer = asked(f"{url}/read?{query}", *strokes({"strokes": STROKES}))
        assert status == 422
        assert query.partition("=")[0] in one_sentence(answer)
    assert asked(f"{url}/nothing")[0] == 404
    status, answer = asked(f"{url}/read", method="GET")
    assert status == 405
    one_sentence(answer)
    status, answer = asked(f"{url}/read", b"x", "image/png", **{"Content-Encoding": "gzip"})
    assert status == 415
    one_sentence(answer)


def half_sent(url):
    """A client that has sent the beginning of a picture."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    connection.putrequest("POST", "/read")
    connection.putheader("Content-Type", "image/png")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders(b"\x89PNG")
    return connection


def waiting(url, wanted):
    """How many requests are being answered, as soon as it is that many, or after five minutes."""
    end = time.monotonic() + 300
    while (found := asked(f"{url}/health")[1]["requests"]) != wanted and time.monotonic() < end:
        time.sleep(0.02)
    return found


def test_a_client_that_goes_away_in_the_middle_leaves_no_trace(url):
    connection = half_sent(url)
    assert waiting(url, 1) == 1
    connection.close()
    assert waiting(url, 0) == 0


def test_beyond_so_many_requests_of_one_address_the_next_is_told_to_come_again(url):
    clients = [half_sent(url) for _ in range(readers.MOST_REQUESTS // 2)]
    assert waiting(url, readers.MOST_REQUESTS // 2) == readers.MOST_REQUESTS // 2
    with pytest.raises(urllib.error.HTTPError) as caught:
        body, kind = strokes({"strokes": STROKES})
        urllib.request.urlopen(urllib.request.Request(f"{url}/read", body, {"Content-Type": kind}))
    assert (caught.value.code, caught.value.headers["Retry-After"]) == (503, "1")
    one_sentence(json.load(caught.value))
    for client in clients:
        client.close()
    assert waiting(url, 0) == 0
    assert asked(f"{url}/read", *strokes({"strokes": STROKES}))[0] == 200


def test_the_page_that_describes_it_needs_no_other_server(url):
    with urllib.request.urlopen(f"{url}/") as answer:
        page = answer.read().decode()
    assert "swagger-ui" in page
    assert "https://" not in page
    script = page.split('src="')[1].split('"')[0]
    assert len(urllib.request.urlopen(f"{url}{script}").read()) > 100_000


def test_no_request_that_the_schema_allows_or_forbids_is_a_500(url):
    import schemathesis
    from hypothesis import HealthCheck, given, settings
    from schemathesis import GenerationMode, checks

    described = schemathesis.openapi.from_url(f"{url}/openapi.json")
    wanted = [
        checks.not_a_server_error,
        checks.CHECKS.get_one("status_code_conformance"),
        checks.CHECKS.get_one("content_type_conformance"),
        checks.CHECKS.get_one("response_schema_conformance"),
    ]
    asked_for = {}

    def holds(case):
        response = case.call(timeout=60)
        case.validate_response(response, checks=wanted)
        asked_for.setdefault(case.operation.label, []).append(response.status_code)

    for result in described.get_all_operations():
        operation = result.ok()
        takes_something = operation.label == "POST /read"
        for mode in list(GenerationMode) if takes_something else [GenerationMode.POSITIVE]:
            examples = settings(
                max_examples=60 if takes_something else 2,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            examples(given(operation.as_strategy(mode))(holds))()
    assert set(asked_for) == {"GET /health", "GET /models", "POST /read"}
    assert {200, 422} <= set(asked_for["POST /read"])


ALONE = """
import asyncio, json, sys
import numpy as np
from digitcore.api import app
from digitcore.networks import model_store
made = app.make(model_store.load())
body = json.dumps({"strokes": %s}).encode()
sent = []
async def receive():
    return {"type": "http.request", "body": body}
async def send(message):
    sent.append(message)
scope = {"type": "http", "method": "POST", "path": "/read", "query_string": b"", "http_version": "1.1",
         "headers": [(b"content-type", b"application/json")], "root_path": "", "scheme": "http"}
asyncio.run(made(scope, receive, send))
print(sent[1]["body"].decode())
print("loaded", sorted({"tensorflow", "keras", "streamlit"} & set(sys.modules)))
"""


def test_the_server_loads_neither_tensorflow_nor_streamlit():
    done = subprocess.run(
        [sys.executable, "-c", ALONE % STROKES],
        cwd=paths.REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(paths.REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert '"text":"7"' in done.stdout
    assert "loaded []" in done.stdout
