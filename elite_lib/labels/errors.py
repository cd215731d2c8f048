"""The sentences for every exception: what is wrong, where, what to do next. ``explain`` fills them in."""

from __future__ import annotations

from collections.abc import Mapping

from elite_lib.exceptions import (
    ConfigError,
    DocumentError,
    EliteError,
    JournalError,
    JournalLockedError,
    OutboxError,
    RunError,
    SourceError,
    StorageError,
    TemplateError,
)
from elite_lib.labels.catalogue import N_
from elite_lib.labels.mail_errors import MAIL_ERRORS

# What {adopt} stands for.
ADOPT = N_("“elite adopt-journal”: what may have left then becomes uncertain, and you settle it.")

# Filled in with the error's fields; one that is missing or empty is shown as "…".
ERRORS: Mapping[type[EliteError], Mapping[str, str]] = {
    ConfigError: {
        "month_invalid": N_("“{value}” is not a month. Write it like 2026-10, or 2026-09..2026-10."),
        "year_invalid": N_("“{value}” is not a year. Write it like 2026."),
        "no_certificate": N_("The workbook has no issued invoice of {year}: there is nothing to certify."),
        "mail_missing": N_("{file}: the [mail] section is not filled in. Give sender, host and login there."),
        "line_unknown": N_("There is no invoice “{value}” in {period}. Check the number and the month."),
        "invoice_unknown": N_("There is no invoice “{value}” in the workbook. Check the number."),
        "single_nobody": N_("{value}: nobody of the family receives it by mail. Give an address."),
        "single_excluded": N_("{value} is a draft or cancelled: it is not sent."),
        "single_held": N_("{value} is held: {codes}. Correct that first."),
        "single_confirm": N_(
            "{value} has already left, or may have: {already}. It goes once more only if you confirm it."
        ),
        "resident_unknown_here": N_(
            "The journal knows nothing about the resident “{value}”. Check the code."
        ),
        "address_unknown": N_(
            "“{value}” is not an address of this invoice. Check it, or correct the workbook."
        ),
        "address_invalid": N_("“{value}” is not an e-mail address that can be used. Check it."),
        "nothing_sent": N_("Nothing of {value} was ever sent: there is nothing to settle as accepted."),
        "nothing_to_print": N_("There is nothing to print for {period}."),
        "column_unknown": N_("“{value}” is not a column of {file}, or is given a name that is none of ours."),
        "no_invoice": N_("{file}: there is no invoice in it yet. Fill it in, then read it again."),
        "logo_unreadable": N_(
            "{file}, {key}: the logo “{value}” is missing, or is neither PNG, JPEG nor SVG."
        ),
        "attachment_format": N_(
            "“{name}” is not attached: families may be unable to open it. Save it as PDF, then add the PDF."
        ),
        "attachment_photo": N_(
            "“{name}” is not attached: save the picture as JPEG or PNG, then add that one."
        ),
        "attachment_content": N_(
            "“{name}” is not attached: its content is no {ending}. Open it, save it as PDF, then add the PDF."
        ),
        "attachment_empty": N_("“{name}” is not attached: the file is empty."),
        "attachment_big": N_("“{name}” is not attached: {size}, and a message may weigh {limit} in all."),
        "test_address": N_("A test goes to the office's own address only, never to {value}."),
        "test_empty": N_("None of these lines has a message to test: see the reasons in the list."),
        "return_missing": N_("The message that came back ({value}) is not kept here, or not any more."),
        "home_missing": N_(
            "There is no home at {path} (a folder with elite.toml). Name it with --home or ELITE_HOME, "
            "or make one: “elite init FOLDER”."
        ),
        "home_exists": N_("{path} is a home already: choose another folder."),
        "example_missing": N_("The installation is incomplete: {file} is missing. Install again."),
        "toml_unreadable": N_("{file} cannot be read ({detail})."),
        "toml_syntax": N_("{file}, line {line}, column {column}: this cannot be read ({detail})."),
        "secret_in_file": N_(
            "{file}, {key}: a password must not be in this file. Remove it, and keep it in the system's "
            "keyring or in the file secrets/mail of the home."
        ),
        "key_unknown": N_("{file}: “{key}” is not a setting. Did you mean “{nearest}”?"),
        "value_missing": N_("{file}: “{key}” must be filled in."),
        "value_invalid": N_("{file}: “{key}” cannot be “{value}”. Expected: {expected}."),
        "secret_missing": N_(
            "{name} is nowhere to be found. Put it in the system's keyring, in the file {file} "
            "(readable by you alone), or in the variable {variable}."
        ),
        "secret_unreadable": N_("The password's file {path} cannot be read ({detail})."),
        "secret_empty": N_("The password's file {path} is empty: write the password in it."),
        "secret_readable_by_others": N_(
            "The password's file {path} can be read by others (mode {mode}). Run: chmod 600 {path}"
        ),
        "keyring_unusable": N_("The system's keyring cannot keep a password safely ({reason})."),
        "password_missing": N_("The dashboard has no password: it is never open without one."),
        "password_short": N_("This password is too short: {least} characters or more."),
        "user_name_invalid": N_("“{value}” cannot be a user's name: one line, at most {most} characters."),
        "user_exists": N_("{name} may log in already. Another password: “elite users add NAME --replace”."),
        "user_unknown": N_("{name} is not a user of the dashboard. Who is: “elite users list”."),
        "users_unreadable": N_("The users' file {file} is damaged: delete it, then add the users again."),
        "file_changed": N_("{file} was changed meanwhile: nothing was saved."),
        "port_taken": N_("The port {port} of {host} is taken. Choose another one with --port."),
        "oauth_missing": N_(
            "{file}: [mail] auth is a password. Set it to microsoft or google, and fill in [oauth]."
        ),
        "imap_missing": N_("{file}: the [imap] section is not filled in: there is no mailbox to look into."),
        "folder_missing": N_(
            "“{folder}” is not a folder of the mailbox. Check [imap] sent and archive_folder, [returns] folder and move_to."
        ),
        "source_invalid": N_(
            "“{value}” is not a place that returns can be read from. Write imap, pop3://login@server, maildir:PATH, mbox:PATH or a path; the password never in it."
        ),
        "source_missing": N_("{path}: there is nothing there. Check [returns] sources."),
        "source_unreadable": N_("{path} cannot be read ({detail}). The other messages were read."),
        "address_not_aside": N_("{value} is not set aside: messages go there already."),
        "dashboard_failed": N_("The dashboard did not start. Its log: {log}"),
    },
    SourceError: {
        "unusable": N_("{file} cannot be used as it is:"),
    },
    TemplateError: {
        "placeholder_unknown": N_(
            "{where}, line {line}: “{name}” is not a word that can be filled in. Did you mean “{nearest}”? "
            "Known: {known}."
        ),
        "template_syntax": N_("{where}, line {line}: this cannot be read ({detail})."),
        "template_forbidden": N_("{where}, line {line}: “{construct}” is not allowed here."),
        "wording_missing": N_("{where}: it is empty. Write it."),
        "header_invalid": N_(
            "{header}: “{value}” has a line break or characters that a message cannot carry."
        ),
    },
    DocumentError: {
        "invoice_missing": N_("{number}: there is no invoice to print."),
        "statement_missing": N_("{number}: there is no statement of disbursements to print."),
        "certificate_missing": N_("{number}: there is no tax certificate to print."),
        "logo_unreadable": N_("The logo {name} cannot be read ({detail}). Save it as PNG, JPEG or SVG."),
        "pdf_unreadable": N_("The PDF {name} cannot be read ({detail})."),
        "pile_empty": N_("There is nothing to print."),
    },
    OutboxError: {
        "batch_missing": N_("The batch {batch} is not in the outbox. Prepare the month again."),
        "batch_altered": N_(
            "The batch {batch} was altered ({file}): nothing of it is sent. Move its folder away, "
            "then prepare the month again."
        ),
        "batch_superseded": N_("The batch {batch} was superseded by {newest}: it is not sent any more."),
        "batch_expired": N_("The batch {batch} expired on {expires}. Prepare the month again."),
        "batch_of_other_account": N_(
            "The batch {batch} was frozen for the mail account {account}. Prepare the month again."
        ),
        "message_twice": N_("{key} would be two messages. Report this."),
    },
    JournalError: {
        "journal_missing": N_(
            "The journal {path} is missing, although messages were prepared with it. Nothing is sent. Put it back; "
            "if it is lost for good: {adopt}"
        ),
        "journal_foreign": N_(
            "The journal {path} is not the one that this home's outbox knows. Nothing is sent. Put the right one back; "
            "if it is lost for good: {adopt}"
        ),
        "journal_short": N_(
            "The journal {path} is older than what was sent already ({found} entries, {known} are known): a restored "
            "copy? Nothing is sent. Put the right one back; if it is lost for good: {adopt}"
        ),
        "journal_unreadable": N_(
            "The journal {path} is damaged ({detail}). Nothing is sent. Put a copy back."
        ),
        "journal_newer": N_("The journal {path} was written by a newer version. Update the program."),
        "journal_busy": N_("The journal {path} is in use by another program. Try again in a moment."),
        "journal_place": N_(
            "The journal {path} cannot be kept safely there ({mode}). Move the home to a local disk."
        ),
        "journal_url": N_(
            "A journal cannot be kept in “{dialect}”. Write its address like postgresql://server/database."
        ),
        "journal_on_server": N_(
            "The journal is in the database {path}: its server's administrator backs it up and restores it."
        ),
        "journal_open": N_(
            "The journal {path} is open in another program. Close the dashboard and wait for the end of the run, "
            "then try again."
        ),
        "backup_missing": N_("There is no file {path}. The copies of the journal are in {folder}."),
        "backup_unusable": N_(
            "{path} is no journal that can be restored ({detail}). Nothing was changed. Choose another copy."
        ),
        "journal_driver": N_(
            "The journal is on a PostgreSQL server, and psycopg is not installed. Run: pip install “elite-lib[postgresql]”"
        ),
        "journal_server": N_(
            "The journal's server {path} cannot be relied on ({setting}). Nothing is sent. Ask its administrator."
        ),
        "journal_unreachable": N_(
            "The journal's server {path} does not answer ({detail}). Nothing is sent without it."
        ),
        "lock_lost": N_(
            "The connection with the journal's server {path} was lost, and the mail account was free for others "
            "meanwhile. Nothing more is sent. Send again to go on."
        ),
        "journal_failed": N_("The journal {path} failed ({detail}). Nothing is sent without it."),
    },
    JournalLockedError: {
        "locked": N_(
            "{operator} is sending with this mail account since {since}. Wait for the end of that run, or stop it."
        ),
    },
    RunError: {
        "unbalanced": N_("THE BOXES DO NOT ADD UP to {invoices} invoices and {euros}. Report this."),
        "stopped": N_("{why} {detail}"),
        "remainder": N_("Lines that remain: {count}. See the dispatch slip."),
    },
    StorageError: {
        "disk_full": N_("The disk is full: {path} was not written. Free some space; nothing is lost."),
        "read_only": N_("{path} is on a disk that cannot be written to."),
        "no_permission": N_("{path} cannot be written: you have no permission there."),
        "write_failed": N_("{path} cannot be written ({detail})."),
        "journal_full": N_(
            "The disk is full: the journal {path} cannot be written, so nothing more is sent. Free some space."
        ),
        "journal_read_only": N_(
            "The journal {path} is on a disk that cannot be written to: nothing is sent."
        ),
        "journal_no_permission": N_("The journal {path} cannot be written: you have no permission there."),
        "journal_write_failed": N_("The journal {path} cannot be written ({detail}): nothing more is sent."),
    },
    **MAIL_ERRORS,
}

# Said instead of the above where that field is missing or empty.
WITHOUT: Mapping[tuple[str, str], str] = {
    ("toml_syntax", "line"): N_("{file} cannot be read ({detail})."),
    ("key_unknown", "nearest"): N_("{file}: “{key}” is not a setting."),
    ("secret_empty", "path"): N_("A password cannot be empty."),
    ("placeholder_unknown", "nearest"): N_(
        "{where}, line {line}: “{name}” is not a word that can be filled in. Known: {known}."
    ),
    ("template_syntax", "line"): N_("{where}: this cannot be read ({detail})."),
    ("header_invalid", "value"): N_("{header}: it is empty. Write it."),
    ("journal_foreign", "path"): N_(
        "The journal is not the one that this home's outbox knows. Nothing is sent. Put the right one back; "
        "if it is lost for good: {adopt}"
    ),
    ("journal_url", "dialect"): N_("The journal's address cannot be read."),
    ("locked", "since"): N_("Another run is using this mail account. Wait for its end, or stop it."),
    ("stopped", "detail"): "{why}",
    ("envelope_invalid", "address"): N_("A frozen message has no recipient. Prepare the month again."),
}

# A single brace would be mailed as it is: composition refuses it as a syntax error.
SINGLE_BRACE = N_("{where}, line {line}: {detail} needs two braces on each side.")
