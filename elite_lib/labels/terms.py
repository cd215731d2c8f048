"""Words that errors and problems carry as codes: what was expected, why a file is unreadable, hints."""

from __future__ import annotations

from collections.abc import Mapping

from elite_lib.labels.catalogue import N_

# ConfigError's ``expected``; what follows a colon there replaces {}.
EXPECTED: Mapping[str, str] = {
    "text": N_("a text"),
    "line": N_("a text of one line"),
    "lines": N_("a list of texts"),
    "flag": N_("true or false"),
    "table": N_("a section"),
    "email": N_("an e-mail address"),
    "host": N_("a server's name"),
    "key": N_("a short key of lower-case letters, digits and hyphens"),
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
    "column": N_("a column of ours, perhaps {}"),
    "below": N_("less than {}"),
    "PEM": N_("a readable certificate file (PEM)"),
}

# Where in the wording an error stands.
WHERE: Mapping[str, str] = {
    "subject": N_("subject"),
    "text": N_("text of the message"),
    "signature": N_("signature"),
    "deceased_subject": N_("subject for a deceased resident"),
    "deceased_text": N_("text for a deceased resident"),
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
    "": N_("Correct them before trying again: repeated failures can block the account."),
}

# Why a keyring, a file or a cell cannot be used.
WHY: Mapping[str, str] = {
    "web_page": N_("it is a web page saved under this name"),
    "text_file": N_("it is a text file saved under this name"),
    "empty": N_("it is empty"),
    "none": N_("there is none"),
    "plaintext": N_("it keeps passwords unprotected"),
    "failed": N_("it failed"),
    "damaged": N_("it is damaged"),
    "lock_file": N_("it is the lock that a spreadsheet leaves while a workbook is open"),
    "open_elsewhere": N_("it is open in another program"),
    "quotes": N_("a quotation mark is not closed"),
    "encoding": N_("its characters cannot be read"),
    "binary": N_("it is not a text file"),
    "too_many_fields": N_("a row has more cells than there are titles"),
    "decimals": N_("too many decimals"),
    "whole": N_("a whole number is expected"),
    "digits_lost": N_("the spreadsheet lost digits: format the column as text and type it again"),
    "percent": N_("a percentage"),
    "unreadable": N_("it cannot be opened"),
    "encrypted": N_("it is encrypted"),
    "no_pages": N_("it has no page"),
    "number_missing": N_("its number is not in its text"),
    "name_missing": N_("the resident's name is not in its text"),
    "addresses": N_("addresses"),
    "documents": N_("documents"),
    "text": N_("text"),
}
