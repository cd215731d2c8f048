"""By which words a mail system says, in any language, that a message did not arrive.

Alternatives at the outermost level, one idea each: what people write too ("returned", "delayed") is only
believed in the subject of a mail system's message.
"""

from __future__ import annotations

import re

SUBJECT = re.compile(
    r"not (?:a )?member\b|server: errors from|loop alert|undeliver|non[- ]?deliver|"
    r"delivery (?:status|fail|notif|problem|error|report|has|was|delay|attempt|incomplete|unsuccess)|"
    r"deliver(?:y)? failure|returned mail|returned (?:to sender|message|e-?mail)|"
    r"returning (?:message )?to sender|failure notice|failure delivery|failed delivery|failed to deliver|"
    r"mail (?:delivery )?(?:fail|error|system error|status|could|not|undeliv|bounce|return|problem)|"
    r"could not (?:be )?(?:deliver|sen[dt])|not (?:be )?delivered|error sending|"
    r"(?:message|mail|email).{0,40}(?:blocked|rejected|refused|delayed|returned|failed|not delivered)|"
    r"bounced?\b|delayed mail|warning.{0,30}(?:mail|message|send)|"
    r"unable to deliver|cannot deliver|can't deliver|can not be delivered|rejected (?:mail|message)|"
    r"message status|rejected posting|request to mailing list.{0,80}rejected|authori[sz]ation denied|"
    r"user unknown|unknown user|nondelivery|"
    # Mailman, Sympa, ezmlm, Majordomo, fml: list managers
    r"post(?:ing)? (?:denied|refused|rejected|not allowed)|not allowed to post|members? only|"
    r"(?:message|article) size exceed|loop (?:back|warning|detected)|errors? from \S+\[|"
    # French
    r"non remis|non distribu|non d[ée]livr|non achemin|[ée]chec|retour (?:de|du|à|a) |pas pu [êe]tre|"
    r"message (?:refus|rejet|bloqu)|(?:destinataire|utilisateur|adresse) (?:inconnu|introuvable)|"
    r"bo[iî]te pleine|impossible d|notification d.[ée]tat de remise|rapport de non|"
    # German, Dutch, Scandinavian
    r"unzustellbar|nicht zugestellt|nicht zustellbar|zustell(?:ung|fehler|status)|"
    r"übermittlungsstatus|fehlgeschlagen|ej levere|rückläufer|"
    r"nachrichtenstatus|onbestelbaar|niet te bezorgen|niet (?:be|af)|olevererbar|kunde inte levereras|"
    r"kunne ikke leveres|ikke levert|ikke leveret|"
    # Spanish, Italian, Portuguese
    r"no (?:se (?:ha |puede |pudo )?)?(?:podido )?entrega|devuelto|demorad|"
    r"mancat|non (?:recapitabil|consegnat)|"
    r"recapito|n[ãa]o (?:foi )?entreg|devolvid|falha na entrega|"
    # Polish, Czech, Hungarian, Turkish, Russian
    r"niedostarczon|niedor[ęe]czon|nie dostarczon|nedoručiteln|kézbesíthetetlen|iletilemedi|"
    r"teslim edilemedi|не доставлен|недоставлен|не может быть доставлен|возвращен|"
    # Japanese, Chinese, Korean
    r"配信|配達|エラー|不達|送信(?:でき|失敗)|退信|退回|投递失败|发送失败|無法傳遞|无法投递|반송|전송 실패|"
    r"전송되지|발송 ?실패|수신 ?거부",
    re.IGNORECASE,
)
WORDS = re.compile(
    r"requested action not taken|no such user|user unknown|unknown user|invalid user|"
    r"(?:could|can) ?not be delivered|cannot be delivered|couldn't be delivered|was not delivered|"
    r"wasn't delivered|not been delivered|has not been delivered|"
    r"undeliverable|undelivered|delivery (?:has |to the following .{0,40})?failed|failed to deliver|"
    r"unable to (?:be )?deliver|delivery failure|has failed delivery|could not (?:deliver|send)|"
    r"did not reach|not been reached|could not (?:be )?(?:reached|sent|deliver)|couldn't deliver|"
    r"delivery errors?|not deliver your|was rejected|automatically rejected|"
    r"stopped\s+the\s+following\s+(?:e-?mail|message)|not (?:a )?member of|being returned|"
    r"returned to (?:you|sender)|had (?:permanent|delivery|"
    r"transient)|unrecoverable|permanent(?:ly)? (?:error|fail)|failure reasons?|"
    r"failed addresses|(?:message|mail|e-?mail) (?:delivery )?fail|has been (?:delayed|rejected|"
    r"returned|blocked)|delivery of .{0,60} failed|"
    # list managers
    r"only members|members only|not (?:a )?subscribe[dr]|not (?:allowed|permitted) to post|"
    r"duplicated? message|"
    # French
    r"a été (?:rejet|refus)|n'a pas (?:pu|ete|été)|n.ont pas pu|"
    r"n’a pas (?:pu|été)|pas pu [êe]tre (?:remis|d[ée]livr|"
    r"distribu|achemin|envoy|transmis)|impossible de (?:remettre|d[ée]livrer|distribuer|livrer|joindre)|"
    r"[ée]chec (?:de|d.|lors|permanent)|non (?:remis|distribu|d[ée]livr)|"
    r"(?:destinataire|utilisateur|adresse|bo[iî]te) .{0,60}(?:inconnu|introuvable|n.existe|pleine)|"
    # German, Dutch, Scandinavian
    r"nicht zugestellt|nicht zustellbar|unzustellbar|fehler bei der zustellung|nicht erreicht|"
    r"zustellung .{0,60}(?:fehlgeschlagen|nicht)|niet (?:worden )?(?:bezorgd|afgeleverd)|"
    r"(?:bezorging|aflevering) .{0,60}mislukt|kunde inte levereras|kunne ikke leveres|"
    # Spanish, Italian, Portuguese
    r"no se (?:ha podido|pudo|puede|ha) entrega|no ha podido ser entregad|"
    r"no (?:ha sido|fue) entregad|error de entrega|"
    r"no se (?:puede|pudo) conectar con los destinatarios|"
    r"non (?:è|e'|e) stato (?:possibile )?(?:consegna|recapita)|recapito non|impossibile (?:consegn|recapit)|"
    r"n[ãa]o (?:p[ôo]de|foi|pode) (?:ser )?entreg|falha (?:na|de) entrega|"
    # Polish, Czech, Turkish, Russian
    r"nie (?:została|mogła|może) .{0,20}(?:dostarczon|doręczon)|nebyla doručena|nelze doručit|"
    r"teslim edilemedi|не (?:может быть|была|было) доставлен|не удалось доставить|не доставлен|"
    # Japanese, Chinese, Korean
    r"送信できません|配信できません|配信されません|届けられません|配達できません|"
    r"被退回|退信|无法投递|無法傳遞|投递失败|无法送达|전달되지|배달되지|전송되지|전달하지 못|"
    r"delivery of .{0,20}(?:was|has been) stopped|übermittlung .{0,60}fehlgeschlagen",
    re.IGNORECASE,
)
