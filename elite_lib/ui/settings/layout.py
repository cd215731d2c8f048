"""The parts of the settings, and what stands in each; what no part names stands with the further settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from elite_lib import composition
from elite_lib.labels import _
from elite_lib.ui.settings import mapping, passwords, providers, retention, rows, uploads
from elite_lib.ui.settings.fields import intro, known
from elite_lib.ui.settings.form import action

Item = dict[str, Any]

_WIDE = {
    "home.name", "letterhead.mentions", "letterhead.statement_mentions", "letterhead.mediator",
    "message.subject", "message.deceased_subject", "message.certificate_subject", "message.grouped_subject",
    "message.attachments",
    "returns.sources", "journal.url", "data.source",
}  # fmt: skip
_ROWS = {"letterhead.address": 4, "letterhead.mediator": 3, "message.text": 14, "message.signature": 4}
DOCUMENTS = "documents.toml"  # the key of the field that holds that whole file


def items(*keys: str, **more: Any) -> list[Item]:
    """Describe these settings; one that the installed version does not know is left out."""
    fields = known()
    return [
        fields[key].spec(
            **({"wide": True} if key in _WIDE else {}),
            **({"rows": _ROWS[key]} if key in _ROWS else {}),
            **more,
        )
        for key in keys
        if key in fields
    ]


def table(name: str) -> list[str]:
    """List the settings of a table of the file."""
    return [key for key in known() if key.startswith(f"{name}.")]


def sections(*, key_is_used: bool) -> list[Item]:
    """Describe all parts. ``key_is_used``: the journal has entries under the home's key."""
    parts = [home(), mail(), oauth(), imap(), message(), pace(), data(), notices(), documents(), keeping()]
    placed = {item["key"] for part in parts for item in part["items"] if "key" in item}
    further = [key for key in known() if key not in placed]
    fixed = [key for key in further if key == "home.establishment" and key_is_used]
    rest = [
        *items(*fixed, disabled=True),
        *items(*(key for key in further if key not in fixed)),
        rows.sheets_spec(),
        rows.aliases_spec(),
    ]
    parts.append(section("further", _("Further settings"), rest, folded=True))
    return parts


def section(name: str, title: str, items_: Sequence[Item], *, text: str = "", folded: bool = False) -> Item:
    """Make one part."""
    return {"id": name, "title": title, "intro": text, "items": list(items_), "folded": folded}


def logo_item() -> list[Item]:
    """Describe the choice of a logo, and the place where it is shown."""
    chosen = {
        "kind": "file",
        "key": "letterhead.logo",
        "label": _("Choose a logo"),
        "help": _("PNG, JPEG or SVG."),
        "accept": ".png,.jpg,.jpeg,.svg,image/png,image/jpeg,image/svg+xml",
        "most": uploads.LOGO_LIMIT,
        "place": "logo",
    }
    return [chosen, {"kind": "place", "place": "logo"}]


def workbook_item() -> list[Item]:
    """Describe the choice of a workbook, and the place where its problems are listed."""
    chosen = {
        "kind": "file",
        "key": "data.source",
        "label": _("Bring a workbook into the home's folder"),
        "help": ", ".join(uploads.WORKBOOKS),
        "accept": ",".join(uploads.WORKBOOKS),
        "most": uploads.WORKBOOK_LIMIT,
        "place": "workbook",
    }
    return [chosen, {"kind": "place", "place": "workbook"}]


def home() -> Item:
    keys = [key for key in table("letterhead") if key != "letterhead.colour"]
    text = _(
        "What is printed on the documents. A change in the middle of a month changes its documents: "
        "what left already is then held, and nothing leaves a second time."
    )
    described = [*items("home.name", *keys), *logo_item(), *items("letterhead.colour")]
    return section("home", _("The home"), described, text=text)


def account_items() -> list[Item]:
    """Describe the mail account itself: what the first use asks for."""
    return [
        *items("mail.preset", fills=providers.fills(), place="preset"),
        {"kind": "place", "place": "preset"},
        *items("mail.sender", "mail.host", "mail.port", "mail.security", "mail.auth", "mail.login"),
        *passwords.items("mail"),
    ]


def test_items() -> list[Item]:
    """Describe the test of the connection, and the place where its steps are told."""
    return [
        {"kind": "actions", "actions": [action("test", _("Test the connection"), once=True)]},
        {"kind": "place", "place": "test"},
    ]


def mail() -> Item:
    described = [*account_items(), passwords.where_item(), *test_items()]
    return section("mail", _("The mail account"), [*described, *items("mail.name", "mail.reply_to")])


def oauth() -> Item:
    allow = [
        action("authorise", _("Authorise the program"), once=True),
        action("authorise_stop", _("Stop waiting")),
    ]
    described = [
        *items("oauth.client_id", "oauth.tenant"),
        *passwords.items("oauth"),
        *items("oauth.unattended"),
        {"kind": "actions", "actions": allow},
        {"kind": "place", "place": "authorise"},
        *items("oauth.endpoint", "oauth.device_endpoint", "oauth.scope"),
    ]
    text = _(
        "Only where the provider takes no password any more. Save first, then authorise: "
        "a code is shown, which somebody types on the provider's page."
    )
    return section("oauth", _("Authorisation by Microsoft 365 or Google"), described, text=text, folded=True)


def imap() -> Item:
    described = [
        *items(*table("imap"), "mail.archive"),
        *passwords.items("imap"),
        *passwords.items("archive"),
        {"kind": "actions", "actions": [action("test_imap", _("Test the mailbox"), once=True)]},
        {"kind": "place", "place": "test_imap"},
        *items(*table("returns")),
    ]
    return section("imap", _("The mailbox and what comes back"), described, text=intro("imap"))


def message() -> Item:
    words = {
        "kind": "words",
        "label": _("Words that are filled in for each message"),
        "words": [[f"{{{{ {name} }}}}", _(text)] for name, text in composition.PLACEHOLDERS.items()],
    }
    return section("message", _("The usual message"), [words, *items(*table("message"))])


def pace() -> Item:
    described = [*items(*table("pace")), *items(*table("canary")), rows.lanes_spec()]
    return section("pace", _("Pace"), described, text=intro("pace"))


def mapping_items() -> list[Item]:
    """Describe the proposal of which column is which, and the places where it is shown and answered."""
    text = _("If your titles are others than ours: the program proposes which is which, and you decide.")
    return [
        {"kind": "said", "text": text},
        {"kind": "actions", "actions": [action("map", _("Propose which column is which"), once=True)]},
        {"kind": "place", "place": mapping.PLACE},
        {"kind": "place", "place": mapping.SAID},
    ]


def data() -> Item:
    described = [*items("data.source"), *workbook_item(), *passwords.items("workbook"), *mapping_items()]
    return section("data", _("The workbook"), [*described, *items("data.table")])


def notices() -> Item:
    return section(
        "notice", _("Reports of scheduled sendings"), items(*table("notice")), text=intro("notice")
    )


def documents() -> Item:
    words = {
        "kind": "text",
        "key": DOCUMENTS,
        "label": _("Words, order and mentions of the printed documents"),
        "help": _(
            "As the file documents.toml has them, where each is explained. Emptied, it is as delivered."
        ),
        "rows": 16,
        "wide": True,
        "code": True,
    }
    preview = [action("preview", _("Show an invoice with these words"), once=True)]
    return section(
        "documents",
        _("The printed documents"),
        [
            *items(*table("documents")),
            words,
            {"kind": "actions", "actions": preview},
            {"kind": "place", "place": "preview"},
        ],
        folded=True,
    )


def keeping() -> Item:
    look = [action("purge_look", _("Show what is past its time"), once=True)]
    described = [
        *items(*table("retention")),
        {"kind": "actions", "actions": look},
        {"kind": "place", "place": retention.PLACE},
    ]
    return section("retention", _("What is kept, and how long"), described, text=intro("retention"))
