"""The doors of a real vLLM that kbchat does not use are closed. That the others are open, all other tests show."""

import http.client
from urllib.parse import urlsplit

import pytest

from tests.contracts.test_allowed_calls import OTHER_DOORS, OTHER_WAYS
from tests.vllm.server import VllmServer

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("method", "path"), OTHER_DOORS + OTHER_WAYS)
def test_what_is_not_listed_is_not_found(vllm: VllmServer, method: str, path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(vllm.root).netloc, timeout=10)
    try:
        connection.request(method, path, b"{}" if method == "POST" else None)
        assert connection.getresponse().status in ({400, 404} if method == "post" else {404})
    finally:
        connection.close()
