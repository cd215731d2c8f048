"""Nouns and predicates by which servers of any country say what became of a message.

Folded text, as everywhere in here. A word is a stem that begins at a word's start (in Chinese and Japanese,
anywhere); a full stop after it means that it also ends a word. Source of all rows: the wording of RFC 3463
for each status, and its translations.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexeme:
    """``words`` parted by ``|``, all meaning ``name``."""

    name: str
    words: str


# "the server of the recipient": the noun before it is what is spoken of.
OF = (
    " of ", " of the ", " of your ", " du ", " de la ",
    " de l'", " de ", " des ", " der ", " del ", " della ", " dell'",
    " do ", " da ", " van de ", " van ",
)  # fmt: skip
# The first that fits at a place counts, so that "ip address" is no address and "sender domain" no domain.
NOUNS: tuple[Lexeme, ...] = (
    Lexeme(
        name="sender",
        words="your account|your mailbox|your domain|your address|your email address|"
        "your e-mail address|your user|your login|votre compte|votre domaine|votre adresse|"
        "votre boite|ihr konto|ihr postfach|ihre adresse|ihre domain|su cuenta|su dominio|su buzon|"
        "tuo account|sua casella|sua conta|uw account|uw domein|outgoing|sender's domain|"
        "sender's address|sender's account|sender's mailbox|sender domain|sender address|"
        "sending domain|sending account|from domain|domain of sender|domaine de l'expediteur|"
        "adresse de l'expediteur|compte de l'expediteur|domaine expediteur|adresse expeditrice|"
        "absenderadresse|absenderdomain|sender|senders|mail from|return path|return-path|from address|"
        "from:|envelope from|expediteur|emetteur|adresse d'expedition|absender|remitente|mittente|"
        "remetente|afzender|nadawc|отправител|发件人|寄件者|送信者|差出人",
    ),
    Lexeme(
        name="host",
        words="host|hostname|host name|mail exchanger|mx record|mx |hote|ホスト|name server|destination|"
        "ip address of the mail|ip address for the domain|ip address of the domain",
    ),
    Lexeme(
        name="client",
        words="ip address|adresse ip|ip-adresse|direccion ip|indirizzo ip|endereco ip|ip-adres|"
        "adres ip|ip-адрес|ip |your ip|your server|your host|client host|ip地址",
    ),
    Lexeme(name="route", words="gateway|passerelle|mail route|mail path|mail relay|smart host|smarthost"),
    Lexeme(
        name="relay",
        words="relay|relaying|relais|relayage|weiterleitung|weiterleiten|retransmi|reenvio|inoltro|repasse",
    ),
    Lexeme(
        name="rate",
        words="rate|rates|frequency|per hour|per day|per minute|hourly|daily|number of messages|"
        "number of mails|number of emails|number of recipients|number of connections|debit|cadence|"
        "frequence|nombre de messages|nombre de destinataires|frequenz|frecuencia|frequenza|frequencia",
    ),
    Lexeme(name="loop", words="hop|hops|hop count|loop|loops|boucle|schleife|bucle|routing|received"),
    Lexeme(
        name="size",
        words="size|length|line|lines|taille|longueur|grosse|lange|tamano|tamanho|dimension|grootte|"
        "rozmiar|размер|大小|サイズ",
    ),
    Lexeme(
        name="tls",
        words="tls|starttls|ssl|cipher|encryption|encrypted|handshake|chiffrement|verschlusselung|"
        "cifrado|"
        "crittografia|criptografia|versleuteling|szyfrowani|шифровани|加密|暗号化",
    ),
    Lexeme(
        name="command",
        words="status|time|delivery|envelope|lifetime|delai|remise|password|mot de passe|license|"
        "licence|filter|filtre|signature|record|feature|port|tls|report|command|error|erreur|reason|"
        "cause|argument|parameter|header|syntax|sequence|option|character|commande|kommando|befehl|"
        "certificate|certificat|certifikat|encoding|charset|token|key|url|link",
    ),
    Lexeme(
        name="box",
        words="cuenta de correo|buzon de correo|compte de messagerie|compte mail|compte e-mail|mail account|"
        "email account|e-mail account|boite mail|boite e-mail|bustia|mailbox|mail box|mail-box|"
        "mailfolder|mail folder|maildir|inbox|mail drop|maildrop|account|acct|boite|caixa postal|"
        "casella di posta|messagerie|bal |compte|postfach|mailkonto|konto|kontos|buzon|cuenta|casilla|"
        "casella|"
        "caixa|conta |postbus|rekening|skrzynk|pudelko|ящик|аккаунт|учетн|邮箱|信箱|メールボックス|"
        "アカウント|账户|帐户|schrank|메일함|사서함|계정",
    ),
    Lexeme(
        name="person",
        words="email address|e-mail address|mail address|mailaddress|"
        "emailaddress|mailadresse|adresse mail|adresse e-mail|adresse email|"
        "adresse de messagerie|adresse electronique|direccion de correo|indirizzo di posta|"
        "indirizzo email|indirizzo e-mail|e-mail-adresse|email-adresse|e-mail-adres|user|username|"
        "usr |recipient|rcpt|addressee|address|alias|localpart|local part|local-part|subscriber|"
        "customer|person|employee|utilisateur|usager|destinataire|adresse|correspondant|abonne|"
        "salarie|usuari |benutzer|empfanger|adressat|anwender|teilnehmer|nutzer|usuario|destinatario|"
        "direccion|utente|indirizzo|endereco|gebruiker|ontvanger|geadresseerde|adres|adresat|"
        "uzytkownik|odbiorc|mottagar|modtager|bruker|anvandar|пользовател|получател|адрес|用户|收件人|"
        "收信人|地址|ユーザ|宛先|受信者|アドレス|prijemc|"
        "uzivatel|사용자|수신자|받는 사람|receiver|receptor|e-mail id|email id|mail id",
    ),
    Lexeme(name="email", words="e-mail|email|courriel|correo electronico"),
    Lexeme(
        name="message",
        words="message|mail|content|attachment|file|body|courrier|contenu|piece jointe|fichier|"
        "nachricht|anhang|inhalt|datei|mensaje|correo|adjunto|contenido|messaggio|posta|allegato|"
        "mensagem|anexo|bericht|bijlage|wiadomosc|zalacznik|сообщени|письм|вложени|邮件|メール|附件|"
        "添付",
    ),
    Lexeme(
        name="domain",
        words="domain|domains|domaine|dominio|domane|domein|domena|домен|域名|ドメイン",
    ),
    Lexeme(
        name="system",
        words="server|system|service|disk|filesystem|file system|spool|queue|serveur|systeme|disque|"
        "zielserver|mailserver|empfangsserver|zielsystem|gegenstelle|servidor|sistema|disco |"
        "servizio|servico|servicio|dienst|systemet|сервер|систем|диск|服务器|サーバ",
    ),
    Lexeme(
        name="link",
        words="connection|connessioni|conexoes|conexiones|connect|connecting|socket|session|connexion|"
        "verbindung|sitzung|conexion|sesion|connessione|conexao|verbinding|polaczeni|соединени|连接|"
        "接続",
    ),
)

MISSING = Lexeme(
    name="missing",
    words="bad.|fake|forged|spoofed|not user of|not a user|no user|unknown|not found|no such|"
    "not exist|n't exist|nonexist|non-exist|non exist|inexist|invalid|not valid|n't valid|illegal|"
    "unrecogni|not recogni|not known|n't known|no longer exist|no longer valid|no longer in use|"
    "never existed|undeliverable|unlisted|not listed|not be found|n't be found|unable to find|"
    "can't find|cannot find|could not find|couldn't find|unable to locate|cannot locate|not locate|"
    "n't locate|misspelled|misspelt|incorrect|wrong|erroneous|not registered|unregistered|not hosted|"
    "not belong|no account|no mailbox|not present|does not match|n't match any|n't have a|not have a|"
    "not a registered|not a valid|not a known|not a local|no match|is gone|"
    "not appear to be registered|not resolve|unresolv|"
    "inconnu|n'existe|existe pas|existe plus|introuvable|inexact|incorrecte|erron|non valide|"
    "pas valide|pas trouve|non trouve|pas reconnu|unbekannt|existiert nicht|nicht existier|"
    "nicht gefunden|nicht vorhanden|nicht bekannt|ungultig|gibt es nicht|kein benutzer|kein postfach|"
    "keine mailbox|kein konto|falsch|nicht zustellbar|desconocid|no exist|no encontrad|"
    "no se encuentra|no se ha encontrado|no valid|no es valid|sconosciut|non esiste|non trovat|"
    "non valid|errat|desconhecid|nao existe|nao encontrad|nao foi encontrad|nao valid|onbekend|"
    "bestaat niet|niet gevonden|ongeldig|niet bekend|nieznan|nie istniej|nie znalezion|nieprawidlow|nie ma |"
    "niepoprawn|brak uzytkownika|okand|finns inte|hittades inte|ukendt|findes ikke|ukjent|finnes ikke|"
    "не существует|не наиден|неизвестн|нет такого|недеиствител|невер|aucun abonne|aucun utilisateur|"
    "aucun destinataire|aucune boite|personne ne porte|inesistent|nessun utente|non e presente|"
    "ningun usuario|kein empfanger|do not have that|don't have that|不存在|无效|未开通|未注册|未找到|找不到|"
    "没有找到|存在しません|存在しない|見つかりません|不明|無効なアドレス|neexistuj|neznam|"
    "존재하지 않|없는 사용자",
)
CLOSED = Lexeme(
    name="closed",
    words="inactivity|inactivite|inaktivitat|inactividad|inattivita|inatividade|unused|not been used|"
    "has not logged|hasn't logged|not logged in|hasn't entered|never logged|disabled|deactivat|"
    "suspend|inactiv|not active|n't active|no longer active|not activated|closed|terminated|"
    "discontinued|cancelled|canceled|deleted|removed|frozen|abandoned|dormant|locked out|archived|"
    "decommissioned|hangup|retired|parked|has left|not enabled|n't enabled|no longer accept|"
    "no longer receiv|no longer monitored|"
    "desactiv|suspendu|ferme|resili|supprim|cloture|verrouill|n'est plus|deaktivier|geschlossen|"
    "geloscht|inaktiv|stillgelegt|gekundigt|abgeschaltet|deshabilitad|desactivad|suspendid|cancelad|"
    "eliminad|dado de baja|dada de baja|cerrad|disattivat|disabilitat|sospes|chius|cancellat|eliminat|"
    "scadut|desativad|desabilitad|suspens|inativ|encerrad|excluid|uitgeschakeld|opgeheven|gesloten|"
    "verwijderd|opgezegd|wylaczon|nieaktywn|braku aktywn|usuniet|zamkniet|отключен|удален|неактив|закрыт|"
    "приостановлен|停用|禁用|冻结|注销|現在使われて|使われていません|已关闭|停止され|無効に",
)
EXPIRED = Lexeme(name="expired", words="expired|expire|abgelaufen|caducad|scadut|expirad|verlopen|истек")
BARRED = Lexeme(  # of an account: closed; of anything else: a filter speaks
    name="barred",
    words="blocked|bloque|gesperrt|bloquead|bloccat|geblokkeerd|zablokowan|заблокирован|ロックされ",
)
FULL = Lexeme(
    name="full",
    words="full.|no room|no more room|out of room|lack of room|lack of space|at capacity|full capacity|"
    "aucune place|pas de place|manque de place|kein platz|keinen platz|nicht genug platz|sin lugar|"
    "no hay espacio|no queda espacio|non c'e spazio|nessuno spazio|nao ha espaco|geen ruimte|"
    "brak miejsca|"
    "used up|used all|overflowing|run out of|ran out of|"
    "overquota|over quota|over-quota|over its quota|over their quota|out of quota|"
    "out of space|out of storage|exceed|exhausted|overflow|no space|no free space|not enough space|"
    "not enough free space|not enough storage|not enough room|insufficient space|insufficient storage|"
    "insufficient quota|"
    "space not enough|over limit|over the limit|over size|has reached|limit reached|overdrawn|"
    "too full|plena|ple.|pleine|plein.|satur|depass|a atteint|quota atteint|espace insuffisant|"
    "plus d'espace|plus de place|voll.|uberfullt|uberschritten|erschopft|ausgeschopft|"
    "kein speicherplatz|nicht genugend speicher|llen|sin espacio|excedid|excede|superado|ha superat|"
    "pien|esaurit|spazio insufficiente|superat|cheia|cheio|lotad|sem espaco|excedeu|vol.|overschreden|"
    "onvoldoende ruimte|pelna|pelny|przepelnion|przekroczon|fuld.|переполнен|превышен|нет места|已满|"
    "容量不足|空间不足|超出|いっぱい|一杯|満杯|超過|容量を超|制限を超え|plna.|plny.|prekroc|초과|가득",
)
EXCEEDS = Lexeme(
    name="exceeds",
    words="exceed|over limit|over the limit|limit reached|has reached|larger|depass|a atteint|"
    "uberschr|excede|supera|overschr|przekr|превыш|超过|超出|超過",
)
LARGE = Lexeme(
    name="large",
    words="too large|too big|too long|weighs more|heavier|oversize|larger than|bigger than|trop gros|"
    "trop grand|"
    "trop volumineu|trop lourd|zu gross|zu groß|zu lang|demasiado grande|muy grande|troppo grande|"
    "muito grande|te groot|za duz|слишком больш|过大|太大|大きすぎ|tamano maximo|tamanho maximo|"
    "dimensione massima|maximale grosse|taille maxi|максимальн",
)
MANY = Lexeme(
    name="many",
    words="too many|frequency|trop de|zu viele|demasiad|troppi|troppe|muitas|muitos|te veel|"
    "zbyt wiele|zbyt duzo|слишком много|слишком част|过多|太多|过于频繁|频率|多すぎ|頻度|too frequent|"
    "too quickly|too often",
)
CROWDED = Lexeme(
    name="crowded",
    words="too many|trop de|zu viele|demasiad|troppi|troppe|muitos|muitas|te veel|zbyt wiele|"
    "слишком много|"
    "过多|太多|多すぎ",
)
REFUSED = Lexeme(
    name="refused",
    words="reject|refus|did not accept|denied|denial|deny|not accept|n't accept|not allow|n't allow|"
    "not permit|n't permit|not authori|unauthori|forbid|prohibit|disallow|banned|block|blacklist|"
    "rejete|interdit|non autorise|pas autorise|bloque|bannie|abgelehnt|abgewiesen|zuruckgewiesen|"
    "verweigert|nicht erlaubt|nicht gestattet|nicht zugelassen|rechaz|deneg|no permitid|no autorizad|"
    "prohibid|rifiut|respint|negat|non consentit|non autorizzat|rejeitad|recusad|negad|nao permitid|"
    "nao autorizad|geweigerd|afgewezen|niet toegestaan|odrzucon|odmow|zabronion|отклонен|отказан|"
    "запрещен|отверг|거부|차단|不允许|拒绝|拒絶|拒否|許可されて",
)
DOWN = Lexeme(
    name="down",
    words="unreachable|not reachable|not respond|n't respond|no response|no answer|not answer|"
    "n't answer|timed out|time out|timeout|reset|dropped|lost|failed|unavailable|not available|busy|"
    "offline|muet|ne repond|pas repondu|pas de reponse|sans reponse|injoignable|indisponible|occupe|"
    "echoue|"
    "impossible|perdu|interrompu|nicht erreichbar|antwortet nicht|nicht verfugbar|zeituberschreitung|"
    "fehlgeschlagen|uberlastet|no responde|no disponible|inalcanzable|ocupado|fallid|non risponde|"
    "non disponibile|irraggiungibile|non raggiungibile|occupato|nao responde|indisponivel|"
    "niet bereikbaar|niet beschikbaar|niedostepn|nie odpowiada|недоступен|не отвечает|занят|不可用|"
    "繁忙|超时|无法连接|応答がありません|タイムアウト|混雑|接続できません",
)
PERHAPS = (  # a cause that is only thought of
    "may not exist", "may no longer", "may have been", "might not", "might have", "might be", "possibly",
    "perhaps", "il se peut", "peut-etre", "moglicherweise", "vielleicht", "puede que", "es posible que",
    "potrebbe", "forse", "talvez", "pode ser que", "mogelijk", "misschien", "byc moze", "возможно", "可能",
)  # fmt: skip
LACKING = Lexeme(
    name="lacking",
    words="not support|n't support|unsupported|required|requires|mandatory|must use|not offer|n't offer|"
    "unavailable|not available|failed|failure|not possible|requis|obligatoire|exige|non pris en charge|"
    "pas pris en charge|impossible|echoue|erforderlich|nicht unterstutzt|fehlgeschlagen|requerid|"
    "obligatori|no admit|richiest|non support|obrigatori|vereist|wymagan|требуется|не поддерж|不支持|必须",
)
LATER = Lexeme(
    name="later",
    words="temporar|vorubergehend|zeitweise|tijdelijk|chwilow|tymczasow|временн|暂时|一時的|try again|"
    "retry in|retry after|please retry|try later|retry later|ulterieurement|plus tard|reessay|spater|"
    "mas tarde|piu tardi|mais tarde|probeer|pozniej|позже|稍后|しばらく",
)
