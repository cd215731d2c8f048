"""Mail servers' free-text notices, from their sources and manuals."""

from __future__ import annotations

from elite_lib.bounces.dialects.rows import Dialect

SERVERS: tuple[Dialect, ...] = (
    Dialect(
        name="exim",
        known=r"created automatically by (?:the )?(?:mail delivery software|smtp relay)|message that you (?:have )?sent could not be delivered to",
        anchor=r"^ {1,4}<?(?P<to>{a})>?(?=:|$| \(|\s)|generated (?:by|from) (?P<from>{a})",
        source="Exim src/deliver.c, src/moan.c; MXLogic and IONOS reuse its words",
    ),
    Dialect(
        name="qmail",
        known=r"this is the .{0,60}qmail-send program|i'm afraid i wasn't able to deliver your message|i tried to deliver your (?:message|mail)",
        anchor=r"^<?(?P<to>{a})>?:[ \t]*(?:$|\S)",
        source="qmail qmail-send.c, QSBMF (cr.yp.to/proto/qsbmf.txt)",
    ),
    Dialect(
        name="postfix",
        known=r"this is the (?:mail system|postfix program|email security gateway)|i'm sorry to have to inform you|had to inform you that the message returned",
        anchor=r"^[ \t]*<(?P<to>{a})>(?: \(expanded\s+from\s+<[^>\n]{1,200}>\))?:",
        source="Postfix bounce(5) template",
    ),
    Dialect(
        name="sendmail",
        known=r"-{3,} ?the following addresses had|-{3,} ?transcript of session follows",
        anchor=r"^[ \t]*<(?P<to>{a})>[ \t]*(?:$|\(|\.\.\.)|^(?P<bare>{a})[ \t]*(?:$|\.\.\.|\()",
        source="Sendmail savemail.c",
    ),
    Dialect(
        name="courier",
        known=r"running the courier mail server|undeliverable mail\s*$",
        anchor=r"^<(?P<to>{a})>:",
        source="Courier courier/module.dsn",
    ),
    Dialect(
        name="opensmtpd",
        known=r"this is the mailer-daemon, please do not reply to this e-?mail",
        anchor=r"^[ \t]*(?P<to>{a}): ",
        source="OpenSMTPD smtpd/bounce.c",
    ),
    Dialect(
        name="dma",
        known=r"this is the dragonfly mail agent|this is the dma|could not be delivered to the following",
        anchor=r"message (?:could not be|to) .{0,60}?\s?<?(?P<to>{a})>?|^<?(?P<other>{a})>?:",
        source="DragonFly Mail Agent mail.c: 'A message to <…> … has failed delivery'",
    ),
    Dialect(
        name="exchange",
        known=r"did not reach (?:the following|some or all)|following recipient\(s\) could not be reached|could not be reached:",
        anchor=r"^[ \t]*'?<?(?P<to>{a})>?'? (?:on|le|am) ",
        source="Microsoft Exchange 5.5 to 2003 NDR",
    ),
    Dialect(
        name="exchange-2007",
        known=r"delivery has failed to these recipients|diagnostic information for administrators|informations? de diagnostic pour les administrateurs"
        r"|la remise a .chou. pour ces destinataires|rejected your message to the following|generating server:|serveur de g.n.ration",
        anchor=r"^[ \t]*(?:[^\n<]{0,80}<)?(?:mailto:)?(?P<to>{a})>?(?:<mailto:[^>\n]{1,260}>)?(?:[ \t]*\([^\n]{0,200}\))?(?:<mailto:[^>\n]{1,260}>)?[ \t]*$"
        r"|^(?P<smtp>{a}) #<",
        source="Microsoft Exchange 2007 and later, Office 365, in English and French",
    ),
    Dialect(
        name="domino",
        known=r"^\s*was not delivered to:|n'a pas .t. remis .:",
        anchor=r"^[ \t]+(?P<to>{a})[ \t]*$",
        source="HCL (Lotus) Domino",
    ),
    Dialect(
        name="messaging-server",
        known=r"this report relates to a message you sent",
        anchor=r"^[ \t]*original address: (?P<to>{a})|^[ \t]*recipient address: (?P<recipient>{a})",
        source="Sun/Oracle Messaging Server, iPlanet",
    ),
    Dialect(
        name="groupwise",
        known=r"the message that you sent was undeliverable|message that you sent was undeliverable to the following",
        anchor=r"^[ \t]*(?P<to>{a})[ \t]*(?:\(|$)",
        source="Novell GroupWise GWIA",
    ),
    Dialect(
        name="zimbra",
        known=r"n'a pas pu .tre (?:remis|d.livr|distribu|achemin)|impossible de (?:remettre|d.livrer|distribuer)|.chec de (?:la )?(?:remise|livraison|distribution)",
        anchor=r"^[ \t>*-]*(?:destinataires?|adresses?|à|a)?[ \t]*:?[ \t]*[<«\"']?[ ]?(?P<to>{a})[ ]?[>»\"']?[ \t]*(?:$|[:(])",
        source="French notices: Zimbra and OVH templates of the Postfix bounce, Exchange in French, home-made ones",
    ),
    Dialect(
        name="imail",
        known=r"undeliverable to |unknown user: |user mailbox exceeds|delivery failed \d+ attempts",
        anchor=r"(?:undeliverable to|unknown user:|delivery failed \d+ attempts:|exceeds allowed size:|mailbox .{0,30}:|unknown host:)[ \t]*<?(?P<to>{a})",
        source="Ipswitch IMail SMTP32",
    ),
    Dialect(
        name="netscape",
        known=r"this message was undeliverable due to the following reason",
        anchor=r"^[ \t]*<(?P<to>{a})>[ \t]*$|recipient: <(?P<recipient>{a})>|user .{0,40}<(?P<user>{a})>",
        source="Netscape/InterMail Messaging Server",
    ),
)
