"""The closed lists of the workbook's columns: every word that an office may write, and what it means."""

from __future__ import annotations

from collections.abc import Mapping

from elite_lib.models import Delivery, InvoiceKind, InvoiceStatus, PaymentMode, Quality, Section

# Keys are folded (lower case, no accents). The first word of each value is the one that problems advise.
_DELIVERY = {
    "mail": Delivery.MAIL,
    "e-mail": Delivery.MAIL,
    "email": Delivery.MAIL,
    "mel": Delivery.MAIL,
    "courriel": Delivery.MAIL,
    "courrier": Delivery.PAPER,
    "papier": Delivery.PAPER,
    "poste": Delivery.PAPER,
    "les deux": Delivery.BOTH,
    "les 2": Delivery.BOTH,
    "mail et courrier": Delivery.BOTH,
    "mail + courrier": Delivery.BOTH,
    "courrier et mail": Delivery.BOTH,
}
_JOINT = {
    "joint": "joint",
    "joints": "joint",
    "commun": "joint",
    "separe": "separate",
    "separes": "separate",
    "individuel": "separate",
}
_QUALITY = {
    "famille": Quality.FAMILY,
    "tuteur": Quality.GUARDIAN,
    "tutrice": Quality.GUARDIAN,
    "tutelle": Quality.GUARDIAN,
    "mandataire": Quality.GUARDIAN,
    "mandataire judiciaire": Quality.GUARDIAN,
    "curateur": Quality.CURATOR,
    "curatrice": Quality.CURATOR,
    "curatelle": Quality.CURATOR,
    "organisme": Quality.ORGANISATION,
    "association": Quality.ORGANISATION,
    "association tutelaire": Quality.ORGANISATION,
    "caisse": Quality.ORGANISATION,
}
_KIND = {
    "facture": InvoiceKind.INVOICE,
    "fac": InvoiceKind.INVOICE,
    "avoir": InvoiceKind.CREDIT_NOTE,
    "av": InvoiceKind.CREDIT_NOTE,
    "note de credit": InvoiceKind.CREDIT_NOTE,
}
_STATUS = {
    "emise": InvoiceStatus.ISSUED,
    "emis": InvoiceStatus.ISSUED,
    "brouillon": InvoiceStatus.DRAFT,
    "annulee": InvoiceStatus.CANCELLED,
    "annule": InvoiceStatus.CANCELLED,
}
_SECTION = {
    "heb": Section.ACCOMMODATION,
    "hebergement": Section.ACCOMMODATION,
    "dep": Section.DEPENDENCY,
    "dependance": Section.DEPENDENCY,
    "pre": Section.SERVICES,
    "prestations": Section.SERVICES,
    "prestations complementaires": Section.SERVICES,
    "div": Section.OTHER,
    "divers": Section.OTHER,
}
_PAYMENT = {
    "virement": PaymentMode.TRANSFER,
    "virement bancaire": PaymentMode.TRANSFER,
    "virement sepa": PaymentMode.TRANSFER,
    "vir": PaymentMode.TRANSFER,
    "prelevement": PaymentMode.DIRECT_DEBIT,
    "prelevement automatique": PaymentMode.DIRECT_DEBIT,
    "prelevement sepa": PaymentMode.DIRECT_DEBIT,
    "prelevement bancaire": PaymentMode.DIRECT_DEBIT,
    "prlv": PaymentMode.DIRECT_DEBIT,
    "prel": PaymentMode.DIRECT_DEBIT,
    "cheque": PaymentMode.CHEQUE,
    "cheque bancaire": PaymentMode.CHEQUE,
    "chq": PaymentMode.CHEQUE,
    "especes": PaymentMode.CASH,
    "numeraire": PaymentMode.CASH,
    "autre": PaymentMode.OTHER,
    "tip": PaymentMode.OTHER,
    "carte bancaire": PaymentMode.OTHER,
    "cb": PaymentMode.OTHER,
    "mandat": PaymentMode.OTHER,
}
_DIRECTION = {
    "versement": "payment",
    "encaissement": "payment",
    "depot": "payment",
    "remboursement": "refund",
    "restitution": "refund",
}

# By the name of the frame's column; columns of the same name in two sheets share their list.
WORDS: Mapping[str, Mapping[str, str]] = {
    "delivery": _DELIVERY,
    "joint": _JOINT,
    "quality": _QUALITY,
    "kind": _KIND,
    "status": _STATUS,
    "section": _SECTION,
    "payment_mode": _PAYMENT,
    "direction": _DIRECTION,
}

# What a problem advises (fact "allowed"), as the sheet writes it.
ALLOWED: Mapping[str, str] = {
    "delivery": "mail, courrier, les deux",
    "joint": "joint, séparé",
    "quality": "famille, tuteur, curateur, organisme",
    "kind": "facture, avoir",
    "status": "émise, brouillon, annulée",
    "section": "HEB, DEP, PRE, DIV",
    "payment_mode": "virement, prélèvement, chèque, espèces, autre",
    "direction": "versement, remboursement",
}

# An unknown way to pay is still a way to pay: "other" prints no QR, so that nothing is paid twice.
UNKNOWN: Mapping[str, str] = {"payment_mode": PaymentMode.OTHER}

FLAGS: Mapping[str, bool] = {
    "o": True,
    "oui": True,
    "x": True,
    "vrai": True,
    "true": True,
    "1": True,
    "n": False,
    "non": False,
    "faux": False,
    "false": False,
    "0": False,
}
FLAGS_ALLOWED = "O, N"
