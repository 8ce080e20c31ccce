"""All settings, read from the environment (see .env.example). A dangerous combination refuses to boot."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor  # type: ignore[import-untyped]

import ffapp.celery  # noqa: F401 - whichever process hands out a task, it must find the configured broker
from ffapp import environment
from ffapp.environment import DATA_DIR, number, one_of, switch, text, words
from recommendations import seals

environment.read_secrets()
BASE_DIR = environment.ROOT

# Where we are
DEBUG = switch("FF_DEBUG")
FF_PORT = environment.PORT
_base = environment.site(f"http://localhost:{FF_PORT}")
_host, _https = _base.hostname or "", _base.scheme == "https"
FF_BASE_URL = _base.geturl()
FF_LOOPBACK = environment.is_this_machine(_host)
FF_DEMO = switch("FF_DEMO")

# Secrets: three, each with one use, so that one can be changed without the others.
_INSECURE = "insecure-for-development-only"
SECRET_KEY = text("FF_SECRET_KEY", _INSECURE if DEBUG else "")
FF_SEAL_KEYS = words("FF_SEAL_KEYS")  # the first seals, all open
FF_HASH_KEY = text("FF_HASH_KEY")

if not DEBUG and (SECRET_KEY == _INSECURE or len(SECRET_KEY) < 50):
    raise ImproperlyConfigured(
        "FF_SECRET_KEY is missing or too short while FF_DEBUG is off. Set it to 50 random characters, "
        "or start with `manage.py serve`, which makes the secrets and keeps them."
    )
if not FF_SEAL_KEYS or not FF_HASH_KEY:
    raise ImproperlyConfigured(
        "FF_SEAL_KEYS (seals channel tokens) and FF_HASH_KEY (hashes the do-not-list) must both be set. "
        "`python -m ffapp.secrets` prints fresh ones."
    )
try:
    for _key in FF_SEAL_KEYS:
        seals.seal(b"", keys=[_key], context="settings")
except ValueError as error:
    raise ImproperlyConfigured(f"FF_SEAL_KEYS: {error} `python -m ffapp.secrets` prints a fresh one.") from error
if len(FF_HASH_KEY) < 20:
    raise ImproperlyConfigured("FF_HASH_KEY is too short: 20 characters at least, which nobody can guess.")
if len({SECRET_KEY, FF_HASH_KEY, *FF_SEAL_KEYS}) < 2 + len(FF_SEAL_KEYS):
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
FF_TRUSTED_PROXIES = words("FF_TRUSTED_PROXIES")  # whose word on the client ffapp.proxies takes
for _proxy in FF_TRUSTED_PROXIES:
    try:
        ip_network(_proxy)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"FF_TRUSTED_PROXIES are addresses or networks such as 10.0.0.0/8, with commas between them; {error}."
        ) from error
FF_CLIENT_ADDRESS_HEADER = text("FF_CLIENT_ADDRESS_HEADER", "ClientAddress")  # in which the proxy says it
FF_CLIENT_SCHEME_HEADER = text("FF_CLIENT_SCHEME_HEADER", "ClientScheme")
for _name, _header in (
    ("FF_CLIENT_ADDRESS_HEADER", FF_CLIENT_ADDRESS_HEADER),
    ("FF_CLIENT_SCHEME_HEADER", FF_CLIENT_SCHEME_HEADER),
):
    if not (_header.isascii() and _header.isalnum()):
        raise ImproperlyConfigured(
            f"{_name} is a header's name of letters and digits alone, such as ClientAddress: WSGI cannot tell "
            "X-Forwarded-For from X_Forwarded_For, so a client could send the one beside the other."
        )
if FF_CLIENT_ADDRESS_HEADER.upper() == FF_CLIENT_SCHEME_HEADER.upper():
    raise ImproperlyConfigured("FF_CLIENT_ADDRESS_HEADER and FF_CLIENT_SCHEME_HEADER must differ.")
NINJA_NUM_PROXIES = 0  # ninja would believe anybody's X-Forwarded-For
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # so would its log lines; and who reads is nobody's business

# The product
FF_OPEN_HOSTS = words("FF_OPEN_HOSTS")  # "host" or "host:port": exempt from the outbound guard
FF_LATE_AFTER = timedelta(hours=number("FF_LATE_AFTER", 24, least=0.1, most=24 * 7))
FF_PLC_URL = text("FF_PLC_URL", "https://plc.directory")
FF_BLUESKY_RESOLVER = text("FF_BLUESKY_RESOLVER", "https://public.api.bsky.app")
FF_CA_FILE = text("FF_CA_FILE")  # certificates trusted besides the usual ones (private networks, tests)
FF_X_CLIENT_ID = text("FF_X_CLIENT_ID")  # our app at X: without it no channel can be connected there
FF_X_CLIENT_SECRET = text("FF_X_CLIENT_SECRET")
FF_X_BEARER = text("FF_X_BEARER")  # with it X profiles are looked up; X takes money for each
FF_X_API = text("FF_X_API", "https://api.x.com")

INSTALLED_APPS = [
    "accounts",
    "recommendations",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "csp",
    "ninja",
    "template_partials",
    "django_structlog",
    "ffapp.admin.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "ffapp.compression.CompressionMiddleware",
    "recommendations.page_cache.PageCacheMiddleware",
    "ffapp.headers.HeadersMiddleware",
    "recommendations.api.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "recommendations.double_submit.DoubleSubmitMiddleware",
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
    },
    {  # for the one template that is made for each line of a list: docs/decisions/0014-cards-in-jinja.md
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "recommendations.templatetags.cards.environment"},
    },
]

# Data. SQLite needs no server; WAL and IMMEDIATE let web, worker and scheduler write side by side.
_database: dict[str, Any]
try:
    _database = environ.Env.db_url_config(text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'followfriday.sqlite3'}"))
except ValueError:
    _database = {}
if _database.get("ENGINE") not in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
    raise ImproperlyConfigured("DATABASE_URL is an address such as postgres://user:password@host:5432/name.")
DATABASES = {"default": _database}
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    _database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "DISABLE_SERVER_SIDE_CURSORS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = text("REDIS_URL")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured("REDIS_URL is an address such as redis://host:6379/0.")
if environment.WEB_PROCESSES > 1 and not REDIS_URL:
    raise ImproperlyConfigured(
        "FF_WEB_PROCESSES is more than 1: set REDIS_URL, or limits would be counted in each process apart."
    )
CACHES = {
    "default": {
        "BACKEND": "ffapp.redis_cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "ff",
        "OPTIONS": {"serializer": "ffapp.redis_json.JSONSerializer"},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}
}
FF_PAGE_CACHE = bool(REDIS_URL)  # a cache that other processes cannot empty must not hold pages

# Background work: the rows are the queue, messages are nudges.
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
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
CELERY_WORKER_HIJACK_ROOT_LOGGER = CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "celery.beat.Scheduler"  # it remembers nothing: what is due is in the rows
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "recommendations.tasks.tick",
        "schedule": 60.0,
        "options": {"expires": 55},
        "last_run_at": datetime(2026, 1, 1, tzinfo=UTC),  # long ago, so that the first one comes at once
    },
}

# Who you are
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]  # User refuses all passwords
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = []  # there are no passwords
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "me"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None  # our names are invented by the model; allauth would blank them
ACCOUNT_SIGNUP_FIELDS = ["email*"]  # no passwords: a code by e-mail, or a passkey
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _base.scheme
ACCOUNT_RATE_LIMITS = {"ask_network": "20/m/ip"}  # accounts.asking: sending people to their network
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # accounts.reauthentication
FF_ALERT = "recommendations.actions.alert.alert"  # what accounts.notices calls: it may not look up there itself
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/accounts/email/"
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # networks are not asked for an address, and none of theirs is believed
SOCIALACCOUNT_EMAIL_REQUIRED = SOCIALACCOUNT_QUERY_EMAIL = SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = FF_LOOPBACK
MFA_TOTP_ISSUER = "Follow Friday"
USERSESSIONS_TRACK_ACTIVITY = False  # it would write a row for every page a member reads

try:
    vars().update(environ.Env.email_url_config(text("FF_EMAIL_URL", f"filemail:///{DATA_DIR / 'mail'}")))
except (ValueError, ImproperlyConfigured) as error:
    raise ImproperlyConfigured(
        "FF_EMAIL_URL is an address such as smtp+tls://user:password@host:587, or consolemail://."
    ) from error
DEFAULT_FROM_EMAIL = text("FF_EMAIL_FROM", f"Follow Friday <hello@{_host}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20  # seconds; without it a server that says nothing would hold a worker for good

# Pages
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "ffapp.formats"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / text("FF_STATIC_DIR", str(DATA_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _https
        else "ffapp.static_files.ForThisMachine"
    },
}
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000_000  # a megabyte of text, written with percent signs

# Safety. Cookies carry the __Host- prefix wherever https lets them.
_prefix = "__Host-" if _https else ""
SESSION_COOKIE_NAME = f"{_prefix}session"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
LANGUAGE_COOKIE_NAME = f"{_prefix}language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
FF_SERVER_COOKIE_NAME = f"{_prefix}server"  # from which server a reader follows people
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # not in the cache, which may forget
CSRF_FAILURE_VIEW = "recommendations.views.errors.csrf_failure"
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"  # what may embed our pictures is said in ffapp.headers
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

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "ffapp.logs.formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": one_of("FF_LOG_LEVEL", "WARNING", LEVELS)},
    "loggers": {
        "recommendations": {"level": "INFO"},
        "accounts": {"level": "INFO"},
        "ffapp": {"level": "INFO"},
        "django.request": {"level": "ERROR"},  # django_structlog says the rest, and more
    },
}
