"""No plain HTTP for people on other machines: who is on the way would read their passwords (T29).

Where web listens for others and no address with TLS is named (KBCHAT_PUBLIC_ORIGINS), it answers this machine alone.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils.deprecation import MiddlewareMixin

from kbchat.composition import environment
from kbchat.core.addresses import LOOPBACK_HOSTS

_REFUSAL = (
    "kbchat is not served over plain HTTP. Put a TLS proxy in front and name its address in KBCHAT_PUBLIC_ORIGINS.\n"
    "kbchat 不通过明文 HTTP 提供服务。请在前面设置 TLS 代理，并在 KBCHAT_PUBLIC_ORIGINS 中填写其地址。\n"
)
_PROBES = frozenset({"/healthz", "/readyz"})


class RefusePlainHttp(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if not environment().lacks_tls or request.path in _PROBES:
            return None
        host, _ = split_domain_port(request.get_host())
        if host.strip("[]") in LOOPBACK_HOSTS:
            return None
        return HttpResponse(_REFUSAL, status=HTTPStatus.FORBIDDEN, content_type="text/plain; charset=utf-8")
