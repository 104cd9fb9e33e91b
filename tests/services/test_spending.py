"""Tokens of the model that a person may use in a day: counted when an answer ends, asked before the next (T45)."""

from datetime import timedelta

import pytest
from django.conf import settings

from kbchat.access.viewing import viewing
from kbchat.chat.models import TokensSpent
from kbchat.chat.spending import add_tokens, tokens_used_today
from kbchat.core.errors import Busy
from kbchat.core.viewer import Viewer
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.company import Company, add, found_company
from tests.services.chat_support import LEAVE, answering, ask, followed, row_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    founded = found_company()
    add(founded.admin, founded.handbook, LEAVE)
    return founded


def spent(viewer: Viewer) -> int:
    with viewing(viewer):
        return tokens_used_today(viewer)


def test_an_answer_counts_for_its_asker_until_his_day_is_used_up(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScriptedLanguageModel("Everybody has 28 days of annual leave [1].")
    with answering(model=model):
        followed(company.reader, ask(company.reader, "How many days of annual leave?"))
        first = spent(company.reader)
        assert first > 0
        monkeypatch.setattr(settings.LIMITS, "most_tokens_a_day", first + 1)
        # The last one is let in by what was spent before it.
        turn = ask(company.reader, "How many days may be carried over?")
        followed(company.reader, turn)
        assert row_of(company.reader, turn).state == "done"
    assert spent(company.reader) > first + 1
    with pytest.raises(Busy, match="tokens_used_up"):
        ask(company.reader, "And in the year after?")
    # Nobody else pays for it.
    assert spent(company.editor) == 0
    ask(company.editor, "How many days?")


def test_quoting_counts_nothing(company: Company) -> None:
    with answering():
        followed(company.reader, ask(company.reader, "How many days of annual leave?"))
    assert spent(company.reader) == 0


def test_another_day_is_another_count_and_nobody_reads_or_writes_another_s(company: Company) -> None:
    with viewing(company.reader):
        add_tokens(company.reader.user_id, 5)
        add_tokens(company.reader.user_id, 7)
        assert tokens_used_today(company.reader) == 12
        row = TokensSpent.objects.get()
        TokensSpent.objects.filter(pk=row.pk).update(day=row.day - timedelta(days=1))
        assert tokens_used_today(company.reader) == 0
    with viewing(company.editor):
        assert not TokensSpent.objects.exists()
