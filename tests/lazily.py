"""Modules that take seconds to import, TensorFlow above all: imported when a test first uses them, because
each process of a test run reads all files of tests, and runs few of them."""

from __future__ import annotations

import importlib
from typing import Any


class Module:
    """Stands for a module, to be read from. (What is set on it, a test sets by the module's full name.)"""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith(("__", "_pytest", "pytest", "_mock")):  # pytest asks what it is
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)
