"""What a source says of its readers and cannot be understood lets nobody in but owners."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.people import ensure_group
from kbchat.core.errors import Unavailable
from kbchat.library.sharing import give_grant
from kbchat.library.sources.keeping import (
    list_source_runs,
    start_source,
)
from kbchat.sources.access_file import ACCESS_FILE
from kbchat.sources.folder import FolderSource
from tests.company import Company
from tests.services.source_access_support import (
    ALL,
    mirrored,
    rule,
    say,
    seen,
    user,
)
from tests.services.sources_support import read, surroundings_of, work, write

pytestmark = pytest.mark.django_db


class TestFailingClosed:
    @pytest.mark.parametrize(
        ("breaking", "code"),
        [
            (lambda folder: (folder / ACCESS_FILE).unlink(), "source_access_missing"),
            (lambda folder: (folder / ACCESS_FILE).write_text("[[rule"), "source_access_unusable"),
            (lambda folder: say(folder, rule("**").replace("everyone", "all")), "source_access_unusable"),
            (lambda folder: (folder / ACCESS_FILE).write_bytes(b"#" * 2**21), "too_large"),
            (lambda folder: _linked(folder), "source_access_missing"),
        ],
        ids=("missing", "broken", "half understood", "too large", "a link"),
    )
    def test_what_cannot_be_read_is_for_owners_alone(
        self, company: Company, folder: Path, breaking: Callable[[Path], None], code: str
    ) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        read(company, source, reach)
        breaking(folder)
        write(folder, new="Words.")
        run = read(company, source, reach)
        assert (run.state, run.permissions_problem, run.withheld) == ("succeeded", code, 4)
        assert seen(company, company.reader) == set()
        assert seen(company, company.admin) == ALL | {"new"}
        say(folder, rule("**"))
        run = read(company, source, reach)
        assert (run.permissions_problem, run.permissions_facts, run.withheld) == ("", {}, 0)
        assert seen(company, company.reader) == ALL | {"new"}

    def test_a_source_that_does_not_answer_that_question_is_closed(
        self, company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        read(company, source, reach)

        def silent(self: FolderSource) -> None:
            raise Unavailable("source_unreachable")

        monkeypatch.setattr(FolderSource, "permissions", silent)
        assert read(company, source, reach).permissions_problem == "source_unreachable"
        assert seen(company, company.reader) == set()

    def test_a_rule_that_names_an_unknown_group_lets_nobody_in(self, company: Company, folder: Path) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        say(folder, rule("staff/**", "Staff", "Stuff"), rule("**", "Staff"))
        run = read(company, source, reach)
        assert (run.permissions_problem, run.withheld) == ("source_groups_unknown", 1)
        assert run.permissions_facts == {"groups": "Stuff", "count": 1}
        assert seen(company, company.reader) == {"plan", "other"}
        # As soon as there is such a group, although nothing has changed in the source.
        ensure_group("Stuff", [])
        read(company, source, reach)
        assert seen(company, company.reader) == ALL

    def test_a_group_that_goes_takes_its_readers_along(self, company: Company, folder: Path) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        other = ensure_group("Other", [user(company.editor)])
        say(folder, rule("**", "Other"))
        read(company, source, reach)
        assert seen(company, company.editor) == ALL
        other.delete()
        assert seen(company, company.editor) == set()
        assert read(company, source, reach).permissions_problem == "source_groups_unknown"
        assert seen(company, company.editor) == set()

    def test_without_a_keeper_who_owns_the_collection_nothing_is_read(
        self, company: Company, folder: Path
    ) -> None:
        source, reach = mirrored(company, folder), surroundings_of(folder)
        read(company, source, reach)
        give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
        give_grant(company.editor, company.handbook.id, Principal("user", company.admin.user_id), Role.EDITOR)
        write(folder, staff__new="Secret.")
        start_source(company.editor, source.id)
        work(reach)
        run = list_source_runs(company.editor, source.id)[0]
        assert (run.state, run.problem, run.readers_changed) == ("failed", "source_without_owner", 0)
        assert seen(company, company.editor) == ALL


def _linked(folder: Path) -> None:
    (folder / ".elsewhere").write_text(rule("**"))
    (folder / ACCESS_FILE).unlink()
    (folder / ACCESS_FILE).symlink_to(folder / ".elsewhere")
