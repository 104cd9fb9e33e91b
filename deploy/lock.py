"""`make lock`: pin everything pyproject.toml asks for, with hashes, into deploy/requirements*.lock.

torch and what only its CUDA builds need stay outside: a hash would tie every machine to one of the two
builds. All pins are wheels and hold for every Python from 3.11 on; no index address gets into a file. Runs
uv, from PATH or from .venv.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from install import DEVELOPMENT_LOCK, LOCK, NODE_LOCK, NODE_PACKAGE, PROJECT, TORCH_REQUIREMENT, VENV_PYTHON

_OUTSIDE = re.compile(r"^((?:torch|triton|nvidia-[\w-]+|cuda-[\w-]+))==", re.MULTILINE)
_HEAD = "# Made by `make lock` from pyproject.toml. torch stands outside: see deploy/install.py.\n"


def _uv() -> list[str]:
    found = shutil.which("uv")
    if found:
        return [found]
    subprocess.run([str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "uv"], check=True)
    return [str(VENV_PYTHON), "-m", "uv"]


def _resolve(uv: list[str], sources: list[str], constraints: list[Path], outside: list[str]) -> str:
    """A lock's text for `sources` (arguments of `uv pip compile`), without the packages named `outside`."""
    command = [
        *uv,
        "pip",
        "compile",
        *sources,
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
    ]
    command += [
        "--only-binary",
        ":all:",
        "--no-header",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--quiet",
    ]
    command += ["--no-annotate", "--upgrade"]
    for constraint in constraints:
        command += ["--constraint", str(constraint)]
    for name in outside:
        command += ["--no-emit-package", name]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT).stdout


def _write(lock: Path, uv: list[str], sources: list[str], constraints: list[Path]) -> None:
    # Twice: only a first answer tells which packages the CUDA builds of torch would bring.
    outside = _OUTSIDE.findall(_resolve(uv, sources, constraints, []))
    text = _resolve(uv, sources, constraints, outside)
    # uv closes with the packages it was told to leave out.
    lock.write_text(_HEAD + text.split("# The following packages were excluded")[0].rstrip() + "\n")
    print(f"{lock.relative_to(PROJECT)}: {len(re.findall(r'^[a-z]', text, re.MULTILINE))} packages")


def main() -> int:
    uv = _uv()
    with tempfile.TemporaryDirectory() as folder:
        torch = Path(folder) / "torch.txt"
        torch.write_text(TORCH_REQUIREMENT + "\n")
        node = Path(folder) / "node.in"
        node.write_text(NODE_PACKAGE + "\n")
        _write(LOCK, uv, ["pyproject.toml"], [torch])
        _write(DEVELOPMENT_LOCK, uv, ["pyproject.toml", "--group", "dev"], [torch, LOCK])
        _write(NODE_LOCK, uv, [str(node)], [])
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(error.stderr or str(error))
