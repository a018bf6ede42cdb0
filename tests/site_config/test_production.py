"""What the site does where patients use it: behind a proxy, with several workers, DEBUG off."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import AsyncToSync
from django.test import Client

from site_config import environment
from site_config import settings as site_settings
from site_config.environment import BASE_DIR

IN_QUOTES = 'is put in quotation marks: "Kliniek Noord, Johannesburg" <clinic@example.org>'


def started_with(
    code: str = "import site_config.settings", **environment: str
) -> subprocess.CompletedProcess[str]:
    """What a process says that runs this code with nothing but these variables, DEBUG off and a data folder."""
    base = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": os.environ["DATA_DIR"],
        "DEBUG": "false",
        "SECRET_KEY": "k" * 50,
    }
    return subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=base | environment, capture_output=True, text=True
    )


MALFORMED = [
    ("LOG_FORMAT", "xml", "must be text or json"),
    ("TASKS", "celery", "must be queue or inline"),
    ("TRUSTED_PROXIES", "-1", "must not be negative"),
    ("TRUSTED_PROXIES", "one", "must be a whole number"),
    ("WEB_WORKERS", "0", "must be 1 or more"),
    ("ADMINS", "Sipho Dube", "must be e-mail addresses"),
    ("ADMINS", "sipho@clinic.example; it@clinic.example", "must be e-mail addresses"),
    ("SENTRY_DSN", "https://sentry.example/1", "must be as Sentry shows it"),
    ("SENTRY_DSN", "https://key@sentry.example/", "must be as Sentry shows it"),
    ("DEFAULT_FROM_EMAIL", "Kliniek Noord, Johannesburg <clinic@medguard.test>", IN_QUOTES),
    ("DEFAULT_FROM_EMAIL", "Clinic: North <a@b.test>", IN_QUOTES),
    ("DEFAULT_FROM_EMAIL", "clinic [at] x <a@b.test>", IN_QUOTES),
    ("DEFAULT_FROM_EMAIL", "Clinic <a@b.test> and more", IN_QUOTES),
    ("DEFAULT_FROM_EMAIL", "a@b.test, c@d.test", IN_QUOTES),
    ("DEFAULT_FROM_EMAIL", "no address here", IN_QUOTES),
    ("DEFAULT_FROM_EMAIL", "Clinic\nBcc: x@y.test <a@b.test>", IN_QUOTES),
    ("DEFAULT_FROM_EMAIL", "", IN_QUOTES),
    ("VAPID_SUBJECT", "mailto:a@localhost", "must be mailto:somebody@"),
    ("VAPID_SUBJECT", "https://localhost", "must be mailto:somebody@"),
    ("BASE_URL", "https://clinic.example/reminders", "the site's whole address and no more"),
    ("BASE_URL", "https://clinic.example:port", "is no address: Port"),
    ("BASE_URL", "https://somebody@clinic.example", "the site's whole address and no more"),
    ("ALLOWED_HOSTS", "https://clinic.example", "must be a host's name alone"),
    ("ALLOWED_HOSTS", "clinic.example, other.example", "must be a host's name alone"),
    ("LISTEN_ON", "clinic.example", "must be an IP address of this machine"),
    ("DATA_DIR", "/", "must be a folder of its own"),
    ("DATA_DIR", "", "must be a folder of its own"),
    ("EMAIL_URL", "smtp://mail.example:99999", "is no address: Port"),
    ("REDIS_URL", "redis://redis.example:port", "is no address: Port"),
    ("DATABASE_URL", "postgresql://db.example:port/medguard", "is no address: Port"),
    ("DATABASE_URL", "mongodb://db.example/medguard", "must be sqlite:////folder/file or postgresql://"),
    ("DATABASE_URL", "mysql://db.example/medguard", "must be sqlite:////folder/file or postgresql://"),
    ("DATABASE_URL", "postgresql://db.example/", "must be sqlite:////folder/file or postgresql://"),
    ("DATABASE_URL", "sqlite://", "must be sqlite:////folder/file or postgresql://"),
    ("DATABASE_URL", "sqlite:////no/such/folder/medguard.sqlite3", "there is no folder /no/such/folder"),
    ("DATABASE_URL", "", "must be sqlite:////folder/file or postgresql://"),
    ("DATABASE_LIMITS_PAGES", "statement=fast", "must be seconds by name"),
    ("DATABASE_LIMITS_WORK", "statements=5", "The names are statement, lock, idle, transaction"),
    ("DATABASE_LIMITS_COMMANDS", "30", "must be seconds by name"),
    ("DATABASE_LIMITS_MIGRATIONS", "lock=0", "must be seconds by name"),
    ("DEBUG", "perhaps", "must be true or false"),
    ("PORT", "", "must be a whole number"),
    ("SENTRY_DSN", "https://key@sentry.example:port/1", "is no address: Port"),
    ("SMS_PROVIDERS", "file,pigeons", "“pigeons” is none of file, africastalking, twilio"),
    ("SMS_PROVIDERS", "file,file", "each once"),
    ("SMS_PROVIDERS", "", "must name one provider"),
    ("WHATSAPP_PROVIDER", "pigeons", "“pigeons” is none of file, meta, twilio"),
    ("WHATSAPP_PHONE_NUMBER_ID", "+27 10 555 0100", "digits alone"),
    ("WHATSAPP_API_VERSION", "25", "must be as in v25.0"),
    ("WHATSAPP_APP_SECRET", "short", "must have 16 characters"),
    ("WHATSAPP_VERIFY_TOKEN", "short", "must be 24 letters"),
    ("WHATSAPP_TWILIO_FROM", "0105550100", "must be a number as in +27105550100"),
    ("VOICE_PROVIDERS", "pigeons", "“pigeons” is none of file, africastalking, twilio"),
    ("VOICE_PROVIDERS", "file,file", "each provider once"),
    ("VOICE_TWILIO_FROM", "MG0123", "must be a number as in +27105550100"),
    ("VOICE_AFRICASTALKING_FROM", "0105550100", "must be a number as in +27105550100"),
    ("AFRICASTALKING_WEBHOOK_SECRET", "short", "must be 24 letters"),
    ("AFRICASTALKING_WEBHOOK_SECRET", "thirty-two-characters-but-&-and-=", "must be 24 letters"),
]


def rounds() -> Iterator[dict[str, tuple[str, str]]]:
    """All of them in as few processes as may be: each names whatever is wrong."""
    waiting = list(MALFORMED)
    while waiting:
        now = {name: (value, said) for name, value, said in reversed(waiting)}
        yield now
        waiting = [(name, value, said) for name, value, said in waiting if now[name] != (value, said)]


@pytest.mark.parametrize("mistakes", list(rounds()))
def test_each_malformed_variable_is_named(mistakes: dict[str, tuple[str, str]]) -> None:
    done = started_with(
        "import site_config.environment", **{name: value for name, (value, _said) in mistakes.items()}
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    lines = dict(re.findall(r"^(?:  |The environment: )([A-Z_]+): (.*)$", done.stderr, re.MULTILINE))
    for name, (_value, said) in mistakes.items():
        assert said in lines[name]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "k" * 49, "must have 50 characters or more"),
        ("SECRET_KEY", "", "is empty. Set it to what python3 -c"),
        ("DEFAULT_FROM_EMAIL", "a@localhost", "VAPID_SUBJECT: is missing: push services can't turn to"),
    ],
)
def test_what_is_wrong_with_well_formed_ones_is_named(name: str, value: str, said: str) -> None:
    done = started_with("import site_config.environment", **{name: value})
    assert done.returncode != 0
    assert name in done.stderr and said in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "manage.py", "migrate"],
        [sys.executable, "-m", "site_config.start"],
        [sys.executable, "-m", "site_config.supervisor"],
        [sys.executable, "-m", "uvicorn", "site_config.asgi:application", "--port", "1"],
        [sys.executable, "-m", "gunicorn", "-c", "site_config/gunicorn.py", "site_config.wsgi"],
    ],
    ids=["manage", "start", "supervisor", "uvicorn", "gunicorn"],
)
def test_whatever_is_started_ends_with_one_line(command: list[str]) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": os.environ["DATA_DIR"],
        "DATABASE_URL": "mongodb://me:secret@db.example/medguard",
    }
    done = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("The environment: DATABASE_URL: must be sqlite:////folder/file")
    assert "secret" not in line


def test_a_data_folder_that_cannot_be_made_is_named() -> None:
    done = started_with(DATA_DIR="/etc/hostname/medguard")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "The environment: DATA_DIR: /etc/hostname/medguard can't be the site's folder (Not a directory)."
    )


@pytest.mark.parametrize(
    ("url", "hosts", "host"),
    [
        ("https://clinic.example.org", None, "clinic.example.org"),
        ("https://clinic.example.org", "localhost", "clinic.example.org"),
        ("https://clinic.example.org", "", "clinic.example.org"),
        ("https://Clinic.example.org:8443/", "other.example", "clinic.example.org:8443"),
        ("http://[2001:db8::1]:8000", "localhost", "[2001:db8::1]:8000"),
    ],
)
def test_it_answers_at_its_own_address_whatever_hosts_are_named(
    url: str, hosts: str | None, host: str
) -> None:
    code = (
        "import django; django.setup(); from django.test import Client;"
        f"answers = [Client(headers={{'host': name}}).get('/health/live/') for name in ({host!r}, 'evil.example')];"
        "print(*(each.status_code for each in answers))"
    )
    given = {} if hosts is None else {"ALLOWED_HOSTS": hosts}
    done = started_with(code, BASE_URL=url, DJANGO_SETTINGS_MODULE="site_config.settings", **given)
    assert done.stdout.split() == ["200", "400"], done.stderr


def test_an_empty_key_is_named_in_a_trial_too() -> None:
    done = started_with(DEBUG="true", SECRET_KEY="")
    assert done.stderr.strip().startswith("The environment: SECRET_KEY: is empty. Set it to what python3")


def test_a_trial_needs_no_key_and_a_real_site_does() -> None:
    assert started_with(DEBUG="true", SECRET_KEY="short").returncode == 0
    code = "import os; del os.environ['SECRET_KEY']; import site_config.settings"
    assert "SECRET_KEY: is missing: with DEBUG off" in started_with(code).stderr


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("clinic@b.test", "mailto:clinic@b.test"),
        ('"Kliniek Noord, Johannesburg" <clinic@b.test>', "mailto:clinic@b.test"),
        ("Dr. Botha <clinic@b.test>", "mailto:clinic@b.test"),
        ("Kliniek Noörd <clinic@b.test>", "mailto:clinic@b.test"),
    ],
)
def test_a_sender_is_taken_with_which_mail_and_notices_leave(sender: str, subject: str) -> None:
    code = (
        "from django.conf import settings as s;"
        "from django.core.mail import EmailMessage as M;"
        "M('a', 'b', None, ['x@y.test']).send(); print(s.VAPID_SUBJECT)"
    )
    done = started_with(code, DEFAULT_FROM_EMAIL=sender, DJANGO_SETTINGS_MODULE="site_config.settings")
    assert done.stdout.strip() == subject, done.stderr


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        ({"DEBUG": "true"}, "127.0.0.1"),
        ({"DEBUG": "true", "BASE_URL": "https://clinic.example"}, "127.0.0.1"),
        ({}, "127.0.0.1"),
        ({"BASE_URL": "http://clinic.example"}, "127.0.0.1"),
        ({"BASE_URL": "https://clinic.example"}, "0.0.0.0"),
        ({"BASE_URL": "http://clinic.example", "LISTEN_ON": "0.0.0.0"}, "0.0.0.0"),
        ({"BASE_URL": "https://clinic.example", "LISTEN_ON": "127.0.0.1"}, "127.0.0.1"),
    ],
)
def test_without_tls_only_this_machine_reaches_it_unless_told(environment: dict[str, str], host: str) -> None:
    code = "from site_config.supervisor import commands; print(*commands()['web'])"
    said = started_with(code, **environment).stdout
    assert f"--host {host} " in said


def test_an_address_with_a_slash_at_its_end_is_the_same() -> None:
    code = "from site_config.settings import BASE_URL, CSRF_TRUSTED_ORIGINS as o; print(BASE_URL, *o)"
    said = started_with(code, BASE_URL="https://clinic.example/").stdout
    assert said.split() == ["https://clinic.example"] * 2


def test_each_key_that_an_sms_provider_lacks_is_named() -> None:
    done = started_with(
        SMS_PROVIDERS="africastalking,twilio", TWILIO_AUTH_TOKEN="t", AFRICASTALKING_USERNAME="u"
    )
    assert done.returncode != 0
    for name in ("AFRICASTALKING_API_KEY", "TWILIO_ACCOUNT_SID", "TWILIO_FROM"):
        assert f"{name}: is missing" in done.stderr
    for name in ("TWILIO_AUTH_TOKEN", "AFRICASTALKING_USERNAME", "SENDER_ID"):
        assert f"{name}: is missing" not in done.stderr


@pytest.mark.parametrize(
    ("provider", "missing"),
    [
        ("meta", ["PHONE_NUMBER_ID", "ACCESS_TOKEN", "APP_SECRET", "VERIFY_TOKEN"]),
        ("twilio", ["TWILIO_FROM"]),
    ],
)
def test_each_key_that_whatsapp_lacks_is_named(provider: str, missing: list[str]) -> None:
    done = started_with(WHATSAPP_PROVIDER=provider)
    assert done.returncode != 0
    for name in missing:
        assert f"WHATSAPP_{name}: is missing" in done.stderr


def test_whatsapp_is_a_channel_where_it_is_set_up() -> None:
    code = "from site_config.settings import NOTIFICATION_CHANNELS as c; print('WhatsApp' in ''.join(c))"
    assert started_with(code, WHATSAPP_PROVIDER="file").stdout.split() == ["True"]
    assert started_with(code).stdout.split() == ["False"]


def test_each_key_that_a_provider_of_calls_lacks_is_named() -> None:
    done = started_with(VOICE_PROVIDERS="africastalking,twilio", VOICE_TWILIO_FROM="+27105550100")
    assert done.returncode != 0
    for name in ("TWILIO_AUTH_TOKEN", "AFRICASTALKING_WEBHOOK_SECRET", "VOICE_AFRICASTALKING_FROM"):
        assert f"{name}: is missing: VOICE_PROVIDERS names" in done.stderr
    assert "VOICE_TWILIO_FROM: is missing" not in done.stderr


@pytest.mark.parametrize(
    ("environment", "is_called"),
    [({}, False), ({"DEBUG": "true"}, True), ({"VOICE_PROVIDERS": "file"}, True)],
)
def test_nobody_is_called_unless_it_is_tried_out_or_set_up(
    environment: dict[str, str], is_called: bool
) -> None:
    code = "from site_config.settings import NOTIFICATION_CHANNELS as n; print('VoiceChannel' in ''.join(n))"
    assert started_with(code, **environment).stdout.strip() == str(is_called)


def test_the_sandbox_of_africas_talking_is_another_address() -> None:
    code = "from site_config.settings import AFRICASTALKING_URL; print(AFRICASTALKING_URL)"
    keys = {"SMS_PROVIDERS": "africastalking", "AFRICASTALKING_API_KEY": "k"}
    for username, url in (
        ("clinic", "https://api.africastalking.com"),
        ("sandbox", "https://api.sandbox.africastalking.com"),
    ):
        assert started_with(code, AFRICASTALKING_USERNAME=username, **keys).stdout.strip() == url


@pytest.mark.parametrize(
    ("environment", "log_format"),
    [({}, "json"), ({"DEBUG": "true"}, "text"), ({"LOG_FORMAT": "text"}, "text")],
)
def test_it_logs_as_json_unless_tried_out_or_told_otherwise(
    environment: dict[str, str], log_format: str
) -> None:
    code = "from site_config.settings import LOGGING; print(LOGGING['handlers']['console']['formatter'])"
    assert started_with(code, **environment).stdout.strip() == log_format


def test_admins_are_names_with_addresses_and_get_mail_from_the_sites_sender() -> None:
    code = "from site_config import settings as s; print(s.ADMINS, s.LOGGING['root']['handlers'], s.SERVER_EMAIL)"
    done = started_with(
        code,
        ADMINS='"Dube, Sipho" <sipho@clinic.example>, it@clinic.example',
        DEFAULT_FROM_EMAIL="x@clinic.example",
    )
    people = [("Dube, Sipho", "sipho@clinic.example"), ("", "it@clinic.example")]
    assert done.stdout.strip() == f"{people} ['console', 'mail'] x@clinic.example"
    assert started_with(code).stdout.startswith("[] ['console'] ")


def test_no_admins_are_nobody_also_where_python_makes_a_nameless_one_of_no_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As 3.13 does, and by now each older one: whoever named nobody could not start the site.
    monkeypatch.setattr(environment, "getaddresses", lambda _texts: [("", "")])
    assert environment._people("") == environment._people(" ") == []


def test_sentry_is_loaded_only_where_there_is_one() -> None:
    code = "import sys, site_config.settings; print('sentry_sdk' in sys.modules)"
    assert started_with(code).stdout.strip() == "False"
    assert started_with(code, SENTRY_DSN="https://key@sentry.example/1").stdout.strip() == "True"


@pytest.mark.parametrize(
    ("environment", "command", "inline"),
    [
        ({}, "shell", "False"),
        ({"TASKS": "queue"}, "shell", "False"),
        ({"TASKS": "inline"}, "shell", "True"),
        ({"TASKS": "inline"}, "run_huey", "False"),
    ],
)
def test_a_consumer_takes_from_the_queue_whatever_the_others_do(
    environment: dict[str, str], command: str, inline: str
) -> None:
    code = (
        f"import sys; sys.argv = ['manage.py', '{command}']; "
        "from site_config.settings import HUEY; print(HUEY['immediate'])"
    )
    assert started_with(code, **environment).stdout.strip() == inline


@pytest.mark.parametrize(
    ("process", "limited"),
    [
        ("sys.argv = ['manage.py', 'run_huey']; import site_config.settings", True),
        ("import site_config.asgi", True),
        ("import site_config.wsgi", True),
        ("sys.argv = ['manage.py', 'migrate']; import site_config.settings", False),
    ],
)
def test_who_answers_people_or_sends_messages_waits_a_minute_for_the_database_and_no_longer(
    process: str, limited: bool
) -> None:
    code = f"import sys; {process}; from site_config.silence import Connection as c; print(c.answer_within)"
    assert started_with(code).stdout.strip() == ("60.0" if limited else "None")


def test_a_connection_to_postgresql_or_redis_has_limits_and_those_of_the_address_go_before_ours() -> None:
    code = (
        "from site_config.settings import DATABASES, HUEY;"
        "options = DATABASES['default']['OPTIONS'];"
        "queue = HUEY['connection']['connection_pool'].connection_kwargs;"
        "print(options['connect_timeout'], options['tcp_user_timeout'], options['keepalives_idle'],"
        " options['pool']['connection_class'].__module__, queue['socket_timeout'])"
    )
    there = {"DATABASE_URL": "postgresql://u@h/n?connect_timeout=9", "REDIS_URL": "redis://localhost"}
    assert started_with(code, **there).stdout.strip() == "9 30000 15 site_config.silence 3.0"


def test_sessions_are_cached_where_there_is_redis() -> None:
    code = "from site_config import settings as s; print(getattr(s, 'SESSION_ENGINE', 'plain'))"
    assert started_with(code, REDIS_URL="redis://localhost").stdout.strip().endswith(".cached_db")
    assert started_with(code).stdout.strip() == "plain"


def test_gunicorn_reads_its_file() -> None:
    code = (
        "import sys; sys.argv += ['--config', 'python:site_config.gunicorn', '--print-config'];"
        "from gunicorn.app.wsgiapp import run; run()"
    )
    said = started_with(code, WEB_WORKERS="3", PORT="8123").stdout
    found = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    found = {key.strip(): value.strip() for key, value in found.items()}
    assert found["bind"] == "['127.0.0.1:8123']"
    assert (found["workers"], found["threads"], found["worker_class"]) == ("3", "1", "sync")
    assert int(found["graceful_timeout"]) < 25


@pytest.mark.django_db
def test_who_guesses_passwords_behind_a_proxy_locks_out_nobody_else(settings: Any, client: Client) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def sign_in(address: str) -> int:
        form = {"login": "thandi@demo.medguard.test", "password": "guess"}
        return client.post("/en/accounts/login/", form, headers={"X-Forwarded-For": address}).status_code

    assert [sign_in("6.6.6.6") for _ in range(11)][-1] == 429
    assert sign_in("1.1.1.1") == 200


@pytest.fixture
def _all_middleware(settings: Any) -> None:
    """That of static files too, which other tests do without."""
    settings.MIDDLEWARE = site_settings.MIDDLEWARE


@pytest.mark.usefixtures("_all_middleware")
def test_a_page_of_a_wsgi_worker_never_leaves_its_thread(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(self: object, *args: object, **kwargs: object) -> None:
        raise AssertionError("It changes to the asynchronous world.")

    monkeypatch.setattr(AsyncToSync, "__call__", leave)
    assert client.get("/health/live/").status_code == 200


@pytest.mark.usefixtures("_all_middleware")
def test_a_wsgi_worker_serves_static_files(client: Client) -> None:
    response = client.get("/static/css/tokens.css")
    assert response.status_code == 200
    assert b"--" in b"".join(response)
    assert response["Content-Type"].startswith("text/css")
