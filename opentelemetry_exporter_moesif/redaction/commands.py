"""Commands and calls whose arguments are secrets by their place: `AUTH …`, `sshpass -p …`, `auth=("bob", "…")`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression, one_of
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span, without

if TYPE_CHECKING:
    import re

    from opentelemetry_exporter_moesif.redaction.steps import Steps

# What a text with one of them has in it: one cheap look.
MENTIONED = (
    r"[aA](?:uth|UTH)(?=[ \t\"'\\]{0,4}[ \t=:(])|LOGIN[ \t]|[ \t\"']-[pPaw](?=[ \t\"',]{0,4}\S)"
    r"|vault login[ \t]|[lL]ogin\(|authenticate\(|(?i:crypt)\(|[nN]et[ \t]+us|[sS](?:mbclient|haredKey|qlplus)|stdin"
    r"|AUTHENTICATE[ \t]|334[ \t]+UGFz|AUTH\r?\n\$|openssl|keygen|Digest|Hawk|_p?connect\(|PDO->|SETUSER"
    r"|getConnection\(|\t(?:TRUE|FALSE)\t"
    r"|cargo[ \t]+login|unseal|lftp|rpcclient|rabbitmqctl|schtasks|signtool|winrs|(?:im|ex)pdp|sudo[ \t]+-S"
    r"|SecureString|http-basic|put-parameter|PDO\(|(?i:pragma[ \t]|sp_addl)|[bB]asic=|WIFI:"
    r"|(?:[lL]ogin|authenticate|execute_kw)</methodName"
    # The method of a call, in JSON, which may stand in a text again.
    r"|(?:(?i:log[io]n|sign_?in|auth(?:enticate|orize)?|(?:un)?lockaccount|encryptwallet|importprivkey)|execute_kw"
    r"|personal_(?:import|new)\w{6,8})\\{0,8}[\"'](?=\s{0,4}[,}])"
)
WORDS = (
    *"auth login -p -a -w crypt( smbclient sharedkey sqlplus stdin openssl keygen digest hawk connect( pdo".split(),
    *"basic= pragma sp_addl wifi: execute_kw </methodname logon signin sign_in lockaccount wallet privkey".split(),
    *("personal_",),
    *"setuser seal lftp pcclient qctl schtasks signtool winrs pdp securestring -basic -parameter".split(),
    *("getconnection(", "net us", "334 ugf", "sudo -s", "\ttrue\t", "\tfalse\t"),
)
"""Of which each ASCII text with one of them has one in it, in whatever case."""

_WORD = r"(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'`|<>]+)"
_QUOTED = r"(?P<quote>[\"'])(?P<quoted>(?:(?!(?P=quote))[^\n])*)"
_START = r"(?:^|(?<=[\"'`>$#]))[ \t]{0,8}"
_PROSE = r"(?!(?:fail|error|requir|success|ok\b|denied|expired|missing|timeout|header|method|token|flow|is\b|not\b))"
# Each with the words of which a text with one has one.
_KINDS = (
    # SQL: MySQL, PostgreSQL, Oracle.
    (
        ("identified",),
        r"(?i:\b(?:create|alter)\s+(?:user|role)\s+\S{1,64}\s+identified\s+by\s+)(?P<bare>[^\s\"';\[]+)",
    ),
    (("identified",), r"(?i:\bidentified\s+by\s+(?:'[^'\n]{1,256}'|\S{1,256})\s+replace\s+)" + _QUOTED),
    (("sp_password", "sp_addlogin"), r"(?i:\bsp_(?:password|addlogin)\b)[ \t]*(?P<procedure>[^\n;]+)"),
    (("identified",), r"(?i:\bidentified\s+(?:with\s+\S{1,64}\s+)?(?:by|as)\s+(?:password\s+)?)" + _QUOTED),
    (("password",), r"[sS\u017f](?<!\w.)(?i:et\s+password\s+for\s+(?!\s)[^=\n]{1,256}=\s*)" + _QUOTED),
    (("pragma",), r"(?i:\bpragma\s{1,8}(?:re|hex|hexre)?key\s{0,8}=\s{0,8})(?P<pragma>[^\n;]{1,256})"),  # SQLCipher
    (("auth ",), r"AUTH[ \t]+(?:PLAIN|LOGIN|XOAUTH2)[ \t]*\r?\n(?P<next_line>[^\n]+)"),
    # Redis, and SMTP (RFC 4954); IMAP (RFC 9051, section 6.2.3).
    (("auth",), rf"(?m:{_START}AUTH[ \t]+(?P<auth>(?i:{_PROSE}){_WORD}(?:[ \t]+{_WORD})?)[ \t]*(?=$|[\"'`\r<]))"),
    (
        ("login",),
        (
            rf"(?m:{_START}(?:[A-Za-z]{{0,8}}\d{{1,8}}[ \t]+)?LOGIN[ \t]+{_WORD}[ \t]+(?P<login>{_WORD})[ \t]*"
            r"(?=$|[\"'`\r<]))"
        ),
    ),
    (
        ("user ",),  # FTP, POP3, IRC
        r"(?m:^USER[ \t]+\S{1,64}[ \t]{0,8}\r?\n(?:\d{3}[^\n]{0,256}\n)?PASS[ \t]+)(?P<pass>\S+)",
    ),
    (
        ("authenticate ",),
        (
            r"AUTHENTICATE[ \t]+[A-Z0-9-]{1,20}"
            r"(?:[ \t]+|[ \t]{0,8}\r?\n(?:[^\n]{1,8}[ \t])?\+[^\n]{0,256}\n)(?P<sasl>[^\s\"']+)"
        ),
    ),
    (("334 ugfzc3dvcmq6",), r"334[ \t]+UGFzc3dvcmQ6[^\n]{0,64}\n(?P<prompted>[^\n]+)"),  # "Password:"
    # Redis' protocol, and its monitor.
    (("auth",), r"(?m:^AUTH\r?\n\$\d{1,6}\r?\n(?P<resp>[^\n]*(?:\n\$\d{1,6}\r?\n[^\n]*)?))"),
    (('"auth"',), r"\"(?i:auth)\"[ \t]+(?P<monitored>\"[^\"\n]*\"(?:[ \t]+\"[^\"\n]*\")?)"),
    (("hello ",), rf"HELLO[ \t]+\d[ \t]+AUTH[ \t]+(?P<hello>{_WORD}[ \t]+{_WORD})"),
    (("acl setuser",), r"ACL[ \t]+SETUSER[ \t]+(?P<acl>[^\n]+)"),
    (("machine",), r"\bmachine\s+\S{1,256}\s+login\s+\S{1,256}\s+password\s+(?P<netrc>\S+)"),
    (("requirepass", "masterauth"), r"(?i:\b(?:requirepass|masterauth)[ \t]+)(?P<redis>[^\s\"'`]+)"),
    # Oracle's connection strings.
    (("jdbc:oracle:",), r"(?i:\bjdbc:oracle:)\w{1,16}:[^/\s@]{0,64}/(?=(?P<oracle>[^\s@]{1,256}))(?P=oracle)(?=@)"),
    # What HTTP clients take: two texts, or one with a colon.
    (("auth",), r"[aA](?<![^\W_].)(?:uth|UTH)[\"']?\s{0,4}[=:]\s{0,4}[(\[]\s{0,4}(?P<pair>[bu]?[\"'][^)\]\n]{1,256})"),
    (("auth",), r"[aA](?<![^\W_].)(?:uth|UTH)[\"']?\s{0,4}[=:]\s{0,4}[\"'](?P<account>[^\s\"':/]{1,64}:[^\s\"'/]+)"),
    (("auth",), r"(?:Basic|Digest|Proxy)Auth\w{0,16}\(\s{0,4}(?P<call>[bu]?[\"'][^)\n]{1,256})"),
    (("auth",), r"_auth(?<![A-Za-z0-9]_auth)[\"']?[ \t]*[=:][ \t]*[\"']?(?P<npm>[^\s\"'`]+)"),
    (
        ("auth=", "basic="),
        r"(?<![^\s?&;,\"'(\[{])(?i:(?:http_|proxy_|digest_)?auth|basic)=(?P<parameter>[\w.+@-]{1,64}:(?!//)[^\s&\"'<>;,)]+)",
    ),
    # A call that logs in (XML-RPC), and the code of a wireless network's sign (ZXing, *Barcode Contents*).
    (
        ("</methodname",),
        (
            r"<methodName>\s{0,64}(?i:(?:\w{1,64}\.){0,4}(?:login|authenticate|execute_kw))\s{0,64}</methodName>\s{0,64}"
            r"<params>(?P<params>(?:(?!</params>|<methodName>)[^\x00]){0,4096})"
        ),
    ),
    (("wifi:",), r"WIFI:(?:[A-Z]:(?:[^;\\\n]|\\.){0,128};){0,4}P:(?P<wifi>(?:[^;\\\n]|\\.)+)"),
    (("auth=",), r"--auth=(?P<flagged>[^\s\"':/]{1,64}:[^\s\"'/]+)"),
    (("auth=",), r"GoogleLogin[ \t]+auth=(?P<google>[^\s\"'`]+)"),
    (
        ("login", "authenticate", ".auth(", "networkcredential("),
        (
            r"(?i:log_?in|authenticate|\.auth|NetworkCredential)\(\s{0,4}(?P<login>[\"'][^\"'\n]{1,64}[\"']\s{0,4},\s{0,4}"
            r"(?:\"[^\"\n]{0,256}\"|'[^'\n]{0,256}'|[\"'])[^)\n]{0,256})"
        ),
    ),
    (
        ("_connect(", "__construct(", "getconnection(", "usernamepassword", "pdo("),
        (
            r"(?i:mysqli?_p?connect|PDO->__construct|new PDO|getConnection|UsernamePasswordCredentials)"
            r"\((?P<connect>[^)\n]{1,256})"
        ),
    ),
    (
        ("crypt(",),
        (
            r"(?i:crypt)\(\s{0,64}(?P<crypt>(?=[^)\n]{0,255}[\"'])"
            r"(?:\"(?:[^\"\\\n]|\\.){0,256}\"|'(?:[^'\\\n]|\\.){0,256}'|[^)\n]){1,256})"
        ),
    ),
    (("credentials",), r"[cC]redentials?[ \t]+(?:for[ \t]+)?(?P<credentials>[\w.+-]{1,64}:[^\s\"'/]{3,256})"),
    # Headers of which nothing but the value is known.
    (("digest",), r"Digest[ \t](?:(?!Digest[ \t])[^\n]){0,512}?\bresponse=\"?(?P<digest>[0-9A-Za-z]{6,256})"),
    (("hawk",), r"Hawk[ \t](?:(?!Hawk[ \t])[^\n]){0,512}?\bmac=\"(?P<hawk>[^\"\n]{1,256})"),
    (("sharedkey",), r"SharedKey(?:Lite)?[ \t]+[\w-]{1,64}:(?P<shared>[\w+/=]+)"),
    (("<cookie ",), r"<Cookie[ \t]+[^\s=<>]{1,128}=(?P<cookie>[^<>]{1,4096}?)(?=[ \t]+for[ \t])"),
    (
        ("\ttrue\t", "\tfalse\t"),
        r"\t(?:TRUE|FALSE)\t[^\t\n]{0,256}\t(?:TRUE|FALSE)\t\d{1,16}\t[^\t\n]{1,256}\t(?P<cookies>[^\n]+)",
    ),
    # Programs that are given a password by its place.
    (("-pw",), rf"[ \t]-pw[ \t]+(?P<putty>{_WORD})"),
    (("cargo",), rf"\bcargo[ \t]+login[ \t]+(?P<cargo>(?!-){_WORD})"),
    (("net user",), rf"(?i:(?<![.\w])net1?[ \t]+user)[ \t]+{_WORD}[ \t]+(?P<net_user>(?!/){_WORD})"),
    (
        ("net use ",),
        (
            r"(?i:\bnet[ \t]+use[ \t]+)(?:\w:|\\\\\S{1,256})(?:[ \t]+\\\\\S{1,256})?(?:[ \t]+/user:\S{1,64})?[ \t]+"
            rf"(?P<net_use>(?![/\\]){_WORD})"
        ),
    ),
    (("smbclient", "rpcclient"), r"-U[ \t]*[\"']?[\w.\\-]{1,64}%(?P<samba>[^\s\"']+)"),
    (("lftp",), r"\blftp[ \t]+-u[ \t]+[\w.@-]{1,64},(?P<lftp>[^\s]+)"),
    (
        ("chpasswd",),
        r"\b[\w.-]{1,32}:(?P<piped>[^\s\"'|]{1,256})(?=[\"']?[ \t]{0,8}\|[ \t]{0,8}(?:sudo[ \t]+)?chpasswd)",
    ),
    (("chpasswd",), r"chpasswd[ \t]*<<<[ \t]*[\"']?[\w.-]{1,32}:(?P<here>[^\s\"']+)"),
    (("rabbitmqctl",), rf"rabbitmqctl[ \t]+(?:add_user|change_password)[ \t]+{_WORD}[ \t]+(?P<rabbit>{_WORD})"),
    (
        ("stdin", "sudo -s", "--with-token"),
        (
            rf"\b(?:echo|printf)[ \t]+(?:-n[ \t]+)?(?P<echoed>{_WORD})"
            r"(?=[ \t]{0,8}\|[^|\n]{0,128}(?:stdin|sudo[ \t]+-S|--with-token))"
        ),
    ),
    (("openssl",), rf"\bopenssl[ \t]+passwd[ \t]+(?:-\w{{1,16}}[ \t]+){{0,4}}(?P<openssl>(?!-){_WORD})"),
    (
        ("securestring",),
        r"(?i:SecureString)[ \t]+(?:-\w{1,16}[ \t]+){0,2}" + _QUOTED,
    ),
    (("http-basic",), rf"\bhttp-basic\.\S{{1,128}}[ \t]+{_WORD}[ \t]+(?P<poetry>{_WORD})"),
    (("put-parameter",), rf"\bput-parameter\b[^\n|]{{0,256}}?--value[ \t=]+(?P<parameter>{_WORD})"),
    (("bearer -a", "bearer --auth"), rf"-A[ \t]+bearer[ \t]+(?:-a[ \t]+|--auth[ \t=]+)(?P<httpie>{_WORD})"),
    (("unseal",), rf"\bunseal[ \t]+(?P<unseal>(?!-){_WORD})"),
    (
        ("sqlplus", "impdp", "expdp"),
        r"\b(?:sqlplus|impdp|expdp)[ \t]+(?:-\w[ \t]+)?[\w$#]{1,64}/\"?(?P<oracles>[^\s@\"]+)",
    ),
    (("secret set",), rf"secret[ \t]+set[ \t]+\S{{1,128}}[ \t]+(?:--body|-b)[ \t=]*(?P<body>{_WORD})"),
    (("secret set",), rf"secret[ \t]+set[ \t]+[^\n|]{{0,256}}?--value[ \t=]+(?P<vault_value>{_WORD})"),
    (("wpa_passphrase",), rf"wpa_passphrase[ \t]+{_WORD}[ \t]+(?P<wpa>{_WORD})"),
    (("winrs", "schtasks", "signtool"), rf"[ \t][-/]r?p(?::|[ \t]+)(?P<windows>{_WORD})"),
    (("vault login",), rf"vault login[ \t]+(?P<vault>(?!-){_WORD})"),
    (("htpasswd",), rf"htpasswd[ \t]+-\w{{0,8}}b\w{{0,8}}(?:[ \t]+\S{{1,256}}){{2}}[ \t]+(?P<htpasswd>{_WORD})"),
    (("@//",), r"/(?<=[\w$#.]/)(?P<sqlplus>[^\s@/]{1,128})(?=@//)"),
)
_COMMANDS = tuple((words, expression(kind)) for words, kind in _KINDS)
_WORDS_OF_COMMANDS = tuple(sorted({word for words, _ in _KINDS for word in words}))
_ANY_WORD = expression(one_of(_WORDS_OF_COMMANDS))
_LONG = 1024  # letters: of more, one word after the other is the faster way
# Programs whose flag for a password is a letter: from the program's name to the end of its command.
_PROGRAMS = {
    "p": r"sshpass|mysql\w*|mariadb\w*|mongo\w*|(?:docker|podman|az|oc|registry)[ \t]+login|twine|cqlsh|snowsql|beeline"
    r"|rabbitmqadmin|psexec|rdesktop|ncftp\w*|hydra|useradd|usermod|7z\w?|unrar",
    "w": r"ldap\w+",
    "a": r"redis-cli",
    "P": r"sqlcmd|osql|bcp|(?:un)?zip|ipmitool|mosquitto_\w+|p4",
    "NP": r"ssh-keygen",
    "kK": r"openssl[ \t]+enc",
}
_WORDS_OF_PROGRAMS = (
    *"sshpass mysql mariadb mongo login ldap redis-cli sqlcmd twine cqlsh snowsql beeline rabbitmqadmin".split(),
    *"psexec rdesktop ncftp hydra useradd usermod 7z rar osql bcp zip ipmitool mosquitto p4 ssh-keygen openssl".split(),
)
_FLAGS = expression(
    "|".join(rf"(?P<of_{letters}>\b(?i:{programs})\b)" for letters, programs in _PROGRAMS.items())
    + rf"|(?P<end>\|)|[ \t\"']-(?P<letter>[pawPNkK])(?:[ \t]*|[\"'],[ \t]*)(?P<value>{_WORD})"
)
_LETTERS = {f"of_{letters}": letters for letters in _PROGRAMS}
_LONGEST_COMMAND = 256


def masked(text: str, steps: Steps) -> str:
    """The text without those arguments.

    Raises:
        TooManyStepsError: It costs more than anything ordinary does.
    """
    lower = text.lower()
    if len(text) > _LONG or _ANY_WORD.search(lower):
        words_in_text = set(filter(lower.__contains__, _WORDS_OF_COMMANDS))
        for words, command in _COMMANDS if words_in_text else ():
            if not words_in_text.isdisjoint(words):
                text = command.sub(_without_argument, text)
                if len(text) > _LONG:
                    steps.look()
    programs = tuple(filter(lower.__contains__, _WORDS_OF_PROGRAMS)) if "-" in text else ()
    if not programs:
        return text
    lines = steps.watched(text.split("\n"))
    return "\n".join(_without_flagged(line, programs) if "-" in line else line for line in lines)


def _without_flagged(line: str, programs: tuple[str, ...]) -> str:
    """A line without the passwords that one of some programs is given behind a flag."""
    return without(line, _flagged(line)) if any(map(line.lower().__contains__, programs)) else line


def _flagged(line: str) -> Iterator[Span]:
    start = 0
    letters = ""
    for part in _FLAGS.finditer(line):
        kind = part.lastgroup
        if kind == "value":
            if part["letter"] in letters and part.start() - start <= _LONGEST_COMMAND:
                yield part.span("value")
        else:
            letters, start = _LETTERS.get(kind or "", ""), part.end()


def _without_argument(command: re.Match[str]) -> str:
    start, end = (place - command.start() for place in command.span(command.lastgroup or 0))
    return command[0][:start] + MASKED + command[0][end:]
