"""What an answer was made by is kept with it, and told to whoever asked while he may read its sources."""

from uuid import uuid4

import pytest

from kbchat.answering.events import Source, SourcesFound
from kbchat.answering.prompts import VERSION
from kbchat.chat.record import NumberedEvent, unranked
from kbchat.chat.tracing import trace_of
from kbchat.core.errors import NotFound
from tests.company import Company, add
from tests.contracts.server_process import ScriptedServer
from tests.services.chat_support import answering, ask, followed, has_text, row_of, withdraw_grants

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("leave")]

QUESTION = "How many days of annual leave does everybody have?"


def test_a_quoted_answer_keeps_its_index_its_settings_and_its_verdicts(company: Company) -> None:
    with answering():
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn)
    found = trace_of(company.reader, turn.turn_id)
    assert found["generation"] == row_of(company.reader, turn).pin_id is not None
    assert (found["strategy"], found["prompts"], found["model"]) == ("quoting", None, None)
    assert found["settings"]["max_rounds"] == 3
    (step,) = found["steps"]
    assert step["generations"] == [found["generation"]]
    assert step["enough"]
    assert 0 < step["probability"] <= 1


def test_a_written_answer_keeps_its_prompts_and_its_model(company: Company, server: ScriptedServer) -> None:
    server.script(log_probabilities=False, default={"reply": "Everybody has 28 days of annual leave [1]."})
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn)
    found = trace_of(company.reader, turn.turn_id)
    assert (found["strategy"], found["prompts"]) == ("generating", VERSION)
    assert found["model"]


def test_a_model_s_doubt_of_a_claim_is_kept_with_who_had_it(company: Company, server: ScriptedServer) -> None:
    labels = {"Do passages": {"no": 0.9}, "answer the question?": {"yes": 0.9}, "Letter:": {"A": 0.9}}
    server.script(
        default={"reply": "Everybody has 28 days of annual leave [1]."},
        rules=[{"when": when, "scenario": {"labels": found}} for when, found in labels.items()],
    )
    with answering(server.base_url, claim_judge="language_model"):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn)
    events = row_of(company.reader, turn).events
    assert [one["event"]["state"] for one in events if one["event"]["type"] == "sentence_verified"] == [
        "partly"
    ]
    assert trace_of(company.reader, turn.turn_id)["settings"]["claim_judge"] == "language_model"


def test_a_question_is_translated_by_what_the_asker_may_read(
    company: Company, server: ScriptedServer
) -> None:
    server.script(
        log_probabilities=False,
        default={"reply": "Everybody has 28 days of annual leave [1]."},
        rules=[{"when": "Translate each line", "scenario": {"reply": "每个人有多少天年假？"}}],
    )

    def queries() -> list[str]:
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn)
        found = (one["event"] for one in row_of(company.reader, turn).events)
        return next(event["queries"] for event in found if event["type"] == "queries_rewritten")

    leave = "# 年假\n\n每个人每年有 28 天年假，另有病假。"
    with answering(server.base_url):
        add(company.admin, company.salaries, leave, "salaries.md")
        assert queries() == [QUESTION]
        add(company.admin, company.handbook, leave, "leave.md")
        assert queries() == [QUESTION, "每个人有多少天年假？"]


def test_nobody_else_is_told_and_who_lost_a_source_no_longer(company: Company) -> None:
    with answering():
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn)
    with pytest.raises(NotFound):
        trace_of(company.admin, turn.turn_id)
    with pytest.raises(NotFound):
        trace_of(company.reader, uuid4())
    withdraw_grants(company.admin, company.handbook)
    with pytest.raises(NotFound):
        trace_of(company.reader, turn.turn_id)


def test_a_revoked_turn_keeps_no_trace(company: Company, server: ScriptedServer) -> None:
    server.script(
        log_probabilities=False,
        default={"reply": "Everybody has 28 days [1]. " * 40, "tokens_per_second": 20},
    )
    with answering(server.base_url):
        turn = ask(company.reader, QUESTION)
        followed(company.reader, turn, until=has_text(5))
        withdraw_grants(company.admin, company.handbook)
        followed(company.reader, turn)
    row = row_of(company.reader, turn)
    assert (row.state, row.trace) == ("revoked", {})


def test_sources_tell_their_places_to_their_reader_alone(company: Company) -> None:
    with answering():
        turn = ask(company.reader, QUESTION)
        events = followed(company.reader, turn)
    ranks = [(source.rank_by_meaning, source.rank_by_words) for source in _sources(events)]
    assert (1 in {meaning for meaning, _ in ranks}, 1 in {words for _, words in ranks}) == (True, True)
    assert {rank for pair in ranks for rank in pair} <= {None, *range(1, 1000)}
    assert {(source.rank_by_meaning, source.rank_by_words) for source in _sources(unranked(events))} == {
        (None, None)
    }


def _sources(events: list[NumberedEvent]) -> list[Source]:
    return [
        source for item in events if isinstance(item.event, SourcesFound) for source in item.event.sources
    ]
