"""French words of the printed documents: content, like the home's mentions, and not catalogue entries."""

from __future__ import annotations

from collections.abc import Mapping

from elite_lib.models import InvoiceKind, PaymentMode, Section

LANG = "fr-FR"

TITLES: Mapping[InvoiceKind, str] = {InvoiceKind.INVOICE: "Facture", InvoiceKind.CREDIT_NOTE: "Avoir"}
STATEMENT_TITLE = "Relevé de débours"
SHORT_STATEMENT = "Relevé"
NUMBER = "n°"
DATE = "Date"
DUE = "Échéance"
PERIOD = "Période"
FILE = "Dossier"
PAYER = "Payeur"
ROOM = "chambre"
GIR = "GIR"
ORIGIN = "Avoir sur la facture n°"
WITH_INVOICE = "Joint à la facture n°"
NOT_AN_INVOICE = "Ce relevé n’est pas une facture."
PAGE = "page"
ESTATE = "Succession de"
ON_BEHALF_OF = "Pour"
MEDIATOR = "Médiateur de la consommation"

# Who the resident is, by civility; "" for anything else
RESIDENT: Mapping[str, str] = {
    "m.": "Résident",
    "mr": "Résident",
    "monsieur": "Résident",
    "mme": "Résidente",
    "madame": "Résidente",
    "mlle": "Résidente",
    "mademoiselle": "Résidente",
    "": "Résident(e)",
}

# Short forms, for a name that is too long for the window
CIVILITIES: Mapping[str, str] = {
    "Monsieur et Madame": "M. et Mme",
    "Madame et Monsieur": "Mme et M.",
    "Mademoiselle": "Mlle",
    "Monsieur": "M.",
    "Madame": "Mme",
}

# Words of the column Lien that say in what capacity somebody receives for the resident
CAPACITIES = (
    "tuteur",
    "tutrice",
    "curateur",
    "curatrice",
    "mandataire",
    "représentant",
    "représentante",
    "habilité",
)

HOME_COUNTRIES = ("", "france", "fr", "f")

# Letterhead
PHONE = "Tél."
SIRET = "SIRET"
APE = "APE"
FINESS = "FINESS"
VAT_NUMBER = "N° TVA"

# Table
LABEL = "Désignation"
QUANTITY = "Qté"
UNIT = "Unité"
UNIT_PRICE = "P.U."
VAT = "TVA"
AMOUNT = "Montant"
AMOUNT_BEFORE_TAX = "Montant HT"
SUPPLIER = "Fournisseur"
NATURE = "Nature"
RECEIPT = "Pièce n°"
CARRIED_OVER = "À reporter"
CARRIED_FORWARD = "Report"
SECTIONS: Mapping[Section, str] = {
    Section.ACCOMMODATION: "Hébergement",
    Section.DEPENDENCY: "Dépendance",
    Section.SERVICES: "Prestations complémentaires",
    Section.OTHER: "Divers",
}
SUBTOTALS: Mapping[Section, str] = {
    Section.ACCOMMODATION: "Sous-total hébergement",
    Section.DEPENDENCY: "Sous-total dépendance",
    Section.SERVICES: "Sous-total prestations complémentaires",
    Section.OTHER: "Sous-total divers",
}

# Totals of the invoice
TOTAL = "Total des prestations"
TOTAL_BEFORE_TAX = "Total HT"
TOTAL_WITH_TAX = "Total TTC"
DEDUCTIONS = "Aides et déductions"
DOWN_PAYMENTS = "Acomptes versés"
NET = "Net à payer"
CREDIT = "Solde en votre faveur"
VAT_RATE = "Taux"
VAT_BASE = "Base HT"
WITHOUT_VAT = "Sans TVA"

# Totals of the statement
OPENING = "Provision antérieure"
PAYMENT = "Versement"
REFUND = "Remboursement"
DISBURSED = "Total des débours"
OWED = "Solde dû à l’établissement"
KEPT = "Solde de provision en votre faveur"
EVEN = "Solde"

# Payment
MODES: Mapping[PaymentMode, str] = {
    PaymentMode.UNSET: "Règlement par virement",
    PaymentMode.TRANSFER: "Règlement par virement",
    PaymentMode.DIRECT_DEBIT: "Prélèvement automatique",
    PaymentMode.CHEQUE: "Règlement par chèque",
    PaymentMode.CASH: "Règlement en espèces",
    PaymentMode.OTHER: "Règlement",
}
SCAN = "Payer par virement avec votre application bancaire (QR SEPA)"
BENEFICIARY = "Bénéficiaire"
REFERENCE = "Référence à rappeler"
PAYEE = "À l’ordre de"
SUM = "Montant"
BEFORE = "À régler avant le"
ON = "le"
FROM = "du"
TO = "au"
MANDATE = "Référence unique du mandat (RUM)"
SIGNED = "signé le"
CREDITOR = "Identifiant du créancier (ICS)"
NO_TRANSFER = "Le montant sera prélevé : aucun virement n’est à effectuer."
NOTHING_DUE = "Il n’y a rien à payer."
