"""Writes the pages of docs/safety/ from their data: python -m tools.safety [--check].

Each page has a .toml of its name. With `--check` nothing is written: a page that isn't what its data say is named, and
that fails. That what they name is there is held by tests/architecture/test_hazards.py.
"""

import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

SAFETY = Path(__file__).resolve().parent.parent / "docs" / "safety"
EMPTY = "–"
JUDGED = ("severity", "likelihood", "remains", "signed")
"""What a clinician fills in; `remains` is the risk with the controls in place."""
MADE = "This page is made from `{}` by `python -m tools.safety`: change that, not this."

_ABOUT_HAZARDS = """\
*For the clinician who signs it, for engineers, and for whoever decides about using MedGuard.* What could harm somebody,
what holds it back, and the code and tests of each control.

**Not signed.** It is written in the manner of a hazard log as DCB0129 asks for one, by engineers. That is no claim of
conformance. Severity, likelihood and the risk that remains with the controls are for a clinician to judge and sign:
until then they are empty. [SAFETY.md](../../SAFETY.md) says what MedGuard must not be used for."""
_ABOUT_ASVS = """\
*For whoever reviews MedGuard's security.* The sections of OWASP's Application Security Verification Standard 5.0.0,
levels 1 and 2, in our own words, with what answers them. It is our own reading, and nobody has verified it."""
_ABOUT_POPIA = """\
*For a clinic's information officer, and for whoever reviews MedGuard.* The conditions of the Protection of Personal
Information Act (4 of 2013, chapter 3), in our own words, with what answers them. It is no legal advice.
[privacy.md](../privacy.md) says the same for reading from top to bottom."""


def read(name: str) -> Any:
    """What a file of docs/safety/ says."""
    return tomllib.loads((SAFETY / f"{name}.toml").read_text())


def hazards() -> str:
    """The hazard log as a page: what is open first, then each hazard."""
    log: list[Mapping[str, Any]] = read("hazards")["hazards"]
    controls = sum(len(each["controls"]) for each in log)
    return _joined(
        "# The hazard log",
        _ABOUT_HAZARDS,
        MADE.format("docs/safety/hazards.toml"),
        f"{len(log)} hazards, {controls} controls.",
        *_open((f"{each['id']} {each['title']}", each.get("open", ())) for each in log),
        "## The hazards",
        "\n".join(
            [
                "| | Hazard | Severity | Likelihood | Remains | Signed |",
                "|---|---|---|---|---|---|",
                *map(_line, log),
            ]
        ),
        *map(_hazard, log),
    )


def _line(hazard: Mapping[str, Any]) -> str:
    judged = [hazard.get(name) or EMPTY for name in JUDGED]
    return f"| [{hazard['id']}](#{hazard['id'].lower()}) | {hazard['title']} | {' | '.join(judged)} |"


def _hazard(hazard: Mapping[str, Any]) -> str:
    heading = f'<a id="{hazard["id"].lower()}"></a>\n\n### {hazard["id"]} {hazard["title"]}'
    facts = "\n".join(
        ["| | |", "|---|---|", f"| Cause | {hazard['cause']} |", f"| Effect | {hazard['effect']} |"]
        + [f"| Open | {each} |" for each in hazard.get("open", ())]
    )
    controls = [
        f"| {each['does']} | {_links(each['code'])} | {_links(each['tests'])} |"
        for each in hazard["controls"]
    ]
    return _joined(
        heading, facts, "\n".join(["| Control | Code | Tests |", "|---|---|---|", *controls])
    ).strip()


def table(name: str, title: str, about: str) -> str:
    """A standard as a page: what is open first, then each section."""
    rows: list[Mapping[str, Any]] = read(name)["rows"]
    lines = [
        f"| {each['section']} | {each['title']} | {each['answer']} "
        f"| {_links(each.get('code', ()))} | {_links(each.get('tests', ()))} |"
        for each in rows
    ]
    return _joined(
        f"# {title}",
        about,
        MADE.format(f"docs/safety/{name}.toml"),
        *_open((f"{each['section']}: {each['title']}", each.get("open", ())) for each in rows),
        "## The sections",
        "\n".join(["| Section | It asks | The answer | Code | Tests |", "|---|---|---|---|---|", *lines]),
    )


def _open(found: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """What isn't held, or is left to people."""
    lines = [f"| {heading} | {each} |" for heading, left in found for each in left]
    yield "## What is open"
    yield "\n".join(["| | Open, or left to people |", "|---|---|", *lines]) if lines else "Nothing."


def _links(names: Sequence[str]) -> str:
    """Each file once, with what of it is meant."""
    by_file: dict[str, list[str]] = {}
    for each in names:
        file, _, name = each.partition("::")
        by_file.setdefault(file, []).extend([name] if name else [])
    shown = [
        f"`{file}`" + (f": {', '.join(f'`{name}`' for name in found)}" if found else "")
        for file, found in by_file.items()
    ]
    return "<br>".join(shown) or EMPTY


def _joined(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "hazards": hazards,
    "asvs": lambda: table("asvs", "The security standard, section by section", _ABOUT_ASVS),
    "popia": lambda: table("popia", "The privacy act, condition by condition", _ABOUT_POPIA),
}


def out_of_step() -> list[str]:
    """The pages that aren't what their data say."""
    wrong = []
    for name, page in PAGES.items():
        path = SAFETY / f"{name}.md"
        if not path.exists() or path.read_text() != page():
            wrong.append(name)
    return wrong


def main(arguments: Sequence[str]) -> int:
    if "--check" in arguments:
        wrong = out_of_step()
        print(*(f"docs/safety/{name}.md isn't what its data say." for name in wrong), sep="\n", end="")
        return 1 if wrong else 0
    for name, page in PAGES.items():
        (SAFETY / f"{name}.md").write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
