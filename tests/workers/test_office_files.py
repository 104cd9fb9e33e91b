"""Every real file of the office folder ends as was decided before it was imported (`make proofs-office`)."""

import os
from pathlib import Path

import pytest

from kbchat.core.jobs import workers_live
from kbchat.parsing.equipment import Converter, Equipment
from tests.company import found_company
from tests.waiting import wait_until
from tests.workers.office_import import Outcome, as_markdown, differences, expectations, import_folder
from tests.workers.worker_process import celery

pytestmark = pytest.mark.django_db(transaction=True)

_PLAIN = ("--without-gossip", "--without-mingle")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_file_ends_as_was_expected(shared_data: Path) -> None:
    company = found_company()
    with (
        celery("worker", "-Q", "parse,maintenance", "-c", "1", "-n", "parse@%h", *_PLAIN),
        celery("worker", "-Q", "embed", "-P", "solo", "-n", "embed@%h", *_PLAIN),
    ):
        wait_until(workers_live, 60)
        outcomes = list(import_folder(company.admin, shared_data / "office", step=print))
    table = os.environ.get("KBCHAT_OFFICE_TABLE")
    if table:
        Path(table).write_text(as_markdown(outcomes), encoding="utf-8")
    assert differences(outcomes) == []


class TestComparing:
    """The comparison sees every sort of difference."""

    def outcomes(self) -> list[Outcome]:
        reason = "It cannot be read. Save it anew."
        return [
            Outcome(path, state, passages=value)
            if isinstance(value, int)
            else Outcome(path, state, value, reason)
            for path, (state, value) in expectations().items()
        ]

    def test_what_is_as_expected(self) -> None:
        assert differences(self.outcomes()) == []

    @pytest.mark.parametrize(
        "changed",
        [
            [],
            [Outcome("NOTICE.txt", "failed", "corrupt", "Damaged. Save it anew.")],
            [Outcome("NOTICE.txt", "ready", passages=0)],
            [Outcome("NOTICE.txt", "ready", passages=1), Outcome("new.txt", "ready", passages=1)],
        ],
    )
    def test_a_file_that_is_missing_other_shorter_or_new(self, changed: list[Outcome]) -> None:
        others = [one for one in self.outcomes() if one.path != "NOTICE.txt"]
        assert len(differences([*others, *changed])) == 1

    def test_another_reason_and_one_without_a_next_step(self) -> None:
        path = "docling/tests/data/pdf_password/sources/2206.01062_pg3.pdf"
        others = [one for one in self.outcomes() if one.path != path]
        for code, reason in (
            ("corrupt", "Damaged. Save it anew."),
            ("password_protected", "It is protected."),
        ):
            assert len(differences([*others, Outcome(path, "failed", code, reason)])) == 1

    def test_what_is_installed_decides_what_is_expected(self) -> None:
        path = "r2r/py/core/examples/supported_file_types/doc.doc"
        assert expectations(Equipment())[path] == ("failed", "older_format")
        assert expectations(Equipment(converter=Converter(Path("soffice.bin"))))[path] == ("ready", 3)
