"""Golden questions over HTTP: kept from what a search shows, run step by step, refused to others."""

from typing import Any

import pytest

from kbchat.access.viewing import viewing
from kbchat.evaluation.models import GoldenRun
from kbchat.library.documents import DocumentRow
from kbchat.web.http import golden
from tests.web.conftest import Company, SignIn, call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_search")]

QUESTION = "How many days of annual leave?"


def wish(company: Company, passage: dict[str, Any], **more: Any) -> dict[str, Any]:
    place = {name: passage[name] for name in ("version_id", "start", "end")}
    return {
        "question": QUESTION,
        "scope": {"collection_ids": [str(company.collection_id)], "languages": ["en"]},
        "places": [place],
        "expected_words": [],
    } | more


def test_an_owner_keeps_what_search_shows_and_runs_it_in_steps(
    company: Company, page: DocumentRow, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(golden, "STEP_SECONDS", 0.0)
    client = signed_in(company.owner)
    passage = call(client, "get", f"/search?q={QUESTION}").json()["passages"][0]
    good = wish(company, passage)
    made = call(client, "post", "/golden-questions", good)
    assert made.status_code == 201, made.content
    question = made.json()
    assert question["places"] == [
        {name: passage[name] for name in ("document_id", "version_id", "title", "start", "end")}
        | {"is_outdated": False}
    ]
    assert question["scope"] == {
        **good["scope"],
        "document_ids": [],
        "kinds": [],
        "since": None,
        "until": None,
    }
    silent = {"question": "Who won the chess championship?"}
    assert call(client, "post", "/golden-questions", silent).status_code == 201

    run = call(client, "post", "/golden-runs").json()
    assert run["remaining"] == 2
    assert call(client, "get", "/golden-runs").json() == []
    steps = [call(client, "post", f"/golden-runs/{run['id']}/steps").json()["remaining"] for _ in range(3)]
    assert steps == [1, 0, 0]
    (told,) = call(client, "get", "/golden-runs").json()
    assert (told["found"], told["answerable"], told["silent"], told["mrr"]) == (1, 1, 1, 1.0)
    assert (told["is_own"], told["in_force"]["reranker"]) == (True, "")
    assert told["in_force"]["answer_from"]["en"] > 0
    assert told["finished_at"]
    detail = call(client, "get", f"/golden-runs/{run['id']}").json()
    assert [one["now"]["found_at"] for one in detail["questions"]] == [1, None]
    assert call(client, "get", "/golden-questions").json()[1]["latest"]["found_at"] == 1

    changed = call(client, "patch", f"/golden-questions/{question['id']}", silent).json()
    assert (changed["text"], changed["places"]) == (silent["question"], [])
    assert call(client, "delete", f"/golden-questions/{question['id']}").status_code == 204
    assert call(client, "delete", f"/golden-questions/{question['id']}").status_code == 404


def test_a_run_of_a_version_that_kept_less_is_told(
    company: Company, page: DocumentRow, signed_in: SignIn
) -> None:
    client = signed_in(company.owner)
    call(client, "post", "/golden-questions", {"question": "Who won the chess championship?"})
    run = call(client, "post", "/golden-runs").json()
    call(client, "post", f"/golden-runs/{run['id']}/steps")
    added = ("null_weights", "answer_from", "glossary")
    with viewing(company.viewer(company.owner)):
        kept = GoldenRun.objects.get()
        kept.in_force = {name: value for name, value in kept.in_force.items() if name not in added}
        kept.save()
    for told in (
        call(client, "get", "/golden-runs").json()[0],
        call(client, "get", f"/golden-runs/{run['id']}").json()["run"],
    ):
        assert [told["in_force"][name] for name in added] == [None, None, None]


def test_what_does_not_fit_and_whoever_may_not_are_refused(
    company: Company, page: DocumentRow, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, reader = signed_in(company.owner), signed_in(company.reader)
    passage = call(client, "get", f"/search?q={QUESTION}").json()["passages"][0]
    good = wish(company, passage)
    for wrong in (
        {"places": [{**good["places"][0], "start": -1}]},
        {"places": [{**good["places"][0], "end": 2**31}]},
        {"question": ""},
        {"is_answerable": True},
        {"collection_ids": [str(company.collection_id)]},
        {"scope": {"kinds": ["exe"]}},
    ):
        assert call(client, "post", "/golden-questions", good | wrong).status_code == 422, wrong
    turned_round = {"places": [{**good["places"][0], "start": 9, "end": 5}]}
    assert (
        call(client, "post", "/golden-questions", good | turned_round).json()["code"] == "span_outside_text"
    )
    assert call(reader, "post", "/golden-questions", good).status_code == 403
    assert call(reader, "post", "/golden-runs").json()["code"] == "no_golden_questions"
    assert call(client, "post", "/golden-runs").json()["code"] == "no_golden_questions"
    monkeypatch.setattr(golden, "is_warming_up", lambda: True)
    assert call(client, "post", "/golden-runs").status_code == 503
