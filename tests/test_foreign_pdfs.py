"""PDFs that another program made: found by name and text, split by their numbers, held when in doubt."""

from __future__ import annotations

import email
import email.policy
import io
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pikepdf
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from elite_lib import batch as batches
from elite_lib import config
from elite_lib.batch.papers import Papers
from elite_lib.documents.proof import page_texts
from elite_lib.documents.sorting import Numbers, extract, sort
from elite_lib.labels import advise
from elite_lib.models import DispatchLine, Disposition, DocumentKind, Problem
from tests.support import libreoffice, offices
from tests.support.command import elite
from tests.support.workbooks import contact, disbursement, invoice, resident

OCTOBER = offices.OCTOBER
NAMES = {1: ("Jeanne", "Abadie"), 2: ("Paul", "Bœuf"), 3: ("Rose", "Carré")}


def number(n: int) -> str:
    return offices.invoice_number(n)


def page(n: int, *more: str, numbered: bool = True) -> list[str]:
    """What stands on a page of resident ``n``'s invoice."""
    first, last = NAMES[n]
    head = [f"Facture n° {number(n)}"] if numbered else []
    return [*head, f"Mme {first} {last.upper()}", *more]


def pdf(*pages: Sequence[str]) -> bytes:
    """Draw pages of text lines."""
    file = io.BytesIO()
    canvas = Canvas(file)
    for lines in pages:
        for row, text in enumerate(lines):
            canvas.drawString(72, 780 - 20 * row, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@pytest.fixture
def home(tmp_path: Path) -> Callable[..., Path]:
    """Make a home of three residents whose invoices are in the folder ``pdf``, and write files there."""

    def make(files: dict[str, bytes], **sheets: object) -> Path:
        root = tmp_path / "home"
        rows: dict[str, object] = {
            "residents": [
                resident(offices.code(n), Nom=last, Prénom=first) for n, (first, last) in NAMES.items()
            ],
            "contacts": [contact(offices.code(n), **{"E-mail": offices.address(n)}) for n in NAMES],
            "factures": [invoice(number(n), offices.code(n)) for n in NAMES],
            "lignes": [],
        }
        offices.make_home(root, settings={"documents": {"folder": "pdf"}}, **(rows | sheets))
        (root / "pdf").mkdir()
        for name, content in files.items():
            (root / "pdf" / name).parent.mkdir(exist_ok=True)
            (root / "pdf" / name).write_bytes(content)
        return root

    return make


def outcome(root: Path) -> dict[str, str]:
    """Prepare the month: "" for a line whose message is written, else why it is held."""
    with offices.open_office(root) as office:
        prepared = batches.prepare(office, OCTOBER, freeze=False)
    written = {message.line for message in prepared.batch.messages}
    return {line.key: "" if line.key in written else reason(line) for line in prepared.plan.lines}


def reason(line: DispatchLine) -> str:
    assert line.disposition is Disposition.HELD
    return " ".join(sorted(told(problem) for problem in line.reasons))


def told(problem: Problem) -> str:
    assert "…" not in advise(problem), advise(problem)
    return problem.facts.get("why", problem.code.value)


def attached(root: Path, n: int) -> bytes:
    from elite_lib.batch.rendering import render_documents  # noqa: PLC0415

    with offices.open_office(root) as office:
        plan, _entries = batches.read_plan(office, OCTOBER)
        line = next(line for line in plan.lines if line.key == number(n))
        made, problems = render_documents(office, line, papers=Papers(office.settings, plan.lines))
    assert problems == []
    return made[DocumentKind.INVOICE].content


def text_of(content: bytes) -> str:
    return "\n".join(page_texts(content))


ALL_SENT = {number(n): "" for n in NAMES}

# --- found -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "{}.pdf",
        "facture_{}_dupont.PDF",
        "{} (copie).pdf",
        "Fact-{}.pdf",
        "2026-10/{}.pdf",
        "sans rapport {n}.pdf",
    ],
)
def test_a_file_is_found_by_its_name_or_by_its_text(home: Callable[..., Path], name: str) -> None:
    names = {n: name.format(number(n), n="abc"[n - 1]) for n in NAMES}
    root = home({names[n]: pdf(page(n), page(n, numbered=False)) for n in NAMES})
    assert outcome(root) == ALL_SENT
    assert attached(root, 2) == (root / "pdf" / names[2]).read_bytes()


def test_one_file_of_the_whole_month_is_split(home: Callable[..., Path]) -> None:
    pages = [page(1), page(1, "suite", numbered=False), page(2), page(3), ["Conditions générales"]]
    root = home({"octobre.pdf": pdf(*pages)})
    assert outcome(root) == ALL_SENT
    split = {n: page_texts(attached(root, n)) for n in NAMES}
    assert [len(texts) for texts in split.values()] == [2, 1, 2]
    assert all(number(n).lower() in "".join(texts) for n, texts in split.items())
    assert attached(root, 1) == attached(root, 1)  # the same bytes: the duplicate guard compares them


def test_a_page_takes_nothing_of_the_other_families_along() -> None:
    """Shared resources, links and a program's own data would carry other pages with them, unseen."""
    with pikepdf.Pdf.open(io.BytesIO(pdf(page(1), page(2), page(3)))) as document:
        drawn = {}
        for place, each in enumerate(document.pages):
            form = document.make_stream(each.obj.Contents.read_bytes(), Subtype=pikepdf.Name.Form)
            form.BBox, form.Resources = each.obj.MediaBox, each.obj.Resources
            drawn[f"/X{place}"] = form
        shared = pikepdf.Dictionary(XObject=pikepdf.Dictionary(drawn))
        for place, each in enumerate(document.pages):
            each.obj.Resources = shared
            each.obj.Contents = document.make_stream(f"/X{place} Do".encode())
            link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9])
            link.Dest = pikepdf.Array([document.pages[(place + 1) % 3].obj, pikepdf.Name.Fit])
            each.obj.Annots = pikepdf.Array([document.make_indirect(link)])
            # what a program keeps for itself (ISO 32000-2, 14.5): here the whole month
            each.obj.PieceInfo = pikepdf.Dictionary(Program=document.make_stream(b"ABADIE, CARRE"))
        saved = io.BytesIO()
        document.save(saved)
    part = extract(saved.getvalue(), {"x": [1]})["x"]
    with pikepdf.Pdf.open(io.BytesIO(part)) as document:
        streams = [o.read_bytes() for o in document.objects if isinstance(o, pikepdf.Stream)]
        assert len([o for o in document.objects if _is_page(o)]) == 1
    for other in ("ABADIE", number(1), "ROSE", number(3)):
        assert not any(other.encode("cp1252") in stream for stream in streams)
    assert number(2).lower() in text_of(part)


def _is_page(thing: object) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Page"


def test_a_split_page_looks_as_it_did() -> None:
    content = pdf(page(1), page(2))
    with pikepdf.Pdf.open(io.BytesIO(content)) as document:  # the size and rotation inherited, a stamp on it
        box = document.pages[1].obj["/MediaBox"]
        document.Root.Pages.MediaBox, document.Root.Pages.Rotate = box, 90
        for each in document.pages:
            del each.obj["/MediaBox"]
            if "/Rotate" in each.obj:
                del each.obj["/Rotate"]
        saved = io.BytesIO()
        document.save(saved)
    part = extract(saved.getvalue(), {"x": [1]})["x"]
    before, after = (pypdfium2.PdfDocument(c) for c in (saved.getvalue(), part))
    assert before[1].get_size() == after[0].get_size()
    assert before[1].render(scale=1).to_numpy().tobytes() == after[0].render(scale=1).to_numpy().tobytes()


def test_a_releve_is_found_too_and_ours_is_made_where_there_is_none(home: Callable[..., Path]) -> None:
    from elite_lib.batch.rendering import render_documents  # noqa: PLC0415

    files = {f"{number(n)}.pdf": pdf(page(n)) for n in NAMES}
    files["releve D2026-10-007.pdf"] = pdf(
        ["Relevé de débours D2026-10-007", "Mme Jeanne ABADIE", "ailleurs"]
    )
    rows = [disbursement(code=offices.code(1)), disbursement("D2026-10-008", offices.code(2))]
    root = home(files, debours=rows)
    with offices.open_office(root) as office:
        plan, _entries = batches.read_plan(office, OCTOBER)
        papers = Papers(office.settings, plan.lines)
        texts = [
            text_of(render_documents(office, line, papers=papers)[0][DocumentKind.STATEMENT].content)
            for line in plan.lines
            if line.statement
        ]
    assert "ailleurs" in texts[0]
    assert "ailleurs" not in texts[1]


def test_an_export_of_one_table_and_one_pdf_is_all_that_it_takes(home: Callable[..., Path]) -> None:
    """What the program before this one gives: a list and a file. Each family gets its own pages."""
    root = home({"octobre.pdf": pdf(*(page(n) for n in NAMES))})
    rows = ["N° pièce;Date;N° client;Nom du résident;Net à payer;E-mail"]
    rows += [f"{number(n)};31/10/2026;{n:03};{NAMES[n][1]};2 000,00 €;{offices.address(n)}" for n in NAMES]
    (root / "export.csv").write_bytes("\r\n".join(rows).encode("cp1252"))
    config.save(config.Home(root=root), {"data": {"source": "export.csv"}})
    with offices.open_office(root) as office:
        prepared = batches.prepare(office, OCTOBER)
        messages = {
            message.line: office.outbox.content(prepared.batch, message)
            for message in prepared.batch.messages
        }
    assert [problem.code for problem in prepared.problems] == []
    for n in NAMES:
        received = email.message_from_bytes(messages[number(n)], policy=email.policy.default)
        (attachment,) = received.iter_attachments()
        text = text_of(attachment.get_content())
        assert offices.address(n) in received["To"]
        assert [number(other).lower() in text for other in NAMES] == [other == n for other in NAMES]


# --- held --------------------------------------------------------------------------------------------


def locked(content: bytes) -> bytes:
    file = io.BytesIO()
    with pikepdf.Pdf.open(io.BytesIO(content)) as document:
        document.save(file, encryption=pikepdf.Encryption(user="u", owner="o"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pdf(page(2)), "someone_else"),
        (pdf(page(1), page(2)), "someone_else"),
        (pdf(page(1, numbered=False)), "number_missing"),
        (pdf([f"Facture {number(1)}", "Mme Jeanne ABADIE-LENOIR"]), "name_missing"),
        (locked(pdf(page(1))), "encrypted"),
        (pdf(page(1))[:300], "unreadable"),
        (b"", "unreadable"),
        (b"<html>", "unreadable"),
        (pdf([]), "number_missing"),
    ],
)
def test_a_file_that_is_not_surely_this_residents_holds_the_line(
    home: Callable[..., Path], content: bytes, why: str
) -> None:
    files = {f"{number(n)}.pdf": pdf(page(n)) for n in (2, 3)}
    assert outcome(home(files | {f"{number(1)}.pdf": content})) == ALL_SENT | {number(1): why}


def test_the_column_pdf_is_held_to_the_same(home: Callable[..., Path]) -> None:
    bills = [invoice(number(n), offices.code(n), PDF=f"f{n}.pdf") for n in NAMES]
    files = {"f1.pdf": pdf(page(1)), "f2.pdf": pdf(page(2), page(3)), "f3.pdf": locked(pdf(page(3)))}
    assert outcome(home(files, factures=bills)) == {
        number(1): "",
        number(2): "someone_else",
        number(3): "encrypted",
    }


def test_an_invoice_without_a_file_is_held_and_not_made_by_us(home: Callable[..., Path]) -> None:
    root = home({f"{number(n)}.pdf": pdf(page(n)) for n in (1, 2)})
    assert outcome(root) == ALL_SENT | {number(3): "pdf_missing"}


def test_two_files_for_one_invoice_hold_it_unless_they_are_the_same(home: Callable[..., Path]) -> None:
    files = {f"{number(n)}.pdf": pdf(page(n)) for n in NAMES}
    files |= {
        f"copie {number(1)}.pdf": files[f"{number(1)}.pdf"],
        f"copie {number(2)}.pdf": pdf(page(2, "corrigée")),
    }
    assert outcome(home(files)) == ALL_SENT | {number(2): "two_files"}


@pytest.mark.parametrize(
    ("pages", "held"),
    [
        ([page(1), [*page(2), number(3)]], {2: "two_numbers", 3: "two_numbers"}),
        ([page(1), page(2), [*page(3), "F2026-10-00099"]], {3: "unknown_number"}),
        ([page(1), page(2), page(1), page(3)], {1: "pages_apart"}),
        ([page(1), ["F2026-10-00099", "M. Inconnu"], ["suite"], page(2), page(3)], {}),
        ([page(1), ["Page 1/2", "Relevé"], page(2), page(3)], {1: "page_doubtful"}),
        ([page(1), page(2, numbered=False), page(2), page(3)], {1: "page_doubtful"}),
        ([page(1), page(2, f"avoir sur {number(1)}"), page(3)], {1: "two_numbers", 2: "two_numbers"}),
    ],
)
def test_a_page_in_doubt_holds_the_lines_concerned(
    home: Callable[..., Path], pages: list[list[str]], held: dict[int, str]
) -> None:
    found = {number(n) for n in NAMES if any(number(n) in line for lines in pages for line in lines)}
    lost = {name: "pdf_missing" for name in ALL_SENT if name not in found}
    wanted = ALL_SENT | lost | {number(n): why for n, why in held.items()}
    assert outcome(home({"tout.pdf": pdf(*pages)})) == wanted


def test_pages_of_somebody_unknown_are_nobodys_and_said(home: Callable[..., Path]) -> None:
    pages = [page(1), ["F2026-10-00099", "M. Inconnu"], ["suite"], page(2), page(3)]
    root = home({"tout.pdf": pdf(*pages), "plan.pdf": b"%PDF-"})
    with offices.open_office(root) as office:
        plan, _entries = batches.read_plan(office, OCTOBER)
        unplaced = Papers(office.settings, plan.lines).unplaced
    assert [(one.file, one.pages, one.why) for one in unplaced] == [
        ("plan.pdf", (), "unreadable"),
        ("tout.pdf", (2, 3), ""),
    ]
    assert page_texts(attached(root, 1)) == page_texts(pdf(page(1)))
    said = elite("check", "2026-10", home=root)
    assert "tout.pdf (pages 2, 3)" in said.out
    assert elite("check", "2026-10", "--json", home=root).json["unplaced"][1]["pages"] == [2, 3]
    shutil.rmtree(root / "pdf")
    assert "pdf" in elite("check", "2026-10", home=root).out


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("facture n° 000123", False),
        ("facture n° 000124", True),
        ("cp 690031 lyon", False),
        ("le 311026", False),
    ],
)
def test_numbers_of_digits_alone_are_sought_behind_a_label(text: str, unknown: bool) -> None:
    assert Numbers({"000123": "R1"}).unknown_on(text) is unknown


FOOT = "CP 690031 LYON"  # the home's own line, on every page: as many digits as a number has


@pytest.mark.parametrize(
    ("pages", "found", "doubts"),
    [
        (["facture 000123 X", "suite X", "facture 000124 X", "suite X"], [(0, 1), (2, 3)], {}),
        # another's page, whose number nobody knows and no label announces: it must not travel with 000123
        (["facture 000123 X", "000777 X", "facture 000124 X"], [(0,), (2,)], {"000123": "page_doubtful"}),
        (["facture 000123 X", "facture 000777 X", "suite X", "facture 000124 X"], [(0,), (3,)], {}),
    ],
)
def test_numbers_of_digits_alone_part_the_pages(
    pages: list[str], found: list[tuple[int, ...]], doubts: dict[str, str]
) -> None:
    texts = [page.replace("X", FOOT).lower() for page in pages]
    result = sort(texts, Numbers({"000123": "R1", "000124": "R2"}))
    assert ([result.pages["000123"], result.pages["000124"]], result.doubts) == (found, doubts)


def test_beside_a_single_line_only_what_is_plainly_its_own_is_taken(home: Callable[..., Path]) -> None:
    root = home({"tout.pdf": pdf(page(1), page(3)), f"{number(2)}.pdf": pdf(page(2), page(3))})
    with offices.open_office(root) as office:
        plan, _entries = batches.read_plan(office, OCTOBER)
        papers = [Papers(office.settings, [line], whole=False).of(line.key) for line in plan.lines]
    assert [paper.doubt if paper else None for paper in papers] == [None, "unknown_number", None]


def test_the_print_pile_and_one_invoice_take_the_same_files(
    home: Callable[..., Path], tmp_path: Path
) -> None:
    from elite_lib.batch.single import write_single  # noqa: PLC0415

    root = home({"tout.pdf": pdf(page(1), page(2), page(3))})
    with offices.open_office(root) as office:
        pile = batches.print_pile(office, OCTOBER, file=tmp_path / "pile.pdf", everything=True, cover=False)
        single = write_single(office, number(2), to=(offices.address(2),))
    assert pile.left_out == ()
    assert [number(n).lower() in text for n, text in enumerate(page_texts(pile.file.read_bytes()), 1)] == [
        True
    ] * 3
    assert [len(message.draft.attachments) for message in single.messages] == [1]


def test_a_thousand_pages_are_sorted_in_a_moment() -> None:
    owners = {offices.invoice_number(n): offices.code(n) for n in range(1000)}
    texts = [f"facture {number.lower()} " + "hebergement 60,00 " * 60 for number in owners]
    found = sort(texts, Numbers(owners))
    assert [len(pages) for pages in found.pages.values()] == [1] * 1000
    assert not found.doubts


# --- written by another program --------------------------------------------------------------------------


@pytest.mark.slow
def test_an_export_of_libreoffice_is_split(home: Callable[..., Path], tmp_path: Path) -> None:
    pages = [page(1, "Hébergement 31 × 60,00 €"), page(1, "suite", numbered=False), page(2), page(3)]
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for place, lines in enumerate(pages):  # a sheet is a page
        tab = book.create_sheet(f"page {place}")
        for text in lines:
            tab.append([text])
    source = tmp_path / "octobre.xlsx"
    book.save(source)
    libreoffice.convert([source], "pdf", tmp_path, profile=tmp_path / "profile")
    root = home({})
    shutil.copy(tmp_path / "octobre.pdf", root / "pdf")
    assert outcome(root) == ALL_SENT
    assert [len(page_texts(attached(root, n))) for n in NAMES] == [2, 1, 1]
