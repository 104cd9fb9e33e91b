"""Where a secret may be sent: addresses on the way to which nobody listens; and addresses without it."""

from urllib.parse import urlsplit, urlunsplit

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


def is_guarded(url: str) -> bool:
    """By TLS, or within this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)


def without_password(text: str) -> str:
    """An address with a password in it, without both names before the @; any other text as it is."""
    parts = urlsplit(text) if "://" in text else None
    if parts is None or "@" not in parts.netloc:
        return text
    return urlunsplit(parts._replace(netloc=f"•••@{parts.netloc.rpartition('@')[2]}"))
