"""Buckets: what is signed goes to the bucket's own server alone, and nothing follows from half a listing."""

import io
from collections.abc import Iterator
from typing import Any

import pytest

from kbchat.core.errors import Invalid, KbchatError, Unavailable
from kbchat.sources import bucket as bucket_module
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Fetched, Item, Listing, Source, Surroundings
from tests.contracts.s3_server import PAGE, S3Server
from tests.rules.web_support import CANARY, HOST, Answer, Server, reach, resolving

KEYS = {"access_key": "AKIAEXAMPLE", "secret_key": "the key of the keys"}
FIRST = "/notes/?encoding-type=url&list-type=2&prefix="


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as running:
        yield running


def at(site: Server, **more: str) -> Source:
    return source_at("bucket", {"endpoint": site.origin, "bucket": "notes"} | more, reach(site.origin))


def page(*keys: str, following: str = "", truncated: str = "") -> Answer:
    told = "".join(
        f"<Contents><Key>{key}</Key><ETag>&quot;1&quot;</ETag><Size>1</Size></Contents>" for key in keys
    )
    token = f"<NextContinuationToken>{following}</NextContinuationToken>" if following else ""
    is_truncated = truncated or ("true" if following else "false")
    body = f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>{is_truncated}</IsTruncated>{token}{told}</ListBucketResult>'
    return 200, {}, body.encode()


class TestPlace:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"bucket": "../other"},
            {"bucket": "a"},
            {"bucket": "a..b"},
            {"bucket": "evil.test/"},
            {"bucket": "evil@test"},
            {"bucket": "UPPER"},
            {"region": "eu/x"},
            {"style": "other"},
            {"access_key": "AKIA"},
            {"secret_key": "x"},
            {"folder": "x"},
        ],
        ids=str,
    )
    def test_what_is_no_place_is_refused(self, site: Server, wrong: dict[str, str]) -> None:
        with pytest.raises(Invalid, match="source_place_incomplete"):
            at(site, **wrong)

    def test_an_endpoint_has_no_path_and_stands_on_the_list(self, site: Server) -> None:
        with pytest.raises(Invalid, match="source_place_incomplete"):
            at(site, endpoint=f"{site.origin}/deep")
        with pytest.raises(Invalid, match="source_origin_not_allowed"):
            at(site, endpoint="http://169.254.169.254")
        with pytest.raises(Invalid, match="source_origin_not_allowed"):
            source_at("bucket", {"endpoint": "https://s3.example.com", "bucket": "notes"}, Surroundings())


class TestReaching:
    """T54."""

    def test_a_name_that_leads_inside_is_asked_nothing(
        self, site: Server, canary: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        origin = f"http://s3.test:{site.port}"
        for style in ("path", "host"):
            source = source_at(
                "bucket", {"endpoint": origin, "bucket": "notes", "style": style} | KEYS, reach(origin)
            )
            names = {"s3.test": [CANARY], "notes.s3.test": [CANARY]}
            with (
                resolving(monkeypatch, names),
                pytest.raises(Invalid, match="source_address_not_allowed"),
            ):
                source.listing("")

    def test_the_bucket_may_stand_in_the_host(self, site: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        origin = f"http://s3.test:{site.port}"
        place = {"endpoint": origin, "bucket": "notes", "style": "host"}
        site.answers["/?encoding-type=url&list-type=2&prefix="] = page("a.md")
        with resolving(monkeypatch, {"notes.s3.test": [HOST]}):
            assert source_at("bucket", place, reach(origin)).listing("") == Listing([Item("a.md", '"1"-1')])
        assert site.asked[0][1]["host"] == f"notes.s3.test:{site.port}"

    def test_no_redirect_takes_what_was_signed_elsewhere(self, site: Server, canary: Server) -> None:
        for location in (f"{canary.origin}/notes/", "/elsewhere"):
            site.answers[FIRST] = (307, {"Location": location}, b"")
            with pytest.raises(Invalid, match="source_answer_unusable"):
                at(site, **KEYS).listing("")
        assert [path for path, _ in site.asked] == [FIRST, FIRST]

    def test_nothing_of_the_machine_is_read_or_asked(
        self, site: Server, canary: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "https_proxy", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            monkeypatch.setenv(name, canary.origin)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFTHEMACHINE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        site.answers[FIRST] = page("a.md")
        at(site).listing("")
        at(site, **KEYS).listing("")
        (_, anonymous), (_, signed) = site.asked
        assert "authorization" not in anonymous
        assert signed["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/")
        assert KEYS["secret_key"] not in repr(site.asked)


class TestListing:
    def test_many_pages_are_one_listing_of_what_is_there_now(self, s3: S3Server) -> None:
        s3.bucket("paged")
        s3.client.put_bucket_versioning(Bucket="paged", VersioningConfiguration={"Status": "Enabled"})
        names = [f"in/{number}.md" for number in range(3 * PAGE + 1)]
        for name in ("in/", "in/folder/", "inner.md", "outside.md", *names):
            s3.put("paged", name, name.encode())
        s3.put("paged", names[0], b"newer")
        s3.remove("paged", names[1])
        source = source_at("bucket", s3.place("paged", prefix="/in/"), reach(s3.origin))
        found = source.listing("")
        assert found is not None
        expected = [name.removeprefix("in/") for name in names if name != names[1]]
        assert ([item.path for item in found.items], found.passed_over) == (sorted(expected), 0)
        assert found.is_complete
        into = io.BytesIO()
        assert source.fetch(found.items[0], "", into) == Fetched("0.md")
        assert into.getvalue() == b"newer"

    @pytest.mark.parametrize(
        "second",
        [
            (500, {}, b""),
            (403, {}, b""),
            (200, {}, b"<ListBucketResult>"),
            (200, {}, b"<Error/>"),
            (200, {"Content-Length": "99"}, b"<"),
            page("b.md", truncated="true"),
            page("b.md", following="x", truncated="false"),
        ],
        ids=range(7),
    )
    def test_one_that_breaks_in_the_middle_is_not_complete(self, site: Server, second: Answer) -> None:
        """F12."""
        site.answers[FIRST] = page("a.md", following="t/2=")
        site.answers["/notes/?continuation-token=t%2F2%3D&encoding-type=url&list-type=2&prefix="] = second
        assert at(site).listing("") == Listing([Item("a.md", '"1"-1')], is_complete=False)
        assert len(site.asked) == 2

    @pytest.mark.parametrize(
        "first", [(200, {}, b""), (200, {}, b"<html>"), (200, {}, b"<Error/>"), (500, {}, b"")], ids=range(4)
    )
    def test_one_that_does_not_begin_is_none(self, site: Server, first: Answer) -> None:
        site.answers[FIRST] = first
        with pytest.raises(Unavailable):
            at(site).listing("")

    def test_one_without_an_end_ends(self, site: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bucket_module, "_MOST_PAGES", 4)
        site.answers[FIRST] = site.answers[
            "/notes/?continuation-token=again&encoding-type=url&list-type=2&prefix="
        ] = page("sound.mp3", following="again")
        assert at(site).listing("") == Listing([], passed_over=4, is_complete=False)

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"secret_key": "wrong"}, "source_credentials_refused"),
            ({"access_key": "AKIAUNKNOWN"}, "source_credentials_refused"),
            ({"bucket": "absent"}, "source_bucket_missing"),
        ],
        ids=str,
    )
    def test_what_is_wrong_is_told_without_the_keys(
        self, s3: S3Server, more: dict[str, str], code: str
    ) -> None:
        place = s3.place("absent") | more
        if "bucket" not in more:
            place["bucket"] = "told"
            if "told" not in {each["Name"] for each in s3.client.list_buckets()["Buckets"]}:
                s3.bucket("told")
        with pytest.raises(KbchatError, match=code) as told:
            source_at("bucket", place, reach(s3.origin)).listing("")
        said: Any = (told.value.args, told.value.facts, repr(told.value.__cause__))
        assert not any(place[key] in repr(said) for key in ("access_key", "secret_key"))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a\x00b.md", "ab.md"),
        ("deep/a\nb.md", "a b.md"),
        ("re\u202eport.md", "report.md"),
        ("\x00", "object"),
    ],
)
def test_whatever_a_key_hides_a_file_has_a_name_that_can_be_shown(site: Server, path: str, name: str) -> None:
    site.answers[FIRST] = page("".join(f"%{byte:02X}" for byte in path.encode()))
    source = at(site)
    found = source.listing("")
    assert found is not None
    assert [item.path for item in found.items] == [path]
    with pytest.raises(Unavailable, match="source_changed_meanwhile"):
        source.fetch(found.items[0], "", io.BytesIO())
    site.answers[site.asked[-1][0]] = (200, {}, b"x")
    assert source.fetch(found.items[0], "", io.BytesIO()) == Fetched(name)


def test_an_object_that_is_too_large_by_the_listing_is_not_asked_for(site: Server) -> None:
    source = source_at(
        "bucket", {"endpoint": site.origin, "bucket": "notes"}, reach(site.origin, most_bytes=10)
    )
    with pytest.raises(Invalid, match="too_large"):
        source.fetch(Item("a.md", '"1"-11'), "", io.BytesIO())
    assert site.asked == []
