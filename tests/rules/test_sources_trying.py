"""A look at a source's beginning: within its time, and with what is wrong there in a word of its own."""

import datetime
import os
import shutil
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kbchat.core.errors import Invalid, KbchatError, Unavailable
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Surroundings
from tests.rules.sources_support import git, opened, repository_at
from tests.rules.web_support import CANARY, HOST, Server, dripping, reach, resolving
from tests.waiting import allowed


def tried(kind: str, surroundings: Surroundings, seconds: float = 10, **place: str) -> KbchatError:
    source = source_at(kind, place, surroundings)
    try:
        with pytest.raises(KbchatError) as caught:
            source.glimpse(seconds)
    finally:
        source.close()
    return caught.value


def of_the_web(kind: str, origin: str) -> dict[str, str]:
    return {
        "website": {"sitemap": f"{origin}/sitemap.xml"},
        "git": {"url": f"{origin}/repo.git"},
        "bucket": {"endpoint": origin, "bucket": "notes"},
    }[kind]


@pytest.mark.parametrize("kind", ["website", "git", "bucket"])
class TestOnTheWeb:
    def test_a_name_that_nobody_has(self, kind: str) -> None:
        error = tried(kind, reach("http://nobody.invalid"), **of_the_web(kind, "http://nobody.invalid"))
        assert isinstance(error, Unavailable)
        assert error.code == "source_host_unknown"

    def test_a_server_that_is_down(self, kind: str, site: Server) -> None:
        site.close()
        error = tried(kind, reach(site.origin), **of_the_web(kind, site.origin))
        assert (type(error), error.code) == (Unavailable, "source_unreachable")

    def test_a_server_that_drips_is_left_in_time(self, kind: str) -> None:
        with dripping(b"HTTP/1.1 200 OK\r\n") as (port, was_left):
            origin = f"http://{HOST}:{port}"
            error = tried(kind, reach(origin), 1, **of_the_web(kind, origin))
            assert was_left.wait(allowed(2))
        assert (type(error), error.code) == (Unavailable, "source_unreachable")

    def test_a_network_that_is_not_open_is_not_looked_at(
        self, kind: str, canary: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The rules are those of a run: of origins, of addresses at the moment, and of redirects."""
        with pytest.raises(Invalid, match="source_origin_not_allowed"):
            source_at(kind, of_the_web(kind, canary.origin), reach("http://other.test"))
        origin = f"http://rebind.test:{canary.port}"
        with resolving(monkeypatch, {"rebind.test": [CANARY]}):
            error = tried(kind, reach(origin), **of_the_web(kind, origin))
        assert error.code == "source_address_not_allowed"
        assert canary.asked == []

    def test_a_certificate_of_nobody(self, kind: str, site: Server, tmp_path: Path) -> None:
        site.secure(_nobodys_certificate(tmp_path))
        origin = site.origin.replace("http://", "https://")
        error = tried(kind, reach(origin), **of_the_web(kind, origin))
        assert (type(error), error.code) == (Unavailable, "source_certificate_refused")


def test_a_website_without_a_sitemap_and_one_with_something_else(site: Server) -> None:
    place = of_the_web("website", site.origin)
    missing = tried("website", reach(site.origin), **place)
    assert (missing.code, missing.facts) == ("source_answer_unusable", {"status": 404})
    site.answers["/sitemap.xml"] = (200, {}, b"<html><body>Welcome</body></html>")
    assert tried("website", reach(site.origin), **place).code == "source_sitemap_unusable"


def test_a_sitemap_of_sitemaps_says_nothing_yet(site: Server) -> None:
    index = f"<sitemapindex><sitemap><loc>{site.origin}/a.xml</loc></sitemap></sitemapindex>"
    site.answers["/sitemap.xml"] = (200, {}, index.encode())
    source = source_at("website", of_the_web("website", site.origin), reach(site.origin))
    assert source.glimpse(10) is None
    assert [path for path, _ in site.asked] == ["/sitemap.xml"]


def test_a_folder_that_is_not_there_and_one_that_is_large(tmp_path: Path) -> None:
    reaching = Surroundings(roots=(tmp_path,))
    assert tried("folder", reaching, folder=str(tmp_path / "none")).code == "source_folder_missing"
    for number in range(3):
        (tmp_path / f"{number}.mp3").write_bytes(b"\xff\xfb\x90" * 20)
    (tmp_path / "page.md").write_text("# Words")
    source = source_at("folder", {"folder": str(tmp_path)}, reaching)
    assert source.glimpse(10) is True
    # No time for the third.
    assert source.glimpse(0) is None


@pytest.mark.skipif(not shutil.which("git"), reason="Git is not installed")
class TestARepository:
    def test_none_is_there(self, root: Path, site: Server) -> None:
        (root / "plain").mkdir()
        for reaching, url in (
            (Surroundings(roots=(root,)), str(root / "plain")),
            (reach(site.origin), f"{site.origin}/repo.git"),
        ):
            error = tried("git", reaching, url=url)
            assert (type(error), error.code) == (Invalid, "source_repository_missing")

    def test_one_that_wants_a_password(self, site: Server) -> None:
        asked = (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")
        site.answers["/repo.git/info/refs?service=git-upload-pack"] = asked
        error = tried("git", reach(site.origin), url=f"{site.origin}/repo.git")
        assert (type(error), error.code) == (Invalid, "source_wants_sign_in")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
    def test_one_that_belongs_to_somebody_else(self, root: Path) -> None:
        repository = repository_at(root / "repo")
        git(repository, "commit", "--quiet", "--allow-empty", "-m", "x")
        for path in (repository, *repository.rglob("*")):
            os.chown(path, 12345, 12345)
        error = tried("git", Surroundings(roots=(root,)), url=str(repository))
        assert (type(error), error.code) == (Invalid, "source_repository_of_another")

    def test_a_branch_that_is_not_there(self, root: Path) -> None:
        repository = repository_at(root / "repo")
        git(repository, "commit", "--quiet", "--allow-empty", "-m", "x")
        assert opened("git", root, url=str(repository)).glimpse(10) is None
        error = tried("git", Surroundings(roots=(root,)), url=str(repository), branch="none")
        assert error.code == "source_branch_missing"


def _nobodys_certificate(folder: Path) -> ssl.SSLContext:
    """Of a server that no authority knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
