"""The processes that make kbchat, each with the database role and the secrets that it needs and no others."""

import http.client
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from kbchat.embedded.supervisor import ProcessSpec
from kbchat.settings.environment import PROJECT_ROOT, Environment

# An empty value counts as unset: what a process does not need it does not get.
_OWNER_ONLY = {
    "KBCHAT_OWNER_DATABASE_URL": "",
    "KBCHAT_ADMIN_EMAIL": "",
    "KBCHAT_ADMIN_PASSWORD": "",
    "KBCHAT_DEMO_PASSWORD": "",
}
_READY_SECONDS = 2.0


def serving_processes(environment: Environment) -> list[ProcessSpec]:
    """Web and answers, in the order in which they stop."""
    return [
        ProcessSpec(
            "web",
            _web_command(environment),
            env=_application_environment(environment),
            cwd=PROJECT_ROOT,
            stop_grace_seconds=2.0,
            ready_check=lambda: web_serves(environment),
        ),
        ProcessSpec(
            "answers",
            [sys.executable, "manage.py", "run_answers"],
            env=_application_environment(environment),
            cwd=PROJECT_ROOT,
            # Turns end first, and an interpreter with a model in it takes a second to go.
            stop_grace_seconds=3.0,
            after_ready=True,
        ),
    ]


def working_processes(environment: Environment) -> list[ProcessSpec]:
    """The workers and their clock. Under a supervisor they start once web serves: it has the processors first."""
    # Whoever searches or waits for an answer goes first: indexing takes what processor time is left. Django's checks
    # would load the web's addresses, which no worker serves.
    celery = ["nice", "-n", "10", sys.executable, "-m", "celery", "--quiet", "--skip-checks", "-A", "workers"]
    quiet = ["--without-gossip", "--without-mingle", "-l", "WARNING"]
    parsing = [
        "-Q",
        "parse,maintenance",
        "-c",
        str(environment.parse_processes),
        "-n",
        f"parse-{os.getpid()}@%h",
    ]
    embedding = ["-Q", "embed", "-P", "solo", "-n", f"embed-{os.getpid()}@%h"]
    # They wait for files and the network, mostly.
    reading = ["-Q", "sources", "-P", "threads", "-c", str(environment.source_processes)]
    reading += ["-n", f"sources-{os.getpid()}@%h"]
    # Beat keeps its schedule in the database; a file with its process id would be left over after a crash.
    clock = ["beat", "--pidfile=", "-l", "WARNING"]
    return [
        _working("beat", [*celery, *clock], stop_grace_seconds=1.0),
        _working(
            "parse", [*celery, "worker", *parsing, *quiet], stop_grace_seconds=2.5, stops_beside_previous=True
        ),
        _working(
            "embed",
            [*celery, "worker", *embedding, *quiet],
            stop_grace_seconds=1.0,
            stops_beside_previous=True,
        ),
        _working(
            "sources",
            [*celery, "worker", *reading, *quiet],
            stop_grace_seconds=1.0,
            stops_beside_previous=True,
        ),
    ]


def _working(
    name: str, command: list[str], *, stop_grace_seconds: float, stops_beside_previous: bool = False
) -> ProcessSpec:
    return ProcessSpec(
        name,
        command,
        env=_worker_environment(),
        cwd=PROJECT_ROOT,
        stop_grace_seconds=stop_grace_seconds,
        after_ready=True,
        stops_beside_previous=stops_beside_previous,
        # What it is in the middle of is done again: a lease tells.
        work_is_done_again=True,
        unsaid=("worker: Warm shutdown (MainProcess)",),
    )


def sample_company_process() -> ProcessSpec:
    """Loads the sample company once web serves: the address is printed first."""
    return ProcessSpec(
        "sample",
        [sys.executable, "manage.py", "load_sample_company"],
        env={"KBCHAT_PROCESS": "application"} | _OWNER_ONLY,
        cwd=PROJECT_ROOT,
        after_ready=True,
        once=True,
        stops_beside_previous=True,
        # What is missing is sent in on the next start.
        work_is_done_again=True,
    )


def _web_command(environment: Environment) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "kbchat.asgi:application"),
        *("--host", environment.host, "--port", str(environment.port)),
        *("--no-access-log", "--no-server-header", "--log-level", "warning"),
        *("--timeout-graceful-shutdown", "2"),
        # uvicorn's own limit is 16 MiB a frame.
        *("--ws-max-size", str(environment.most_frame_bytes)),
        *("--http", "kbchat.web.patience:PatientProtocol"),
    ]


def _application_environment(environment: Environment) -> Mapping[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "kbchat.settings.base",
        "KBCHAT_PROCESS": "application",
        "KBCHAT_PORT": str(environment.port),
        "KBCHAT_WORKER_DATABASE_URL": "",
    } | _OWNER_ONLY


def fresh_metrics_folder(environment: Environment) -> dict[str, str]:
    """What all processes have in common to count together, where anybody may read it: an empty folder, by the name
    under which prometheus-client looks for it."""
    if environment.metrics_token is None:
        return {}
    folder = environment.metrics_dir or environment.data_dir / "metrics"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink()
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


def _worker_environment() -> Mapping[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "kbchat.settings.base",
        "KBCHAT_PROCESS": "worker",
        "DATABASE_URL": "",
        "KBCHAT_LLM_API_KEY": "",
        "KBCHAT_RERANKER_API_KEY": "",
    } | _OWNER_ONLY


def web_serves(environment: Environment) -> bool:
    """Whether it serves, asked under a name that it goes by. Its search model may still load: words do until then."""
    return _asked(environment, "/healthz")[0] == http.HTTPStatus.OK


def search_model_loads(environment: Environment) -> bool:
    """Whether web still loads it; not where web does not say."""
    try:
        told = json.loads(_asked(environment, "/readyz")[1])
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("search_model") is False


def _asked(environment: Environment, path: str) -> tuple[int, bytes]:
    """Status and body; 0 for what is no HTTP. Raises OSError."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(environment.host, environment.host)  # noqa: S104
    connection = http.client.HTTPConnection(host, environment.port, timeout=_READY_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": urlsplit(environment.origins[0]).netloc})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException:
        return 0, b""
    finally:
        connection.close()


def log_folder(environment: Environment) -> Path:
    folder = environment.data_dir / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
