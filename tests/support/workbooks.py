"""Write small workbooks as an office would: valid unless a test says otherwise.

``workbook(path)`` writes one resident, one contact, one invoice and its two lines. A test gives the
rows of a sheet to replace them, by French titles::

    workbook(tmp_path / "factures.xlsx", factures=[invoice(**{"Échéance": None})])
    workbook(tmp_path / "csv", contacts=[])          # a path without suffix: a folder of CSVs
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl

from elite_lib.models import SHEETS

Row = Mapping[str, object]
Rows = Sequence[Row]

TITLES = {
    "residents": "Résidents",
    "contacts": "Contacts",
    "factures": "Factures",
    "lignes": "Lignes",
    "debours": "Débours",
    "provisions": "Provisions",
}
_COLUMNS = {sheet.title: [column.title for column in sheet.columns] for sheet in SHEETS}


def resident(code: str = "R00042", **other: object) -> Row:
    """A resident who wants the default: mail where there is an address."""
    return {"Code résident": code, "Civilité": "Mme", "Nom": "Bœuf", "Prénom": "Geneviève"} | other


def contact(code: str = "R00042", rank: int = 1, **other: object) -> Row:
    """A contact who receives invoices and statements at a usable address."""
    return {
        "Code résident": code,
        "Rang": rank,
        "Civilité": "M.",
        "Nom": "Lefèvre",
        "Prénom": "Hélène",
        "Qualité": "famille",
        "Destinataire facture": "O",
        "Destinataire débours": "O",
        "Adresse 1": "3 rue des Tilleuls",
        "CP": "69003",
        "Ville": "LYON",
        "E-mail": "helene.lefevre@example.com",
    } | other


def invoice(number: str = "F2026-10-00042", code: str = "R00042", **other: object) -> Row:
    """An invoice of October 2026 that adds up: 2 000.00 before tax and to pay."""
    return {
        "N° facture": number,
        "Type": "facture",
        "Date": dt.date(2026, 10, 31),
        "Échéance": dt.date(2026, 11, 10),
        "Code résident": code,
        "Début période": dt.date(2026, 10, 1),
        "Fin période": dt.date(2026, 10, 31),
        "Total HT": 2000.0,
        "TVA": 0.0,
        "Total TTC": 2000.0,
        "Net à payer": 2000.0,
        "Mode de règlement": "virement",
    } | other


def line(number: str = "F2026-10-00042", amount: object = 1860.0, **other: object) -> Row:
    """A line of accommodation."""
    return {
        "N° facture": number,
        "N° ligne": 1,
        "Section": "HEB",
        "Désignation": "Hébergement chambre simple",
        "Quantité": 31.0,
        "Unité": "jour",
        "Prix unitaire": 60.0,
        "Taux TVA": 0.0,
        "Montant": amount,
    } | other


def disbursement(statement: str = "D2026-10-007", code: str = "R00042", **other: object) -> Row:
    """A sum paid to the hairdresser in October 2026."""
    return {
        "N° relevé": statement,
        "N° facture": None,
        "Code résident": code,
        "Date": dt.date(2026, 10, 14),
        "Fournisseur": "Salon Martine",
        "Nature": "Coiffure",
        "Montant": 25.0,
    } | other


def provision(code: str = "R00042", **other: object) -> Row:
    """A payment of the family towards disbursements."""
    row: Row = {"Code résident": code, "Date": dt.date(2026, 10, 2), "Sens": "versement", "Montant": 100.0}
    return row | other


def workbook(path: Path, **sheets: Rows | None) -> Path:
    """Write a workbook to ``path`` and return it: .xlsx by openpyxl, or a folder of CSVs without suffix.

    ``sheets``: residents, contacts, factures, lignes, debours, provisions; rows by titles. What is not
    given is the valid default, debours and provisions are left out; None leaves a sheet out.
    """
    rows: dict[str, Rows | None] = {
        "residents": [resident()],
        "contacts": [contact()],
        "factures": [invoice()],
        "lignes": [line(), line(amount=140.0, **{"N° ligne": 2, "Section": "DEP", "Quantité": 31.0})],
        "debours": None,
        "provisions": None,
    }
    unknown = set(sheets) - set(rows)
    assert not unknown, f"no such sheet: {unknown}"
    tables = {
        TITLES[name]: table(TITLES[name], given)
        for name, given in (rows | sheets).items()
        if given is not None
    }
    return save(path, tables)


def table(title: str, rows: Rows) -> list[list[object]]:
    """Lay rows out under the sheet's titles; titles of our own that the rows use are added at the end."""
    titles = list(_COLUMNS[title])
    titles += [name for row in rows for name in row if name not in titles]
    titles = list(dict.fromkeys(titles))
    return [list(titles), *([row.get(name) for name in titles] for row in rows)]


def save(path: Path, tables: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """Write sheets given as rows of cells, header and all."""
    if path.suffix:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, cells in tables.items():
            tab = book.create_sheet(title)
            for row in cells:
                tab.append([float(cell) if isinstance(cell, Decimal) else cell for cell in row])
        book.save(path)
        return path
    path.mkdir(exist_ok=True)
    for title, cells in tables.items():
        with (path / f"{title}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows([[_french(cell) for cell in row] for row in cells])
    return path


def _french(cell: object) -> str:
    """Write a cell as French programs export it."""
    if cell is None:
        return ""
    if isinstance(cell, dt.date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, float | Decimal):
        return f"{cell:.2f}".replace(".", ",")
    return str(cell)
