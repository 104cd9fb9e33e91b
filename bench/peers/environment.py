"""The peers' own environment: a virtual one in the bench's folder, from the pinned list beside this file.

Nothing of it reaches the project's environment, and it holds no encoder: all vectors are made beforehand.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = Path(__file__).with_name("requirements.txt")


def asked_for() -> str:
    """What tells one list of packages from another."""
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()


def ensure_environment(folder: Path) -> Path:
    """The interpreter of the environment in `folder`; made anew where the list has changed since."""
    python, made_from = folder / "bin" / "python", folder / "made-from"
    if made_from.is_file() and made_from.read_text() == asked_for():
        return python
    print(f"Making the peers' environment in {folder} ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--requirement", str(REQUIREMENTS)], check=True)
    made_from.write_text(asked_for())
    return python
