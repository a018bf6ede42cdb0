"""One site, one SMTP server and one database for all, emptied after each test."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from huey.contrib.djhuey import HUEY

from tests.faults import crash_storm, small_disk
from tests.faults.providers import Providers
from tests.faults.queue import Queue, file_queue, redis_queue
from tests.faults.smtp_server import SmtpServer
from tests.faults.stack import Site
from tests.notifications.channels.push.push_service import PushService
from tests.notifications.channels.sms.gateways import Server, running

# What only the other database can suffer; and a small disk, where none can be made.
collect_ignore = (
    ["test_file_database.py", *([] if small_disk.can_be_made() else ["test_full_disk.py"])]
    if settings.REDIS_URL
    else ["test_servers.py", "test_limits.py", "test_full_disk.py"]
)


@pytest.fixture(scope="session")
def the_smtp_server() -> Iterator[SmtpServer]:
    smtp_server = SmtpServer()
    yield smtp_server
    smtp_server.close()


@pytest.fixture(scope="session")
def the_push_service() -> Iterator[PushService]:
    with PushService().running() as service:
        yield service


@pytest.fixture
def push_service(the_push_service: PushService) -> Iterator[PushService]:
    """With no browsers yet, and well again in the end."""
    the_push_service.browsers.clear()
    yield the_push_service
    the_push_service.hang.set()


@pytest.fixture
def gateways() -> Iterator[Server]:
    """Both SMS providers."""
    with running() as server:
        yield server


@pytest.fixture
def providers(smtp_server: SmtpServer, gateways: Server, push_service: PushService) -> Providers:
    return Providers(smtp_server, gateways, push_service)


@pytest.fixture(scope="session")
def environment(
    the_smtp_server: SmtpServer, the_push_service: PushService, django_db_setup: None
) -> dict[str, str]:
    """What makes a process of the site share this run's database, queue, SMTP server and push service."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    database = (
        url._replace(path=f"/{name}").geturl() if url.scheme.startswith("postgres") else f"sqlite:///{name}"
    )
    return {
        "DATABASE_URL": database,
        "EMAIL_URL": f"smtp://127.0.0.1:{the_smtp_server.port}",
        "PUSH_HOSTS": the_push_service.origin,
    }


@pytest.fixture(scope="session")
def the_site(environment: dict[str, str]) -> Iterator[Site]:
    site = Site(environment)
    yield site
    site.close()


@pytest.fixture
def smtp_server(the_smtp_server: SmtpServer) -> SmtpServer:
    the_smtp_server.reset()
    return the_smtp_server


@pytest.fixture
def site(the_site: Site, smtp_server: SmtpServer, transactional_db: None) -> Iterator[Site]:
    HUEY.flush()
    yield the_site
    smtp_server.holds = False
    the_site.kill_all()


@pytest.fixture
def knows_crash_storms() -> Iterator[None]:
    """This process knows of crash storms too."""
    crash_storm.register()
    yield
    crash_storm.unregister()


@pytest.fixture
def queue(environment: dict[str, str], site: Site) -> Iterator[Queue]:
    if not settings.REDIS_URL:
        yield file_queue(site, environment)
        return
    with redis_queue(environment) as queue:
        yield queue
