"""A site that reaches each of its servers through a proxy."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from tests.faults.proxy import Address, Proxy, http, postgresql
from tests.faults.stack import Process, Site


@dataclass(frozen=True)
class Proxied:
    """The site, and the proxies by what stands behind them: smtp and http, and on servers postgresql and redis."""

    site: Site
    proxies: Mapping[str, Proxy]

    def start_consumer(self, *, silence: float) -> Process:
        """One that gives up a server which says nothing for so many seconds, and soon tries again."""
        return self.site.start_consumer(
            lease=1.5,
            timeout=silence,
            retry=0.3,
            silence=silence,
            gateways=f"http://127.0.0.1:{self.proxies['http'].port}",
        )

    def heal(self) -> None:
        for proxy in self.proxies.values():
            proxy.heal()


@contextmanager
def proxied(environment: Mapping[str, str], *, smtp: int, redis_url: str) -> Iterator[Proxied]:
    """A site with proxies before the servers of that environment. Where HTTP goes is said by whoever starts it."""
    proxies = {"smtp": Proxy(("127.0.0.1", smtp)), "http": Proxy(("127.0.0.1", 0), http)}
    if redis_url:
        proxies |= {
            "postgresql": Proxy(database(environment["DATABASE_URL"]), postgresql),
            "redis": Proxy(_queue(redis_url)[0]),
        }
    with ExitStack() as stack:
        for proxy in proxies.values():
            stack.enter_context(proxy.running())
        own = {**environment, "EMAIL_URL": f"smtp://127.0.0.1:{proxies['smtp'].port}"}
        if redis_url:
            own["DATABASE_URL"] = through(environment["DATABASE_URL"], proxies["postgresql"])
            own["REDIS_URL"] = f"redis://127.0.0.1:{proxies['redis'].port}/{_queue(redis_url)[1]}"
        site = Site(own)
        stack.callback(site.close)
        yield Proxied(site, proxies)


def database(url: str) -> Address:
    """Where the PostgreSQL of this address is."""
    parts = urlsplit(url)
    host, port = unquote(parts.netloc.rpartition("@")[2].partition(":")[0]), parts.port or 5432
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)


def through(url: str, proxy: Proxy) -> str:
    """The same database through the proxy, by a connection that it can read."""
    parts = urlsplit(url)
    user = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{user}@127.0.0.1:{proxy.port}", query="sslmode=disable").geturl()


def _queue(url: str) -> tuple[Address, int]:
    """Where Redis is, and which of its databases is meant."""
    parts = urlsplit(url)
    number = int(parse_qs(parts.query)["db"][0])
    return (parts.path if parts.scheme == "unix" else (str(parts.hostname), parts.port or 6379)), number
