"""Challenge mails: the message waits until a person proves to be one (Mailinblack and its like)."""

from __future__ import annotations

import re

from elite_lib.bounces import charsets, origin
from elite_lib.bounces.parsing import Mail
from elite_lib.models import Finding, ReturnClass

# Services that do nothing else, by their name anywhere in the sender or a link (their own documentation).
_SERVICE = re.compile(
    r"mailinblack|mib\.?protect|boxbe|spamarrest|sendio|tmda|bluebottle|choicemail|vanquish|knowspam|"
    r"antispam uol|antispam\.uol|spamblocker|mailblocks|spamenmoins|altospam"
)
_ASK = re.compile(
    r"authentifi(?:er|cation|ez)|prouver que vous|pas un robot|etes humain|captcha|"
    r"verify (?:that )?you(?:r| are)|"
    r"confirm (?:that )?you (?:are|sent)|confirm your (?:message|e-?mail|identity)|approve (?:your|"
    r"the) (?:message|delivery|email)|not a (?:robot|machine|spammer)|"
    r"human being|one[- ]time (?:verification|confirmation|request)|click (?:on )?(?:the )?(?:link|"
    r"below|here).{0,60}(?:deliver|verif|confirm|authenticat)|"
    r"cliqu(?:er|ez).{0,80}(?:delivr|remis|distribu|achemin|authentif|valider)|liste blanche|"
    r"expediteurs? (?:autorise|authentifie|verifie)|"
    r"my guest list|pour etre reconnu|valider (?:mon adresse|son envoi)|"
    r"vous etes bien une personne physique|repondez simplement a ce message|"
    r"simply reply to this message|sender address verification|click the link below so|"
    r"confirmez que vous en etes|vous identifier en cliquant|^validez votre envoi|"
    r"list of approved senders|clique aqui|confirmacao e necessaria|"
    r"demande d'authentification|demande de confirmation d'expediteur|challenge"
)
_HELD = re.compile(
    r"votre (?:message|e-?mail|mail|courriel)|your (?:message|e-?mail|mail)|message (?:en attente|"
    r"retenu|bloque|held|pending)|"
    r"sua mensagem|votre premier message|message suivant n'a pas encore ete remis|"
    r"mis en attente|mise? en quarantaine|before (?:it|your)|(?:will|to) be delivered|pour (?:que|"
    r"etre) .{0,60}(?:remis|delivr)"
)

_LOST = re.compile(r"(?:was|has) not (?:been )?(?:delivered|accepted)|(?:was|has been) (?:rejected|deleted)")


def read(mail: Mail) -> list[Finding] | None:
    """Give whose gate asks; None when nothing does. Two signs are needed: an ask, and a message held."""
    if not mail.notice or mail.blocks:
        return None
    text = charsets.fold(f"{mail.header('subject')} \n {mail.notice[:4000]}")
    if not (_ASK.search(text) and _HELD.search(text)):
        return None
    sender = charsets.fold(f"{mail.header('from')} {mail.header('x-mailer')}")
    named = bool(_SERVICE.search(sender) or _SERVICE.search(text))
    if not (named or _unattended(mail)):
        return None
    if not named and _LOST.search(text):
        return None
    reason = " ".join(mail.notice[:2000].split())[:300].strip()
    who = next(iter(_behind(mail)), "") or origin.sender(mail)
    return [
        Finding(
            recipient=who,
            cls=ReturnClass.BLOCK,
            final=False,  # it is delivered once a person has answered
            reason=reason,
            ours_to_fix=True,
            rule="challenge",
        )
    ]


def _behind(mail: Mail) -> list[str]:
    """Whom the gate protects: the returned message's addressee, else Reply-To."""
    return origin.addressed(mail)


def _unattended(mail: Mail) -> bool:
    submitted = mail.header("auto-submitted").lower()
    return (
        submitted.startswith("auto-")
        or "in-reply-to" in mail.headers
        or origin.is_system(mail)
        or mail.header("precedence").lower() in ("bulk", "junk", "auto_reply")
        or mail.header("return-path").strip() == "<>"
        or bool(re.match(r"no-?reply|ne-?pas-?repondre|do-?not", origin.sender(mail)))
    )
