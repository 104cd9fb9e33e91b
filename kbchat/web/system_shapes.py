"""What goes over the wire of the system's own state."""

from typing import Literal

from kbchat.operating.health import State
from kbchat.web.shapes import Shape


class Check(Shape):
    """`name`: of the part; the page has the sentences. `facts` are filled into them."""

    name: str
    state: State
    facts: dict[str, str]


class Setting(Shape):
    """`value`: "" where there is none; of a secret only whether there is one."""

    name: str
    value: str
    origin: Literal["environment", "default"]
    is_secret: bool
