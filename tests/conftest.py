"""What every test may ask for: the servers, the shared data, and the browser's absence said aloud."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker
from servestatic.base import ServeStaticBase

from kbchat.accounts import recovery_codes
from kbchat.embedded.cluster import Cluster
from kbchat.parsing.tesseract_library import Recogniser
from kbchat.settings.environment import PROJECT_ROOT
from tests import recognition
from tests.recognition import why_not_recognised
from tests.servers import empty_tables, prepare_database, running_servers

REQUIRE_ALL = os.environ.get("KBCHAT_REQUIRE_ALL") == "1"


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: it is not looked through for rubbish again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _page_listed_once() -> Iterator[None]:
    """Each client of a test loads every middleware anew. One of them lists the files of the page, and looks at each
    folder above each of them: that takes longer than most tests."""
    listed: dict[tuple[str, str], dict[str, object]] = {}
    list_files = ServeStaticBase.update_files_dictionary

    def remembered(static: ServeStaticBase, root: str, prefix: str) -> None:
        if (root, prefix) not in listed:
            list_files(static, root, prefix)
            listed[root, prefix] = dict(static.files)
        static.files.update(listed[root, prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ServeStaticBase, "update_files_dictionary", remembered)
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_recovery_codes() -> Iterator[None]:
    """As the cheap password hash of `kbchat.settings.test`: making ten of them takes half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery_codes, "WORK", 2)
        yield


@pytest.fixture(scope="session")
def servers() -> Iterator[Cluster]:
    with running_servers() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def django_db_setup(servers: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of pytest-django's: the database is migrated as its owner and used as the application, which may empty
    no table."""
    with django_db_blocker.unblock():
        prepare_database(servers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_tables())
        yield
    with django_db_blocker.unblock():
        connections.close_all()
        connection.close_pool()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real documents and questions."""
    folder = Path(os.environ.get("KBCHAT_SHARED_DATA", PROJECT_ROOT / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        reason = f"the shared data is not in {folder}; set KBCHAT_SHARED_DATA"
        if REQUIRE_ALL:
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def recogniser() -> Recogniser:
    """The real Tesseract with English and Chinese."""
    reason = why_not_recognised()
    if reason and REQUIRE_ALL:
        pytest.fail(reason)
    if reason:
        pytest.skip(f"text recognition: {reason}")
    return recognition.recogniser()
