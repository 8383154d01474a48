"""What tests of commands ask with and read answers by."""

import json
import subprocess
import sys

from PIL import ImageDraw

from digitcore.paths import REPOSITORY

KEYS = {"file", "text", "digits", "left_out", "note", "error"}


def seven_on(page):
    ImageDraw.Draw(page).line([(60, 30), (120, 30), (85, 120)], fill=20, width=9)
    return page


def lines_of(output):
    return [json.loads(line) for line in output.splitlines()]


def python(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
