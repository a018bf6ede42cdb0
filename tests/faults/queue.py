"""Queues that can be taken away with all that is in them, and come back empty."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from huey.contrib.djhuey import HUEY

from tests.faults.stack import Site
from tests.services import redis_server


@dataclass(frozen=True)
class Queue:
    """A site whose queue is not there inside `gone()`; afterwards there is an empty one, and a consumer runs."""

    site: Site
    environment: dict[str, str]
    """What makes further processes share this queue."""
    gone: Callable[[], AbstractContextManager[None]]


def file_queue(site: Site, environment: dict[str, str]) -> Queue:
    """The embedded run's. Its consumer goes with it: whoever has the file open would keep it."""

    @contextmanager
    def gone() -> Iterator[None]:
        site.kill_all()
        HUEY.storage.close()
        for file in Path(settings.DATA_DIR).glob("queue.sqlite3*"):
            file.unlink()
        yield
        HUEY.storage.initialize_schema()
        site.start_consumer()

    return Queue(site, environment, gone)


@contextmanager
def redis_queue(environment: dict[str, str]) -> Iterator[Queue]:
    """A Redis of its own, which forgets all when it stops; the consumer stays."""
    with redis_server() as server:

        @contextmanager
        def gone() -> Iterator[None]:
            server.stop()
            yield
            server.start()

        own = {**environment, "REDIS_URL": server.url}
        site = Site(own)
        try:
            yield Queue(site, own, gone)
        finally:
            site.close()
