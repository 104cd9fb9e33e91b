"""Whom a refusal names: owners of what its asker reads, and nothing that tells a missing answer from a hidden one."""

import pytest
from django.db import connection

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.responsible import Responsible, responsible_for
from kbchat.accounts.models import User
from kbchat.accounts.people import ensure_group
from kbchat.answering.events import OwnersNamed
from kbchat.core.viewer import Viewer
from kbchat.library.sharing import give_grant
from tests.company import Company, add
from tests.services.chat_support import answering, ask, check_stream, followed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("leave")]

SECRET = "What does the director earn?"


def owners_named(viewer: Viewer, question: str) -> list[OwnersNamed]:
    with answering():
        events = followed(viewer, ask(viewer, question))
    check_stream(events)
    assert events[-1].event.type == "turn_finished"
    assert events[-1].event.state == "refused"
    return [item.event for item in events if isinstance(item.event, OwnersNamed)]


def test_a_refusal_names_the_owners_of_what_came_nearest(company: Company) -> None:
    finance = ensure_group("Finance", [User.objects.get(pk=company.editor.user_id)])
    give_grant(company.admin, company.handbook.id, Principal("group", finance.pk), Role.OWNER)
    (named,) = owners_named(company.reader, "Who won the chess championship in Oslo?")
    assert (named.collection_name, named.owners) == ("Handbook", ["Finance", "Admin"])


def test_missing_and_hidden_name_the_same(company: Company) -> None:
    before = owners_named(company.reader, SECRET)
    add(company.admin, company.salaries, "# Pay\n\nThe director earns 900 euro.\n", "pay.md")
    assert owners_named(company.reader, SECRET) == before
    assert [named.collection_name for named in before] == ["Handbook"]


def test_who_reads_nothing_is_told_nobody(company: Company) -> None:
    assert owners_named(company.stranger, SECRET) == []


def test_a_collection_that_is_hidden_has_no_owners(company: Company) -> None:
    both = [company.salaries.id, company.handbook.id]
    assert responsible_for(company.reader, both) == [Responsible("Handbook", ("Admin",))]
    assert responsible_for(company.stranger, both) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM kbchat_owners_of(%s)", [both])
        assert cursor.fetchall() == [], "nobody sees nothing"


def test_nobody_is_sent_to_himself_to_a_denied_owner_or_to_who_has_left(company: Company) -> None:
    assert responsible_for(company.admin, [company.handbook.id]) == []
    editor = Principal("user", company.editor.user_id)
    give_grant(company.admin, company.handbook.id, editor, Role.OWNER)
    assert responsible_for(company.reader, [company.handbook.id])[0].owners == ("Admin", "Editor")
    User.objects.filter(pk=company.editor.user_id).update(is_active=False)
    assert responsible_for(company.reader, [company.handbook.id])[0].owners == ("Admin",)
