"""A break: one small edit, as somebody could make it by mistake."""

from dataclasses import dataclass


class OutOfDateError(Exception):
    """The code is no longer what a break was written for."""


@dataclass(frozen=True, slots=True)
class Break:
    """`old`, which occurs once in `file`, gives way to `new`; `name` says what is broken then.

    `file` and the files of `tests` are paths from the root of the project. `tests` are pytest's names of those tests
    of which one at least must fail, as few and as quick ones as possible: a file, or `file::test`.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        """The text of the file when it is broken. Raises OutOfDateError unless `old` occurs once in it."""
        if (found := text.count(self.old)) != 1:
            raise OutOfDateError(f"{self.name}: what it breaks occurs {found} times in {self.file}.")
        return text.replace(self.old, self.new)
