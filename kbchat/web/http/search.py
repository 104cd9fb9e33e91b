"""Searching for passages, and questions to start with."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from kbchat.chat.explaining_search import SearchExplanation, explain_search
from kbchat.chat.searching import search
from kbchat.chat.starters import starters
from kbchat.composition import retriever, retriever_by_words
from kbchat.core.viewer import KeyScope
from kbchat.retrieval.port import Retriever, Scope
from kbchat.web import conversation_shapes, search_shapes, shapes
from kbchat.web.http.credentials import SIGNED_IN, ViewerRequest, by_key_for
from kbchat.web.warming import is_warming_up

router = Router(auth=by_key_for(KeyScope.SEARCH))


class SearchWish(shapes.Body):
    q: Annotated[str, Field(min_length=1)]
    collection: list[UUID] = Field(default_factory=list)
    limit: Annotated[int, Field(ge=1, le=50)] = 10


@router.get("/search", response=conversation_shapes.SearchResult)
def find_passages(request: ViewerRequest, wish: Query[SearchWish]) -> dict[str, Any]:
    """The passages that answer `q` best, among those the caller may read."""
    scope = Scope(collection_ids=tuple(wish.collection))
    found = search(request.auth, wish.q, scope=scope, limit=wish.limit, retriever=_retriever())
    return {"passages": found.sources, "by_words_alone": found.by_words_alone}


@router.get("/search/explanation", response=search_shapes.SearchExplanation, auth=SIGNED_IN)
def explain_passages(request: ViewerRequest, wish: Query[SearchWish]) -> SearchExplanation:
    """How the passages were ranked: for owners, over collections of theirs."""
    return explain_search(
        request.auth, wish.q, collections=wish.collection, limit=wish.limit, retriever=_retriever()
    )


@router.get("/starters", response=list[conversation_shapes.Starter])
def read_starters(request: ViewerRequest) -> list[dict[str, str]]:
    """Up to four questions that documents of the caller answer."""
    return [{"question": question} for question in starters(request.auth)]


def _retriever() -> Retriever:
    """Nobody waits for a model to load: until then words alone have to do."""
    return retriever_by_words() if is_warming_up() else retriever()
