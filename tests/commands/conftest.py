"""What tests of commands share: the command line in this process, and a picture for it."""

import pytest
from PIL import Image

from digitcore import __main__ as command_line
from tests.commands.asking import seven_on


@pytest.fixture
def cli(capsys):
    """Runs a command line; gives its exit code, stdout and stderr."""

    def run(*arguments):
        try:
            code = command_line.main([str(argument) for argument in arguments])
        except SystemExit as leave:  # argparse
            code = leave.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def seven(tmp_path):
    path = tmp_path / "seven.png"
    seven_on(Image.new("L", (200, 150), 250)).save(path)
    return path
