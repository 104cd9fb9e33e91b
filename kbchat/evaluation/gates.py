"""Bars that figures are held to: "citation_precision>=.9", "false_answers<=.15"."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from kbchat.core.errors import Invalid

_WRITTEN: Final = re.compile(r"\s*(?P<name>[a-z0-9_]+)\s*(?P<sense><=|>=)\s*(?P<bar>\d*\.?\d+)\s*")


@dataclass(frozen=True, slots=True)
class Gate:
    name: str
    is_floor: bool
    bar: float

    def holds(self, figures: Mapping[str, float | None]) -> bool:
        """A figure that nothing was measured for holds no bar."""
        value = figures[self.name]
        if value is None:
            return False
        return value >= self.bar if self.is_floor else value <= self.bar

    def __str__(self) -> str:
        return f"{self.name}{'>=' if self.is_floor else '<='}{self.bar:g}"


def read_gate(written: str, names: Collection[str]) -> Gate:
    """Raises Invalid("gate_unreadable") for what is none, and for a figure that there is not."""
    match = _WRITTEN.fullmatch(written)
    if match is None or match["name"] not in names:
        raise Invalid("gate_unreadable", gate=written)
    return Gate(match["name"], match["sense"] == ">=", float(match["bar"]))
