"""Settings of the installation, from the environment or ``settings.toml`` in the data folder.

Names here are Django's; what an operator sets is documented in ``docs/operator.md``.
"""

from __future__ import annotations

from pathlib import Path

from crossdock.configuration import read
from crossdock.keys_file import KeysAtHand, keys_file

CONFIG = read()
"""Everything the operator can set, typed (``configuration.Configuration``)."""

DATA_DIR: Path = CONFIG.data_dir
SECRET_KEY = CONFIG.keys.django_secret
TOKEN_KEYS = KeysAtHand(keys_file(DATA_DIR), CONFIG.keys.token_keys)
PUBLIC_URL = CONFIG.public_url
CHANNEL_APPS = CONFIG.channel_apps
TRUSTED_HOSTS = CONFIG.trusted_hosts
TRUSTED_PROXIES = CONFIG.trusted_proxies
DEMO = CONFIG.demo
WORK_TIMES = CONFIG.work_times
WORKER_MEMORY = CONFIG.worker_memory
KEEP_FINISHED_DAYS = CONFIG.keep_finished_days
DEBUG = False
ALLOWED_HOSTS = CONFIG.allowed_hosts
CSRF_TRUSTED_ORIGINS = CONFIG.csrf_trusted_origins

INSTALLED_APPS = [
    "crossdock.ui",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "template_partials",
    "procrastinate.contrib.django",
    "crossdock.companies",
    "crossdock.stores",
    "crossdock.orders",
    "crossdock.work",
    "crossdock.buttons",
    "crossdock.pictures",
    "crossdock.sync",
    "crossdock.actions",
    "crossdock.papers",
    "crossdock.posting",
    "crossdock.desk",
    "crossdock.scanning",
    "crossdock.ops",
]

MIDDLEWARE = [
    "crossdock.companies.client_address.ClientAddress",
    "django.middleware.security.SecurityMiddleware",
    "crossdock.ui.packing.Packing",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crossdock.ui.policy.Policies",
    "crossdock.ui.border.Border",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "crossdock.ui.sent_size.SentSize",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "crossdock.ui.away.AnswerWhileAway",
    "crossdock.companies.entrance.CompanyEntrance",
]

ROOT_URLCONF = "crossdock.urls"
WSGI_APPLICATION = "crossdock.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crossdock.companies.context.company",
                "crossdock.stores.context.warnings",
            ],
            "builtins": ["crossdock.ui.templatetags.ui"],
        },
    }
]

DATABASES = {"default": CONFIG.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "companies.Person"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
"""``Person.email`` alone logs in; allauth's own would take any address of its lists."""
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

PASSWORD_RESET_TIMEOUT = 24 * 3600

ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "crossdock.companies.adapter.ClosedDoor"
ACCOUNT_FORMS = {
    "login": "crossdock.companies.account_forms.LogInForm",
    "reset_password": "crossdock.companies.account_forms.ForgottenForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
"""Not allauth's own, which writes addresses into a list of its own."""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "5/5m/key,100/m/ip",
    "login_failed_anywhere": "100/h/key",
    "reset_password": "20/m/ip,5/h/key",
    "manage_email": "10/h/user",
    "invite": "100/h/user",
    "first_owner": "30/5m/ip",
}
"""A key is an address at a client's place (``adapter.py``): wrong passwords lock neither the person
elsewhere nor anybody else."""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
MFA_ADAPTER = "crossdock.companies.two_step.SealedTwoStep"
MFA_ALLOW_UNVERIFIED_EMAIL = True
"""Asked by ``two_step.proven_first`` instead: allauth's lists of addresses are not used."""
MFA_TOTP_ISSUER = "Crossdock"

CACHES = {
    "default": {"BACKEND": "crossdock.companies.limits.SharedTallies"},
    "near": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
"""allauth counts in the default one, so that all processes share it; pages keep theirs near."""

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": CONFIG.files,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False
MEDIA_ROOT = DATA_DIR / "files"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.https
_BOUND = "__Host-" if CONFIG.https else ""
"""Browsers take such a cookie over https alone, and no other host can write it."""
SESSION_COOKIE_NAME = f"{_BOUND}sessionid"
CSRF_COOKIE_NAME = f"{_BOUND}csrftoken"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIG.https else None
"""``companies.client_address`` drops the header where no trusted proxy wrote it."""
SECURE_SSL_REDIRECT = CONFIG.https
SECURE_SSL_HOST = CONFIG.public_place
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
"""Probes reach the process itself, not the proxy."""
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if CONFIG.https else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
"""We speak for our own name: other hosts below it, and a list within browsers, are their owner's matter."""
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

EMAIL_BACKEND = CONFIG.email["EMAIL_BACKEND"]
EMAIL_HOST = CONFIG.email["EMAIL_HOST"]
EMAIL_PORT = CONFIG.email["EMAIL_PORT"]
EMAIL_HOST_USER = CONFIG.email["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = CONFIG.email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = CONFIG.email["EMAIL_USE_TLS"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = CONFIG.email["DEFAULT_FROM_EMAIL"]
LOGGING_CONFIG = "crossdock.ops.logs.configure"
LOGGING = {"level": CONFIG.log_level, "json": CONFIG.log_json}
