"""Every package of pyproject.toml and of deploy/vllm stands in docs/dependencies.md with its reason, and no other."""

import re
import tomllib

from kbchat.settings.environment import PROJECT_ROOT

_NAME = re.compile(r"^[A-Za-z0-9_.-]+")
_ROW = re.compile(r"^\| `([^`]+)` \| (.+) \|$", re.MULTILINE)


def packages_of_the_project() -> set[str]:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    listed = [*project["project"]["dependencies"]]
    for group in project["dependency-groups"].values():
        listed += group
    listed += (PROJECT_ROOT / "deploy" / "vllm" / "requirements.txt").read_text().splitlines()
    return {found.group().lower() for line in listed if (found := _NAME.match(line))}


def test_each_package_has_its_reason() -> None:
    rows = dict(_ROW.findall((PROJECT_ROOT / "docs" / "dependencies.md").read_text()))
    assert sorted(rows) == sorted(packages_of_the_project() | {"torch"})
    assert not [name for name, reason in rows.items() if len(reason) < 20]


def test_each_package_of_the_lock_is_pinned_with_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lock = (PROJECT_ROOT / "deploy" / name).read_text()
        pins = re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE)[1:]
        assert pins
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


def test_the_locks_hold_every_package_of_the_project() -> None:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    pinned = {
        name: set(
            re.findall(r"^([a-z0-9_.-]+)==", (PROJECT_ROOT / "deploy" / name).read_text(), re.MULTILINE)
        )
        for name in ("requirements.lock", "requirements-dev.lock")
    }
    for lock, listed in (
        ("requirements.lock", project["project"]["dependencies"]),
        ("requirements-dev.lock", project["project"]["dependencies"] + project["dependency-groups"]["dev"]),
    ):
        names = {found.group().lower() for line in listed if (found := _NAME.match(line))}
        assert names <= pinned[lock], lock
