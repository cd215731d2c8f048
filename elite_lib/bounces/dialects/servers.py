"""Mail servers' free-text notices, from their sources and manuals."""

from __future__ import annotations

from elite_lib.bounces.dialects.rows import Dialect

SERVERS: tuple[Dialect, ...] = (
    Dialect(
        name="exim",
        known="created automatically by mail delivery software|"
        "created automatically by the mail delivery|created automatically by the smtp relay|"
        "message that you sent could not be delivered to|"
        "message that you have sent could not be delivered to",
        anchor=r"^ {0,4}<?(?P<to>{a})>?(?=:|$| \(|\s)|address: <(?P<listed>{a})>|generated (?:by|"
        r"from) (?P<from>{a})",
        source="Exim src/deliver.c, src/moan.c; MXLogic, GMX, IONOS and Zoho reuse its words",
        elsewhere="error from remote|lmtp error|remote host|remote server|remote mail|said:|host | host|"
        "transport returned",
    ),
    Dialect(
        name="qmail",
        known="this is the*qmail-send|i'm afraid i wasn't able to deliver your message|"
        "i tried to deliver your mes|i tried to deliver your mail",
        anchor=r"^<?(?P<to>{a})>?:[ \t]*(?:$|\S)",
        source="qmail qmail-send.c, QSBMF (cr.yp.to/proto/qsbmf.txt)",
    ),
    Dialect(
        name="james",
        known="this is the james mail server|failed recipient(s):",
        anchor=r"^<?(?P<to>{a})>?[ \t]*$",
        source="Apache James DSNBounce",
    ),
    Dialect(
        name="postfix",
        known="this is the mail system|this is the postfix program|"
        "this is the email security gateway|i'm sorry to have to inform you|"
        "had to inform you that the message returned",
        anchor=r"^[ \t]*<(?P<to>{a})>(?: \(expanded\s+from\s+<[^>\n]{1,200}>\))?:",
        source="Postfix bounce(5) template",
    ),
    Dialect(
        name="sendmail",
        known="--- the following addresses had|---the following addresses had|"
        "--- recipients of this delivery",
        anchor=r"^[ \t]*<(?P<to>{a})>[ \t]*(?:$|\(|\.\.\.(?! sent))|"
        r"^(?P<bare>{a})[ \t]*(?:$|\.\.\.(?! sent)|\()",
        source="Sendmail savemail.c",
    ),
    Dialect(
        name="postfix-smtpd",
        known="transcript of session follows. out: 220",
        anchor=r"^ in:\s+rcpt to:<(?P<to>{a})>",
        source="Postfix smtpd_chat.c: what the postmaster is told of a failed session",
    ),
    Dialect(
        name="sendmail-5",
        known="--- transcript of session follows",
        anchor=r"^(?:[45]\d\d )?<?(?P<to>{a})>?\.\.\. (?!sent)|^>>> rcpt to: ?<(?P<rcpt>{a})>|"
        r"^[45]\d\d <(?P<said>{a})>",
        source="Sendmail 5 and 8.6 and before: the transcript alone",
    ),
    Dialect(
        name="sendmail-own",
        known="--- transcript of session follows",
        anchor=r"^[45]\d\d (?P<name>[\w+-]{2,64})\.\.\. ",
        source="Sendmail, of a mailbox of its own",
        local=True,
    ),
    Dialect(
        name="smail",
        known="message log follows",
        anchor=r"^ <?(?P<to>{a})>? \.\.\. ",  # and not " delivered to: <…>" above
        source="Smail 3 notify.c",
    ),
    Dialect(
        name="lmail",
        known="error-for:",
        anchor=r"^error-for:[ \t]*<?(?P<to>{a})",
        source="L-Soft LMail, MX for VMS: the error list that LISTSERV reads",
        local=True,
    ),
    Dialect(
        name="courier",
        known="running the courier mail server|undeliverable mail your message",
        anchor=r"^<(?P<to>{a})>:",
        source="Courier courier/module.dsn",
    ),
    Dialect(
        name="opensmtpd",
        known="this is the mailer-daemon, please do not reply to this e",
        anchor=r"^[ \t]*(?P<to>{a}): ",
        source="OpenSMTPD smtpd/bounce.c",
    ),
    Dialect(
        name="dma",
        known="this is the dragonfly mail agent|this is the dma|has failed delivery",
        anchor=r"(?:error delivering your mail|"
        r"message(?: could not be delivered)?) to <?(?P<to>{a})>?|^<?(?P<other>{a})>?:",
        source="DragonFly Mail Agent mail.c: 'A message to <…> … has failed delivery'",
    ),
    Dialect(
        name="exchange",
        known="did not reach the following|did not reach some or all|could not be reached:|n'a pas atteint|"
        "pu etre remis au(x) destinataire",
        anchor=r"^[ \t]*'?<?(?P<to>{a})>?'? (?:on|le|am) |dda:(?:smtp|rfc-822)=(?P<dda>[\w.+-]+\(a\)[\w.-]+)",
        source="Microsoft Exchange 5.5 to 2003 NDR",
    ),
    Dialect(
        name="exchange-2007",
        known="delivery has failed to these recipients|diagnostic information for administrators|"
        "diagnostic pour les administrateurs|la remise a echoue|"
        "rejected your message to the following|generating server:|serveur de generation|"
        "votre message n'a pas pu etre remis aux dest|"
        "nachrichtenzustellung an folgende|diagnoseinformationen fur admin|generierender server|"
        "error de entrega a estos|informacion de diagnostico para|falha na entrega para|"
        "informacoes de diagnostico para|recapito non riuscito per|informazioni di diagnostica per|"
        "kan niet worden bezorgd bij|diagnostische gegevens voor",
        anchor=r"^[ \t]*(?:[^\n<(]{0,80}[<(])?(?:mailto:)?(?P<to>{a})[>)]?"
        r"(?:<mailto:[^>\n]{1,260}>)?(?:[ \t]*\([^\n]{0,200}\))?(?:<mailto:[^>\n]{1,260}>)?[ \t]*$"
        r"|^(?P<smtp>{a}) #<",
        source="Microsoft Exchange 2007 and later, Office 365, in seven languages",
    ),
    Dialect(
        name="domino",
        known="was not delivered to:|n'a pas ete remis a :|n'a pas ete remis a:",
        anchor=r"^[ \t]+(?:[^<>\n]{1,80}<)?(?P<to>{a})>?[ \t]*$",
        source="HCL (Lotus) Domino",
    ),
    Dialect(
        name="messaging-server",
        known="this report relates to a message you sent",
        anchor=r"^[ \t]*original address: (?P<to>{a})|^[ \t]*recipient address: (?P<recipient>{a})",
        source="Sun/Oracle Messaging Server, iPlanet",
    ),
    Dialect(
        name="groupwise",
        known="message that you sent was undeliverable",
        anchor=r"^[ \t]*(?P<to>{a})[ \t]*(?:\(|$)",
        source="Novell GroupWise GWIA",
        local=True,
    ),
    Dialect(
        name="zimbra",
        known="pu etre remis|pu etre delivre|pu etre distribue|pu etre achemine|pu etre envoye|"
        "pu etre transmis|impossible de remettre|impossible de delivrer|"
        "impossible de distribuer|echec de la remise|echec de la livraison|"
        "echec de la distribution|echec de remise|echec de livraison|n'a pas ete delivre|"
        "n'a pas ete distribue",
        anchor=r"^[ \t>*-]*(?:destinataires?|adresses?|à|"
        r"a)?[ \t]*:?[ \t]*[<«\"']?[ ]?(?P<to>{a})[ ]?[>»\"']?[ \t]*(?:$|[:(])",
        source="French notices: Zimbra and OVH templates of the Postfix bounce, Exchange, home-made ones",
    ),
    Dialect(
        name="imail",
        known="undeliverable to |unknown user: |user mailbox exceeds|delivery failed*attempts|unknown host: ",
        anchor=r"(?:undeliverable to|unknown user:|delivery failed \d+ attempts:|"
        r"exceeds allowed size:|mailbox .{0,30}:|unknown host:)[ \t]*<?(?P<to>{a})",
        source="Ipswitch IMail SMTP32",
        local=True,
    ),
    Dialect(
        name="mercury",
        known="the local mail transport system has reported",
        anchor=r"^\*\*\* (?:<?(?P<to>{a})>?|(?P<name>[\w.+-]{2,64}))[ \t]*$",
        source="Mercury (Pegasus) for NetWare and Windows",
        local=True,
    ),
    Dialect(
        name="mailenable",
        known="recipient: [smtp:",
        anchor=r"^[ \t]*recipient:[ \t]*\[smtp:(?P<to>{a})\]",
        source="MailEnable SMTP connector",
    ),
    Dialect(
        name="netscape",
        known="this message was undeliverable due to the following reason",
        anchor=r"^[ \t]*(?:smtp:)?<(?P<to>{a})>[ \t]*$|recipient: <(?P<recipient>{a})>|"
        r"user .{0,40}<(?P<user>{a})>",
        source="Netscape/InterMail Messaging Server",
    ),
)
