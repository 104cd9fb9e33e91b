"""Which addresses of the network a source may reach (T54): an allow-list of origins, and of IPs at the moment of
connecting, so that neither a name that is written oddly nor one that resolves to something else leads anywhere new.
"""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import quote, urlsplit

from kbchat.core.errors import Invalid, Unavailable
from kbchat.sources.port import Surroundings

_PORTS: Final = {"http": 80, "https": 443}
_ALREADY_WRITTEN: Final = "%/:=&?~#+!$,;'@()*[]"
_NAT64: Final = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """An address on the allow-list. `path`: what is asked of the host, with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")


def allowed_target(url: str, surroundings: Surroundings) -> Target:
    """Raises Invalid for whatever is no plain address of an origin on the list."""
    target = _parsed(url)
    if target is None or target.origin not in surroundings.origins:
        raise Invalid("source_origin_not_allowed")
    return target


def origin_of(written: str) -> str:
    """As targets have it. Raises ValueError for what is no complete origin."""
    target = _parsed(written)
    if target is None or target.path != "/":
        raise ValueError(
            f"{written} is no complete origin such as https://docs.example.com (no pattern, no path)"
        )
    return target.origin


def connectable(target: Target, surroundings: Surroundings) -> str:
    """The IP to connect to, as digits: what the host's name means now. Raises Unavailable for a name without a
    meaning, and Invalid where none of its addresses may be reached."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unavailable("source_host_unknown") from error
    addresses = [str(address[0]) for *_, address in found]
    reachable = [each for each in addresses if may_reach(each, surroundings)]
    if not reachable:
        raise Invalid("source_address_not_allowed")
    return reachable[0]


def may_reach(digits: str, surroundings: Surroundings) -> bool:
    """Whether it is public, or in a network that the operator has opened, under whatever form it hides."""
    try:
        address = _plain(ip_address(digits.partition("%")[0]))
    except ValueError:
        return False
    if any(address in network for network in surroundings.networks if network.version == address.version):
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def _parsed(url: str) -> Target | None:
    # Programs disagree on what else ends a host: whatever could is no part of an address here.
    if not url.isprintable() or any(char in url for char in ' \\"<>^`{|}'):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not host or not host.isascii() or "@" in parts.netloc or "%" in host:
        return None
    path = quote(parts.path or "/", safe=_ALREADY_WRITTEN) + (
        f"?{quote(parts.query, safe=_ALREADY_WRITTEN)}" if parts.query else ""
    )
    return Target(parts.scheme, host, _PORTS[parts.scheme] if port is None else port, path)
