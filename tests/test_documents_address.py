"""The window address: six lines of 38 characters, the town last."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elite_lib.documents import address_lines
from elite_lib.models import Contact, DispatchLine, DocumentKind, Parcel, Quality
from tests.support.printed import CONTACT, LINE


def to(**changes: Any) -> DispatchLine:
    return replace(LINE, addressee=replace(CONTACT, **changes))


def test_a_guardian_receives_for_the_resident() -> None:
    assert address_lines(LINE) == (
        "Madame Hélène LEFÈVRE",
        "Mandataire de Mme Geneviève BŒUF",
        "14 bis, rue de l’Évêché",
        "Bâtiment B",
        "44100 NANTES",
    )


def test_family_needs_no_capacity() -> None:
    lines = address_lines(to(quality=Quality.FAMILY, relation="fille"))
    assert lines[:2] == ("Madame Hélène LEFÈVRE", "14 bis, rue de l’Évêché")


@pytest.mark.parametrize("relation", ["", "UDAF", "de confiance"])
def test_another_capacity_names_the_resident(relation: str) -> None:
    lines = address_lines(to(quality=Quality.ORGANISATION, relation=relation))
    assert lines[1] == "Pour Mme Geneviève BŒUF"


def test_line_breaks_within_a_cell_become_lines() -> None:
    lines = address_lines(to(quality=Quality.FAMILY, address_1="Résidence\nLes Lilas", address_2=""))
    assert lines[1:] == ("Résidence", "Les Lilas", "44100 NANTES")


def test_a_foreign_country_is_below_the_town() -> None:
    assert address_lines(to(country="Belgique", postcode="1000", town="Bruxelles"))[-2:] == (
        "1000 BRUXELLES",
        "BELGIQUE",
    )
    assert address_lines(to(country=" FRANCE "))[-1] == "44100 NANTES"


def test_a_long_name_loses_its_long_civility_before_it_is_broken() -> None:
    short = address_lines(
        to(quality=Quality.FAMILY, civility="Monsieur et Madame", first_name="Jean-Baptiste")
    )
    assert short[0] == "M. et Mme Jean-Baptiste LEFÈVRE"
    assert address_lines(
        to(quality=Quality.FAMILY, first_name="Marie-Antoinette", last_name="de la Rochefoucauld d’Enville")
    )[:2] == ("Mme Marie-Antoinette DE LA", "ROCHEFOUCAULD D’ENVILLE")


def test_too_many_lines_are_joined_above_the_town() -> None:
    lines = address_lines(to(address_1="A\nB\nC", address_2="D\nE"))
    assert lines[2:] == ("A", "B", "C – D – E", "44100 NANTES")


def test_nobody_known_but_the_resident() -> None:
    assert address_lines(replace(LINE, addressee=None)) == ("Mme Geneviève BŒUF",)
    assert address_lines(replace(LINE, addressee=None, resident=None)) == ()


def released(addressee: Contact | None) -> DispatchLine:
    parcel = Parcel(key="k", recipients=(), documents=(DocumentKind.INVOICE,), addressee="", deceased=True)
    return replace(LINE, addressee=addressee, parcels=(parcel,))


def test_a_released_line_goes_to_the_estate_or_to_its_addressee() -> None:
    assert address_lines(released(None)) == ("Succession de Mme Geneviève BŒUF",)
    assert address_lines(released(CONTACT))[0] == "Madame Hélène LEFÈVRE"


cells = st.fixed_dictionaries(
    {
        cell: st.text(max_size=120)
        for cell in ("last_name", "relation", "address_1", "address_2", "postcode", "town", "country")
    }
)


@given(cells, st.sampled_from(Quality))
def test_never_more_than_six_lines_of_38_characters(contact: dict[str, str], quality: Quality) -> None:
    lines = address_lines(to(quality=quality, **contact))
    assert len(lines) <= 6
    assert all(0 < len(line) <= 38 and "\n" not in line for line in lines)
