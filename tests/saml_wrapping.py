"""Signature wrapping: what somebody does who has a signed assertion about himself and wants to be another.

The variants of Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be" (2012), that concern a signed
assertion, and some more. Each takes the provider's answer and gives a forged one in which the signed assertion still
stands.
"""

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from tests.saml_provider import DS, SAML, SAMLP, Xml

VICTIM = "s-1"
_ASSERTION, _SIGNATURE = f"{{{SAML}}}Assertion", f"{{{DS}}}Signature"


def _forged(signed: Xml, *, assertion_id: str = "_evil") -> Xml:
    """The same about the victim, without a signature."""
    copy = deepcopy(signed)
    copy.remove(copy.find(_SIGNATURE))
    copy.set("ID", assertion_id)
    copy.find(f".//{{{SAML}}}NameID").text = VICTIM
    return copy


def _before(response: Xml, signed: Xml) -> None:
    signed.addprevious(_forged(signed))


def _after(response: Xml, signed: Xml) -> None:
    signed.addnext(_forged(signed))


def _same_name(response: Xml, signed: Xml) -> None:
    signed.addprevious(_forged(signed, assertion_id=signed.get("ID")))


def _around(response: Xml, signed: Xml) -> None:
    """The forged one holds the signed one."""
    forged = _forged(signed)
    response.replace(signed, forged)
    forged.append(signed)


def _with_the_signature(response: Xml, signed: Xml) -> None:
    """The forged one carries the signature; the signed one, bare, stands beside it."""
    forged = _forged(signed)
    forged.insert(1, signed.find(_SIGNATURE))
    signed.addprevious(forged)


def _signature_around(response: Xml, signed: Xml) -> None:
    """The forged one carries the signature, and the signature holds the signed one."""
    forged, signature = _forged(signed), signed.find(_SIGNATURE)
    response.replace(signed, forged)
    forged.insert(1, signature)
    signature.append(signed)


def _in_an_object(response: Xml, signed: Xml) -> None:
    forged, signature = _forged(signed), signed.find(_SIGNATURE)
    response.replace(signed, forged)
    forged.insert(1, signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(signed)


def _in_an_object_under_its_name(response: Xml, signed: Xml) -> None:
    forged, signature = _forged(signed, assertion_id=signed.get("ID")), signed.find(_SIGNATURE)
    response.replace(signed, forged)
    forged.insert(1, signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(signed)


def _in_the_subject(response: Xml, signed: Xml) -> None:
    """Where the schema lets anything stand: in the data of the confirmation."""
    forged = _forged(signed)
    response.replace(signed, forged)
    forged.insert(1, deepcopy(signed.find(_SIGNATURE)))
    forged.find(f".//{{{SAML}}}SubjectConfirmationData").append(signed)


def _in_extensions(response: Xml, signed: Xml) -> None:
    forged = _forged(signed)
    response.replace(signed, forged)
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    extensions.append(signed)
    response.insert(1, extensions)


def _in_another_response(response: Xml, signed: Xml) -> None:
    """The whole answer inside a forged one."""
    whole = deepcopy(response)
    response.replace(signed, _forged(signed))
    response.append(whole)


def _edited(response: Xml, signed: Xml) -> None:
    signed.find(f".//{{{SAML}}}NameID").text = VICTIM


def _two_signatures(response: Xml, signed: Xml) -> None:
    signed.insert(2, deepcopy(signed.find(_SIGNATURE)))


def _bare(response: Xml, signed: Xml) -> None:
    response.replace(signed, _forged(signed))


def _elsewhere(response: Xml, signed: Xml) -> None:
    """The signature stands a step deeper."""
    signature = signed.find(_SIGNATURE)
    signed.find(f"{{{SAML}}}Subject").append(signature)


def _wrapping(change: Callable[[Xml, Xml], None]) -> Callable[[Xml], Xml]:
    def changed(response: Xml) -> Xml:
        change(response, response.find(_ASSERTION))
        return response

    return changed


WRAPPINGS = {
    change.__name__.strip("_").replace("_", " "): _wrapping(change)
    for change in (
        _before,
        _after,
        _same_name,
        _around,
        _with_the_signature,
        _signature_around,
        _in_an_object,
        _in_an_object_under_its_name,
        _in_the_subject,
        _in_extensions,
        _in_another_response,
        _edited,
        _two_signatures,
        _bare,
        _elsewhere,
    )
}
