"""Trying a source: somebody asks, a worker looks, and nothing of it stays."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.accounts.models import User
from kbchat.accounts.sealing import Purpose, unseal
from kbchat.core.errors import Conflict, Invalid, KbchatError, NotAllowed, NotFound, Unavailable
from kbchat.core.viewer import Viewer
from kbchat.library.models import SourceTrial
from kbchat.library.sharing import give_grant
from kbchat.library.sources import trying
from kbchat.library.sources.trying import forget_trials, look, try_place
from kbchat.sources.folder import FolderSource
from kbchat.sources.port import Surroundings
from tests.company import Company, found_company, person
from tests.servers import as_application, as_owner, as_worker, everything_in_the_database
from tests.services.sources_support import look_at_trials, surroundings_of, write

pytestmark = pytest.mark.django_db

SECRETS = {"access_key": "AKIAZWIEBELFISCH", "secret_key": "zwiebelfisch/of+the=moon"}
_ASKING = """
    INSERT INTO library_sourcetrial
        (id, collection_id, asked_by_id, kind, place, sealed_secrets, state, cause, problem, problem_facts)
    VALUES (%s, %s, %s, 'folder', '{}', '', 'queued', '', '', '{}')
"""
BUCKET = {"endpoint": "https://docs.example.com", "bucket": "notes"}


@pytest.fixture
def company() -> Company:
    return found_company()


def tried(company: Company, folder: Path, viewer: Viewer | None = None) -> bool | None:
    place = {"folder": str(folder)}
    return try_place(viewer or company.admin, company.handbook.id, "folder", place, surroundings_of(folder))


def asked(company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A trial that nobody waits for."""
    rows: list[UUID] = []
    with monkeypatch.context() as patched:
        patched.setattr(trying, "_awaited", lambda _, trial: rows.append(trial))
        tried(company, folder)
    return rows[0]


def row_of(trial: UUID) -> SourceTrial | None:
    with as_worker():
        return SourceTrial.objects.filter(pk=trial).first()


def no_row_is_left() -> bool:
    with as_worker():
        return not SourceTrial.objects.exists()


def meanwhile(monkeypatch: pytest.MonkeyPatch, *moments: Callable[[], object]) -> None:
    """What happens while the asker waits, one after the other."""
    coming = iter(moments)
    monkeypatch.setattr(trying, "sleep", lambda _: next(coming)())


def test_nothing_stays_of_what_was_asked_and_found(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, page="Words.")
    meanwhile(monkeypatch, lambda: look_at_trials(surroundings_of(tmp_path)))
    assert tried(company, tmp_path) is True
    assert no_row_is_left()


@pytest.mark.parametrize("error", [NotFound, NotAllowed, Invalid, Unavailable])
def test_what_is_wrong_there_is_told_as_it_was_found(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[KbchatError]
) -> None:
    def glimpse(*_: object) -> bool:
        raise error("source_answer_unusable", status=418)

    monkeypatch.setattr(FolderSource, "glimpse", glimpse)
    meanwhile(monkeypatch, lambda: look_at_trials(surroundings_of(tmp_path)))
    with pytest.raises(error) as caught:
        tried(company, tmp_path)
    assert (type(caught.value), caught.value.code) == (error, "source_answer_unusable")
    assert caught.value.facts == {"status": 418}
    assert no_row_is_left()


@pytest.mark.parametrize("error", [ValueError("zwiebelfisch"), Conflict("source_is_running")])
def test_what_nobody_foresaw_is_told_as_such(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def glimpse(*_: object) -> bool:
        raise error

    monkeypatch.setattr(FolderSource, "glimpse", glimpse)
    meanwhile(monkeypatch, lambda: look_at_trials(surroundings_of(tmp_path)))
    with pytest.raises(KbchatError) as caught:
        tried(company, tmp_path)
    assert type(caught.value) is KbchatError
    assert "zwiebelfisch" not in caught.value.code
    assert no_row_is_left()


def test_where_no_worker_looks_in_time_that_is_told_and_one_that_comes_late_does_nothing(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    monkeypatch.setattr(FolderSource, "glimpse", lambda *_: looks.append(1))
    monkeypatch.setattr(trying, "WAIT_SECONDS", 0.2)
    waiting: list[UUID] = []

    def nobody(_: float) -> None:
        with as_worker():
            waiting[:] = SourceTrial.objects.values_list("pk", flat=True)

    monkeypatch.setattr(trying, "sleep", nobody)
    with pytest.raises(Unavailable, match="source_trial_unanswered"):
        tried(company, tmp_path)
    assert no_row_is_left()
    (trial,) = waiting
    with as_worker():
        look(trial, surroundings_of(tmp_path))
    assert looks == []


def test_a_look_that_ends_too_late_writes_nothing(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = asked(company, tmp_path, monkeypatch)

    def glimpse(*_: object) -> bool:
        with as_application():
            trying._forget(company.admin, trial)
        return True

    monkeypatch.setattr(FolderSource, "glimpse", glimpse)
    look_at_trials(surroundings_of(tmp_path))
    assert no_row_is_left()


def test_a_job_that_comes_twice_looks_once(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = asked(company, tmp_path, monkeypatch)
    looks: list[object] = []

    def glimpse(*_: object) -> bool:
        looks.append(1)
        look(trial, surroundings_of(tmp_path))
        return True

    monkeypatch.setattr(FolderSource, "glimpse", glimpse)
    with as_worker():
        for _ in range(2):
            look(trial, surroundings_of(tmp_path))
    assert looks == [1]
    row = row_of(trial)
    assert row is not None
    assert (row.state, row.has_documents) == ("ended", True)


@pytest.mark.parametrize("what", ["administrator", "owner", "person"])
def test_a_worker_asks_for_rights_anew_before_it_looks(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    looks: list[object] = []
    monkeypatch.setattr(FolderSource, "glimpse", lambda *_: looks.append(1))

    def withdrawn() -> None:
        with as_owner():
            of = User.objects.filter(pk=company.admin.user_id)
            if what == "owner":
                with viewing(company.admin):
                    Grant.objects.filter(user=company.admin.user_id).delete()
            elif what == "administrator":
                of.update(is_administrator=False)
            else:
                of.update(is_active=False)
        look_at_trials(surroundings_of(tmp_path))

    meanwhile(monkeypatch, withdrawn)
    with pytest.raises((NotFound, NotAllowed)):
        tried(company, tmp_path)
    assert looks == []


def test_the_worker_asks_its_own_settings_where_it_may_look(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, page="Words.")
    meanwhile(monkeypatch, lambda: look_at_trials(Surroundings()))
    with pytest.raises(Invalid, match="source_folder_outside"):
        tried(company, tmp_path)


def test_keys_wait_sealed(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[UUID] = []
    monkeypatch.setattr(trying, "_awaited", lambda _, trial: rows.append(trial))
    open_to_it = Surroundings(origins=frozenset([BUCKET["endpoint"]]))
    try_place(company.admin, company.handbook.id, "bucket", BUCKET | SECRETS, open_to_it)
    assert "zwiebelfisch" not in everything_in_the_database().casefold()
    row = row_of(rows[0])
    assert row is not None
    assert row.place == BUCKET
    assert json.loads(unseal(Purpose.SOURCES, row.sealed_secrets)) == SECRETS


class TestWhoSees:
    def test_nobody_but_who_asked(
        self, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        trial = asked(company, tmp_path, monkeypatch)
        other = person("other@example.com", is_administrator=True)
        give_grant(company.admin, company.handbook.id, Principal("user", other.pk), Role.OWNER)
        for viewer, sees in ((company.admin, True), (Viewer(other.pk), False), (company.stranger, False)):
            with viewing(viewer):
                assert SourceTrial.objects.filter(pk=trial).exists() is sees
        with viewing(Viewer(other.pk)):
            assert SourceTrial.objects.all().delete()[0] == 0
        assert not SourceTrial.objects.exists()
        assert row_of(trial) is not None

    def test_the_database_takes_none_from_others_or_in_another_s_name(self, company: Company) -> None:
        owner = person("owner@example.com")
        give_grant(company.admin, company.handbook.id, Principal("user", owner.pk), Role.OWNER)
        administrator = person("nobody@example.com", is_administrator=True)
        give_grant(company.admin, company.handbook.id, Principal("user", administrator.pk), Role.EDITOR)
        for viewer, asker in (
            (company.editor.user_id, company.editor.user_id),
            (owner.pk, owner.pk),
            (administrator.pk, administrator.pk),
            (company.admin.user_id, administrator.pk),
        ):
            # Without reading it back, as nobody could who asks in another's name.
            asking = connection.cursor()
            with pytest.raises(DatabaseError), transaction.atomic(), viewing(Viewer(viewer)), asking:
                asking.execute(_ASKING, [uuid4(), company.handbook.id, asker])

    def test_the_web_answers_none_and_a_worker_changes_no_question(
        self, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked(company, tmp_path, monkeypatch)
        with pytest.raises(DatabaseError), transaction.atomic(), viewing(company.admin):
            SourceTrial.objects.update(has_documents=True)
        with as_worker(), pytest.raises(DatabaseError), transaction.atomic():
            SourceTrial.objects.update(place={"folder": "/etc"})


def test_what_an_asker_s_death_left_behind_is_forgotten(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = asked(company, tmp_path, monkeypatch)
    with as_worker():
        forget_trials()
    assert row_of(trial) is not None
    monkeypatch.setattr(trying, "_LEFT_BEHIND", timedelta(0))
    with as_worker():
        forget_trials()
    assert no_row_is_left()
