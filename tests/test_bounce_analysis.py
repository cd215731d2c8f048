"""The analysis notebook: executed, printed, and in a browser that reaches nothing but its own server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbclient import NotebookClient
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from PIL import Image
from playwright.sync_api import Page, expect

from elite_lib import batch as batches
from elite_lib import demo
from elite_lib.batch import Office
from elite_lib.exceptions import RunError
from elite_lib.labels import use_language
from elite_lib.launcher import notebook_path
from elite_lib.models import Period, Reply, ReturnClass, ReturnKind
from elite_lib.reports import charts
from elite_lib.reports.drawing import Drawings
from elite_lib.reports.printing import print_notebook
from elite_lib.serving import serving
from elite_lib.transports.fake import Answers, FakeTransport
from elite_lib.ui.analysis import Analysis, months_sent
from tests.support import browser as browsing
from tests.support import offices
from tests.support.command import elite
from tests.support.returning import Mailbag

C, K = ReturnClass, ReturnKind
OCTOBER = Period.parse("2026-10")
RAW = (
    b"From: MAILER-DAEMON@mx.example.com\r\nSubject: Undeliverable\r\nContent-Type: text/plain\r\n\r\n"
    b"<img src=x onerror=alert(1)> 550 no such user\r\n"
)
NOTEBOOK = "bounce_analysis.ipynb"


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    use_language("fr")
    yield
    use_language("fr")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo home whose October left, and partly came back."""
    made = demo.make_home(tmp_path_factory.mktemp("demo") / "home", residents=24)
    with batches.open_home(made.root, operator="Mme Essai") as office:
        batch = batches.prepare(office, OCTOBER).batch
        known = [recipient.address for message in batch.messages for recipient in message.recipients]
        busy = Answers(rcpt=Reply(code=421, text="4.7.28 example.com: too many messages"))
        offices.run(office, batch, FakeTransport({known[5]: busy}))
        bag = Mailbag(office)
        bag.back(known[0], raw=RAW, reason=f"<{known[0]}> no such user")
        bag.back(known[1], C.MAILBOX_FULL, after=4000)
        bag.back(known[2], C.BLOCK, ours=True, rule="authentication", after=5)
        bag.back(known[3], C.SOFT, final=False, after=20_000)
        bag.back(known[4], None, kind=K.MDN)
    return made.root


@pytest.fixture
def office(home: Path) -> Iterator[Office]:
    with batches.open_home(home) as opened:
        yield opened


# -- the pieces ----------------------------------------------------------------------------------------


def test_a_chart_has_words_for_who_cannot_see_it_and_its_table_beside(office: Office) -> None:
    drawn = Drawings(office, OCTOBER)
    for html in (drawn.rates("provider"), drawn.rates("class"), drawn.delays(), drawn.deferrals()):
        (alt,) = re.findall(r'<img alt="([^"]+)"', html)
        assert alt.startswith("Barres")
        assert html.count("<table") == 1
        assert "<figcaption>" in html
        assert "http" not in re.sub(r'src="data:image/png;base64,[^"]+"', "", html)


def test_a_chart_is_a_picture_of_the_shares(office: Office, tmp_path: Path) -> None:
    from elite_lib import reports  # noqa: PLC0415

    picture = charts.rates_picture(reports.bounce_rates(office, OCTOBER))
    (tmp_path / "chart.png").write_bytes(picture.png())
    with Image.open(tmp_path / "chart.png") as image:
        assert image.width > 1500
        blue = sum(
            count
            for count, colour in image.convert("RGB").getcolors(100_000) or []
            if isinstance(colour, tuple) and colour[2] - colour[0] > 60
        )
    assert blue > 2_000, "no bar is drawn"
    assert len(picture.png()) < 60_000


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    with offices.open_office(offices.make_home(tmp_path / "home", 1)) as office:
        drawn = Drawings(office)
        assert "Rien n’est revenu." in drawn.rates("provider")
        assert "Rien n’est revenu." in drawn.delays()
        assert "Rien à montrer." in drawn.pace()
        assert months_sent(office) == []
        Analysis(office).chooser  # noqa: B018 (it is drawn without a month)


def test_the_months_of_a_batch_over_several_are_all_offered(tmp_path: Path) -> None:
    with offices.open_office(offices.make_home(tmp_path / "home", 1)) as office:
        batches.prepare(office, Period.parse("2026-09..2026-11"))
        assert months_sent(office) == ["2026-09", "2026-10", "2026-11"]


# -- executed ------------------------------------------------------------------------------------------


def executed(home: Path, **parameters: object) -> str:
    """Execute the notebook as papermill does; give all its HTML."""
    notebook = load_notebook_node(str(notebook_path(NOTEBOOK)))
    notebook = parameterize_notebook(notebook, {"home": str(home)} | parameters)
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    return "\n".join(
        str(output.data.get("text/html", ""))
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type in ("display_data", "execute_result")
    )


@pytest.mark.slow
def test_with_a_month_it_is_a_report_without_names(home: Path) -> None:
    html = executed(home, month="2026-10")
    assert html.count("<img ") >= 5
    assert "octobre 2026" in html
    assert "•••@" in html
    assert not re.search(r"[a-z]{3,}\.[a-z]{3,}@", html), "an address in full"
    assert "Mme " not in html


@pytest.mark.slow
def test_the_command_leaves_one_private_file_that_fetches_nothing(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "retours.html"
    said = elite("bounces", "report", "2026-10", "--addresses", "-o", target, home=home)
    assert said.code == 0, said.err
    assert str(target) in said.out
    assert "WARNING" not in capfd.readouterr().err, "the kernel's words reach the terminal"
    html = target.read_text(encoding="utf-8")
    assert target.stat().st_mode & 0o077 == 0
    assert "<script" not in html
    assert not re.search(r'(?:src|href)="(?!data:)', html)
    assert "Mme " in html, "asked for in full"
    assert html.count("<h2") >= 5
    assert "bounce_rates" in html
    assert "import elite_lib" not in html


@pytest.mark.slow
def test_a_notebook_that_fails_says_why_and_leaves_nothing(home: Path, tmp_path: Path) -> None:
    notebook = browsing.write_notebook(tmp_path / "bad.ipynb", "raise ValueError('no bread today')")
    with pytest.raises(RunError) as raised:
        print_notebook(notebook, tmp_path / "bad.html", parameters={}, cwd=home, title="x")
    assert "no bread today" in str(raised.value.fields["why"])
    assert not (tmp_path / "bad.html").exists()
    assert elite("bounces", "report", "octobre", home=home).code == 1


# -- in a browser --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(home: Path) -> Iterator[Page]:
    notebook = notebook_path(NOTEBOOK)
    port = browsing.free_port()
    with (
        serving(home, password_hash=browsing.HASH, port=port, notebook=notebook) as server,
        browsing.chromium() as browser,
    ):
        opened = browsing.open_page(browser)
        browsing.log_in(opened, server.url)
        expect(opened.get_by_label("Message", exact=True)).to_be_visible(timeout=60_000)
        yield opened


@pytest.mark.slow
def test_the_charts_are_shown_where_no_name_resolves(page: Page) -> None:
    pictures = page.locator("figure img")
    expect(pictures).to_have_count(5)
    for number in range(5):
        assert pictures.nth(number).evaluate("image => image.complete && image.naturalWidth > 300")
    origin = page.url.rpartition("/")[0]
    requested: list[str] = page.requested  # type: ignore[attr-defined]
    assert [url for url in requested if not url.startswith((origin, "data:", "blob:"))] == []
    assert page.errors == []  # type: ignore[attr-defined]


@pytest.mark.slow
def test_another_period_redraws_everything(page: Page) -> None:
    chooser = page.get_by_label("Période")
    expect(chooser.locator("option")).to_have_text(["octobre 2026", "Tout"])
    before = page.locator("figure img").first.get_attribute("src")
    chooser.select_option("Tout")
    expect(page.locator("figure img")).to_have_count(5)
    chooser.select_option("octobre 2026")
    expect(page.locator("figure img").first).to_have_attribute("src", before or "")


@pytest.mark.slow
def test_a_message_is_chosen_and_read_as_text(page: Page) -> None:
    choice = page.get_by_label("Message", exact=True)
    choice.select_option(index=1)
    article = page.locator("article")
    expect(article).to_contain_text("550 no such user")
    expect(article).to_contain_text("<img src=x onerror=alert(1)>")
    expect(article.locator("img")).to_have_count(0)
    choice.select_option(index=2)
    expect(page.get_by_role("alert")).to_contain_text("n’est pas conservé")
