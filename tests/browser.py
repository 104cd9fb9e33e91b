"""The browser of the browser tests: Debian's Chromium with fonts for Chinese, installed where rights allow."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_PACKAGES = {"chromium": "chromium", "fonts": "fonts-noto-cjk"}
_INSTALL_SECONDS = 600


def find_browser() -> Path | None:
    return next((Path(found) for name in _PROGRAMS if (found := shutil.which(name))), None)


def ensure_browser(say: Callable[[str], None]) -> str:
    """Why there is no browser to test with, or "" when there is one."""
    missing = _missing_packages()
    if missing:
        apt = _apt_get()
        if apt is None:
            return _advice(missing)
        say(f"installing {' and '.join(missing)} for the browser tests")
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
            done = subprocess.run(
                [*apt, *arguments],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_INSTALL_SECONDS,
            )
            if done.returncode != 0:
                say(done.stderr.strip())
        missing = _missing_packages()
    return _advice(missing) if missing else ""


def _missing_packages() -> list[str]:
    missing = [] if find_browser() else [_PACKAGES["chromium"]]
    return missing if _has_chinese_fonts() else [*missing, _PACKAGES["fonts"]]


def _has_chinese_fonts() -> bool:
    if shutil.which("fc-list") is None:
        return any(Path("/usr/share/fonts").rglob("*CJK*"))
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


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


def _advice(missing: list[str]) -> str:
    return f"missing {' and '.join(missing)}. On Debian: apt-get install {' '.join(missing)}"
