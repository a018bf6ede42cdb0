"""Which queries stand in a module, read from its syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

MANAGERS = {"objects", "_default_manager", "_base_manager"}
OF_QUERYSETS = {
    "aggregate",
    "annotate",
    "bulk_create",
    "bulk_update",
    "exclude",
    "get_or_create",
    "in_bulk",
    "order_by",
    "prefetch_related",
    "select_for_update",
    "select_related",
    "update_or_create",
    "values_list",
}
"""Methods that hardly anything but a queryset has."""
SQL = {"cursor", "executemany", "extra", "raw"}
CHANGING = {
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "select_for_update",
    "update",
    "update_or_create",
}
"""What writes, or locks what is to be written."""
SHORTCUTS = {"get_list_or_404", "get_object_or_404"}


@dataclass(frozen=True)
class Query:
    line: int
    function: str
    """Where it stands, with its class; empty at the top of the module."""
    model: str
    """The name before the manager; empty where a queryset comes from elsewhere."""
    methods: tuple[str, ...]
    """What is called on it, in order."""
    conditions: frozenset[str]
    """The keywords of these calls."""
    given_to: frozenset[str]
    """What it is handed to in its function, itself or by a name, by the last names of these functions."""

    @property
    def is_sql(self) -> bool:
        return not SQL.isdisjoint(self.methods)

    @property
    def changes(self) -> bool:
        return not CHANGING.isdisjoint(self.methods)


def queries(source: str) -> Iterator[Query]:
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    seen: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (node.attr in MANAGERS or _is_called(node, parents)):
            whole = _whole(node, parents)
        elif _of_model_alone(node):
            whole = node
        else:
            continue
        if whole not in seen:
            seen.add(whole)
            yield _query(node.lineno, whole, parents)


def _query(line: int, whole: ast.AST, parents: dict[ast.AST, ast.AST]) -> Query:
    calls = list(_calls(whole))
    names = [_name(call.func) for call in reversed(calls)]
    around = parents.get(whole)
    if isinstance(around, ast.Call) and _name(around.func) in SHORTCUTS and whole in around.args:
        calls.append(around)
    keywords = {keyword.arg or "" for call in calls for each in _with_q(call) for keyword in each.keywords}
    return Query(
        line,
        _function(whole, parents),
        _model(whole),
        tuple(names),
        frozenset(keywords),
        frozenset(_given_to(whole, parents)),
    )


def _of_model_alone(node: ast.AST) -> TypeGuard[ast.Call]:
    """As `get_object_or_404(Patient, pk=pk)`."""
    return (
        isinstance(node, ast.Call)
        and _name(node.func) in SHORTCUTS
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id[0].isupper()
    )


def _is_called(node: ast.Attribute, parents: dict[ast.AST, ast.AST]) -> bool:
    call = parents.get(node)
    return node.attr in OF_QUERYSETS | SQL and isinstance(call, ast.Call) and call.func is node


def _whole(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.AST:
    """The longest chain of attributes, calls and slices that begins with it."""
    while True:
        match parents.get(node):
            case ast.Attribute(value=inner) | ast.Call(func=inner) | ast.Subscript(value=inner) as outer if (
                inner is node
            ):
                node = outer
            case _:
                return node


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls of a chain, last first."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        if isinstance(node, ast.Call):
            yield node
            node = node.func
        else:
            node = node.value


def _with_q(call: ast.Call) -> Iterator[ast.Call]:
    """The call, and each `Q` among what it is given."""
    yield call
    for argument in call.args:
        for each in ast.walk(argument):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "Q":
                yield each


def _model(node: ast.AST) -> str:
    if _of_model_alone(node):
        return ast.unparse(node.args[0])
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            return ast.unparse(node.value)
        node = node.func if isinstance(node, ast.Call) else node.value
    return ""


def _name(function: ast.AST) -> str:
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def _function(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = [each.name for each in _around(node, parents) if isinstance(each, scopes)]
    return ".".join(reversed(names))


def _given_to(whole: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[str]:
    """The statement that it stands in may give it a name, which is handed on in another one."""
    called_as = set()
    for each in _around(whole, parents):
        match each:
            case ast.Call():
                yield _name(each.func)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                called_as.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Module():
                for call in ast.walk(each):
                    if isinstance(call, ast.Call):
                        given = {argument.id for argument in call.args if isinstance(argument, ast.Name)}
                        if given & called_as:
                            yield _name(call.func)
                return
