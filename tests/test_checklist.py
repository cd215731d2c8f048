"""The checklist, in a real page: what a person ticks is what Python gets, by key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from elite_lib import config
from elite_lib.serving import serving
from elite_lib.ui.checklist import Checklist, Row, filters, texts
from tests.support import browser as browsing

SHOW = """
import ipywidgets
from IPython.display import display
from elite_lib.ui.checklist import Checklist, Row

def row(number, resident, state="pending", tickable=True, cents=100000, **more):
    key = f"F2026-10-{number:05}"
    groups = {"pending": ("unsent",), "accepted": ("sent",), "held": ("held",)}[state]
    return Row(key=key, number=key, resident=resident, addresses=(f"famille{number}@example.com",),
               attachments=("facture",), amount="1 000,00 €", cents=cents, state=state, label=state,
               groups=groups, tickable=tickable, rank=state, **more)

rows = [
    row(2, "Mme Geneviève BŒUF"),
    row(10, "M. Jean-Pierre L’HÉNORET"),
    row(3, "Mme Élodie ÇELIK", cents=-20000),
    row(4, "M. Aimé NOËL", state="held", tickable=False, reason="Résident décédé."),
    row(5, "<img src=x onerror=alert(1)>"),
    row(6, "Mme Zoé ABADIE", state="accepted", tickable=False),
]
table = Checklist(rows, selected=["F2026-10-00002", "F2026-10-00004", "F2026-10-99999"])
# before any view exists: lost on its way, sent again when the page says that it is ready
table.patch([row(5, "<img src=x onerror=alert(1)>", reason="corrigé avant l’affichage")])
mirror = ipywidgets.HTML()
mirror.add_class("mirror")
def show(_change=None):
    mirror.value = " ".join(table.selected) or "rien"
table.observe(show, names="selected")
show()
patch = ipywidgets.Button(description="envoyer la 2")
patch.on_click(lambda _b: table.patch([row(2, "Mme Geneviève BŒUF", state="accepted", tickable=False)]))
display(table, mirror, patch)
"""

MANY = """
from IPython.display import display
from elite_lib.ui.checklist import Checklist, Row

rows = [Row(key=f"F{i}", number=f"F{i}", resident=f"Mme N{i % 500}", addresses=(f"f{i}@example.com",),
            groups=("unsent",), cents=i) for i in range(10000)]
display(Checklist(rows, selected=[row.key for row in rows]))
"""


@contextmanager
def served(folder: Path, code: str) -> Iterator[str]:
    home = config.create_home(folder / "home", name="Résidence d'essai")
    notebook = browsing.write_notebook(folder / "notebooks" / "essai.ipynb", code)
    port = browsing.free_port()
    with serving(home.root, password_hash=browsing.HASH, port=port, notebook=notebook) as server:
        yield server.url


@pytest.fixture(scope="module")
def url(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("checklist"), SHOW) as address:
        yield address


@pytest.fixture(scope="module")
def shared(chromium: Browser, url: str) -> Iterator[Page]:
    page = browsing.open_page(chromium)
    browsing.log_in(page, url)
    expect(page.locator(".elite-checklist tbody tr")).to_have_count(6)
    yield page
    page.close(run_before_unload=True)


@pytest.fixture
def page(shared: Page) -> Page:
    """The page, with the search empty, every line shown and nothing ticked."""
    shared.get_by_role("searchbox").fill("")
    shared.get_by_role("combobox").select_option("")
    shared.get_by_role("button", name=texts()["tick_none"]).click()
    expect(shared.locator(".mirror")).to_have_text("rien")
    return shared


def box(page: Page, number: int) -> Locator:
    return page.get_by_role("checkbox", name=re.compile(f"F2026-10-{number:05}"))


def keys(*numbers: int) -> str:
    return " ".join(f"F2026-10-{number:05}" for number in numbers)


# -- Python alone --------------------------------------------------------------------------------------


def test_selection_keeps_only_keys_of_rows_that_can_be_ticked() -> None:
    table = Checklist(
        [Row(key="a", number="a", resident="A"), Row(key="b", number="b", resident="B", tickable=False)]
    )
    table.selected = ["b", "a", "a", "unknown"]
    assert table.selected == ["a"]


def test_patch_changes_the_state_and_unticks_what_cannot_be_sent_any_more() -> None:
    before = Row(key="a", number="a", resident="A")
    table = Checklist([before], selected=["a"])
    table.patch([Row(key="a", number="a", resident="A", state="accepted", tickable=False)])
    assert table.rows[0]["state"] == "accepted"
    assert table.selected == []


def test_patch_of_an_unknown_row_changes_nothing() -> None:
    table = Checklist([Row(key="a", number="a", resident="A")], selected=["a"])
    table.patch([Row(key="z", number="z", resident="Z")])
    assert [row["key"] for row in table.rows] == ["a"]


def test_fill_replaces_rows_and_ticks() -> None:
    table = Checklist([Row(key="a", number="a", resident="A")], selected=["a"])
    table.fill([Row(key="b", number="b", resident="B")], selected=["a", "b"])
    assert table.selected == ["b"]


def test_every_text_and_filter_is_worded() -> None:
    assert all(texts().values())
    assert [one["value"] for one in filters()][:2] == ["", "unsent"]
    assert all(one["label"] for one in filters())


# -- the page ------------------------------------------------------------------------------------------


def test_selection_starts_from_python_without_what_cannot_be_ticked(chromium: Browser, url: str) -> None:
    page = browsing.open_page(chromium)
    browsing.log_in(page, url)
    expect(box(page, 2)).to_be_checked()
    expect(box(page, 4)).not_to_be_checked()
    expect(page.locator(".mirror")).to_have_text(keys(2))
    page.close(run_before_unload=True)


def test_table_has_caption_headers_and_a_status(page: Page) -> None:
    table = page.get_by_role("table")
    assert table.locator("caption").inner_text()
    assert table.locator("thead th[scope=col]").count() == 7
    assert table.locator("tbody th[scope=row]").count() == 6
    expect(page.locator(".elite-checklist").get_by_role("status")).to_contain_text("0")


def test_a_tick_reaches_python_as_a_key(page: Page) -> None:
    box(page, 10).click()
    expect(page.locator(".mirror")).to_have_text(keys(10))
    box(page, 2).click()
    expect(page.locator(".mirror")).to_have_text(keys(2, 10))


def test_status_adds_up_the_euros_of_what_is_ticked(page: Page) -> None:
    box(page, 2).click()
    box(page, 3).click()  # a credit note
    expect(page.locator(".cl-count")).to_contain_text(re.compile(r"2\b.*\b6\b.*800,00"))


def test_double_click_on_a_row_toggles_it(page: Page) -> None:
    page.get_by_text("ÇELIK").dblclick()
    expect(page.locator(".mirror")).to_have_text(keys(3))
    page.get_by_text("ÇELIK").dblclick()
    expect(page.locator(".mirror")).to_have_text("rien")


def test_space_toggles_and_arrows_move_between_rows(page: Page) -> None:
    box(page, 2).focus()
    page.keyboard.press("ArrowDown")
    expect(box(page, 10)).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(".mirror")).to_have_text(keys(10))
    page.keyboard.press("End")
    expect(box(page, 6)).to_be_focused()
    page.keyboard.press("Home")
    expect(box(page, 2)).to_be_focused()
    assert page.locator("tbody input[tabindex='0']").count() == 1


def test_shift_click_ticks_the_range_without_what_cannot_be_ticked(page: Page) -> None:
    box(page, 2).click()
    box(page, 5).click(modifiers=["Shift"])
    expect(page.locator(".mirror")).to_have_text(keys(2, 10, 3, 5))


def test_a_line_that_cannot_be_mailed_says_why_and_stays_unticked(page: Page) -> None:
    held = box(page, 4)
    expect(held).to_be_disabled()
    expect(held).to_have_accessible_description("Résident décédé.")
    held.click(force=True)
    held.focus()
    page.keyboard.press("Space")
    page.get_by_text("NOËL").dblclick()
    page.get_by_role("button", name=texts()["tick_all"]).click()
    expect(held).not_to_be_checked()
    expect(page.locator(".mirror")).to_have_text(keys(2, 10, 3, 5))


def test_search_folds_accents_ligatures_and_apostrophes(page: Page) -> None:
    search = page.get_by_role("searchbox")
    for typed, number in (("boeuf", 2), ("jean pierre l'henoret", 10), ("celik 00003", 3), ("FAMILLE5@", 5)):
        search.fill(typed)
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(box(page, number)).to_be_visible()
    search.fill("introuvable")
    expect(page.get_by_text(texts()["nothing_shown"])).to_be_visible()


def test_filter_shows_a_group(page: Page) -> None:
    page.get_by_role("combobox").select_option("held")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(box(page, 4)).to_be_visible()


def test_master_box_has_three_states_and_acts_on_shown_rows(page: Page) -> None:
    master = page.get_by_role("checkbox", name=texts()["tick_shown"])
    box(page, 2).click()
    assert master.evaluate("box => box.indeterminate")
    page.get_by_role("searchbox").fill("celik")
    expect(master).not_to_be_checked()
    master.click()
    expect(master).to_be_checked()
    expect(page.locator(".mirror")).to_have_text(keys(2, 3))


def test_tick_what_is_not_sent_yet(page: Page) -> None:
    page.get_by_role("button", name=texts()["tick_unsent"]).click()
    expect(page.locator(".mirror")).to_have_text(keys(2, 10, 3, 5))


def test_sorting_is_numeric_and_knows_accents(page: Page) -> None:
    head = page.get_by_role("columnheader", name=texts()["column_number"])
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert page.locator("tbody th").all_inner_texts() == [keys(n) for n in (2, 3, 4, 5, 6, 10)]
    resident = page.get_by_role("columnheader", name=texts()["column_resident"])
    resident.get_by_role("button").click()
    resident.get_by_role("button").click()
    expect(resident).to_have_attribute("aria-sort", "descending")
    expect(head).to_have_attribute("aria-sort", "none")
    names = page.locator("tbody .cl-resident").all_inner_texts()
    assert names.index("Mme Zoé ABADIE") < names.index("Mme Élodie ÇELIK")


def test_what_comes_from_a_workbook_is_text(page: Page) -> None:
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator(".elite-checklist img").count() == 0
    assert page.errors == []


def test_a_patch_sent_before_the_page_was_there_is_not_lost(page: Page) -> None:
    expect(page.get_by_text("corrigé avant l’affichage")).to_be_visible()


def test_a_patch_changes_one_row_in_place(page: Page) -> None:
    box(page, 2).click()
    box(page, 10).click()
    page.evaluate("document.querySelector('[data-key=\"F2026-10-00010\"]').dataset.kept = 'yes'")
    page.get_by_role("button", name="envoyer la 2").click()
    expect(box(page, 2)).to_be_disabled()
    expect(page.locator(".mirror")).to_have_text(keys(10))
    expect(box(page, 2)).not_to_be_checked()
    assert page.locator("[data-kept]").count() == 1


@pytest.mark.slow
def test_ten_thousand_rows_are_usable(chromium: Browser, tmp_path: Path) -> None:
    with served(tmp_path, MANY) as address:
        page = browsing.open_page(chromium)
        browsing.log_in(page, address)
        page.locator("[data-key=F0] input").focus()
        assert page.locator("tbody tr").count() < 2000, "rows become elements when they come near"
        page.keyboard.press("End")
        expect(page.locator("[data-key=F9999] input")).to_be_focused()
        page.get_by_role("searchbox").fill("f4321@")
        expect(page.locator("tbody th")).to_have_text(["F4321"])
        page.close(run_before_unload=True)
