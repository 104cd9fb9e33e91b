"""Sources that fill a collection, for its owners: where they are, when they are read, and what became of it."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Router, Status
from pydantic import Field, SecretStr

from kbchat import composition
from kbchat.library.models import PermissionsFrom
from kbchat.library.sources import credentials, keeping, permitting, troubles, trying
from kbchat.web import shapes, source_shapes
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.language import reader_language
from kbchat.web.schedule_shapes import Schedule, ScheduleWish

router = Router()


class SourcePlace(shapes.Body):
    """Of a folder and of dropped mail: `folder`, a whole path. Of Git: `url`, or a whole path; `branch`, and `folder`
    in it. Of a website: `sitemap`, its address. Of a bucket: `endpoint`, the server's address; `bucket`, `prefix` in
    it, `region`, and `style` "host" where the bucket is part of the host's name."""

    folder: Annotated[str, Field(max_length=2000)] = ""
    url: Annotated[str, Field(max_length=2000)] = ""
    branch: Annotated[str, Field(max_length=200)] = ""
    sitemap: Annotated[str, Field(max_length=2000)] = ""
    endpoint: Annotated[str, Field(max_length=2000)] = ""
    bucket: Annotated[str, Field(max_length=100)] = ""
    prefix: Annotated[str, Field(max_length=1000)] = ""
    region: Annotated[str, Field(max_length=100)] = ""
    style: Literal["", "path", "host"] = ""


class SourceSecrets(shapes.Body):
    """Of a bucket: an access key and its secret, or neither where everybody may read it. Nobody is shown them again."""

    access_key: Annotated[SecretStr, Field(max_length=200)] = SecretStr("")
    secret_key: Annotated[SecretStr, Field(max_length=200)] = SecretStr("")

    def revealed(self) -> dict[str, str]:
        """Those that are there."""
        named = {name: getattr(self, name).get_secret_value() for name in type(self).model_fields}
        return {name: value for name, value in named.items() if value}


class SourceTrialWish(shapes.Body):
    kind: source_shapes.SourceKind
    place: SourcePlace
    secrets: SourceSecrets = Field(default_factory=SourceSecrets)

    def whole(self) -> dict[str, str]:
        """The place with its secrets."""
        return {name: value for name, value in self.place.model_dump().items() if value} | (
            self.secrets.revealed()
        )


class SourceWish(SourceTrialWish):
    """`reader_group_ids`: groups that may read the collection from now on. `permissions_from` "source": of those who
    read the collection the source says who reads which document."""

    name: Annotated[str, Field(max_length=1000)]
    permissions_from: source_shapes.PermissionsFrom = "collection"
    reader_group_ids: Annotated[list[UUID], Field(max_length=100)] = Field(default_factory=list)


class PermissionsWish(shapes.Body):
    permissions_from: source_shapes.PermissionsFrom


class RunWish(shapes.Body):
    """`lets_go`: a source's `held_in`; documents that this run held may go, where their items are missing still."""

    lets_go: UUID | None = None


class RetryWish(shapes.Body):
    """`items` null: all that were refused or failed."""

    items: Annotated[list[int], Field(max_length=1000)] | None = None


@router.get("/sources", response=list[source_shapes.KeptSource])
def read_sources(request: ViewerRequest) -> list[source_shapes.KeptSource]:
    """Of the collections that the caller owns."""
    language = reader_language(request)
    return [source_shapes.KeptSource.of(row, language) for row in keeping.list_sources(request.auth)]


@router.get("/source-openings", response=source_shapes.SourceOpenings)
def read_openings(request: ViewerRequest) -> source_shapes.SourceOpenings:
    """For administrators."""
    opened = keeping.openings(request.auth, composition.surroundings_of_sources())
    return source_shapes.SourceOpenings(
        folders=sorted(map(str, opened.roots)), origins=sorted(opened.origins)
    )


@router.post("/collections/{uuid:collection_id}/sources", response={201: source_shapes.KeptSource})
def add_source(
    request: ViewerRequest, collection_id: UUID, wish: SourceWish
) -> Status[source_shapes.KeptSource]:
    """For owners who are administrators. Nothing is read yet."""
    row = keeping.keep_source(
        request.auth,
        collection_id,
        keeping.SourceWish(
            wish.kind,
            wish.name,
            wish.whole(),
            wish.reader_group_ids,
            PermissionsFrom(wish.permissions_from),
        ),
        composition.surroundings_of_sources(),
    )
    return Status(201, source_shapes.KeptSource.of(row, reader_language(request)))


@router.post("/collections/{uuid:collection_id}/source-trials", response=source_shapes.SourceTrial)
def try_source(
    request: ViewerRequest, collection_id: UUID, wish: SourceTrialWish
) -> source_shapes.SourceTrial:
    """Whether it answers, before it is added. For owners who are administrators."""
    surroundings = composition.surroundings_of_sources()
    found = trying.try_place(request.auth, collection_id, wish.kind, wish.whole(), surroundings)
    return source_shapes.SourceTrial(has_documents=found)


@router.delete("/sources/{uuid:source_id}", response={204: None})
def remove_source(request: ViewerRequest, source_id: UUID) -> Status[None]:
    """What it has brought in stays."""
    keeping.remove_source(request.auth, source_id)
    return Status(204, None)


@router.post("/sources/{uuid:source_id}/keeper", response=source_shapes.KeptSource)
def take_source_over(request: ViewerRequest, source_id: UUID) -> source_shapes.KeptSource:
    """From now on it is read on the caller's behalf."""
    return source_shapes.KeptSource.of(keeping.take_over(request.auth, source_id), reader_language(request))


@router.put("/sources/{uuid:source_id}/secrets", response=source_shapes.KeptSource)
def set_source_secrets(
    request: ViewerRequest, source_id: UUID, wish: SourceSecrets
) -> source_shapes.KeptSource:
    """In place of those that it had. For owners who are administrators."""
    surroundings = composition.surroundings_of_sources()
    row = credentials.set_secrets(request.auth, source_id, wish.revealed(), surroundings)
    return source_shapes.KeptSource.of(row, reader_language(request))


@router.post("/sources/{uuid:source_id}/secret-trials", response=source_shapes.SourceTrial)
def try_source_secrets(
    request: ViewerRequest, source_id: UUID, wish: SourceSecrets
) -> source_shapes.SourceTrial:
    """Whether it answers with these, before they take the place of its own. For owners who are administrators."""
    surroundings = composition.surroundings_of_sources()
    found = trying.try_secrets(request.auth, source_id, wish.revealed(), surroundings)
    return source_shapes.SourceTrial(has_documents=found)


@router.put("/sources/{uuid:source_id}/permissions", response=source_shapes.KeptSource)
def choose_permissions(
    request: ViewerRequest, source_id: UUID, wish: PermissionsWish
) -> source_shapes.KeptSource:
    """Where the source is to say who reads what, its documents are for owners alone until its next run."""
    chosen = PermissionsFrom(wish.permissions_from)
    row = permitting.choose_permissions(request.auth, source_id, chosen)
    return source_shapes.KeptSource.of(row, reader_language(request))


@router.put("/sources/{uuid:source_id}/schedule", response=Schedule)
def schedule_source(request: ViewerRequest, source_id: UUID, wish: ScheduleWish) -> Schedule:
    row = keeping.schedule_source(request.auth, source_id, wish.expression, wish.time_zone)
    return Schedule.of(row, reader_language(request))


@router.delete("/sources/{uuid:source_id}/schedule", response={204: None})
def unschedule_source(request: ViewerRequest, source_id: UUID) -> Status[None]:
    keeping.unschedule_source(request.auth, source_id)
    return Status(204, None)


@router.post("/sources/{uuid:source_id}/runs", response={201: source_shapes.KeptSource})
def start_source(request: ViewerRequest, source_id: UUID, wish: RunWish) -> Status[source_shapes.KeptSource]:
    """Now."""
    row = keeping.start_source(request.auth, source_id, lets_go=wish.lets_go)
    return Status(201, source_shapes.KeptSource.of(row, reader_language(request)))


@router.post("/sources/{uuid:source_id}/cancel", response=source_shapes.KeptSource)
def cancel_source(request: ViewerRequest, source_id: UUID) -> source_shapes.KeptSource:
    """The run that is under way. What it has taken in stays. 409 where none is."""
    row = keeping.cancel_source(request.auth, source_id)
    return source_shapes.KeptSource.of(row, reader_language(request))


@router.get("/sources/{uuid:source_id}/runs", response=list[source_shapes.SourceRun])
def read_source_runs(request: ViewerRequest, source_id: UUID) -> list[source_shapes.SourceRun]:
    """Newest first."""
    language = reader_language(request)
    found = keeping.list_source_runs(request.auth, source_id)
    return [source_shapes.SourceRun.of(row, language) for row in found]


@router.get("/sources/{uuid:source_id}/troubles", response=list[source_shapes.Trouble])
def read_troubles(request: ViewerRequest, source_id: UUID) -> list[source_shapes.Trouble]:
    """What was refused, could not be read, is held, or was left out."""
    language = reader_language(request)
    found = troubles.list_troubles(request.auth, source_id)
    return [source_shapes.Trouble.of(row, language) for row in found]


@router.post("/sources/{uuid:source_id}/retries", response=source_shapes.Retried)
def retry_items(request: ViewerRequest, source_id: UUID, wish: RetryWish) -> source_shapes.Retried:
    return source_shapes.Retried(count=troubles.retry_items(request.auth, source_id, wish.items))
