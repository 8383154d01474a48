"""Every function of preprocessing and reading says what it takes and what it returns."""

import ast

import pytest

from digitcore.paths import REPOSITORY

FILES = [
    file for wing in ("preprocessing", "reading") for file in (REPOSITORY / "digitcore" / wing).glob("*.py")
]


def missing(function):
    """What a function leaves open: names of parameters, and "return"."""
    arguments = function.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    open_ = [each.arg for each in every if each and not each.annotation and each.arg not in ("self", "cls")]
    return open_ + ([] if function.returns else ["return"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_function_is_annotated(file):
    functions = [
        node
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    assert not {each.name: left for each in functions if (left := missing(each))}


def test_what_is_left_open_is_seen():
    (function,) = ast.parse("def f(self, a, b: int, *c, d=1): ...").body
    assert missing(function) == ["a", "d", "c", "return"]
