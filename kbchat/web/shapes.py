"""What goes over the wire, as pydantic models: the truth from which openapi.json and the page's types are made.

Names are those of the use cases' rows; sentences are added here, in the reader's language.
"""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, field_validator

from kbchat.accounts import models as accounts
from kbchat.core.typed_text import storable
from kbchat.core.viewer import KeyScope

Language = Literal["en", "zh-hans"]
Role = Literal["reader", "editor", "owner"]
PrincipalKind = Literal["user", "group", "everyone"]
Keeper = Literal["local", "directory"]


class Shape(BaseModel):
    """Read from a row's attributes."""

    model_config = ConfigDict(from_attributes=True)


class Body(BaseModel):
    """Sent by a client: a field that nobody knows is refused, never ignored. Text comes in as it can be stored."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _as_it_can_be_stored(cls, value: object) -> object:
        return storable(value) if isinstance(value, str) else value


class Person(Shape):
    id: UUID
    name: str
    email: str
    language: Language
    is_administrator: bool
    is_auditor: bool


class SecondFactorWays(Shape):
    """What finishes a sign-in whose password was right. A recovery code does, always."""

    app: bool
    passkey: bool


class Session(Shape):
    """`generating`: a language model writes the answers; otherwise they are quotes. `single_sign_on`: what the identity
    provider is called, where there is one. `takes_passkeys`: at the address by which this was asked. `second_factor`:
    the password was right, and this is still to come. `must_add_factor`: nothing opens before he has added one."""

    person: Person | None
    generating: bool
    model: str | None
    setup_open: bool
    single_sign_on: str | None
    takes_passkeys: bool
    second_factor: SecondFactorWays | None
    must_add_factor: bool


class WayThere(Shape):
    """An address at the identity provider."""

    address: str


class OpenSession(Shape):
    """A browser in which the reader is signed in. `browser` and `system` are "" where it does not say."""

    id: UUID
    browser: str
    system: str
    opened_at: datetime
    last_seen_at: datetime
    is_this: bool


class ApiKey(Shape):
    """`collection_ids` None: all that its owner may read. `last_used_on`: a day in UTC."""

    id: UUID
    name: str
    scopes: list[KeyScope]
    collection_ids: list[UUID] | None
    created_at: datetime
    expires_at: datetime
    last_used_on: date | None

    @classmethod
    def of(cls, key: accounts.ApiKey) -> "ApiKey":
        fields: dict[str, Any] = {
            name: getattr(key, name) for name in cls.model_fields if name != "collection_ids"
        }
        return cls(**fields, collection_ids=key.collections)


class NewApiKey(ApiKey):
    """`key` is shown this once."""

    key: str


class Group(Shape):
    """`source`: who keeps it, people here or the company's directory."""

    id: UUID
    name: str
    source: Keeper
    members: int


class Principal(Shape):
    kind: PrincipalKind
    id: UUID | None
    name: str


class Grant(Shape):
    id: UUID
    principal: Principal
    role: Role
