"""Every word that reaches a screen: nothing without a sentence, a complete catalogue, French as it is set."""

from __future__ import annotations

import datetime as dt
import re
import string
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from elite_lib import cli, composition, models, sources
from elite_lib.exceptions import (
    AuthenticationError,
    ConfigError,
    DocumentError,
    EliteError,
    JournalError,
    JournalLockedError,
    OutboxError,
    RunError,
    ServerUnavailableError,
    SourceError,
    StorageError,
    TemplateError,
    TransportError,
)
from elite_lib.labels import _, describe_problem, explain, ngettext, use_language, word
from elite_lib.labels.errors import ERRORS, WITHOUT
from elite_lib.labels.problems import INSTEAD, PROBLEMS
from elite_lib.labels.terms import PLACEHOLDERS
from elite_lib.labels.words import WORDS
from elite_lib.models import Box, Problem, ProblemCode, Severity
from tests.support.raising import PACKAGE, Raised, raised
from tests.support.workbooks import contact, disbursement, invoice, line, resident, workbook

LOCALE = PACKAGE / "locale"
NBSP = "\u00a0"
# What no screen shows as such (yet): read from the workbook, the settings, a mail server or its returns.
NEVER_SHOWN = {
    "CellType",
    "Delivery",
    "InvoiceKind",
    "InvoiceStatus",
    "PaymentMode",
    "Quality",
    "Section",
    "Security",
    "Stage",
}


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    use_language("fr")
    yield
    use_language("fr")


# --- nothing without a word ---------------------------------------------------------------------------


def test_every_closed_vocabulary_that_is_shown_has_a_word_for_each_member() -> None:
    for name in models.__all__:
        kind = getattr(models, name)
        if isinstance(kind, type) and issubclass(kind, StrEnum) and name not in NEVER_SHOWN:
            assert kind in WORDS, name
    for kind, words in WORDS.items():
        assert set(words) == set(kind)
        assert all(word(member).strip() for member in kind)


def test_every_problem_has_a_sentence() -> None:
    assert set(PROBLEMS) == set(ProblemCode)
    assert {code for code, _fact, _value in INSTEAD} <= set(ProblemCode)


def test_every_placeholder_of_the_messages_is_explained() -> None:
    assert PLACEHOLDERS == composition.PLACEHOLDERS


# --- every error that the package raises --------------------------------------------------------------

RAISED = sorted(raised(), key=lambda one: (one.place, one.code))


def owner(kind: type[EliteError], code: str) -> type[EliteError] | None:
    """Find the class that has the sentence, as ``explain`` does."""
    return next((above for above in kind.__mro__ if code in ERRORS.get(above, {})), None)


def test_the_walk_finds_constant_codes_and_those_of_tables() -> None:
    found = {(one.kind, one.code) for one in RAISED}
    assert {
        (ConfigError, "month_invalid"),
        (ConfigError, "secret_in_file"),
        (ServerUnavailableError, "starttls_missing"),
        (ServerUnavailableError, "tls_expired"),
        (StorageError, "disk_full"),
        (StorageError, "journal_full"),
        (JournalError, "journal_busy"),
    } <= found


@pytest.mark.parametrize("one", RAISED, ids=lambda one: f"{one.place}-{one.code}")
def test_an_error_is_said_with_the_fields_that_it_is_given(one: Raised) -> None:
    error = one.kind(one.code, **dict.fromkeys(one.fields - {"problems"}, "x"))
    assert explain(error) != str(error), "no sentence"
    assert "…" not in explain(error), "a field that is not given"


def test_no_sentence_is_for_an_error_that_nothing_raises() -> None:
    said = {(kind, code) for kind, sentences in ERRORS.items() for code in sentences}
    assert said == {(owner(one.kind, one.code), one.code) for one in RAISED}
    assert {code for code, _field in WITHOUT} <= {one.code for one in RAISED}


@pytest.mark.parametrize(("code", "field"), WITHOUT)
def test_what_is_said_without_a_field_does_not_need_it(code: str, field: str) -> None:
    for one in RAISED:
        if one.code == code:
            error = one.kind(code, **dict.fromkeys(one.fields | {"operator"}, "x") | {field: None})
            assert "…" not in explain(error)


# --- the catalogue ------------------------------------------------------------------------------------


def key(message: Message) -> str | tuple[str, ...]:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def catalogue() -> Catalog:
    with (LOCALE / "fr/LC_MESSAGES/elite.po").open("rb") as file:
        return read_po(file, locale="fr", domain="elite")


CATALOGUE = catalogue()
MESSAGES = [message for message in CATALOGUE if message.id]


def forms(message: Message) -> list[tuple[str, str]]:
    """Give English and French side by side: one pair, or singular and plural."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return list(zip(message.id, message.string, strict=True))


def extracted() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(
        PACKAGE,
        method_map=[("**.py", "python")],
        keywords={"_": None, "N_": None, "ngettext": (1, 2)},
    )
    return {messages for _file, _line, messages, _comments, _context in found}


def test_the_catalogue_has_every_sentence_and_no_other() -> None:
    assert {key(message) for message in MESSAGES} == extracted()


def test_the_template_has_the_same_sentences() -> None:
    with (LOCALE / "elite.pot").open("rb") as file:
        template = {key(message) for message in read_po(file) if message.id}
    assert template == {key(message) for message in MESSAGES}


def test_every_sentence_is_translated() -> None:
    assert not CATALOGUE.obsolete
    assert not CATALOGUE.fuzzy
    assert not [message.id for message in MESSAGES if message.fuzzy]
    assert not [message.id for message in MESSAGES if not all(french for _english, french in forms(message))]
    assert not list(CATALOGUE.check())


def test_the_compiled_catalogue_agrees() -> None:
    with (LOCALE / "fr/LC_MESSAGES/elite.mo").open("rb") as file:
        compiled = read_mo(file)
    assert {key(m): forms(m) for m in compiled if m.id} == {key(m): forms(m) for m in MESSAGES}


def test_the_header_declares_utf8_and_the_french_plural_and_no_changing_date() -> None:
    head = dict(CATALOGUE.mime_headers)
    assert head["Content-Type"] == "text/plain; charset=utf-8"
    assert head["Plural-Forms"] == "nplurals=2; plural=(n > 1);"
    assert head["POT-Creation-Date"] == head["PO-Revision-Date"] == "2026-01-01 00:00+0000"


def test_zero_and_one_are_singular_in_french() -> None:
    said = [ngettext("{n} problem", "{n} problems", count).format(n=count) for count in (0, 1, 2)]
    assert said == ["0 problème", "1 problème", "2 problèmes"]


# --- French as it is set ------------------------------------------------------------------------------

TYPOGRAPHY = {
    "a no-break space before : ; ? ! » %": rf"(?<!{NBSP})[:;?!»%]",
    "a no-break space after «": rf"«(?!{NBSP})",
    "U+00A0, never U+202F": "\u202f",
    "’ and not '": "'",
    "« » and not “ ”": '[“”"]',
    "… and not ...": r"\.\.\.",
    "no space twice, none at the ends": rf"  |^[ {NBSP}]|[ {NBSP}]$",
}
VOCABULARY = {
    "journal d’envoi": r"(?i)(?<!-)\bjourn(al|aux)\b(?! d’envoi)",
    "bordereau d’envoi": r"(?i)\bbordereau(?! d’envoi)",
    "relevé de débours": r"(?i)\brelevés?\b(?! de débours)",
    "never delivered on a 250": r"(?i)\b(délivr|distribu)",
}
# What is typed or published as it is.
LITERAL = re.compile(r"\w+://\S+|(?:maildir|mbox):\S*|include:\S+|v=DMARC1; p=none|ADRESSE:PORT")
FRENCH = [LITERAL.sub("x", french) for message in MESSAGES for _english, french in forms(message)]


@pytest.mark.parametrize("rule", TYPOGRAPHY)
def test_french_typography(rule: str) -> None:
    pattern = re.compile(TYPOGRAPHY[rule])
    assert not [text for text in FRENCH if pattern.search(text)], rule


@pytest.mark.parametrize("term", VOCABULARY)
def test_one_word_for_one_thing(term: str) -> None:
    pattern = re.compile(VOCABULARY[term])
    assert not [text for text in FRENCH if pattern.search(text)], term


def placeholders(text: str) -> Counter[str]:
    return Counter(
        name for _text, name, _format, _conversion in string.Formatter().parse(text) if name is not None
    )


def test_placeholders_are_kept() -> None:
    assert not [
        (english, french)
        for message in MESSAGES
        for english, french in forms(message)
        if placeholders(english) != placeholders(french)
    ]


# --- what is said -------------------------------------------------------------------------------------

# French is written here with plain spaces: see ``plain``.
ERRORS_SAID: list[tuple[EliteError, str, str]] = [
    (
        ConfigError("value_invalid", file="e.toml", key="mail.port", value=70000, expected="whole:0..65535"),
        "e.toml : « mail.port » ne peut pas valoir « 70000 ». Attendu : un nombre entier, de 0 à 65535.",
        "e.toml: “mail.port” cannot be “70000”. Expected: a whole number, from 0 to 65535.",
    ),
    (
        ConfigError("key_unknown", file="e.toml", key="mail.hots", nearest="mail.host"),
        "e.toml : « mail.hots » n’est pas un réglage. Vouliez-vous dire « mail.host » ?",
        "e.toml: “mail.hots” is not a setting. Did you mean “mail.host”?",
    ),
    (
        ConfigError("key_unknown", file="e.toml", key="zzz", nearest=""),
        "e.toml : « zzz » n’est pas un réglage.",
        "e.toml: “zzz” is not a setting.",
    ),
    (
        ConfigError("secret_missing", name="mail", file="secrets/mail", variable="ELITE_MAIL_PASSWORD"),
        "Le mot de passe de la messagerie est introuvable. Mettez-le dans le trousseau de l’ordinateur, "
        "dans le fichier secrets/mail (lisible par vous seul), ou dans la variable ELITE_MAIL_PASSWORD.",
        "The password of the mail account is nowhere to be found. Put it in the system's keyring, in the "
        "file secrets/mail (readable by you alone), or in the variable ELITE_MAIL_PASSWORD.",
    ),
    (
        SourceError("unusable", file="factures.xlsx"),
        "factures.xlsx n’est pas utilisable en l’état :",
        "factures.xlsx cannot be used as it is:",
    ),
    (
        TemplateError("template_syntax", where="deceased_text", line=3, detail="{resident}"),
        "Texte pour un résident décédé, ligne 3 : {resident} demande deux accolades de chaque côté.",
        "Text for a deceased resident, line 3: {resident} needs two braces on each side.",
    ),
    (
        DocumentError("pdf_unreadable", name="F1.pdf", detail="[Errno 2] No such file or directory: 'F1'"),
        "Le PDF F1.pdf est illisible (il est introuvable).",
        "The PDF F1.pdf cannot be read (it is not there).",
    ),
    (
        OutboxError("batch_superseded", batch="2026-10-aa", newest="2026-10-bb"),
        "Le lot 2026-10-aa a été remplacé par 2026-10-bb : il n’est plus envoyé.",
        "The batch 2026-10-aa was superseded by 2026-10-bb: it is not sent any more.",
    ),
    (
        JournalError("journal_missing", path="j.sqlite"),
        "Le journal d’envoi j.sqlite manque, alors que des messages ont été préparés avec lui. Rien n’est "
        "envoyé. Remettez-le en place ; s’il est définitivement perdu : « elite adopt-journal » : ce qui est "
        "peut-être parti devient alors incertain, et c’est à vous de trancher.",
        "The journal j.sqlite is missing, although messages were prepared with it. Nothing is sent. Put it "
        "back; if it is lost for good: “elite adopt-journal”: what may have left then becomes uncertain, "
        "and you settle it.",
    ),
    (
        JournalLockedError("locked", operator="", since=None, run=""),
        "Une autre exécution utilise ce compte de messagerie. Attendez qu’elle se termine, ou arrêtez-la.",
        "Another run is using this mail account. Wait for its end, or stop it.",
    ),
    (
        RunError("unbalanced", invoices=62, euros=Decimal("1234.5")),
        "LE BORDEREAU D’ENVOI NE TOMBE PAS JUSTE : 62 factures, 1 234,50 €. Signalez-le.",
        "THE BOXES DO NOT ADD UP to 62 invoices and 1 234,50 €. Report this.",
    ),
    (RunError("stopped", why="Arrêté.", detail=""), "Arrêté.", "Arrêté."),
    (
        StorageError("disk_full", path="outbox", detail="No space left on device"),
        "Le disque est plein : outbox n’a pas été écrit. Libérez de la place ; rien n’est perdu.",
        "The disk is full: outbox was not written. Free some space; nothing is lost.",
    ),
    (
        TransportError("envelope_invalid", address=""),
        "Un message figé n’a pas de destinataire. Préparez de nouveau le mois.",
        "A frozen message has no recipient. Prepare the month again.",
    ),
    (
        AuthenticationError("refused", reply_code=535, text="5.7.8 no", hint=""),
        "Le serveur de messagerie refuse l’identifiant ou le mot de passe (535 5.7.8 no). Corrigez-les avant "
        "de réessayer : des échecs répétés peuvent bloquer le compte.",
        "The mail server refuses the login or the password (535 5.7.8 no). Correct them before trying "
        "again: repeated failures can block the account.",
    ),
    (
        ServerUnavailableError("timeout", host="smtp.example.com", port=587, detail="timed out"),
        "smtp.example.com, port 587, ne répond pas. Un pare-feu, un antivirus ou la box Internet bloque "
        "souvent ce port.",
        "smtp.example.com, port 587, does not answer. A firewall, an antivirus or the internet box often "
        "blocks that port.",
    ),
]


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("error", "french", "english"), ERRORS_SAID, ids=lambda one: getattr(one, "code", "")
)
def test_an_error_is_said_in_french_and_in_english(error: EliteError, french: str, english: str) -> None:
    assert plain(explain(error)) == french
    use_language("en")
    assert plain(explain(error)) == english


def test_an_instant_is_said_in_local_time_as_it_comes_and_as_the_journal_gives_it_back() -> None:
    since = dt.datetime(2026, 11, 2, 8, 5, tzinfo=dt.UTC)
    shown = f"{since.astimezone():%d/%m/%Y %H:%M}"
    for value in (since, since.isoformat(), str(since)):
        assert f"depuis le {shown}" in explain(JournalLockedError("locked", operator="Claire", since=value))


def test_every_problem_of_a_file_and_every_further_error_has_its_line() -> None:
    problem = Problem(code=ProblemCode.FILE_MISSING, severity=Severity.FATAL, file="f.xlsx")
    assert explain(SourceError("unusable", file="f.xlsx", problems=(problem, problem))).count("\n") == 2
    other = ConfigError("value_missing", file="elite.toml", key="mail.sender")
    first = ConfigError("value_missing", file="elite.toml", key="home.name", others=(other,))
    assert explain(first).splitlines()[1] == explain(other)


def test_an_error_that_is_not_ours_is_named() -> None:
    assert explain(ZeroDivisionError("x")).startswith("Erreur imprévue (ZeroDivisionError).")
    use_language("en")
    assert explain(ZeroDivisionError("x")).startswith("Unexpected error (ZeroDivisionError).")


def test_an_unknown_language_is_french() -> None:
    use_language("de")
    assert word(Box.HELD) == "retenu"
    assert _("Search") == "Rechercher"


# --- problems -----------------------------------------------------------------------------------------

# What those who make a problem give beside its value: sources, selection, batch.
FACTS = {
    ProblemCode.FILE_UNREADABLE: {"why"},
    ProblemCode.ADDRESS_SET_ASIDE: {"since", "reason"},
    ProblemCode.SHEET_TWICE: {"sheets"},
    ProblemCode.HIDDEN_ROWS: {"rows", "count"},
    ProblemCode.VALUE_UNKNOWN: {"allowed"},
    ProblemCode.LINES_SUM: {"sum", "expected"},
    ProblemCode.TOTAL_SUM: {"sum", "expected"},
    ProblemCode.NET_SUM: {"sum", "expected"},
    ProblemCode.CREDITOR_ID_MISSING: {"first"},
    ProblemCode.PDF_MISSING: {"path", "detail"},
    ProblemCode.PDF_NOT_PROVED: {"why", "document"},
    ProblemCode.ATTACHMENT_MISSING: {"detail"},
    ProblemCode.ATTACHMENT_FORMAT: {"allowed"},
    ProblemCode.MESSAGE_TOO_BIG: {"size", "limit"},
    ProblemCode.HEADER_INVALID: {"header", "value"},
    ProblemCode.CHANGED_AFTER_ACCEPTANCE: {"changes"},
}


def test_the_facts_of_a_sentence_are_those_that_the_problem_is_given() -> None:
    for code, sentence in PROBLEMS.items():
        assert set(placeholders(sentence)) <= {"value"} | FACTS.get(code, set()), code
    for (code, fact, _value), sentence in INSTEAD.items():
        assert set(placeholders(sentence)) <= {"value", fact} | FACTS.get(code, set()), code


def wrong(tmp_path: Path) -> tuple[Problem, ...]:
    """Read a workbook with much that is wrong."""
    book = workbook(
        tmp_path / "factures.xlsx",
        residents=[
            resident(Envoi="fax"),
            resident("R00043", **{"Mode de règlement": "prélèvement"}),
            resident("R00044"),
            resident("R00044"),
        ],
        contacts=[
            contact(**{"E-mail": "orange,fr"}),
            contact("R00043", **{"E-mail": "hélène@example.com"}),
            contact("R00043"),
        ],
        factures=[
            invoice(**{"Total HT": 1999.99, "Destinataire": 7, "Date": "le 31"}),
            invoice("F2", "R00043", **{"Mode de règlement": "prélèvement", "Net à payer": 1e9}),
            invoice("F3", "R00099", **{"Échéance": None, "TVA": "1.234", "Total TTC": "douze"}),
            invoice("F3", "R00044", **{"Fin période": dt.date(2026, 9, 1), "Total HT": 2000.123}),
            invoice("F4", "R00044", Type="avoir"),
        ],
        lignes=[line(), line("F9"), line("F2", "#REF!"), line("F4", 1.0)],
        debours=[disbursement(**{"N° facture": "F2"})],
    )
    return sources.load(book, creditor_id="").problems


def test_the_problems_of_a_workbook_are_said_in_full_and_in_french(tmp_path: Path) -> None:
    found = wrong(tmp_path)
    assert len({problem.code for problem in found}) > 15
    french = [describe_problem(problem) for problem in found]
    assert not [sentence for sentence in french if "…" in sentence]
    use_language("en")
    assert not set(french) & {describe_problem(problem) for problem in found}


def test_a_problem_says_where_what_and_what_to_do() -> None:
    problem = Problem(
        code=ProblemCode.LINES_SUM,
        severity=Severity.HOLD,
        file="factures.xlsx",
        sheet="Factures",
        row=37,
        column="Total HT",
        facts={"sum": "1999.99", "expected": "2000.00"},
    )
    assert plain(describe_problem(problem)) == (
        "factures.xlsx, feuille « Factures », ligne 37, « Total HT » : la somme des lignes est de "
        "1 999,99 €, la facture indique 2 000,00 € HT. Corrigez l’une des deux."
    )
    use_language("en")
    assert describe_problem(problem).startswith(
        "factures.xlsx, sheet “Factures”, row 37, “Total HT”: the lines add"
    )


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        (ProblemCode.NUMBER_INVALID, {}, "n’est pas un nombre."),
        (ProblemCode.NUMBER_INVALID, {"why": "decimals"}, "a plus de deux décimales."),
        (ProblemCode.NUMBER_INVALID, {"why": "digits_lost"}, "le tableur a perdu des chiffres."),
        (ProblemCode.FILE_UNREADABLE, {"why": "damaged"}, "le fichier est illisible (il est endommagé)."),
        (ProblemCode.FILE_UNREADABLE, {"why": "open_elsewhere"}, "Fermez-le, puis réessayez."),
        (ProblemCode.FILE_UNREADABLE, {"why": "Input/output error"}, "(Input/output error)"),
        (
            ProblemCode.PDF_MISSING,
            {"path": "", "detail": ""},
            "Le PDF de F1 ne peut pas être fait ou lu (…).",
        ),
        (ProblemCode.CHANGED_AFTER_ACCEPTANCE, {"changes": "addresses,text"}, "(adresses, texte)"),
        (ProblemCode.CHANGED_AFTER_ACCEPTANCE, {"changes": "documents", "left": "RD7"}, "autre ligne : RD7."),
        (
            ProblemCode.HEADER_INVALID,
            {"header": "To", "value": "M.\nX"},
            "estinataire : « M.\nX » est vide, ou",
        ),
    ],
)
def test_what_is_known_more_is_said(code: ProblemCode, facts: dict[str, str], said: str) -> None:
    problem = Problem(code=code, severity=Severity.HOLD, value="F1", facts=facts)
    assert said.lower() in plain(describe_problem(problem)).lower()


# --- the command's help -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--help"],
            ["Commandes", "Afficher le bordereau d’envoi du mois.", "COMMANDE", "Afficher cette aide."],
        ),
        (["send", "--help"], ["Envoyer vraiment.", "MOIS", "[obligatoire]", "Afficher cette aide."]),
        (["print", "--help"], ["FICHIER", "Toutes les factures de la période."]),
        (["dashboard", "--help"], ["L’adresse d’écoute.", "[par défaut : 127.0.0.1]"]),
        (["collect", "--help"], ["Dire par e-mail à [notice] to"]),
        (["bounces", "--help"], ["elite bounces [OPTIONS] COMMANDE [ARGUMENTS]…"]),
        (
            ["bounces", "classify", "--help"],
            ["DOSSIER_OU_FICHIER", "Un objet JSON par ligne, pour chaque message."],
        ),
    ],
)
def test_help_is_french(
    arguments: list[str],
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)  # no home: French
    monkeypatch.delenv("ELITE_HOME", raising=False)
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 0
    shown = plain(capsys.readouterr().out)
    for expected in words:
        assert expected in shown
