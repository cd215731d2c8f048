"""Composition: templates, drafts, and the bytes that leave."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from dataclasses import replace
from decimal import Decimal
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elite_lib import composition
from elite_lib.exceptions import ConfigError, TemplateError
from elite_lib.models import (
    Attachment,
    Disbursement,
    DispatchLine,
    Disposition,
    DocumentKind,
    Draft,
    Establishment,
    Invoice,
    LineKind,
    MailAccount,
    Parcel,
    Recipient,
    Resident,
    Statement,
    Wording,
)

MESSAGE_ID = "<0123456789abcdef01234567@tilleuls.example>"
DATE = dt.datetime(2026, 10, 31, 17, 0, tzinfo=dt.UTC)
HOME = Establishment(key="tilleuls", name="Résidence Les Tilleuls")
ACCOUNT = MailAccount(
    sender="compta@tilleuls.example",
    name="Résidence Les Tilleuls, comptabilité",
    reply_to="accueil@tilleuls.example",
    host="smtp.tilleuls.example",
    port=587,
)
RESIDENT = Resident(code="R00042", civility="Mme", last_name="Bœuf", first_name="Geneviève")
INVOICE = Invoice(
    number="F2026-10-00042",
    date=dt.date(2026, 10, 31),
    due=dt.date(2026, 11, 15),
    resident="R00042",
    total_before_tax=Decimal("2234.56"),
    total=Decimal("2234.56"),
    net=Decimal("2234.56"),
)
STATEMENT = Statement(
    number="D2026-10-0007",
    resident="R00042",
    date=dt.date(2026, 10, 31),
    disbursements=(
        Disbursement(
            date=dt.date(2026, 10, 3), supplier="Pharmacie", nature="Soins", amount=Decimal("12.30")
        ),
    ),
)
HELENE = Recipient(contact="R00042/1", address="helene@famille.example", name="Mme Hélène LEFÈVRE")
PARCEL = Parcel(
    key="F2026-10-00042~1",
    recipients=(HELENE,),
    documents=(DocumentKind.INVOICE,),
    addressee="Madame Hélène LEFÈVRE",
)
WORDING = Wording(
    subject="Facture {{ de_mois }} – {{ resident }}",
    text="Bonjour {{ destinataire }},\n\nVotre facture {{ numero }} de {{ montant }}.\n\n{{ pieces }}",
    signature="La comptabilité\n{{ etablissement }}\nhttps://tilleuls.example/contact.",
    deceased_subject="Dossier de {{ resident }}",
    deceased_text="Nous vous prions d’agréer nos condoléances.",
)
PDF = Attachment(name="Facture_F2026-10-00042.pdf", content=b"%PDF-1.7\n" + bytes(range(256)) * 40)
LOGO = Attachment(name="logo.png", content=b"\x89PNG\r\n\x1a\n" + b"\0" * 99, media_type="image/png")


def make_line(**fields: object) -> DispatchLine:
    given_fields = {
        "key": "F2026-10-00042",
        "kind": LineKind.INVOICE,
        "month": "2026-10",
        "row": 2,
        "amount": Decimal("2234.56"),
        "disposition": Disposition.MAIL,
        "resident": RESIDENT,
        "invoice": INVOICE,
    }
    return DispatchLine(**(given_fields | fields))  # type: ignore[arg-type]


def written(line: DispatchLine | None = None, parcel: Parcel = PARCEL, **options: object) -> Draft:
    given_options = {"wording": WORDING, "account": ACCOUNT, "establishment": HOME} | options
    attachments = given_options.pop("attachments", [PDF])
    return composition.write(line or make_line(), parcel, attachments, **given_options)  # type: ignore[arg-type]


def assembled(draft: Draft) -> bytes:
    return composition.assemble(draft, message_id=MESSAGE_ID, date=DATE)


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not [defect for part in message.walk() for defect in part.defects]
    return message


def to_names(content: bytes) -> list[str]:
    """Decode as RFC 2047 6.2 says; ``policy.default`` keeps the space between two encoded words of a name."""
    raw = email.message_from_bytes(content, policy=email.policy.compat32)["To"]
    return [str(make_header(decode_header(name))) for name, _ in getaddresses([raw])]


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


# -- templates -----------------------------------------------------------------------------------


def test_every_placeholder_is_filled() -> None:
    wording = Wording(
        subject="s", text="\n".join(f"{name}={{{{ {name} }}}}" for name in composition.PLACEHOLDERS)
    )
    assert written(wording=wording).text.strip().splitlines() == [
        "etablissement=Résidence Les Tilleuls",
        "resident=Mme Geneviève BŒUF",
        "civilite=Mme",
        "nom=BŒUF",
        "prenom=Geneviève",
        "destinataire=Madame Hélène LEFÈVRE",
        "mois=octobre 2026",
        "de_mois=d’octobre 2026",
        "numero=F2026-10-00042",
        "date=31/10/2026",
        "echeance=15/11/2026",
        "montant=2\u00a0234,56\u00a0€",
        "pieces=Facture_F2026-10-00042.pdf",
        "expediteur=Résidence Les Tilleuls comptabilité",
    ]


def test_statement_alone_has_its_own_number_date_and_total() -> None:
    line = make_line(
        key=STATEMENT.number,
        kind=LineKind.STATEMENT,
        invoice=None,
        statement=STATEMENT,
        amount=Decimal(0),
    )
    text = "{{ numero }}|{{ date }}|{{ echeance }}|{{ montant }}"
    assert written(line, wording=Wording(subject="s", text=text)).text == (
        "D2026-10-0007|31/10/2026||12,30\u00a0€\n"
    )


def test_signature_follows_the_text_in_both_parts() -> None:
    draft = written()
    assert draft.text.endswith("La comptabilité\nRésidence Les Tilleuls\nhttps://tilleuls.example/contact.\n")
    assert "La comptabilité<br>Résidence Les Tilleuls<br>" in draft.html


def test_everyday_parcel_uses_the_everyday_text() -> None:
    draft = written()
    assert draft.subject == "Facture d’octobre 2026 – Mme Geneviève BŒUF"
    assert draft.text.startswith("Bonjour Madame Hélène LEFÈVRE,\n\nVotre facture F2026-10-00042 de 2")


def test_deceased_parcel_uses_its_own_wording() -> None:
    draft = written(parcel=replace(PARCEL, deceased=True))
    assert draft.subject == "Dossier de Mme Geneviève BŒUF"
    assert draft.text.startswith("Nous vous prions")


def test_deceased_parcel_never_gets_the_everyday_text() -> None:
    with pytest.raises(TemplateError) as caught:
        written(parcel=replace(PARCEL, deceased=True), wording=replace(WORDING, deceased_text=" "))
    assert caught.value.code == "wording_missing"
    assert caught.value.fields == {"where": "deceased_text"}


def test_subject_given_for_one_message_replaces_the_wording() -> None:
    assert written(subject="Duplicata {{ numero }}").subject == "Duplicata F2026-10-00042"


def test_condition_on_an_empty_placeholder() -> None:
    text = "{% if echeance %}\nAvant le {{ echeance }}.\n{% endif %}\n{{ echeance|default('reçue', true) }}"
    line = make_line(invoice=replace(INVOICE, due=None))
    assert written(line, wording=Wording(subject="s", text=text)).text == "reçue\n"
    assert written(wording=Wording(subject="s", text=text)).text == "Avant le 15/11/2026.\n15/11/2026\n"


def test_check_accepts_the_usual_wording() -> None:
    composition.check(WORDING)
    composition.check(Wording(subject="Facture", text="{{ nom|upper }} {{ prenom ~ ' ' ~ nom }}"))


@pytest.mark.parametrize("where", ["subject", "text", "signature", "deceased_subject", "deceased_text"])
def test_check_names_an_unknown_placeholder_and_the_nearest(where: str) -> None:
    source = "Bonjour" + (" " if "subject" in where else "\n\n") + "{{ Résidnet }}"
    with pytest.raises(TemplateError) as caught:
        composition.check(replace(WORDING, **{where: source}))
    assert caught.value.code == "placeholder_unknown"
    assert caught.value.fields == {
        "name": "Résidnet",
        "where": where,
        "line": 1 if "subject" in where else 3,
        "nearest": "resident",
        "known": tuple(composition.PLACEHOLDERS),
    }


@pytest.mark.parametrize(
    "source",
    [
        "{% if nom %}a{% else %}{{ inconnu }}{% endif %}",
        "{{ inconnu|default('x') }}",
        "{{ range }}",
        "{{ self }}",
    ],
)
def test_check_looks_where_rendering_would_not(source: str) -> None:
    with pytest.raises(TemplateError) as caught:
        composition.check(replace(WORDING, text=source))
    assert caught.value.code == "placeholder_unknown"


@pytest.mark.parametrize(
    ("source", "construct"),
    [
        ("{{ resident.__class__ }}", "getattr"),
        ("{{ resident['__class__'] }}", "getitem"),
        ("{% if resident.__class__ %}x{% endif %}", "getattr"),
        ("{{ resident.format() }}", "call"),
        ("{{ resident() }}", "call"),
        ("{{ nom * 999999999 }}", "mul"),
        ("{% for c in nom %}{{ c }}{% endfor %}", "for"),
        ("{% set nom = 'x' %}", "assign"),
        ("{% include 'autre' %}", "include"),
        ("{% macro m() %}{% endmacro %}", "macro"),
        ("{{ nom|attr('__class__') }}", "|attr"),
        ("{{ nom|inconnu }}", "|inconnu"),
    ],
)
def test_check_refuses_all_but_placeholders_filters_and_conditions(source: str, construct: str) -> None:
    with pytest.raises(TemplateError) as caught:
        composition.check(replace(WORDING, text=source))
    assert caught.value.code == "template_forbidden"
    assert caught.value.fields == {"construct": construct, "where": "text", "line": 1}


@pytest.mark.parametrize(
    ("source", "line"),
    [("Bonjour\n{{ nom }", 2), ("{% if nom %}", 1), ("a\n\n{nom}", 1), ("{{ nom|replace }}", None)],
)
def test_check_finds_bad_syntax(source: str, line: int | None) -> None:
    with pytest.raises(TemplateError) as caught:
        composition.check(replace(WORDING, text=source))
    assert caught.value.code == "template_syntax"
    assert (caught.value.fields["where"], caught.value.fields["line"]) == ("text", line)


@pytest.mark.parametrize("subject", ["", "  \n", "Facture\n{{ nom }}", "{% if not nom %}x{% endif %}"])
def test_check_refuses_an_empty_or_broken_subject(subject: str) -> None:
    with pytest.raises(TemplateError) as caught:
        composition.check(replace(WORDING, subject=subject))
    assert (caught.value.code, caught.value.fields["header"]) == ("header_invalid", "Subject")


def test_check_wants_a_text() -> None:
    with pytest.raises(TemplateError) as caught:
        composition.check(replace(WORDING, text="\n"))
    assert caught.value.code == "wording_missing"


def test_a_value_is_never_a_template() -> None:
    line = make_line(resident=replace(RESIDENT, first_name="{{ montant }}"))
    assert "{{ montant }}" in written(line).subject


# -- HTML ----------------------------------------------------------------------------------------


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [(name, value or "") for name, value in attrs if name in ("href", "src", "background")]


def test_html_escapes_every_value() -> None:
    evil = '<script src="https://x.example/a.js">&"\'</script>'
    line = make_line(resident=replace(RESIDENT, first_name=evil))
    home = replace(HOME, name=f"{evil} Tilleuls", colour='"><script>')
    wording = replace(WORDING, text="{{ prenom }} {{ etablissement }} {{ destinataire }}")
    draft = written(line, replace(PARCEL, addressee=evil), establishment=home, wording=wording, logo=LOGO)
    links = Links(draft.html)
    assert not {"script", "link", "style", "iframe"} & set(links.tags)
    assert all(value.startswith(("cid:", "mailto:", "https://")) for _, value in links.found)


def test_html_has_paragraphs_line_breaks_and_links() -> None:
    wording = Wording(
        subject="s", text="Un\ndeux\n \nVoir (https://a.example/b?c=1&d=2), ou écrire à x.y@b.example."
    )
    html = written(wording=wording).html
    assert ">Un<br>deux</p>" in html
    assert '(<a href="https://a.example/b?c=1&amp;d=2">https://a.example/b?c=1&amp;d=2</a>), ou' in html
    assert '<a href="mailto:x.y@b.example">x.y@b.example</a>.</p>' in html


def test_html_loads_nothing_remote_and_shows_the_logo_inline() -> None:
    draft = written(logo=LOGO)
    message = parsed(assembled(draft))
    sources = [value for name, value in Links(draft.html).found if name != "href"]
    assert len(sources) == 1
    related = message.get_body(("related",))
    assert related is not None
    root, picture = related.iter_parts()
    assert root.get_content_type() == "multipart/alternative"
    assert related.get_param("type") == "multipart/alternative"
    assert picture["Content-ID"] == f"<{sources[0].removeprefix('cid:')}>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == LOGO.content


# -- headers -------------------------------------------------------------------------------------


def test_headers() -> None:
    bernard = Recipient(contact="R00042/2", address="bernard@famille.example", name='M. Bernard "B", D’ARC')
    draft = written(
        parcel=replace(PARCEL, recipients=(HELENE, bernard)), wording=replace(WORDING, receipt=True)
    )
    message = parsed(assembled(draft))
    assert [(a.display_name, a.addr_spec) for a in message["From"].addresses] == [
        ("Résidence Les Tilleuls comptabilité", "compta@tilleuls.example")
    ]
    assert [(a.display_name, a.addr_spec) for a in message["To"].addresses] == [
        ("Mme Hélène LEFÈVRE", "helene@famille.example"),
        ("M. Bernard B D’ARC", "bernard@famille.example"),
    ]
    assert message["Reply-To"] == "accueil@tilleuls.example"
    assert message["Subject"] == "Facture d’octobre 2026 – Mme Geneviève BŒUF"
    assert message["Date"].datetime == DATE
    assert message["Message-ID"] == MESSAGE_ID
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert message["Disposition-Notification-To"] == "compta@tilleuls.example"
    assert message["Content-Language"] == "fr"
    assert message["MIME-Version"] == "1.0"


def test_what_looks_encoded_is_a_text_like_another() -> None:
    odd = "=?utf-8?q?Bcc=3A?="
    draft = written(subject=odd, parcel=replace(PARCEL, recipients=(replace(HELENE, name=odd),)))
    message = parsed(assembled(draft))
    assert message["Subject"] == odd
    assert to_names(assembled(draft)) == [odd]


def test_no_receipt_and_no_reply_to_unless_asked() -> None:
    message = parsed(assembled(written(account=replace(ACCOUNT, reply_to=""))))
    assert message["Disposition-Notification-To"] is None
    assert message["Reply-To"] is None


@pytest.mark.parametrize(
    "breaking", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\0", "\ud800"]
)
@pytest.mark.parametrize("place", ["Subject", "To", "From"])
def test_a_line_break_in_a_header_value_is_refused(place: str, breaking: str) -> None:
    bad = f"Mme{breaking}Bcc: voleur@ailleurs.example"
    line, parcel, account = make_line(), PARCEL, ACCOUNT
    if place == "Subject":
        line = make_line(resident=replace(RESIDENT, first_name=bad))
    elif place == "To":
        parcel = replace(PARCEL, recipients=(replace(HELENE, name=bad),))
    else:
        account = replace(ACCOUNT, name=bad)
    with pytest.raises(TemplateError) as caught:
        written(line, parcel, account=account)
    assert caught.value.code == "header_invalid"
    assert caught.value.fields["header"] == place
    assert bad in str(caught.value.fields["value"])


@pytest.mark.parametrize(
    "changes", [{"subject": "a\nb"}, {"sender_name": "a\nb"}, {"reply_to": "a@b.example\n"}]
)
def test_assemble_checks_headers_again(changes: dict[str, str]) -> None:
    with pytest.raises(TemplateError, match="header_invalid"):
        assembled(replace(written(), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address",
    [
        "élise@famille.example",
        "a@été.example",
        "a b@c.example",
        "a@b.example, c@d.example",
        "a@b>x.example",
        "a",
        "",
    ],
)
def test_an_address_that_is_no_plain_ascii_mailbox_is_refused(address: str) -> None:
    with pytest.raises(TemplateError) as caught:
        written(parcel=replace(PARCEL, recipients=(replace(HELENE, address=address),)))
    assert caught.value.fields == {"header": "To", "value": address}


@pytest.mark.parametrize(
    "message_id", ["sans@crochets.example", "<a b@c.example>", "<a@b.example>\r\nX: y", "<>"]
)
def test_a_bad_message_id_is_refused(message_id: str) -> None:
    with pytest.raises(TemplateError, match="Message-ID"):
        composition.assemble(written(), message_id=message_id, date=DATE)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        (" Jean.Dupont@Famille.EXAMPLE ", "Jean.Dupont@famille.example"),
        ("a@été.example", "a@xn--t-9fab.example"),
    ],
)
def test_canonical_address(typed: str, canonical: str) -> None:
    assert composition.canonical_address(typed) == canonical


@pytest.mark.parametrize(
    "typed", ["", "a", "@b.example", "élise@b.example", "a@b..example", "a@b c.example", "a@-b.example"]
)
def test_canonical_address_refuses(typed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        composition.canonical_address(typed)
    assert caught.value.fields == {"value": typed}


# -- attachments ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "number", "resident", "name"),
    [
        (DocumentKind.INVOICE, "F2026-10-00042", "", "Facture_F2026-10-00042.pdf"),
        (DocumentKind.STATEMENT, "D-7", "", "Releve_D-7.pdf"),
        (
            DocumentKind.INVOICE,
            "F2026-10-00042",
            "Mme Geneviève BŒUF",
            "Facture_F2026-10-00042_Mme_Genevieve_BOEUF.pdf",
        ),
    ],
)
def test_file_name(kind: DocumentKind, number: str, resident: str, name: str) -> None:
    assert composition.file_name(kind, number, resident) == name


def test_file_names_of_different_numbers_differ() -> None:
    numbers = ["F/1", "F-1", "F 1", "F_1", "É1", "E1", "../F1", "F1"]
    names = {composition.file_name(DocumentKind.INVOICE, number, "") for number in numbers}
    assert len(names) == len(numbers)
    assert all(re.fullmatch(r"Facture_[A-Za-z0-9_-]+\.pdf", name) for name in names)


def test_attachment_names_are_rewritten_in_ascii() -> None:
    files = ["Règlement intérieur – été.pdf", "œuvres.PDF", "été", 'a"b\r\n.pdf', "…pdf", ".pdf"]
    draft = written(attachments=[Attachment(name=name, content=b"x") for name in files])
    assert [item.name for item in draft.attachments] == [
        "Reglement_interieur_ete.pdf",
        "oeuvres.PDF",
        "ete",
        "a_b.pdf",
        "pdf",
        "pdf",
    ]
    names = [item.get_filename() for item in parsed(assembled(draft)).iter_attachments()]
    assert names == [item.name for item in draft.attachments]


@pytest.mark.parametrize(
    "media_type", ["application/pdf\r\nX: y", "message/rfc822", "multipart/mixed", "pdf"]
)
def test_a_bad_media_type_is_refused(media_type: str) -> None:
    with pytest.raises(TemplateError, match="Content-Type"):
        assembled(written(attachments=[replace(PDF, media_type=media_type)]))


# -- bytes ---------------------------------------------------------------------------------------


def test_structure() -> None:
    tree = [
        p.get_content_type() for p in parsed(assembled(written(logo=LOGO, attachments=[PDF, PDF]))).walk()
    ]
    assert tree == [
        "multipart/mixed",
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
        "application/pdf",
        "application/pdf",
    ]
    assert [p.get_content_type() for p in parsed(assembled(written(attachments=[]))).walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_same_draft_same_bytes_and_only_identity_differs() -> None:
    draft = written(logo=LOGO)
    assert assembled(draft) == assembled(written(logo=LOGO))
    other = composition.assemble(draft, message_id=MESSAGE_ID.replace("0123", "9999"), date=DATE)
    assert len(other) == len(assembled(draft))
    assert other != assembled(draft)


def test_no_content_can_close_a_part() -> None:
    boundary = parsed(assembled(written())).get_boundary()
    text = f"--{boundary}--\n--{boundary}\nContent-Type: text/html\n\nfaux"
    draft = written(wording=Wording(subject="s", text=text))
    message = parsed(assembled(draft))
    assert part(message, "plain") == draft.text
    assert [item.get_content() for item in message.iter_attachments()] == [PDF.content]


letters = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=120
).filter(str.strip)
bodies = st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=200), max_size=20).map(
    "\n".join
)


@settings(max_examples=100, deadline=None)
@given(
    subject=letters,
    names=st.lists(letters, min_size=1, max_size=4),
    text=bodies,
    files=st.lists(st.binary(max_size=500), max_size=3),
    logo=st.booleans(),
)
def test_composed_bytes_parse_back_to_the_same(
    subject: str, names: list[str], text: str, files: list[bytes], logo: bool
) -> None:
    draft = written(
        make_line(resident=replace(RESIDENT, first_name=subject)),
        replace(
            PARCEL,
            addressee=f"x{text}",
            recipients=tuple(
                Recipient(contact="", address=f"a{rank}@famille.example", name=name)
                for rank, name in enumerate(names)
            ),
        ),
        wording=Wording(subject="{{ prenom }}", text="{{ destinataire }}"),
        attachments=[Attachment(name=f"f{rank}.pdf", content=file) for rank, file in enumerate(files)],
        logo=LOGO if logo else None,
    )
    content = assembled(draft)
    assert content.isascii()
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert max(map(len, content.split(b"\r\n"))) <= 76
    message = parsed(content)
    assert message["Subject"] == subject.strip(" ")
    assert [a.addr_spec for a in message["To"].addresses] == [to.address for to in draft.recipients]
    assert to_names(content) == [to.name for to in draft.recipients]
    assert part(message, "plain") == draft.text
    assert part(message, "html") == draft.html
    attached = [p for p in message.walk() if p.get_content_disposition() == "attachment"]
    assert [item.get_content() for item in attached] == files


# -- fingerprint and envelope --------------------------------------------------------------------


def test_fingerprint_tells_what_changed() -> None:
    draft = written()
    first = composition.fingerprint(draft)
    assert all(re.fullmatch("[0-9a-f]{16}", part) for part in str(first).split(":"))
    cases = {
        "addresses": replace(draft, recipients=(replace(HELENE, address="autre@famille.example"),)),
        "documents": replace(draft, attachments=(replace(PDF, content=b"%PDF-1.7 autre"),)),
        "text": replace(draft, receipt=True),
    }
    for changed, other in cases.items():
        second = composition.fingerprint(other)
        differing = [n for n in ("addresses", "documents", "text") if getattr(first, n) != getattr(second, n)]
        assert differing == [changed]


def test_fingerprint_ignores_order_and_case_of_addresses() -> None:
    other = Recipient(contact="R00042/2", address="Bernard@famille.example")
    draft = replace(written(), recipients=(HELENE, other))
    turned = replace(draft, recipients=(replace(other, address="bernard@famille.example"), HELENE))
    assert composition.fingerprint(draft).addresses == composition.fingerprint(turned).addresses


def test_envelope() -> None:
    draft = replace(written(), recipients=(HELENE, replace(HELENE, contact="R00042/2")))
    account = replace(ACCOUNT, archive="archive@tilleuls.example")
    envelope = composition.envelope(draft, account, envid="abc")
    assert (envelope.sender, envelope.envid) == ("compta@tilleuls.example", "abc")
    assert envelope.recipients == ("helene@famille.example",)
    assert envelope.archive == "archive@tilleuls.example"
    same = composition.envelope(draft, replace(ACCOUNT, archive="Helene@famille.example"), envid="abc")
    assert same.archive == ""
