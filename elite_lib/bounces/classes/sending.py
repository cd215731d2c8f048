"""What servers say of who sends: heard before anything that could be said of a recipient.

Folded text: lower case, no Latin accent, one space. Sources: RFC = wording proposed there; a name = that
server's own source or manual; FR = what French providers and servers write, with and without accents.
"""

from __future__ import annotations

from elite_lib.bounces.classes.rows import Words
from elite_lib.models import ReturnClass as C

# Said of the sending side: before anything that could be said of a recipient.
SENDING: tuple[Words, ...] = (
    Words(
        rule="restricted",
        cls=C.BLOCK,
        source="Exchange, Google Groups, list managers: who may write there; one recipient's own rules, FR",
        phrases="not accepting mail from @|permission to send to|permission to post|allowed-senders|"
        "allowed senders|"
        "recipient's own rule|blacklisted by the recipient|user in blacklist|approval failed|"
        "blocked by the recipient.|blocked by the user|blocked by user|"
        "bloque par l'utilisateur|bloque par le destinataire|refuse par le destinataire|"
        "autorise a ecrire|seuls les expediteurs|seuls les abonnes",
    ),
    Words(
        rule="reverse-dns",
        cls=C.BLOCK,
        ours=True,
        source="Postfix reject_unknown_client, RFC 8601 iprev, Gmail 5.7.25, FR",
        phrases="reverse dns|reverse hostname|cannot find your hostname|cannot find your reverse|"
        "ptr record|no ptr|without a ptr|rdns|fcrdns|reverse lookup|resolve your|reverse name|"
        "no reverse|ip name lookup failed|does not resolve to|dns ptr|reverse valide|"
        "resolution inverse|enregistrement ptr|unresolvable ip|hostname verification failed|"
        "client host rejected: cannot find",
    ),
    Words(
        rule="authentication",
        cls=C.BLOCK,
        ours=True,
        source="RFC 7208, 6376, 7489; Gmail 5.7.26, Microsoft 5.7.509, FR",
        phrases="arc validation|arc fail|dmarc|spf check|spf fail|spf record|spf validation|"
        "spf policy|spf softfail|spf soft|spf hard|spf:|(spf|failed spf|sender policy framework|"
        "spf *reject|dkim fail|dkim *not pass|dkim check|dkim sign|dkim-|dkim verif|dkim:|"
        "unauthenticated mail|unauthenticated email|unauthenticated sender|email authentication|"
        "domain auth|sender authentication|sender id (pra)|sender id *fail|purported responsible|"
        "senderid|domainkey|authentication failure|multiple authentication|authentication check|"
        "not authenticated|fails authentication|pas authentifie|non authentifie|"
        "authentification du domaine|spf et|"
        "spf ou|spf :|open-spf|openspf|sender is unauthenticated|spoofed message|spoofed mail|anti-spoof",
    ),
    Words(
        rule="relay-denied",
        cls=C.BLOCK,
        ours=True,
        source="Postfix, Sendmail, qmail, Exchange; FR",
        phrases="sasl authentication failed|log in via your web|not configured to use this mx|"
        "credentials invalid|invalid credentials|mechanism is too weak|mechanism too weak|"
        "password transition|trust relationship|smtp authentication|without authentication|"
        "relay access denied|relaying denied|relay denied|unable to relay|not permitted to relay|"
        "relay not permitted|relay not allowed|relay prohibited|relaying not allowed|"
        "relaying is prohibited|relay operation|relaying mail to|not allowed to relay|we do not relay|"
        "do not relay|do not forward|don't forward|no relaying|cannot relay|can't relay|"
        "insecure mail relay|"
        "mail server doesn't relay|not an open relay|not in my list of allowed|"
        "in my list of allowed rcpthosts|relaying not permitted|allowed rcpthosts|"
        "authentication required|authentication is required|must authenticate|turn on smtp auth|"
        "please authenticate|denies relay|requires authentication|relay through this server|relais refuse|"
        "relais interdit|relais non autorise|authentification requise|is not permitted to relay|"
        "relaying prohibited|relaying through this",
    ),
    Words(
        rule="helo",
        cls=C.BLOCK,
        ours=True,
        source="Postfix reject_*_helo_*, RFC 5321 4.1.4",
        phrases="helo command rejected|ehlo command rejected|invalid helo|bad helo|helo name|"
        "helo/ehlo|say you are me|ehlo invalid|helo invalid|invalid ehlo|"
        "need fully-qualified hostname|helo string|invalid greeting|"
        "polite people say helo|helo is invalid|spoofed helo|fake helo|helo should",
    ),
    Words(
        rule="too-fast",
        cls=C.RATE_LIMITED,
        ours=True,
        source="Postfix anvil and policy servers, Gmail 4.7.28, QQ, Amazon SES, Exchange: never of a mailbox",
        phrases="faster than|parallel connection|parallel session|simultaneous connection|trop vite|"
        "debit trop|zu schnell|"
        "demasiado rapido|troppo veloce|muito rapido|te snel|per connection|per session|rcpt number|"
        "number of rcpt|recipients limit|"
        "recipient limit|recipients per|number of recipients|short time|"
        "short period|per minute|mails per|emails per|messages per|mails a day|messages a day|send rate|"
        "unusual number|ungewohnliche anzahl|ungewohnlich viele|nombre inhabituel|quantite inhabituelle|"
        "cantidad inusual|numero inusual|quantita insolita|numero insolito|quantidade incomum|"
        "ongebruikelijk|"
        "mail flood|relay limit|per hour limit|accepted per hour|per hour message|messages per hour|"
        "pro stunde|par heure|"
        "por hora|"
        "they can receive per|submission rate|rate limit|rate-limit|ratelimit|ratelimited|throttl|"
        "unusual rate|too quickly|frequency limit|thread limit|too many errors|"
        "too many connections from|too much mail from|receiving rate|at a rate that|sending rate|"
        "message rate|connection rate|limits for how many|unusual sending activity",
    ),
    Words(
        rule="sending-quota",
        cls=C.RATE_LIMITED,
        ours=True,
        source="submission servers of providers, FR",
        phrases="quota of messages|messages for today|sending quota|sender*quota|relay quota|"
        "message quota|sending limit|"
        "outgoing mail limit|outgoing quota|send limit|messages per hour|messages per day|"
        "hourly limit|emails per hour|email limit|quota d'envoi|limite d'envoi|envois par|"
        "daily sending|daily limit|maximum number of messages|max emails|maximum credits|"
        "limit for sending|rcpts per|policy rejection*quota|submissionquota",
    ),
    Words(
        rule="sender-refused",
        cls=C.BLOCK,
        ours=True,
        source="Postfix reject_sender_*, Exim sender verify, RFC 3463 x.1.7/x.1.8, FR",
        phrases="sending for this account|from unknown tld|wish to receive|want to receive|"
        "want mail from|null sender|denies the sender|sender is unvalidated|"
        "empty sender|sender address has null|sender*null mx|"
        "sender*nullmx|"
        "domain must resolve|invalid dns mx|"
        "sender address rejected|sender rejected|sender denied|sender verify fail|"
        "sender verification fail|sender address*not exist|invalid sender|bad sender|sender domain|"
        "domain of sender|sender is not|unresolvable sender|sender not|sender was rejected|"
        "sender address is not|envelope sender|return address|mail from*rejected|mail from*refused|"
        "from address* not|from domain|sending domain|return-path domain|valid sender|unknown sender|"
        "sender unknown|sender*blocked|blocked*sender|adresse expeditrice|expediteur refuse|"
        "expediteur*invalide|expediteur*inconnu|expediteur*rejete|adresse de l'expediteur|"
        "domaine expediteur|domaine de l'expediteur|unverified sender|sender*is invalid|sender ok?|"
        "backscatter|callout verif|could not verify sender|not*able to verify the sender|sender's address",
    ),
)
