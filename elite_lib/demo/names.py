"""Words of the sample data: names, streets, towns, suppliers. Nobody real, no domain that exists.

E-mail domains are reserved ones (RFC 2606, RFC 6761); telephone numbers come from the
ranges that ARCEP keeps free for works of fiction (decision 2018-0881).
"""

from __future__ import annotations

import random
import re
import unicodedata

DOMAINS = (
    "example.com",
    "example.org",
    "example.net",
    "famille.example",
    "courriel.example",
    "messagerie.test",
)

# civility, first name, last name, birth name: what breaks programs that never met it
RARE = (
    ("Mme", "Geneviève", "Bœuf", "L'Hénoret"),
    ("M.", "François-Xavier", "de La Motte-Saint-Pourçain d'Hauterive", ""),
    ("Mme", "Lætitia", "Œuvrard", "Le Cœur"),
    ("M.", "Ægidius", "Garçon-Dupuÿ", ""),
    ("Mme", "Marie-Thérèse-Antoinette", "Nuñez Çetin-Lançon", "d'Aubépine"),
    ("M.", "Noël", "L'Hostis", ""),
)

FEMALE = (
    "Andrée", "Antoinette", "Arlette", "Bernadette", "Cécile", "Colette", "Denise", "Éliane", "Émilienne",
    "Fernande", "Georgette", "Germaine", "Ginette", "Gisèle", "Henriette", "Huguette", "Jacqueline",
    "Jeanne", "Josette", "Juliette", "Léonie", "Lucette", "Lucienne", "Madeleine", "Marcelle", "Marguerite",
    "Mauricette", "Monique", "Odette", "Paulette", "Raymonde", "Renée", "Simone", "Solange", "Suzanne",
    "Thérèse", "Yvette", "Yvonne",
)  # fmt: skip

MALE = (
    "Albert", "Alphonse", "André", "Armand", "Aurèle", "Bernard", "Clément", "Émile", "Étienne", "Eugène",
    "Fernand", "Georges", "Gérard", "Gilbert", "Henri", "Hervé", "Jacques", "Joël", "Lucien", "Marcel",
    "Maurice", "Michel", "Paul", "Pierre", "Raymond", "René", "Robert", "Roger", "Théophile", "Victor",
    "Yves",
)  # fmt: skip

YOUNGER_FEMALE = (
    "Agnès", "Anne-Laure", "Béatrice", "Catherine", "Chloé", "Claire", "Corinne", "Élodie", "Françoise",
    "Gaëlle", "Hélène", "Isabelle", "Joëlle", "Laurence", "Maëva", "Marie-Hélène", "Nathalie", "Pascale",
    "Sandrine", "Stéphanie", "Sylvie", "Valérie", "Véronique",
)  # fmt: skip

YOUNGER_MALE = (
    "Alain", "Benoît", "Christophe", "Cédric", "Didier", "Éric", "Frédéric", "Gaël", "Guillaume",
    "Jean-François", "Jérôme", "Laurent", "Loïc", "Mickaël", "Nicolas", "Olivier", "Pascal", "Philippe",
    "Sébastien", "Thierry", "Vincent", "Xavier",
)  # fmt: skip

LAST = (
    "Aubert", "Barbier", "Baudouin", "Béranger", "Besançon", "Blanchard", "Bonnefoy", "Boulanger", "Bréhat",
    "Briançon", "Caillé", "Chauvin", "Chevalier", "Clément", "Coulomb", "Courtois", "Cousteau", "Dambrine",
    "d'Estienne", "de Kergoat", "Delaunay", "Desprès", "Dubreuil", "du Plessis", "Duchêne", "Dumoulin",
    "Esnault", "Fabre", "Faÿ", "Ferrand", "Fontaine", "Fouché", "Gaillard", "Gaultier", "Gérard-Pons",
    "Giraud", "Guérin", "Guyot", "Hamelin", "Hervouët", "Hoarau", "Huguenin", "Jacquemin", "Joubert",
    "Jourdain", "Kerouédan", "L'Azou", "Labbé", "Lacroix", "Lambert", "Lanoë", "Le Bihan", "Le Goff",
    "Lebœuf", "Lefèvre", "Lemaître", "Leroy-Besnard", "Levêque", "Loiseau", "Maçon", "Maillard", "Marchand",
    "Maréchal", "Mercier", "Meyer", "Michaud", "Monnier", "Moreau", "Müller", "Noël", "Ollivier",
    "Parmentier", "Pasquier", "Péron", "Perrot", "Piétri", "Poirier", "Prévost", "Quéméneur", "Rambert",
    "Raynaud", "Renard", "Riberolles", "Rivière", "Roussel", "Sabatier", "Saint-Aubin", "Sallé", "Sauvage",
    "Schœlcher", "Ségalen", "Tanguy", "Tessier", "Thibault", "Toussaint", "Trévisan", "Vacher", "Vaïsse",
    "Vasseur", "Verdier", "Vernhes", "Villeneuve", "Weiss", "Ybert",
)  # fmt: skip

STREETS = (
    "rue des Tanneurs", "rue de l'Abbé-Grégoire", "avenue du Maréchal-des-Logis", "place de l'Église",
    "chemin du Bois-Joli", "impasse des Cœurs-Volants", "boulevard de la Liberté", "allée des Érables",
    "rue Sous-les-Remparts", "quai aux Fleurs", "route de la Forêt", "rue du Puits-Salé", "cours de la Marne",
)  # fmt: skip

COMPLEMENTS = (
    "",
    "",
    "",
    "Bâtiment B",
    "Appartement 12",
    "Résidence Les Hêtres, escalier C",
    "Lieu-dit Le Pré-aux-Clercs",
)

# leading zeros and long names are the point
TOWNS = (
    ("01000", "Bourg-en-Bresse"),
    ("04000", "Digne-les-Bains"),
    ("06000", "Nice"),
    ("08000", "Charleville-Mézières"),
    ("14000", "Caen"),
    ("29000", "Quimper"),
    ("37000", "Tours"),
    ("51000", "Châlons-en-Champagne"),
    ("69003", "Lyon"),
    ("75012", "Paris"),
    ("85000", "La Roche-sur-Yon"),
    ("97400", "Saint-Denis"),
)

# supplier, nature, lowest and highest amount in cents
SUPPLIERS = (
    ("Pharmacie de la Place", "Médicaments non remboursés", 480, 4650),
    ("Salon Atout Cœur", "Coiffeur", 1800, 4200),
    ("Cabinet Lefort", "Pédicure", 3000, 3800),
    ("Pressing du Marché", "Nettoyage à sec", 650, 2490),
    ("Maison de la Presse", "Journaux et magazines", 260, 3120),
    ("Taxis du Val", "Transport vers l'hôpital de jour", 2150, 6480),
)


def ascii_word(text: str) -> str:
    """Reduce a name to what a local part may hold: ``Bœuf-L'Hénoret`` → ``boeuf-lhenoret``."""
    plain = text.replace("Œ", "OE").replace("œ", "oe").replace("Æ", "AE").replace("æ", "ae")
    folded = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z-]", "", folded.replace(" ", "-"))


def local_part(first: str, last: str) -> str:
    """Compose ``prenom.nom``, at most 64 characters (RFC 5321 4.5.3.1.1)."""
    return f"{ascii_word(first)}.{ascii_word(last)}"[:60].rstrip(".-")


def phone(rng: random.Random) -> str:
    """Draw a telephone number from the ranges kept for fiction."""
    head = rng.choice(("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98"))
    return f"{head} {rng.randrange(100):02d} {rng.randrange(100):02d}"
