"""Plain French for all that comes back: nothing without a sentence, nobody blamed for our faults."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from elite_lib.bounces.classes import mailboxes, providers, refusals, sending
from elite_lib.labels import use_language
from elite_lib.labels.cases import CASES
from elite_lib.labels.returns import CLASSES, KINDS, tell, untied
from elite_lib.models import ReturnClass, ReturnKind

C, K = ReturnClass, ReturnKind
CALLS = ("Appelez", "famille")


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    use_language("fr")
    yield
    use_language("fr")


def test_every_kind_class_side_and_standing_has_two_sentences_in_both_languages() -> None:
    assert set(CLASSES) == set(C)
    assert set(KINDS) == set(K)
    for language in ("fr", "en"):
        use_language(language)
        for kind, cls, final, ours in itertools.product(K, (None, *C), (True, False), (True, False)):
            said = tell(kind, cls, final=final, ours=ours)
            for sentence in (*said, *untied()):
                assert sentence.endswith((".", "?", ")")), sentence
                assert sentence[0].isupper()


def test_french_is_another_language_than_english() -> None:
    def everything() -> set[str]:
        cases = [tell(K.BOUNCE, case.cls, ours=case.ours, rule=case.rules[0]) for case in CASES.values()]
        general = [
            tell(kind, cls, final=final, ours=ours)
            for kind, cls, final, ours in itertools.product(K, C, (True, False), (True, False))
        ]
        return {sentence for saying in (*cases, *general) for sentence in saying}

    french = everything()
    use_language("en")
    assert not french & everything()


def test_what_is_ours_never_blames_the_address_nor_sends_anybody_to_the_family() -> None:
    for cls, final in itertools.product(C, (True, False)):
        if cls in (C.AUTO_REPLY, C.COMPLAINT, C.DELIVERED):
            continue  # theirs by nature
        said = tell(K.BOUNCE, cls, final=final, ours=True)
        assert "Appelez" not in said.todo
        assert "épeler" not in said.todo
    for case in CASES.values():
        if case.ours:
            said = tell(K.BOUNCE, case.cls, ours=True, rule=case.rules[0])
            assert "Appelez" not in said.todo, case
            assert "n’existe" not in said.happened


def test_a_delay_asks_for_no_call() -> None:
    for cls in C:
        if cls not in (C.AUTO_REPLY, C.COMPLAINT, C.DELIVERED):
            assert "Appelez" not in tell(K.BOUNCE, cls, final=False).todo


@pytest.mark.parametrize(
    ("cls", "ours", "rule", "status", "words"),
    [
        (C.HARD, False, "unknown-user", "5.1.1", "Cette adresse n’existe pas"),
        (C.HARD, False, "orange-laposte-416", "5.1.1", "Cette adresse n’existe pas"),
        (C.HARD, False, "said no-such-domain", "", "Ce qui suit le @"),
        (C.HARD, False, "status 5.1.2", "5.1.2", "Ce qui suit le @"),
        (C.HARD, False, "orange-laposte-426", "", "fermé ou suspendu"),
        (C.HARD, False, "moved", "", "une autre adresse"),
        (C.MAILBOX_FULL, False, "full", "5.2.2", "est pleine"),
        (C.SOFT, False, "expired", "", "pendant des jours"),
        (C.BLOCK, True, "too-large", "5.3.4", "trop lourd"),
        (C.BLOCK, True, "authentication", "5.7.26", "SPF, DKIM, DMARC"),
        (C.BLOCK, True, "status 5.7.26", "5.7.26", "SPF, DKIM, DMARC"),
        (C.BLOCK, True, "reverse-dns", "", "PTR"),
        (C.BLOCK, True, "free-ip", "", "liste noire"),
        (C.BLOCK, False, "spam", "", "indésirable"),
        (C.BLOCK, False, "virus", "", "virus"),
        (C.RATE_LIMITED, True, "sending-quota", "", "limite"),
        (C.RATE_LIMITED, True, "rate", "", "trop vite"),
        # a rule speaks for its class and side only: a filter that says "user unknown" is no proof
        (C.BLOCK, False, "unknown-user, without proof", "5.1.1", "règle à lui"),
        (C.SOFT, False, "unknown-user, temporary", "4.1.1", "plusieurs essais"),
        (C.HARD, False, "no such rule", "5.9.9", "ne peut rien recevoir"),
    ],
)
def test_a_failure_is_told_by_its_rule_or_status(
    cls: ReturnClass, ours: bool, rule: str, status: str, words: str
) -> None:
    assert words in tell(K.BOUNCE, cls, ours=ours, rule=rule, status=status).happened.replace("\u00a0", " ")


def test_every_rule_of_a_case_is_one_that_the_classifier_has() -> None:
    tables = (*sending.SENDING, *mailboxes.MAILBOX, *mailboxes.HOST, *refusals.ORDER, *providers.CODES)
    rules = {row.rule for row in tables} | {mailboxes.UNKNOWN_USER.rule, mailboxes.ADDRESS_REFUSED.rule}
    named = {rule for case in CASES.values() for rule in case.rules}
    unknown = {
        rule
        for rule in named - rules
        if not rule.startswith(("said ", "orange-laposte-"))
        or (rule.startswith("orange") and rule[-3:] not in providers.FRENCH_CODES)
    }
    assert unknown == set()
