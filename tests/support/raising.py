"""Every error that the package can raise, read from its source: class, code, fields, place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import elite_lib
from elite_lib import exceptions, storage
from elite_lib.exceptions import (
    ConfigError,
    EliteError,
    JournalError,
    ServerUnavailableError,
    StorageError,
)
from elite_lib.journal import engine
from elite_lib.transports import opening

PACKAGE = Path(elite_lib.__file__).parent
KINDS: dict[str, type[EliteError]] = {
    name: kind
    for name, kind in vars(exceptions).items()
    if isinstance(kind, type) and issubclass(kind, EliteError)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """A function that is given the code, or takes it from tables: what its errors carry besides."""

    kind: type[EliteError]
    fields: frozenset[str]
    called: str = ""  # its name where other calls give it the code
    position: int = 0  # of the code among those calls' arguments
    codes: frozenset[str] = frozenset()  # of its tables


_PATH = frozenset({"path", "detail"})
# By module and function; a code that is no constant anywhere else is refused by ``raised``.
MAKERS: dict[tuple[str, str], Maker] = {
    ("config/reading.py", "error"): Maker(
        kind=ConfigError, fields=frozenset({"file", "key"}), called="error"
    ),
    ("config/reading.py", "raise_errors"): Maker(kind=ConfigError, fields=frozenset()),  # one of those, again
    ("journal/engine.py", "_explain"): Maker(
        kind=JournalError, fields=_PATH, codes=frozenset(engine._JOURNAL.values()) | {"journal_failed"}
    ),
    ("storage.py", "storage_error"): Maker(
        kind=StorageError, fields=_PATH, codes=frozenset(storage._CODES.values()) | {"write_failed"}
    ),
    ("transports/opening.py", "_unavailable"): Maker(
        kind=ServerUnavailableError,
        fields=frozenset({"host", "port", "detail"}),
        called="_unavailable",
        position=1,
        codes=frozenset(opening._CERTIFICATE.values())
        | {code for _kind, code in opening._FAILURES}
        | {"tls_untrusted"},
    ),
}
# ``_explain`` makes two kinds.
_JOURNAL_STORAGE = frozenset(engine._STORAGE.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    kind: type[EliteError]
    code: str
    fields: frozenset[str]
    place: str


def raised() -> Iterator[Raised]:
    """List the errors of every module of the package.

    Raises:
        AssertionError: a code is computed in a function that is not in ``MAKERS``.
    """
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        makers = {maker.called: maker for (where, _), maker in MAKERS.items() if where == module}
        for function, call in _calls(ast.parse(path.read_text(encoding="utf-8"))):
            name = _called(call)
            place = f"{module}:{call.lineno}"
            fields = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
            if name in KINDS and call.args:
                code = _constant(call, 0)
                if code:
                    yield Raised(kind=KINDS[name], code=code, fields=fields, place=place)
                else:
                    assert (module, function) in MAKERS, f"{place}: which codes?"
            elif name and name in makers:
                maker = makers[name]
                if code := _constant(call, maker.position):
                    yield Raised(kind=maker.kind, code=code, fields=maker.fields | fields, place=place)
    for (module, function), maker in MAKERS.items():
        for code in maker.codes:
            yield Raised(kind=maker.kind, code=code, fields=maker.fields, place=f"{module}:{function}")
    for code in _JOURNAL_STORAGE:
        yield Raised(kind=StorageError, code=code, fields=_PATH, place="journal/engine.py:_explain")


def _calls(tree: ast.AST, function: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Give every call with the function that it stands in."""
    for node in ast.iter_child_nodes(tree):
        inside = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
        if isinstance(node, ast.Call):
            yield function, node
        yield from _calls(node, inside)


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _constant(call: ast.Call, position: int) -> str:
    argument = call.args[position] if len(call.args) > position else None
    return str(argument.value) if isinstance(argument, ast.Constant) and argument.value else ""
