"""Every address of the server. The page's own addresses all give the same page."""

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from kbchat.web.http.api import api, no_such_address
from kbchat.web.metrics import metrics
from kbchat.web.pages import healthz, page, readyz
from kbchat.web.scim.api import no_such_endpoint, scim
from kbchat.web.sso.saml.views import assertion_consumer
from kbchat.web.sso.saml.views import logout as saml_logout
from kbchat.web.sso.saml.views import metadata as saml_metadata
from kbchat.web.sso.views import back_channel_logout, callback

urlpatterns = [
    path("api/v1/", api.urls),
    # Whatever the method, there is nothing here to prove anything for.
    re_path(r"^api/", csrf_exempt(no_such_address)),
    path("scim/v2/", scim.urls),
    re_path(r"^scim/", csrf_exempt(no_such_endpoint)),
    path("sso/callback", callback),
    path("sso/logout", back_channel_logout),
    path("sso/saml/acs", assertion_consumer),
    path("sso/saml/logout", saml_logout),
    path("sso/saml/metadata", saml_metadata),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("", page),
    path("c/<uuid:conversation>", page),
    path("print/<uuid:conversation>", page),
    path("search", page),
    path("library", page),
    path("library/<uuid:collection>", page),
    path("shared/<str:token>", page),
    path("audit", page),
    path("glossary", page),
    path("permissions", page),
    path("golden", page),
    path("generations", page),
    path("system", page),
    path("retention", page),
    path("style", page),
    path("sources", page),
    path("feedback", page),
    path("gaps", page),
    path("insights", page),
    path("d/<uuid:document>/<uuid:version>", page),
    path("d/<uuid:document>/<uuid:version>/passages", page),
    path("d/<uuid:document>/<uuid:version>/changes", page),
    path("sessions", page),
    path("security", page),
    path("signin", page),
    path("setup", page),
    path("people", page),
    path("people/groups", page),
    path("password", page),
    path("forgot", page),
]
handler400 = "kbchat.web.pages.unusable"
handler404 = "kbchat.web.pages.missing"
handler500 = "kbchat.web.pages.broken"
