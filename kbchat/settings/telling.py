"""What every setting is, where it comes from, and no secret."""

import os
from dataclasses import dataclass
from typing import Literal

from pydantic import AliasChoices, SecretStr

from kbchat.core.addresses import without_password
from kbchat.settings.environment import Environment

_OWN = frozenset({"process", "embedded_postgres"})
"""Set by kbchat itself."""


@dataclass(frozen=True, slots=True)
class ToldSetting:
    """`value`: as it is in force, "" for one without; secrets show only whether there is one (`is_secret`)."""

    name: str
    value: str
    origin: Literal["environment", "default"]
    is_secret: bool


def told_settings(environment: Environment) -> list[ToldSetting]:
    """All that an operator can make, in the order of their definition."""
    return [_told(environment, name) for name in Environment.model_fields if name not in _OWN]


def _told(environment: Environment, name: str) -> ToldSetting:
    alias = Environment.model_fields[name].validation_alias
    variable = str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"KBCHAT_{name.upper()}"
    value = getattr(environment, name)
    is_secret = isinstance(value, SecretStr) or "SecretStr" in str(Environment.model_fields[name].annotation)
    return ToldSetting(
        name=variable,
        value="" if is_secret and not _is_set(value) else "•••" if is_secret else _shown(value),
        origin="environment" if os.environ.get(variable) else "default",
        is_secret=is_secret,
    )


def _is_set(value: object) -> bool:
    if isinstance(value, SecretStr):
        return bool(value.get_secret_value())
    return bool(value)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key}: •••" for key in value)  # a store's own options may hold its secret
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return without_password(str(value))
