"""Golden questions and their runs, for owners of the collections that they name."""

from typing import Annotated, Final
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from kbchat.composition import encoders, reranker_name, retriever
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Unavailable
from kbchat.core.text import Span
from kbchat.evaluation import keeping, runs
from kbchat.evaluation.asking import Place, Searching
from kbchat.web import golden_shapes, shapes
from kbchat.web.conversation_shapes import AskScope
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.warming import is_warming_up

router = Router()

STEP_SECONDS: Final = 4.0
"""In which one request goes on measuring: long enough to be worth a request, short enough to see it move."""


class PlaceWish(shapes.Body):
    version_id: UUID
    start: Annotated[int, Field(ge=0, lt=2**31)]
    end: Annotated[int, Field(gt=0, lt=2**31)]


class QuestionWish(shapes.Body):
    """`scope` without collections and documents: all collections that are the caller's. `places` empty: the library
    does not hold it."""

    question: Annotated[str, Field(min_length=1)]
    scope: AskScope = AskScope()
    places: Annotated[list[PlaceWish], Field(max_length=1000)] = Field(default_factory=list)
    expected_words: Annotated[list[Annotated[str, Field(max_length=1000)]], Field(max_length=100)] = Field(
        default_factory=list
    )


@router.get("/golden-questions", response=list[golden_shapes.GoldenQuestion])
def read_golden_questions(request: ViewerRequest) -> list[keeping.QuestionRow]:
    """Those that name collections of the caller's alone; last changed first."""
    return keeping.list_questions(request.auth)


@router.post("/golden-questions", response={201: golden_shapes.GoldenQuestion})
def keep_golden_question(request: ViewerRequest, wish: QuestionWish) -> Status[keeping.QuestionRow]:
    return Status(201, keeping.keep_question(request.auth, _wish(wish)))


@router.patch("/golden-questions/{uuid:question_id}", response=golden_shapes.GoldenQuestion)
def change_golden_question(
    request: ViewerRequest, question_id: UUID, wish: QuestionWish
) -> keeping.QuestionRow:
    """All of it is sent; what earlier runs found stays."""
    return keeping.change_question(request.auth, question_id, _wish(wish))


@router.delete("/golden-questions/{uuid:question_id}", response={204: None})
def remove_golden_question(request: ViewerRequest, question_id: UUID) -> Status[None]:
    keeping.remove_question(request.auth, question_id)
    return Status(204, None)


@router.get("/golden-runs", response=list[golden_shapes.GoldenRun])
def read_golden_runs(request: ViewerRequest) -> list[runs.RunRow]:
    """Newest first."""
    return runs.list_runs(request.auth)


@router.post("/golden-runs", response={201: golden_shapes.GoldenProgress})
def start_golden_run(request: ViewerRequest, generation_id: int | None = None) -> Status[runs.RunProgress]:
    """Of what answers, or, for administrators, of the generation that they name. Nothing is asked yet: `POST
    /golden-runs/{run_id}/steps` until nothing remains."""
    return Status(201, runs.start_run(request.auth, _searching(), generation_id))


@router.post("/golden-runs/{uuid:run_id}/steps", response=golden_shapes.GoldenProgress)
def continue_golden_run(request: ViewerRequest, run_id: UUID) -> runs.RunProgress:
    """Ask on for a few seconds: for whoever started it."""
    deadline = Deadline.after(STEP_SECONDS)
    return runs.continue_run(request.auth, run_id, _searching(), deadline=deadline)


@router.get("/golden-runs/{uuid:run_id}", response=golden_shapes.GoldenRunDetail)
def read_golden_run(request: ViewerRequest, run_id: UUID) -> runs.RunDetail:
    return runs.run_detail(request.auth, run_id)


def _searching() -> Searching:
    """Raises Unavailable while the search model is loading: words alone are not what is measured."""
    if is_warming_up():
        raise Unavailable("search_model_unavailable")
    return Searching(retriever(), encoders(), reranker_name())


def _wish(wish: QuestionWish) -> keeping.QuestionWish:
    places = [Place(each.version_id, Span(each.start, max(each.start, each.end))) for each in wish.places]
    return keeping.QuestionWish(wish.question, wish.scope.chosen, places, wish.expected_words)
