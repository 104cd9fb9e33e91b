"""Searching over HTTP: what a result tells, and that words find until the model is loaded."""

import pytest

from kbchat.library.documents import DocumentRow
from kbchat.web.http import search
from tests.company import PAGE
from tests.web.conftest import Company, SignIn, call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_search")]


def test_searching_gives_sources(company: Company, page: DocumentRow, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    found = call(client, "get", "/search?q=How many days of annual leave%3F&limit=1").json()["passages"]
    assert [(source["number"], source["title"], source["collection_name"]) for source in found] == [
        (1, "Leave", "People")
    ]
    assert found[0]["quote"] in PAGE
    assert set(found[0]) == {
        *("number", "document_id", "version_id", "collection_name", "title", "heading_path"),
        *("page", "start", "end", "quote", "effective_from", "rank_by_meaning", "rank_by_words"),
    }


def test_until_the_model_is_loaded_words_find_and_say_so(
    company: Company, page: DocumentRow, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(company.reader)
    assert call(client, "get", "/search?q=leave").json()["by_words_alone"] is False
    monkeypatch.setattr(search, "is_warming_up", lambda: True)
    found = call(client, "get", "/search?q=leave").json()
    assert found["by_words_alone"] is True
    assert found["passages"][0]["title"] == page.title


def test_an_owner_compares_settings_within_bounds(
    company: Company, page: DocumentRow, signed_in: SignIn
) -> None:
    client = signed_in(company.owner)
    address = "/search/comparison?q=annual leave days"
    told = call(client, "get", f"{address}&dense_weight=1&temperature=0.3&legs=both&reranker=false").json()
    assert set(told) == {"in_force", "tried", "places"}
    assert (told["tried"]["dense_weight"], told["tried"]["temperature"]) == (1.0, 0.3)
    assert sorted(told["places"]) == list(range(1, len(told["tried"]["passages"]) + 1))
    assert call(client, "get", f"{address}&legs=dense&dense_weight=0").json()["tried"]["dense_weight"] == 1.0
    assert call(client, "get", f"{address}&legs=lexical").json()["tried"]["path"] == ""
    for wrong in ("dense_weight=1.1", "dense_weight=-1", "dense_weight=nan", "temperature=0"):
        assert call(client, "get", f"{address}&{wrong}").status_code == 422, wrong
    for wrong in ("legs=all", "reranker=maybe", "limit=51"):
        assert call(client, "get", f"{address}&{wrong}").status_code == 422, wrong
    assert call(signed_in(company.reader), "get", address).status_code == 403
