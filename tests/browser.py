"""The browser of the browser tests: Debian's Chromium with fonts for Chinese, installed where rights allow.

Its headless shell where there is one: the same engine without the windows, menus and services of a desktop browser, of
which each test would start its own.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.system_packages import can_install, install_missing, told_missing

_SHELL, _WHOLE = "chromium-headless-shell", "chromium"
_PROGRAMS = (_SHELL, _WHOLE, "chromium-browser", "google-chrome")
FONTS = "fonts-noto-cjk"


def find_browser() -> Path | None:
    return next((Path(found) for name in _PROGRAMS if (found := shutil.which(name))), None)


def ensure_browser(say: Callable[[str], None]) -> str:
    """Why there is no browser to test with, or "" when there is one."""
    if can_install() and (not shutil.which(_SHELL) or not has_chinese_fonts()):
        # Not every distribution has the shell.
        packages = {_SHELL: lambda: shutil.which(_SHELL), _WHOLE: find_browser, FONTS: has_chinese_fonts}
        install_missing(packages, "the browser tests", say)
    missing = [] if find_browser() else [_WHOLE]
    return told_missing(missing if has_chinese_fonts() else [*missing, FONTS])


def has_chinese_fonts() -> bool:
    if shutil.which("fc-list") is None:
        return any(Path("/usr/share/fonts").rglob("*CJK*"))
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def chinese_font() -> Path:
    """Noto's printed one, or where another Chinese font is all there is, that one."""
    noto = next(Path("/usr/share/fonts").rglob("NotoSerifCJK-Regular.ttc"), None)
    if noto is not None:
        return noto
    matched = ["fc-match", "--format=%{file}", ":lang=zh-cn:scalable=true"]
    return Path(subprocess.run(matched, capture_output=True, text=True, check=True).stdout)
