"""How each process loads the site."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """While the site is imported nobody looks for garbage, and what was imported is never looked through again.

    It stays until the process ends. To look through it as it grows takes a tenth of the time of a start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
