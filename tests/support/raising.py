"""Every error that the package can raise, read from its source: class, code, fields, place.

Where a code is no constant it is looked for in what the name is bound to: tables of the module,
functions that return it, calls that hand it over. What cannot be followed is an AssertionError.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import elite_lib
from elite_lib import exceptions
from elite_lib.exceptions import EliteError

PACKAGE = Path(elite_lib.__file__).parent
KINDS: dict[str, type[EliteError]] = {
    name: kind
    for name, kind in vars(exceptions).items()
    if isinstance(kind, type) and issubclass(kind, EliteError)
}
_CODE = re.compile(r"[a-z]+(_[a-z]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    kind: type[EliteError]
    code: str
    fields: frozenset[str]
    place: str


def raised() -> Iterator[Raised]:
    """List the errors of every module of the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = _Module(path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        yield from module.raised()


@dataclass(slots=True)
class _Module:
    name: str
    tree: ast.Module
    tables: dict[str, set[str]] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    calls: list[tuple[ast.FunctionDef | None, ast.Call]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for node in self.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                named = {
                    target.id: _strings(node.value) for target in targets if isinstance(target, ast.Name)
                }
                self.tables |= named
        self._look(self.tree, None)

    def _look(self, above: ast.AST, function: ast.FunctionDef | None) -> None:
        for node in ast.iter_child_nodes(above):
            if isinstance(node, ast.FunctionDef):
                self.functions[node.name] = node
            if isinstance(node, ast.Call):
                self.calls.append((function, node))
            self._look(node, node if isinstance(node, ast.FunctionDef) else function)

    def raised(self) -> Iterator[Raised]:
        for function, call in self.calls:
            kind = KINDS.get(_called(call))
            if kind is None or not call.args or _again(call.args[0]):
                continue
            place, fields = f"{self.name}:{call.lineno}", _keywords(call, function)
            found = dict(self._codes(call.args[0], function))
            assert found, f"{place}: which codes?"
            for code, given in found.items():
                yield Raised(kind=kind, code=code, fields=fields | given, place=place)

    def _codes(
        self, value: ast.expr, function: ast.FunctionDef | None
    ) -> Iterator[tuple[str, frozenset[str]]]:
        """Follow an expression to the codes that it can be, each with the fields that its call adds."""
        nothing: frozenset[str] = frozenset()
        if isinstance(value, ast.Constant):
            yield str(value.value), nothing
            return
        for node in ast.walk(value):
            if isinstance(node, ast.IfExp):
                branches = (node.body, node.orelse)
                yield from ((str(b.value), nothing) for b in branches if isinstance(b, ast.Constant))
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "get"
            ):
                yield from ((str(d.value), nothing) for d in node.args[1:] if isinstance(d, ast.Constant))
            elif isinstance(node, ast.Call) and (called := self.functions.get(_called(node))):
                for inner in ast.walk(called):
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        yield from self._codes(inner.value, called)
            elif isinstance(node, ast.Name) and node.id in self.tables:
                yield from ((code, nothing) for code in self.tables[node.id])
            elif isinstance(node, ast.Name) and function is not None:
                yield from self._bound(node, function)

    def _bound(self, use: ast.Name, function: ast.FunctionDef) -> Iterator[tuple[str, frozenset[str]]]:
        """Follow a local name: a parameter to its calls, others to the loop or assignment that binds them."""
        parameters = [argument.arg for argument in function.args.args if argument.arg != "self"]
        if use.id in parameters:
            position = parameters.index(use.id)
            for caller, call in self.calls:
                if _called(call) == function.name and len(call.args) > position:
                    for code, fields in self._codes(call.args[position], caller):
                        yield code, fields | _keywords(call, caller)
        for node in ast.walk(function):
            if isinstance(node, ast.For) and use.id in _names(node.target) and use in ast.walk(node):
                yield from self._codes(node.iter, None)
            elif isinstance(node, ast.Assign) and use.id in {n for t in node.targets for n in _names(t)}:
                yield from self._codes(node.value, None)


def _strings(value: ast.expr) -> set[str]:
    """List what can be codes in a table: the values of a dict, anything in a tuple."""
    values = [value] if not isinstance(value, ast.Dict) else value.values
    nodes = (node for one in values if isinstance(one, ast.Constant | ast.Tuple) for node in ast.walk(one))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if _CODE.fullmatch(text)}


def _keywords(call: ast.Call, function: ast.FunctionDef | None) -> frozenset[str]:
    """List the fields of a call, those of a local dict (``**fields``) included."""
    given = {keyword.arg for keyword in call.keywords if keyword.arg}
    spread = {n for keyword in call.keywords if keyword.arg is None for n in _names(keyword.value)}
    for node in ast.walk(function) if function is not None else ():
        if isinstance(node, ast.Assign) and spread & {n for target in node.targets for n in _names(target)}:
            dicts = (inner for inner in ast.walk(node.value) if isinstance(inner, ast.Dict))
            given |= {str(key.value) for d in dicts for key in d.keys if isinstance(key, ast.Constant)}
    return frozenset(given)


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _again(code: ast.expr) -> bool:
    """Tell whether it is the code of an error that was made elsewhere (``first.code``)."""
    return isinstance(code, ast.Attribute) and code.attr == "code"
