"""Which queries stand in a module, read from its syntax tree."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

MANAGERS = {"objects", "_default_manager", "_base_manager", "default_manager", "base_manager"}
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
OF_RELATED = {"count", "create", "delete", "exists", "filter", "first", "get", "iterator", "last", "update"}
"""What asks a related manager, as `patient.visits`; `all` may be of rows that were fetched with those in hand."""
SQL = {"cursor", "executemany", "extra", "raw", "schema_editor", "RawSQL"}
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
SHORTCUTS = {
    "get_list_or_404",
    "get_object_or_404",
    "aget_list_or_404",
    "aget_object_or_404",
    "QuerySet",
}
NARROWING = {"filter", "get", "aget", "get_or_create", "update_or_create", *SHORTCUTS}
"""What leaves those rows alone that its keywords say. `exclude` leaves the others."""


@dataclass(frozen=True)
class Query:
    line: int
    function: str
    """Where it stands, with its class; empty at the top of the module."""
    model: str
    """The name before the manager, or that of a related one; empty where a queryset comes from elsewhere."""
    methods: tuple[str, ...]
    """What is called on it, in order."""
    conditions: frozenset[str]
    """The keywords of the calls that narrow it, each of which holds for all of its rows."""
    either: tuple[frozenset[str], ...]
    """The same of each side of a `|` between `Q`s: of one of them."""
    given_to: frozenset[str]
    """What it is handed to in its function, itself or by a name, by the last names of these functions."""

    @property
    def is_sql(self) -> bool:
        return not SQL.isdisjoint(self.methods)

    @property
    def changes(self) -> bool:
        return not CHANGING.isdisjoint(self.methods)


def queries(source: str, related: Collection[str] = ()) -> Iterator[Query]:
    """`related` are the names of related managers."""
    tree = ast.parse(source)
    names = {
        each.asname: each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for each in node.names
        if each.asname
    }
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    seen: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            node.attr in MANAGERS or _is_called(node, parents) or _is_related(node, parents, related)
        ):
            whole = _whole(node, parents)
        elif _of_model_alone(node) or (isinstance(node, ast.Call) and _name(node.func) == "RawSQL"):
            whole = node
        else:
            continue
        if whole not in seen:
            seen.add(whole)
            yield _query(node, whole, parents, names, related)


def _query(
    node: ast.expr,
    whole: ast.AST,
    parents: dict[ast.AST, ast.AST],
    names: Mapping[str, str],
    related: Collection[str],
) -> Query:
    calls = list(_calls(whole))
    methods = [_name(call.func) for call in reversed(calls)]
    around = parents.get(whole)
    if isinstance(around, ast.Call) and _name(around.func) in SHORTCUTS and whole in around.args:
        calls.append(around)
    narrowing = [call for call in calls if _name(call.func) in NARROWING]
    conditions = {keyword.arg or "" for call in narrowing for keyword in call.keywords}
    either: list[frozenset[str]] = []
    for argument in (argument for call in narrowing for argument in call.args):
        conditions |= _of_q(argument, either)
    model = _model(whole)
    if not model and isinstance(node, ast.Attribute) and _is_related(node, parents, related):
        model = _name(node.value)
    return Query(
        node.lineno,
        _function(whole, parents),
        names.get(model, model),
        tuple(methods),
        frozenset(conditions),
        tuple(either),
        frozenset(_given_to(whole, parents)),
    )


def _of_model_alone(node: ast.AST) -> TypeGuard[ast.Call]:
    """As `get_object_or_404(Patient, pk=pk)`."""
    if not (isinstance(node, ast.Call) and _name(node.func) in SHORTCUTS):
        return False
    return _name(_first(node))[:1].isupper()


def _first(call: ast.Call) -> ast.AST:
    """What a shortcut is given to look in, by its place or as `klass` or `model`."""
    return next(iter([*call.args, *(each.value for each in call.keywords)]))


def _is_called(node: ast.Attribute, parents: dict[ast.AST, ast.AST]) -> bool:
    call = parents.get(node)
    return node.attr in OF_QUERYSETS | SQL and isinstance(call, ast.Call) and call.func is node


def _is_related(node: ast.Attribute, parents: dict[ast.AST, ast.AST], related: Collection[str]) -> bool:
    """As `patient.visits.filter(...)`; a mapping's `get` has the key in its first place."""
    call = parents.get(node)
    return (
        node.attr in OF_RELATED
        and isinstance(call, ast.Call)
        and call.func is node
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in related
        and not (node.attr == "get" and call.args)
    )


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


def _of_q(node: ast.AST, either: list[frozenset[str]]) -> set[str]:
    """The keywords of `Q`s that hold for sure; the sides of a `|` are put into `either`. Of `~` nothing holds."""
    match node:
        case ast.Call(func=ast.Name(id="Q")):
            found = {keyword.arg or "" for keyword in node.keywords}
            return found.union(*(_of_q(each, either) for each in node.args))
        case ast.BinOp(op=ast.BitAnd()):
            return _of_q(node.left, either) | _of_q(node.right, either)
        case ast.BinOp(op=ast.BitOr()):
            for side in (node.left, node.right):
                if isinstance(side, ast.BinOp) and isinstance(side.op, ast.BitOr):
                    _of_q(side, either)
                else:
                    either.append(frozenset(_of_q(side, either)))
    return set()


def _model(node: ast.AST) -> str:
    if _of_model_alone(node):
        return _name(_first(node))
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            return _named(node.value)
        node = node.func if isinstance(node, ast.Call) else node.value
    return ""


def _named(model: ast.AST) -> str:
    """`Patient` of `models.Patient`, `Patient._meta` and `get_model("home.Patient")`; else as it stands there."""
    match model:
        case ast.Attribute(attr="_meta", value=inner):
            return _named(inner)
        case ast.Attribute(attr=name) if name[0].isupper():
            return name
        case ast.Call(args=[*_, ast.Constant(value=str(name))]) if _name(model.func) == "get_model":
            return name.rpartition(".")[2]
    return ast.unparse(model)


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
