"""The print pile: many documents in one file, each as it is."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pikepdf
from pikepdf import Name, Pdf

from elite_lib.exceptions import DocumentError

_UNUSABLE = (pikepdf.PdfError, pikepdf.PasswordError, pikepdf.DataDecodingError, ValueError, RuntimeError)
_KINDS = (Name.Font, Name.XObject)


class _CyclicError(Exception):
    """An object refers to itself: it is not compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resource:
    """A font or picture of one page, by its place in the document."""

    page: int
    kind: Name
    key: str
    digest: bytes


def merge(pages: Sequence[tuple[str, bytes]], *, duplex: bool = False) -> bytes:
    """Put documents, given as (name, content), one after the other; the same bytes for the same input.

    Pages are copied, not redrawn. Fonts and pictures that are the same, as they are in all
    our own documents, are kept once: a thousand invoices weigh a few megabytes, not fifty. Each
    document has a bookmark of its name; ``duplex`` begins each on a sheet of its own, so that a
    printer of both sides puts no two families on one sheet.

    Raises:
        DocumentError: ``pdf_unreadable`` with the name of a document that is damaged, has no
            page or asks for a password; ``pile_empty`` when there is no document at all.
    """
    if not pages:
        raise DocumentError("pile_empty")
    shared: dict[bytes, pikepdf.Object] = {}
    starts: list[tuple[str, int]] = []
    with Pdf.new() as pile:
        for name, content in pages:
            starts.append((name, len(pile.pages)))
            try:
                with Pdf.open(io.BytesIO(content)) as document:
                    _append(pile, document, shared)
            except _UNUSABLE as error:
                raise DocumentError("pdf_unreadable", name=name, detail=str(error)) from error
            if duplex and len(pile.pages) % 2:
                left, bottom, right, top = map(float, pile.pages[-1].mediabox)
                pile.add_blank_page(page_size=(right - left, top - bottom))
        _name(pile, starts)
        file = io.BytesIO()
        pile.save(file, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return file.getvalue()


def page_count(content: bytes) -> int:
    """Count the pages of a document that was proved before."""
    with Pdf.open(io.BytesIO(content)) as document:
        return len(document.pages)


def _name(pile: Pdf, starts: Sequence[tuple[str, int]]) -> None:
    """Write the bookmarks (ISO 32000-1, 12.3.3): pikepdf's own way reads the outline again for each."""
    outlines = pile.make_indirect(pikepdf.Dictionary(Type=Name.Outlines, Count=len(starts)))
    items = [
        pile.make_indirect(
            pikepdf.Dictionary(
                Title=pikepdf.String(title), Parent=outlines, Dest=[pile.pages[place].obj, Name.Fit]
            )
        )
        for title, place in starts
    ]
    for before, after in pairwise(items):
        before.Next, after.Prev = after, before
    outlines.First, outlines.Last = items[0], items[-1]
    pile.Root.Outlines = outlines


def _append(pile: Pdf, document: Pdf, shared: dict[bytes, pikepdf.Object]) -> None:
    """Copy the pages of ``document``, without the fonts and pictures that the pile has already."""
    if not document.pages:
        raise ValueError("no page")
    resources = list(_resources(document))
    for resource in resources:
        if resource.digest in shared:
            del document.pages[resource.page].obj.Resources[resource.kind][resource.key]
    first = len(pile.pages)
    pile.pages.extend(document.pages)
    for resource in resources:
        named = pile.pages[first + resource.page].obj.Resources[resource.kind]
        if resource.digest in shared:
            named[resource.key] = shared[resource.digest]
        else:
            shared[resource.digest] = named[resource.key]


def _resources(document: Pdf) -> Iterator[_Resource]:
    """List the fonts and pictures that can be shared, once where pages have one dictionary in common."""
    digests: dict[tuple[int, int], bytes] = {}
    seen: set[tuple[int, Name]] = set()
    for place, page in enumerate(document.pages):
        resources = page.obj.get(Name.Resources)
        if not isinstance(resources, pikepdf.Dictionary):
            continue
        for kind in _KINDS:
            named = resources.get(kind)
            if not isinstance(named, pikepdf.Dictionary):
                continue
            owner = named.objgen[0] or resources.objgen[0] or page.obj.objgen[0]
            if (owner, kind) in seen:
                continue
            seen.add((owner, kind))
            for key, value in named.items():
                if not _shareable(value, kind):
                    continue
                with contextlib.suppress(_CyclicError, RecursionError):
                    yield _Resource(page=place, kind=kind, key=key, digest=_digest(value, digests, ()))


def _shareable(value: object, kind: Name) -> bool:
    """Tell a font or picture from a form, which may be anything, and from damage."""
    if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream) or not value.is_indirect:
        return False
    return kind == Name.Font or value.get(Name.Subtype) == Name.Image


def _digest(
    value: pikepdf.Object, known: dict[tuple[int, int], bytes], path: tuple[tuple[int, int], ...]
) -> bytes:
    """Hash an object with all that it refers to, whatever the numbers of the objects.

    Streams are compared as they are stored. ``path`` holds the references that led here.
    """
    place = value.objgen
    if place in known:
        return known[place]
    if place in path:
        raise _CyclicError
    inner = (*path, place) if place[0] else path
    parts: list[tuple[object, object]] = []
    text = b""
    if isinstance(value, pikepdf.Stream):
        text = value.read_raw_bytes()
        parts = [(key, part) for key, part in value.items() if key != Name.Length]
    elif isinstance(value, pikepdf.Dictionary):
        parts = list(value.items())
    else:
        text = value.unparse(resolved=True)
        if isinstance(value, pikepdf.Array) and b"R" in text:  # an array of numbers needs no walk
            text, parts = b"[", list(enumerate(value))
    hashed = hashlib.sha256(b"%d " % len(text) + text)
    for key, part in parts:
        inside = _digest(part, known, inner) if isinstance(part, pikepdf.Object) else repr(part).encode()
        hashed.update(b"%s %d " % (str(key).encode(), len(inside)) + inside)
    if place[0]:
        known[place] = hashed.digest()
    return hashed.digest()
