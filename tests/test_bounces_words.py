"""What is made of a server's words: the published replies, the grammar behind the phrases, warnings."""

from __future__ import annotations

from pathlib import Path

import pytest

from elite_lib.bounces import charsets, evidence, trying
from elite_lib.bounces.classes import lexicon, sayings, statuses
from elite_lib.bounces.classes.deciding import judge
from elite_lib.bounces.evidence import Evidence
from elite_lib.models import Finding, ReturnClass

REPLIES = Path(__file__).parent / "data" / "bounces" / "replies.tsv"
ROWS = [
    line.split("\t")
    for line in REPLIES.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
REGISTRY = [
    line.split("\t")
    for line in REPLIES.with_name("registry.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]

NOT_HARD = [
    line
    for line in REPLIES.with_name("not-hard.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def finding(text: str, *, command: str = "RCPT", status: str = "") -> Finding:
    return judge(Evidence(recipient="a@b.example", text=text, stage=command, status=status))


def judged(text: str, *, command: str = "RCPT", status: str = "") -> ReturnClass:
    return finding(text, command=command, status=status).cls


@pytest.mark.parametrize(("wanted", "whose", "command", "text", "source"), ROWS)
def test_published_replies(wanted: str, whose: str, command: str, text: str, source: str) -> None:
    assert source
    found = finding(text, command="" if command == "-" else command)
    assert (found.cls, "ours" if found.ours_to_fix else "theirs") == (wanted, whose)


def test_published_replies_are_many_and_of_every_class() -> None:
    failures = {"hard", "mailbox_full", "soft", "rate_limited", "block", "unknown"}
    assert {row[0] for row in ROWS} == failures
    assert len(ROWS) == len({row[3] for row in ROWS}) > 400


@pytest.mark.parametrize(("wanted", "codes", "words"), REGISTRY)
def test_the_registry_of_status_codes(wanted: str, codes: str, words: str) -> None:
    """What Postfix says before every reason ("Recipient address rejected:") is not the reason."""
    assert judged(f"{codes} {words}", command="DATA") == wanted
    assert judged(f"{codes} {words}", command="") == wanted
    assert judged(f"{codes} <a@b.example>: Recipient address rejected: {words}") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "450 Utilisateur inconnu",
        "450 Postfach gesperrt",
        "421 Cuenta deshabilitada",
        "451 domaine introuvable",
    ],
)
def test_a_temporary_reply_makes_no_address_hard_in_any_language(text: str) -> None:
    assert judged(text) is not ReturnClass.HARD
    assert judged(text.replace("4", "5", 1), status="5.0.0") is ReturnClass.HARD


@pytest.mark.parametrize("command", ["RCPT", ""])
@pytest.mark.parametrize("text", NOT_HARD)
def test_no_good_address_is_condemned_for_what_is_said_of_another(text: str, command: str) -> None:
    assert judged(text, command=command) is not ReturnClass.HARD


def test_a_local_part_is_a_name_whatever_word_it_is() -> None:
    assert judged("550 <overquota@b.example>: refused", command="DATA") is ReturnClass.BLOCK
    assert (
        judged("550 <over.quota@b.example>: refused, overquota", command="DATA") is ReturnClass.MAILBOX_FULL
    )


@pytest.mark.parametrize(
    ("text", "cls"),
    [
        ("content-too-long (7)", ReturnClass.BLOCK),
        ("554 MAILBOX_FULL", ReturnClass.MAILBOX_FULL),
        ("MailboxFull", ReturnClass.MAILBOX_FULL),
    ],
)
def test_an_identifier_is_read_as_words(text: str, cls: ReturnClass) -> None:
    assert judged(text, command="") is cls


@pytest.mark.parametrize(
    "name", ["unknown-user@b.example", "mx-full.b.example", "https://b.example/mailbox-full"]
)
def test_a_name_is_no_identifier(name: str) -> None:
    assert evidence.spelled(f"550 said by {name}") == ""
    assert evidence.spelled(f"550 no-such-box, said by {name}") == f"550 no such box, said by {name}"


def test_what_is_told_while_the_server_goes_on_trying_condemns_nobody() -> None:
    seen = Evidence(recipient="a@b.example", text="user unknown", stage="RCPT", delayed=True)
    assert judge(seen).cls is ReturnClass.SOFT
    assert not judge(seen).final


def test_qualified_is_not_full() -> None:
    assert judged("504 <a@b.example>: Recipient address rejected: need fully-qualified address") == "block"


def test_later_is_believed_of_a_temporary_reply_only() -> None:
    words = "the mailbox: please try again later"
    assert judged(f"450 {words}") is ReturnClass.SOFT
    assert judged(f"550 {words}") is not ReturnClass.SOFT


def test_a_refusal_for_now_that_names_no_cause_has_none() -> None:
    assert judged("451 4.3.0 Please try again later") is ReturnClass.UNKNOWN
    assert judged("450 4.7.1 Temporary failure", command="DATA") is ReturnClass.UNKNOWN
    assert judged("451 4.4.1 Please try again later") is ReturnClass.SOFT  # the status names it
    assert judged("451 4.3.0 The server is busy, please try again later") is ReturnClass.SOFT
    assert (
        judged("temporary failure", status="4.3.0") is ReturnClass.SOFT
    )  # no server's reply: a program that did not run


def test_a_greeting_that_refuses_for_good_is_no_trouble_of_the_system() -> None:
    greeting = "554-gmx.example (mxgmx115) Nemesis ESMTP Service not available"
    assert judged(greeting, command="CONN") is ReturnClass.BLOCK
    assert judged(greeting.replace("554", "421"), command="CONN") is ReturnClass.SOFT


def test_what_the_local_server_says_around_a_reply_is_no_part_of_it() -> None:
    said = "host mx.b.example[192.0.2.1] said: 450 Please try again later (in reply to RCPT TO command)"
    assert judged(said) is ReturnClass.UNKNOWN


def test_a_certain_status_outweighs_a_vague_word() -> None:
    assert judged("mail for it is refused", command="", status="5.1.10") is ReturnClass.HARD
    assert judged("mail for it is refused", command="", status="5.2.0") is ReturnClass.BLOCK


# ------------------------------------------------------------------ the nearest noun


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("le destinataire est inconnu", "unknown-user"),
        ("inconnu a cette adresse", "unknown-user"),
        ("le domaine du destinataire est introuvable", "no-such-domain"),  # the noun that "du" hangs on
        ("le serveur du destinataire est ferme", ""),
        ("ce domaine est introuvable", "no-such-domain"),
        ("unknown error", ""),
        ("invalid command", ""),
        ("das postfach ist voll", "full"),
        ("successfully", ""),
        ("voller erfolg im postfach", ""),
        ("account closed", "closed"),
        ("this address has been discontinued", "closed"),  # a disc ("disco") is no part of the word
        ("this account is disabled or discontinued", "closed"),
        ("message blocked", ""),
        ("account blocked", "closed"),
        ("doesn't exist: account a", "unknown-user"),
        ("用户不存在", "unknown-user"),
        ("宛先のメールボックスが一杯です", "full"),
    ],
)
def test_what_is_said_of_a_recipient(text: str, meaning: str) -> None:
    assert sayings.heard(sayings.RECIPIENT, charsets.fold(text)) == meaning


@pytest.mark.parametrize(
    ("text", "rows", "meaning"),
    [
        ("expediteur inconnu", sayings.SENDER, "sender-refused"),
        ("relais refuse", sayings.SENDER, "relay-denied"),
        ("hop count exceeded", sayings.SIZE, ""),
        ("message size exceeded", sayings.SIZE, "too-large"),
        ("zu viele verbindungen", sayings.MESSAGE, "rate"),
        ("le serveur ne repond pas", sayings.MESSAGE, "network"),
        ("recipient server did not accept a second connection", sayings.MESSAGE, "connection-refused"),
    ],
)
def test_what_is_said_of_everything_else(text: str, rows: tuple[sayings.Saying, ...], meaning: str) -> None:
    assert sayings.heard(rows, text) == meaning


def test_the_noun_is_of_the_same_sentence() -> None:
    assert judged("550 5.0.0 This account has been canceled. Message dated Tue") is ReturnClass.HARD
    assert judged("550 5.0.0 This account has no canceled message", command="DATA") is not ReturnClass.HARD


def test_the_noun_must_be_near() -> None:
    near = "mailbox" + " x" * 10 + " unknown"
    far = "mailbox" + " x" * sayings.REACH + " unknown"
    assert sayings.heard(sayings.RECIPIENT, near) == "unknown-user"
    assert sayings.heard(sayings.RECIPIENT, far) == ""


def test_the_lexicon_is_written_as_texts_are_compared() -> None:
    lexemes = [
        *lexicon.NOUNS,
        *(
            row[0]
            for rows in (sayings.RECIPIENT, sayings.SENDER, sayings.SIZE, sayings.MESSAGE)
            for row in rows
        ),
    ]
    for lexeme in lexemes:
        words = lexeme.words.split("|")
        assert len(words) == len(set(words)), lexeme.name
        assert charsets.fold(f"|{lexeme.words}|") == f"|{lexeme.words}|", lexeme.name
    names = {lexeme.name for lexeme in lexicon.NOUNS} | {sayings.NOTHING}
    for rows in (sayings.RECIPIENT, sayings.SENDER, sayings.SIZE, sayings.MESSAGE):
        assert {noun for _, of, _ in rows for noun in of.split()} <= names


def test_what_the_remote_server_said_outweighs_what_the_local_one_makes_of_it() -> None:
    text = ">>> DATA\n<<< 550 You wrote that already.\n421 mx.b.example (smtp)... Deferred: Connection reset"
    assert judged(text, command="DATA") is ReturnClass.BLOCK
    assert judged("421 mx.b.example (smtp)... Deferred: Connection reset", command="DATA") is ReturnClass.SOFT
    session = "--> RCPT To:<a@b.example>\n<-- 550 5.1.1 unknown\nConnection timed out on the second server"
    assert judged(session, command="") is ReturnClass.HARD


@pytest.mark.parametrize(
    ("text", "cls"),
    [
        ("Host b.example not found; try again", ReturnClass.SOFT),
        ("unknown host b.example: try again tomorrow", ReturnClass.SOFT),
        ("450 4.4.3 domain b.example not found, try again later", ReturnClass.SOFT),
        ("550 No such domain; check the name of the host and try again", ReturnClass.HARD),
        ("Host b.example not found", ReturnClass.HARD),
    ],
)
def test_a_resolver_that_asks_to_try_again_has_not_said_no(text: str, cls: ReturnClass) -> None:
    assert judged(text, command="") is cls


@pytest.mark.parametrize(
    "text",
    [
        "The recipient server did not accept our requests to connect",
        "The remote server refused the connection",
    ],
)
def test_a_server_refuses_and_is_not_what_is_refused(text: str) -> None:
    assert judged(text, command="") is ReturnClass.SOFT


def test_a_cause_that_is_only_thought_of_condemns_nobody() -> None:
    guess = "Votre message n'est pas arrivé. Il se peut que ce compte ait été supprimé."
    assert judged(guess, command="") is ReturnClass.BLOCK
    assert judged(guess.replace("Il se peut que ", ""), command="") is ReturnClass.HARD
    assert judged(f"550 5.2.1 {guess}") is ReturnClass.HARD


@pytest.mark.parametrize(
    "text",
    [
        "550 the remote server offers no secure line: StartTLS unsupported",
        "530 chiffrement obligatoire",
        "550 Verschlüsselung erforderlich",
    ],
)
def test_what_is_said_of_encryption_is_said_of_the_line(text: str) -> None:
    assert judged(text, command="MAIL") is ReturnClass.SOFT


@pytest.mark.parametrize(
    ("text", "command", "cls"),
    [
        ("421 you have too many simultaneous smtp sessions from your ip", "CONN", ReturnClass.RATE_LIMITED),
        ("550 too many wrong recipients", "RCPT", ReturnClass.RATE_LIMITED),
        ("421 you send faster than we accept", "MAIL", ReturnClass.RATE_LIMITED),
        ("450 Sie senden zu schnell", "MAIL", ReturnClass.RATE_LIMITED),
        ("421 4.7.0 only 5 parallel sessions per client", "CONN", ReturnClass.RATE_LIMITED),
        ("421 4.7.0 your quota of messages is used up", "RCPT", ReturnClass.RATE_LIMITED),
        ("550 casella inesistente", "RCPT", ReturnClass.HARD),
        ("550 il n'y a personne de ce nom ici", "RCPT", ReturnClass.HARD),
        ("552 your attachment weighs more than is allowed", "DATA", ReturnClass.BLOCK),
        ("550 recipient not in LDAP directory", "RCPT", ReturnClass.HARD),
        ("550 aucun abonné ne correspond", "RCPT", ReturnClass.HARD),
        ("550 nessun utente con questo nome", "RCPT", ReturnClass.HARD),
        ("550 the person at this address has left", "RCPT", ReturnClass.HARD),
        ("550 该邮箱已被注销", "RCPT", ReturnClass.HARD),
        ("550 現在使われておりません: アドレス", "RCPT", ReturnClass.HARD),
        ("der Zielserver war 5 Tage lang nicht erreichbar", "", ReturnClass.SOFT),
        ("the name server did not answer in time", "", ReturnClass.SOFT),
        ("only members of this group may write to it", "", ReturnClass.BLOCK),
        ("421 your host has a poor score", "CONN", ReturnClass.BLOCK),
        ("554 trop de destinataires", "RCPT", ReturnClass.RATE_LIMITED),
        ("the user has too many messages on the server", "", ReturnClass.MAILBOX_FULL),
        ("550 5.2.2 over the size that this box may have", "", ReturnClass.MAILBOX_FULL),
        ("the inbox of this person is at capacity", "", ReturnClass.MAILBOX_FULL),
        ("no passerelle was found: mail route unknown", "", ReturnClass.SOFT),
        ("20 attempts", "", ReturnClass.SOFT),
        ("550 the registration of the domain has expired", "RCPT", ReturnClass.HARD),
        ("550 5.7.1 connection refused", "CONN", ReturnClass.BLOCK),
        ("connection refused", "CONN", ReturnClass.SOFT),
    ],
)
def test_what_was_learned_from_replies_met_later(text: str, command: str, cls: ReturnClass) -> None:
    assert judged(text, command=command) is cls


def test_an_agent_that_keeps_the_mailboxes_knows_who_has_none() -> None:
    assert judged("unknown user: paul", command="") is ReturnClass.BLOCK
    assert judged("mail.local: unknown user: paul", command="") is ReturnClass.HARD


def test_a_refusal_whose_words_are_not_understood_is_a_refusal() -> None:
    assert judged("550 Zkrátka jsme nechtěli", command="") is ReturnClass.BLOCK
    assert judged("550 Zkrátka jsme nechtěli") is ReturnClass.BLOCK  # never against the address
    assert judged("550 5.0.0 permanent failure", command="") is ReturnClass.UNKNOWN
    assert judged("Zkrátka jsme nechtěli", command="") is ReturnClass.UNKNOWN


# ------------------------------------------------------------------ statuses


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        ("5.1.1", "hard"),
        ("5.1.10", "hard"),
        ("5.7.13", "hard"),
        ("5.7.17", "hard"),
        ("5.2.2", "mailbox_full"),
        ("4.2.2", "mailbox_full"),
        ("5.4.310", "hard"),
        ("4.4.310", "soft"),
        ("5.7.28", "rate_limited"),
        ("5.7.10", "soft"),
        ("5.6.7", "block"),
        ("5.7.999", "block"),
        ("5.0.0", None),
        ("", None),
    ],
)
def test_statuses(status: str, cls: str | None) -> None:
    found = statuses.by_status(status)
    assert (found[0] if found else None) == cls


def test_every_registered_status_has_a_class() -> None:
    registered = {"1": 10, "2": 4, "3": 5, "4": 7, "5": 6, "6": 10, "7": 30}  # IANA: X.1.0 … X.1.10, …
    for subject, last in registered.items():
        for detail in range(last + 1):
            assert statuses.by_status(f"5.{subject}.{detail}") is not None or detail == 0, (subject, detail)
            assert evidence.status_in(f"550 5.{subject}.{detail} no") == f"5.{subject}.{detail}"


# The words of RFC 3463 and its extensions, where they say more than "other or undefined".
RFC_WORDS = {
    "1.1": "Bad destination mailbox address", "1.2": "Bad destination system address",
    "1.3": "Bad destination mailbox address syntax", "1.6": "Mailbox has moved, No forwarding address",
    "1.7": "Bad sender's mailbox address syntax", "1.8": "Bad sender's system address",
    "1.10": "Recipient address has null MX", "2.2": "Mailbox full",
    "2.3": "Message length exceeds administrative limit", "2.4": "Mailing list expansion problem",
    "3.1": "Mail system full", "3.2": "System not accepting network messages",
    "3.3": "System not capable of selected features", "3.4": "Message too big for system",
    "3.5": "System incorrectly configured", "4.1": "No answer from host", "4.2": "Bad connection",
    "4.3": "Directory server failure", "4.4": "Unable to route", "4.5": "Mail system congestion",
    "4.6": "Routing loop detected", "4.7": "Delivery time expired", "5.1": "Invalid command",
    "5.2": "Syntax error", "5.3": "Too many recipients", "5.4": "Invalid command arguments",
    "5.5": "Wrong protocol version", "6.1": "Media not supported",
    "6.2": "Conversion required and prohibited",
    "6.7": "Non-ASCII addresses not permitted for that sender/recipient",
    "6.8": "UTF-8 string reply is required, but not permitted by the SMTP client",
    "6.9": "UTF-8 header message cannot be transferred to one or more recipients",
    "7.1": "Delivery not authorized, message refused", "7.2": "Mailing list expansion prohibited",
    "7.4": "Security features not supported", "7.5": "Cryptographic failure",
    "7.6": "Cryptographic algorithm not supported", "7.7": "Message integrity failure",
    "7.8": "Authentication credentials invalid", "7.9": "Authentication mechanism is too weak",
    "7.10": "Encryption Needed", "7.11": "Encryption required for requested authentication mechanism",
    "7.12": "A password transition is needed", "7.13": "User Account Disabled",
    "7.14": "Trust relationship required", "7.15": "Priority Level is too low",
    "7.16": "Message is too big for the specified priority", "7.17": "Mailbox owner has changed",
    "7.18": "Domain owner has changed", "7.19": "RRVS test cannot be completed",
    "7.20": "No passing DKIM signature found", "7.23": "SPF validation failed",
    "7.25": "Reverse DNS validation failed", "7.26": "Multiple authentication checks failed",
    "7.27": "Sender address has null MX", "7.28": "Mail flood detected", "7.29": "ARC validation failure",
    "7.30": "REQUIRETLS support required",
}  # fmt: skip


@pytest.mark.parametrize("detail", RFC_WORDS)
def test_the_words_of_a_status_mean_what_its_number_means(detail: str) -> None:
    found = statuses.by_status(f"5.{detail}")
    assert found is not None
    assert judged(f"550 {RFC_WORDS[detail]}") is found[0]
    assert judged(f"550 5.{detail} {RFC_WORDS[detail]}") is found[0]


# ------------------------------------------------------------------ warnings


@pytest.mark.parametrize(
    ("subject", "notice"),
    [
        ("Warning: could not send message for past 4 hours", "Deferred: Connection timed out"),
        ("Delivery delayed", "Your message could not be delivered yet."),
        ("Mail status", "No action is required on your part. Delivery attempts will continue."),
        ("Message retardé", "Le serveur fera de nouvelles tentatives pendant 5 jours."),
        ("Zustellung verzögert", "Die Nachricht wird weiter versucht."),
    ],
)
def test_a_warning_goes_on(subject: str, notice: str) -> None:
    assert trying.goes_on(subject, notice)


@pytest.mark.parametrize(
    ("subject", "notice"),
    [
        ("Undeliverable: Facture", "#550 4.4.7 Message delayed; giving up"),
        ("Undeliverable: Facture", "#550 4.4.7 QUEUE.Expired; message delayed"),
        ("Mail delivery failed", "retry time exceeded"),
        ("Delivery delayed", "I'm not going to try again; this message has been in the queue too long."),
        ("Non remis : Facture", "La remise est retardée puis abandonnée."),
        ("failure notice", "user unknown"),
        ("Warning: Delivery failed", "550 user unknown"),
    ],
)
def test_a_failure_is_final(subject: str, notice: str) -> None:
    assert not trying.goes_on(subject, notice)
