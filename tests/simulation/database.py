"""The database of a simulation that pytest doesn't run: a copy of the one that its tests are given."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.core.management import call_command
from django.db import connection

from tests.database import OnSqlite, kept, turn
from tests.other_database import let_go

ROOT = Path(__file__).parents[2]


@contextmanager
def database(folder: Path) -> Iterator[None]:
    """Migrated, behind the default connection, gone afterwards. `folder` keeps what is copied."""

    def mkdir(name: str) -> Path:
        (folder / name).mkdir(parents=True, exist_ok=True)
        return folder / name

    config: Any = SimpleNamespace(rootpath=ROOT, cache=SimpleNamespace(mkdir=mkdir))
    whole: Any = kept(config, "migrated")
    name = f"simulation_{os.getpid()}"
    if isinstance(whole, OnSqlite):
        name = str(Path(os.environ["DATA_DIR"]) / f"{name}.sqlite3")
    with closing(turn(config, "migrated")):
        is_kept = whole.is_there()
        if is_kept:
            whole.copy(name)
        elif not isinstance(whole, OnSqlite):
            whole._run(f'CREATE DATABASE "{name}"')
    let_go()
    connection.settings_dict["NAME"] = name
    try:
        if not is_kept:
            call_command("migrate", verbosity=0)
            let_go()
            with closing(turn(config, "migrated")):
                if not whole.is_there():
                    whole.keep(name)
        yield
    finally:
        let_go()
        whole.remove(name)
