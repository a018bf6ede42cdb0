"""A database that carries out a COMMIT, and whose answer nobody hears."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connections


@contextmanager
def unheard_commit(*, number: int = 1) -> Iterator[list[int]]:
    """The COMMIT of that number inside is carried out, and then the connection is gone. Yields the numbers of those
    that there were, so that a test knows whether this one came.
    """
    backend: Any = type(connections["default"])
    commit = backend.commit
    carried_out: list[int] = []

    def swallow_the_answer(there: Any) -> None:
        commit(there)
        carried_out.append(len(carried_out) + 1)
        if carried_out[-1] == number:
            there.close()
            raise OperationalError("the connection is lost")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backend, "commit", swallow_the_answer)
        yield carried_out
