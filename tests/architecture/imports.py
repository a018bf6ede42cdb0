"""Which of our modules imports which, as the tests of the documents ask it."""

from functools import cache
from pathlib import Path

import grimp

APPS = ("site_config", "medications", "events", "home", "notifications")
DOORS = {"notifications.bus", "notifications.periodic", "notifications.scheduler"}
"""Modules that only hand on what another one has."""


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*APPS, exclude_type_checking_imports=True, cache_dir=None)


@cache
def imports_of(module: str) -> frozenset[str]:
    """What it imports, also through a door or a registry that lists it."""
    direct = graph().find_modules_directly_imported_by(module)
    doors = {each for each in direct if each in DOORS or each.endswith(".registry")}
    return frozenset(direct | {behind for each in doors for behind in imports_of(each)})


def module_of(file: str) -> str:
    """The name under which a file of ours is imported."""
    return ".".join(Path(file).with_suffix("").parts).removesuffix(".__init__")
