"""Index generations over HTTP: for administrators, built, looked at, put in force and gone back from."""

import pytest

from kbchat.library.documents import DocumentRow
from kbchat.rebuilding.models import Build
from kbchat.web.http import generations
from tests.services.rebuilding_support import encoders, go_on
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


def test_for_everybody_else_none_of_it_exists(company: Company, page: DocumentRow, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    assert call(client, "get", "/generations").status_code == 404
    assert call(client, "post", "/generation-builds").status_code == 404
    assert call(client, "post", "/generations/1/in-force", {"instead_of": 1}).status_code == 404
    assert call(client, "delete", "/generations/1").status_code == 404
    assert not Build.objects.exists()
