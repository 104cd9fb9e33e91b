"""`manage.py run`: everything in one terminal, under one supervisor."""

import os
import threading
import time
from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connections

from kbchat import composition
from kbchat.cli.attaching import current_cluster
from kbchat.cli.first_start import (
    Welcome,
    bring_database_up_to_date,
    loaded_mark,
    sample_company_belongs_here,
    sign_ins_file,
    welcome_first_people,
)
from kbchat.cli.processes import (
    fresh_metrics_folder,
    sample_company_process,
    search_model_loads,
    serving_processes,
    working_processes,
)
from kbchat.cli.sample_manifest import read_sample_company
from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.supervisor import Supervisor
from kbchat.settings.environment import Environment

# The embedded servers take up to three seconds after the last process, of the ten that a stop may last.
_STOP_WITHIN_SECONDS = 6.0
_LOOK_AGAIN_SECONDS = 0.5


class Command(BaseCommand):
    help = "Start kbchat: migrate, then web, answers, workers and their clock, until Ctrl-C."
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def handle(self, *args: Any, **options: Any) -> None:
        environment = composition.environment()
        _require_redis(environment)
        try:
            welcome = self._prepare(environment)
        except OperationalError as error:
            raise EmbeddedError(
                f"The database does not answer ({str(error).strip().splitlines()[0]}).",
                next_step="Check DATABASE_URL and KBCHAT_OWNER_DATABASE_URL, and that the server runs.",
            ) from error
        finally:
            connections.close_all()
        os.environ.update(fresh_metrics_folder(environment))
        processes = [*serving_processes(environment), *working_processes(environment)]
        if _sample_company_waits(environment):
            processes.append(sample_company_process())
        cluster = current_cluster()
        supervisor = Supervisor(
            processes,
            on_ready=lambda: self._tell_where(environment, welcome),
            still_served=cluster.is_alive if cluster else lambda: True,
            stop_within_seconds=_STOP_WITHIN_SECONDS,
        )
        code = supervisor.run()
        if code:
            raise SystemExit(code)

    def _prepare(self, environment: Environment) -> Welcome:
        if bring_database_up_to_date():
            self.stderr.write("The database is up to date.")
        company = read_sample_company() if sample_company_belongs_here(environment) else None
        return welcome_first_people(environment, company)

    def _tell_where(self, environment: Environment, welcome: Welcome) -> None:
        lines = [f"kbchat is at {environment.origins[0]}"]
        sign_ins = sign_ins_file(environment)
        if sample_company_belongs_here(environment) and sign_ins.exists():
            lines.append(f"Sign-ins of the sample company: {sign_ins}")
        if welcome.setup_link:
            lines.append(
                f"Nobody has an account yet. The first administrator signs up once at {welcome.setup_link}"
            )
        if not environment.llm_base_url:
            lines.append(
                "No language model is set (KBCHAT_LLM_BASE_URL): answers are quotes from the documents."
            )
        if environment.lacks_tls:
            lines.append(
                "People on other machines cannot sign in over plain HTTP: put a TLS proxy in front and name its "
                "address in KBCHAT_PUBLIC_ORIGINS."
            )
        loads = search_model_loads(environment)
        if loads:
            lines.append(
                "The search model still loads, for some seconds: until then searches go by words alone, and answers "
                "wait."
            )
        lines.append("Ctrl-C stops everything.")
        self.stdout.write("\n" + "\n".join(f"  {line}" for line in lines) + "\n")
        self.stdout.flush()
        if loads:
            # The supervisor looks after its processes meanwhile.
            threading.Thread(target=self._tell_when_loaded, args=(environment,), daemon=True).start()

    def _tell_when_loaded(self, environment: Environment) -> None:
        while search_model_loads(environment):
            time.sleep(_LOOK_AGAIN_SECONDS)
        self.stdout.write("  The search model is loaded.")
        self.stdout.flush()


def _sample_company_waits(environment: Environment) -> bool:
    """Also after a first start that was cut short."""
    has_people = sample_company_belongs_here(environment) and sign_ins_file(environment).exists()
    return has_people and not loaded_mark(environment).exists()


def _require_redis(environment: Environment) -> None:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5)
    try:
        client.ping()
    except redis.RedisError as error:
        raise EmbeddedError(
            f"Redis does not answer ({error}).",
            next_step="Check REDIS_URL, or unset it to use the embedded Redis.",
        ) from error
    finally:
        client.close()
