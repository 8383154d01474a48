"""Asks an ASGI app for a path, as a server would, and collects its answer."""

from starlette.datastructures import Headers

from tests import event_loop


class Reply:
    """A response: its headers, and its body put together."""

    def __init__(self, messages):
        start, *bodies = messages
        self.headers = Headers(raw=start["headers"])
        self.body = b"".join(message["body"] for message in bodies)


def ask(app, path, method="GET", **headers):
    """The reply to a request with these headers ("_" in their names stands for "-")."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": b""}
    scope["asgi"] = {"spec_version": "2.4"}  # by which a stream does not wait for the client to leave
    messages = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        messages.append(message)

    event_loop.run(app(scope, receive, send))
    return Reply(messages)
