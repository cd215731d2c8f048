"""Words that errors and problems carry as codes: what was expected, where, why, what may help."""

from __future__ import annotations

import re
from collections.abc import Mapping

from elite_lib.labels.catalogue import N_, _

# ConfigError's ``expected``; what follows a colon there replaces {}.
EXPECTED: Mapping[str, str] = {
    "text": N_("a text"),
    "line": N_("a text of one line"),
    "lines": N_("a list of texts"),
    "flag": N_("true or false"),
    "table": N_("a section"),
    "email": N_("an e-mail address"),
    "host": N_("a server's name"),
    "domain": N_("domains like example.com"),
    "elsewhere": N_("a domain that is not in {} already"),
    "siret": N_("a SIRET of 14 digits"),
    "finess": N_("a FINESS number of 9 characters"),
    "vat_number": N_("a French VAT number"),
    "ape": N_("an APE code"),
    "iban": N_("a valid IBAN"),
    "bic": N_("a valid BIC"),
    "creditor_id": N_("a SEPA creditor id (ICS)"),
    "colour": N_("a colour like #1f5673"),
    "encryption": N_("encryption (starttls or tls), as there is a login"),
    "whole": N_("a whole number, {}"),
    "seconds": N_("a number of seconds, {}"),
    "choice": N_("one of {}"),
    "sheet": N_("a sheet of ours, perhaps “{}”"),
    "sheet:": N_("a sheet of ours"),
    "column": N_("a column of ours, perhaps “{}”"),
    "column:": N_("a column of ours"),
    "below": N_("less than {}"),
    "journal_url": N_("an address like postgresql://server/database"),
    "https": N_("an address like https://example.com/path"),
    "PEM": N_("a readable certificate file (PEM)"),
}

# Where in the wording, or in a message's head, an error stands.
WHERE: Mapping[str, str] = {
    "subject": N_("subject"),
    "text": N_("text of the message"),
    "signature": N_("signature"),
    "deceased_subject": N_("subject for a deceased resident"),
    "deceased_text": N_("text for a deceased resident"),
    "grouped_subject": N_("subject of a message for several residents"),
    "grouped_text": N_("text of a message for several residents"),
    "grouped_signature": N_("signature of a message for several residents"),
    "Subject": N_("subject"),
    "From": N_("sender"),
    "To": N_("recipient"),
    "Reply-To": N_("address for answers"),
}

HINTS: Mapping[str, str] = {
    "m365_basic_disabled": N_(
        "Microsoft 365 refuses passwords here: ask the administrator to allow SMTP AUTH for this mailbox."
    ),
    "google_app_password": N_(
        "Google wants an application password: make one in the account's security page, and use it here."
    ),
    "client_not_allowed": N_("The account may not send as this address: ask its administrator."),
    "login_needed": N_("The server wants a login: fill in [mail] login."),
    "none": N_("Correct them before trying again: repeated failures can block the account."),
}

PASSWORDS: Mapping[str, str] = {
    "mail": N_("The password of the mail account"),
    "dashboard": N_("The password of the dashboard"),
    "imap": N_("The password of the mailbox"),
    "oauth": N_("The secret of the registered application"),
    "archive": N_("The password of the archive mailbox"),
    "workbook": N_("The password of the workbook"),
}

# Why something cannot be used, or what changed.
WHY: Mapping[str, str] = {
    "web_page": N_("it is a web page saved under this name"),
    "text_file": N_("it is a text file saved under this name"),
    "empty": N_("it is empty"),
    "none": N_("there is none"),
    "plaintext": N_("it keeps passwords unprotected"),
    "failed": N_("it failed"),
    "damaged": N_("it is damaged"),
    "binary_workbook": N_("it is a binary workbook, .xlsb"),
    "old_excel": N_("it was saved by an Excel older than 1997"),
    "quotes": N_("a quotation mark is not closed"),
    "encoding": N_("its characters cannot be read"),
    "UTF-8": N_("its characters cannot be read"),
    "binary": N_("it is not a text file"),
    "unreadable": N_("it cannot be opened"),
    "encrypted": N_("it is encrypted"),
    "no_pages": N_("it has no page"),
    "number_missing": N_("its number is not in its text"),
    "name_missing": N_("the resident's name is not in its text"),
    "someone_else": N_("another resident's number is in its text"),
    "two_files": N_("several files could be it"),
    "two_numbers": N_("two numbers stand on one page"),
    "unknown_number": N_("a number that is not in the workbook stands on its page"),
    "pages_apart": N_("its pages do not follow each other"),
    "page_doubtful": N_("a page after it could be another document's"),
    "addresses": N_("addresses"),
    "documents": N_("documents"),
    "text": N_("text"),
    "identity": N_("its identity is missing"),
    "tables": N_("its tables are missing"),
    # strerror in the C locale, which Python keeps whatever the system's language is
    "No such file or directory": N_("it is not there"),
    "Permission denied": N_("access to it is refused"),
    "Is a directory": N_("it is a folder"),
}

# composition.PLACEHOLDERS, which the core cannot mark for extraction; a test compares the two.
PLACEHOLDERS: Mapping[str, str] = {
    "etablissement": N_("name of the home"),
    "resident": N_("resident's full name: Mme Geneviève BŒUF"),
    "civilite": N_("resident's civility"),
    "nom": N_("resident's last name, in capitals"),
    "prenom": N_("resident's first name"),
    "destinataire": N_("who is greeted; of a joint message, all names"),
    "mois": N_("month: octobre 2026"),
    "de_mois": N_("month with its preposition: d’octobre 2026"),
    "numero": N_("number of the invoice, or of the statement that goes alone"),
    "date": N_("date of the document: 31/10/2026"),
    "echeance": N_("due date; empty for a statement alone"),
    "montant": N_("net to pay: 1 234,56 €; the total of a statement alone"),
    "pieces": N_("names of the attachments, one per line"),
    "expediteur": N_("name that the message is sent under"),
}

_SYSTEM = re.compile(r"\[(?:Errno|WinError) [0-9]+\] ([^:]+)(?:: .*)?", re.DOTALL)
_RANGE = re.compile(r"([0-9]+)(?:\.\.([0-9]+))?")


def why(text: str) -> str:
    """Word a reason: of ours, several of ours with commas, or the system's; other text stays as it is."""
    system = _SYSTEM.fullmatch(text)
    parts = (system[1] if system else text).split(",")
    return ", ".join(_(WHY[part]) for part in parts) if all(part in WHY for part in parts) else text


def expected(text: str) -> str:
    """Word what a setting should have been: ``whole:1..366`` is “a whole number, from 1 to 366”."""
    if text in EXPECTED:
        return _(EXPECTED[text])
    word, _colon, rest = text.partition(":")
    if word not in EXPECTED:
        return text
    bounds = _RANGE.fullmatch(rest)
    if bounds and bounds[2]:
        rest = _("from {least} to {most}").format(least=bounds[1], most=bounds[2])
    elif bounds:
        rest = _("{least} or more").format(least=bounds[1])
    return _(EXPECTED[word]).format(rest.replace(",", ", "))
