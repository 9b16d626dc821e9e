"""The settings of the platform: one file, read from the environment (.env.example lists all)."""

import os
import tempfile
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from accounts import passwords
from config import keys, services
from config.administration import look
from config.api import addresses, cors, origins, rates
from config.api.schema import settings as document
from config.composition import INSTALLED_APPS, MIDDLEWARE  # noqa: F401 -- Django reads them here
from config.logs import logging_settings
from config.objects import addresses as stores

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
# What the environment says wins over the file.
environ.Env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))

# --- Where it runs ---------------------------------------------------------------------------

DEBUG: bool = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).expanduser().resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

HOST: str = env.str("HOST", default="127.0.0.1")
PORT: int = env.int("PORT", default=8000)
# One server may listen on several ports, so that every contract's examples run unchanged.
PORTS: list[int] = [int(port) for port in env.list("PORTS", default=[str(PORT)])]

# This machine may always ask, or a health check inside of a container could not.
# Never every name, DEBUG or not: a page of any site could make its own name lead to 127.0.0.1 and
# use open mode from the visitor's browser.
ALLOWED_HOSTS: list[str] = [
    *env.list("ALLOWED_HOSTS", default=[]),
    "localhost",
    "127.0.0.1",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Networks (CIDR) of the proxies whose X-Forwarded-For tells the client's address.
TRUSTED_PROXIES: list[str] = addresses.checked(
    "TRUSTED_PROXIES", env.list("TRUSTED_PROXIES", default=[])
)
# Without a token some routes act as a built-in local user; for one's own machine only.
OPEN_ACCESS: bool = env.bool("OPEN_ACCESS", default=DEBUG)

# Who makes accounts: everybody their own (open), or an admin (closed).
SIGNUP: str = env.str("SIGNUP", default="open").lower()
if SIGNUP not in ("open", "closed"):
    raise ImproperlyConfigured(f"SIGNUP must be open or closed, not {SIGNUP!r}.")

# --- Secrets ---------------------------------------------------------------------------------

SECRET_KEY: str = env.str("SECRET_KEY", default="") or keys.kept_key(
    DATA_DIR / "keys" / "secret_key", keys.new_secret_key
)
# Keys that were in use before: they verify tokens and sessions, and sign nothing.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
# The first encrypts, all of them decrypt; separate from SECRET_KEY, so that each can be changed.
FERNET_KEYS: list[str] = env.list("FERNET_KEYS", default=[]) or [
    keys.kept_key(DATA_DIR / "keys" / "fernet_key", keys.new_fernet_key)
]
keys.demand_fernet_keys(FERNET_KEYS)
if not DEBUG:
    for key in (SECRET_KEY, *SECRET_KEY_FALLBACKS):
        keys.demand_strong_key(key)

# --- What the platform is made of ------------------------------------------------------------

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
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
            ]
        },
    }
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": passwords.SHORTEST},
    },
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
]
# Every path answers with and without a trailing slash by itself; a redirect would lose a body.
APPEND_SLASH = False
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "config.formats"
STATIC_URL = "/static/"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "static"] if folder.is_dir()]
# Static files are served from where they lie, so that there is nothing to collect first.
WHITENOISE_USE_FINDERS = True
# A request's body that Django itself holds; uploads go through /objects and are not held.
DATA_UPLOAD_MAX_MEMORY_SIZE: int = env.int("REQUEST_BODY_MAX_BYTES", default=20 * 1024 * 1024)

# --- Rows, doorbells and small shared facts: embedded by default, real services by URL -----------

REDIS_URL: str = env.str("REDIS_URL", default="")
# Requests under ASGI run in a thread each and need a pool; granian's threads and the workers
# live long and keep a connection of their own (0).
DATABASE_POOL: int = env.int("DATABASE_POOL", default=0)
DATABASES = {
    "default": services.postgres_database(env.db_url("DATABASE_URL"), pool=DATABASE_POOL)
    if env.str("DATABASE_URL", default="")
    else services.sqlite_database(DATA_DIR / "millrace.sqlite3")
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "millrace",
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entries"}
}
CELERY_BROKER_URL: str = env.str("CELERY_BROKER_URL", default=REDIS_URL or "files://localhost")
CELERY_BROKER_TRANSPORT_OPTIONS = services.broker_options(
    CELERY_BROKER_URL, folder=DATA_DIR / "broker"
)

# --- Work ------------------------------------------------------------------------------------

# `runs` moves data; `quick` answers somebody who waits: checks, previews, discovery.
WORKER_PROCESSES: int = env.int("WORKER_PROCESSES", default=os.cpu_count() or 1)
QUICK_PROCESSES: int = env.int("QUICK_PROCESSES", default=1)
TASKS_PER_CHILD: int = env.int("TASKS_PER_CHILD", default=50)
# A child that was once bigger than this is replaced after its task.
CHILD_MEMORY_MB: int = env.int("CHILD_MEMORY_MB", default=1024)
WORKER_NICENESS: int = env.int("WORKER_NICENESS", default=5)
# A blocking step that meets more data than this spills to disk.
RUN_MEMORY_MB: int = env.int("RUN_MEMORY_MB", default=1024)
RUN_MAX_ATTEMPTS: int = env.int("RUN_MAX_ATTEMPTS", default=3)
# An attempt in which nothing moves for so long is ended and tried again; 0 means no limit.
STALL_SECONDS: float = env.float("STALL_SECONDS", default=3600.0)
LEASE_SECONDS: float = env.float("LEASE_SECONDS", default=15.0)
HEARTBEAT_SECONDS: float = env.float("HEARTBEAT_SECONDS", default=LEASE_SECONDS / 3)
CLOCK_SECONDS: float = env.float("CLOCK_SECONDS", default=1.0)
# The bell of what stays queued is rung again after so long.
RING_AGAIN_SECONDS: float = env.float("RING_AGAIN_SECONDS", default=5.0)

# Somebody waits for these: a test, a catalog, first rows, and until a quick worker is free.
CHECK_SECONDS: float = env.float("CHECK_SECONDS", default=10.0)
DISCOVER_SECONDS: float = env.float("DISCOVER_SECONDS", default=60.0)
PREVIEW_SECONDS: float = env.float("PREVIEW_SECONDS", default=10.0)
ANSWER_PATIENCE_SECONDS: float = env.float("ANSWER_PATIENCE_SECONDS", default=15.0)

# --- What connectors may touch -----------------------------------------------------------------

FILES_DIR = DATA_DIR / "files"
FILES_DIR.mkdir(exist_ok=True)
# The rest of DATA_DIR and whatever begins with a dot stay closed, wherever a root lies.
FILE_ROOTS: list[Path] = [
    FILES_DIR,
    *(Path(root).expanduser() for root in env.list("FILE_ROOTS", default=[])),
]
if DEBUG and len(FILE_ROOTS) == 1:
    FILE_ROOTS += [Path.cwd(), Path.home(), Path(tempfile.gettempdir())]
# Networks (CIDR) that the api connector, webhooks and imports may reach beside public addresses.
ALLOWED_NETWORKS: list[str] = env.list(
    "ALLOWED_NETWORKS", default=["127.0.0.0/8", "::1/128"] if DEBUG else []
)

# --- Uploaded files and results ------------------------------------------------------------------

# Without a store they lie under DATA_DIR/objects, and /objects/<bucket>/… serves them.
OBJECT_STORE = stores.checked(
    env.str("OBJECT_STORE_URL", default=""),
    env.str("OBJECT_STORE_PUBLIC_URL", default=""),
    os.environ,
)
OBJECT_BUCKET: str = stores.checked_bucket(
    "OBJECT_BUCKET", env.str("OBJECT_BUCKET", default="karyaksham-data")
)
# Of one object that is sent to /objects; a store of its own has a limit of its own.
OBJECT_MAX_BYTES: int = env.int("OBJECT_MAX_BYTES", default=50 * 1024**3)
# How long the URLs of a file job are good for.
UPLOAD_URL_SECONDS: int = env.int("UPLOAD_URL_SECONDS", default=3600)
DOWNLOAD_URL_SECONDS: int = env.int("DOWNLOAD_URL_SECONDS", default=3600)

# --- How much is too much: a number and a time; 0 means no limit ---------------------------------

# Requests of one user on the ETL Builder's routes, as its contract says.
RATE_LIMIT: str = rates.checked("RATE_LIMIT", env.str("RATE_LIMIT", default="60/min"))
# Log-ins that fail: of one account from one address, of one account from anywhere, from one
# address to any account.
LOGIN_FAILURES: str = rates.checked("LOGIN_FAILURES", env.str("LOGIN_FAILURES", default="10/15min"))
LOGIN_FAILURES_ACCOUNT: str = rates.checked(
    "LOGIN_FAILURES_ACCOUNT", env.str("LOGIN_FAILURES_ACCOUNT", default="100/15min")
)
LOGIN_FAILURES_ADDRESS: str = rates.checked(
    "LOGIN_FAILURES_ADDRESS", env.str("LOGIN_FAILURES_ADDRESS", default="100/15min")
)
# New accounts from one address.
SIGNUP_RATE: str = rates.checked("SIGNUP_RATE", env.str("SIGNUP_RATE", default="100/h"))

# --- The API -----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "config.api.exceptions.handle",
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "accounts.permissions.WithinScopes",
    ],
    "DEFAULT_RENDERER_CLASSES": ["config.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "config.api.parsers.JSONParser",
        "config.api.parsers.FormParser",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["config.api.limits.RequestRate"],
    # A route's own `?format=` says what it exports; every answer of the API is JSON.
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_METADATA_CLASS": "config.api.metadata.Methods",
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.inspecting.Operation",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
ACCESS_TOKEN_MINUTES: int = env.int("ACCESS_TOKEN_MINUTES", default=15)
# A session ends so long after its last refresh.
REFRESH_TOKEN_DAYS: int = env.int("REFRESH_TOKEN_DAYS", default=7)
# Tokens of the doors whose contracts know no refresh (Olake, orc-rust-ator).
LONE_TOKEN_HOURS: int = env.int("LONE_TOKEN_HOURS", default=24)
SPECTACULAR_SETTINGS = document.SETTINGS
CORS_ALLOWED_ORIGINS: list[str] = env.list(
    "CORS_ALLOWED_ORIGINS", default=["http://localhost:5173"]
)
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_METHODS, CORS_ALLOW_HEADERS = cors.METHODS, cors.HEADERS
# Without this a page can read the body of an answer only.
CORS_EXPOSE_HEADERS = cors.EXPOSED

# --- Signing in with GitHub ----------------------------------------------------------------------

# Of the OAuth app whose callback is <here>/api/v1/auth/github/callback; without them nobody can.
GITHUB_CLIENT_ID: str = env.str("GITHUB_CLIENT_ID", default="")
GITHUB_CLIENT_SECRET: str = env.str("GITHUB_CLIENT_SECRET", default="")
# GitHub Enterprise: https://github.example.org and https://github.example.org/api/v3.
GITHUB_URL: str = origins.checked_url(
    "GITHUB_URL", env.str("GITHUB_URL", default="https://github.com")
)
GITHUB_API_URL: str = origins.checked_url(
    "GITHUB_API_URL", env.str("GITHUB_API_URL", default="https://api.github.com")
)
# Origins of the front-ends that users may be sent back to; in DEBUG also this machine's, any port.
REDIRECT_ALLOWLIST: list[str] = origins.checked(
    "REDIRECT_ALLOWLIST", env.list("REDIRECT_ALLOWLIST", default=[])
)
# Where users are sent whose front-end did not say where it is.
FRONTEND_URL: str = env.str("FRONTEND_URL", default="")
# How browsers reach this server, where a proxy hides its name and scheme.
PUBLIC_URL: str = env.str("PUBLIC_URL", default="")
if FRONTEND_URL:
    origins.checked_url("FRONTEND_URL", FRONTEND_URL)
if PUBLIC_URL:
    PUBLIC_URL = origins.checked("PUBLIC_URL", [PUBLIC_URL])[0]
# Requests of one address that begin a sign-in with GitHub or wait for one.
GITHUB_RATE: str = rates.checked("GITHUB_RATE", env.str("GITHUB_RATE", default="600/min"))

# --- The admin -----------------------------------------------------------------------------------

UNFOLD = look.unfold(is_debug=DEBUG)
# Who logs in without an aim.
LOGIN_REDIRECT_URL = "/admin/"

# --- Behind a proxy that speaks TLS --------------------------------------------------------------

HTTPS: bool = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS: int = env.int("HSTS_SECONDS", default=3600 if HTTPS else 0)
# Whether other names of the domain speak TLS only its owner knows.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REDIRECT_EXEMPT = [r"^health(/ready)?/?$"]
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = logging_settings(
    level=env.str("LOG_LEVEL", default="INFO").upper(),
    style=env.str("LOG_FORMAT", default="console" if DEBUG else "json"),
)
