"""The office's words: what documents.toml can change, and what it refuses."""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from elite_lib import config
from elite_lib.documents import preview, prove, render_certificate, render_invoice, render_statement
from elite_lib.documents import template as templates
from elite_lib.documents.pattern import PLACEHOLDERS, Pattern
from elite_lib.documents.sample import sample_line
from elite_lib.exceptions import ConfigError, EliteError, TemplateError
from elite_lib.labels import explain
from elite_lib.models import DocumentKind, PaymentMode, Quality
from tests.support.command import elite
from tests.support.printed import HOME, LINE, billed, invoice, text_of


def printed_with(words: str) -> str:
    template = templates.parse(words)
    return text_of(render_invoice(LINE, establishment=HOME, home=Path(), template=template))


# What can be changed


def test_a_home_without_the_file_has_the_default_words(tmp_path: Path) -> None:
    before = invoice(LINE, HOME, tmp_path)
    (tmp_path / "documents.toml").write_text(templates.default_text(), encoding="utf-8")
    assert invoice(LINE, HOME, tmp_path) == before


def test_the_file_of_the_home_is_read_again_when_it_changed(tmp_path: Path) -> None:
    file = tmp_path / "documents.toml"
    file.write_text('[invoice]\ntitle = "Note d’honoraires"\n', encoding="utf-8")
    assert "NOTE D’HONORAIRES" in text_of(invoice(LINE, HOME, tmp_path))
    file.write_text('\ufeff[invoice]\ntitle = "Mémoire"\n', encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert "MÉMOIRE" in text_of(invoice(LINE, HOME, tmp_path))


def test_every_word_of_the_default_can_be_changed() -> None:
    default = templates.default()
    for key, word in default.words.items():
        table, _, name = key.rpartition(".")
        changed = templates.parse(f'[{table}]\n{name} = "Autrement"')
        assert changed[key] == "Autrement"
        assert {k for k, v in changed.words.items() if v != default.words[k]} <= {key}, word


def test_blocks_stand_in_the_order_of_the_office() -> None:
    words = """[invoice]
blocks = ["payment", "notes", "table", "totals", "closing"]
notes = ["Une note pour {{ resident }}."]
closing = ["Une fin."]
"""
    text = printed_with(words)
    order = ["IBAN", "Une note pour Mme Geneviève BŒUF.", "Désignation", "Net à payer", "Une fin."]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_sections_and_columns_stand_in_the_order_of_the_office() -> None:
    words = """[invoice]
sections = ["PRE", "DEP", "HEB", "DIV"]
columns = ["amount", "label"]
subtotals = false
[invoice.headings]
PRE = "Services"
"""
    text = printed_with(words)
    assert text.index("Services") < text.index("Dépendance") < text.index("Hébergement")
    assert "2 216,19 € Chambre individuelle" in text
    assert "Sous-total" not in text
    assert "P.U." not in text


def test_a_note_for_untaxed_invoices_is_on_these_only() -> None:
    words = '[invoice]\nuntaxed_notes = ["Exonéré de TVA."]'
    template = templates.parse(words)
    taxed = billed(vat=LINE.amount)
    assert "Exonéré de TVA." in printed_with(words)
    assert "Exonéré" not in text_of(render_invoice(taxed, establishment=HOME, home=Path(), template=template))


@pytest.mark.parametrize("mode", [mode for mode in PaymentMode if mode is not PaymentMode.UNSET])
def test_every_way_to_pay_has_words_of_its_own(mode: PaymentMode) -> None:
    words = f'[payment.{mode.value}]\nlines = ["Comme convenu : {{{{ montant }}}}"]'
    template = templates.parse(words)
    text = text_of(
        render_invoice(billed(payment_mode=mode), establishment=HOME, home=Path(), template=template)
    )
    assert "Comme convenu : 1 839,99 €" in text


def test_without_the_residents_name_a_document_is_not_proved() -> None:
    template = templates.parse('[invoice]\nfacts = ["Dossier {{ dossier }}"]')
    assert LINE.addressee is not None
    line = replace(LINE, addressee=replace(LINE.addressee, quality=Quality.FAMILY))
    content = render_invoice(line, establishment=HOME, home=Path(), template=template)
    assert prove(content, number=LINE.number, name="Bœuf") == "name_missing"


# What is refused


@pytest.mark.parametrize(
    ("words", "code", "key"),
    [
        ('[invoice]\ntitel = "x"', "key_unknown", "invoice.titel"),
        ('titre = "x"', "key_unknown", "titre"),
        ("[invoice]\ntitle = 3", "value_invalid", "invoice.title"),
        ('[invoice]\ntitle = ["a"]', "value_invalid", "invoice.title"),
        ('[invoice]\ntitle = """a\nb"""', "value_invalid", "invoice.title"),
        ('[invoice]\nfacts = "Date"', "value_invalid", "invoice.facts"),
        ("[invoice]\nfacts = [1]", "value_invalid", "invoice.facts"),
        ('[invoice]\nsubtotals = "oui"', "value_invalid", "invoice.subtotals"),
        ('[invoice]\nblocks = ["table", "notes"]', "value_invalid", "invoice.blocks"),
        ('[invoice]\nblocks = ["table", "totals", "photo"]', "value_invalid", "invoice.blocks"),
        ('[invoice]\nblocks = ["table", "table", "totals"]', "value_invalid", "invoice.blocks"),
        ('[invoice]\ncolumns = ["label"]', "value_invalid", "invoice.columns"),
        ('[invoice]\nsections = ["HEB", "DEP", "PRE"]', "value_invalid", "invoice.sections"),
        ('[certificate]\ncolumns = ["month"]', "value_invalid", "certificate.columns"),
        ('[invoice]\ntitle = "x', "toml_syntax", None),
    ],
)
def test_what_cannot_be_printed_is_refused_and_named(words: str, code: str, key: str | None) -> None:
    with pytest.raises(ConfigError) as raised:
        templates.parse(words)
    assert (raised.value.code, raised.value.fields.get("key")) == (code, key)
    assert "…" not in explain(raised.value)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        templates.parse('[invoice]\ntitel = "x"\nfacts = 3\n[cover]\ntitle = false')
    assert len(raised.value.fields["others"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{{ residant }}", "placeholder_unknown"),
        ("{{ }}", "placeholder_unknown"),
        ("{{ resident | upper }}", "placeholder_unknown"),
        ("{ resident }", "template_syntax"),
        ("{{ resident }", "template_syntax"),
        ("{% if gir %}", "template_syntax"),
    ],
)
def test_a_place_that_cannot_be_filled_in_is_refused(line: str, code: str) -> None:
    with pytest.raises(TemplateError) as raised:
        templates.parse(f'[invoice]\nfacts = ["Date", "{line}"]')
    assert (raised.value.code, raised.value.fields["line"]) == (code, 2)
    assert "documents.toml, invoice.facts" in explain(raised.value).lower()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "documents.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError) as raised:
        templates.load(tmp_path)
    assert raised.value.code == "toml_unreadable"


def test_every_placeholder_is_explained_in_the_default_file() -> None:
    explained = set(re.findall(r"\{\{ (\w+) \}\}", templates.default_text()))
    assert explained == set(PLACEHOLDERS)


# Lines


@pytest.mark.parametrize(
    ("line", "values", "shown"),
    [
        ("Date : {{ date }}[ — Échéance : {{ echeance }}]", {"date": "1"}, "Date : 1"),
        ("À {{ date }}[ — le {{ echeance }}]", {"date": "1", "echeance": "2"}, "À 1 — le 2"),
        ("Date : {{ date }}[ — Échéance : {{ echeance }}]", {"echeance": "2"}, ""),
        ("[Tél. {{ telephone }}][ — {{ courriel }}]", {"courriel": "a@b.example"}, "a@b.example"),
        ("[Tél. {{ telephone }}][ — {{ courriel }}]", {"telephone": "02"}, "Tél. 02"),
        ("[Tél. {{ telephone }}][ — {{ courriel }}]", {}, ""),
        ("[Chambre {{ chambre }} — ]Dossier {{ dossier }}", {"dossier": "R1"}, "Dossier R1"),
        ("Sans [crochets] à remplir", {}, "Sans [crochets] à remplir"),
        ("", {}, ""),
        ("{{numero}}{{ date }}", {"numero": "1", "date": "2"}, "12"),
    ],
)  # fmt: skip
def test_what_is_missing_leaves_no_trace(line: str, values: dict[str, str], shown: str) -> None:
    assert Pattern.parse(line, where="x").shown(values) == shown


@given(st.text())
def test_any_line_is_compiled_or_refused(text: str) -> None:
    try:
        assert isinstance(Pattern.parse(text, where="x").shown({}), str)
    except TemplateError:
        assert set(text) & set("{}")


def test_a_value_is_never_read_as_a_pattern() -> None:
    shown = Pattern.parse("{{ numero }} {{ date }}", where="x").shown({"numero": "{{ date }}", "date": "[1]"})
    assert shown == "{{ date }} [1]"


# Previews


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return config.load(config.create_home(tmp_path / "home", name="Les Tilleuls"))


def test_a_preview_is_a_picture_of_each_document(settings: config.Settings) -> None:
    pages = preview(settings, dpi=50)
    assert len(pages) == 3
    for page in pages:
        picture = Image.open(io.BytesIO(page))
        assert (picture.format, picture.size) == ("PNG", (414, 585))
    assert len(set(pages)) == 3


def test_a_preview_shows_words_that_are_not_saved(settings: config.Settings) -> None:
    (kept,) = preview(settings, [DocumentKind.INVOICE], dpi=50)
    (other,) = preview(settings, [DocumentKind.INVOICE], words='[invoice]\ntitle = "Mémoire"', dpi=50)
    (debit,) = preview(settings, [DocumentKind.INVOICE], mode=PaymentMode.DIRECT_DEBIT, dpi=50)
    assert len({kept, other, debit}) == 3
    with pytest.raises(EliteError):
        preview(settings, words="[invoice]\ntitel = 1")


def test_the_sample_adds_up_and_is_proved() -> None:
    line = sample_line()
    assert line.invoice is not None
    assert line.statement is not None
    assert line.certificate is not None
    assert sum(row.amount for row in line.invoice.lines) == line.invoice.total_before_tax
    assert line.invoice.total - line.invoice.deductions - line.invoice.down_payments == line.invoice.net
    for render, number in (
        (render_invoice, line.invoice.number),
        (render_statement, line.statement.number),
        (render_certificate, line.certificate.number),
    ):
        assert prove(render(line, establishment=HOME, home=Path()), number=number, name="Bœuf") == ""


# The command


def test_the_command_writes_the_file_once_and_checks_it_after(tmp_path: Path) -> None:
    home = config.create_home(tmp_path / "home", name="Les Tilleuls")
    file = home.root / "documents.toml"
    assert elite("documents", home=home.root).code == 0
    assert file.read_text(encoding="utf-8") == templates.default_text()
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text('[invoice]\ntitle = "Mémoire"\n', encoding="utf-8")
    assert elite("documents", home=home.root).code == 0
    assert "Mémoire" in file.read_text(encoding="utf-8")  # never written over
    file.write_text("[invoice]\ntitel = 1\n", encoding="utf-8")
    said = elite("documents", home=home.root)
    assert said.code == 1
    assert "invoice.titel" in said.err


def test_the_command_draws_the_documents(tmp_path: Path) -> None:
    home = config.create_home(tmp_path / "home", name="Les Tilleuls")
    assert elite("documents", "--preview", tmp_path / "out", home=home.root).code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "document-1.png",
        "document-2.png",
        "document-3.png",
    ]
    assert not (home.root / "documents.toml").exists()
