"""Sources over HTTP: for owners, in their language; closed to everybody else."""

import json
from pathlib import Path
from typing import Any, ClassVar, get_args

import pytest

from kbchat import composition
from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.sealing import Purpose, unseal
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Invalid
from kbchat.library.models import KeptSource
from kbchat.library.sharing import give_grant
from kbchat.library.sources import trying
from kbchat.library.sources.credentials import opened, seal_secrets_anew
from kbchat.sources.bucket import BucketSource
from kbchat.sources.folder import FolderSource
from kbchat.sources.kinds import KINDS
from kbchat.sources.port import Surroundings
from kbchat.web.source_shapes import SourceKind
from tests.servers import as_worker, everything_in_the_database
from tests.services.audit_support import recorded
from tests.services.sources_support import look_at_trials, work, write
from tests.web.conftest import Company, SignIn, call

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Open to sources."""
    reach = Surroundings(roots=(tmp_path,), origins=frozenset(["https://docs.example.com"]))
    monkeypatch.setattr(composition, "surroundings_of_sources", lambda: reach)
    return tmp_path


def wish(folder: Path, **more: Any) -> dict[str, Any]:
    return {"kind": "folder", "name": "Notes", "place": {"folder": str(folder)}} | more


def test_the_page_knows_every_kind() -> None:
    """Its own list is checked with its types."""
    assert get_args(SourceKind) == tuple(KINDS)


def test_an_owner_adds_schedules_runs_and_looks_into_one(
    company: Company, root: Path, signed_in: SignIn
) -> None:
    client = signed_in(company.owner)
    write(root, page="Words.")
    (root / "empty.md").write_text("")
    assert call(client, "get", "/source-openings").json() == {
        "folders": [str(root)],
        "origins": ["https://docs.example.com"],
    }
    made = call(client, "post", f"/collections/{company.collection_id}/sources", wish(root))
    assert made.status_code == 201, made.content
    source = made.json()
    assert (source["keeper"], source["is_own"], source["latest"]) == ("Olga Ernst", True, None)
    path = f"/sources/{source['id']}"

    when = {"expression": "30 8 * * 1-5", "time_zone": "Asia/Shanghai"}
    kept = call(client, "put", f"{path}/schedule", when).json()
    assert kept["words"] == "From Monday to Friday at 08:30"
    assert len(kept["upcoming"]) == 5
    told = client.get("/api/v1/sources", headers={"accept-language": "zh-hans"}).json()
    assert told[0]["schedule"]["words"] == "周一至周五 08:30"
    preview = call(client, "get", "/schedule?expression=*/15+*+*+*+*&time_zone=UTC").json()
    assert preview["words"] == "Every 15 minutes"
    wrong = call(client, "get", "/schedule?expression=x&time_zone=UTC")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "schedule_unreadable")
    assert call(client, "delete", f"{path}/schedule").status_code == 204

    assert call(client, "post", f"{path}/runs", {}).json()["latest"]["state"] == "queued"
    assert call(client, "post", f"{path}/runs", {}).json()["code"] == "source_is_running"
    work(composition.surroundings_of_sources())
    (run,) = call(client, "get", f"{path}/runs").json()
    assert (run["state"], run["new"], run["refused"], run["started_by"]) == ("succeeded", 1, 1, "Olga Ernst")
    (trouble,) = call(client, "get", f"{path}/troubles").json()
    assert (trouble["path"], trouble["problem"]["code"]) == ("empty.md", "empty_file")
    assert call(client, "post", f"{path}/retries", {"items": [trouble["item"]]}).json() == {"count": 1}
    assert (
        call(client, "post", f"{path}/runs", {"lets_go": run["id"]}).json()["code"] == "source_holds_nothing"
    )
    assert call(client, "delete", path).status_code == 204
    assert call(client, "get", "/sources").json() == []


def test_places_are_for_administrators_who_own_the_collection(
    company: Company, root: Path, signed_in: SignIn
) -> None:
    address = f"/collections/{company.collection_id}/sources"
    reader, stranger = signed_in(company.reader), signed_in(company.stranger)
    assert call(reader, "post", address, wish(root)).status_code == 403
    assert call(stranger, "post", address, wish(root)).status_code == 404
    assert call(stranger, "get", "/source-openings").status_code == 404
    viewer = company.viewer(company.owner)
    give_grant(viewer, company.collection_id, Principal("user", company.reader.pk), Role.OWNER)
    refused = call(reader, "post", address, wish(root))
    assert (refused.status_code, refused.json()["code"]) == (403, "source_by_administrators")
    made = call(signed_in(company.owner), "post", address, wish(root)).json()
    # Whoever owns the collection besides looks after it.
    assert [each["name"] for each in call(reader, "get", "/sources").json()] == ["Notes"]
    assert call(reader, "post", f"/sources/{made['id']}/keeper").json()["keeper"] == "林晓雯"
    assert call(stranger, "post", f"/sources/{made['id']}/keeper").status_code == 404


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({"folder": "/etc"}, "source_folder_outside"),
        ({}, "source_place_incomplete"),
        ({"sitemap": "https://docs.example.com/"}, "source_place_incomplete"),
    ],
)
def test_a_place_that_is_not_open_is_refused(
    company: Company, root: Path, signed_in: SignIn, place: dict[str, str], code: str
) -> None:
    client, address = signed_in(company.owner), f"/collections/{company.collection_id}/sources"
    refused = call(client, "post", address, wish(root, place=place))
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    unknown = call(client, "post", address, wish(root, place={"path": "/etc"}))
    assert unknown.status_code == 422
    assert call(client, "get", "/sources").json() == []


class TestABucket:
    KEYS: ClassVar = {"access_key": "AKIAZWIEBELFISCH", "secret_key": "zwiebelfisch/of+the=moon"}

    def wish(self, **more: Any) -> dict[str, Any]:
        place = {"endpoint": "https://docs.example.com", "bucket": "notes", "prefix": "team"}
        return {"kind": "bucket", "name": "Bucket", "place": place, "secrets": self.KEYS} | more

    def test_nobody_is_shown_its_keys(self, company: Company, root: Path, signed_in: SignIn) -> None:
        client, address = signed_in(company.owner), f"/collections/{company.collection_id}/sources"
        made = call(client, "post", address, self.wish())
        assert made.status_code == 201, made.content
        path = f"/sources/{made.json()['id']}"
        told = [made, call(client, "get", "/sources"), call(client, "post", f"{path}/runs", {})]
        work(composition.surroundings_of_sources())
        told += [call(client, "get", f"{path}/runs"), call(client, "get", f"{path}/troubles")]
        told.append(call(client, "put", f"{path}/secrets", self.KEYS | {"secret_key": "zwiebelfisch 2"}))
        told.append(call(client, "put", f"{path}/secrets", {"access_key": "AKIAZWIEBELFISCH"}))
        told.append(call(client, "post", address, self.wish(place={"bucket": "notes"})))
        assert [reply.status_code for reply in told] == [201, 200, 201, 200, 200, 200, 400, 400]
        assert told[1].json()[0]["has_secrets"]
        assert told[1].json()[0]["place"] == self.wish()["place"]
        for said in (*(reply.content.decode() for reply in told), everything_in_the_database()):
            assert "zwiebelfisch" not in said.casefold()

    def test_who_may_read_a_bucket_without_keys_needs_none(
        self, company: Company, root: Path, signed_in: SignIn
    ) -> None:
        client, address = signed_in(company.owner), f"/collections/{company.collection_id}/sources"
        made = call(client, "post", address, self.wish(secrets={})).json()
        assert not made["has_secrets"]
        kept = call(client, "put", f"/sources/{made['id']}/secrets", self.KEYS).json()
        assert kept["has_secrets"]
        assert not call(client, "put", f"/sources/{made['id']}/secrets", {}).json()["has_secrets"]

    def test_keys_are_for_administrators_who_own_the_collection(
        self, company: Company, root: Path, signed_in: SignIn
    ) -> None:
        address = f"/collections/{company.collection_id}/sources"
        made = call(signed_in(company.owner), "post", address, self.wish()).json()
        for person, status in ((company.reader, 404), (company.stranger, 404)):
            reply = call(signed_in(person), "put", f"/sources/{made['id']}/secrets", self.KEYS)
            assert reply.status_code == status
        viewer = company.viewer(company.owner)
        give_grant(viewer, company.collection_id, Principal("user", company.reader.pk), Role.OWNER)
        refused = call(signed_in(company.reader), "put", f"/sources/{made['id']}/secrets", self.KEYS)
        assert (refused.status_code, refused.json()["code"]) == (403, "source_by_administrators")

    def test_keys_are_sealed_anew_so_that_the_site_s_former_key_can_go(
        self, company: Company, root: Path, signed_in: SignIn, settings: Any
    ) -> None:
        client, address = signed_in(company.owner), f"/collections/{company.collection_id}/sources"
        made = call(client, "post", address, self.wish()).json()
        spoiled = call(client, "post", address, self.wish(name="Spoiled")).json()
        former = settings.SECRET_KEY
        settings.SECRET_KEY = "another key of the site's, long enough for one"
        with as_worker():
            KeptSource.objects.filter(pk=spoiled["id"]).update(sealed_secrets="nothing that a key opens")
            kept = KeptSource.objects.get(pk=made["id"])
            with pytest.raises(Invalid, match="source_secrets_unreadable"):
                opened(kept, composition.surroundings_of_sources())
            settings.SECRET_KEY_FALLBACKS = [former]
            seal_secrets_anew()
            settings.SECRET_KEY_FALLBACKS = []
            kept.refresh_from_db()
            assert opened(kept, composition.surroundings_of_sources())
        assert json.loads(unseal(Purpose.SOURCES, kept.sealed_secrets)) == self.KEYS
        settings.SECRET_KEY = former

    def test_keys_that_the_site_s_own_key_no_longer_opens_are_asked_for_anew(
        self, company: Company, root: Path, signed_in: SignIn, settings: Any
    ) -> None:
        client, address = signed_in(company.owner), f"/collections/{company.collection_id}/sources"
        path = f"/sources/{call(client, 'post', address, self.wish()).json()['id']}"
        call(client, "post", f"{path}/runs", {})
        former, settings.SECRET_KEY = settings.SECRET_KEY, "another key of the site's, long enough for one"
        work(composition.surroundings_of_sources())
        settings.SECRET_KEY = former
        (run,) = call(client, "get", f"{path}/runs").json()
        assert run["problem"]["code"] == "source_secrets_unreadable"


class TestTrying:
    @pytest.fixture(autouse=True)
    def a_worker(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Looks while the web waits."""
        monkeypatch.setattr(trying, "sleep", lambda _: look_at_trials(composition.surroundings_of_sources()))

    def test_it_answers_without_being_kept(self, company: Company, root: Path, signed_in: SignIn) -> None:
        client, address = signed_in(company.owner), f"/collections/{company.collection_id}/source-trials"
        asked = {"kind": "folder", "place": {"folder": str(root)}}
        assert call(client, "post", address, asked).json() == {"has_documents": False}
        write(root, page="Words.")
        # Not even a name of what is there is told.
        assert call(client, "post", address, asked).json() == {"has_documents": True}
        asked["place"] = {"folder": str(root / "gone")}
        refused = client.post(
            f"/api/v1{address}", asked, "application/json", headers={"accept-language": "zh-hans"}
        )
        assert (refused.status_code, refused.json()["code"]) == (503, "source_folder_missing")
        assert refused.json()["next_step"].startswith("请")
        assert call(client, "get", "/sources").json() == []
        assert [event.subject for event in recorded(AuditAction.SOURCE_TRIED)] == [
            {"collection": str(company.collection_id), "kind": "folder"}
        ] * 3

    def test_only_those_may_who_may_add_it_and_only_where_sources_may_look(
        self, company: Company, root: Path, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = f"/collections/{company.collection_id}/source-trials"
        made = call(
            signed_in(company.owner), "post", f"/collections/{company.collection_id}/sources", wish(root)
        ).json()
        looks: list[object] = []
        monkeypatch.setattr(FolderSource, "glimpse", lambda *_: looks.append(1))
        asked = {"kind": "folder", "place": {"folder": str(root)}}
        for person, status in ((company.reader, 403), (company.stranger, 404)):
            assert call(signed_in(person), "post", address, asked).status_code == status
            reply = call(signed_in(person), "post", f"/sources/{made['id']}/secret-trials", {})
            assert reply.status_code == 404
        viewer = company.viewer(company.owner)
        give_grant(viewer, company.collection_id, Principal("user", company.reader.pk), Role.OWNER)
        for path, body in ((address, asked), (f"/sources/{made['id']}/secret-trials", {})):
            refused = call(signed_in(company.reader), "post", path, body)
            assert (refused.status_code, refused.json()["code"]) == (403, "source_by_administrators")
        outside = call(signed_in(company.owner), "post", address, asked | {"place": {"folder": "/etc"}})
        assert (outside.status_code, outside.json()["code"]) == (400, "source_folder_outside")
        assert looks == []

    def test_other_keys_are_tried_and_those_that_are_kept_stay(
        self, company: Company, root: Path, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client, seen = signed_in(company.owner), []

        def glimpse(source: BucketSource, _: float) -> bool:
            seen.append(source._credentials)
            return True

        monkeypatch.setattr(BucketSource, "glimpse", glimpse)
        bucket = TestABucket()
        made = call(client, "post", f"/collections/{company.collection_id}/sources", bucket.wish()).json()
        before = everything_in_the_database()
        others = {"access_key": "AKIAOTHER", "secret_key": "other"}
        for keys in (others, {}):
            tried = call(client, "post", f"/sources/{made['id']}/secret-trials", keys)
            assert tried.json() == {"has_documents": True}
        assert [each and (each.access_key, each.secret_key) for each in seen] == [
            ("AKIAOTHER", "other"),
            None,
        ]
        sealed = made["id"], [line for line in before.splitlines() if made["id"] in line and "notes" in line]
        assert all(line in everything_in_the_database() for line in sealed[1])
        wrong = call(client, "post", f"/sources/{made['id']}/secret-trials", {"access_key": "x"})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "source_place_incomplete")


def test_who_says_who_reads_what_is_chosen_over_http(company: Company, root: Path, signed_in: SignIn) -> None:
    client, address = signed_in(company.owner), f"/collections/{company.collection_id}/sources"
    write(root, page="Words.")
    made = call(client, "post", address, wish(root, permissions_from="source")).json()
    assert (made["permissions_from"], made["knows_readers"]) == ("source", True)
    path = f"/sources/{made['id']}"
    call(client, "post", f"{path}/runs", {})
    work(composition.surroundings_of_sources())
    told = client.get(f"/api/v1{path}/runs", headers={"accept-language": "zh-hans"}).json()
    assert (told[0]["withheld"], told[0]["permissions_problem"]["code"]) == (1, "source_access_missing")
    assert ".kbchat-access.toml" in told[0]["permissions_problem"]["next_step"]
    chosen = call(client, "put", f"{path}/permissions", {"permissions_from": "collection"})
    assert chosen.json()["permissions_from"] == "collection"
    stranger = signed_in(company.stranger)
    assert call(stranger, "put", f"{path}/permissions", {"permissions_from": "source"}).status_code == 404
    assert call(client, "put", f"{path}/permissions", {"permissions_from": "x"}).status_code == 422
