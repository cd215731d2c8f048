"""The same page by four other engines, each used as its own manual teaches, with what it lets be kept.


Same fonts (Lato, two weights), same logo, same words and figures. They are no dependencies of ours:
``pip install -e ".[bench]"``.
"""

from __future__ import annotations

import html
import importlib.util
import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import fontpkg
from handmade import TITLES, amounts_of, foot_of, heading_of, rows_of, window_of

from elite_lib.models import DispatchLine, Establishment

Render = Callable[[DispatchLine], bytes]

REGULAR, BOLD = str(fontpkg.path("Lato", "regular")), str(fontpkg.path("Lato", "bold"))
WIDTHS = (70, 26, 16, 18, 25, 25)  # millimetres
LEGAL = 8  # the first lines of the heading are the letterhead's, the others the facts


def engines(home: Establishment, folder: Path) -> Iterator[tuple[str, Render]]:
    """Give the engines that are installed, by name."""
    for name, module, make in (
        ("fpdf2, cell()", "fpdf", fpdf_cells),
        ("WeasyPrint", "weasyprint", weasyprint),
        ("typst, compiler kept", "typst", typst_kept),
        ("platypus, Paragraphs", "reportlab", platypus),
    ):
        if importlib.util.find_spec(module) is None:
            print(f"{name}: not installed")
            continue
        yield name, make(home, folder)


def fpdf_cells(home: Establishment, folder: Path) -> Render:
    """Cells one after the other; the fonts are read and cut for each document, it knows no other way."""
    from fpdf import FPDF  # noqa: PLC0415

    def render(line: DispatchLine) -> bytes:
        pdf = FPDF()
        pdf.add_font("Lato", fname=REGULAR)
        pdf.add_font("Lato", style="B", fname=BOLD)
        pdf.add_page()
        pdf.image(str(folder / home.logo), x=15, y=12, w=62)
        pdf.set_font("Lato", size=9)
        for place, text in enumerate(heading_of(line, home)):
            pdf.set_xy(80 if place < LEGAL - 2 else 15, 12 + 4 * place)
            pdf.cell(100, 4, text)
        for place, text in enumerate(window_of(line)):
            pdf.set_xy(114, 60 + 5 * place)
            pdf.cell(80, 5, text)
        pdf.set_xy(15, 100)
        for style, cells in [("B", TITLES), *(("", row) for row in rows_of(line))]:
            pdf.set_font("Lato", style=style, size=9)
            pdf.set_x(15)
            for place, (width, text) in enumerate(zip(WIDTHS, cells, strict=True)):
                pdf.cell(width, 5, text, border="B", align="L" if place in (0, 1, 3) else "R")
            pdf.ln(5)
        for label, amount in amounts_of(line):
            pdf.set_x(100)
            pdf.cell(60, 5, label)
            pdf.cell(35, 5, amount, align="R")
            pdf.ln(5)
        for text in foot_of(line, home):
            pdf.set_x(15)
            pdf.cell(180, 4, text)
            pdf.ln(4)
        return bytes(pdf.output())

    return render


def weasyprint(home: Establishment, folder: Path) -> Render:
    """HTML and CSS; style sheet and font configuration are kept."""
    from weasyprint import CSS, HTML  # noqa: PLC0415
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    fonts = FontConfiguration()
    style = CSS(
        string=f"""@font-face {{ font-family: L; src: url(file://{REGULAR}) }}
        @font-face {{ font-family: L; font-weight: bold; src: url(file://{BOLD}) }}
        @page {{ size: A4; margin: 12mm 15mm }} body {{ font: 9pt L }} p {{ margin: 0 }}
        img {{ width: 62mm }} .window {{ position: absolute; left: 99mm; top: 46mm }}
        table {{ width: 100%; border-collapse: collapse; margin-top: 12mm }}
        td, th {{ border-bottom: .5pt solid #ccc; text-align: right; padding: 1.5pt 3pt }}
        td:first-child, th:first-child {{ text-align: left }}""",
        font_config=fonts,
    )

    def render(line: DispatchLine) -> bytes:
        paragraphs = lambda texts: "".join(f"<p>{html.escape(text)}</p>" for text in texts)  # noqa: E731
        row = lambda cells, tag: "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in cells)  # noqa: E731
        rows = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in rows_of(line))
        sums = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in amounts_of(line))
        page = (
            f'<html lang=fr><img src="{home.logo}">{paragraphs(heading_of(line, home))}'
            f"<div class=window>{paragraphs(window_of(line))}</div>"
            f"<table><tr>{row(TITLES, 'th')}</tr>{rows}</table><table>{sums}</table>"
            f"{paragraphs(foot_of(line, home))}"
        )
        written: bytes = HTML(string=page, base_url=f"{folder}/").write_pdf(
            stylesheets=[style], font_config=fonts
        )
        return written

    return render


TYPST = """#let d = json(bytes(sys.inputs.d))
#set page(paper: "a4", margin: (x: 15mm, y: 12mm))
#set text(font: "Lato", size: 9pt, lang: "fr")
#image("logo.png", width: 62mm)
#for t in d.heading [#t \\ ]
#place(top + left, dx: 99mm, dy: 46mm, for t in d.window [#t \\ ])
#v(12mm)
#table(columns: (70mm, 26mm, 16mm, 18mm, 25mm, 25mm), stroke: (bottom: .5pt + gray), inset: 3pt,
  align: (left, left, right, left, right, right), ..d.titles.map(t => strong(t)), ..d.rows.flatten())
#align(right, table(columns: 2, stroke: none, inset: 3pt, align: (left, right), ..d.sums.flatten()))
#for t in d.foot [#t \\ ]
"""


def typst_kept(home: Establishment, folder: Path) -> Render:
    """One compiler for all documents, which differ by their data."""
    import typst  # noqa: PLC0415

    root = folder / "typst"
    root.mkdir()
    shutil.copy(folder / home.logo, root / "logo.png")
    (root / "page.typ").write_text(TYPST, encoding="utf-8")
    fonts = root / "fonts"
    fonts.mkdir()
    for path in (REGULAR, BOLD):
        shutil.copy(path, fonts)
    compiler = typst.Compiler(
        input=str(root / "page.typ"), root=str(root), font_paths=[str(fonts)], ignore_system_fonts=True
    )

    def render(line: DispatchLine) -> bytes:
        facts = {
            "heading": heading_of(line, home),
            "window": window_of(line),
            "titles": TITLES,
            "rows": rows_of(line),
            "sums": amounts_of(line),
            "foot": foot_of(line, home),
        }
        return bytes(compiler.compile(sys_inputs={"d": json.dumps(facts, ensure_ascii=False)}))

    return render


def platypus(home: Establishment, folder: Path) -> Render:
    """reportlab's own layout: Paragraphs in the cells; the fonts are registered once."""
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415
    from reportlab.lib.units import mm  # noqa: PLC0415
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415
    from reportlab.platypus import Image, Paragraph, SimpleDocTemplate, Table  # noqa: PLC0415

    pdfmetrics.registerFont(TTFont("BenchLato", REGULAR))
    pdfmetrics.registerFont(TTFont("BenchLato-Bold", BOLD))
    plain = ParagraphStyle("plain", fontName="BenchLato", fontSize=9, leading=11)
    strong = ParagraphStyle("strong", parent=plain, fontName="BenchLato-Bold")
    lined = [("LINEBELOW", (0, 0), (-1, -1), 0.5, "#cccccc"), ("TOPPADDING", (0, 0), (-1, -1), 1)]

    def render(line: DispatchLine) -> bytes:
        file = io.BytesIO()
        paragraphs = lambda texts, style=plain: [Paragraph(html.escape(text), style) for text in texts]  # noqa: E731
        rows = [paragraphs(TITLES, strong), *(paragraphs(cells) for cells in rows_of(line))]
        sums = [paragraphs(cells) for cells in amounts_of(line)]
        story = [
            Image(str(folder / home.logo), width=62 * mm, height=24.8 * mm),
            *paragraphs(heading_of(line, home)),
            *paragraphs(window_of(line)),
            Table(rows, colWidths=[width * mm for width in WIDTHS], style=lined),
            Table(sums, colWidths=[60 * mm, 35 * mm], style=lined),
            *paragraphs(foot_of(line, home)),
        ]
        SimpleDocTemplate(file, topMargin=12 * mm, bottomMargin=12 * mm).build(story)
        return file.getvalue()

    return render
