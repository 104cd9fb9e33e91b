"""The sample company as its manifest tells it (deploy/sample_company/manifest.toml)."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kbchat.settings.environment import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "deploy" / "sample_company"


@dataclass(frozen=True, slots=True)
class SamplePerson:
    email: str
    name: str
    job: str
    groups: tuple[str, ...]
    language: str
    is_administrator: bool


@dataclass(frozen=True, slots=True)
class SampleGrant:
    """`group` is empty for everyone."""

    group: str
    role: str


@dataclass(frozen=True, slots=True)
class SampleVersion:
    file: Path
    effective_from: date
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class SampleDocument:
    title: str
    source_path: str
    versions: tuple[SampleVersion, ...]
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class SampleCollection:
    name: str
    description: str
    grants: tuple[SampleGrant, ...]
    documents: tuple[SampleDocument, ...]


@dataclass(frozen=True, slots=True)
class SampleCompany:
    name: str
    people: tuple[SamplePerson, ...]
    collections: tuple[SampleCollection, ...]

    @property
    def administrator(self) -> SamplePerson:
        return next(person for person in self.people if person.is_administrator)


def read_sample_company(folder: Path = FOLDER) -> SampleCompany:
    """Raises FileNotFoundError, tomllib.TOMLDecodeError or KeyError: the manifest is part of the program."""
    told = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    return SampleCompany(
        name=told["company"]["name"],
        people=tuple(
            SamplePerson(
                email=person["email"],
                name=person["name"],
                job=person["job"],
                groups=tuple(person["groups"]),
                language=person["language"],
                is_administrator=person["is_administrator"],
            )
            for person in told["people"]
        ),
        collections=tuple(_collection(folder, collection, told) for collection in told["collections"]),
    )


def _collection(folder: Path, collection: dict[str, Any], told: dict[str, Any]) -> SampleCollection:
    return SampleCollection(
        name=collection["name"],
        description=collection["description"],
        grants=tuple(SampleGrant(grant.get("group", ""), grant["role"]) for grant in collection["grants"]),
        documents=tuple(
            SampleDocument(
                title=document["title"],
                source_path=document["versions"][0]["file"],
                versions=tuple(_version(folder, version) for version in document["versions"]),
            )
            for document in told["documents"]
            if document["collection"] == collection["slug"]
        ),
    )


def _version(folder: Path, version: dict[str, str]) -> SampleVersion:
    expires_on = version.get("expires_on")
    return SampleVersion(
        file=folder / version["file"],
        effective_from=date.fromisoformat(version["effective_from"]),
        expires_on=date.fromisoformat(expires_on) if expires_on else None,
    )
