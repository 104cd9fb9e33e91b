"""Index generations, for administrators: built by workers, compared, put in force, gone back from."""

from typing import Annotated
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from kbchat.composition import encoders
from kbchat.rebuilding import comparing, managing, switching
from kbchat.web import generation_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()


class SwitchWish(shapes.Body):
    """`instead_of`: the generation that answers as the caller knows it. `reason`: why, although checks refuse it."""

    instead_of: int
    reason: Annotated[str, Field(max_length=1000)] = ""


@router.get("/generations", response=generation_shapes.Generations)
def read_generations(request: ViewerRequest) -> managing.GenerationsView:
    return managing.view_generations(request.auth, encoders())


@router.post("/generation-builds", response={202: None})
def request_build(request: ViewerRequest, encoder: str = "") -> Status[None]:
    """Another generation, by one of the encoders that are offered; "": by what the settings name."""
    managing.request_offered_build(request.auth, encoders(), encoder)
    return Status(202, None)


@router.post("/generation-builds/{uuid:build_id}/pause", response={204: None})
def pause_build(request: ViewerRequest, build_id: UUID) -> Status[None]:
    managing.pause_build(request.auth, build_id)
    return Status(204, None)


@router.post("/generation-builds/{uuid:build_id}/resume", response={204: None})
def resume_build(request: ViewerRequest, build_id: UUID) -> Status[None]:
    managing.resume_build(request.auth, build_id)
    return Status(204, None)


@router.delete("/generation-builds/{uuid:build_id}", response={204: None})
def cancel_build(request: ViewerRequest, build_id: UUID) -> Status[None]:
    managing.cancel_build(request.auth, build_id)
    return Status(204, None)


@router.get("/generations/{generation_id}/golden", response=generation_shapes.GoldenComparison)
def compare_golden(
    request: ViewerRequest, generation_id: int, with_generation: int
) -> comparing.GoldenComparison:
    """By what each was last asked since the new one was built: `POST /golden-runs?generation_id=…` asks."""
    return comparing.compare_golden(request.auth, with_generation, generation_id)


@router.get("/generations/{generation_id}/lost-sentences", response=list[generation_shapes.LostSentence])
def read_lost_sentences(request: ViewerRequest, generation_id: int) -> list[comparing.LostSentence]:
    """Those by which its checks found that it finds less, as far as the caller may read them."""
    return comparing.lost_sentences(request.auth, generation_id)


@router.post("/generations/{generation_id}/in-force", response={204: None})
def put_in_force(request: ViewerRequest, generation_id: int, wish: SwitchWish) -> Status[None]:
    """Every question from now on is answered by it. To go back is the same with the former one."""
    switching.put_in_force(request.auth, generation_id, instead_of=wish.instead_of, reason=wish.reason)
    return Status(204, None)


@router.delete("/generations/{generation_id}", response={204: None})
def retire_generation(request: ViewerRequest, generation_id: int) -> Status[None]:
    """Kept no more: nobody can go back to it."""
    switching.retire(request.auth, generation_id)
    return Status(204, None)
