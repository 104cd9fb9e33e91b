"""T54: an address leads where the operator lets it, however it is written."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from kbchat.core.errors import Invalid
from kbchat.sources.addresses import allowed_target, may_reach, origin_of
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Surroundings

DOCS = "https://docs.example.com"
ODD = [
    "http://docs.example.com/",
    "https://docs.example.com:8443/",
    "https://docs.example.com.evil.test/",
    "https://evil.test/docs.example.com",
    "https://docs.example.com@evil.test/",
    "https://user@docs.example.com/",
    "https://user:pass@docs.example.com/",
    "https://docs.example.com:pass@evil.test/",
    "https://evil.test#@docs.example.com/",
    "https://evil.test\\@docs.example.com/",
    "https://docs.example.com\\.evil.test/",
    "https://docs.example.com%2eevil.test/",
    "https://docs.example.com%00.evil.test/",
    "https://docs.example.com\t.evil.test/",
    "https://docs.example.com\r\nHost: evil.test/",
    "https://docs.example.com /",
    "https://docs.example.com./",
    "https://docs。example。com/",
    "https://ｄocs.example.com/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://metadata.google.internal/",
    "https://①②⑦.⓪.⓪.①/",
    "gopher://docs.example.com/_x",
    "file:///etc/passwd",
    "ftp://docs.example.com/",
    "dict://docs.example.com:11211/",
    "ldap://docs.example.com/",
    "jar:https://docs.example.com!/",
    "data:text/plain,x",
    "//docs.example.com/",
    "docs.example.com",
    "https:docs.example.com",
    "https:///docs.example.com",
    "https://",
    "https://docs.example.com:99999/",
    "https://docs.example.com:-1/",
    "https://docs.example.com:x/",
    "",
]


@pytest.mark.parametrize("url", ODD)
def test_an_odd_address_leads_nowhere(url: str, tmp_path: Path) -> None:
    """Nor is it a folder's, where some are open."""
    allowed = Surroundings(roots=(tmp_path,), origins=frozenset([DOCS]))
    with pytest.raises(Invalid, match="source_origin_not_allowed"):
        allowed_target(url, allowed)
    for kind, field in (("website", "sitemap"), ("git", "url")):
        with pytest.raises(Invalid):
            source_at(kind, {field: url}, allowed)


def test_plain_addresses_of_an_origin_lead_there() -> None:
    allowed = Surroundings(origins=frozenset([DOCS, "http://wiki.local:8080", "http://[::1]:81"]))
    for url, path in {
        f"{DOCS}/a/b.html?q=1#part": "/a/b.html?q=1",
        f"{DOCS}:443": "/",
        "HTTPS://DOCS.example.com/年假": "/%E5%B9%B4%E5%81%87",
        "http://wiki.local:8080/x": "/x",
        "http://[::1]:81/": "/",
    }.items():
        assert allowed_target(url, allowed).path == path
    assert origin_of("HTTPS://Docs.Example.com:443/") == DOCS
    for wrong in ("docs.example.com", f"{DOCS}/path", "https://*.example.com/x", "ftp://x", "https://a b"):
        with pytest.raises(ValueError, match="no complete origin"):
            origin_of(wrong)


@pytest.mark.parametrize(
    "digits",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),  # noqa: S104 (an address to refuse)
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1"),
        *("::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:0a00:1::", "2001:db8::1"),
        *("fe80::1%eth0", "2001:0:7f00:1::", "not digits", ""),
    ],
)
def test_no_address_that_is_not_public_is_reached(digits: str) -> None:
    assert not may_reach(digits, Surroundings())


def test_public_addresses_and_opened_networks_are() -> None:
    assert may_reach("93.184.216.34", Surroundings())
    assert may_reach("2606:2800:220:1:248:1893:25c8:1946", Surroundings())
    # As a network that knows IPv6 alone writes the first.
    assert may_reach("64:ff9b::5db8:d822", Surroundings())
    opened = Surroundings(networks=(ip_network("10.20.0.0/16"),))
    assert may_reach("10.20.3.4", opened)
    assert may_reach("::ffff:10.20.3.4", opened)
    assert not may_reach("10.21.0.1", opened)
