"""A method that an address does not have: ninja refuses it by itself, past the errors that become responses."""

from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from kbchat.core.errors import Invalid
from kbchat.web.http.api import refusal


class RefusedMethod(MiddlewareMixin):
    """Below /api/, 405 is told like every other error; `Allow` still names what the address has."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not request.path.startswith("/api/"):
            return response
        told = refusal(request, Invalid("method_not_allowed"))
        told["Allow"] = response["Allow"]
        return told
