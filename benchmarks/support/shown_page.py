"""What a visitor of the app sees: the elements that the server has sent, by what they are."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState


@dataclass
class Page:
    """What the visitor sees.

    elements: by their place on the page. states: of widgets that were touched, by their ids. boxes: ids of
    those that open and close.
    """

    script_hash: str = ""
    elements: dict[tuple[int, ...], Any] = field(default_factory=dict)
    boxes: set[str] = field(default_factory=set)
    fragments: dict[str, str] = field(default_factory=dict)  # widget id -> its fragment
    polled: dict[str, float] = field(default_factory=dict)  # fragment id -> seconds between two runs
    states: dict[str, WidgetState] = field(default_factory=dict)

    def headings(self) -> list[str]:
        """The largest headings of the page, unchanged; the answer to a drawing is the last."""
        shown = [each for each in self.elements.values() if each.WhichOneof("type") == "heading"]
        titles = [element.heading.body for element in shown if element.heading.tag == "h1"]
        for element in self.elements.values():
            if is_answer(element):
                rows = json.loads(element.bidi_component.json)["word"]["rows"]
                titles += [large + small for large, small in rows]
        return titles

    def alerts(self) -> list[str]:
        """The sentences of errors and warnings that the page shows."""
        shown = self.elements.values()
        return [element.alert.body for element in shown if element.WhichOneof("type") == "alert"]

    def texts(self) -> list[str]:
        """All other text on the page."""
        shown = self.elements.values()
        return [element.markdown.body for element in shown if element.WhichOneof("type") == "markdown"]

    def numbered(self, key: str) -> str:
        """The widget whose key is `key` and a number, which the app increments to begin with a new one.
        KeyError."""
        for number in range(1000):
            if self.has(f"{key}{number}"):
                return f"{key}{number}"
        raise KeyError(f"The page has no widget {key}0, {key}1, …")

    def has(self, key: str) -> bool:
        """Whether the page has this widget."""
        with contextlib.suppress(KeyError):
            return bool(self.id_of(key))
        return False

    def id_of(self, key: str) -> str:
        """The id of the widget or box with this key, or of the button with this label. KeyError."""
        if box := next((number for number in self.boxes if number.endswith(f"-{key}")), ""):
            return box
        for element in self.elements.values():
            widget = getattr(element, element.WhichOneof("type"))
            number = getattr(widget, "id", "")
            if number.endswith(f"-{key}") or (number and getattr(widget, "label", None) == key):
                return number
        raise KeyError(f"The page has no widget {key}.")

    def ground(self, key: str) -> str:
        """The background that the page gives the canvas with this key. KeyError."""
        number = self.id_of(key)
        shown = [each.bidi_component for each in self.elements.values()]
        return next(json.loads(each.json)["backgroundColor"] for each in shown if each.id == number)

    def state(self, key: str, value: dict[str, Any]) -> WidgetState:
        """What a widget sends when it takes this value, e.g. {"bool_value": True}."""
        state = WidgetState(id=self.id_of(key))
        for name, content in value.items():
            if name == "string_array_value":
                state.string_array_value.data.extend(content)
            else:
                setattr(state, name, content)
        return state


def is_answer(element: Any) -> bool:
    """Whether this is where Draw shows its answer."""
    return element.bidi_component.component_name == "digitlab_draw_answer"
