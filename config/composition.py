"""What the platform is made of: its apps, and what every request passes through on its way."""

INSTALLED_APPS = [
    # First, because it replaces runserver with a server that also speaks WebSocket.
    "daphne",
    # Its templates come before those of Django's admin.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.administration.apps.Administration",
    # Its createsuperuser takes the place of Django's.
    "config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "connectors",
    "jobs",
    "pipelines",
    "modelling",
]
MIDDLEWARE = [
    "config.api.middleware.request_ids",
    "config.api.middleware.error_bodies",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.api.limits.rate_headers",
    "config.api.middleware.fit_requests",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
