"""Django's settings. What differs between machines comes from `environment`; the rest is decided here."""

import sys
from datetime import timedelta
from typing import Any

from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _
from huey.serializer import SignedSerializer
from redis import ConnectionPool

from notifications.timezones import timezone_names
from site_config import limits, private_files, silence
from site_config.environment import (
    ADMINS,
    AFRICASTALKING_API_KEY,
    AFRICASTALKING_SENDER_ID,
    AFRICASTALKING_USERNAME,
    AFRICASTALKING_WEBHOOK_SECRET,
    ALLOWED_HOSTS,
    BASE_DIR,
    BASE_URL,
    DATA_DIR,
    DATABASE,
    DEBUG,
    DEFAULT_FROM_EMAIL,
    EMAIL,
    EMAIL_EVENTS_SECRET,
    FIELD_ENCRYPTION_KEYS,
    LISTEN_ON,
    LOG_FORMAT,
    METRICS_TOKEN,
    PUSH_HOSTS,
    REDIS_URL,
    SECRET_KEY,
    SENTRY_DSN,
    SMS_HTTP_BODY,
    SMS_HTTP_FIELDS,
    SMS_HTTP_HEADERS,
    SMS_HTTP_ID,
    SMS_HTTP_INBOUND_FROM,
    SMS_HTTP_INBOUND_ID,
    SMS_HTTP_INBOUND_TEXT,
    SMS_HTTP_METHOD,
    SMS_HTTP_PERMANENT,
    SMS_HTTP_RECEIPT_DELIVERED,
    SMS_HTTP_RECEIPT_FAILED,
    SMS_HTTP_RECEIPT_ID,
    SMS_HTTP_RECEIPT_STATUS,
    SMS_HTTP_SUCCESS,
    SMS_HTTP_URL,
    SMS_HTTP_WEBHOOK_SECRET,
    SMS_PROVIDERS,
    SMS_REPLACE_ACCENTS,
    SMS_REPLIES,
    STAFF_IDLE_MINUTES,
    TASKS_INLINE,
    TIME_ZONE,
    TRUSTED_PROXIES,
    TWILIO_ACCOUNT_SID,
    TWILIO_AUTH_TOKEN,
    TWILIO_FROM,
    VAPID_PRIVATE_KEY,
    VAPID_SUBJECT,
    VOICE_AFRICASTALKING_FROM,
    VOICE_PROVIDERS,
    VOICE_TWILIO_FROM,
    WHATSAPP_ACCESS_TOKEN,
    WHATSAPP_API_VERSION,
    WHATSAPP_APP_SECRET,
    WHATSAPP_PHONE_NUMBER_ID,
    WHATSAPP_PROVIDER,
    WHATSAPP_TWILIO_FROM,
    WHATSAPP_VERIFY_TOKEN,
)
from site_config.logs import configuration as logging_configuration

private_files.begin(DATA_DIR)
ON_HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "modeltranslation",  # before wagtail, so that its admin edits both languages
    "medications",
    "events",
    "home",
    "notifications",
    "home.apps.SnippetsConfig",
    "home.apps.StaffUsersConfig",
    "home.apps.ImagesConfig",
    "home.apps.DocumentsConfig",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "phonenumber_field",
    "anymail",
    "django_htmx",
    "template_partials",
    "huey.contrib.djhuey",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "site_config.request_id.request_id_middleware",
    "django.middleware.security.SecurityMiddleware",
    "site_config.headers.headers_middleware",
    "site_config.static_files.static_middleware",  # its files are compressed when they are collected
    "home.webapp.style_sheet.SheetMiddleware",
    "site_config.compression.CompressionMiddleware",  # above all that reads or changes a page
    "django.contrib.sessions.middleware.SessionMiddleware",
    "home.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "home.sign_in.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "site_config.headers.ContentPolicyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "home.middleware.PersonTimeZoneMiddleware",
    "home.middleware.StaffLanguageMiddleware",
    "home.middleware.AccessLogMiddleware",
    "home.sign_in.middleware.SecondStepMiddleware",
    "home.sign_in.session_middleware.SessionLifeMiddleware",
    "axes.middleware.AxesMiddleware",
    "site_config.malformed.MalformedRequestMiddleware",  # next to the views
]

ROOT_URLCONF = "site_config.urls"
ASGI_APPLICATION = "site_config.asgi.application"
WSGI_APPLICATION = "site_config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["notifications.web.names"],
            "libraries": {"admin_frame": "home.admin.frame_tags"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "home.webapp.style_sheet.sheet",
                "home.context_processors.frame",
                "home.context_processors.staff",
                "home.context_processors.codes",
                "notifications.inbox.context_processors.inbox",
            ],
        },
    }
]

# The ways out of the house -------------------------------------------------------------------------------

# One class a channel, each in a folder of its own.
NOTIFICATION_CHANNELS = [
    "notifications.channels.email.channel.EmailChannel",
    "notifications.channels.sms.channel.SmsChannel",
    "notifications.channels.push.channel.PushChannel",
    *(["notifications.channels.whatsapp.channel.WhatsAppChannel"] if WHATSAPP_PROVIDER else []),
    *(["notifications.channels.voice.channel.VoiceChannel"] if VOICE_PROVIDERS else []),
]
# One for each way, which may hang. Sign-in codes by two ways and replies to SMS may hold three more, what others have
# hung onto our events two; two tell people, two send what was scheduled, and one is left for the minute.
CONSUMER_WORKERS = len(NOTIFICATION_CHANNELS) + 10

# Rooms for data ------------------------------------------------------------------------------------------

if DATABASE["ENGINE"].endswith("sqlite3"):
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL;",
    }
else:
    # A connection that a restarted server left broken in the pool is no page's error.
    DATABASE["CONN_HEALTH_CHECKS"] = True
    DATABASE["OPTIONS"] = {
        **silence.TO_POSTGRESQL,
        **DATABASE.get("OPTIONS", {}),
        # One for each worker, and for those who renew a lease beside them.
        "pool": {
            "min_size": 1,
            "max_size": 2 * CONSUMER_WORKERS,
            "timeout": 15,
            "connection_class": silence.Connection,
        },
    }
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    CACHES = {
        "default": {"BACKEND": "site_config.caches.ForgivingRedisCache", "LOCATION": REDIS_URL},
        "sessions": {"BACKEND": "site_config.caches.SessionCache", "LOCATION": REDIS_URL},
    }
    SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    SESSION_CACHE_ALIAS = "sessions"
    _queue: dict[str, Any] = {
        "huey_class": "huey.PriorityRedisExpireHuey",
        "connection": {
            "connection_pool": ConnectionPool.from_url(REDIS_URL, **silence.TO_REDIS),
            "read_timeout": 1,
        },
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    _queue = {"huey_class": "huey.SqliteHuey", "filename": str(DATA_DIR / "queue.sqlite3"), "timeout": 30}

IS_CONSUMER = sys.argv[1:2] == ["run_huey"]
if IS_CONSUMER:
    silence.limit_answers()

HUEY = {
    "name": "medguard",
    # A consumer takes from the queue, whatever the others do.
    "immediate": TASKS_INLINE and not IS_CONSUMER,
    # What is to wait for a moment goes to the queue all the same.
    "immediate_use_memory": False,
    "results": False,
    "utc": True,
    # A queue that strangers may reach must not run what they put there.
    "serializer": SignedSerializer(secret=SECRET_KEY, salt="medguard.queue"),
    **_queue,
    "consumer": {
        "workers": CONSUMER_WORKERS,
        "worker_type": "thread",
        "initial_delay": 0.1,
        "max_delay": 0.5,
        "scheduler_interval": 1,
        "graceful_signal": "TERM",
    },
}

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "home.webapp.style_sheet.SheetFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Django gives what is uploaded or collected these, whatever the process is allowed: see private_files.
FILE_UPLOAD_PERMISSIONS = private_files.FILE
FILE_UPLOAD_DIRECTORY_PERMISSIONS = private_files.FOLDER
SERVESTATIC_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "servestatic.storage.CompressedManifestStaticFilesStorage"
    },
}

# People --------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "home.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "home.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:start"
PHONENUMBER_DEFAULT_REGION = "ZA"
PHONENUMBER_DB_FORMAT = "E164"

ACCOUNT_ADAPTER = "home.sign_in.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "home.sign_in.forms.LoginForm",
    "reset_password": "home.sign_in.forms.ResetPasswordForm",
    "reset_password_from_key": "home.sign_in.forms.ResetPasswordKeyForm",
    "change_password": "home.sign_in.forms.ChangePasswordForm",
    "set_password": "home.sign_in.forms.SetPasswordForm",
    "request_login_code": "home.sign_in.forms.RequestCodeForm",
    "confirm_login_code": "home.sign_in.forms.CodeForm",
    "reauthenticate": "home.sign_in.forms.ReauthenticateForm",
    "confirm_reauthentication_code": "home.sign_in.forms.CodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email", "phone", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL  # by name, so in the reader's language
ACCOUNT_SESSION_REMEMBER = None
# Whoever owns the account is told when a way in changes (home/sign_in/notices.py).
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Codes by SMS or e-mail, for those without a password and for new addresses: six digits, five tries, ten minutes.
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_FORMAT = ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = {
    "numeric": True,
    "length": 6,
    "dashed": False,
}
ACCOUNT_RATE_LIMITS = limits.PAGES
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A code holds while the next one is shown: people type slowly, and a phone’s clock is not quite right (RFC 6238).
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "home.sign_in.adapters.MfaAdapter"
MFA_FORMS = {
    "authenticate": "home.sign_in.forms.AuthenticateForm",
    "reauthenticate": "home.sign_in.forms.SecondStepReauthenticateForm",
    "activate_totp": "home.sign_in.forms.ActivateTotpForm",
}
# How long sessions last (docs/decisions/0074): a patient's on their own phone; those of staff and on a shared phone;
# and how long the latter may be left alone.
SESSION_COOKIE_AGE = int(limits.SESSION.total_seconds())
SESSION_BRIEF = limits.SESSION_BRIEF
SESSION_IDLE = timedelta(minutes=STAFF_IDLE_MINUTES)
# Staff see everybody's health: outside a trial they need a second factor.
STAFF_MFA_REQUIRED = not DEBUG

AXES_FAILURE_LIMIT = limits.WRONG_PASSWORDS
AXES_COOLOFF_TIME = limits.LOCK_HOURS
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "home.sign_in.lockout.locked_out"
AXES_USERNAME_CALLABLE = "home.sign_in.lockout.login_of"
# Known devices have counts of their own.
AXES_WHITELIST_CALLABLE = "home.sign_in.lockout.is_known_device"
# Both count by the address of the browser, not by that of the proxy before us.
AXES_CLIENT_IP_CALLABLE = "notifications.web.client_address.client_network"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# Languages and clocks ------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("af", _("Afrikaans"))]
# Messages are also in the others of these, which each clinic switches on: a row, a file and a catalogue each make a
# language (docs/languages.md).
MESSAGE_LANGUAGES = [*LANGUAGES, ("zu", "isiZulu"), ("xh", "isiXhosa")]
LANGUAGE_FILES = BASE_DIR / "locale"
MODELTRANSLATION_FALLBACK_LANGUAGES = tuple(code for code, _name in LANGUAGES)
# The second has Wagtail's own texts, as a nurse would say them.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "wagtail"]
FORMAT_MODULE_PATH = ["site_config.formats"]
USE_I18N = True
USE_TZ = True

# REST ----------------------------------------------------------------------------------------------------

# What applies to our own calls alone is said in notifications/api: Wagtail's admin makes calls too.
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "DEFAULT_THROTTLE_RATES": limits.CALLS,
}
REST_KNOX = {"TOKEN_TTL": timedelta(hours=10), "AUTH_HEADER_PREFIX": "Token"}
SPECTACULAR_SETTINGS = {
    "TITLE": "MedGuard SA",
    "VERSION": "1",
    "DESCRIPTION": "Reminders for the patients of South African clinics: schedule them, and read one's own.",
    "PREPROCESSING_HOOKS": ["notifications.api.openapi.ours"],
    "POSTPROCESSING_HOOKS": [],
    "DISABLE_ERRORS_AND_WARNINGS": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# Wagtail -------------------------------------------------------------------------------------------------

# The same names as everybody else may choose (notifications/timezones.py); a browser does not know Wagtail's others.
WAGTAIL_USER_TIME_ZONES = sorted(timezone_names())
WAGTAIL_SITE_NAME = "MedGuard"
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"  # as staff type it, day first
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_I18N_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False  # nobody types one for another (home/admin/users.py)
# A page or document with a password of its own would be one more door (site_config/urls.py).
WAGTAIL_PRIVATE_PAGE_OPTIONS = WAGTAILDOCS_PRIVATE_COLLECTION_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILADMIN_LOGIN_URL = LOGIN_URL
WAGTAILDOCS_SERVE_METHOD = "serve_view"

# E-mail --------------------------------------------------------------------------------------------------

EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = EMAIL.get("EMAIL_FILE_PATH")
EMAIL_HOST = EMAIL.get("EMAIL_HOST", "")
EMAIL_PORT = EMAIL.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = EMAIL.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = EMAIL.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 5
ANYMAIL = EMAIL.get("ANYMAIL", {})
# What came back and what was unwanted is reported to /mail/events/: only by who knows the secret.
EMAIL_EVENTS_VIEW = EMAIL.get("EMAIL_EVENTS_VIEW") if EMAIL_EVENTS_SECRET else None
if EMAIL_EVENTS_VIEW:
    ANYMAIL[EMAIL["EMAIL_EVENTS_SECRET_NAME"]] = EMAIL_EVENTS_SECRET

# SMS -----------------------------------------------------------------------------------------------------

SMS_FILE_PATH = DATA_DIR / "sms"
AFRICASTALKING_URL = (
    "https://api.sandbox.africastalking.com"
    if AFRICASTALKING_USERNAME == "sandbox"
    else "https://api.africastalking.com"
)
TWILIO_URL = "https://api.twilio.com"
# How long each of a provider's answers may take, by WhatsApp too. Two one after the other stay within half a lease.
SMS_TIMEOUT = 8  # seconds
# How many messages a second each provider is given, by all processes together; one that isn't listed, any number.
SMS_PER_SECOND = {"africastalking": 20, "twilio": 10, "whatsapp-meta": 40, "whatsapp-twilio": 40}

# WhatsApp ------------------------------------------------------------------------------------------------

WHATSAPP_FILE_PATH = DATA_DIR / "whatsapp"
WHATSAPP_URL = "https://graph.facebook.com"

# Calls ---------------------------------------------------------------------------------------------------

VOICE_FILE_PATH = DATA_DIR / "voice"
AFRICASTALKING_VOICE_URL = "https://voice.africastalking.com"
# As SMS_PER_SECOND: Twilio places one a second for an account that has asked for no more.
VOICE_PER_SECOND = {"africastalking": 1, "twilio": 1}

# Security ------------------------------------------------------------------------------------------------

CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = ON_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ON_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if ON_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail shows its previews in a frame
_POLICY = {
    "default-src": [SELF],
    "img-src": [SELF, "data:"],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [SELF],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": _POLICY}
# Wagtail sets styles by attribute, and shows a picture from its own memory before it is uploaded. Its scripts are
# files, or carry the nonce of their page (templates/wagtailadmin).
ADMIN_CONTENT_SECURITY_POLICY = {
    **_POLICY,
    "script-src": [SELF, NONCE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
}

# Sign-up is closed, so nobody is asked for the fields that this check wants.
SILENCED_SYSTEM_CHECKS = ["account.W001"]

# Errors --------------------------------------------------------------------------------------------------

LOGGING = logging_configuration(log_format=LOG_FORMAT, quote_errors=DEBUG, mail_errors=bool(ADMINS))
# Mail to ADMINS.
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = "[MedGuard] "
if SENTRY_DSN:
    from site_config import sentry

    sentry.start(SENTRY_DSN)

# The engine ----------------------------------------------------------------------------------------------

# What a delivery waits after its first, second, … failure; after the last one it has failed.
NOTIFICATION_RETRY_SECONDS = [10, 60, 300, 600, 1200]
NOTIFICATION_LIVE_REDIS_URL = REDIS_URL
# How many days something is kept, where it isn't to be as long as docs/privacy.md says: by the names in its table.
RETENTION_DAYS: dict[str, int] = {}
# Who may read /metrics; nobody without it, unless DEBUG is on.
NOTIFICATION_METRICS_TOKEN = METRICS_TOKEN
