"""What the operator's address asks of the connection to the database is asked of it: above all, whom to trust."""

import runpy
from typing import Any

import pytest

from kbchat.settings.environment import PROJECT_ROOT


def database_of(address: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The settings of a process that was started with this address."""
    monkeypatch.setenv("DATABASE_URL", address)
    settings = runpy.run_path(str(PROJECT_ROOT / "kbchat" / "settings" / "base.py"))
    database: dict[str, Any] = settings["DATABASES"]["default"]
    return database


def test_the_options_of_the_address_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "sslmode=verify-full&sslrootcert=/etc/kbchat/ca.pem&connect_timeout=5"
    options = database_of(f"postgresql://kbchat_app@db.example.com/kbchat?{asked}", monkeypatch)["OPTIONS"]
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/kbchat/ca.pem")
    assert options["connect_timeout"] == 5
    assert options["pool"]["max_size"] == 16


def test_an_address_without_options_has_the_pool_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    database = database_of("postgresql://kbchat_app@db.example.com/kbchat", monkeypatch)
    assert set(database["OPTIONS"]) == {"pool"}
    assert database["CONN_HEALTH_CHECKS"] is True
