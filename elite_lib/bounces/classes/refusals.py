"""What servers say of the message, of themselves, or of nothing in particular: the certain before the vague.

Folded text: lower case, no Latin accent, one space. Sources: RFC = wording proposed there; a name = that
server's own source or manual; FR = what French providers and servers write, with and without accents.
"""

from __future__ import annotations

from elite_lib.bounces.classes.rows import Words
from elite_lib.models import ReturnClass as C

CONTENT: tuple[Words, ...] = (
    Words(
        rule="virus",
        cls=C.BLOCK,
        source="ClamAV, Amavis and gateways",
        phrases=" virus|virus detected|virus found|(virus|malware|infected|trojan|worm |infecte",
    ),
    Words(
        rule="attachment",
        cls=C.BLOCK,
        ours=True,
        source="Gmail 552 5.7.0, Amavis banned names, Exchange attachment filters, FR",
        phrases="dangerous attachment|illegal attachment|restricted attachment|prohibited attachment|"
        "forbidden attachment|unacceptable attachment|attachment type|attachment name|attachment*not|"
        "attachment*block|attachment blocking|file extension|file name extension|file_extension|"
        "banned file|vba macro|macros found|containing macro|jointe* interdit|jointe* non autoris|"
        "jointe* refuse|"
        "jointe* rejete|jointe* bloque|jointe* executable|jointes* interdit",
    ),
    Words(
        rule="too-large",
        cls=C.BLOCK,
        ours=True,
        source="RFC 1870, RFC 3463 x.2.3 and x.3.4, FR",
        phrases="message too large|message too big|message size|mail size|size limit|"
        "message is too large|message is too big|too large|too big|exceeds*size|message*exceeds*limit|"
        "length exceeds|exceeds maximum message|maximum size|maximum message|message length|"
        "max message|larger than|line limit|line too long|line length|exceed*message size|"
        "trop volumineux|trop gros|taille maxi|taille du message|taille limite|trop lourd|"
        "message too long",
    ),
    Words(
        rule="link",
        cls=C.BLOCK,
        ours=True,
        source="SURBL and URIBL as Postfix, Exim and gateways report them, FR",
        phrases="blocked url|blacklisted url|url in this|uribl|surbl|contient un lien",
    ),
    Words(
        rule="blocklisted",
        cls=C.BLOCK,
        ours=True,
        source='RFC 5782 lists, FR; heard before "spam", which is in Spamhaus\' name',
        phrases="blacklist|black list|blocklist|block list|block listed|denylist|deny list|dnsbl| rbl|"
        "rbl.|(rbl|rbl:|spamhaus|spamcop|sorbs|uceprotect|psbl.|surriel|invaluement|abuseat|spamrats|"
        "mailspike|senderscore|manitu|nixspam|hostkarma|junkemailfilter|gbudb|backscatterer|spfbl|"
        "cbl.|pbl.|sbl.|xbl.|listed in|listed at|listed by|listed on|is listed|client host*blocked|"
        "client host rejected|client host*refused|black ip| ip*blocked|blocked ip|blocked* ip|invalid ip|"
        "your ip|ip address*rejected|ip address*denied|ip address*not|ip address*banned|ip adress|"
        "dynamic ip|dial-up|dialup|residential|ip source bloquee|adresse ip*bloquee|adresse ip*refusee|"
        "adresse ip*rejetee|liste noire|ip bloquee",
    ),
    Words(
        rule="spam",
        cls=C.BLOCK,
        source="SpamAssassin, Rspamd, gateways, Free, FR",
        phrases="content error|spam|unsolicited|junk|bulk mail|bulk email| ube | uce |phish|scam|"
        "indesirable|pourriel|спам|스팸|"
        "content rejected|content refused|content denied|content*not accept|message content|"
        "too many same|too many identical|too many similar|too many duplicate|high probability|"
        "contenu refuse|contenu*rejete|advertis|"
        "rejected*content",
    ),
)

BLOCKED: tuple[Words, ...] = (
    Words(
        rule="reputation",
        cls=C.BLOCK,
        ours=True,
        source="providers' reputation pages, FR: what is said of the connection, and no list named",
        phrases="barracuda|cloudmark|talosintel|senderbase|0spam|poor score|bad score|reputation|"
        "banned|network*blocked| isp|connections not accepted|connection refused*polic|"
        "connection rejected|no access from|no access for this|not allowed to connect|"
        "not allowed to send mail here|prohibits this connection|"
        "connection denied|host is denied|hosts are not allowed|blocked using|access denied* ip| ip=|ipcheck",
    ),
    Words(
        rule="rate",
        cls=C.RATE_LIMITED,
        source="Gmail 4.7.28, Yahoo TSS04, Orange 104/109/99x, Postfix anvil, FR",
        phrases="rate exceeded|too many mess|too many mail|too many email|too many connection|"
        "too many conc|too many recip|too many sess|too many requ|too many simul|too many invalid|"
        "too many bad|too much mail|too much traffic|too fast|too frequent|too often|"
        "receiving mail at a rate|rate of |concurren|exceeded the max|slow down|trop de mess|"
        "trop de conn|trop de dest|trop de mail|ralenti|trop d'e|max*connections|connections limit|"
        "delivery rate|request limit|maximum* per |reduce*rate|daily*quota|hourly*quota",
    ),
)

POLICY: tuple[Words, ...] = (
    Words(
        rule="starttls",
        cls=C.SOFT,
        ours=True,
        source="RFC 3207, RFC 8461, DANE",
        phrases="cryptographic|requiretls|security features not supported|not support tls|"
        "not support starttls|requires tls|require tls|without tls|tls not|starttls not|ssl handshake|"
        "ssl*fail|tls*error|handshake failure|certificate*expired|certificate*trusted|"
        "certificate*verif|dh key too small|no shared cipher|cannot start tls|does not support tls|"
        "must issue a starttls|starttls*required|tls required|starttls is required|tls is required|"
        "starttls*fail|tls negotiation|tls handshake|tls*not available|tls*fail|"
        "certificate verification|certificate*not|server certificate|encryption required|"
        "encryption needed|mta-sts|sts policy|tlsa",
    ),
    Words(
        rule="syntax",
        cls=C.BLOCK,
        ours=True,
        source="RFC 5321 4.2, RFC 5322, RFC 6531",
        phrases="fully-qualified|fully qualified|type*not supported|types unsupported|"
        "unsupported content|unsupported type|unsupported media|media not supported|utf-8 header|"
        "utf-8 string|"
        "non-ascii address|protocol version|syntax error|not implemented|unrecognized command|"
        "unrecognised command|5.5.1 protocol error|bad sequence|improper sequence|command not recognized|"
        "invalid argument|"
        "invalid parameter|invalid command|bad command|unknown command|rfc 5321|rfc 5322|rfc5321|"
        "rfc5322|rfc 2822|rfc 2821|rfc2822|rfc822|rfc 822|rfc compli|not rfc|header*missing|"
        "missing*header|duplicate header|multiple from|bare lf|bare newline|bare cr|smtputf8|8bit|"
        "invalid header|malformed|bad header|invalid message|non-conformant|conversion|"
        "improperly formatted|nested*too|broken message|protocol violation|syntax check|"
        "from header|to header|date header",
    ),
    Words(
        rule="policy",
        cls=C.BLOCK,
        source="RFC 3463 x.7.x, RFC 5321 554, administrators' texts, FR",
        phrases="no permission|have no right|not have permission|declined|registered users|"
        "local user only|"
        "local users only|only take mail|only for customers|"
        "dictionary attack|directory harvest|harvesting|never sent to|integrity failure|priority level|"
        "priority too low|list expansion|rrvs| relay |"
        " relaying|relais |forged|spoof|impersonat|policy|policies|prohibited|not permitted|"
        "not authorized|not authorised|unauthorized|unauthorised|not allowed|isn't allowed|"
        "not a member|not member|security|message rejected|message refused|message blocked|"
        "mail rejected|mail refused|e-mail rejected|email rejected|email blocked|rejected by|"
        "refused by|denied by|rejected due|rejected for|administrative|access denied|access deny|"
        "permission denied|you are not|you have been|blocked|block |restricted|restriction|violation|"
        "forbidden|filter|screened|quarantin|not in whitelist|whitelist|allow list|delivery not auth|"
        "message denied|mail denied|service refuse|refuse par|rejete par|non autorise|interdit|"
        "bloque par|message rejete|message refuse|regles de securite|politique de|a ete refuse|"
        "a ete rejete|acces refuse|sender*permission|only accepts|"
        "members only|only members|non-member|nonmember|not subscribed|moderat|postings|confirm that you",
    ),
)

LATER: tuple[Words, ...] = (
    Words(
        rule="local-file",
        cls=C.SOFT,
        source="local delivery: Sendmail 'Can't create output', qmail-local.c, maildrop, Postfix local(8)",
        phrases="command time limit|remote domains not supported|recipient callout|unknown mail transport|"
        "can't create output|cannot create output|can't create (|.forward:|.qmail file|"
        "unable to open mailbox|unable to move message|unable to lock|transport unavailable|"
        "unable to read local|cannot update mailbox|trouble in home directory",
    ),
    Words(
        rule="greylist",
        cls=C.SOFT,
        source="RFC 6647",
        phrases="retry in*minute|retry in*second|greylist|graylist|grey list|gray list|grey-list|liste grise",
    ),
    Words(
        rule="expired",
        cls=C.SOFT,
        source="RFC 3463 x.4.7; Exim, OpenSMTPD, qmail, FR",
        phrases="tried all mx|retry time not reached|long failure period|retry time*exceeded|"
        "retry timeout|envelope expired|message expired|"
        "delivery time expired|queue too long|queue for too|too long in|been in the queue|"
        "in the time limit|answer in time|respond in time|in the queue too|queue lifetime|timed out|"
        "timeout|time out|expired|"
        "giving up|after*attempts|"
        "number of attempts|attempts exceeded|retries exceeded|retry limit|maximum retr|max retr|"
        "unable to deliver*after|delivery failed*attempts|delivery expired|being retried|be retried|"
        "been delayed|still trying|keep trying|will continue trying|find a gateway|"
        "could not send*for past|not been able to*for|message delayed|delai imparti|delai*expire|"
        "delai*depasse|temps depasse|not been delivered after",
    ),
    Words(
        rule="network",
        cls=C.SOFT,
        source="RFC 3463 x.3.2, errno texts, Postfix, Sendmail, qmail, FR",
        phrases="network error|aborted by remote|hung up|in circles|loop detection|"
        "congestion|bad connection|system not accepting|not accepting network|"
        "duplicated message-id|loop alert|requests to connect|socket error|"
        "establish an smtp connection|not reachable within|not responding|not respond|no answer from|"
        "ne repond pas|antwortet nicht|no responde|non risponde|connection refused|connection reset|"
        "network is down|network down|network unreachable|network is unreachable|no route to host|"
        "host is down|lost connection|connection dropped|connection lost|connection*closed|"
        "connection*failed|connection died|smtp connection|could not connect|cannot connect|"
        "unable to connect|failed to connect|failed connect|couldn't connect|can't connect|"
        "connection error|unable to contact|too many hops|hop count|"
        "maximum hop|loop detected|loop:|looping|broken pipe|mail forwarding loop|too many received|"
        "bad file|unreachable|all hosts|connexion refusee|connexion impossible|"
        "impossible de se connecter|delai de connexion|boucle",
    ),
)

LOCAL: tuple[Words, ...] = (
    Words(
        rule="limits",
        cls=C.RATE_LIMITED,
        source="a limit that is not said to be the mailbox's or the message's",
        phrases="exceeded*limit|limit exceeded|limit reached",
    ),
    Words(
        rule="errno",
        cls=C.SOFT,
        source="POSIX errno.h, as strerror() words it",
        phrases="no such file or directory|not a directory|is a directory|input/output error|"
        "too many open files|resource temporarily unavailable|cannot allocate memory|out of memory|"
        "no child processes|bad file descriptor|interrupted system call|operation timed out|"
        "read-only file system|stale file handle|stale nfs|device or resource busy|text file busy|"
        "segmentation fault|exec format error|file exists|protocol error|connection aborted|"
        "destination unreachable|address family not supported|host is unreachable|no buffer space|"
        "failed to read|failed to open|failed to write|unable to open|unable to read|unable to write|"
        "cannot read|cannot write|write error|read error",
    ),
    Words(
        rule="system",
        cls=C.SOFT,
        source="RFC 3463 x.3.x, RFC 5321 451/452, FR",
        phrases="load average|load too high|erreur locale|crashed|cannot fork|can't fork|"
        "could not fork|spool space|writing message|"
        "write message|"
        "could not be stored|not be stored|could not store|cannot store|database error|"
        "directory server fail|incorrectly configured|misconfigured|not capable of|"
        "insufficient system|insufficient disk|insufficient space|not enough disk|system resources|"
        "no space left|disk full|disk is full|disk space|temporarily unavail|temporary unavail|"
        "temporary problem|internal error|internal server|internal software|local error|"
        "error in processing|configuration|system error|server error|upstream error|i/o error|"
        "input/output|out of memory|resources|service unavailable|service not available|"
        "service is unavail|service currently|transaction failed|could not load|too busy|server busy|"
        "is busy|shutting down|database|unexpected error|undefined error|local problem|"
        "resource shortage|cannot open|can't create|cannot create|can't open|lock fail| locked|"
        "erreur interne|erreur systeme|temporairement indisponible|service indisponible|"
        "serveur indisponible|read-only|directory lookup|ldap|aliases|alias loop|maintenance|"
        "transaction failed temporarily",
    ),
    Words(
        rule="mailer",
        cls=C.SOFT,
        source="local delivery agents: Sendmail prog mailer, Exim pipe, procmail, Postfix pipe",
        phrases="pipe to|procmail|transport returned|child process|killed by signal|core dumped|"
        "exit value|return code|external program|returned error code|exit status|exited with|"
        "exit code|mailer error|x-unix|command failed|command output|command died|"
        "local delivery failed|program*fail|maildrop|returned exit|status 7|abnormal|sieve|"
        "transport*fail|command line|generated by",
    ),
)

VAGUE = Words(
    rule="refused",
    cls=C.BLOCK,
    source="a refusal that names no reason",
    phrases="rejected|reject|refused|denied|bounced by|rejete|refuse|not deliver to this|not accept|"
    "pas autorise|non autorise|nicht erlaubt|nicht gestattet|no permitid|no autorizad|non consentit|"
    "nao permitid|niet toegestaan|zabronion|запрещен|不允许|abgelehnt|abgewiesen|zuruckgewiesen|"
    "verweigert|rechazad|denegad|rifiutat|respint|rejeitad|recusad|geweigerd|afgewezen|odrzucon|odmow|"
    "отклонен|отказан|拒绝|拒否|拒絶",
)

# A word that tells the matter and no more, where nothing else was understood.
HINTS: tuple[Words, ...] = (
    Words(
        rule="hint-tls",
        cls=C.SOFT,
        ours=True,
        source="RFC 3207",
        phrases=" tls| starttls| ssl",
    ),
    Words(
        rule="hint-later",
        cls=C.SOFT,
        source="RFC 5321 4.5.4.1: a queue that gives up counts its attempts",
        phrases=" attempts| tries| retries| days| hours|tentatives|versuche|intentos|tentativi|"
        "tentativas|"
        "pogingen|попыток|попытки",
    ),
)

# One after the other: what is sure first, "rejected" last.
ORDER: tuple[Words, ...] = (*CONTENT, *BLOCKED, *LATER, *POLICY, *LOCAL)
