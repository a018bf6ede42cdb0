"""A module run once more, beside the one that is there."""

from importlib.util import find_spec, module_from_spec
from types import ModuleType


def loaded_anew(name: str) -> ModuleType:
    """What it makes as it is imported is made within the test that asks, which alone can notice a mutant of that."""
    spec = find_spec(name)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
