"""Draw the residents and their families: every way of receiving an invoice, then ordinary ones."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from elite_lib.demo import identifiers, names
from elite_lib.models import Contact, Delivery, PaymentMode, Quality, Resident


class Profile(StrEnum):
    """What is special about a household. Each bears one, so that a test can point at it."""

    ORDINARY = "ordinary"
    SPLIT = "split"  # two payers, each with an invoice of its own (Destinataire)
    JOINT = "joint"  # two contacts, one message
    NO_ADDRESS = "no_address"  # marked contacts without any e-mail
    TYPO = "typo"  # the only address has a comma in its domain
    DECEASED = "deceased"
    CREDIT_NOTE = "credit_note"
    DRAFT = "draft"
    GUARDIAN = "guardian"
    REFUSED = "refused"  # the demo's server says 550
    DEFERRED = "deferred"  # the demo's server says 451, once
    BOTH = "both"  # Envoi = les deux
    ORGANISATION = "organisation"  # one address for two residents
    SECOND_EMAIL = "second_email"
    NULL = "null"  # a resident whose name is Null
    SEPARATE = "separate"  # two contacts, two messages, different attachments
    PAPER = "paper"  # an address, but the family wants paper


# in order of interest: a home with few residents has the first ones
SPECIAL = (
    Profile.SPLIT,
    Profile.JOINT,
    Profile.NO_ADDRESS,
    Profile.TYPO,
    Profile.DECEASED,
    Profile.CREDIT_NOTE,
    Profile.DRAFT,
    Profile.GUARDIAN,
    Profile.REFUSED,
    Profile.DEFERRED,
    Profile.BOTH,
    Profile.ORGANISATION,
    Profile.ORGANISATION,
    Profile.SECOND_EMAIL,
    Profile.NULL,
    Profile.SEPARATE,
    Profile.PAPER,
)

_TWO_CONTACTS = frozenset({Profile.SPLIT, Profile.JOINT, Profile.SEPARATE})
_DELIVERIES = {Profile.BOTH: Delivery.BOTH, Profile.PAPER: Delivery.PAPER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A resident, the family, and what the invoices need to know of them. Euros before tax."""

    profile: Profile
    index: int  # rank among the residents: decides absences, aid and the like
    resident: Resident
    contacts: tuple[Contact, ...]
    typo: str = ""  # what the E-mail cell of contact 1 holds instead of an address
    daily_rate: Decimal
    housing_aid: Decimal = Decimal(0)  # APL a month, paid to the home
    gets_statement: bool = False

    @property
    def code(self) -> str:
        return self.resident.code


@dataclass(slots=True, kw_only=True)
class Census:
    """Draws households; remembers what must not be drawn twice."""

    rng: random.Random
    first_day: dt.date  # of the first month: whoever is there from the start came before it
    taken: set[str]

    def household(self, index: int, profile: Profile, *, entry: dt.date | None = None) -> Household:
        """Draw the household number ``index`` (from 0); ``entry`` is for those who arrive later."""
        resident = self._resident(index, profile, entry)
        contacts = self._contacts(resident, profile)
        typo = ""
        if profile is Profile.TYPO:
            local, _, domain = contacts[0].emails[0].partition("@")
            typo = f"{local}@{domain.replace('.', ',')}"  # prenom.nom@example,com
        if profile in (Profile.TYPO, Profile.NO_ADDRESS):
            contacts = tuple(replace(contact, emails=()) for contact in contacts)
        aided = index % 5 == 1 and profile not in (Profile.SPLIT, Profile.DECEASED)
        return Household(
            profile=profile,
            index=index,
            resident=resident,
            contacts=contacts,
            typo=typo,
            daily_rate=self.rng.choice(
                (Decimal("66.82"), Decimal("71.09"), Decimal("74.41"), Decimal("82.94"))
            ),
            housing_aid=Decimal(self.rng.randrange(14800, 26900)) / 100 if aided else Decimal(0),
        )

    def _resident(self, index: int, profile: Profile, entry: dt.date | None) -> Resident:
        rng = self.rng
        civility, first, last, birth = self._name(index, profile)
        code = f"R{index + 1:05d}"
        stay = entry or self.first_day - dt.timedelta(days=rng.randrange(30, 2900))
        debit = index % 6 == 3
        return Resident(
            code=code,
            civility=civility,
            last_name=last,
            birth_name=birth,
            first_name=first,
            birth_date=dt.date(rng.randrange(1926, 1947), rng.randrange(1, 13), rng.randrange(1, 29)),
            entry_date=stay,
            room=f"{index // 24 % 9 + 1}{index % 24 + 1:02d}",
            gir=str(rng.choice((1, 2, 2, 3, 3, 4, 4, 5, 6))),
            payment_mode=PaymentMode.DIRECT_DEBIT if debit else self._payment(),
            iban=identifiers.iban(rng.randrange(10**11)) if debit else "",
            bic=identifiers.BIC if debit else "",
            rum=f"TILLEULS-{code}-01" if debit else "",
            mandate_date=stay if debit else None,
            delivery=_DELIVERIES.get(profile, rng.choice((Delivery.UNSET, Delivery.MAIL))),
            joint=profile is Profile.JOINT,
        )

    def _payment(self) -> PaymentMode:
        return self.rng.choice((PaymentMode.TRANSFER, PaymentMode.TRANSFER, PaymentMode.CHEQUE))

    def _name(self, index: int, profile: Profile) -> tuple[str, str, str, str]:
        """Civility, first, last, birth name; rare ones first, and no two residents alike."""
        rng = self.rng
        if profile is Profile.NULL:
            return ("Mme", "Paulette", "Null", "")
        if index < len(names.RARE):
            return names.RARE[index]
        woman = rng.random() < 0.72
        pool = names.FEMALE if woman else names.MALE

        def draw() -> str:
            return f"{rng.choice(pool)}|{rng.choice(names.LAST)}"

        first, last = self._fresh(draw, ignore_after=len(pool) * len(names.LAST)).split("|")
        birth = rng.choice(names.LAST) if woman and rng.random() < 0.6 else ""
        return ("Mme" if woman else "M.", first, last, birth)

    def _fresh(self, draw: Callable[[], str], *, ignore_after: int) -> str:
        """Draw until something new comes; a home larger than the lists repeats names in the end."""
        value = draw()
        for _ in range(ignore_after):
            if value not in self.taken:
                break
            value = draw()
        self.taken.add(value)
        return value

    def _contacts(self, resident: Resident, profile: Profile) -> tuple[Contact, ...]:
        if profile is Profile.ORGANISATION:
            return (self._organisation(resident),)
        first = self._relative(resident, 1, gets_invoices=True)
        if profile is Profile.GUARDIAN:
            first = replace(first, quality=Quality.GUARDIAN, relation="Mandataire judiciaire")
        if profile is Profile.SECOND_EMAIL:
            first = replace(first, emails=(*first.emails, self._email("secretariat", first.last_name)))
        if profile in _TWO_CONTACTS:
            second = self._relative(resident, 2, gets_invoices=True)
            return (first, replace(second, gets_statements=profile is Profile.JOINT))
        if profile is Profile.ORDINARY and self.rng.random() < 0.4:
            return (first, replace(self._relative(resident, 2, gets_invoices=False), gets_statements=False))
        return (first,)

    def _relative(self, resident: Resident, rank: int, *, gets_invoices: bool) -> Contact:
        rng = self.rng
        woman = rng.random() < 0.5
        first = rng.choice(names.YOUNGER_FEMALE if woman else names.YOUNGER_MALE)
        last = resident.last_name if rng.random() < 0.6 else rng.choice(names.LAST)
        postcode, town = rng.choice(names.TOWNS)
        return Contact(
            resident=resident.code,
            rank=rank,
            civility="Mme" if woman else "M.",
            last_name=last,
            first_name=first,
            relation=rng.choice(("Fille", "Nièce", "Petite-fille") if woman else ("Fils", "Neveu", "Frère")),
            gets_invoices=gets_invoices,
            gets_statements=gets_invoices,
            address_1=f"{rng.randrange(1, 180)} {rng.choice(names.STREETS)}",
            address_2=rng.choice(names.COMPLEMENTS),
            postcode=postcode,
            town=town,
            phone=names.phone(rng),
            emails=(self._email(first, last),),
        )

    def _organisation(self, resident: Resident) -> Contact:
        """One association for all its residents: same name, same address."""
        return Contact(
            resident=resident.code,
            rank=1,
            last_name="Association tutélaire des Érables",
            relation="Organisme",
            quality=Quality.ORGANISATION,
            gets_invoices=True,
            gets_statements=True,
            address_1="Service des majeurs protégés",
            address_2="14 boulevard de la Liberté",
            postcode="37000",
            town="Tours",
            phone="02 61 91 00 14",
            emails=("factures@tutelle-erables.example",),
        )

    def _email(self, first: str, last: str) -> str:
        local = names.local_part(first, last)
        domain = self.rng.choice(names.DOMAINS)
        number = 1
        while (address := f"{local}{number if number > 1 else ''}@{domain}") in self.taken:
            number += 1
        self.taken.add(address)
        return address


def settle(census: Census, count: int) -> list[Household]:
    """Draw the ``count`` residents who are there from the start, the special ones among the others."""
    rng = census.rng
    special = SPECIAL[:count]
    places = dict(zip(rng.sample(range(count), len(special)), special, strict=True))
    households = [
        census.household(
            index, places.get(index, Profile.NO_ADDRESS if index % 11 == 7 else Profile.ORDINARY)
        )
        for index in range(count)
    ]
    with_statement = _statement_codes(rng, households)
    return [replace(h, gets_statement=h.code in with_statement) for h in households]


def _statement_codes(rng: random.Random, households: list[Household]) -> set[str]:
    """Choose the third that has disbursements, those whose contacts differ by them first.

    Left out are residents with two lines in a month, or a line that does not go: which of them
    the relevé would travel with is a case for selection's own tests.
    """
    apart = (Profile.SPLIT, Profile.CREDIT_NOTE, Profile.DRAFT, Profile.DECEASED)
    eligible = [h for h in households if h.profile not in apart]
    rng.shuffle(eligible)
    eligible.sort(key=lambda h: h.profile not in (Profile.JOINT, Profile.SEPARATE))
    return {h.code for h in eligible[: len(households) // 3]}
