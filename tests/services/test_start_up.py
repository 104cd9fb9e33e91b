"""Web and answers refuse to start with a Redis that drops what waits in it (D12); the embedded one never does."""

import pytest
import redis
from django.conf import settings

from kbchat.chat.redis_clients import client
from kbchat.composition import require_safe_servers
from kbchat.settings.environment import SettingsError

pytestmark = pytest.mark.django_db


def test_the_embedded_redis_keeps_everything() -> None:
    assert client().config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    require_safe_servers()


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_one_that_makes_room_by_dropping_is_refused(policy: str) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as operator:
        operator.config_set("maxmemory-policy", policy)
        try:
            with pytest.raises(SettingsError, match=f"{policy}. Set it to noeviction"):
                require_safe_servers()
        finally:
            operator.config_set("maxmemory-policy", "noeviction")


def test_one_that_is_away_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
    require_safe_servers()
