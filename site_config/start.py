"""`make run`: gets the site ready (translations, database, demo or static files), says where it is, and starts it."""

import os
import socket
import sys
from importlib import import_module
from ipaddress import ip_address

import django
from django.conf import settings
from django.core.management import CommandError, call_command

from home.demo_accounts import ACCOUNTS, PASSWORD
from site_config import private_files
from site_config.catalogues import compile_catalogues
from site_config.database_limits import limit_connections
from site_config.environment import DATABASE_LIMITS_MIGRATIONS
from site_config.loading import loading


def prepare() -> None:
    """Safe to repeat: each step finds its own work done the second time."""
    compile_catalogues()
    with loading():
        django.setup()
    private_files.close_all(settings.DATA_DIR)
    # They import models, and so come after the setup.
    database = import_module("site_config.database")
    rotation = import_module("notifications.encryption.rotation")
    limit_connections(DATABASE_LIMITS_MIGRATIONS)
    if settings.DEBUG:
        print("Preparing the database and the demo …", flush=True)
        database.bring_up_to_date()
        call_command("load_demo")
    else:
        print("Preparing the database and the static files …", flush=True)
        database.bring_up_to_date()
        call_command("collectstatic", interactive=False, verbosity=0)
    # Before anybody comes: with another SECRET_KEY nobody is found by their number until this was done.
    done = rotation.rotate()
    if done.rows or done.left:
        print(f"Encryption: {done}", flush=True)


def refuse_taken(host: str, port: int) -> None:
    """Said now, in words, instead of by a web server that dies again and again."""
    family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} of {host} is not free ({error.strerror}). Choose another: make run PORT=8001"
            ) from error


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    try:
        # Reading it ends here, in words, where something is wrong with the environment.
        from site_config.environment import BASE_DIR, LISTEN_ON, PORT  # noqa: PLC0415

        refuse_taken(LISTEN_ON, PORT)
        prepare()
    except CommandError as error:
        sys.exit(str(error))
    print(greeting(), flush=True)
    os.chdir(BASE_DIR)
    # The supervisor takes this process over, without the memory that Django took.
    os.execv(sys.executable, [sys.executable, "-m", "site_config.supervisor"])  # noqa: S606 - no shell is wanted


def greeting() -> str:
    address = settings.WAGTAILADMIN_BASE_URL
    lines = ["", f"MedGuard SA: {address}/", f"Staff pages: {address}/admin/", _mail(), _sms()]
    if not settings.DEBUG and ip_address(settings.LISTEN_ON).is_loopback:
        lines.append(f"Only this machine reaches it, on {settings.LISTEN_ON}. LISTEN_ON changes that.")
    if settings.DEBUG:
        width = max(map(len, ACCOUNTS))
        lines += ["", f"Sign in with the password {PASSWORD} as"]
        lines += [f"  {account:<{width}}  {who}" for account, who in ACCOUNTS.items()]
    return "\n".join([*lines, "", "Ctrl-C stops it.", ""])


def _mail() -> str:
    if settings.EMAIL_FILE_PATH:
        return f"Mail is written to {settings.EMAIL_FILE_PATH}"
    return f"Mail leaves through {'an e-mail service' if settings.ANYMAIL else settings.EMAIL_HOST}"


def _sms() -> str:
    if "file" in settings.SMS_PROVIDERS:
        return f"SMS are written to {settings.SMS_FILE_PATH}"
    return f"SMS leave through {', '.join(settings.SMS_PROVIDERS)}"


if __name__ == "__main__":
    main()
