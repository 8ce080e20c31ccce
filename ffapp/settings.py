"""All settings, read from the environment (see .env.example). A dangerous combination refuses to boot."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")
DATA_DIR = Path(env.str("FF_DATA_DIR", default="var"))
DATA_DIR = DATA_DIR if DATA_DIR.is_absolute() else BASE_DIR / DATA_DIR
env.read_env(DATA_DIR / "secrets.env")  # what the first `serve` gave itself


def _is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


# Where we are
DEBUG = env.bool("FF_DEBUG", default=False)
FF_PORT = env.int("FF_PORT", default=8000)
FF_BASE_URL = env.str("FF_BASE_URL", default=f"http://localhost:{FF_PORT}").rstrip("/")
_base = urlsplit(FF_BASE_URL)
_host = _base.hostname or ""
_https = _base.scheme == "https"
FF_LOOPBACK = _is_loopback(_host)
FF_DEMO = env.bool("FF_DEMO", default=False)
FF_WEB_PROCESSES = env.int("FF_WEB_PROCESSES", default=1)

# Secrets: three, each with one use, so that one can be changed without the others.
_INSECURE = "insecure-for-development-only"
SECRET_KEY = env.str("FF_SECRET_KEY", default=_INSECURE if DEBUG else "")
FF_SEAL_KEYS = env.list("FF_SEAL_KEYS", default=[])  # the first seals, all open
FF_HASH_KEY = env.str("FF_HASH_KEY", default="")

if _base.scheme not in ("http", "https") or not _host:
    raise ImproperlyConfigured(f"FF_BASE_URL must be a full address such as https://ff.example; it is {FF_BASE_URL!r}.")
if not SECRET_KEY or (not DEBUG and (SECRET_KEY == _INSECURE or len(SECRET_KEY) < 32)):
    raise ImproperlyConfigured(
        "FF_SECRET_KEY is missing or too short while FF_DEBUG is off. Set it to 50 random characters, "
        "or start with `manage.py serve`, which makes the secrets and keeps them."
    )
if not FF_SEAL_KEYS or not FF_HASH_KEY:
    raise ImproperlyConfigured(
        "FF_SEAL_KEYS (seals channel tokens) and FF_HASH_KEY (hashes the do-not-list) must both be set. "
        "`python -m ffapp.secrets` prints fresh ones."
    )
if {SECRET_KEY, FF_HASH_KEY} & set(FF_SEAL_KEYS) or SECRET_KEY == FF_HASH_KEY:
    raise ImproperlyConfigured("FF_SECRET_KEY, FF_SEAL_KEYS and FF_HASH_KEY must differ from one another.")
if not FF_LOOPBACK:
    for _name, _on in (("FF_DEBUG", DEBUG), ("FF_DEMO", FF_DEMO)):
        if _on:
            raise ImproperlyConfigured(f"{_name} is on while FF_BASE_URL is not this machine. Turn {_name} off.")
    if not _https:
        raise ImproperlyConfigured(
            "FF_BASE_URL must begin with https:// unless it is this machine (sign-in is carried by cookies)."
        )

ALLOWED_HOSTS = [_host, "127.0.0.1", "[::1]", "localhost"] if FF_LOOPBACK else [_host, "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = [FF_BASE_URL]
FF_TRUSTED_PROXIES = env.list("FF_TRUSTED_PROXIES", default=[])  # addresses whose X-Forwarded-* we believe
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if FF_TRUSTED_PROXIES else None

# The product
FF_OPEN_HOSTS = env.list("FF_OPEN_HOSTS", default=[])  # "host" or "host:port": exempt from the outbound guard
FF_LATE_AFTER = timedelta(hours=env.float("FF_LATE_AFTER", default=24))
FF_PLC_URL = env.str("FF_PLC_URL", default="https://plc.directory")
FF_BLUESKY_RESOLVER = env.str("FF_BLUESKY_RESOLVER", default="https://public.api.bsky.app")

INSTALLED_APPS = [
    "accounts",
    "recommendations",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "ninja",
    "template_partials",
    "django_structlog",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "recommendations.page_cache.PageCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # so that templates/django/forms is ours
ROOT_URLCONF = "ffapp.urls"
WSGI_APPLICATION = "ffapp.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "recommendations.views.site.site",
            ],
        },
    }
]

# Data. SQLite needs no server; WAL and IMMEDIATE let web, worker and scheduler write side by side.
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'followfriday.sqlite3'}")}
_database: dict[str, Any] = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    _database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "DISABLE_SERVER_SIDE_CURSORS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
if FF_WEB_PROCESSES > 1 and not REDIS_URL:
    raise ImproperlyConfigured(
        "FF_WEB_PROCESSES is more than 1: set REDIS_URL, or limits would be counted in each process apart."
    )
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "ff",
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
FF_PAGE_CACHE = bool(REDIS_URL)  # a cache that other processes cannot empty must not hold pages

# Background work: the rows are the queue, messages are nudges.
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
if not REDIS_URL:
    _broker = str(DATA_DIR / "broker")
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": _broker,
        "data_folder_out": _broker,
        "control_folder": str(DATA_DIR / "broker-control"),
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 5, "max_retries": 1}
CELERY_TASK_PUBLISH_RETRY = False  # a nudge that cannot be sent is dropped: the tick finds the row
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "scheduler")
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "recommendations.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
}

# Who you are
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "me"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]  # no passwords: a code by e-mail, or a passkey
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _base.scheme
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = FF_LOOPBACK
MFA_TOTP_ISSUER = "Follow Friday"
USERSESSIONS_TRACK_ACTIVITY = True

vars().update(env.email_url("FF_EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}"))
DEFAULT_FROM_EMAIL = env.str("FF_EMAIL_FROM", default=f"Follow Friday <hello@{_host}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Pages
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# Safety. Cookies carry the __Host- prefix wherever https lets them.
_prefix = "__Host-" if _https else ""
SESSION_COOKIE_NAME = f"{_prefix}session"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db" if REDIS_URL else "django.contrib.sessions.backends.db"
CSRF_FAILURE_VIEW = "recommendations.views.errors.csrf_failure"
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],  # nothing inline anywhere, so no nonces either
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "ffapp.logs.formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("FF_LOG_LEVEL", default="WARNING")},
    "loggers": {
        "recommendations": {"level": "INFO"},
        "accounts": {"level": "INFO"},
        "ffapp": {"level": "INFO"},
    },
}
