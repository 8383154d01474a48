"""Modules that take seconds to import, TensorFlow above all: imported when a test first uses them, because
each process of a test run reads all files of tests, and runs few of them."""

from __future__ import annotations

import importlib
from typing import Any


class Module:
    """Stands for a module: what is read of it and set on it, is read of and set on the module itself."""

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith(("__", "_pytest", "pytest", "_mock")):  # pytest asks what it is
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)

    def __setattr__(self, attribute: str, value: Any) -> None:
        setattr(importlib.import_module(self._name), attribute, value)

    def __delattr__(self, attribute: str) -> None:
        delattr(importlib.import_module(self._name), attribute)
