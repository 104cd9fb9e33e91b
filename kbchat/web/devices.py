"""A browser by what it says of itself (`User-Agent`): enough for its owner to know it again, and not to be relied on.

Names only, so they need no translation; what is unknown is "".
"""

_BROWSERS = (
    # Those that pretend to be another stand before it.
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_of(device: str) -> str:
    return _named(device, _BROWSERS)


def system_of(device: str) -> str:
    return _named(device, _SYSTEMS)


def _named(device: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in device), "")
