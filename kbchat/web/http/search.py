"""Searching for passages, and questions to start with."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from kbchat.analysis import Language as DocumentLanguage
from kbchat.chat.comparing_searches import SearchComparison, Tried, compare_searches
from kbchat.chat.explaining_search import SearchExplanation, explain_search
from kbchat.chat.scope_choices import ScopeChoices, scope_choices
from kbchat.chat.searching import search
from kbchat.chat.starters import starters
from kbchat.composition import (
    reranker_name,
    retriever,
    retriever_by_words,
    retriever_without_reranker,
    suggestion_verdicts,
)
from kbchat.core.viewer import KeyScope
from kbchat.parsing.file_kinds import FileKind
from kbchat.retrieval.port import Scope, TellingRetriever
from kbchat.web import conversation_shapes, search_shapes, shapes
from kbchat.web.http.credentials import SIGNED_IN, ViewerRequest, by_key_for
from kbchat.web.warming import is_warming_up

router = Router(auth=by_key_for(KeyScope.SEARCH))


class SearchWish(shapes.Body):
    """`document`: searched besides the collections. `kind` of file, `language` of the document; `since`, `until`: when
    it took effect."""

    q: Annotated[str, Field(min_length=1)]
    collection: list[UUID] = Field(default_factory=list)
    document: list[UUID] = Field(default_factory=list)
    kind: list[FileKind] = Field(default_factory=list)
    language: list[DocumentLanguage] = Field(default_factory=list)
    since: date | None = None
    until: date | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 10

    @property
    def scope(self) -> Scope:
        return Scope(
            collection_ids=tuple(self.collection),
            document_ids=tuple(self.document),
            kinds=tuple(self.kind),
            languages=tuple(self.language),
            since=self.since,
            until=self.until,
        )


class PassagesWish(SearchWish):
    """`as_of`: what answered on that day; not given: today."""

    as_of: date | None = None


class ComparisonWish(SearchWish):
    """What is tried in place of what is in force. `legs`: which of the two ways to rank take part."""

    legs: Literal["both", "dense", "lexical"] = "both"
    dense_weight: Annotated[float, Field(ge=0, le=1)] | None = None
    temperature: Annotated[float, Field(ge=0.01, le=1)] | None = None
    reranker: bool = True


@router.get("/search", response=conversation_shapes.SearchResult)
def find_passages(request: ViewerRequest, wish: Query[PassagesWish]) -> dict[str, Any]:
    """The passages that answer `q` best, among those the caller may read."""
    found = search(
        request.auth, wish.q, scope=wish.scope, limit=wish.limit, retriever=_retriever(), as_of=wish.as_of
    )
    return {
        "passages": found.sources,
        "by_words_alone": found.by_words_alone,
        "by_names_alone": found.by_names_alone,
    }


@router.get("/search/choices", response=conversation_shapes.ScopeChoices)
def read_choices(request: ViewerRequest) -> ScopeChoices:
    """By what a search or a question can be narrowed, among what the caller may read."""
    return scope_choices(request.auth)


@router.get("/search/explanation", response=search_shapes.SearchExplanation, auth=SIGNED_IN)
def explain_passages(request: ViewerRequest, wish: Query[SearchWish]) -> SearchExplanation:
    """How the passages were ranked: for owners, over collections of theirs."""
    return explain_search(request.auth, wish.q, scope=wish.scope, limit=wish.limit, retriever=_retriever())


@router.get("/search/comparison", response=search_shapes.SearchComparison, auth=SIGNED_IN)
def compare_settings(request: ViewerRequest, wish: Query[ComparisonWish]) -> SearchComparison:
    """The same search as it is in force and as it would be with other settings: for owners, over collections of
    theirs. Nothing is changed."""
    weight = 1.0 if wish.legs == "dense" else wish.dense_weight
    return compare_searches(
        request.auth,
        wish.q,
        scope=wish.scope,
        limit=wish.limit,
        retriever=_retriever(),
        tried=Tried(_retriever_of(wish), weight, wish.temperature),
    )


@router.get("/starters", response=list[conversation_shapes.Starter])
def read_starters(request: ViewerRequest) -> list[dict[str, str]]:
    """Up to four questions that documents of the caller answer: a search for each leads there now."""
    return [
        {"question": question} for question in starters(request.auth, _retriever(), suggestion_verdicts())
    ]


def _retriever() -> TellingRetriever:
    """Nobody waits for a model to load: until then words alone have to do."""
    return retriever_by_words() if is_warming_up() else retriever()


def _retriever_of(wish: ComparisonWish) -> TellingRetriever:
    if wish.legs == "lexical" or is_warming_up():
        return retriever_by_words()
    return _retriever() if wish.reranker or not reranker_name() else retriever_without_reranker()
