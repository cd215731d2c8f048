"""What is wrong in the office's files, as values: all reported at once, each with where and what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    FATAL = "fatal"  # the sheet cannot be used: the month stops
    HOLD = "hold"  # the invoices in ``held`` are not sent until a person acts
    WARNING = "warning"  # worth a look, nothing is held


class ProblemCode(StrEnum):
    """Closed list; ``labels`` has a sentence and an advice for each."""

    # the file or the sheet
    FILE_MISSING = "file_missing"
    FILE_UNREADABLE = "file_unreadable"
    FILE_PROTECTED = "file_protected"  # password-protected workbook
    FILE_OPEN = "file_open"  # a spreadsheet has it open: what is not saved is not read
    SHEET_MISSING = "sheet_missing"
    COLUMN_MISSING = "column_missing"
    COLUMN_TWICE = "column_twice"
    SHEET_TWICE = "sheet_twice"  # Contacts beside Famille: which one counts?
    HIDDEN_ROWS = "hidden_rows"
    # one cell
    VALUE_MISSING = "value_missing"
    VALUE_UNKNOWN = "value_unknown"  # not a word of the list
    NUMBER_INVALID = "number_invalid"
    NUMBER_AMBIGUOUS = "number_ambiguous"  # "1.234"
    DATE_INVALID = "date_invalid"
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    CELL_ERROR = "cell_error"  # #N/A, #REF!
    EMAIL_INVALID = "email_invalid"
    EMAIL_NOT_ASCII = "email_not_ascii"  # accent before the @: message and bounce can both be lost
    # rows against each other
    DUPLICATE_NUMBER = "duplicate_number"
    DUPLICATE_RESIDENT = "duplicate_resident"
    DUPLICATE_CONTACT = "duplicate_contact"
    RESIDENT_UNKNOWN = "resident_unknown"
    INVOICE_UNKNOWN = "invoice_unknown"
    PAYER_UNKNOWN = "payer_unknown"  # Destinataire names a rank that is not there
    LINES_SUM = "lines_sum"  # lines do not add up to Total HT
    TOTAL_SUM = "total_sum"  # HT + TVA is not TTC
    NET_SUM = "net_sum"  # TTC - déductions - acomptes is not the net
    LINES_MISSING = "lines_missing"  # nothing to print and no PDF given
    PERIOD_REVERSED = "period_reversed"
    CREDIT_NOTE_POSITIVE = "credit_note_positive"
    CREDITOR_ID_MISSING = "creditor_id_missing"
    MANDATE_MISSING = "mandate_missing"
    # who receives
    NO_CONTACT = "no_contact"  # nobody marked
    NO_ADDRESS = "no_address"  # marked, but no e-mail at all
    NO_USABLE_ADDRESS = "no_usable_address"  # only unusable ones
    ADDRESS_SET_ASIDE = "address_set_aside"  # failures came back from it
    RESIDENT_DECEASED = "resident_deceased"
    # documents and messages
    PDF_MISSING = "pdf_missing"
    PDF_NOT_PROVED = "pdf_not_proved"  # not proved to be this resident's
    PDF_NOT_PROTECTED = "pdf_not_protected"  # the home wants a password, and this resident has none
    ATTACHMENT_MISSING = "attachment_missing"
    ATTACHMENT_FORMAT = "attachment_format"
    MESSAGE_TOO_BIG = "message_too_big"
    HEADER_INVALID = "header_invalid"  # a line break in a name
    CHANGED_AFTER_ACCEPTANCE = "changed_after_acceptance"  # duplicate guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong. ``row`` is the number that Excel shows; in CSV the record (header = 1)."""

    code: ProblemCode
    severity: Severity
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""  # title as the file has it
    value: str = ""
    held: tuple[str, ...] = ()  # keys of the dispatch lines that it holds
    facts: Mapping[str, str] = field(default_factory=dict)  # what the sentence needs beside
