"""Domains that look like a misspelt provider."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elite_lib.misspelling import PROVIDERS, distance, meant_provider


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmal.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.fr", "gmail.com"),
        ("Gmial.Com.", "gmail.com"),
        ("orange.com", "orange.fr"),
        ("ornage.fr", "orange.fr"),
        ("orange.ft", "orange.fr"),
        ("hotmial.fr", "hotmail.fr"),
        ("hotmial.com", "hotmail.com"),
        ("wandoo.fr", "wanadoo.fr"),
        ("wanado.fr", "wanadoo.fr"),
        ("lapsote.net", "laposte.net"),
        ("laposte.fr", "laposte.net"),
        ("yaho.fr", "yahoo.fr"),
        ("outlok.com", "outlook.com"),
        ("iclould.com", "icloud.com"),
        ("free.f", "free.fr"),
        ("frre.fr", "free.fr"),
        ("sfr.com", "sfr.fr"),
    ],
)
def test_slips_of_the_finger_are_recognised(domain: str, meant: str) -> None:
    assert meant_provider(domain) == meant


@pytest.mark.parametrize("domain", PROVIDERS)
def test_a_provider_is_no_slip_of_another(domain: str) -> None:
    assert meant_provider(domain) == ""


@pytest.mark.parametrize(
    "domain",
    [
        *("tilleuls.example", "famille.example", "example.com", "notaire.fr", "ville-lyon.fr"),
        *("yahoo.es", "hotmail.be", "orange.lu", "mail.com", "web.de"),  # providers elsewhere
        *("five.fr", "olive.fr", "free.fr", "sol.com", "gmf.fr", "ars.sante.fr", "orange-business.com"),
        *("localhost", "fr", ""),
    ],
)
def test_honest_domains_are_left_alone(domain: str) -> None:
    assert meant_provider(domain) == ""


def test_distance_counts_each_kind_of_slip_once() -> None:
    pairs = {("gmial", "gmail"): 1, ("gmal", "gmail"): 1, ("ggmail", "gmail"): 1, ("gnail", "gmail"): 1}
    assert {pair: distance(*pair) for pair in pairs} == pairs
    assert distance("", "abc") == 3
    assert distance("ca", "abc") == 3  # optimal string alignment: a swapped pair is not edited again


@given(st.text("abc.", max_size=6), st.text("abc.", max_size=6))
def test_distance_is_symmetric_and_zero_only_for_equals(a: str, b: str) -> None:
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)
    assert abs(len(a) - len(b)) <= distance(a, b) <= max(len(a), len(b))
