"""What pyproject.toml says that the site needs is what its code needs: no more, and no less."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
NEEDED_BY_NAME = {
    "gunicorn": "the server of the pages, a command",
    "uvicorn": "the server of the live streams and of `make run`, a command",
}
"""Packages that neither the code imports nor the settings name, and why they are needed all the same."""


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def normal(name: str) -> str:
    """As package indexes compare names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """The packages of [project.dependencies], without their versions and extras."""
    found = (re.match(r"[\w.-]+", each) for each in project()["project"]["dependencies"])
    return {normal(match[0]) for match in found if match}


def imported() -> set[str]:
    """The modules outside of the standard library and the project that our apps import, by their first name."""
    ours = set(project()["tool"]["importlinter"]["root_packages"])
    files = (path for app in ours for path in (ROOT / app).rglob("*.py"))
    return {name for path in files for name in imports_of(path)} - ours - sys.stdlib_module_names


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def named_in_settings() -> set[str]:
    """What the settings name as text: apps, middleware, back ends."""
    text = (ROOT / "site_config/settings.py").read_text()
    words = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    return {word.partition(".")[0] for word in words if isinstance(word, str)}


def packages_of(modules: set[str]) -> set[str]:
    by_module = packages_distributions()
    return {normal(name) for module in modules for name in by_module.get(module, ())}


def test_every_package_that_is_imported_is_declared() -> None:
    by_module = packages_distributions()
    undeclared = {
        module for module in imported() if not {normal(each) for each in by_module[module]} & declared()
    }
    assert undeclared == set()


def test_every_package_that_is_declared_is_used() -> None:
    unused = declared() - packages_of(imported() | named_in_settings())
    assert unused == set(NEEDED_BY_NAME)


def test_the_pinned_packages_name_no_index() -> None:
    pinned = [path.read_text() for path in (ROOT / "requirements").glob("*.txt")]
    assert pinned and not any("://" in text or "--index" in text for text in pinned)
