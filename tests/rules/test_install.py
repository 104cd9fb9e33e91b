"""The installer and its locks: what `make install` relies on before anything of ours is installed."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock")


@pytest.fixture
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", PROJECT / "deploy" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _pins(lock: str) -> list[tuple[Requirement, int]]:
    """Each pin of a lock and how many hashes it has."""
    text = (PROJECT / "deploy" / lock).read_text()
    entries = re.split(r"^(?=[a-z0-9])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)[
        1:
    ]
    return [(Requirement(entry.split("\\")[0]), entry.count("--hash=sha256:")) for entry in entries]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_with_hashes_and_names_no_address_and_no_torch(lock: str) -> None:
    text = (PROJECT / "deploy" / lock).read_text()
    assert not re.search(r"://|--(index|find-links|extra-index)|^-e|@ ", text, re.MULTILINE)
    pins = _pins(lock)
    assert pins
    for pin, hashes in pins:
        assert str(pin.specifier).startswith("=="), pin
        assert hashes > 0, pin
        assert not re.match(r"(torch|triton|nvidia|cuda)\b", pin.name), pin


def test_every_package_asked_for_is_in_the_lock() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    pins = {canonicalize_name(pin.name): pin for pin, _ in _pins("requirements.lock")}
    development = {canonicalize_name(pin.name): pin for pin, _ in _pins("requirements-dev.lock")}
    wanted = [(each, pins) for each in project["project"]["dependencies"]]
    wanted += [(each, development) for each in project["dependency-groups"]["dev"]]
    for words, found in wanted:
        requirement = Requirement(words)
        pin = found[canonicalize_name(requirement.name)]
        (version,) = [each.version for each in pin.specifier]
        assert requirement.specifier.contains(version), f"{words}: {version} is pinned; run `make lock`"


def test_the_development_lock_agrees_with_the_application_lock() -> None:
    development = {str(pin) for pin, _ in _pins("requirements-dev.lock")}
    assert {str(pin) for pin, _ in _pins("requirements.lock")} <= development


def test_torchs_own_needs_are_in_the_lock() -> None:
    names = {pin.name for pin, _ in _pins("requirements.lock")}
    assert {"filelock", "fsspec", "jinja2", "mpmath", "networkx", "setuptools", "sympy"} <= names


def test_the_installer_can_say_that_a_python_is_too_old() -> None:
    source = (PROJECT / "deploy" / "install.py").read_text()
    ast.parse(source, feature_version=(3, 7))
    assert "from __future__ import annotations" in source


def test_a_cuda_build_is_announced_with_its_size_and_the_way_to_a_cpu_build(
    install: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = tmp_path / "triton.whl"
    wheel.write_bytes(b"x" * 200_000_000)
    known = {"metadata": {"name": "triton"}, "download_info": {"url": wheel.as_uri()}}
    unknown = {"metadata": {"name": "nvidia-cublas"}, "download_info": {"url": (tmp_path / "none").as_uri()}}
    install._tell_about_cuda([known], [known])
    words = capsys.readouterr().out
    assert "brings 1 more packages, 0.2 GB to download" in words
    assert "KBCHAT_TORCH_REQUIREMENT" in words
    assert not re.search(r"https?://", words)
    install._tell_about_cuda([known, unknown], [known, unknown])
    assert "several GB (the index does not tell)" in capsys.readouterr().out


def test_a_step_is_repeated_when_what_it_was_done_from_has_changed(
    install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "_STAMPS", tmp_path / "stamps")
    source = tmp_path / "lock"
    source.write_text("one")
    assert not install.Stamp("step", source).agrees()
    install.Stamp("step", source).set()
    assert install.Stamp("step", source).agrees()
    source.write_text("two")
    assert not install.Stamp("step", source).agrees()


def test_an_environment_that_is_a_link_is_not_emptied(
    install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "elsewhere" / "python"
    kept.parent.mkdir()
    kept.write_text("of somebody else")
    (tmp_path / ".venv").symlink_to(kept.parent)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "_STAMPS", tmp_path / ".venv" / "stamps")
    with pytest.raises(install.InstallError, match="is a link"):
        install.ensure_environment()
    assert kept.read_text() == "of somebody else"


def test_an_old_node_is_passed_over(
    install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "_FRONTEND", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / "venv")
    (tmp_path / "package.json").write_text(json.dumps({"engines": {"node": ">=20.19"}}))
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v20.9.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert install.node_folder() is None
    (tmp_path / "node").write_text("#!/bin/sh\necho v22.1.0\n")
    assert install.node_folder() == tmp_path


def test_every_target_of_the_makefile_tells_what_it_does() -> None:
    told = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for target in ("install", "run", "test", "lint", "types", "imports", "lock", "clean"):
        assert re.search(rf"^  {target} +\w", told, re.MULTILINE), target


def test_the_installer_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse((PROJECT / "deploy" / "install.py").read_text())
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]  # type: ignore[union-attr]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= set(sys.stdlib_module_names)
