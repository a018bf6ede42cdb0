"""What the files in deploy/ name exists, and the processes there are stopped as the docs say."""

import re
import shlex
import sys
import tomllib
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve, reverse
from django.utils import translation

from site_config import environment, gunicorn

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
STOP_WITHIN = 25
FOR_THE_OTHERS = {"SITE_HOST", "POSTGRES_PASSWORD"}
"""What compose.yaml reads for the proxy and the database, and the site doesn't."""


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def ours() -> dict[str, dict[str, Any]]:
    """The services that run our code."""
    return {name: each for name, each in compose()["services"].items() if each["image"] == "medguard"}


def unit(path: Path) -> dict[str, list[str]]:
    """The [Service] part; a key may be there more than once."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().partition("[Service]")[2].partition("[Install]")[0].splitlines():
        if "=" in line:
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def commands() -> list[str]:
    """Every command that runs our code, wherever it stands."""
    found = [command for service in ours().values() for command in service["command"].split(" && ")]
    found += [command for path in UNITS for command in unit(path)["ExecStart"]]
    (image,) = re.findall(r"^CMD (\[.*\])$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    return [*found, " ".join(yaml.safe_load(image))]


@pytest.mark.parametrize("command", commands())
def test_every_command_names_a_program_and_a_module_that_are_there(command: str) -> None:
    words = shlex.split(command.removeprefix('sh -c "').removesuffix('"'))
    program = Path(words[0]).name
    assert (Path(sys.executable).parent / program).exists()
    match program, words[1:]:
        case "gunicorn", ["--config", config, *_]:
            assert import_module(config.removeprefix("python:")) is gunicorn
            module, _, name = gunicorn.wsgi_app.partition(":")
            assert callable(getattr(import_module(module), name))
        case "uvicorn", [target, *_]:
            module, _, name = target.partition(":")
            assert callable(getattr(import_module(module), name))
        case "python", ["manage.py", name, *_]:
            assert name in get_commands()
        case "python", ["-m", module]:
            assert import_module(module)
        case _:
            pytest.fail(f"What is {command}?")


def test_what_stops_a_process_waits_longer_than_the_process_takes() -> None:
    assert {service["stop_grace_period"] for service in ours().values()} == {f"{STOP_WITHIN}s"}
    running = [unit(path) for path in UNITS if unit(path).get("Type") != ["oneshot"]]
    assert len(running) == 3
    assert {each["TimeoutStopSec"][0] for each in running} == {str(STOP_WITHIN)}
    graces = [int(each) for command in commands() for each in re.findall(r"graceful-shutdown (\d+)", command)]
    assert len(graces) == 2
    assert all(grace < STOP_WITHIN for grace in [*graces, gunicorn.graceful_timeout])


def test_streams_and_pages_are_different_processes_and_the_proxy_knows_which_is_which() -> None:
    caddy = (DEPLOY / "Caddyfile").read_text()
    streams = set()
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            streams.add(reverse("notifications:stream"))
    (paths,) = re.findall(r"@live path (.*)", caddy)
    assert set(paths.split()) == streams
    for default in re.findall(r"\{\$\w+:(\w+):8000\}", caddy):
        assert default in ours()
    assert "uvicorn" in ours()["live"]["command"] and "gunicorn" in ours()["web"]["command"]
    assert resolve("/metrics") and "handle /metrics" in caddy


def test_compose_names_only_what_it_defines() -> None:
    services, volumes = compose()["services"], compose()["volumes"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in volumes or (DEPLOY / source).is_file()
        assert service["restart"]
    for name in ("web", "live", "consumer", "database", "redis"):
        assert "healthcheck" in services[name]
    for address in ours()["web"]["environment"].values():
        for host in re.findall(r"@?(\w+):(?:5432|6379)", address):
            assert host in services


def test_every_variable_is_one_that_somebody_reads() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    example = (DEPLOY / "env.example").read_text()
    listed = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    read = {name for name in vars(environment) if name.isupper()} | {"DATABASE_URL", "EMAIL_URL"}
    assert asked <= listed <= read | FOR_THE_OTHERS
    assert set(ours()["web"]["environment"]) <= read
    assert {"SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "METRICS_TOKEN"} <= listed
    caddy = set(re.findall(r"\{\$([A-Z_]+)", (DEPLOY / "Caddyfile").read_text()))
    operations = (ROOT / "docs/operations.md").read_text()
    assert {name for name in caddy if name not in operations} == set()


def test_the_proxy_writes_down_no_address_and_no_header_and_reads_no_data() -> None:
    """Paths may be links out of messages. Without a filter it logs the request of whatever goes wrong."""
    caddy = (DEPLOY / "Caddyfile").read_text()
    options = caddy.partition("\n{\n")[2].partition("\n}\n")[0]
    for hidden in ("request>uri delete", "request>headers delete"):
        assert hidden in options
    assert caddy.count("log {") == 1
    assert "root *" not in caddy
    assert not [each for each in compose()["services"]["proxy"]["volumes"] if each.startswith("data:")]


def test_no_server_keeps_an_access_log() -> None:
    for command in commands():
        assert "uvicorn" not in command or "--no-access-log" in command
        assert "access-log" not in command or "--no-access-log" in command
    assert not hasattr(gunicorn, "accesslog")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_what_a_unit_writes_is_its_users_alone(path: Path) -> None:
    assert unit(path)["UMask"] == ["0077"]
    assert unit(path)["StateDirectoryMode"] == ["0700"]


def test_the_proxy_leaves_it_to_the_site_to_compress_pages() -> None:
    assert "\tencode" not in (DEPLOY / "Caddyfile").read_text()


def test_the_image_holds_all_our_code() -> None:
    copied = re.findall(r"^COPY (\S+)", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    assert [path for path in copied if not (ROOT / path).exists()] == []
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    folders = {*contract["root_packages"], "templates", "static", "locale"}
    assert folders <= set(copied)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_belongs_to_the_target(path: Path) -> None:
    parser = ConfigParser(strict=False, interpolation=None, delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    assert parser["Service"]["EnvironmentFile"] == "/etc/medguard.env"
    if path.name != "medguard-migrate.service":
        assert parser["Unit"]["PartOf"] == parser["Install"]["WantedBy"] == "medguard.target"
        assert (DEPLOY / "systemd" / "medguard.target").exists()
