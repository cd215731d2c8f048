"""Find whose each page of a PDF is, that another program made: by the numbers that stand on it.

A page with one number begins, or belongs to, that document; a page without any belongs to the one before.
Everything else is a doubt, which holds the documents concerned: two numbers on a page, a number that is
nobody's, pages that do not follow each other, a page that looks like the beginning of something else.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pikepdf

from elite_lib.documents.proof import folded, number_pattern
from elite_lib.exceptions import DocumentError

# "Facture n° 000123", "Relevé de débours : D12", after ``folded``.
_LABEL = r"(?:facture|avoir|releve(?: de debours)?|document)\s*(?:n\s*[°o.]*|numero|no)?\s*:?\s*"
_FIRST_PAGE = re.compile(r"(?<![^\W_])page\s*:?\s*1\s*(?:/|sur|de|-)\s*[0-9]")
_SHOWN = frozenset(
    {"/Type", "/Parent", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group"}
)
_UNUSABLE = (pikepdf.PdfError, pikepdf.PasswordError, pikepdf.DataDecodingError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Whose the pages are (from 0), and which documents are in doubt, with a word that labels explain."""

    pages: Mapping[str, tuple[int, ...]]
    doubts: Mapping[str, str] = field(default_factory=dict)
    nobodys: tuple[int, ...] = ()


class Numbers:
    """The numbers of the month's documents, and whose they are: what is looked for on pages and in names."""

    def __init__(
        self, owners: Mapping[str, str], *, names: Mapping[str, tuple[str, str]] | None = None
    ) -> None:
        """``owners``: number -> resident's code; ``names``: code -> first and last name."""
        self.owners = dict(owners)
        self._patterns = {number: number_pattern(number) for number in owners}
        self._bare = {number: _bare(number) for number in owners}
        self._known = frozenset(self._bare.values())
        self._names = {code: _full_name(*name) for code, name in (names or {}).items() if all(name)}

    def on(self, text: str) -> frozenset[str]:
        """List the known numbers that stand on a page by themselves."""
        bare = _bare(text)  # a plain look for each number; the pattern only where that finds something
        return frozenset(
            number
            for number, pattern in self._patterns.items()
            if pattern and self._bare[number] in bare and pattern.search(text)
        )

    def named(self, name: str) -> frozenset[str]:
        """List the known numbers in a file's name; one that is only a part of another does not count."""
        text = folded(name)
        squeezed = re.sub(r"[\s_-]", "", text)
        found = [
            number
            for number, bare in self._bare.items()
            if bare and bare in squeezed and _in_name(bare).search(text)
        ]
        return frozenset(
            n for n in found if not any(n != m and self._bare[n] in self._bare[m] for m in found)
        )

    def unknown_on(self, text: str) -> bool:
        """Tell whether a number of the same shape stands on a page that is none of ours."""
        return any(
            _bare(match[1]) not in self._known for shape in self._shapes for match in shape.finditer(text)
        )

    def strangers_on(self, text: str, owner: str) -> bool:
        """Tell whether the full name of another resident stands on a page, and not its owner's."""
        own = self._names.get(owner)
        if own is None or own.search(text):
            return False
        return any(name.search(text) for code, name in self._names.items() if code != owner)

    def alike_on(self, text: str) -> frozenset[str]:
        """List the digits alone that could be a number of somebody's, and are none that is known.

        A postcode or a date may look so as well: what stands on several families' pages is no number.
        """
        found = {match[1] for shape in self._loose for match in shape.finditer(text)}
        return frozenset(found - self._known)

    @cached_property
    def _shapes(self) -> tuple[re.Pattern[str], ...]:
        """Draw the shapes of the numbers: ``F2026-10-00042`` is F, four digits, two, five.

        Digits alone have that shape in any date or postcode: they count only behind a label.
        """
        return tuple(_shape(shape, _LABEL if shape.isdecimal() else "") for shape in self._outlines)

    @cached_property
    def _loose(self) -> tuple[re.Pattern[str], ...]:
        return tuple(_shape(shape, "", gap="") for shape in self._outlines if shape.isdecimal())

    @cached_property
    def _outlines(self) -> tuple[str, ...]:
        shapes = {re.sub(r"[0-9]", "9", bare) for bare in self._bare.values() if bare}
        return tuple(shape for shape in sorted(shapes) if shape.count("9") >= 3)


def sort(texts: Sequence[str], numbers: Numbers) -> Sorted:
    """Sort the pages of a file (``texts`` as of ``page_texts``) by document."""
    sorting = _Sorting(numbers=numbers, everywhere=_everywhere(texts, numbers))
    for place, text in enumerate(texts):
        sorting.add(place, text)
    return Sorted(
        pages={number: tuple(places) for number, places in sorting.pages.items()},
        doubts=sorting.doubts,
        nobodys=tuple(sorting.nobodys),
    )


def _everywhere(texts: Sequence[str], numbers: Numbers) -> frozenset[str]:
    """List the digits that stand on pages of different documents: the home's postcode, a date."""
    seen: dict[str, set[str]] = {}
    for text in texts:
        found = numbers.on(text)
        if len(found) == 1:
            for digits in numbers.alike_on(text):
                seen.setdefault(digits, set()).update(found)
    return frozenset(digits for digits, documents in seen.items() if len(documents) > 1)


@dataclass(slots=True, kw_only=True)
class _Sorting:
    numbers: Numbers
    everywhere: frozenset[str]
    pages: dict[str, list[int]] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    nobodys: list[int] = field(default_factory=list)
    current: str | None = None  # whose a page without a number is

    def add(self, place: int, text: str) -> None:
        found = self.numbers.on(text)
        foreign = self.numbers.unknown_on(text)
        if len(found) > 1 or foreign:
            self._doubt(found, "unknown_number" if foreign else "two_numbers")
            self.current = None
            self.nobodys.append(place)
        elif found:
            self._begin(next(iter(found)), place)
        else:
            self._continue(place, text)

    def _begin(self, number: str, place: int) -> None:
        if number in self.pages and number != self.current:
            self._doubt([number], "pages_apart")
        self.current = number
        self.pages.setdefault(number, []).append(place)

    def _continue(self, place: int, text: str) -> None:
        number = self.current
        if number is None:
            self.nobodys.append(place)
        elif (
            _FIRST_PAGE.search(text)
            or self.numbers.strangers_on(text, self.numbers.owners[number])
            or self.numbers.alike_on(text) - self.everywhere
        ):
            self._doubt([number], "page_doubtful")
            self.current = None
            self.nobodys.append(place)
        else:
            self.pages[number].append(place)

    def _doubt(self, numbers: Iterable[str], reason: str) -> None:
        for number in numbers:
            self.doubts.setdefault(number, reason)


def extract(content: bytes, pages: Mapping[str, Sequence[int]]) -> dict[str, bytes]:
    """Copy the pages of each document into a file of its own; the same bytes for the same input.

    Raises:
        DocumentError: ``pdf_unreadable``.
    """
    parts = {}
    try:
        with pikepdf.Pdf.open(io.BytesIO(content)) as document:
            document.flatten_annotations("print")
            whole = list(document.pages)
            for page in whole:
                _confine(page)
            for number, places in pages.items():
                parts[number] = _part([whole[place] for place in places])
    except _UNUSABLE as error:
        raise DocumentError("pdf_unreadable", name="", detail=str(error)) from error
    return parts


def _part(pages: Iterable[pikepdf.Page]) -> bytes:
    file = io.BytesIO()
    with pikepdf.Pdf.new() as part:
        part.pages.extend(pages)
        part.remove_unreferenced_resources()
        part.save(file, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return file.getvalue()


def _confine(page: pikepdf.Page) -> None:
    """Cut what a page refers to beside what it shows: links, threads, what a program keeps for itself.

    Another family's data must not travel in the file, not even unseen (ISO 32000-2, 7.7.3.3).
    """
    for key in set(page.obj.keys()) - _SHOWN:
        del page.obj[key]


def _bare(text: str) -> str:
    return re.sub(r"[\s-]", "", folded(text))


def _in_name(bare: str) -> re.Pattern[str]:
    """Match a number in a file's name, where "_" and "-" part as spaces do."""
    spelled = r"[\s_-]*".join(map(re.escape, bare))
    return re.compile(rf"(?<![a-z0-9]){spelled}(?![a-z0-9])")


def _shape(shape: str, label: str, *, gap: str = r"[\s-]*") -> re.Pattern[str]:
    spelled = gap.join("[0-9]" if c == "9" else re.escape(c) for c in shape)
    return re.compile(rf"{label}(?<![^\W_])({spelled})(?![^\W_])")


def _full_name(first: str, last: str) -> re.Pattern[str]:
    one, other = (r"[\s'.-]+".join(map(re.escape, re.findall(r"[^\W_]+", folded(n)))) for n in (first, last))
    return re.compile(rf"(?<![^\W_])(?:{one}\s+{other}|{other}\s+{one})(?![^\W_])")
