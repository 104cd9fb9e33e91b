"""Trying whether a source answers before it is kept, or before its secrets are others: a short look at its beginning,
by a worker that reads sources, as a run would look. Whoever asked waits for it.

What is there is not told, only whether anything is; and that somebody has tried is in the trail. A trial is a row that
goes when its asker was told or waits no longer: a job that comes late, or twice, finds nothing to do.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from time import sleep
from typing import Any, Final
from uuid import UUID

from django.db.models.functions import Now

from kbchat.access.gate import access_collection
from kbchat.access.models import Role
from kbchat.access.viewers import viewer_of
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.core.database_threads import released
from kbchat.core.deadline import Deadline
from kbchat.core.errors import Invalid, KbchatError, NotAllowed, NotFound, Unavailable
from kbchat.core.jobs import Job, ring_on_commit
from kbchat.core.viewer import Viewer
from kbchat.library.models import SourceTrial, TrialState
from kbchat.library.sources.credentials import opened, require_its_secrets, without_secrets
from kbchat.library.sources.visible import access_source, require_administrator
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Place, Surroundings

logger = logging.getLogger(__name__)

TRIAL_SECONDS: Final = 10.0
WAIT_SECONDS: Final = 2 * TRIAL_SECONDS
"""For a worker to begin, and for its look."""
_ASK_EVERY_SECONDS: Final = 0.1
_LEFT_BEHIND: Final = timedelta(minutes=1)
_CAUSES: Final[Mapping[str, type[KbchatError]]] = {
    each.code: each for each in (NotFound, NotAllowed, Invalid, Unavailable)
}


def try_place(
    viewer: Viewer, collection_id: UUID, kind: str, place: Place, surroundings: Surroundings
) -> bool | None:
    """`place`: with its secrets. Whether something is there that may be a document; None: only a run tells. Raises as
    `keep_source`; Unavailable or Invalid with what is wrong there; Unavailable("source_trial_unanswered")."""
    with viewing(viewer):
        access_collection(viewer, collection_id, role=Role.OWNER)
        require_administrator(viewer)
        trial = _queued(viewer, collection_id, kind, place, surroundings)
        record(viewer.user_id, AuditAction.SOURCE_TRIED, collection=collection_id, kind=kind)
    return _awaited(viewer, trial)


def try_secrets(
    viewer: Viewer, source_id: UUID, secrets: Mapping[str, str], surroundings: Surroundings
) -> bool | None:
    """As `try_place`, of a source that is kept, with these secrets in place of its own. Raises as `set_secrets`."""
    with viewing(viewer):
        kept = access_source(viewer, source_id)
        require_administrator(viewer)
        require_its_secrets(kept.kind, secrets)
        trial = _queued(viewer, kept.collection_id, kept.kind, {**kept.place, **secrets}, surroundings)
        record(
            viewer.user_id,
            AuditAction.SOURCE_TRIED,
            source=source_id,
            collection=kept.collection_id,
            kind=kept.kind,
        )
    return _awaited(viewer, trial)


def look(trial_id: UUID, surroundings: Surroundings) -> None:
    """One job that may come twice, late or never; by a worker, on behalf of the asker as his rights are now."""
    if not SourceTrial.objects.filter(pk=trial_id, state=TrialState.QUEUED).update(state=TrialState.RUNNING):
        return
    trial = SourceTrial.objects.select_related("asked_by").filter(pk=trial_id).first()
    if trial is not None:
        found = _found(trial, surroundings)
        SourceTrial.objects.filter(pk=trial_id).update(state=TrialState.ENDED, **found)


def forget_trials() -> None:
    """Those whose asker's process has died."""
    SourceTrial.objects.filter(created_at__lt=Now() - _LEFT_BEHIND).delete()


def _queued(viewer: Viewer, collection_id: UUID, kind: str, place: Place, surroundings: Surroundings) -> UUID:
    source_at(kind, place, surroundings).close()
    shown, sealed = without_secrets(kind, place)
    trial = SourceTrial.objects.create(
        collection_id=collection_id, asked_by_id=viewer.user_id, kind=kind, place=shown, sealed_secrets=sealed
    )
    ring_on_commit(Job.TRY_SOURCE, trial.pk)
    return trial.pk


def _found(trial: SourceTrial, surroundings: Surroundings) -> dict[str, Any]:
    """As the row has it."""
    try:
        asker = viewer_of(trial.asked_by)
        with viewing(asker):
            access_collection(asker, trial.collection_id, role=Role.OWNER)
            require_administrator(asker)
        source = opened(trial, surroundings)
        try:
            return {"has_documents": source.glimpse(TRIAL_SECONDS)}
        finally:
            source.close()
    except KbchatError as error:
        cause = next((code for code, its in _CAUSES.items() if isinstance(error, its)), KbchatError.code)
        return {"cause": cause, "problem": error.code, "problem_facts": error.facts}
    except Exception:
        logger.exception("a source could not be tried", extra={"trial": str(trial.pk)})
        return {"cause": KbchatError.code, "problem": KbchatError.code}


def _awaited(viewer: Viewer, trial_id: UUID) -> bool | None:
    """Holds no connection meanwhile."""
    deadline = Deadline.after(WAIT_SECONDS)
    try:
        while (ended := released(_ended, viewer, trial_id)) is None:
            if deadline.has_passed:
                raise Unavailable("source_trial_unanswered")
            sleep(_ASK_EVERY_SECONDS)
    finally:
        released(_forget, viewer, trial_id)
    if ended.cause:
        raise _CAUSES.get(ended.cause, KbchatError)(ended.problem, **ended.problem_facts)
    return ended.has_documents


def _ended(viewer: Viewer, trial_id: UUID) -> SourceTrial | None:
    with viewing(viewer):
        return SourceTrial.objects.filter(pk=trial_id, state=TrialState.ENDED).first()


def _forget(viewer: Viewer, trial_id: UUID) -> None:
    with viewing(viewer):
        SourceTrial.objects.filter(pk=trial_id).delete()
