"""A sentence and an advice for every problem: where, what, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from elite_lib import formats
from elite_lib.labels.catalogue import N_, _
from elite_lib.labels.terms import WHERE, why
from elite_lib.models import Problem, ProblemCode

_C = ProblemCode

# Filled in with the problem's value and facts; one that is missing or empty is shown as "…".
PROBLEMS: Mapping[ProblemCode, str] = {
    _C.FILE_MISSING: N_("the file is not there. Put it back, or correct [data] source in elite.toml."),
    _C.FILE_UNREADABLE: N_(
        "the file cannot be read ({why}). Open it in Excel or LibreOffice, save it as .xlsx, and try again."
    ),
    _C.FILE_PROTECTED: N_(
        "the file is protected by a password. Put it in the file secrets/workbook of the home, or in "
        "ELITE_WORKBOOK_PASSWORD, or save a copy without a password."
    ),
    _C.FILE_OPEN: N_("the file is open in a spreadsheet: what is not saved there was not read. Save it."),
    _C.SHEET_MISSING: N_("the sheet “{value}” is missing or empty. Add it, or give yours this name."),
    _C.SHEET_TWICE: N_("several sheets can be “{value}”: {sheets}. Keep one, or rename the others."),
    _C.COLUMN_MISSING: N_(
        "the column “{value}” is missing. Add it, or say in [data.aliases] what you call it."
    ),
    _C.COLUMN_TWICE: N_("the column “{value}” is there several times. Keep one, or rename the others."),
    _C.HIDDEN_ROWS: N_("hidden rows were read like the others ({rows}). Show them and check them."),
    _C.VALUE_MISSING: N_("the cell is empty. Fill it in."),
    _C.VALUE_UNKNOWN: N_("“{value}” is not a known word. Use one of: {allowed}."),
    _C.NUMBER_INVALID: N_("“{value}” is not a number. Type it like 1234,56."),
    _C.NUMBER_AMBIGUOUS: N_(
        "“{value}” can be read in two ways. Type it with a decimal comma and two decimals, like 1234,00."
    ),
    _C.DATE_INVALID: N_("“{value}” is not a date. Type it like 31/10/2026."),
    _C.FORMULA_WITHOUT_VALUE: N_(
        "the formula has no stored result. Open the file in Excel or LibreOffice, save it, and try again."
    ),
    _C.CELL_ERROR: N_("the cell shows the error {value}. Correct its formula."),
    _C.EMAIL_INVALID: N_("“{value}” is not an e-mail address. Correct it: nothing is sent to it."),
    _C.EMAIL_NOT_ASCII: N_(
        "“{value}” has an accent before the @: most servers cannot deliver it, and the refusal can be lost. "
        "Ask the family for the address without accents."
    ),
    _C.DUPLICATE_NUMBER: N_(
        "the number “{value}” is there several times. Give each document a number of its own."
    ),
    _C.DUPLICATE_RESIDENT: N_("the resident's code “{value}” is there several times. Keep one row."),
    _C.DUPLICATE_CONTACT: N_(
        "two contacts of this resident have the same rank “{value}”. Number them differently."
    ),
    _C.RESIDENT_UNKNOWN: N_(
        "the resident “{value}” is not in the sheet Résidents. Correct the code, or add the resident."
    ),
    _C.INVOICE_UNKNOWN: N_(
        "the invoice “{value}” is not in the sheet Factures, or is another resident's. Correct the number, or add the invoice."
    ),
    _C.PAYER_UNKNOWN: N_(
        "the resident has no contact of rank “{value}”. Correct the column Destinataire, or add the contact."
    ),
    _C.LINES_SUM: N_(
        "the lines add up to {sum}, the invoice says {expected} before tax. Correct one of them."
    ),
    _C.TOTAL_SUM: N_(
        "the total before tax plus the VAT makes {sum}, the invoice says {expected}. Correct one of them."
    ),
    _C.NET_SUM: N_(
        "the total less deductions and down payments makes {sum}, the invoice says {expected}. Correct one of them."
    ),
    _C.LINES_MISSING: N_("the invoice has no line and no PDF. Add its lines or its PDF."),
    _C.PERIOD_REVERSED: N_("the period ends before it begins. Correct its dates."),
    _C.CREDIT_NOTE_POSITIVE: N_(
        "a credit note must have a negative net to pay; this one says {value}. Correct the sign."
    ),
    _C.CREDITOR_ID_MISSING: N_(
        "invoices are paid by direct debit (the first is {first}), and the home's creditor id (ICS) is not filled in: "
        "see [letterhead] creditor_id."
    ),
    _C.MANDATE_MISSING: N_("paid by direct debit, but the resident has no mandate reference (RUM). Add it."),
    _C.NO_CONTACT: N_(
        "nobody is marked to receive this document: it goes to the print pile. Mark a contact, if the family wants e-mail."
    ),
    _C.NO_ADDRESS: N_("the recipient has no e-mail address: the document goes to the print pile."),
    _C.NO_USABLE_ADDRESS: N_(
        "no e-mail address can be used (“{value}”): the document goes to the print pile. Correct the address."
    ),
    _C.ADDRESS_SET_ASIDE: N_(
        "messages came back from “{value}” since {since} ({reason}): nothing is sent there. Ask the family for "
        "another address, or clear this one (“elite bounces clear ADDRESS”)."
    ),
    _C.RESIDENT_DECEASED: N_(
        "the resident has died: say to whom the invoice goes (“elite settle MONTH INVOICE --resend --to ADDRESS”), "
        "or settle it by post."
    ),
    _C.PDF_MISSING: N_(
        "the PDF of {value} cannot be made or read ({detail}). Check the column PDF and the invoice's lines."
    ),
    _C.PDF_NOT_PROVED: N_(
        "the PDF of {document} is not proved to be this resident's: {why}. Check the file."
    ),
    _C.PDF_NOT_PROTECTED: N_(
        "the PDF cannot be protected: the resident has no date of birth in the workbook. Fill it in, or change "
        "[message] protect."
    ),
    _C.ATTACHMENT_MISSING: N_(
        "the attachment “{value}” cannot be read ({detail}). Put it back, or take it off the list."
    ),
    _C.ATTACHMENT_FORMAT: N_(
        "the attachment “{value}” is of a kind that families may not be able to open, or is not what its name says. "
        "Save it as PDF (accepted: {allowed})."
    ),
    _C.MESSAGE_TOO_BIG: N_("the message weighs {size}, the limit is {limit}. Make the attachments lighter."),
    _C.HEADER_INVALID: N_(
        "{header}: “{value}” is empty, or has a line break or a character that a message cannot carry. Correct it."
    ),
    _C.CHANGED_AFTER_ACCEPTANCE: N_(
        "already sent, and changed since ({changes}). If the new one replaces it: “elite settle MONTH INVOICE --resend”."
    ),
}


# Said instead where that fact is there, or has that value.
INSTEAD: Mapping[tuple[ProblemCode, str, str], str] = {
    (_C.FILE_PROTECTED, "why", "wrong_password"): N_(
        "the password of the file is not the right one. Correct it in secrets/workbook or ELITE_WORKBOOK_PASSWORD."
    ),
    (_C.FILE_PROTECTED, "why", "encryption"): N_(
        "the file is protected in a way that cannot be opened here. Save a copy without a password."
    ),
    (_C.FILE_OPEN, "user", ""): N_(
        "{user} has the file open in a spreadsheet: what is not saved there was not read. Save it."
    ),
    (_C.FILE_UNREADABLE, "why", "open_elsewhere"): N_(
        "the file is open in another program, or access to it is refused. Close it there, then try again."
    ),
    (_C.FILE_UNREADABLE, "why", "lock_file"): N_(
        "this is only the lock that a spreadsheet leaves while a workbook is open. Name the workbook itself in "
        "[data] source."
    ),
    (_C.FILE_UNREADABLE, "why", "too_many_fields"): N_(
        "this row has more cells than there are titles. Correct it."
    ),
    (_C.NUMBER_INVALID, "why", "digits_lost"): N_(
        "“{value}”: the spreadsheet lost digits. Format the column as text, and type the number again."
    ),
    (_C.NUMBER_INVALID, "why", "whole"): N_("“{value}” is not a whole number. Type it without decimals."),
    (_C.NUMBER_INVALID, "why", "decimals"): N_("“{value}” has more than two decimals. Round it to the cent."),
    (_C.NUMBER_AMBIGUOUS, "why", "percent"): N_(
        "“{value}” can be read in two ways. Type the rate in percent, like 5,5 for 5,5 %."
    ),
    (_C.CHANGED_AFTER_ACCEPTANCE, "left", ""): N_(
        "already sent with another line: {left}. If it may go again: “elite settle MONTH INVOICE --resend”."
    ),
}


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def describe_problem(problem: Problem) -> str:
    """Say a problem in one line: ``file, sheet “Contacts”, row 37, “E-mail”: … what to do``."""
    sentence, where = advise(problem), ", ".join(_where(problem))
    return _("{where}: {sentence}").format(where=where, sentence=sentence) if where else sentence


def advise(problem: Problem) -> str:
    """Say what is wrong and what to do, without saying where."""
    values = {"value": problem.value, **problem.facts}  # a header's own value goes before the line's
    shown = {name: _shown(name, text) for name, text in values.items() if text}
    return _(_template(problem)).format_map(_Facts(shown))


def _template(problem: Problem) -> str:
    for (code, fact, value), template in INSTEAD.items():
        if problem.code is code and fact in problem.facts and value in ("", problem.facts[fact]):
            return template
    return PROBLEMS[problem.code]


def _shown(name: str, text: str) -> str:
    if name in ("sum", "expected"):
        return formats.amount(Decimal(text))
    if name == "header":
        return _(WHERE.get(text, text))
    return why(text) if name in ("why", "detail", "changes") else text


def _where(problem: Problem) -> list[str]:
    parts = [problem.file] if problem.file else []
    if problem.sheet:
        parts.append(_("sheet “{name}”").format(name=problem.sheet))
    if problem.row is not None:
        parts.append(_("row {number}").format(number=problem.row))
    if problem.column:
        parts.append(_("“{name}”").format(name=problem.column))
    return parts
