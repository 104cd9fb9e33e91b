"""What goes over the wire of second factors and passkeys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kbchat.web.shapes import Shape


class AppRow(Shape):
    added_at: datetime
    last_used_at: datetime


class PasskeyRow(Shape):
    id: UUID
    name: str
    added_at: datetime
    last_used_at: datetime | None


class Factors(Shape):
    """`codes_left`: recovery codes that were not used; None: there is nothing to recover. `is_allowed`: whether he may
    have second factors here, which takes a password. `takes_passkeys`: at the address by which this was asked.
    `is_proved`: whether he may change them now, without showing again who he is."""

    app: AppRow | None
    passkeys: list[PasskeyRow]
    codes_left: int | None
    is_allowed: bool
    takes_passkeys: bool
    is_proved: bool


class AppOffer(Shape):
    """For an authenticator app: `address` is what its QR code says, and `path` draws it, black on white, in a square of
    `size` units (the `d` of an SVG path). `sealed` is sent back with the app's first code."""

    secret: str
    address: str
    size: int
    path: str
    sealed: str


class NewCodes(Shape):
    """Shown this once. None: those that he has go on."""

    codes: list[str] | None


class PasskeyOptions(Shape):
    """For `navigator.credentials`, as JSON."""

    options: dict[str, Any]
