"""Small inputs that once came out wrong, each an example of a kind: what is wanted of each comes."""

import numpy as np
import pytest

from benchmarks.as_read import read
from benchmarks.cases import CASES, cases, is_wanted
from digitcore.networks import model_store


@pytest.fixture(scope="module")
def network():
    return model_store.load(model_store.DEFAULT_MODEL)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [pytest.param(name, wanted, id=name) for name, _, wanted in cases()],
)
def test_what_is_wanted_comes(name, wanted, network):
    found, *_ = read((CASES / f"{name}.png").read_bytes(), network)
    assert is_wanted(found, wanted), f"read {found.text!r} {found.error}"


def test_a_digit_s_box_lies_on_it_in_the_whole_picture_though_only_the_sheet_was_read(network):
    _, (digit,), grey = read((CASES / "12-sheet-on-a-dark-table-digit.png").read_bytes(), network)
    x, y, w, h = digit.box
    ink = grey[y : y + h, x : x + w] < 100
    assert ink.any(0).mean() > 0.9 and ink.any(1).mean() > 0.9
    assert np.median(grey[y - 20 : y - 5, x : x + w]) > 200
