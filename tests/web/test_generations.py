"""Index generations over HTTP: for administrators, built, looked at, put in force and gone back from."""

from pathlib import Path
from urllib.parse import urlencode

import pytest

from kbchat.indexing.encoders import Encoders, EncoderSource
from kbchat.indexing.models import ActiveGeneration, IndexGeneration
from kbchat.inference.ports import Embedder
from kbchat.library.documents import DocumentRow
from kbchat.rebuilding.managing import request_build
from kbchat.rebuilding.models import Build
from kbchat.web.http import generations
from tests.servers import as_worker
from tests.services.rebuilding_support import BY_NAME, encoders, go_on
from tests.web.conftest import Company, SignIn, call

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "encoders", encoders)


def test_an_administrator_builds_looks_switches_and_goes_back(
    company: Company, page: DocumentRow, signed_in: SignIn
) -> None:
    client = signed_in(company.owner)
    (first,) = call(client, "get", "/generations").json()["generations"]
    assert (first["answers"], first["state"], first["build"]) == (True, "ready", None)
    assert call(client, "post", "/generation-builds").status_code == 202
    assert call(client, "post", "/generation-builds").json()["code"] == "build_under_way"
    (waiting,) = call(client, "get", "/generations").json()["waiting"]
    assert call(client, "post", f"/generation-builds/{waiting['id']}/pause").status_code == 204
    assert call(client, "get", "/generations").json()["waiting"][0]["state"] == "paused"
    assert call(client, "post", f"/generation-builds/{waiting['id']}/resume").status_code == 204
    new = go_on(Build.objects.get().pk).generation_id
    shown = call(client, "get", "/generations").json()["generations"][0]
    assert (shown["id"], shown["state"], shown["build"]["checks"]["problems"]) == (new, "shadow", [])
    compared = call(client, "get", f"/generations/{new}/golden?with_generation={first['id']}").json()
    assert (compared["kept"], compared["problems"]) == (0, [])
    wish = {"instead_of": first["id"]}
    assert call(client, "post", f"/generations/{new}/in-force", wish).status_code == 204
    assert call(client, "post", f"/generations/{new}/in-force", wish).json()["code"] == "generation_moved"
    assert call(client, "delete", f"/generations/{new}").json()["code"] == "generation_answers"
    back = {"instead_of": new}
    assert call(client, "post", f"/generations/{first['id']}/in-force", back).status_code == 204
    assert call(client, "delete", f"/generations/{new}").status_code == 204


def test_another_one_is_built_by_what_is_offered_and_by_nothing_else(
    company: Company, page: DocumentRow, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """T54: no folder is read and no address asked because a browser names it."""
    opened: list[EncoderSource] = []

    def opened_by(source: EncoderSource) -> Embedder:
        opened.append(source)
        return BY_NAME[source.model]

    password, others = "secret", ["small", "http://kb:secret@models.example:8003/v1#bge"]
    process = Encoders(EncoderSource("hashed"), opened_by, [EncoderSource.written(each) for each in others])
    monkeypatch.setattr(generations, "encoders", lambda: process)
    client = signed_in(company.owner)
    with as_worker():
        IndexGeneration.objects.update(source={"model": "narrow"})
    told = call(client, "get", "/generations")
    offered = ["hashed", "small", "http://•••@models.example:8003/v1#bge", "narrow"]
    assert told.json()["offered"] == offered
    assert told.json()["generations"][0]["source"] == "narrow"
    assert password not in told.content.decode()
    for named in ("shuffled", str(tmp_path), "../hashed", "http://169.254.169.254/v1", others[1], " small"):
        refused = call(client, "post", f"/generation-builds?{urlencode({'encoder': named})}")
        assert (refused.status_code, refused.json()["code"]) == (400, "encoder_not_offered"), named
    assert (opened, Build.objects.count()) == ([], 0)
    for named, source in (
        ("small", {"model": "small"}),
        ("narrow", {"model": "narrow"}),
        (offered[2], {"model": "bge", "base_url": "http://kb:secret@models.example:8003/v1"}),
        ("", {}),
    ):
        assert call(client, "post", f"/generation-builds?{urlencode({'encoder': named})}").status_code == 202
        build = Build.objects.get(state="queued")
        assert build.source == source
        assert call(client, "delete", f"/generation-builds/{build.pk}").status_code == 204
    with as_worker():
        IndexGeneration.objects.update(source={})
    assert "narrow" not in call(client, "get", "/generations").json()["offered"]


def test_for_everybody_else_none_of_it_exists(company: Company, page: DocumentRow, signed_in: SignIn) -> None:
    owner, others = signed_in(company.owner), signed_in(company.reader)
    first = call(owner, "get", "/generations").json()["generations"][0]["id"]
    build = request_build(company.viewer(company.owner))
    go_on(build)
    new = call(owner, "get", "/generations").json()["generations"][0]["id"]
    waiting = request_build(company.viewer(company.owner))
    before = states()
    for method, path, *body in (
        ("get", "/generations"),
        ("post", "/generation-builds"),
        ("post", "/generation-builds?encoder=hashed"),
        ("post", "/generation-builds?encoder=/etc"),
        ("post", f"/generation-builds/{waiting}/pause"),
        ("post", f"/generation-builds/{waiting}/resume"),
        ("delete", f"/generation-builds/{waiting}"),
        ("get", f"/generations/{new}/golden?with_generation={first}"),
        ("post", f"/golden-runs?generation_id={new}"),
        ("post", f"/generations/{new}/in-force", {"instead_of": first}),
        ("delete", f"/generations/{new}"),
    ):
        assert call(others, method, path, *body).status_code == 404, path
    assert states() == before


def states() -> list[object]:
    return [
        *Build.objects.order_by("requested_at").values_list("pk", "state"),
        *IndexGeneration.objects.order_by("pk").values_list("pk", "state"),
        *ActiveGeneration.objects.values_list("generation"),
    ]
