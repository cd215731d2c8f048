"""The names that other programs and other hands give to our sheets and columns. Data, no code.

Titles are compared after ``headers.normalised``: no case, accents, punctuation, spaces; ``N°`` = ``No`` =
``Numéro``. So only really different names stand here. ``elite.toml`` adds a home's own.
"""

from __future__ import annotations

from collections.abc import Mapping

# By Sheet.name; selection finds the rows of a warning by these titles too.
SHEET_ALIASES: Mapping[str, tuple[str, ...]] = {
    "contacts": ("Famille",),  # the tab's name in the program that this one succeeds
}

# By Sheet.name, then Column.name.
COLUMN_ALIASES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "residents": {
        "code": ("Code", "N° résident", "Résident", "Code usager", "N° dossier", "Matricule"),
        "civility": ("Titre", "Civ"),
        "last_name": ("Nom d'usage", "Nom usuel", "Nom du résident", "Nom résident"),
        "birth_name": ("Nom de jeune fille", "Nom naissance"),
        "first_name": ("Prénoms", "Prénom du résident", "Prénom résident"),
        "birth_date": ("Né le", "Née le", "Né(e) le", "Date naissance"),
        "entry_date": ("Entrée", "Entré le", "Date entrée", "Date d'admission"),
        "exit_date": ("Sortie", "Sorti le", "Date sortie"),
        "death_date": ("Décès", "Décédé le", "Date décès", "Date du décès"),
        "room": ("N° chambre", "Ch.", "Logement", "N° de chambre"),
        "gir": ("Groupe GIR", "GIR actuel"),
        "payment_mode": ("Mode règlement", "Règlement", "Mode de paiement", "Moyen de paiement"),
        "iban": ("Code IBAN", "N° IBAN"),
        "bic": ("Code BIC", "SWIFT", "BIC/SWIFT"),
        "rum": ("Référence mandat", "Référence unique du mandat", "N° mandat", "RUM mandat"),
        "mandate_date": ("Date du mandat", "Date de mandat", "Date de signature du mandat", "Date RUM"),
        "delivery": ("Mode d'envoi", "Envoi facture", "Envoi factures", "Envoi des factures"),
        "joint": ("Message joint", "Type de message", "Messages"),
    },
    "contacts": {
        "resident": ("Code", "N° résident", "Résident", "Code usager", "N° dossier", "Matricule"),
        "rank": ("Ordre", "N° contact", "N° d'ordre", "Rang contact"),
        "civility": ("Titre", "Civ"),
        "last_name": ("Nom du contact", "Nom contact", "Nom d'usage"),
        "first_name": ("Prénoms", "Prénom du contact", "Prénom contact"),
        "relation": ("Lien de parenté", "Parenté", "Lien familial"),
        "quality": ("Qualité du contact", "Fonction"),
        "gets_invoices": (
            "Destinataire factures",
            "Destinataire de la facture",
            "Reçoit la facture",
            "Facture",
        ),
        "gets_statements": (
            "Destinataire des débours",
            "Destinataire relevé de débours",
            "Destinataire relevé",
            "Reçoit les débours",
            "Débours",
        ),
        "address_1": ("Adresse", "Adresse ligne 1", "Rue"),
        "address_2": ("Complément d'adresse", "Adresse ligne 2", "Complément"),
        "postcode": ("Code postal",),
        "town": ("Commune", "Localité"),
        "phone": ("Tél", "Tél.", "Portable", "N° de téléphone"),
        "email": (
            "Mail",
            "Mél",
            "Courriel",
            "Adresse mail",
            "Adresse e-mail",
            "Adresse électronique",
            "E-mail 1",
            "Mail 1",
        ),
        "email_2": (
            "Mail 2",
            "Mél 2",
            "Courriel 2",
            "Adresse mail 2",
            "Adresse e-mail 2",
            "2e e-mail",
            "Autre e-mail",
        ),
    },
    "invoices": {
        "number": ("N° de facture", "N° pièce", "Numéro", "Référence facture"),
        "kind": ("Type de pièce", "Type facture"),
        "origin": ("Facture d'origine", "N° facture origine", "Facture origine", "Avoir sur facture"),
        "date": ("Date facture", "Date de facture", "Date de la facture", "Date d'émission"),
        "due": ("Date d'échéance", "Date échéance", "Payable le", "À payer avant le"),
        "resident": ("N° résident", "Résident", "Code usager", "N° dossier", "Matricule"),
        "payer_rank": ("Rang destinataire", "Rang du destinataire", "Rang payeur"),
        "start": ("Début", "Période du", "Du", "Début de période", "Date début période", "Date de début"),
        "end": ("Fin", "Période au", "Au", "Fin de période", "Date fin période", "Date de fin"),
        "total_before_tax": ("Montant HT", "HT", "Total hors taxes"),
        "vat": ("Montant TVA", "Total TVA"),
        "total": ("Montant TTC", "TTC", "Total toutes taxes comprises"),
        "deductions": ("Déduction", "Aides", "Total déductions", "Aides déduites"),
        "down_payments": ("Acompte", "Acomptes versés", "Total acomptes"),
        "net": ("Net", "Montant net", "Reste à payer", "Total net à payer", "Solde à payer"),
        "payment_mode": ("Mode règlement", "Mode de paiement", "Moyen de paiement"),
        "status": ("État", "Statut facture"),
        "pdf": ("Fichier PDF", "Fichier", "Nom du fichier"),
    },
    "lines": {
        "number": ("N° de facture", "Facture", "Référence facture"),
        "position": ("Ligne", "N° de ligne", "Ordre", "Rang"),
        "section": ("Rubrique", "Code section"),
        "label": ("Libellé", "Description", "Intitulé"),
        "start": ("Du", "Date début", "Date de début", "Début période"),
        "end": ("Au", "Date fin", "Date de fin", "Fin période"),
        "quantity": ("Qté", "Nombre", "Nb"),
        "unit": ("Unité de facturation", "U"),
        "unit_price": ("PU", "P.U.", "Prix unitaire HT", "PU HT", "Tarif"),
        "vat_rate": ("TVA", "Taux", "% TVA", "TVA %", "Taux TVA %", "Taux de TVA"),
        "amount": ("Montant HT", "Total HT", "Total ligne", "Montant ligne"),
    },
    "disbursements": {
        "statement": ("N° de relevé", "Relevé", "N° relevé de débours"),
        "number": ("N° de facture", "Facture"),
        "resident": ("Code", "N° résident", "Résident", "Code usager", "N° dossier", "Matricule"),
        "date": ("Date débours", "Date de la dépense"),
        "supplier": ("Tiers", "Prestataire", "Commerçant"),
        "nature": ("Libellé", "Objet", "Désignation"),
        "receipt": ("Pièce", "N° de pièce", "Référence pièce", "N° ticket"),
        "amount": ("Montant TTC", "Somme", "Montant débours"),
        "proof": ("Fichier justificatif", "Justificatifs"),
    },
    "provisions": {
        "resident": ("Code", "N° résident", "Résident", "Code usager", "N° dossier", "Matricule"),
        "date": ("Date versement", "Date de l'opération"),
        "direction": ("Type", "Mouvement"),
        "label": ("Désignation", "Objet", "Nature"),
        "amount": ("Somme", "Montant TTC"),
    },
}

# Of the one table, a row per invoice: as in the sheets, and what its contact is called beside the resident.
TABLE_ALIASES: Mapping[str, tuple[str, ...]] = {
    **{name: titles for name, titles in COLUMN_ALIASES["invoices"].items() if name != "payer_rank"},
    **{
        name: COLUMN_ALIASES["residents"][name]
        for name in ("civility", "last_name", "first_name", "death_date", "room", "delivery")
    },
    **{
        name: COLUMN_ALIASES["contacts"][name]
        for name in ("gets_statements", "relation", "quality", "address_1", "address_2", "postcode")
    },
    **{name: COLUMN_ALIASES["contacts"][name] for name in ("town", "phone")},
    "statement": COLUMN_ALIASES["disbursements"]["statement"],
    "disbursed": ("Débours", "Total débours", "Total relevé", "Montant relevé", "Montant du relevé"),
    "number": (*COLUMN_ALIASES["invoices"]["number"], "Facture", "N° document", "Document"),
    "resident": (*COLUMN_ALIASES["invoices"]["resident"], "Code", "Code client", "N° client", "Client"),
    "net": (*COLUMN_ALIASES["invoices"]["net"], "Montant net à payer", "Montant dû", "Net dû"),
    "contact_civility": ("Civilité contact", "Civilité du destinataire", "Civilité payeur"),
    "contact_last_name": (
        *("Destinataire", "Nom du destinataire", "Nom contact", "Nom du contact", "Contact", "Payeur"),
        *("Nom payeur", "Nom du payeur", "Débiteur", "Nom débiteur", "Nom famille", "Famille"),
    ),
    "contact_first_name": ("Prénom du destinataire", "Prénom contact", "Prénom du contact", "Prénom payeur"),
    "email": (
        *COLUMN_ALIASES["contacts"]["email"],
        *("E-mails", "Mails", "E-mail destinataire", "E-mail du destinataire", "Mail destinataire"),
        *("E-mail famille", "Mail famille", "E-mail contact", "E-mail payeur"),
    ),
    "email_2": (*COLUMN_ALIASES["contacts"]["email_2"], "E-mail destinataire 2"),
}
