"""Finds code that reads what comes from outside without the functions that make it fit.

``rules/from_outside.py`` decides what is a number and what a text may hold; ``ui/sent.py`` reads what browsers
send with it. Whoever asks ``isdigit`` and then ``int`` takes "²" for a number; whoever takes a text as it is
hands a NUL to the database.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from pathlib import Path

NUMBER_LIKE = frozenset({"isdigit", "isdecimal", "isnumeric"})
SENT = frozenset({"GET", "POST", "COOKIES", "META", "headers"})
READS = frozenset({"get", "getlist", "dict", "items", "lists", "values", "pop", "setdefault"})
READERS = {
    "rules/from_outside.py": "decides what is a number",
    "ui/sent.py": "reads what browsers send",
    "ui/border.py": "drops cookies that cannot be kept",
    "desk/asked.py": "hands a filter its words as they came: it says which ones it does not understand",
    "sync/webhooks.py": "hands a channel its message as it came: the signature is over it",
    "ops/metrics.py": "compares a header as bytes",
    "ops/web/refusals.py": "asks the server's own request, before it is Django's",
    "companies/client_address.py": "parses peer and header as addresses, and replaces the one",
}
"""Files that may read bare, and why."""


def bare_readings(file: Path, source: str) -> Iterator[str]:
    """What of a source file reads bare, as ``line: what``."""
    tree = ast.parse(source, file.name)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.Module):
            yield from _in_function(function)


def _in_function(function: ast.FunctionDef | ast.Module) -> Iterator[str]:
    sent = _names_of_sent(function)
    for node in _own_nodes(function):
        if isinstance(node, ast.Attribute) and node.attr in NUMBER_LIKE:
            yield f"{node.lineno}: .{node.attr}: whole() tells what is a number"
        elif isinstance(node, ast.Subscript) and _is_sent(node.value, sent):
            yield f"{node.lineno}: {ast.unparse(node)}: text_of() or key_of() reads it"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in READS and _is_sent(node.func.value, sent):
                yield f"{node.lineno}: {ast.unparse(node)}: text_of() or key_of() reads it"
        elif isinstance(node, ast.Call) and _is_int_of_sent(node, function):
            yield f"{node.lineno}: {ast.unparse(node)}: whole() or key_of() makes a number of it"


def _names_of_sent(function: ast.FunctionDef | ast.Module) -> frozenset[str]:
    """Names that stand for what was sent: arguments that say so, and what is made of the request."""
    names = {f"request.{one}" for one in SENT} if _is_handed(function, "request") else set()
    names |= {f"self.request.{one}" for one in SENT}
    if isinstance(function, ast.FunctionDef):
        for argument in (*function.args.args, *function.args.kwonlyargs):
            if argument.annotation is not None and "QueryDict" in ast.unparse(argument.annotation):
                names.add(argument.arg)
    for node in _own_nodes(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            if any(_is_sent(one, names) for one in branches):
                names.add(node.targets[0].id)
    return frozenset(names)


def _own_nodes(function: ast.FunctionDef | ast.Module) -> Iterator[ast.AST]:
    """The nodes of a function (or of a module), without those of the functions inside it."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _is_sent(node: ast.AST, names: Set[str]) -> bool:
    return ast.unparse(node) in names or _calls(node, "sent_with")


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == name


def _is_int_of_sent(call: ast.Call, function: ast.FunctionDef | ast.Module) -> bool:
    """``int(…)`` of a name, an attribute or a part of something, in a function that is handed a request."""
    if not isinstance(function, ast.FunctionDef) or ast.unparse(call.func) != "int":
        return False
    plain = call.args and isinstance(call.args[0], ast.Name | ast.Attribute | ast.Subscript)
    return bool(plain) and _is_handed(function, "request")


def _is_handed(function: ast.FunctionDef | ast.Module, *names: str) -> bool:
    """Whether a function has an argument with one of these names."""
    if not isinstance(function, ast.FunctionDef):
        return False
    return any(argument.arg in names for argument in function.args.args)
