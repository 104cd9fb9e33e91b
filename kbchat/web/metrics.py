"""/metrics for Prometheus: for whoever shows KBCHAT_METRICS_TOKEN, and as absent for everybody else."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from kbchat.core.metrics import exposition
from kbchat.web.authentication import api_key_of
from kbchat.web.pages import missing


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    token = settings.METRICS_TOKEN
    if not token or not constant_time_compare(api_key_of(request.headers), token):
        return missing(request)
    response = HttpResponse(exposition(settings.METRICS_DIR), content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response
