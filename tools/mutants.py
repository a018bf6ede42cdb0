"""Says how many mutants of the rules their tests noticed, after `mutmut run`: python -m tools.mutants.

It fails where they noticed fewer than 95 of 100, where one that nobody noticed isn't explained in tests/survivors.toml,
and where what is explained there has gone.
"""

import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LEAST = 95
"""Of a hundred mutants so many at least are noticed."""
NOTICED = {"killed", "timeout"}
UNTRIED = {"not checked", "check was interrupted by user", "skipped"}
_NAME = re.compile(r"(?P<module>[\w.]+)\.x(?:ǁ(?P<of>\w+)ǁ|_)(?P<function>\w+)__mutmut_\d+")


class Mutant(NamedTuple):
    """A change in a function: `becomes` is the line as it is then, or what the lines that change are."""

    function: str
    becomes: str


def module_of(name: str) -> str:
    return name.rpartition(".x")[0]


def function_of(name: str) -> str:
    """As `medications.rules.stock.run_out`, of mutmut's own name of a mutant."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{name} is no mutant's name.")
    return ".".join(part for part in found.group("module", "of", "function") if part)


def becomes(difference: str) -> str:
    """What stands in place of what, of a difference as `diff` writes it: without its first lines and its spaces."""
    lines = [line for line in difference.splitlines() if not line.startswith(("#", "---", "+++", "@@"))]
    added = [" ".join(line[1:].split()) for line in lines if line.startswith("+")]
    taken = [" ".join(line.split()) for line in lines if line.startswith("-")]
    return " / ".join(added or taken)


def report(
    statuses: Mapping[str, str],
    difference: Callable[[str], str],
    explained: Mapping[Mutant, str],
) -> Iterator[tuple[str, bool]]:
    """Lines, each with whether it is as it should be. `statuses` are those of all mutants by name."""
    tried = {name: status for name, status in statuses.items() if status not in UNTRIED}
    noticed = [name for name, status in tried.items() if status in NOTICED]
    of, kept = Counter(map(module_of, tried)), Counter(map(module_of, noticed))
    yield from ((f"{module}: {kept[module]} of {of[module]}", True) for module in sorted(of))
    share = 100 * len(noticed) / len(tried) if tried else 0
    yield f"noticed: {len(noticed)} of {len(tried)}, {share:.1f}%", share >= LEAST
    if untried := len(statuses) - len(tried):
        yield f"not tried: {untried}", True
    left = {
        Mutant(function_of(name), becomes(difference(name))): status
        for name, status in sorted(tried.items())
        if status not in NOTICED
    }
    yield from (
        (f"{status}, and not explained: {mutant.function}: {mutant.becomes}", False)
        for mutant, status in left.items()
        if mutant not in explained
    )
    whole = {module_of(name) for name in statuses} - {
        module_of(name) for name in statuses.keys() - tried.keys()
    }
    yield from (
        (f"explained, and gone: {mutant.function}: {mutant.becomes}", False)
        for mutant in explained
        if mutant not in left and any(mutant.function.startswith(f"{module}.") for module in whole)
    )


def explanations() -> dict[Mutant, str]:
    rows = tomllib.loads((ROOT / "tests/survivors.toml").read_text())["survivors"]
    return {Mutant(row["function"], each): row["why"] for row in rows for each in row["becomes"]}


def _mutmut(*arguments: str) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main() -> int:
    said = (line.strip().rpartition(": ") for line in _mutmut("results", "--all", "true").splitlines())
    statuses = {name: status for name, _, status in said if name}
    lines = list(report(statuses, lambda name: _mutmut("show", name), explanations()))
    for line, _ in lines:
        print(line)
    return 0 if all(is_right for _, is_right in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
