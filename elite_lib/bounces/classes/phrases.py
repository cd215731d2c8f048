"""What servers say, in the order in which it counts: who sends before who receives, the certain before the vague.

Folded text: lower case, no Latin accent, one space. Sources: RFC = wording proposed there; name = that
server's own source or manual; FR = what French providers and servers write, with and without accents.
"""

from __future__ import annotations

from elite_lib.bounces.classes.rows import Words
from elite_lib.models import ReturnClass as C

# Said of the sending side: before anything that could be said of a recipient.
SENDING: tuple[Words, ...] = (
    Words(
        rule="reverse-dns",
        cls=C.BLOCK,
        ours=True,
        source="Postfix reject_unknown_client, RFC 8601 iprev, Gmail 5.7.25, FR",
        phrases="reverse dns|reverse hostname|cannot find your hostname|cannot find your reverse|ptr record|no ptr|"
        "without a ptr|rdns|fcrdns|reverse lookup|resolve your|reverse name|no reverse|ip name lookup failed|"
        "does not resolve to|dns ptr|reverse valide|resolution inverse|enregistrement ptr|unresolvable ip|"
        "hostname verification failed|client host rejected: cannot find",
    ),
    Words(
        rule="authentication",
        cls=C.BLOCK,
        ours=True,
        source="RFC 7208, 6376, 7489; Gmail 5.7.26, Microsoft 5.7.509, FR",
        phrases="dmarc|spf check|spf fail|spf record|spf validation|spf policy|spf softfail|spf soft|spf hard|spf:|(spf|"
        "failed spf|sender policy framework|spf *reject|dkim fail|dkim *not pass|dkim check|dkim sign|dkim-|dkim verif|"
        "dkim:|unauthenticated mail|unauthenticated email|unauthenticated sender|email authentication|domain auth|"
        "sender authentication|sender id (pra)|sender id *fail|purported responsible|senderid|domainkey|"
        "authentication failure|multiple authentication|authentication check|not authenticated|fails authentication|pas authentifie|authentification du domaine|spf et|spf ou|open-spf|openspf",
    ),
    Words(
        rule="relay-denied",
        cls=C.BLOCK,
        ours=True,
        source="Postfix, Sendmail, qmail, Exchange; FR",
        phrases="relay access denied|relaying denied|relay denied|unable to relay|not permitted to relay|relay not permitted|"
        "relay not allowed|relay prohibited|relaying not allowed|relaying is prohibited|relay operation|relaying mail to|"
        "not allowed to relay|we do not relay|do not relay|no relaying|cannot relay|can't relay|insecure mail relay|"
        "mail server doesn't relay|not an open relay|not in my list of allowed|in my list of allowed rcpthosts|relaying not permitted|"
        "allowed rcpthosts|authentication required|authentication is required|must authenticate|turn on smtp auth|"
        "please authenticate|requires authentication|relay through this server|relais refuse|relais interdit|"
        "relais non autorise|authentification requise|is not permitted to relay|relaying prohibited|relaying through this",
    ),
    Words(
        rule="helo",
        cls=C.BLOCK,
        ours=True,
        source="Postfix reject_*_helo_*, RFC 5321 4.1.4",
        phrases="helo command rejected|ehlo command rejected|invalid helo|bad helo|helo name|helo/ehlo|invalid ehlo|"
        "need fully-qualified hostname|helo string|invalid greeting|polite people say helo|"
        "helo is invalid|spoofed helo|fake helo|helo should",
    ),
    Words(
        rule="sender-refused",
        cls=C.BLOCK,
        ours=True,
        source="Postfix reject_sender_*, Exim sender verify, RFC 3463 x.1.7/x.1.8, FR",
        phrases="sender address rejected|sender rejected|sender denied|sender verify fail|sender verification fail|"
        "sender address*not exist|invalid sender|bad sender|sender domain|domain of sender|sender is not|"
        "unresolvable sender|sender not|sender was rejected|sender address is not|envelope sender|return address|"
        "mail from*rejected|mail from*refused|from address*not|from domain|sending domain|return-path domain|"
        "valid sender|unknown sender|sender unknown|sender*blocked|blocked*sender|adresse expeditrice|"
        "expediteur refuse|expediteur*invalide|expediteur*inconnu|expediteur*rejete|adresse de l'expediteur|"
        "domaine expediteur|domaine de l'expediteur|unverified sender|sender*is invalid|sender ok?|"
        "backscatter|callout verif|could not verify sender|not*able to verify the sender|sender's address",
    ),
    Words(
        rule="sending-quota",
        cls=C.RATE_LIMITED,
        ours=True,
        source="submission servers of providers, FR",
        phrases="sending quota|sender*quota|relay quota|message quota|sending limit|sending rate|outgoing mail limit|outgoing quota|send limit|messages per hour|"
        "messages per day|hourly limit|emails per hour|email limit|quota d'envoi|limite d'envoi|envois par|"
        "frequency limit|daily sending|maximum number of messages|max emails",
    ),
)

# Said of the mailbox.
MAILBOX: tuple[Words, ...] = (
    Words(
        rule="full",
        cls=C.MAILBOX_FULL,
        source="RFC 3463 x.2.2, Dovecot, Cyrus, Exchange, Gmail, FR",
        phrases="mailbox full|mailbox is full|mailbox*is full|messages in*mailbox exceeded|mailbox is over|mailbox has exceeded|mailbox exceed|mailbox over|"
        "mailbox size limit|mailbox quota|mailbox limit|mail box full|mailfolder is full|inbox is full|account is full|"
        "account is over|overquota|over quota|over the quota|over-quota|over the allowed quota|over disk quota|"
        "over the storage|over his quota|over their quota|over*quota|exceeded*quota|exceeds*quota|exceed*quota|"
        "quota exceed|quota*exceeded|quota violat|quota full|quota reached|out of quota|disk quota|user quota|"
        "storage quota|insufficient quota|exceeded storage|storage limit|storage allocation|storage space|"
        "out of storage|exceeded*storage|no space left for|space left in mailbox|allocated disk|allotted space|"
        "too many messages in|too many messages on the server|maildir over|would exceed mailbox|mailbox*too full|"
        "user's mailbox is full|user's mailbox exceed|not enough space in|has no space|full mailbox|inbox full|bal pleine|"
        "boite pleine|boite*pleine|boite*saturee|boite*est plein|messagerie pleine|messagerie saturee|"
        "quota depasse|quota*depasse|depasse*quota|depassement de quota|quota*atteint|espace*insuffisant|"
        "capacite*depassee|postfach*voll|mailbox voll|buzon*lleno|cuota*excedid|casella*pien|"
        "почтовыи ящик переполнен|ящик переполнен|メールボックスが一杯|メールボックスがいっぱい|容量を超え",
    ),
    Words(
        rule="closed",
        cls=C.HARD,
        source="RFC 3463 x.2.1, Gmail 5.2.1, Yahoo, La Poste 42x, FR",
        phrases="account*is disabled|account*been disabled|account disabled|account*deactivated|account inactive|"
        "account*is inactive|account*been suspended|account suspended|account*is suspended|account closed|"
        "account*been closed|account*is closed|account*expired|account*is locked|account*been locked|"
        "account*discontinued|account*not active|account*been terminated|account*is blocked|mailbox disabled|"
        "mailbox*is disabled|mailbox*been disabled|mailbox*inactive|mailbox*suspended|mailbox*deactivated|"
        "mailbox*closed|mailbox*is locked|mailbox*frozen|user*is disabled|user disabled|user*suspended|user*inactive|"
        "inactive user|inactive account|inactive mailbox|disabled user|disabled account|disabled mailbox|"
        "disabled recipient|recipient disabled|recipient suspended|recipient*is disabled|not active anymore|"
        "domain*suspended|domain*disabled|email*disabled due|unused mailbox|service for this mailbox is|"
        "compte*bloque|compte*suspendu|compte*desactive|compte*ferme|compte*inactif|compte*resilie|"
        "boite*desactivee|boite*fermee|boite*bloquee|boite*suspendue|boite*inactive|boite*resiliee|"
        "address no longer accepts|no longer accepts mail|addressee*deactivated",
    ),
    Words(
        rule="moved",
        cls=C.HARD,
        source="RFC 3463 x.1.6, RFC 5321 551, FR",
        phrases="has moved to|has moved, |user has moved|recipient has moved|no longer on server|has been replaced by|"
        "moved permanently|new address is|address has changed|mailbox has moved|moved; please try|"
        "a change d'adresse|adresse a change|nouvelle adresse est",
    ),
    Words(
        rule="null-mx",
        cls=C.HARD,
        source="RFC 7505 (5.1.10), RFC 7504 (521), FR",
        phrases="null mx|nullmx|does not accept mail|doesn't accept mail|does not accept email|does not receive mail|"
        "not accept any mail|doesn't receive|never accept mail|521 *not accepting network|domain does not accept|no mail is accepted|"
        "n'accepte pas de courr|n'accepte aucun",
    ),
    Words(
        rule="gone",
        cls=C.HARD,
        source="local delivery agents and directories: the server that would know says so itself",
        phrases="(000c05a6)|(000c0595)|(000d06b5)|check if address is correct|not listed in domino directory|not listed in public name|mail.local: unknown user|"
        "because the address couldn't be found|no valid recipients for this mm|550 unknown user account|no mailbox here by that name|no mailbox by that name|"
        "is no longer employed|no longer works|is no longer with|has left the company|no longer at this|"
        "ne travaille plus|ne fait plus partie|a quitte*societe|a quitte l'etablissement",
    ),
)

# Said of the recipient; proof of an unknown one only at RCPT or with a status that says so (see deciding).
UNKNOWN_USER = Words(
    rule="unknown-user",
    cls=C.HARD,
    source="RFC 3463 x.1.1, RFC 5321 550, every server; FR",
    phrases="user unknown|unknown user|user not found|user*not found|no such user|no such mailbox|no such recipient|no such person|"
    "no such address|no such account|no such local user|no such email|no such name|unknown recipient|recipient unknown|"
    "unknown mailbox|unknown address|address unknown|unknown local|unknown account|unknown or illegal|unknown virtual|"
    "unknown email|unknown e-mail|unknown addressee|user is unknown|user doesn't|user does not|user*not exist|user*doesn't exist|"
    "recipient*not exist|recipient*doesn't exist|recipient does not|mailbox*not exist|mailbox*doesn't exist|"
    "mailbox does not|account*not exist|account*doesn't exist|address*not exist|address*doesn't exist|"
    "address does not|email*does not exist|mailbox not found|mailbox*not found|recipient not found|recipnotfound|"
    "recipient*not found|address not found|address*could not be found|address*couldn't be found|address*wasn't found|"
    "account not found|couldn't be found|wasn't found at|not found in|not a valid mailbox|not a valid user|not a valid recipient|not a valid address|"
    "no valid recipient|no valid address|invalid recipient|invalid user|invalid mailbox|invalid address|"
    "invalid email|invalid e-mail|invalid account|recipient is invalid|recipient*invalid|recipient*is not valid|address*is invalid|"
    "address*is not valid|bad destination mailbox|bad recipient|bad address|illegal user|illegal alias|illegal recipient|mailbox unavailable|"
    "mailbox is unavailable|mailbox not available|mailbox*unavailable|not our customer|not known here|is not known|isn't known|recipient not listed|user not listed|is not listed in|not a registered|"
    "name is not recognized|name was not recognized|recipient not recognized|address not recognized|user not recognized|non reconnu|unrecognized recipient|unrecognised recipient|user unrecognized|"
    "is not a known|is not a user|isn't a user|undeliverable address|no account by|no account with|no account for|no account here|no mailbox by|no mailbox here|no mailbox for|does not have an account|doesn't have a|"
    "doesn't have an account|recipient rejected|recipient refused|recipient*not accepted|recipient*access denied|recipient not valid|"
    "recipient address rejected: access denied|recipient address rejected: invalid|recipient address rejected: undeliverable|"
    "address*no longer|mailbox*no longer|recipient*no longer|user*no longer|account*no longer|"
    "no longer in use|no longer exist|mailbox is not|non-existent user|nonexistent|non existent|non-existing|"
    "unknownuser|nosuchuser|user*unknown|userunknown|recipient*unknown|possibly incorrect|not a local|user not known|user not local|"
    "email address that you|recipient*removed|not on this server|does not exist|doesn't exist|"
    "dosn't exist|mailbox missing|can't find recipient|cannot find recipient|"
    "utilisateur inconnu|utilisateur*inconnu|utilisateur*existe pas|utilisateur introuvable|destinataire inconnu|"
    "destinataire*inconnu|destinataire*existe pas|destinataire introuvable|destinataire*introuvable|destinataire*invalide|"
    "adresse*existe pas|adresse inconnue|adresse*inconnue|adresse*introuvable|adresse*invalide|adresse*incorrecte|"
    "adresse*erronee|adresse*pas valide|boite*existe pas|boite*inconnue|boite*introuvable|compte*existe pas|compte inconnu|"
    "compte*inexistant|boite*inexistante|adresse*inexistante|inconnu a cette adresse|"
    "empfanger unbekannt|unbekannter|existiert nicht|usuario desconocido|utente sconosciuto|"
    "пользователь не наиден|ユーザーが見つかりません|宛先が見つかりません",
)

HOST: tuple[Words, ...] = (
    Words(
        rule="dns-later",
        cls=C.SOFT,
        source="resolvers; RFC 2308: no answer is not the answer no",
        phrases="host not found, try again|name service error*try again|temporary lookup failure|"
        "name server timeout|host name lookup failure|domain name lookup|temporary dns|malformed or unexpected name server reply|transient dns|servfail|"
        "dns lookup timed|dns timeout|dns soft|dns server failure|name lookup failed*temporar",
    ),
    Words(
        rule="no-such-domain",
        cls=C.HARD,
        source="RFC 3463 x.1.2 and x.4.4; Exim 'Unrouteable address'; Postfix; FR",
        phrases="dns lookup failure: host*not found|host unknown|unknown host|host not found|host or domain name not found|domain name not found|no such domain|"
        "domain not found|domain*does not exist|domain*doesn't exist|domain*not exist|illegal host|illegal domain|"
        "unrouteable address|unrouteable mail domain|unrouteable|unroutable|any host named|any host by that name|no such host|"
        "name or service not known|non-existent domain|nonexistent domain|domain is not reachable|nxdomain|unknown mail domain|"
        "bad destination system|bad destination host|bad domain|invalid domain|invalid host|unknown domain|"
        "domain unknown|domain*not be found|domain*couldn't be found|domain isn't|no mx|no mail exchanger|no mail server|"
        "no valid mail server|couldn't resolve|could not be resolved|cannot resolve|can't resolve|unable to resolve|"
        "recipient domain must|recipient domain not|recipient domain is invalid|recipient domain*not found|host*not exist|no dns record|no dns a|address resolution|"
        "domaine*inexistant|domaine inconnu|domaine*inconnu|domaine*introuvable|domaine*existe pas|hote inconnu|hote*introuvable|"
        "serveur*introuvable|dominio*no existe",
    ),
)

CONTENT: tuple[Words, ...] = (
    Words(
        rule="virus",
        cls=C.BLOCK,
        source="ClamAV, Amavis and gateways",
        phrases="virus|malware|infected|trojan|worm |dangerous attachment|infecte",
    ),
    Words(
        rule="too-large",
        cls=C.BLOCK,
        ours=True,
        source="RFC 1870, RFC 3463 x.2.3 and x.3.4, FR",
        phrases="message too large|message too big|message size|mail size|size limit|message is too large|message is too big|too large|too big|"
        "exceeds*size|message*exceeds*limit|length exceeds|exceeds maximum message|maximum size|maximum message|message length|max message|"
        "larger than|line limit|line too long|line length|exceed*message size|"
        "trop volumineux|trop gros|taille maxi|taille du message|taille limite|trop lourd|message too long",
    ),
    Words(
        rule="spam",
        cls=C.BLOCK,
        source="SpamAssassin, Rspamd, gateways, Free, FR",
        phrases="spam|unsolicited|junk|bulk mail|bulk email| ube| uce|phish|scam|indesirable|pourriel|"
        "content rejected|content refused|content denied|content*not accept|message content|high probability|blocked url|"
        "contient un lien|contenu refuse|contenu*rejete|advertis|rejected*content",
    ),
)

BLOCKED: tuple[Words, ...] = (
    Words(
        rule="blocklisted",
        cls=C.BLOCK,
        ours=True,
        source="RFC 5782 lists, providers' reputation pages, FR",
        phrases="blacklist|black list|blocklist|block list|denylist|deny list|dnsbl| rbl|rbl.|(rbl|rbl:|spamhaus|spamcop|sorbs|barracuda|listed in|"
        "listed at|listed by|listed on|is listed|reputation|client host*blocked|client host rejected|client host*refused|ip*blocked|"
        "blocked ip|invalid ip|blocked*ip|your ip|ip address*rejected|ip address*denied|ip address*not|ip address*banned|"
        "ip adress|banned|bad reputation|network*blocked| isp|dynamic ip|dial-up|dialup|residential|"
        "connections not accepted|connection refused*polic|connection rejected|no access from|not allowed to connect|"
        "ip source bloquee|adresse ip*bloquee|adresse ip*refusee|adresse ip*rejetee|liste noire|ip bloquee|mauvaise reputation|"
        "connection denied|host is denied|hosts are not allowed|blocked using|access denied*ip|blocked by",
    ),
    Words(
        rule="rate",
        cls=C.RATE_LIMITED,
        source="Gmail 4.7.28, Yahoo TSS04, Orange 104/109/99x, Postfix anvil, FR",
        phrases="rate limit|rate-limit|ratelimit|rate exceeded|throttl|too many mess|too many mail|too many email|too many connection|too many conc|"
        "too many recip|too many sess|too many requ|too many simul|too many invalid|too many bad|too much mail|too much traffic|too fast|too frequent|too often|receiving mail at a rate|"
        "unusual rate|connection rate|message rate|sending rate|rate of |concurren|recipient thread limit|exceeded the max|"
        "exceeded*limit|limit exceeded|limit reached|slow down|trop de mess|trop de conn|trop de dest|trop de mail|ralenti|"
        "trop d'e|max*connections|connections limit|delivery rate|request limit|maximum*per|reduce*rate|daily*quota|hourly*quota",
    ),
)

POLICY: tuple[Words, ...] = (
    Words(
        rule="starttls",
        cls=C.SOFT,
        ours=True,
        source="RFC 3207, RFC 8461, DANE",
        phrases="does not support tls|must issue a starttls|starttls*required|tls required|starttls is required|tls is required|starttls*fail|"
        "tls negotiation|tls handshake|tls*not available|tls*fail|certificate verification|certificate*not|server certificate|"
        "encryption required|encryption needed|mta-sts|sts policy|tlsa",
    ),
    Words(
        rule="syntax",
        cls=C.BLOCK,
        ours=True,
        source="RFC 5321 4.2, RFC 5322, RFC 6531",
        phrases="syntax error|not implemented|unrecognized command|unrecognised command|bad sequence|improper sequence|"
        "command not recognized|invalid argument|invalid parameter|invalid command|bad command|unknown command|rfc 5321|rfc 5322|rfc5321|rfc5322|"
        "rfc 2822|rfc 2821|rfc2822|rfc822|rfc 822|rfc compli|not rfc|header*missing|missing*header|duplicate header|"
        "multiple from|bare lf|bare newline|bare cr|smtputf8|8bit|invalid header|malformed|bad header|invalid message|"
        "non-conformant|conversion|improperly formatted|nested*too|broken message|from header|to header|date header",
    ),
    Words(
        rule="policy",
        cls=C.BLOCK,
        source="RFC 3463 x.7.x, RFC 5321 554, administrators' texts, FR",
        phrases="policy|policies|prohibited|not permitted|not authorized|not authorised|unauthorized|unauthorised|not allowed|isn't allowed|"
        "not a member|not member|not accept|security|message rejected|message refused|message blocked|mail rejected|mail refused|e-mail rejected|"
        "email rejected|email blocked|rejected by|refused by|denied by|rejected due|rejected for|administrative|access denied|"
        "access deny|permission denied|you are not|you have been|blocked|block |restricted|restriction|violation|forbidden|"
        "filter|screened|quarantin|not in whitelist|whitelist|allow list|delivery not auth|message denied|mail denied|"
        "service refuse|refuse par|rejete par|non autorise|interdit|bloque par|message rejete|message refuse|"
        "regles de securite|politique de|a ete refuse|a ete rejete|acces refuse|attachment*not|attachment*block|"
        "sender*permission|only accepts|members only|not a member|not subscribed|moderat|postings|confirm that you",
    ),
)

LATER: tuple[Words, ...] = (
    Words(
        rule="greylist",
        cls=C.SOFT,
        source="RFC 6647",
        phrases="greylist|graylist|grey list|gray list|grey-list|liste grise",
    ),
    Words(
        rule="expired",
        cls=C.SOFT,
        source="RFC 3463 x.4.7; Exim, OpenSMTPD, qmail, FR",
        phrases="retry time*exceeded|retry timeout|envelope expired|message expired|delivery time expired|queue too long|"
        "queue for too|too long in|been in the queue|in the queue too|queue lifetime|timed out|timeout|time out|expired|giving up|"
        "unable to deliver*after|delivery failed*attempts|delivery expired|being retried|be retried|been delayed|still trying|keep trying|"
        "continue trying|find a gateway|could not send*for past|not been able to*for|message delayed|delai*expire|delai*depasse|temps depasse|not been delivered after",
    ),
    Words(
        rule="network",
        cls=C.SOFT,
        source="RFC 3463 x.3.2, errno texts, Postfix, Sendmail, qmail, FR",
        phrases="system not accepting|not accepting network|duplicated message-id|loop alert|did not accept our requests to connect|socket error|establish an smtp connection|connection refused|connection reset|network unreachable|network is unreachable|no route to host|host is down|"
        "lost connection|connection dropped|connection lost|connection*closed|connection*failed|connection died|smtp connection|"
        "could not connect|cannot connect|unable to connect|failed to connect|failed connect|couldn't connect|can't connect|connection error|unable to contact|"
        "mail loop|loops back|routing loop|too many hops|hop count|maximum hop|loop detected|loop:|looping|broken pipe|"
        "mail forwarding loop|too many received|bad file|unreachable|all hosts|connexion refusee|connexion impossible|impossible de se connecter|"
        "delai de connexion|boucle",
    ),
)

LOCAL: tuple[Words, ...] = (
    Words(
        rule="system",
        cls=C.SOFT,
        source="RFC 3463 x.3.x, RFC 5321 451/452, FR",
        phrases="insufficient system|insufficient disk|insufficient space|not enough disk|system resources|no space left|disk full|disk is full|"
        "disk space|temporarily unavail|temporary unavail|temporary problem|internal error|internal server|internal software|local error|"
        "error in processing|configuration|system error|server error|upstream error|i/o error|input/output|out of memory|resources|"
        "service unavailable|service not available|service is unavail|service currently|transaction failed|"
        "could not load|too busy|server busy|is busy|shutting down|database|unexpected error|undefined error|"
        "local problem|resource shortage|cannot open|can't create|cannot create|can't open|lock fail|locked|"
        "erreur interne|erreur systeme|temporairement indisponible|service indisponible|serveur indisponible|read-only|"
        "directory lookup|ldap|aliases|alias loop|maintenance|transaction failed temporarily",
    ),
    Words(
        rule="mailer",
        cls=C.SOFT,
        source="local delivery agents: Sendmail prog mailer, Exim pipe, procmail, Postfix pipe",
        phrases="pipe to|procmail|exit status|exited with|exit code|mailer error|x-unix|command failed|command output|"
        "command died|local delivery failed|program*fail|maildrop|returned exit|status 7|abnormal|sieve|transport*fail|command line|"
        "generated by",
    ),
)

# At RCPT, and after every other cause: the address is what was refused.
ADDRESS_REFUSED = Words(
    rule="address-refused",
    cls=C.HARD,
    source="Postfix 'Recipient address rejected' without a word more, RFC 3463 5.1.0",
    phrases="recipient address rejected|address rejected|address refused|recipient not ok|adresse refusee|adresse rejetee",
)
VAGUE = Words(
    rule="refused",
    cls=C.BLOCK,
    source="a refusal that names no reason",
    phrases="rejected|reject|refused|denied|bounced by|rejete|refuse|not deliver to this",
)
# One after the other; UNKNOWN_USER comes between HOST and CONTENT (see deciding).
BEFORE: tuple[Words, ...] = (*SENDING, *MAILBOX, *HOST)
AFTER: tuple[Words, ...] = (*CONTENT, *BLOCKED, *LATER, *POLICY, *LOCAL)
