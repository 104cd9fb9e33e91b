"""Django's settings, from the typed environment. Imported by Django only."""

import dj_database_url

from kbchat.core.jobs import Queue
from kbchat.settings.environment import PROJECT_ROOT, read_environment
from kbchat.settings.limits import Limits

ENVIRONMENT = read_environment()

LIMITS: Limits = ENVIRONMENT
METRICS_TOKEN = ENVIRONMENT.metrics_token.get_secret_value() if ENVIRONMENT.metrics_token else ""
METRICS_DIR = ENVIRONMENT.metrics_dir

DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key_value()
SECRET_KEY_FALLBACKS = [key.get_secret_value() for key in ENVIRONMENT.former_secret_keys]
ALLOWED_HOSTS = ENVIRONMENT.host_names
CSRF_TRUSTED_ORIGINS = ENVIRONMENT.origins
CSRF_FAILURE_VIEW = "kbchat.web.pages.unproven"

INSTALLED_APPS = [
    # For allauth's models; who may do what is kbchat.access.
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "channels",
    "django_celery_beat",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "kbchat.audit",
    "kbchat.accounts",
    "kbchat.documents",
    "kbchat.ingestion",
    "kbchat.access",
    "kbchat.indexing",
    "kbchat.retention",
    "kbchat.glossary",
    "kbchat.scheduling",
    "kbchat.library",
    "kbchat.evaluation",
    "kbchat.rebuilding",
    "kbchat.upkeep",
    "kbchat.chat",
    "kbchat.insights",
    "kbchat.cli",
    "kbchat.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Around the static files too: the page must never be had without its content policy.
    "kbchat.web.headers.SecurityHeaders",
    "kbchat.web.plain_http.RefusePlainHttp",
    "servestatic.middleware.ServeStaticMiddleware",
    "kbchat.web.authentication.CookieSessionMiddleware",
    "kbchat.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kbchat.web.authentication.ViewerMiddleware",
    "kbchat.web.http.methods.RefusedMethod",
]
ROOT_URLCONF = "kbchat.web.urls"
APPEND_SLASH = False
ASGI_APPLICATION = "kbchat.asgi.application"
TEMPLATES: list[dict[str, object]] = []

_DATABASE = dj_database_url.parse(ENVIRONMENT.require_database_url())
_POOL = {"min_size": 0, "max_size": 16, "timeout": 10}
DATABASES = {
    "default": _DATABASE
    | {
        # What the address asks for, such as sslmode, stays.
        "OPTIONS": _DATABASE.get("OPTIONS", {}) | {"pool": _POOL},
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = ENVIRONMENT.redis_url.get_secret_value() if ENVIRONMENT.redis_url else ""
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = Queue.MAINTENANCE.value
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
DJANGO_CELERY_BEAT_TZ_AWARE = True

AUTH_USER_MODEL = "accounts.User"
# An e-mail is unique whatever its case, by a constraint of its own.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTHENTICATION_BACKENDS = ["kbchat.accounts.signing_in.EmailBackend"]
# No page of allauth is served: kbchat.web.sso uses its provider and its identities.
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# A browser takes a __Host- cookie over TLS alone, and from nobody but this host: no sibling domain plants one.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not ENVIRONMENT.is_plain_loopback
_PREFIX = "" if ENVIRONMENT.is_plain_loopback else "__Host-"
SESSION_COOKIE_NAME = f"{_PREFIX}kbchat_session"
CSRF_COOKIE_NAME = f"{_PREFIX}kbchat_csrf"

EMAIL_HOST = ENVIRONMENT.smtp_host or ""
EMAIL_PORT = ENVIRONMENT.smtp_port
EMAIL_USE_TLS = ENVIRONMENT.smtp_security == "starttls"
EMAIL_USE_SSL = ENVIRONMENT.smtp_security == "tls"
EMAIL_HOST_USER = ENVIRONMENT.smtp_username
EMAIL_HOST_PASSWORD = ENVIRONMENT.smtp_password.get_secret_value()
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENVIRONMENT.smtp_from or ""

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_TZ = True
TIME_ZONE = "UTC"

STORAGES = {
    "default": {"BACKEND": ENVIRONMENT.storage_backend, "OPTIONS": ENVIRONMENT.storage_options},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = ENVIRONMENT.data_dir / "blobs"
STATIC_URL = "/static/"
STATIC_ROOT = PROJECT_ROOT / "kbchat" / "web" / "static"
SERVESTATIC_USE_FINDERS = False
SERVESTATIC_ALLOW_ALL_ORIGINS = False
SERVESTATIC_IMMUTABLE_FILE_TEST = r"^/static/app/assets/.+-[\w-]{8}\.\w+$"
DATA_UPLOAD_MAX_MEMORY_SIZE = LIMITS.most_body_bytes
DATA_UPLOAD_MAX_NUMBER_FILES = LIMITS.most_files_at_once
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "kbchat.web.uploads.NamelessFileUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "kbchat.core.logging.JsonFormatter"}},
    # What is unavailable is told by whoever knows why; that a probe heard of it is no news.
    "filters": {
        "unavailable": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", None) != 503,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": ENVIRONMENT.log_level},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "django_celery_beat": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "torch": {"level": "WARNING"},
        "django.request": {"level": "ERROR", "filters": ["unavailable"]},
        # Advises a setting of Django's; kbchat.web.pages names ours.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "sentence_transformers": {"level": "WARNING"},
    },
}
