"""A page on its side is read as if it stood upright, with its boxes where they lie."""

import numpy as np
import pytest

from digitcore.networks import model_store
from digitcore.reading import reader, turns
from digitcore.reading.budget import Budget, Limits
from digitcore.reading.digit import text_of
from tests.reading.sheets import page


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_box_comes_back_to_where_its_ink_is(quarters):
    grey = np.zeros((40, 70), np.uint8)
    grey[5:15, 20:50] = 1
    turned = np.rot90(grey, quarters)
    rows, columns = np.flatnonzero(turned.any(1)), np.flatnonzero(turned.any(0))
    box = int(columns[0]), int(rows[0]), len(columns), len(rows)
    assert turns.turned_back(box, quarters, grey.shape) == (20, 5, 30, 10)


@pytest.fixture(scope="module")
def default_network():
    return model_store.load(model_store.DEFAULT_MODEL)


@pytest.mark.parametrize("quarters", [0, 1, 3])
def test_a_page_is_read_whichever_side_it_lies_on(quarters, default_network, clear):
    grey = page(clear, ["24537", "57342"])
    lying = np.ascontiguousarray(np.rot90(grey, -quarters))
    found = reader.find(lying, default_network)
    assert text_of(found.several, default_network.class_names) == "24537\n57342"
    assert found.turns == quarters
    x, y, w, h = found.several[0].box
    assert (lying[y : y + h, x : x + w] < 128).any()
    assert x + w <= lying.shape[1] and y + h <= lying.shape[0]


def test_a_page_on_its_side_that_is_too_much_to_cut_is_turned_by_its_whole_characters(default_network, clear):
    rows = ["245735724", "573422457", "342457357"]
    lying = np.ascontiguousarray(np.rot90(page(clear, rows), -1))
    few = Limits(pieces=150)
    upright = reader.find(page(clear, rows), default_network, budget=Budget(limits=few))
    assert upright.turns == 0
    found = reader.find(lying, default_network, budget=Budget(limits=few))
    assert found.turns == 1
    assert text_of(found.several, default_network.class_names) == "\n".join(rows)


def test_each_turn_of_a_page_on_its_side_may_take_as_much_as_the_page(default_network, clear):
    rows = ["24573", "57342", "34257"]
    lying = np.ascontiguousarray(np.rot90(page(clear, rows), -1))
    enough_for_one = Budget(limits=Limits(characters=20))
    found = reader.find(lying, default_network, budget=enough_for_one)
    assert found.turns == 1
    assert text_of(found.several, default_network.class_names) == "\n".join(rows)
