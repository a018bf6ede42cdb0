"""Every text that a person reads can be found by the tool that collects texts for translation."""

import ast

from tools.messages import FUNCTIONS, ROOT, sources


def test_no_text_hides_inside_an_f_string() -> None:
    """The collector sees an f-string as one piece: a call in it never reaches the catalogue."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources()
        if path.suffix == ".py"
        for piece in ast.walk(ast.parse(path.read_text()))
        if isinstance(piece, ast.JoinedStr)
        for call in ast.walk(piece)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in FUNCTIONS
    ]
    assert not hidden
