"""The kinds of dose rule by name, found from the modules of this folder, each of which defines one as RULE."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from medications.rules.dose_rule import DoseRule


def _find() -> dict[str, type[DoseRule]]:
    found: dict[str, type[DoseRule]] = {}
    for module in iter_modules(__path__):
        rule: type[DoseRule] = import_module(f"{__name__}.{module.name}").RULE
        if rule.kind in found:
            raise ImportError(f"two dose rules are of the kind {rule.kind}")
        found[rule.kind] = rule
    return found


KINDS: Mapping[str, type[DoseRule]] = _find()
