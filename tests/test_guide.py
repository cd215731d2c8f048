"""The office's guide tells only what is there: its pictures, commands, settings and columns."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from elite_lib import composition
from elite_lib.cli import build_app
from elite_lib.labels import use_language, word
from elite_lib.models import SHEETS, Box, CellType, Column

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "guide.md"
TYPES = {
    CellType.TEXT: "texte",
    CellType.CODE: "code",
    CellType.INTEGER: "nombre entier",
    CellType.AMOUNT: "montant",
    CellType.NUMBER: "nombre",
    CellType.DATE: "date",
    CellType.FLAG: "O / N",
    CellType.WORD: "mot",
    CellType.EMAIL: "adresse",
}
LIMIT = 200_000  # bytes of a picture


@pytest.fixture(scope="module")
def guide() -> str:
    return GUIDE.read_text(encoding="utf-8")


def fences(text: str) -> list[tuple[str, str]]:
    """List the fenced blocks: language and content."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def commands(text: str) -> Iterator[list[str]]:
    """Give the words after ``elite`` of every command, in blocks without a language or between backticks."""
    lines = [line for language, block in fences(text) if not language for line in block.splitlines()]
    lines += re.findall(r"`(elite [^`]+)`", prose(text))
    for line in lines:
        if found := re.search(r"(?:^|/)elite (?P<words>.*)", line):
            plain = re.sub(r"\$\([^)]*\)", "MONTH", found["words"]).partition(">>")[0]
            yield shlex.split(plain)


def table(text: str, title: str) -> list[list[str]]:
    """Give the rows, without the head, of the first table below a heading."""
    section = text.partition(f"### {title}\n")[2].partition("\n#")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


@pytest.mark.parametrize("page", [GUIDE, ROOT / "README.md"], ids=lambda page: page.name)
def test_every_picture_is_there_and_light(page: Path) -> None:
    named = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    assert named
    for name in named:
        picture = page.parent / name
        assert picture.is_file(), name
        assert picture.read_bytes().startswith(b"\x89PNG"), name
        assert picture.stat().st_size < LIMIT, name


def test_every_picture_is_used(guide: str) -> None:
    pages = guide + (ROOT / "README.md").read_text(encoding="utf-8")
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture.name in pages, picture.name


def test_every_command_is_one_of_the_programs(guide: str) -> None:
    group = typer.main.get_command(build_app())
    assert isinstance(group, TyperGroup)
    found = [words for words in commands(guide) if words[0] != "--help"]
    assert len(found) > 20
    for name, *words in found:
        assert name in group.commands, name
        if words and "--help" not in words:  # named alone in a sentence otherwise
            group.commands[name].make_context(name, list(words), resilient_parsing=False).close()


def test_every_command_is_told_of(guide: str) -> None:
    group = typer.main.get_command(build_app())
    assert isinstance(group, TyperGroup)
    used = {name for name, *_words in commands(guide)}
    assert {"init", "check", "prepare", "send", "status", "settle", "untick", "print"} <= used
    assert used <= {*group.commands, "--help"}


def test_every_setting_is_in_the_example(guide: str) -> None:
    example = tomllib.loads((ROOT / "elite.example.toml").read_text(encoding="utf-8"))
    named = re.findall(r"`\[(\w+)\]( \w+)?`", guide)
    rows = re.findall(r"^\| `\[(\w+)\]` \| (.*) \|$", guide, flags=re.MULTILINE)
    named += [(section, key) for section, text in rows for key in re.findall(r"`(\w+)`", text)]
    assert {section for section, _ in rows} <= set(example)
    assert len(named) > 30
    for section, key in named:
        assert section in example, section
        assert not key or key.strip() in example[section], (section, key)


def test_the_sheets_are_those_of_the_program(guide: str) -> None:
    for sheet in SHEETS:
        shown = [tuple(row[:3]) for row in table(guide, sheet.title)]
        assert shown == [_described(column) for column in sheet.columns], sheet.title
        section = guide.partition(f"### {sheet.title}\n")[2].partition("\n#")[0]
        assert ("Cette feuille peut manquer." in section) is not sheet.required, sheet.title


def _described(column: Column) -> tuple[str, str, str]:
    needed = "remplie" if column.filled else "oui" if column.required else ""
    return column.title, TYPES[column.type], needed


def test_every_box_is_explained_in_the_words_of_the_screen(guide: str) -> None:
    use_language("fr")
    shown = [
        (row[0], row[2]) for row in table(guide.replace("## 4.", "### 4."), "4. Lire le bordereau d’envoi")
    ]
    assert shown == [(word(box), "oui" if box.remainder else "non") for box in Box]


def test_every_placeholder_is_listed(guide: str) -> None:
    listed = re.findall(r"\{\{ (\w+) \}\}", "".join(re.findall(r"^\| `\{\{.*$", guide, flags=re.MULTILINE)))
    assert sorted(listed) == sorted(composition.PLACEHOLDERS)
