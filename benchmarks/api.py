"""python -m benchmarks.api [--quick]

The HTTP API under the load of a class: 30 clients on this machine.
Each client sends a drawing, waits for its answer and sends the next; then all do the same with PNG files.
Prints requests a second, the median and the 95th percentile of the waiting times, and the server's memory.
Ends after a number of requests or seconds, whichever comes first. The clients use part of the same cores.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
import psutil

from benchmarks.support import driving, record
from digitcore import datasets, paths
from digitcore.preprocessing import drawing

CLIENTS = 30
REQUESTS, SECONDS = 3_000, 40.0
"""For each kind of request, all clients together."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--quick", action="store_true", help="200 requests of each kind; only prints")
    quick = parser.parse_args().quick
    requests = 200 if quick else REQUESTS
    with server() as (port, process):
        ask_all(port, drawings(), 2 * CLIENTS)  # first answers load the networks
        idle = process.memory_info().rss
        figures = {
            name: ask_all(port, bodies, requests)
            for name, bodies in {"drawings": drawings(), "pictures": pictures()}.items()
        }
        figures |= {
            "clients": CLIENTS,
            "megabytes_before": idle / 1e6,
            "megabytes_after": process.memory_info().rss / 1e6,
        }
    for name in ("drawings", "pictures"):
        row = figures[name]
        print(
            f"{name:9} {row['requests']:,} requests, {row['failed']} failed: {row['a_second']:.0f} a second; "
            f"median {row['median_ms']:.0f}, p95 {row['p95_ms']:.0f}, longest {row['longest_ms']:.0f} ms"
        )
    print(f"server    {figures['megabytes_before']:.0f} MB, then {figures['megabytes_after']:.0f} MB")
    if not quick:
        print("Kept in", record.write("api", "python -m benchmarks.api", figures))
    return 1 if any(figures[name]["failed"] for name in ("drawings", "pictures")) else 0


@contextlib.contextmanager
def server() -> Iterator[tuple[int, psutil.Process]]:
    """`python -m digitcore serve` with its defaults, until the block ends."""
    port = driving.free_port()
    command = [sys.executable, "-m", "digitcore", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=paths.REPOSITORY, stderr=subprocess.DEVNULL)
    try:
        end = time.perf_counter() + 60
        while True:
            with contextlib.suppress(OSError):
                http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
                break
            if process.poll() is not None or time.perf_counter() > end:
                raise RuntimeError("The server did not start.")
            time.sleep(0.05)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def drawings() -> list[tuple[str, bytes]]:
    """Content type and body of each digit of `driving.STROKES`."""
    return [
        ("application/json", json.dumps({"strokes": strokes}).encode())
        for strokes in driving.STROKES.values()
    ]


def pictures() -> list[tuple[str, bytes]]:
    """Validation digits as somebody would send them: PNG, dark on light, of the size of the canvas."""
    images, _ = datasets.load("mnist", "validation")
    large = [cv2.resize(255 - image, (drawing.SIDE, drawing.SIDE)) for image in images[:20]]
    return [("image/png", cv2.imencode(".png", image)[1].tobytes()) for image in large]


def ask_all(port: int, bodies: list[tuple[str, bytes]], requests: int) -> dict[str, float]:
    """What `CLIENTS` clients see that share `requests` requests; each waits for an answer before it sends the
    next."""
    waits: list[float] = []
    failed = 0
    lock = threading.Lock()
    numbers = iter(range(requests))
    end = time.perf_counter() + SECONDS

    def client() -> None:
        nonlocal failed
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None or time.perf_counter() > end:
                return
            kind, body = bodies[number % len(bodies)]
            start = time.perf_counter()
            connection.request("POST", "/read", body, {"Content-Type": kind})
            answer = connection.getresponse()
            content = answer.read()
            wait = time.perf_counter() - start
            with lock:
                waits.append(wait)
                failed += answer.status != 200 or not json.loads(content)["digits"]

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    milliseconds = 1000 * np.array(waits)
    return {
        "requests": len(waits),
        "failed": failed,
        "a_second": len(waits) / (time.perf_counter() - start),
        "median_ms": float(np.median(milliseconds)),
        "p95_ms": float(np.percentile(milliseconds, 95)),
        "longest_ms": float(milliseconds.max()),
    }


if __name__ == "__main__":
    sys.exit(main())
