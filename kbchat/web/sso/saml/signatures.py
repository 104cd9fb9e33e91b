"""What a provider has signed: an element of XML, or the question part of an address (T30).

Nothing is believed but what comes back from here: the element is read anew from the very bytes that were signed, so
that no wrapping, moving or splitting of what stands around them changes what is read.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_plus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.x509 import Certificate
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from kbchat.web.sso.proofs import ProofRefused
from kbchat.web.sso.saml.reading import NAMES, Element, decoded

_EXPECTED: Final = SignatureConfiguration(
    # The element's own signature, not one that stands deeper.
    location="./",
    signature_methods=frozenset(
        {
            SignatureMethod.RSA_SHA256,
            SignatureMethod.RSA_SHA384,
            SignatureMethod.RSA_SHA512,
            SignatureMethod.SHA256_RSA_MGF1,
            SignatureMethod.SHA384_RSA_MGF1,
            SignatureMethod.SHA512_RSA_MGF1,
            SignatureMethod.ECDSA_SHA256,
            SignatureMethod.ECDSA_SHA384,
            SignatureMethod.ECDSA_SHA512,
        }
    ),
    # The key is the one of the metadata, whatever others the message brings along.
    ignore_ambiguous_key_info=True,
    digest_algorithms=frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}),
)
"""None with a shared secret, and none with SHA-1."""
_HASHES: Final[dict[str, HashAlgorithm]] = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}
_METHODS: Final = "http://www.w3.org/2001/04/xmldsig-more#"


def signed_element(element: Element, certificates: Sequence[Certificate]) -> Element:
    """The element as one of these keys signed it, as a document of its own. Raises ProofRefused."""
    if len(element.findall("ds:Signature", NAMES)) != 1:
        raise ProofRefused(reason="not signed once")
    written = etree.tostring(element, with_tail=False)
    for certificate in certificates:
        try:
            verified = XMLVerifier().verify(
                written, x509_cert=certificate, expect_config=_EXPECTED, id_attribute="ID"
            )
        except (SignXMLException, etree.LxmlError, ValueError, TypeError):
            continue
        signed = verified.signed_xml if isinstance(verified, VerifyResult) else None
        # A signature over something inside it says nothing of the element.
        if signed is not None and signed.tag == element.tag and signed.get("ID") == element.get("ID"):
            return signed
    raise ProofRefused(reason="signature")


def require_signed_query(query: str, certificates: Sequence[Certificate]) -> None:
    """The HTTP Redirect binding (Bindings 3.4.4.1): signed is what was sent, as it was escaped. Raises ProofRefused."""
    parts = dict(part.partition("=")[::2] for part in query.split("&"))
    signed = "&".join(
        f"{name}={parts[name]}" for name in ("SAMLRequest", "RelayState", "SigAlg") if name in parts
    )
    if len(parts) != query.count("&") + 1 or not parts.keys() >= {"SAMLRequest", "SigAlg", "Signature"}:
        raise ProofRefused(reason="not signed once")
    kind, _, hash_name = unquote_plus(parts["SigAlg"]).removeprefix(_METHODS).partition("-")
    hashed = _HASHES.get(hash_name)
    signature = decoded(unquote_plus(parts["Signature"]))
    if hashed is None or not any(
        _fits(certificate, kind, signature, signed.encode(), hashed) for certificate in certificates
    ):
        raise ProofRefused(reason="signature")


def _fits(
    certificate: Certificate, kind: str, signature: bytes, signed: bytes, hashed: HashAlgorithm
) -> bool:
    key = certificate.public_key()
    try:
        if kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), hashed)
            return True
        if kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(hashed))
            return True
    except InvalidSignature:
        return False
    return False
