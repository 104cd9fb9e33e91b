"""F40: Redis goes and comes back under an open socket, which stays, hears again, and is closed where it has to be."""

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import User
from tests.servers import redis_of_its_own
from tests.waiting import allowed
from tests.web.conftest import Company
from tests.web.test_process import Web, heard_to_the_end, running_web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timed]
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def test_an_open_socket_outlives_redis_and_hears_again(company: Company, tmp_path: Path) -> None:
    key = create_api_key(company.owner, "script")[1]
    with redis_of_its_own(tmp_path) as (redis, address), running_web(tmp_path, REDIS_URL=address) as web:
        bearer = {"Authorization": f"Bearer {key}"}
        with connect(
            f"ws://127.0.0.1:{web.port}/ws/v1",
            origin=f"http://127.0.0.1:{web.port}",
            additional_headers=bearer,
        ) as page:
            page.send('{"type": "watch_library"}')
            assert json.loads(page.recv(allowed(2)))["type"] == "library_watched"
            assert hears(page, lambda: upload(web, company, key))
            redis.kill()
            redis.wait()
            page.send('{"type": "ping"}')
            # A word that was on its way comes first.
            while (frame := json.loads(page.recv(allowed(2))))["type"] == "document_changed":
                pass
            assert frame == {"type": "pong"}
            Path(address.removeprefix("unix://")).unlink()
            with redis_of_its_own(tmp_path):
                assert hears(page, lambda: upload(web, company, key))
                User.objects.filter(pk=company.owner.pk).update(is_active=False)
                with pytest.raises(ConnectionClosed) as closed:
                    heard_to_the_end(page)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def hears(page: ClientConnection, tell: Callable[[], None]) -> bool:
    """Whether a new document is told there; it is told of one after another, since joining again takes a while."""
    for _ in range(int(allowed(5))):
        tell()
        try:
            if json.loads(page.recv(1))["type"] == "document_changed":
                return True
        except TimeoutError:
            continue
    return False


def upload(web: Web, company: Company, key: str) -> None:
    head = '--b\r\nContent-Disposition: form-data; name="files"; filename="page.md"\r\n\r\n'
    body = f"{head}# Page\n\nWords.\n\r\n--b--\r\n".encode()
    headers: dict[str, Any] = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "multipart/form-data; boundary=b",
    }
    address = f"http://127.0.0.1:{web.port}/api/v1/collections/{company.collection_id}/documents"
    with _DIRECTLY.open(urllib.request.Request(address, body, headers), timeout=20) as reply:
        assert reply.status == 201
