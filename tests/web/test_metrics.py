"""/metrics: for whoever shows the token, of all processes together, and without a word about anybody (T55)."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from kbchat.core.metrics import exposition

TOKEN = "only for the scraper"

_COUNTING = """
from kbchat.core.limits import Limit, note_reached
from kbchat.core.metrics import SOCKETS_OPEN
note_reached(Limit.SOCKETS)
SOCKETS_OPEN.inc(3)
"""


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_without_the_token_there_is_nothing(
    shown: str, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)
    headers = {"authorization": shown} if shown else {}
    told, absent = (client.get(path, headers=headers) for path in ("/metrics", "/nothing"))
    assert (told.status_code, told.content) == (404, absent.content)


def test_where_no_token_is_set_nobody_reads(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    monkeypatch.setattr(settings, "METRICS_TOKEN", "")
    for shown in ("Bearer", "Bearer ", f"Bearer {TOKEN}"):
        assert client.get("/metrics", headers={"authorization": shown}).status_code == 404


def test_all_processes_are_counted_together_and_what_a_dead_one_had_open_is_open_no_more(
    monkeypatch: pytest.MonkeyPatch, client: Client, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)
    monkeypatch.setattr(settings, "METRICS_DIR", tmp_path)
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", _COUNTING], env={"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}, check=True
        )
    assert list(tmp_path.glob("gauge_livesum_*.db"))
    told = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert told.status_code == 200
    assert told.headers["Cache-Control"] == "no-store"
    lines = told.content.decode().splitlines()
    assert 'kbchat_limit_reached_total{limit="sockets"} 2.0' in lines
    assert not [
        line for line in lines if line.startswith("kbchat_sockets_open ") and not line.endswith(" 0.0")
    ]
    assert not list(tmp_path.glob("gauge_livesum_*.db"))


def test_labels_are_words_of_the_program_alone() -> None:
    labels = {
        pair.partition("=")[0]
        for line in exposition(None).decode().splitlines()
        if line.startswith("kbchat_") and "{" in line
        for pair in line[line.index("{") + 1 : line.index("}")].split(",")
    }
    assert labels <= {"limit", "state", "kind"}
