"""Limits set low, and how often each was reached."""

import pytest
from django.conf import settings
from prometheus_client import REGISTRY

from kbchat.core.limits import Limit

LANGUAGES = ("en", "zh-hans")


def count(limit: Limit) -> float:
    return REGISTRY.get_sample_value("kbchat_limit_reached_total", {"limit": limit.value}) or 0


def set_limit(monkeypatch: pytest.MonkeyPatch, **limits: float) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(settings.LIMITS, name, value)
