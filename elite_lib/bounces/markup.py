"""HTML to the text that a reader sees: enough for a notice, never a parser of the web."""

from __future__ import annotations

import html
import re

_HIDDEN = (("<style", "</style>"), ("<script", "</script>"), ("<head>", "</head>"), ("<!--", "-->"))
_BREAK = re.compile(
    r"<(?:br|/p|/div|/tr|/td|/h[1-6]|/li|p|div|tr|li|table|h[1-6]|pre|/pre|hr)\b[^<>]{0,2000}>", re.IGNORECASE
)
_TAG = re.compile(r"<(?![\w.+-]+@)[/!]?[a-zA-Z][^<>]{0,4000}>")
_LINK = re.compile(
    r"<a\b[^<>]{0,400}?mailto:([^\"'?<>\s]{3,320})[^<>]{0,400}>((?:[^<]|<(?!/a)){0,300})</a>", re.IGNORECASE
)
_SPACES = re.compile(r"[ \t\xa0]+")
_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def plain_text(markup: str) -> str:
    """Strip tags, keep line breaks where a browser shows some."""
    if "<" not in markup:
        return markup
    text = markup[:200_000]
    for start, end in _HIDDEN:
        text = _without(text, start, end)
    text = _LINK.sub(_linked, text)
    text = _BREAK.sub("\n", re.sub(r"[\r\n]+", " ", text))
    text = html.unescape(_TAG.sub("", text))
    return _LINES.sub("\n\n", "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n")))


def _linked(match: re.Match[str]) -> str:
    """Show the address of a link that shows a name."""
    address, shown = match.groups()
    return shown if "@" in shown else f"{shown} &lt;{address}&gt;"


def _without(text: str, start: str, end: str) -> str:
    """Drop what browsers do not show, in one pass (an expression would be quadratic on a hostile page)."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter whose lower case is two
        return text
    kept, at = [], 0
    while (found := lower.find(start, at)) >= 0:
        kept.append(text[at:found])
        stop = lower.find(end, found)
        if stop < 0:
            return "".join(kept)
        at = stop + len(end)
    return "".join([*kept, text[at:]])
