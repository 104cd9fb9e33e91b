"""Programs of the system that tests need, installed by Debian's packages where rights allow."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping

_INSTALL_SECONDS = 600


def can_install() -> bool:
    return _apt_get() is not None


def install_missing(
    packages: Mapping[str, Callable[[], object]], purpose: str, say: Callable[[str], None]
) -> None:
    """By name, each with whether it is there already; the list of packages is renewed first."""
    apt = _apt_get()
    if apt is None:
        return
    _run([*apt, "update", "-qq"], say)
    for package, is_there in packages.items():
        if not is_there():
            say(f"installing {package} for {purpose}")
            _run([*apt, "install", "-y", "-qq", "--no-install-recommends", package], say)


def told_missing(packages: list[str]) -> str:
    """A sentence with the command; "" where none is missing."""
    names = " ".join(packages)
    return f"missing {' and '.join(packages)}. On Debian: apt-get install {names}" if packages else ""


def _run(command: list[str], say: Callable[[str], None]) -> None:
    """A command of the system's; what it complains of is said."""
    done = subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_INSTALL_SECONDS,
    )
    if done.returncode != 0:
        say(done.stderr.strip())


def _apt_get() -> list[str] | None:
    """apt-get with the right to install, or None."""
    apt = shutil.which("apt-get")
    if apt is None:
        return None
    if os.geteuid() == 0:
        return [apt]
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n", apt]
    return None
