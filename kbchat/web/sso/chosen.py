"""The identity provider of the settings, by whichever protocol it speaks: there is one, or none."""

from typing import Protocol

from django.http import HttpRequest

from kbchat.composition import environment
from kbchat.web.sso.oidc import provider as oidc
from kbchat.web.sso.returning import Returned
from kbchat.web.sso.saml import provider as saml


class Provider(Protocol):
    def shown_name(self) -> str | None:
        """What the sign-in page calls it; None where there is none."""

    def way_there(self, request: HttpRequest, next_path: str) -> str:
        """The address at the provider where the browser is to go.

        Raises Unavailable, or NotFound where there is none.
        """

    def way_back(self, request: HttpRequest) -> Returned:
        """Who the provider says has come back with this request. Raises NotAllowed, Unavailable or NotFound."""


def provider() -> Provider:
    return saml if environment().saml_metadata_file else oidc
