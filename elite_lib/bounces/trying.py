"""Whether the server that wrote goes on trying: a warning is no failure, and a failure is no warning."""

from __future__ import annotations

import re

# In small letters, as the texts are made: cheaper than expressions that ignore the case.
# Said only by who tries again (Postfix bounce(5), Sendmail, Exim, Exchange, Gmail, Domino, and translations).
_WILL_TRY = re.compile(
    r"warning (?:message )?only|will (?:be (?:re)?tri?ed|keep trying|retry|try again|continue)|"
    r"(?:being|be) retried|still trying|attempts? (?:to deliver .{0,30})?will\s(?:continue|be made)|"
    r"(?:do not|don't|no) need to re-?send|not (?:have|need) to re-?send|no action is required|"
    r"not yet (?:been )?(?:fully )?(?:received|delivered|sent)|"
    r"attempts .{0,30}still pending|has not been delivered yet|temporary failure report|"
    r"sera(?:\xa0| )(?:retent|r[ée]essay)|nouvelles? tentatives?|tentatives? .{0,40}(?:continu|poursuiv)|"
    r"n.a pas encore|pas besoin de (?:le |la )?r[ée]?-?(?:envoyer|exp[ée]dier)|"
    r"wird weiter(?:hin)? versucht|weitere zustellversuche|noch nicht zugestellt|"
    r"seguir[áa] intentando|volver[áa] a intentar|todav[íi]a no se ha|ulteriori tentativi|non [èe] ancora|"
    r"novas tentativas|ainda n[ãa]o|opnieuw geprobeerd|nog niet (?:afgeleverd|bezorgd)|"
    r"kolejne próby|попытки .{0,40}(?:продолж|будут)|再送(?!信して)|再試行",
)
_DELAYED = re.compile(
    r"\bdelay(?:ed)?\b|\bwarning\b|retard[ée]|diff[ée]r[ée]|en attente|verz[öo]ger|retras|demorad|ritard|"
    r"atrasad|vertraagd|opóźnion|задерж|отложен|遅延|遅れ",
)
_GAVE_UP = re.compile(
    r"giving up|gave up|given up|not going to try again|(?:will not|no longer|not) be (?:re)?tried|"
    r"permanent(?:ly)? (?:error|fail|fatal)|permanent fatal|deleted from (?:the )?queue|"
    r"delivery has failed|has failed delivery|abandon|erreur (?:permanente|d[ée]finitive)|"
    r"endg[üu]ltig|error permanente|errore permanente|erro permanente",
)
_FAILED = re.compile(
    r"undeliver|non[- ]?deliver|fail|return|reject|refus|[ée]chec|non remis|non distribu|retour|unzustellbar|"
    r"mancat|no entregad|devuelto|n[ãa]o entregue|не доставлен|недоставлен",
)
_HEARD = 3_000


def goes_on(subject: str, notice: str) -> bool:
    """Tell whether the server goes on trying.

    "delayed" alone is believed in a subject that announces no failure: Exchange's final reports quote it.
    """
    text, subject = notice[:_HEARD].lower(), subject.lower()
    if _GAVE_UP.search(text):
        return False
    if _WILL_TRY.search(text):
        return True
    return not _FAILED.search(subject) and bool(_DELAYED.search(subject) or _DELAYED.search(text))
