"""The documents are honest: what they name exists, and what a reader needs to know is named."""

import ast
import os
import re
import shlex
from collections import defaultdict
from functools import cache
from importlib import import_module
from inspect import cleandoc
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands
from django.urls import Resolver404, resolve
from django.utils import timezone

from notifications import registry
from notifications.health.metrics import SiteCollector
from notifications.models import ConsumerHeartbeat

ROOT = Path(settings.BASE_DIR)
OUR_APPS = {config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
PYTHON = re.compile(r"^ *```python\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
ENVIRONMENT_NAME = re.compile(
    r"\b(?:env|environ)\.\w+\(\s*\"([A-Z][A-Z0-9_]+)\"|environ\[\"([A-Z][A-Z0-9_]+)\"\]"
)
LONGEST_LINE = 120
HEAVIEST_PICTURE = 250_000
"""Bytes: the README is read on slow lines too."""


@cache
def documents() -> dict[Path, str]:
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return {path.relative_to(ROOT): path.read_text() for path in sorted(paths)}


@cache
def code() -> frozenset[str]:
    """What stands as code in the documents: fenced lines and what is between backticks."""
    found: set[str] = set()
    for text in documents().values():
        for block in FENCED.findall(text):
            found.update(block.splitlines())
        found.update(INLINE.findall(FENCED.sub("", text)))
    return frozenset(found)


def in_code(pattern: str) -> set[str]:
    return {match for piece in code() for match in re.findall(pattern, piece)}


def environment_read_by(*patterns: str) -> set[str]:
    paths = [path for pattern in patterns for path in ROOT.glob(pattern)]
    return {
        name for path in paths for pair in ENVIRONMENT_NAME.findall(path.read_text()) for name in pair if name
    }


def environment() -> set[str]:
    return environment_read_by("site_config/environment.py")


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/operations.md"]
)
def test_the_document_a_reader_looks_for_is_there(name: str) -> None:
    assert Path(name) in documents()


def test_every_make_target_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert in_code(r"(?:^|\s)make ([a-z][a-z-]*)") <= targets


def test_every_tool_that_help_lists_is_explained() -> None:
    listed = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert listed <= in_code(r"(?:^|\s)make ([a-z][a-z-]*)")


def test_every_management_command_named_exists() -> None:
    assert in_code(r"manage\.py ([a-z_]+)") <= set(get_commands())


def test_each_of_our_management_commands_is_explained() -> None:
    ours = {name for name, app in get_commands().items() if app in OUR_APPS}
    assert {name for name in ours if not any(re.search(rf"\b{name}\b", piece) for piece in code())} == set()


def test_the_example_environment_lists_what_the_site_reads() -> None:
    listed = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(environment())


def test_each_example_variable_is_explained_in_the_line_above_it() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = [number for number, line in enumerate(lines) if re.match(r"#?[A-Z][A-Z0-9_]+=", line)]
    assert [lines[number] for number in named if not lines[number - 1].startswith("# ")] == []


@pytest.mark.parametrize("example", [".env.example", "deploy/env.example"])
def test_an_example_value_that_a_shell_would_take_apart_is_quoted(example: str) -> None:
    values = re.findall(r"^#?[A-Z][A-Z0-9_]+=(.*)$", (ROOT / example).read_text(), re.MULTILINE)
    assert [
        each for each in values if len(shlex.split(each)) > 1 or re.search(r"^[^\"].*[][<>*&;|$ ]", each)
    ] == []


def test_a_test_run_forgets_every_variable_that_the_site_reads() -> None:
    kept = {"DATABASE_URL", "REDIS_URL", "DATA_DIR"}
    assert environment() & set(os.environ) <= kept


def test_every_environment_variable_is_explained() -> None:
    assert {
        name for name in environment() if not any(re.search(rf"\b{name}\b", piece) for piece in code())
    } == set()


def test_every_variable_or_setting_named_exists() -> None:
    known = environment() | environment_read_by("tests/**/*.py") | {"PYTHON"} | set(dir(settings))
    assert in_code(r"^\$?([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=.*)?$") <= known


def test_every_event_type_named_exists() -> None:
    categories = "|".join(sorted({event_type.category for event_type in registry.event_types()} | {"system"}))
    assert in_code(rf"^((?:{categories})\.[a-z_]+)$") <= {
        event_type.name for event_type in registry.event_types()
    }


def test_every_event_type_is_explained() -> None:
    assert {event_type.name for event_type in registry.event_types()} <= code()


def test_every_path_named_leads_somewhere() -> None:
    lost = set()
    for path in in_code(r"^(?:GET |POST |PUT |PATCH |DELETE )?(/(?:[a-z0-9<>_-]+/)*)$"):
        concrete = re.sub(r"<[a-z_]+>", "1", path)
        if not any(resolves(f"{prefix}{concrete}") for prefix in ("", "/en", "/af")):
            lost.add(path)
    assert lost == set()


def resolves(path: str) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return False
    # Wagtail's last pattern takes every path, to look for a page there.
    return match.url_name != "wagtail_serve" or path in {"/en/", "/af/"}


def test_every_file_named_exists() -> None:
    named = in_code(r"^((?:[\w.-]+/)+(?:[\w-]+\.(?:py|toml|txt|html|md|css|js|po|example))?)$")
    made_by_running = set((ROOT / ".gitignore").read_text().split())
    assert {name for name in named - made_by_running if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("document", [pytest.param(path, id=str(path)) for path in documents()])
def test_every_link_within_the_project_leads_to_a_file(document: Path) -> None:
    folder = (ROOT / document).parent
    targets = LINK.findall(FENCED.sub("", documents()[document]))
    assert [target for target in targets if not (folder / target).exists()] == []


@cache
def classes() -> dict[str, set[str]]:
    """Our classes by name, each with the names that it gives to its members."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (path for app in [*OUR_APPS, "site_config"] for path in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                found[node.name].update(members(node))
    return found


def members(node: ast.ClassDef) -> set[str]:
    found: set[str] = set()
    for each in node.body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(each.name)
        elif isinstance(each, ast.Assign):
            found.update(target.id for target in each.targets if isinstance(target, ast.Name))
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            found.add(each.target.id)
    return found


def test_every_class_named_exists() -> None:
    assert in_code(r"^([A-Z][a-z]\w+)$") <= set(classes())


def test_every_member_named_of_a_class_exists() -> None:
    named = in_code(r"^([A-Z][a-z]\w+\.\w+)")
    assert {name for name in named if (parts := name.split("."))[1] not in classes()[parts[0]]} == set()


def test_every_table_of_the_engine_is_explained() -> None:
    models = {model.__name__ for model in apps.get_app_config("notifications").get_models()}
    assert models <= set(INLINE.findall(documents()[Path("docs/architecture.md")]))


@pytest.mark.django_db
def test_the_metrics_named_are_those_that_are_given() -> None:
    now = timezone.now()
    ConsumerHeartbeat.objects.create(consumer="some-machine:1", beat_at=now)
    given = {metric.name for metric in SiteCollector(now).collect()}
    assert in_code(r"\b(medguard_[a-z_]+)\b") == given


def test_every_unit_of_systemd_named_exists() -> None:
    """`medguard-web@8001` is of the unit `medguard-web@.service`."""
    lines = " ".join(piece for piece in code() if piece.startswith("systemctl "))
    named = re.findall(r"\bmedguard(?:-[a-z]+@?|\.target)", lines)
    units = {path.name.removesuffix(".service") for path in (ROOT / "deploy/systemd").iterdir()}
    assert set(named) == units


def test_every_message_quoted_where_something_is_wrong_is_one_of_ours() -> None:
    section = documents()[Path("docs/operations.md")].partition("\n## When something is wrong")[2]
    table = section.partition("\n## ")[0]
    ours = "".join(path.read_text() for app in OUR_APPS for path in (ROOT / app).rglob("*.py"))
    quoted = {re.sub(r" ?\d+$", "", each) for each in re.findall(r"\"([^\"]+)\"", table)}
    assert {each for each in quoted if each not in ours} == set()


@pytest.mark.parametrize("document", [pytest.param(path, id=str(path)) for path in documents()])
def test_no_line_is_too_long_to_read(document: Path) -> None:
    """But rows of tables, which can't be broken."""
    lines = documents()[document].splitlines()
    assert [line for line in lines if len(line) > LONGEST_LINE and not line.startswith("|")] == []


@pytest.mark.parametrize(
    "name", ["CONTRIBUTING.md", "docs/architecture.md", "docs/interface.md", "docs/operations.md"]
)
def test_a_document_says_at_its_top_who_should_read_it(name: str) -> None:
    [_title, _empty, first] = documents()[Path(name)].splitlines()[:3]
    assert first.startswith("*For ")


def test_every_document_is_found_from_the_readme() -> None:
    found: set[Path] = set()
    waiting = [Path("README.md")]
    while waiting:
        document = waiting.pop()
        found.add(document)
        targets = [os.path.normpath(document.parent / link) for link in LINK.findall(documents()[document])]
        waiting += [path for target in targets if (path := Path(target)) in documents() and path not in found]
    assert set(documents()) - found == set()


def test_no_picture_is_heavy() -> None:
    pictures = list((ROOT / "docs/images").iterdir())
    assert pictures
    assert [path.name for path in pictures if path.stat().st_size > HEAVIEST_PICTURE] == []


@cache
def imports_in_examples() -> frozenset[tuple[str, str]]:
    """The (module, name) pairs that the Python in the documents imports."""
    blocks = [block for text in documents().values() for block in PYTHON.findall(text)]
    return frozenset(
        (node.module, alias.name)
        for block in blocks
        for node in ast.walk(ast.parse(cleandoc(block)))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    )


def test_what_the_examples_import_is_there() -> None:
    lost = {
        (module, name)
        for module, name in imports_in_examples()
        if not hasattr(import_module(module), name) and not (ROOT / module / f"{name}.py").is_file()
    }
    assert imports_in_examples()
    assert lost == set()
