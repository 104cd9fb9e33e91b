"""The page itself, at every address that the browser may open, and the two questions that operators ask."""

import logging
import secrets
from http import HTTPStatus
from pathlib import Path

import redis
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_safe

from kbchat.core.errors import Invalid, KbchatError, NotAllowed
from kbchat.sentences import CHINESE, ENGLISH
from kbchat.web.headers import page_policy
from kbchat.web.language import asked_language
from kbchat.web.problems import problem_of, status_of
from kbchat.web.warming import is_warming_up

logger = logging.getLogger(__name__)

INDEX = Path(__file__).resolve().parent / "static" / "app" / "index.html"
# What frontend/vite.config.ts writes where a nonce belongs.
_PLACEHOLDER = b"kbchat-nonce"
_MOST_HOST_CHARACTERS = 100
_NOT_BUILT = (
    "The page of kbchat has not been built yet. Run: make install\n"
    "kbchat 的页面尚未构建。请运行：make install\n"
)


@require_safe
def page(request: HttpRequest, **_: object) -> HttpResponse:
    try:
        html = INDEX.read_bytes()
    except OSError:
        logger.warning("the front end is not built")
        return _text(_NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE)
    # Sets the cookie that every change has to show.
    get_token(request)
    nonce = secrets.token_urlsafe(16)
    response = HttpResponse(
        html.replace(_PLACEHOLDER, nonce.encode()), content_type="text/html; charset=utf-8"
    )
    response["Content-Security-Policy"] = page_policy(nonce)
    # Read again, the nonce would be one that is known.
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive."""
    return _text("ok\n", HTTPStatus.OK)


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether a search would be answered without delay; 503 while a server is away or the model still loads."""
    parts = {
        "database": _database_answers(),
        "redis": _redis_answers(),
        "search_model": not is_warming_up(),
    }
    response = JsonResponse(parts, status=200 if all(parts.values()) else 503)
    response["Cache-Control"] = "no-store"
    return response


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Whoever looks at it in a browser gets the page, which says so in his language and leads on."""
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        response = page(request)
        if response.status_code == HTTPStatus.OK:
            response.status_code = HTTPStatus.NOT_FOUND
            return response
    return _text("There is nothing at this address.\n此地址没有内容。\n", HTTPStatus.NOT_FOUND)


def unusable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What Django refuses by itself. A host name that is not allowed is told by the setting that operators know."""
    if not isinstance(exception, DisallowedHost):
        return _told(request, Invalid())
    host = "".join(filter(str.isprintable, request.headers.get("Host", "")))[:_MOST_HOST_CHARACTERS]
    logger.warning("opened as %s, whose origin does not stand in KBCHAT_PUBLIC_ORIGINS", host)
    return _told(request, Invalid("host_unknown"))


def unproven(request: HttpRequest, reason: str = "") -> HttpResponse:
    """An unsafe method without the token of this browser."""
    return _told(request, NotAllowed("csrf_failed"))


def broken(request: HttpRequest) -> HttpResponse:
    return _text(
        "Something went wrong on the server. Try again.\n服务器出了问题，请重试。\n",
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _told(request: HttpRequest, error: KbchatError) -> HttpResponse:
    """Below /api/ as everything there, elsewhere plainly in both languages. Asks for no host and for no person."""
    if not request.path.startswith("/api/"):
        problems = [problem_of(error, language) for language in (ENGLISH, CHINESE)]
        words = "".join(f"{each.message}\n{each.next_step}\n" for each in problems)
        return _text(words, HTTPStatus(status_of(error)))
    language = asked_language(request.headers.get("Accept-Language", "")) or ENGLISH
    response = JsonResponse(problem_of(error, language).model_dump(), status=status_of(error))
    response["Cache-Control"] = "no-store"
    return response


def _text(words: str, status: HTTPStatus) -> HttpResponse:
    response = HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
