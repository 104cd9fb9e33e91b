"""Weights and calibration fitted anew on golden questions: put to use where they find no less, and under the person's
rights alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from kbchat.core.errors import Invalid
from kbchat.evaluation import fitting
from kbchat.evaluation.fitting import Refitting, refit
from kbchat.evaluation.keeping import QuestionWish, keep_question
from kbchat.evaluation.tuning import fit
from kbchat.indexing.encoders import only
from kbchat.indexing.models import IndexGeneration
from kbchat.inference.ports import Embedder
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.documents import DocumentRow
from kbchat.library.uploading import upload
from kbchat.retrieval.calibration import UNFITTED_DENSE_WEIGHT
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, ingest, markdown
from tests.services.test_golden_questions import place_of

pytestmark = pytest.mark.django_db

TEAMS = ("harbour", "garden", "night", "roof", "cellar", "paint")
ROOMS = ("north", "south", "tower", "river")
ENGLISH = "When does the {team} team meet in the {room} room?"
CHINESE = "{team} 团队何时在 {room} 房间开会？"


class Mistaken(HashEmbedder):
    """It takes one team for another."""

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        others = dict(zip(TEAMS, (*TEAMS[1:], TEAMS[0]), strict=True))
        return self.embed_documents(
            [" ".join(others.get(word, word) for word in text.split()) for text in texts]
        )


Meetings = list[tuple[DocumentRow, str, str]]
"""A document for each, with the team and the room."""


@pytest.fixture
def meetings(company: Company) -> Meetings:
    pairs = [(team, room) for team in TEAMS for room in ROOMS]
    rows = [
        upload(
            company.admin,
            company.handbook.id,
            markdown(f"# {team} {room}\n\nThe {team} team meets in the {room} room on day {n}.\n", f"{n}.md"),
            max_bytes=MAX_BYTES,
        )
        for n, (team, room) in enumerate(pairs)
    ]
    ingest()
    return [(row, *pair) for row, pair in zip(rows, pairs, strict=True)]


def keep(company: Company, meetings: Meetings, *questions: str) -> Company:
    """Each of the questions about every meeting."""
    for row, team, room in meetings:
        place = place_of(company.admin, row, f"The {team} team")
        for question in questions:
            asked = question.format(team=team, room=room)
            keep_question(company.admin, QuestionWish(asked, Scope((company.handbook.id,)), [place]))
    return company


@pytest.fixture
def asked(company: Company, meetings: Meetings) -> Company:
    return keep(company, meetings, ENGLISH)


def by(embedder: Embedder) -> Refitting:
    return Refitting(only(embedder), lambda asking: PostgresRetriever(only(asking)))


def in_force() -> tuple[object, object]:
    return IndexGeneration.objects.values_list("dense_weights", "calibration").get()


def test_what_finds_no_less_is_put_to_use(asked: Company) -> None:
    assert in_force() == ({}, {})
    (found,) = refit(asked.admin, by(HashEmbedder()))
    assert (found.questions, found.is_put_to_use) == (24, True)
    assert found.now >= found.before - 0.001
    weights, calibration = in_force()
    assert weights == found.dense_weights
    assert calibration["temperature"] == found.temperature
    assert list(calibration["null"]) == ["en"]
    pin = PostgresRetriever(only(HashEmbedder())).pin()
    assert (pin.dense_weight["en"], pin.temperature) == (found.dense_weights["en"], found.temperature)
    assert pin.dense_weight["zh"] == UNFITTED_DENSE_WEIGHT, "what nothing was fitted for stays"


def test_questions_that_are_kept_in_both_languages_in_turn_fit_both(
    company: Company, meetings: Meetings
) -> None:
    keep(company, meetings, ENGLISH, CHINESE)
    (found,) = refit(company.admin, by(HashEmbedder()))
    assert found.questions == 48
    assert {"en", "zh"} <= found.dense_weights.keys()


def test_what_finds_less_is_not(asked: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if chance had fitted the one half by meaning alone, which tells the other half nothing."""
    monkeypatch.setattr(fitting, "fit", lambda sets: replace(fit(sets), dense_weights={"en": 1.0}))
    (found,) = refit(asked.admin, by(Mistaken()))
    assert not found.is_put_to_use
    assert found.now < found.before
    assert in_force() == ({}, {})


def test_too_few_questions_fit_nothing(asked: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    for nobody in (asked.reader, asked.stranger):
        with pytest.raises(Invalid, match="too_few_golden_questions"):
            refit(nobody, by(HashEmbedder()))
    monkeypatch.setattr(fitting, "LEAST_QUESTIONS", 25)
    with pytest.raises(Invalid, match="too_few_golden_questions"):
        refit(asked.admin, by(HashEmbedder()))
    assert in_force() == ({}, {})
