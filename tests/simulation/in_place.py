"""A planted bug in the code that runs, which takes no copy of the project and no process: the functions that it changes
get the code of the broken file, and later their own again.
"""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib import import_module
from inspect import CO_OPTIMIZED, getclosurevars
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.breaks.edit import Break

ROOT = Path(__file__).parents[2]
_WRAPPERS = (FunctionType, classmethod, staticmethod, type(lru_cache(int)))


class OutsideError(Exception):
    """What a break changes is in no function, so it can't be changed in place."""


@contextmanager
def in_place(each: Break) -> Iterator[None]:
    """This break, for as long as what is inside takes. OutsideError where it isn't in functions alone."""
    path = ROOT / each.file
    text = path.read_text()
    module = import_module(each.file.removesuffix(".py").replace("/", "."))
    whole = compile(text, module.__file__ or "", "exec")
    broken = compile(each.applied(text), module.__file__ or "", "exec")
    if _outline(text) != _outline(each.applied(text)):
        raise OutsideError(each.name)
    codes = dict(_codes(whole))
    changed = {name: code for name, code in _codes(broken) if _shape(code) != _shape(codes[name])}
    living = [each for each in _functions(module) if each.__code__.co_qualname in changed]
    if len(living) < len(changed):
        raise OutsideError(each.name)
    before = [(function, function.__code__) for function in living]
    try:
        for function in living:
            function.__code__ = changed[function.__code__.co_qualname]
        _forget(module)
        yield
    finally:
        for function, code in before:
            function.__code__ = code
        _forget(module)


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """Of the functions of a module and of its classes, by name."""
    for each in code.co_consts:
        # Python 3.14 has annotations in functions of one name.
        if isinstance(each, CodeType) and each.co_name != "__annotate__":
            if each.co_flags & CO_OPTIMIZED:
                yield each.co_qualname, each
            else:  # a class
                yield from _codes(each)


def _outline(text: str) -> str:
    """All of a module but what its functions do, wherever it stands."""
    tree = ast.parse(text)
    for each in ast.walk(tree):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            each.body = []
        elif isinstance(each, ast.Lambda):
            each.body = ast.Constant(None)
    return ast.dump(tree)


def _shape(code: CodeType) -> tuple[Any, ...]:
    """What it does, with the functions inside it, wherever it stands."""
    inside = [_shape(each) if isinstance(each, CodeType) else (type(each), each) for each in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, inside


def _functions(module: ModuleType) -> list[FunctionType]:
    """Those that were written in this module, also where something is wrapped around them."""
    found: dict[int, FunctionType] = {}
    left: list[Any] = list(vars(module).values())
    seen = set()
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, type) and each.__module__ == module.__name__:
            left += vars(each).values()
        elif isinstance(each, property):
            left += [each.fget, each.fset]
        elif isinstance(each, partial):
            left.append(each.func)
        elif isinstance(each, FunctionType):
            if each.__code__.co_filename == module.__file__:
                found[id(each)] = each
            left += getclosurevars(each).nonlocals.values()
        if isinstance(each, _WRAPPERS):
            left.append(getattr(each, "__wrapped__", None))
    return list(found.values())


def _forget(module: ModuleType) -> None:
    """What its functions keep of what they gave before."""
    for each in vars(module).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
