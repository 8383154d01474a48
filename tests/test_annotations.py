"""Every function of preprocessing and reading says what it takes and returns, and the shape of arrays."""

import ast
import re

import pytest

from digitcore.paths import REPOSITORY

WINGS = "preprocessing", "reading"
FILES = [file for wing in WINGS for file in sorted((REPOSITORY / "digitcore" / wing).glob("*.py"))]

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")


def functions(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def missing(function):
    """What a function leaves open: names of parameters, and "return"."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    open_ = [each.arg for each in every if each and not each.annotation and each.arg not in ("self", "cls")]
    return open_ + ([] if function.returns else ["return"])


def has_arrays(function):
    """Whether a function takes or gives arrays."""
    annotations = [each.annotation for each in (*function.args.args, *function.args.kwonlyargs)]
    return any("ndarray" in ast.unparse(each) for each in (*annotations, function.returns) if each)


def says_a_shape(function):
    """Whether the docstring has a shape in it, such as (n, 28, 28) or (h,)."""
    return bool(re.search(r"\(\w+(, [\w +/]+)*,?\)", ast.get_docstring(function) or ""))


@each_file
def test_every_function_is_annotated(file):
    assert not {each.name: left for each in functions(file) if (left := missing(each))}


@each_file
def test_every_function_of_arrays_says_their_shape(file):
    assert [each.name for each in functions(file) if has_arrays(each) and not says_a_shape(each)] == []


def test_missing_annotations_are_found():
    (function,) = ast.parse("def f(self, a, b: int, *c, d=1): ...").body
    assert missing(function) == ["a", "d", "c", "return"]


@pytest.mark.parametrize(
    ("said", "shape"), [("a (n,) bool", True), ("(h, w) uint8", True), ("arrays", False)]
)
def test_a_shape_is_seen(said, shape):
    (function,) = ast.parse(f"def f(a: np.ndarray) -> int:\n    '{said}'").body
    assert has_arrays(function)
    assert says_a_shape(function) == shape
