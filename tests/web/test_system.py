"""Health and settings over HTTP: for administrators alone, no secret in them, and what is not there is told."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import redis
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule
from pydantic import SecretStr

from kbchat.accounts.people import deactivate
from kbchat.core import pulse
from kbchat.core.jobs import Queue
from kbchat.core.pulse import ANSWERS, SCHEDULER, living, start_pulse
from kbchat.indexing.encoders import Encoders, EncoderSource
from kbchat.indexing.models import IndexGeneration
from kbchat.inference.ports import Capabilities
from kbchat.inference.scripted import ScriptedLanguageModel
from kbchat.library.documents import DocumentRow
from kbchat.operating.health import model_check
from kbchat.scheduling.models import Schedule
from kbchat.settings.environment import Environment
from kbchat.settings.telling import told_settings
from kbchat.upkeep.keeping import schedule_upkeep
from kbchat.upkeep.models import Task
from kbchat.web.http import system
from tests.servers import as_worker
from tests.services.rebuilding_support import BY_NAME
from tests.waiting import wait_until
from tests.web.conftest import Company, SignIn

pytestmark = pytest.mark.django_db(transaction=True)

HEALTH, SETTINGS = "/api/v1/system/health", "/api/v1/system/settings"


def states(company: Company, signed_in: SignIn) -> dict[str, str]:
    answered = signed_in(company.owner).get(HEALTH)
    assert answered.status_code == 200
    return {check["name"]: check["state"] for check in answered.json()}


def test_nobody_but_administrators_is_told(company: Company, signed_in: SignIn) -> None:
    for path in (HEALTH, SETTINGS):
        assert signed_in(company.reader).get(path).status_code == 404
        assert signed_in(company.owner).get(path).status_code == 200


def test_each_process_is_missed_until_it_says_that_it_lives(company: Company, signed_in: SignIn) -> None:
    names = [ANSWERS, SCHEDULER, *(queue.value for queue in Queue)]
    found = states(company, signed_in)
    assert {found[f"process_{name}"] for name in names} == {"failing"}
    stopping = start_pulse(ANSWERS, Queue.EMBED.value)
    try:
        wait_until(lambda: living() >= {ANSWERS, Queue.EMBED.value}, 10)
        found = states(company, signed_in)
        living_ones = {name for name in names if found[f"process_{name}"] == "ok"}
        assert living_ones == {ANSWERS, Queue.EMBED.value}
    finally:
        stopping.set()
    wait_until(lambda: not living(), 10)
    assert states(company, signed_in)[f"process_{ANSWERS}"] == "failing"


def test_redis_that_is_away_is_told_and_stands_for_all_that_it_would_say(
    company: Company, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(company.owner)
    monkeypatch.setattr(pulse, "open_client", partial(redis.Redis.from_url, "redis://127.0.0.1:1/0"))
    found = {check["name"]: check["state"] for check in client.get(HEALTH).json()}
    assert found["redis"] == "failing"
    assert not [name for name in found if name.startswith("process_")]
    start_pulse("nobody").set()  # ends nothing


def test_a_schedule_that_nobody_starts_is_told(company: Company, signed_in: SignIn) -> None:
    assert states(company, signed_in)["schedules"] == "ok"
    Schedule.objects.create(
        job="none",
        subject_id=uuid4(),
        crontab=CrontabSchedule.objects.create(),
        due_at=timezone.now() - timedelta(minutes=6),
    )
    assert states(company, signed_in)["schedules"] == "failing"


def test_what_somebody_who_left_had_scheduled_is_told(company: Company, signed_in: SignIn) -> None:
    company.reader.is_administrator = True
    company.reader.save()
    schedule_upkeep(company.viewer(company.reader), Task.CALIBRATION, "0 3 * * *", "UTC")
    assert "calibration_stranded" not in states(company, signed_in)
    deactivate(company.reader)
    told = signed_in(company.owner).get(HEALTH).json()
    found = [check for check in told if check["name"].endswith("_stranded")]
    facts = {"people": company.reader.name}
    assert found == [{"name": "calibration_stranded", "state": "warning", "facts": facts}]


def test_an_encoder_that_the_library_is_not_indexed_by_is_told(
    company: Company, page: DocumentRow, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_worker():
        IndexGeneration.objects.update(source={"model": "hashed"})

    def told(configured: str, opened: str) -> dict[str, str]:
        process = Encoders(EncoderSource(configured), lambda _: BY_NAME[opened])
        process.at_start()
        monkeypatch.setattr(system, "encoders", lambda: process)
        return {
            name: state for name, state in states(company, signed_in).items() if name.startswith("search_m")
        }

    assert told("hashed", "hashed") == {"search_model": "ok"}
    assert told("small", "hashed") == {"search_model": "warning"}
    assert told("hashed", "small") == {"search_model_changed": "failing"}


def test_an_index_that_was_made_before_an_update_of_the_analysis_is_told(
    company: Company, page: DocumentRow, signed_in: SignIn
) -> None:
    assert "search_index_old" not in states(company, signed_in)
    with as_worker():
        IndexGeneration.objects.update(analyser_version=0)
    assert states(company, signed_in)["search_index_old"] == "warning"


@pytest.fixture
def model_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    settings = Environment(llm_base_url="http://127.0.0.1:1/v1")
    monkeypatch.setattr("kbchat.composition.environment", lambda: settings)
    return settings


def test_a_model_that_does_not_answer_is_told_with_its_reason(
    company: Company, signed_in: SignIn, model_settings: Environment
) -> None:
    answered = signed_in(company.owner).get(HEALTH).json()
    model = next(check for check in answered if check["name"] == "model")
    assert (model["state"], model["facts"]) == ("failing", {"reason": "unreachable"})


async def test_what_a_model_s_server_was_found_able_to_do_is_told() -> None:
    able = Capabilities("m", 8192, label_probabilities=True, structured_outputs=True)
    told = await model_check(ScriptedLanguageModel(capabilities=able).capabilities())
    facts = {"model": "m", "tokens": "8192", "structured_outputs": "yes", "prompt_log_probabilities": ""}
    assert (told.state, told.facts) == ("ok", facts)


def test_no_secret_is_among_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://kbchat:open-sesame@db/kbchat")
    monkeypatch.setenv("KBCHAT_FORMER_SECRET_KEYS", '["abcdefghijklmnopqrstuvwxyz0123456789open-sesame"]')
    monkeypatch.setenv("KBCHAT_LLM_BASE_URL", "http://me:open-sesame@model:8000/v1")
    monkeypatch.setenv("KBCHAT_STORAGE_OPTIONS", '{"secret": "open-sesame"}')
    for name, field in Environment.model_fields.items():
        if field.annotation in (SecretStr, SecretStr | None) and field.validation_alias is None:
            monkeypatch.setenv(f"KBCHAT_{name.upper()}", "abcdefghijklmnopqrstuvwxyz0123456789open-sesame")
    monkeypatch.setenv("KBCHAT_SMTP_USERNAME", "me")
    monkeypatch.setenv("KBCHAT_SMTP_HOST", "mail")
    monkeypatch.setenv("KBCHAT_SMTP_FROM", "kb@example.com")
    monkeypatch.setenv("KBCHAT_ADMIN_EMAIL", "a@example.com")
    monkeypatch.setenv("KBCHAT_OIDC_ISSUER", "https://id.example.com")
    monkeypatch.setenv("KBCHAT_OIDC_CLIENT_ID", "kbchat")
    told = told_settings(Environment())
    assert "open-sesame" not in str(told)
    by_name = {setting.name: setting for setting in told}
    assert by_name["DATABASE_URL"].is_secret
    assert by_name["DATABASE_URL"].value == "•••"
    assert by_name["KBCHAT_LLM_BASE_URL"].value == "http://•••@model:8000/v1"
    assert by_name["KBCHAT_LLM_BASE_URL"].origin == "environment"
    assert (by_name["KBCHAT_PORT"].value, by_name["KBCHAT_PORT"].origin) == ("8000", "default")
    assert by_name["KBCHAT_EMBEDDING_API_KEY"].value == "•••"


def test_every_setting_that_an_operator_can_make_is_told() -> None:
    assert {setting.name for setting in told_settings(Environment())} >= {
        "KBCHAT_MOST_SOCKETS",
        "KBCHAT_OIDC_ISSUER",
        "PROMETHEUS_MULTIPROC_DIR",
    }
    assert not {"KBCHAT_PROCESS", "KBCHAT_EMBEDDED_POSTGRES"} & {
        setting.name for setting in told_settings(Environment())
    }


def test_a_pulse_is_quicker_than_it_is_forgotten() -> None:
    assert 3 * pulse._EVERY_SECONDS < pulse._HELD_SECONDS
