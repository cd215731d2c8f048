"""What servers say of a mailbox, its owner and its domain.

Folded text: lower case, no Latin accent, one space. Sources: RFC = wording proposed there; a name = that
server's own source or manual; FR = what French providers and servers write, with and without accents.
"""

from __future__ import annotations

from elite_lib.bounces.classes.rows import Words
from elite_lib.models import ReturnClass as C

# Said of the mailbox.
MAILBOX: tuple[Words, ...] = (
    Words(
        rule="full",
        cls=C.MAILBOX_FULL,
        source="RFC 3463 x.2.2, Dovecot, Cyrus, Exchange, Gmail, FR",
        phrases="storage is full|storage full|storage used|all of the storage|all storage|stored: quota|"
        "exceeds maximum*mailbox|maximum mailbox size|maximum*for this mailbox|file too large|mailbox full|"
        "mailbox is full|mailbox*is full|messages in*mailbox exceeded|mailbox is over|"
        "mailbox has exceeded|mailbox exceed|mailbox over|mailbox size limit|mailbox size exceeded|"
        "mailbox quota|"
        "mailbox limit|mail box full|mailfolder is full|inbox is full|account is full|account is over|"
        "overquota|over quota|over the quota|over-quota|over the allowed quota|over disk quota|"
        "over the storage|over his quota|over their quota| over*quota|exceeded*quota|exceeds*quota|"
        "exceed*quota|quota exceed|quota*exceeded|quota violat|reached its quota|quota full|"
        "quota reached|out of quota|"
        "disk quota|user quota|storage quota|insufficient quota|exceeded storage|storage limit|"
        "storage allocation|storage space|out of storage|exceeded*storage|no space left for|"
        "space left in mailbox|allocated disk|allotted space|too many messages in|"
        "too many messages on the server|maildir over|would exceed mailbox|mailbox*too full|"
        "user's mailbox is full|user's mailbox exceed|not enough space in|has no space|full mailbox|"
        "inbox full|bal pleine|boite pleine|boite*pleine|boite*saturee|boite*est plein|"
        "messagerie pleine|messagerie saturee|quota depasse|quota*depasse|depasse*quota|"
        "depassement de quota|quota*atteint|espace*insuffisant|capacite*depassee|postfach*voll|"
        "zu viele mails auf|zuviele mails auf|mailbox voll|buzon*lleno|cuota*excedid|"
        "casella* pien|почтовыи ящик переполнен|ящик переполнен|"
        "メールボックスが一杯|メールボックスがいっぱい|容量を超え",
    ),
    Words(
        rule="closed",
        cls=C.HARD,
        source="RFC 3463 x.2.1, Gmail 5.2.1, Yahoo, La Poste 42x, FR",
        phrases="extended inactivity|account*is disabled|account*been disabled|account disabled|"
        "account*deactivated|account inactive|account*is inactive|account*been suspended|"
        "user is locked|user locked|account locked|account suspended|account*is suspended|"
        "account closed|account*been closed|account*is closed|"
        "account*expired|account*is locked|account*been locked|account*discontinued|"
        "account*not active|account*been terminated|account*is blocked|mailbox disabled|"
        "mailbox*is disabled|mailbox*been disabled|mailbox*inactive|mailbox*suspended|"
        "mailbox*deactivated|mailbox*closed|mailbox*frozen|user*is disabled|user disabled|"
        "user*suspended|user*inactive|inactive user|inactive account|inactive mailbox|disabled user|"
        "disabled account|disabled mailbox|disabled recipient|recipient disabled|recipient suspended|"
        "recipient*is disabled|not active anymore|domain*suspended|domain*disabled|email*disabled due|"
        "unused mailbox|service for this mailbox is|compte*bloque|compte*suspendu|compte*desactive|"
        "compte*ferme|compte*inactif|compte*resilie|boite*desactivee|boite*fermee|boite*bloquee|"
        "boite*suspendue|boite*inactive|boite*resiliee|address no longer accepts|"
        "no longer accepts mail|addressee*deactivated",
    ),
    Words(
        rule="moved",
        cls=C.HARD,
        source="RFC 3463 x.1.6, RFC 5321 551, FR",
        phrases="mailbox owner has changed|domain owner has changed|owner has changed|has moved to|"
        "has moved, |user has moved|recipient has moved|no longer on server|has been replaced by|"
        "moved permanently|new address is|address has changed|mailbox has moved|moved; please try|"
        "a change d'adresse|adresse a change|nouvelle adresse est",
    ),
    Words(
        rule="null-mx",
        cls=C.HARD,
        source="RFC 7505 (5.1.10), RFC 7504 (521), FR",
        phrases="record indicated no smtp|no smtp service at|null mx|nullmx|takes no mail|"
        "does not accept mail|"
        "doesn't accept mail|does not accept email|does not receive mail|not accept any mail|"
        "doesn't receive|never accept mail|521 *not accepting network|domain does not accept|"
        "no mail is accepted|n'accepte pas de courr|n'accepte aucun",
    ),
    Words(
        rule="gone",
        cls=C.HARD,
        source="local delivery agents and directories: the server that would know says so itself",
        phrases="unrecognised-or-name|unrecognized-or-name|(000c05a6)|(000c0595)|(000d06b5)|"
        "check if address is correct|not listed in domino directory|"
        "domino-verzeichnis|domino-adressbuch|annuaire domino|repertoire domino|directorio de domino|"
        "elenco domino|not listed in public name|mail.local: unknown user|"
        "because the address couldn't be found|no valid recipients for this mm|550 unknown user account|"
        "no mailbox here by that name|no mailbox by that name|is no longer employed|no longer works|"
        "is no longer with|has left the company|left the company|left the organi|has retired|"
        "has left us|"
        "no longer at this|ne travaille plus|ne fait plus partie|quitte*societe|quitte*etablissement|"
        "quitte*entreprise|quitte ses fonctions|n'exerce plus|n'est plus en fonction|n'est plus employe",
    ),
)

# Postfix smtpd_check.c says so before every reason: what comes after it is said of whatever it names.
PREFACE = "recipient address rejected: "

# Said of the recipient; proof of an unknown one only at RCPT or with a status that says so (see deciding).
UNKNOWN_USER = Words(
    rule="unknown-user",
    cls=C.HARD,
    source="RFC 3463 x.1.1, RFC 5321 550, every server; FR",
    phrases="no one at this|personne de ce nom|personne a ce nom|not in ldap|not in directory|"
    "not in the directory|have no record|no record of @|"
    "no record of <@|no one here|no one by|nobody here|nobody by|"
    "nobody called|not in use|not in system|not in the system|not a mailbox|unable to identify|"
    "cannot identify|no user by|no user with|no users by|no account under|validrcptto|user unknown|"
    "unknown user|user not found|user*not found|no such user|no such mailbox|no such recipient|"
    "no such person|no such address|no such account|no such local user|no such email|no such name|"
    "unknown recipient|recipient unknown|unknown mailbox|unknown address|address unknown|"
    "unknown local|unknown account|unknown or illegal|unknown virtual|unknown email|unknown e-mail|"
    "unknown addressee|user is unknown|user doesn't|user does not|user*not exist|user*doesn't exist|"
    "recipient*not exist|recipient*doesn't exist|recipient does not|mailbox*not exist|"
    "mailbox*doesn't exist|mailbox does not|account*not exist|account*doesn't exist|"
    "address*not exist|address*doesn't exist|address does not|email*does not exist|mailbox not found|"
    "mailbox*not found|recipient not found|recipnotfound|recipient*not found|address not found|"
    "address*could not be found|address*couldn't be found|address*wasn't found|account not found|"
    "couldn't be found|wasn't found at|not a valid mailbox|not a valid user|not a valid recipient|"
    "not a valid address|no valid recipient|no valid address|invalid recipient|invalid user|"
    "invalid mailbox|invalid address|invalid email|invalid e-mail|invalid account|"
    "recipient is invalid|recipient*invalid|recipient*is not valid|address*is invalid|"
    "address*is not valid|bad destination mailbox|bad recipient|bad address|illegal user|"
    "illegal alias|illegal recipient|unavailable user|unavailable mail user|account is unavailable|"
    "account unavailable|mailbox unavailable|mailbox is unavailable|mailbox not available|not available here|"
    "mailbox*unavailable|not our customer|not known here|is not known|is not defined|"
    "isn't known|recipient not listed|user not listed|is not listed in|not a registered|"
    "name was not found|name not found|name is not recognized|name was not recognized|"
    "recipient not recognized|address not recognized|"
    "user not recognized|non reconnu|unrecognized recipient|unrecognised recipient|user unrecognized|"
    "is not a known|is not a user|isn't a user|undeliverable address|no account by|no account with|"
    "no account for|no account here|no mailbox by|no mailbox here|no mailbox for|"
    "does not have an account|doesn't have a|doesn't have an account|recipient not valid|"
    "recipient address rejected: invalid|recipient address rejected: undeliverable|address*no longer|"
    "mailbox*no longer|recipient*no longer|user*no longer|account*no longer|no longer in use|"
    "no longer exist|mailbox is not|non-existent user|nonexistent|non existent|non-existing|"
    "unknownuser|nosuchuser|user*unknown|userunknown|recipient*unknown|possibly incorrect|"
    "not a local|user not known|user not local|email address that you|recipient*removed|"
    "not on this server|does not exist|doesn't exist|dosn't exist|mailbox missing|"
    "can't find recipient|cannot find recipient|utilisateur inconnu|utilisateur*inconnu|"
    "utilisateur*existe pas|utilisateur introuvable|destinataire inconnu|destinataire*inconnu|"
    "destinataire*existe pas|destinataire introuvable|destinataire*introuvable|destinataire*invalide|"
    "adresse*existe pas|adresse inconnue|adresse*inconnue|adresse*introuvable|adresse*invalide|"
    "adresse*incorrecte|adresse*erronee|adresse*pas valide|boite*existe pas|boite*inconnue|"
    "boite*introuvable|compte*existe pas|compte inconnu|compte*inexistant|boite*inexistante|"
    "adresse*inexistante|inconnu a cette adresse|empfanger unbekannt|unbekannter|existiert nicht|"
    "nicht in*gefunden|konto*nicht*vorhanden|adresse*nicht*vorhanden|"
    "usuario desconocido|utente sconosciuto|пользователь не наиден|"
    "ユーザーが見つかりません|宛先が見つかりません",
)

# At RCPT, and after every other cause: the address is what was refused.
ADDRESS_REFUSED = Words(
    rule="address-refused",
    cls=C.HARD,
    source="Postfix 'Recipient address rejected' without a word more, RFC 3463 5.1.0",
    phrases="recipient verification failed|"
    "recipient rejected|recipient refused|recipient*not accepted|recipient address rejected|"
    "address rejected|address refused|recipient not ok|adresse refusee|adresse rejetee",
)

# Who keeps the mailboxes says so itself: "unknown" is then known (see deciding).
AGENTS = Words(
    rule="local-agent",
    cls=C.HARD,
    source="Sendmail, vpopmail, maildrop, procmail, Cyrus, Dovecot, VMS: agents sign what they say",
    phrases="mail.local:|vdelivermail:|vpopmail:|maildrop:|procmail:| deliver:|dovecot-lda:|"
    "qmail-local:|"
    'lmtpd:|command output: |%mail-e-|to local user |%mx-e-|unknown user: "|'
    "unknown local-part|unknown user `",
)

HOST: tuple[Words, ...] = (
    Words(
        rule="unverified",
        cls=C.SOFT,
        source="Postfix reject_unverified_recipient, Exim callout: the answer is not there yet",
        phrases="verification in progress|callout is in progress",
    ),
    Words(
        rule="program",
        cls=C.SOFT,
        source="Exim transports/pipe.c; sh: 'command not found': a program is missing, not a mailbox",
        phrases="address_pipe transport returned|command does not exist|command not found|unable to exec|"
        " sh: *not found| sh: *permission denied|not available for sendmail programs|"
        "setgid(|setuid(",
    ),
    Words(
        rule="loop",
        cls=C.SOFT,
        source="RFC 5321 6.3; Postfix, Sendmail: an MX that is the server itself",
        phrases="loops back to|mail loop|routing loop|points to local host",
    ),
    Words(
        rule="dns-later",
        cls=C.SOFT,
        source="resolvers; RFC 2308: no answer is not the answer no",
        phrases="not found*try again|host map*deferred|lookup*temporar|dns*temporar|temporar*dns|"
        "temporar*lookup|"
        "dns*later|dns query failed|name service error*try again|temporary lookup failure|"
        "name server timeout|host name lookup failure|domain name lookup|temporary dns|"
        "malformed or unexpected name server reply|transient dns|servfail|dns lookup timed|"
        "dns timeout|dns soft|dns server failure|name lookup failed*temporar",
    ),
    Words(
        rule="no-such-domain",
        cls=C.HARD,
        source="RFC 3463 x.1.2 and x.4.4; Exim 'Unrouteable address'; Postfix; FR",
        phrases="no a or mx|no mx or a|no a, aaaa|no address record|has no mx|without mx|not have an mx|"
        "not have any mx|no route found to domain|unable to route|cannot route|can't route|"
        "no mail hosts for|"
        "no matches to nameserver|non-existent hosts|nonexistent hosts|"
        "dns lookup failure: host*not found|host unknown|unknown host|host not found|"
        "host or domain name not found|domain name not found|no such domain|domain not found|"
        "domain*does not exist|domain*doesn't exist|domain*not exist|illegal host|illegal domain|"
        "unrouteable address|unrouteable mail domain|unrouteable|unroutable|any host named|"
        "any host by that name|no such host|name or service not known|non-existent domain|"
        "nonexistent domain|domain is not reachable|nxdomain|unknown mail domain|bad destination system|"
        "bad destination host|bad domain|invalid domain|invalid host|unknown domain|domain unknown|"
        "domain*not be found|domain*couldn't be found|domain isn't|no mx|no mail exchanger|"
        "no mail server|no valid mail server|couldn't resolve|could not be resolved|cannot resolve|"
        "can't resolve|unable to resolve|recipient domain must|recipient domain not|"
        "recipient domain is invalid|recipient domain*not found|host*not exist|no dns record|"
        "no dns entries|no dns a|"
        "address resolution|domaine*inexistant|domaine inconnu|domaine*inconnu|domaine*introuvable|"
        "domaine*existe pas|hote inconnu|hote*introuvable|serveur*introuvable|dominio*no existe",
    ),
)
