"""Where figures are kept, with the document that is made of them: docs/benchmarks.jsonl and docs/benchmarks.md."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from tests.bench import NAMES
from tests.bench._kept import Measured, OtherMachineError, changes, load, refuse_others, save
from tests.bench._report import report
from tests.bench._result import Goal


class Folder:
    """What was kept there, of the benchmarks that there are, and what is put in its place."""

    def __init__(self, folder: Path) -> None:
        self._data, self._document = folder / "benchmarks.jsonl", folder / "benchmarks.md"
        self._kept = {name: each for name, each in load(self._data).items() if name in NAMES}
        self._before = dict(self._kept)

    def make_room(self, machine: Mapping[str, str], *, all_anew: bool) -> list[str]:
        """For figures of this machine; gives what there is to say of those that go. OtherMachineError if some of
        another machine would be left beside them.
        """
        try:
            refuse_others(self._kept.values(), machine)
        except OtherMachineError as error:
            if not all_anew:
                raise
            self._kept, self._before = {}, {}
            return [f"{error} What was kept is replaced, and not compared with."]
        return []

    def keep(self, measured: Measured) -> None:
        """At once: whoever stops what takes half an hour has what was done by then."""
        self._kept[measured.bench] = measured
        save(self._data, self._kept)

    def changes(self) -> list[str]:
        """What has changed by more than the runs differ among each other."""
        return [
            change
            for name, before in self._before.items()
            if self._kept[name] is not before
            for change in changes(before, self._kept[name], goals_of(name))
        ]

    def write(self) -> None:
        """The document."""
        text = report(self._kept, {name: goals_of(name) for name in NAMES})
        self._document.write_text(text, encoding="utf-8")


def goals_of(name: str) -> Sequence[Goal]:
    """What the module says, which is loaded for that."""
    goals: Sequence[Goal] = getattr(import_module(f"tests.bench.{name}"), "GOALS", ())
    return goals
