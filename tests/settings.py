"""The site's own settings, for a test run: a data folder of its own, and nothing of the developer's environment.

`DATABASE_URL` and `REDIS_URL` alone are kept: they choose between the embedded run and the one on PostgreSQL and
Redis. Processes that a test starts inherit the folder, and so share the test's files.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

for _name in (
    "ADMINS",
    "AFRICASTALKING_API_KEY",
    "AFRICASTALKING_SENDER_ID",
    "AFRICASTALKING_USERNAME",
    "AFRICASTALKING_WEBHOOK_SECRET",
    "ALLOWED_HOSTS",
    "BASE_URL",
    "DATABASE_LIMITS_COMMANDS",
    "DATABASE_LIMITS_MIGRATIONS",
    "DATABASE_LIMITS_PAGES",
    "DATABASE_LIMITS_WORK",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_EVENTS_SECRET",
    "EMAIL_URL",
    "FIELD_ENCRYPTION_KEYS",
    "LISTEN_ON",
    "LOG_FORMAT",
    "METRICS_TOKEN",
    "PORT",
    "PUSH_HOSTS",
    "SECRET_KEY",
    "SENTRY_DSN",
    "SMS_HTTP_BODY",
    "SMS_HTTP_FIELDS",
    "SMS_HTTP_HEADERS",
    "SMS_HTTP_ID",
    "SMS_HTTP_INBOUND_FROM",
    "SMS_HTTP_INBOUND_ID",
    "SMS_HTTP_INBOUND_TEXT",
    "SMS_HTTP_METHOD",
    "SMS_HTTP_PERMANENT",
    "SMS_HTTP_RECEIPT_DELIVERED",
    "SMS_HTTP_RECEIPT_FAILED",
    "SMS_HTTP_RECEIPT_ID",
    "SMS_HTTP_RECEIPT_STATUS",
    "SMS_HTTP_SUCCESS",
    "SMS_HTTP_URL",
    "SMS_HTTP_WEBHOOK_SECRET",
    "SMS_PROVIDERS",
    "SMS_REPLACE_ACCENTS",
    "SMS_REPLIES",
    "STAFF_IDLE_MINUTES",
    "TASKS",
    "TIME_ZONE",
    "TRUSTED_PROXIES",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_FROM",
    "VAPID_PRIVATE_KEY",
    "VAPID_SUBJECT",
    "VOICE_AFRICASTALKING_FROM",
    "VOICE_PROVIDERS",
    "VOICE_TWILIO_FROM",
    "WEB_WORKERS",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_API_VERSION",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_PHONE_NUMBER_ID",
    "WHATSAPP_PROVIDER",
    "WHATSAPP_TWILIO_FROM",
    "WHATSAPP_VERIFY_TOKEN",
):
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="medguard-test-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

if redis_url := os.environ.get("REDIS_URL"):
    # Two workers of one run must not take each other's tasks and cached values.
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = f"{redis_url.partition('?')[0]}?db={number}"

from site_config.catalogues import compile_catalogues  # noqa: E402 - the environment comes first
from site_config.settings import *  # noqa: E402, F403
from site_config.settings import DATABASES, MIDDLEWARE, NOTIFICATION_CHANNELS  # noqa: E402

compile_catalogues()

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in real life: a database in memory knows neither WAL nor a second process.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(os.environ["DATA_DIR"]) / "test.sqlite3")}
elif run := os.environ.get("PYTEST_XDIST_TESTRUNUID"):
    # Two runs side by side on one server have a database each.
    DATABASES["default"]["TEST"] = {"NAME": f"test_{DATABASES['default']['NAME']}_{run[:8]}"}

# It looks through its folders for every new client, and takes longer than the page that the client asks for.
# tests/site_config/test_production.py serves static files by the site's own settings.
MIDDLEWARE = [each for each in MIDDLEWARE if each != "site_config.static_files.static_middleware"]

# Only their own tests have calls and WhatsApp: else each page of settings, and look-up of addresses, had two ways more.
_OF_THEIR_TESTS = (".VoiceChannel", ".WhatsAppChannel")
NOTIFICATION_CHANNELS = [each for each in NOTIFICATION_CHANNELS if not each.endswith(_OF_THEIR_TESTS)]
WHATSAPP_PROVIDER = ""

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
