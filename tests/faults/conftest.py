"""One site, one post office and one database for all, emptied after each test."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from huey.contrib.djhuey import HUEY

from tests.faults import storm
from tests.faults.post_office import PostOffice
from tests.faults.queue import Queue, file_queue, redis_queue
from tests.faults.stack import Site
from tests.faults.town import Town
from tests.notifications.channels.push.push_service import PushService
from tests.notifications.channels.sms.gateways import Server, running

# What only the other database can suffer.
collect_ignore = ["test_file_database.py" if settings.REDIS_URL else "test_servers.py"]


@pytest.fixture(scope="session")
def the_post_office() -> Iterator[PostOffice]:
    post_office = PostOffice()
    yield post_office
    post_office.close()


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
def town(post_office: PostOffice, gateways: Server, push_service: PushService) -> Town:
    return Town(post_office, gateways, push_service)


@pytest.fixture(scope="session")
def environment(
    the_post_office: PostOffice, the_push_service: PushService, django_db_setup: None
) -> dict[str, str]:
    """What makes a process of the site share this run's database, queue, post office and push service."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    database = (
        url._replace(path=f"/{name}").geturl() if url.scheme.startswith("postgres") else f"sqlite:///{name}"
    )
    return {
        "DATABASE_URL": database,
        "EMAIL_URL": f"smtp://127.0.0.1:{the_post_office.port}",
        "PUSH_HOSTS": the_push_service.origin,
    }


@pytest.fixture(scope="session")
def the_site(environment: dict[str, str]) -> Iterator[Site]:
    site = Site(environment)
    yield site
    site.close()


@pytest.fixture
def post_office(the_post_office: PostOffice) -> PostOffice:
    the_post_office.reset()
    return the_post_office


@pytest.fixture
def site(the_site: Site, post_office: PostOffice, transactional_db: None) -> Iterator[Site]:
    HUEY.flush()
    yield the_site
    post_office.holds = False
    the_site.kill_all()


@pytest.fixture
def a_storm() -> Iterator[None]:
    """This process knows of storms too."""
    storm.register()
    yield
    storm.unregister()


@pytest.fixture
def queue(environment: dict[str, str], site: Site) -> Iterator[Queue]:
    if not settings.REDIS_URL:
        yield file_queue(site, environment)
        return
    with redis_queue(environment) as queue:
        yield queue
