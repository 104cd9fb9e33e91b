"""What we send to the provider: an address with a message in it (Bindings 3.4). Our messages are not signed."""

import secrets
import zlib
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import urlencode

from lxml import etree

from kbchat.web.sso.saml.assertion import PERSISTENT
from kbchat.web.sso.saml.metadata import POST, own_entity_id
from kbchat.web.sso.saml.reading import NAMES, Element, tag

_SPACES = {name: NAMES[name] for name in ("samlp", "saml")}


def new_id() -> str:
    """Names in XML begin with no digit."""
    return f"_{secrets.token_hex(20)}"


def sign_in_request(request_id: str, *, destination: str, come_back_to: str) -> str:
    """The address that asks the provider to let somebody in and to send him to `come_back_to`."""
    request = _message(
        "samlp:AuthnRequest",
        request_id,
        destination,
        AssertionConsumerServiceURL=come_back_to,
        ProtocolBinding=POST,
    )
    etree.SubElement(request, tag("samlp:NameIDPolicy"), Format=PERSISTENT, AllowCreate="true")
    return _address(destination, SAMLRequest=_deflated(request))


def logout_response(in_response_to: str, *, destination: str, relay_state: str) -> str:
    """The address that tells the provider that somebody has been signed out here."""
    response = _message("samlp:LogoutResponse", new_id(), destination, InResponseTo=in_response_to)
    status = etree.SubElement(response, tag("samlp:Status"))
    etree.SubElement(status, tag("samlp:StatusCode"), Value="urn:oasis:names:tc:SAML:2.0:status:Success")
    told = {"SAMLResponse": _deflated(response)}
    return _address(destination, **told, **({"RelayState": relay_state} if relay_state else {}))


def _message(name: str, message_id: str, destination: str, **attributes: str) -> Element:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    common = {"ID": message_id, "Version": "2.0", "IssueInstant": now, "Destination": destination}
    message = etree.Element(tag(name), {**common, **attributes}, nsmap=_SPACES)
    etree.SubElement(message, tag("saml:Issuer")).text = own_entity_id()
    return message


def _deflated(message: Element) -> str:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return b64encode(packer.compress(etree.tostring(message)) + packer.flush()).decode()


def _address(destination: str, **query: str) -> str:
    return f"{destination}{'&' if '?' in destination else '?'}{urlencode(query)}"
