"""The workbook's sheets and columns: one description for reader, selection, samples and templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from elite_lib.models.problems import Problem

if TYPE_CHECKING:
    import pandas as pd


class CellType(StrEnum):
    """What a cell must hold, and what the frame then holds (missing is always None)."""

    TEXT = "text"  # str, stripped, "" -> None; leading zeros kept
    CODE = "code"  # str, like TEXT; a number 123 formatted 000000 is "000123"
    INTEGER = "integer"  # int
    AMOUNT = "amount"  # Decimal, euros
    NUMBER = "number"  # Decimal, any precision
    DATE = "date"  # datetime.date
    FLAG = "flag"  # bool; empty is False
    WORD = "word"  # a closed list: str, the enum's value
    EMAIL = "email"  # tuple[str, ...], usable addresses only


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    name: str  # of the DataFrame
    title: str  # of the sheet, as we write it
    type: CellType
    required: bool = False  # the column must be there
    filled: bool = False  # and the cell must not be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    name: str  # attribute of Tables
    title: str  # as we write it
    columns: tuple[Column, ...]
    required: bool = True


def _columns(*rows: tuple[str, str, CellType, str]) -> tuple[Column, ...]:
    """``flags``: "r" the column must exist, "f" every cell must be filled as well."""
    return tuple(
        Column(name=name, title=title, type=kind, required=bool(flags), filled="f" in flags)
        for name, title, kind, flags in rows
    )


_T = CellType

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        name="residents",
        title="Résidents",
        columns=_columns(
            ("code", "Code résident", _T.CODE, "rf"),
            ("civility", "Civilité", _T.TEXT, ""),
            ("last_name", "Nom", _T.TEXT, "rf"),
            ("birth_name", "Nom de naissance", _T.TEXT, ""),
            ("first_name", "Prénom", _T.TEXT, ""),
            ("birth_date", "Date de naissance", _T.DATE, ""),
            ("entry_date", "Date d'entrée", _T.DATE, ""),
            ("exit_date", "Date de sortie", _T.DATE, ""),
            ("death_date", "Date de décès", _T.DATE, ""),
            ("room", "Chambre", _T.CODE, ""),
            ("gir", "GIR", _T.CODE, ""),
            ("payment_mode", "Mode de règlement", _T.WORD, ""),
            ("iban", "IBAN", _T.CODE, ""),
            ("bic", "BIC", _T.CODE, ""),
            ("rum", "RUM", _T.CODE, ""),
            ("mandate_date", "Date mandat", _T.DATE, ""),
            ("delivery", "Envoi", _T.WORD, ""),
            ("joint", "Message", _T.WORD, ""),  # joint / séparé
        ),
    ),
    Sheet(
        name="contacts",
        title="Contacts",
        columns=_columns(
            ("resident", "Code résident", _T.CODE, "rf"),
            ("rank", "Rang", _T.INTEGER, "rf"),
            ("civility", "Civilité", _T.TEXT, ""),
            ("last_name", "Nom", _T.TEXT, "r"),
            ("first_name", "Prénom", _T.TEXT, ""),
            ("relation", "Lien", _T.TEXT, ""),
            ("quality", "Qualité", _T.WORD, ""),
            ("gets_invoices", "Destinataire facture", _T.FLAG, "r"),
            ("gets_statements", "Destinataire débours", _T.FLAG, ""),
            ("address_1", "Adresse 1", _T.TEXT, ""),
            ("address_2", "Adresse 2", _T.TEXT, ""),
            ("postcode", "CP", _T.CODE, ""),
            ("town", "Ville", _T.TEXT, ""),
            ("country", "Pays", _T.TEXT, ""),
            ("phone", "Téléphone", _T.CODE, ""),
            ("email", "E-mail", _T.EMAIL, "r"),
            ("email_2", "E-mail 2", _T.EMAIL, ""),
        ),
    ),
    Sheet(
        name="invoices",
        title="Factures",
        columns=_columns(
            ("number", "N° facture", _T.CODE, "rf"),
            ("kind", "Type", _T.WORD, ""),
            ("origin", "N° facture d'origine", _T.CODE, ""),
            ("date", "Date", _T.DATE, "rf"),
            ("due", "Échéance", _T.DATE, "rf"),
            ("resident", "Code résident", _T.CODE, "rf"),
            ("payer_rank", "Destinataire", _T.INTEGER, ""),
            ("start", "Début période", _T.DATE, ""),
            ("end", "Fin période", _T.DATE, ""),
            ("total_before_tax", "Total HT", _T.AMOUNT, "r"),
            ("vat", "TVA", _T.AMOUNT, ""),
            ("total", "Total TTC", _T.AMOUNT, "r"),
            ("deductions", "Déductions", _T.AMOUNT, ""),
            ("down_payments", "Acomptes", _T.AMOUNT, ""),
            ("net", "Net à payer", _T.AMOUNT, "rf"),
            ("payment_mode", "Mode de règlement", _T.WORD, ""),
            ("status", "Statut", _T.WORD, ""),
            ("pdf", "PDF", _T.TEXT, ""),
        ),
    ),
    Sheet(
        name="lines",
        title="Lignes",
        columns=_columns(
            ("number", "N° facture", _T.CODE, "rf"),
            ("position", "N° ligne", _T.INTEGER, ""),
            ("section", "Section", _T.WORD, ""),
            ("label", "Désignation", _T.TEXT, "r"),
            ("start", "Début", _T.DATE, ""),
            ("end", "Fin", _T.DATE, ""),
            ("quantity", "Quantité", _T.NUMBER, ""),
            ("unit", "Unité", _T.TEXT, ""),
            ("unit_price", "Prix unitaire", _T.NUMBER, ""),
            ("vat_rate", "Taux TVA", _T.NUMBER, ""),
            ("amount", "Montant", _T.AMOUNT, "rf"),
        ),
    ),
    Sheet(
        name="disbursements",
        title="Débours",
        required=False,
        columns=_columns(
            ("statement", "N° relevé", _T.CODE, "rf"),
            ("number", "N° facture", _T.CODE, ""),
            ("resident", "Code résident", _T.CODE, "rf"),
            ("date", "Date", _T.DATE, "rf"),
            ("supplier", "Fournisseur", _T.TEXT, ""),
            ("nature", "Nature", _T.TEXT, ""),
            ("receipt", "N° pièce", _T.CODE, ""),
            ("amount", "Montant", _T.AMOUNT, "rf"),
            ("proof", "Justificatif", _T.TEXT, ""),
        ),
    ),
    Sheet(
        name="provisions",
        title="Provisions",
        required=False,
        columns=_columns(
            ("resident", "Code résident", _T.CODE, "rf"),
            ("date", "Date", _T.DATE, "rf"),
            ("direction", "Sens", _T.WORD, ""),  # versement / remboursement
            ("label", "Libellé", _T.TEXT, ""),
            ("amount", "Montant", _T.AMOUNT, "rf"),
        ),
    ),
)


# What many programs export instead: one row per invoice, with its resident and who receives it. Residents and
# contacts are derived from it; it has no lines, so the PDFs are made elsewhere.
TABLE = Sheet(
    name="table",
    title="Tableau",
    columns=_columns(
        ("number", "N° facture", _T.CODE, "rf"),
        ("kind", "Type", _T.WORD, ""),
        ("origin", "N° facture d'origine", _T.CODE, ""),
        ("date", "Date", _T.DATE, "rf"),
        ("due", "Échéance", _T.DATE, ""),
        ("resident", "Code résident", _T.CODE, ""),  # or the name alone
        ("civility", "Civilité", _T.TEXT, ""),
        ("last_name", "Nom", _T.TEXT, ""),
        ("first_name", "Prénom", _T.TEXT, ""),
        ("death_date", "Date de décès", _T.DATE, ""),
        ("room", "Chambre", _T.CODE, ""),
        ("delivery", "Envoi", _T.WORD, ""),
        ("start", "Début période", _T.DATE, ""),
        ("end", "Fin période", _T.DATE, ""),
        ("total_before_tax", "Total HT", _T.AMOUNT, ""),
        ("vat", "TVA", _T.AMOUNT, ""),
        ("total", "Total TTC", _T.AMOUNT, ""),
        ("deductions", "Déductions", _T.AMOUNT, ""),
        ("down_payments", "Acomptes", _T.AMOUNT, ""),
        ("net", "Net à payer", _T.AMOUNT, "rf"),
        ("payment_mode", "Mode de règlement", _T.WORD, ""),
        ("status", "Statut", _T.WORD, ""),
        ("pdf", "PDF", _T.TEXT, ""),
        ("statement", "N° relevé", _T.CODE, ""),  # of disbursements, that goes with the invoice
        ("disbursed", "Montant débours", _T.AMOUNT, ""),
        ("gets_statements", "Destinataire débours", _T.FLAG, ""),
        ("contact_civility", "Civilité destinataire", _T.TEXT, ""),
        ("contact_last_name", "Nom destinataire", _T.TEXT, ""),
        ("contact_first_name", "Prénom destinataire", _T.TEXT, ""),
        ("relation", "Lien", _T.TEXT, ""),
        ("quality", "Qualité", _T.WORD, ""),
        ("address_1", "Adresse 1", _T.TEXT, ""),
        ("address_2", "Adresse 2", _T.TEXT, ""),
        ("postcode", "CP", _T.CODE, ""),
        ("town", "Ville", _T.TEXT, ""),
        ("country", "Pays", _T.TEXT, ""),
        ("phone", "Téléphone", _T.CODE, ""),
        ("email", "E-mail", _T.EMAIL, "r"),
        ("email_2", "E-mail 2", _T.EMAIL, ""),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The validated workbook: one DataFrame per sheet, columns as in SHEETS plus ``row`` (int).

    Every frame has all its sheet's columns (object dtype), also when the file lacks an optional one.
    Rows with problems are kept: what could not be read is None and a Problem says so.
    """

    residents: pd.DataFrame
    contacts: pd.DataFrame
    invoices: pd.DataFrame
    lines: pd.DataFrame
    disbursements: pd.DataFrame
    provisions: pd.DataFrame
    problems: tuple[Problem, ...]
    file: str  # name shown in problems
    titles: Mapping[str, str] = field(default_factory=dict)  # Sheet.name -> title as the file has it
