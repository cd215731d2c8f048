"""The PDFs that another program made: which file, or which pages of one, is which document of the month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from elite_lib.config import Settings
from elite_lib.models import DispatchLine

if TYPE_CHECKING:
    from elite_lib.documents.sorting import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What was found for a document: its bytes, or the doubt that holds it (a word that labels explain)."""

    file: str
    content: bytes = b""
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A file, or pages of one (as people count), that is no document's; why, where there is a reason."""

    file: str
    pages: tuple[int, ...] = ()
    why: str = ""


class Papers:
    """The folder ``[documents] folder``, beside the lines of a period. It is read when it is first asked.

    ``whole``: these are all the lines of the period. Beside a single one nobody knows whose the other pages
    and numbers are: then only a file with the number in its name is taken, and no other number may be in it.
    """

    def __init__(self, settings: Settings, lines: Iterable[DispatchLine], *, whole: bool = True) -> None:
        self._home, self.folder = settings.home.root, settings.data.papers
        self._lines, self._whole = tuple(lines), whole

    def of(self, number: str) -> Paper | None:
        """Find the document of this number in the folder; None: there is none, or no folder.

        A file with the number in its name is it; else a file in which the number is found, or the pages of
        one on which it is found.

        Raises:
            OSError: the folder or the file cannot be read.
        """
        if self.folder is None:
            return None
        files = self._by_name.get(number, ())
        if files:
            return self._checked(number, files)
        return self._by_text.get(number) if self._whole else None

    def named(self, name: str, number: str) -> Paper:
        """Read the file that the column *PDF* names: relative to the home, else to the folder.

        Raises:
            OSError: it cannot be read.
        """
        path = self._home / name
        if self.folder is not None and not path.exists():
            path = self.folder / name
        return self._checked(number, (path,))

    @property
    def unplaced(self) -> tuple[Unplaced, ...]:
        """List what lies in the folder and was given to no document; of a folder that is not there, that."""
        if self.folder is None:
            return ()
        try:
            assert self._by_text is not None  # noqa: S101 - reads the files
        except OSError as error:
            return (Unplaced(file=str(error.filename or self.folder), why=error.strerror or ""),)
        return tuple(self._left)

    def _checked(self, number: str, files: Sequence[Path]) -> Paper:
        """Read a file that is said to be this document's; another resident's number in it is a doubt."""
        from elite_lib.documents.proof import UnusableError, page_texts  # noqa: PLC0415 (see rendering)

        contents = {path.read_bytes() for path in files}
        names = ", ".join(path.name for path in files)
        if len(contents) > 1:
            return Paper(file=names, doubt="two_files")
        content = contents.pop()
        try:
            texts = page_texts(content)
        except UnusableError as error:
            return Paper(file=names, doubt=error.reason)
        owners = self._numbers.owners
        if any(owners[other] != owners.get(number) for text in texts for other in self._numbers.on(text)):
            return Paper(file=names, doubt="someone_else")
        if not self._whole and any(map(self._numbers.unknown_on, texts)):
            return Paper(file=names, doubt="unknown_number")
        return Paper(file=names, content=content)

    @cached_property
    def _numbers(self) -> Numbers:
        from elite_lib.documents.sorting import Numbers  # noqa: PLC0415 (see rendering)

        residents = {line.resident.code: line.resident for line in self._lines if line.resident}
        return Numbers(
            dict(_owners(self._lines)),
            names={code: (resident.first_name, resident.last_name) for code, resident in residents.items()},
        )

    @cached_property
    def _files(self) -> tuple[Path, ...]:
        """List the PDFs: those of the folder, and of its folders named by the months."""
        assert self.folder is not None  # noqa: S101 - the callers looked
        months = sorted({line.month for line in self._lines if line.month})
        own = [self.folder / month for month in months if (self.folder / month).is_dir()]
        return tuple(
            path
            for place in (self.folder, *own)
            for path in sorted(place.iterdir())
            if path.suffix.lower() == ".pdf" and not path.name.startswith((".", "~"))
        )

    @cached_property
    def _by_name(self) -> dict[str, tuple[Path, ...]]:
        found: defaultdict[str, list[Path]] = defaultdict(list)
        for path in self._files:
            numbers = self._numbers.named(path.stem)
            if len(numbers) == 1:
                found[next(iter(numbers))].append(path)
        return {number: tuple(paths) for number, paths in found.items()}

    @cached_property
    def _by_text(self) -> dict[str, Paper]:
        """Sort the pages of the files whose names tell nothing."""
        self._left: list[Unplaced] = []
        named = {path for paths in self._by_name.values() for path in paths}
        found: defaultdict[str, list[Paper]] = defaultdict(list)
        for path in self._files:
            if path not in named:
                for number, paper in self._sorted(path):
                    found[number].append(paper)
        return {number: _only(papers) for number, papers in found.items()}

    def _sorted(self, path: Path) -> Iterator[tuple[str, Paper]]:
        from elite_lib.documents import sorting  # noqa: PLC0415 (see rendering)
        from elite_lib.documents.proof import UnusableError, page_texts  # noqa: PLC0415

        content = path.read_bytes()
        try:
            texts = page_texts(content)
        except UnusableError as error:
            self._left.append(Unplaced(file=path.name, why=error.reason))
            return
        found = sorting.sort(texts, self._numbers)
        if found.nobodys:
            self._left.append(Unplaced(file=path.name, pages=tuple(page + 1 for page in found.nobodys)))
        for number, doubt in found.doubts.items():
            yield number, Paper(file=path.name, doubt=doubt)
        sure = {number: pages for number, pages in found.pages.items() if number not in found.doubts}
        if [len(pages) for pages in sure.values()] == [len(texts)]:
            yield next(iter(sure)), Paper(file=path.name, content=content)  # the whole file, as it is
            return
        for number, part in sorting.extract(content, sure).items():
            yield number, Paper(file=path.name, content=part)


def _owners(lines: Iterable[DispatchLine]) -> Iterator[tuple[str, str]]:
    for line in lines:
        owner = line.resident.code if line.resident else ""
        yield line.number, owner
        if line.statement is not None:
            yield line.statement.number, owner


def _only(papers: Sequence[Paper]) -> Paper:
    """Give the one that was found; of several, a doubt, unless they are the same."""
    if len({(paper.content, paper.doubt) for paper in papers}) == 1:
        return papers[0]
    return Paper(
        file=", ".join(dict.fromkeys(paper.file for paper in papers)),
        doubt=next((paper.doubt for paper in papers if paper.doubt), "two_files"),
    )
