"""Names and answers of IMAP as they cross the wire."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator

from elite_lib.exceptions import ConfigError

_LISTED = re.compile(rb"\(([^)]*)\) (?:\"(?:[^\"\\]|\\.)*\"|NIL) (.*)", re.DOTALL)


def encoded(name: str) -> str:
    """Write a folder's name as IMAP does (RFC 3501 5.1.3): ``Envoyés`` -> ``Envoy&AOk-s``."""
    return "".join(_run(part) for part in re.split(r"([^\x20-\x7e]+)", name))


def _run(part: str) -> str:
    if part.isascii() and part.isprintable():
        return part.replace("&", "&-")
    return f"&{base64.b64encode(part.encode('utf-16-be')).decode().rstrip('=').replace('/', ',')}-"


def decoded(name: str) -> str:
    """Read a folder's name as IMAP writes it; what is not written so stays as it is."""
    return re.sub(r"&([A-Za-z0-9+,]*)-", _characters, name)


def _characters(run: re.Match[str]) -> str:
    if not run[1]:
        return "&"
    coded = run[1].replace(",", "/")
    try:
        return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be")
    except ValueError:  # of base64 and of UTF-16 alike
        return run[0]


def quoted(text: str) -> str:
    """Quote a string.

    Raises:
        ConfigError: ``folder_missing``: a line break or a zero, which nothing can be named with.
    """
    if re.search(r"[\r\n\0]", text):
        raise ConfigError("folder_missing", folder=text)
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def marked(answers: Iterable[object]) -> Iterator[tuple[str, str]]:
    """Read LIST answers: each attribute with the folder's name, which may come as a literal."""
    for answer in answers:
        head, literal = answer if isinstance(answer, tuple) else (answer, None)
        found = _LISTED.fullmatch(head) if isinstance(head, bytes) else None
        if found is None:
            continue
        name = (literal if literal is not None else _unquoted(found[2])).decode("ascii", "replace")
        for attribute in found[1].decode("ascii", "replace").split():
            yield attribute, decoded(name)


def _unquoted(name: bytes) -> bytes:
    if not name.startswith(b'"'):
        return name
    return re.sub(rb"\\(.)", rb"\1", name[1:-1])
