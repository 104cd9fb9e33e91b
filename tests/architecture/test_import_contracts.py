"""The lists of the import contracts hold every room: who opens another places it in each of them, or names it here."""

import tomllib
from collections.abc import Mapping
from typing import Any, Final

import pytest

from kbchat.settings.environment import PROJECT_ROOT

ROOMS_LEFT_OUT: Final[Mapping[str, set[str]]] = {
    "Settings are read where processes are put together, and nowhere below": {
        "kbchat.asgi",
        "kbchat.cli",
        "kbchat.composition",
        "kbchat.settings",
    },
    # Adapters stand beside their ports; of those in retrieval, retrieval itself must not know.
    "Adapters are built in the composition root alone": {
        "kbchat.composition",
        "kbchat.inference",
        "kbchat.scanning",
    },
    "Model libraries are known to inference alone": {"kbchat.inference"},
    # The doorbell is kbchat.core.jobs.
    "Celery is known to workers and to the doorbell alone": {"workers", "kbchat.core"},
    "Rows of chunks and vectors are touched where they are made, searched and kept up, and nowhere else": {
        "kbchat.ingestion",
        "kbchat.indexing",
        "kbchat.retrieval",
        "kbchat.library",
        "kbchat.rebuilding",
        "kbchat.upkeep",
    },
}
# Of these rooms something is said that holds for them and for no others.
ABOUT_SOME_ROOMS: Final = {
    "Imports point downward; rooms on one floor do not know each other",
    "Answering, parsing, analysis, inference, chunking and the kinds of sources are plain Python",
    "Answering sees retrieval's port and nothing else of it",
    "Workers call services and touch no models",
    "The web speaks to use cases",
}


def rooms() -> set[str]:
    inside = {
        f"kbchat.{path.stem}"
        for path in (PROJECT_ROOT / "kbchat").iterdir()
        if path.stem != "__init__" and (path.suffix == ".py" or (path / "__init__.py").exists())
    }
    return inside | {"workers"}


def contracts() -> dict[str, Any]:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    return {each["name"]: each for each in project["tool"]["importlinter"]["contracts"]}


def test_every_contract_is_one_of_all_rooms_or_of_some() -> None:
    assert contracts().keys() == ROOMS_LEFT_OUT.keys() | ABOUT_SOME_ROOMS


@pytest.mark.parametrize("name", sorted(ROOMS_LEFT_OUT))
def test_a_contract_of_all_rooms_lists_all_but_those_left_out(name: str) -> None:
    listed = contracts()[name]["source_modules"]
    assert len(listed) == len(set(listed))
    assert set(listed) == rooms() - ROOMS_LEFT_OUT[name]


def test_the_floors_hold_every_room() -> None:
    (floors,) = (each["layers"] for each in contracts().values() if each["type"] == "layers")
    placed = [room.strip() for floor in floors for room in floor.split("|")]
    assert len(placed) == len(set(placed))
    # Settings stand on no floor: who may read them is a contract of its own.
    assert set(placed) == rooms() - {"kbchat.settings"}
