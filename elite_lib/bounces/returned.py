"""Where the notice ends and the returned message begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from elite_lib.bounces import charsets

Headers = dict[str, str]  # lower-case name -> value, unfolded and decoded: see `keep`

# The line by which mail systems announce the copy. Words, not servers: each is used by several.
_DIVIDER = re.compile(
    r"""^[ \t>*#|_=-]{0,80}(?:
        [-_=*| ]{3,80}(?:this[ ]is[ ]a[ ]copy[ ]of|(?:the[ ])?(?:header|body|text)s?[ ]of[ ]the[ ]original
            |(?:the[ ])?(?:unsent|original|returned|undelivered|rejected|your)[ ](?:message|mail|e-?mail)
            |message[ ](?:headers?|text|contents?|body)|returned[ ](?:message|mail)|received[ ]message)\b.*
        |(?:---[ ])?below[ ]this[ ]line[ ]is[ ](?:a[ ]copy|the)[ ].*
        |(?:below|here|following|attached|included)[ ](?:is|are)[ ](?:a[ ]copy[ ]of[ ])?
            (?:the[ ])?(?:original[ ])?message.*
        |(?:the[ ])?(?:original|returned|undelivered|received|rejected|unsent)[ ](?:message|mail|e-?mail)
            (?:[ ]headers?|[ ]text|[ ]follows|[ ]as[ ]follows)?[ ]*[:.-]*
        |(?:start|begin)[ ]of[ ](?:returned|original|forwarded)?[ ]?message.*
        |(?:the[ ])?text[ ]of[ ](?:your|the)[ ](?:original[ ])?(?:message|mail).*
        |-{1,80}[ ]*(?:forwarded|original)[ ]message[ ]*-{1,80}.*
        |message[ ]headers?[ ]follows?.*
        |en-t[eê]tes?[ ](?:du[ ]message[ ]d.origine|de[ ]message[ ]d.origine|d.origine).*
        |message[ ]d.origine[ ]*:?.*
        |-{1,80}[ ]*message[ ]original[ ]*-{1,80}.*
    )[ \t]*$""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# A run of header lines at the margin, of which one can only be a message's.
_HEADER = re.compile(
    r"^(?!(?:final|original)-recipient|reporting-mta|action|status|diagnostic)[A-Za-z][\w-]{1,40}:(?:[ \t]|$)"
)
_START = re.compile(
    r"^(?:Return-Path|Received|Message-I[dD]|From|Delivered-To|DKIM-Signature|X-[\w-]+|Date|"
    r"MIME-Version|To|Subject|Reply-To|Sender):[ \t]",
    re.MULTILINE,
)
_MESSAGE_ONLY = re.compile(r"^(?:Received|Message-ID|From|Return-Path|MIME-Version):", re.IGNORECASE)
_TRANSPORTED = re.compile(r"^(?:Received|Message-ID|Return-Path|MIME-Version):", re.IGNORECASE | re.MULTILINE)
_AFTER = 600
_TRIES = 40
_FIELD = re.compile(r"^([!-9;-~]{1,76})[ \t]*:(.*)$")


def split_returned(text: str) -> tuple[str, str]:
    """Part a text into the notice and the returned message ("" when there is none)."""
    for divider in islice(_DIVIDER.finditer(text), _TRIES):
        rest = _dedented(text[divider.end() :].lstrip("\n"))
        if looks_like_headers(rest, 2):
            return text[: divider.start()], rest
    for start in islice(_START.finditer(text), _TRIES):
        rest = text[start.start() :]
        if looks_like_headers(rest, 3):
            head, _, after = rest.partition("\n\n")
            summary = not _TRANSPORTED.search(head)  # four fields to tell which message is meant
            return text[: start.start()] + ("\n\n" + after[:_AFTER] if summary else ""), rest
    return text, ""


def _dedented(text: str) -> str:
    """Undo the indentation of a copy, and pass its ruler and its mbox line."""
    first = next((line for line in text[:2000].split("\n") if line.strip(" \t-=_|*")), "")
    margin = len(first) - len(first.lstrip(" "))
    if margin:
        text = re.sub(rf"^ {{1,{min(margin, 16)}}}", "", text, flags=re.MULTILINE)
    text = text.lstrip("\n -=_|*\t")
    return text.partition("\n")[2] if text.startswith(("From ", ">From ")) else text


def looks_like_headers(text: str, wanted: int) -> bool:
    """Tell whether a text begins with so many header fields, one of them only a message's."""
    count = 0
    certain = False
    for line in text[:4000].split("\n")[:60]:
        if line[:1] in (" ", "\t") and count:
            continue
        if not _HEADER.match(line):
            break
        count += 1
        certain = certain or bool(_MESSAGE_ONLY.match(line))
    return count >= wanted and certain


def parse_headers(text: str) -> Headers:
    """Read header fields up to the first empty line."""
    headers: Headers = {}
    for name, value in header_fields(text):
        keep(headers, name, value)
    return headers


def keep(headers: Headers, name: str, value: str) -> None:
    """Add a field: the first of each name counts, but of Received all, as each server writes one."""
    if name == "received" and name in headers:
        headers[name] += f"\n{value}"
    else:
        headers.setdefault(name, value)


def header_fields(text: str) -> Iterator[tuple[str, str]]:
    """Yield unfolded, decoded fields up to the first empty line; what is none is passed over."""
    name, lines = "", [""]
    for line in [*text[:60_000].lstrip("\n").split("\n"), ""]:
        if line[:1] in (" ", "\t") and name and line.strip():
            lines.append(line)
            continue
        if name:
            yield name, charsets.header("\n".join(lines))
            name = ""
        if not line.strip():
            return
        if match := _FIELD.match(line):
            name, lines = match[1].lower(), [match[2]]
