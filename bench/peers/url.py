"""The address of a database as SQLAlchemy reads it, for peers that stand on it."""

from collections.abc import Mapping
from urllib.parse import quote


def url_of(database: Mapping[str, str], driver: str) -> str:
    """`host` is a folder with the server's socket."""
    user, password, host = (quote(database[part], safe="") for part in ("user", "password", "host"))
    return f"postgresql+{driver}://{user}:{password}@/{database['dbname']}?host={host}"
