"""The browser of the browser tests: Debian's Chromium with fonts for Chinese, installed where rights allow.

Its headless shell where there is one: the same engine without the windows, menus and services of a desktop browser, of
which each test would start its own.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

_SHELL, _WHOLE = "chromium-headless-shell", "chromium"
_PROGRAMS = (_SHELL, _WHOLE, "chromium-browser", "google-chrome")
_FONTS = "fonts-noto-cjk"
_INSTALL_SECONDS = 600


def find_browser() -> Path | None:
    return next((Path(found) for name in _PROGRAMS if (found := shutil.which(name))), None)


def ensure_browser(say: Callable[[str], None]) -> str:
    """Why there is no browser to test with, or "" when there is one."""
    apt = _apt_get()
    if apt is not None and (not shutil.which(_SHELL) or not _has_chinese_fonts()):
        _run([*apt, "update", "-qq"], say)
        # Not every distribution has the shell.
        for package, is_there in (
            (_SHELL, lambda: shutil.which(_SHELL)),
            (_WHOLE, find_browser),
            (_FONTS, _has_chinese_fonts),
        ):
            if not is_there():
                say(f"installing {package} for the browser tests")
                _run([*apt, "install", "-y", "-qq", "--no-install-recommends", package], say)
    missing = [] if find_browser() else [_WHOLE]
    missing += [] if _has_chinese_fonts() else [_FONTS]
    return (
        f"missing {' and '.join(missing)}. On Debian: apt-get install {' '.join(missing)}" if missing else ""
    )


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
