"""What a module defines, read from its text and not by importing it."""

import ast
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)


@cache
def definitions(path: str) -> frozenset[str]:
    """The names at the top of a module, and those within a class after its name, as pytest writes them: `Class::name`.

    `path` is from the root of the project.
    """
    found: set[str] = set()
    waiting = [("", ast.parse((ROOT / path).read_text()).body)]
    while waiting:
        within, body = waiting.pop()
        for each in body:
            if isinstance(each, ast.ClassDef):
                waiting.append((f"{within}{each.name}::", each.body))
            if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(f"{within}{each.name}")
            elif isinstance(each, ast.Assign):
                found.update(
                    f"{within}{target.id}" for target in each.targets if isinstance(target, ast.Name)
                )
            elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                found.add(f"{within}{each.target.id}")
    return frozenset(found)
