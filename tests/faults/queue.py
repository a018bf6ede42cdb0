"""Queues that can be taken away with all that is in them, and come back empty."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
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
    gone: Callable[[], AbstractContextManager[None]]


def file_queue(site: Site) -> Queue:
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

    return Queue(site, gone)


@contextmanager
def redis_queue(environment: dict[str, str], folder: Path) -> Iterator[Queue]:
    """A Redis of its own, behind a link, so that each server is found where the last one was; the consumer stays."""
    link = folder / "redis.sock"
    with ExitStack() as server:

        def start() -> None:
            url = server.enter_context(redis_server())
            link.symlink_to(url.removeprefix("unix://").partition("?")[0])

        @contextmanager
        def gone() -> Iterator[None]:
            link.unlink()
            server.close()
            yield
            start()

        start()
        site = Site({**environment, "REDIS_URL": f"unix://{link}?db=0"})
        try:
            yield Queue(site, gone)
        finally:
            site.close()
