"""Tables in a text, however their cells are parted: what stands below a secret's name, or beside it, is masked alone."""

from __future__ import annotations

import pytest

from opentelemetry_exporter_moesif.redaction import MASKED, Redaction, scrub

MARKS = ("qzxvkwjhtrbn", "Zq7Kx9Wm2Tp4", "739518264077")

FRAMED = [
    "| Password | {} |\n| API Key  | {} |",
    "| Name | bob |\n| Password | {} |\n| API Key | {} |\n| Port | 8080 |",
    "┌──────────┬────┐\n│ Password │ {} │\n│ API Key  │ {} │\n└──────────┴────┘",
    "╔══════════╦════╗\n║ Password ║ {} ║\n║ API Key  ║ {} ║\n╚══════════╩════╝",
    "+----------+----+\n| Password | {} |\n+----------+----+\n| API Key  | {} |\n+----------+----+",
    "Password | {}\nAPI Key | {}",
    "| 1 | Password | {} |\n| 2 | API Key | {} |",
    "| Name | bob |\n| API Key | {} |\n|         | {} |\n| Port | 8080 |",
    "| a | b |\n| user | password |\n| bob | {} |",
    "|  | user | password |\n|---:|:---|:---|\n| 0 | bob | {} |",
    "   | user | password\n---+------+---------\n 0 | bob  | {}",
    "| Password |\n|---|\n| {} |",
    "| user | password |\n\n| bob | {} |\n| eve | {} |",
    "|| user || password ||\n| bob | {} |",
    "||user||password||\n||bob||{}||",
    "user|password|role\nbob|{}",
    "|user|password|role|\n|bob|{}|",
    "user|password|\nbob|{}",
    "|_. user |_. password |\n|<. bob |{} |",
    "|=user|=password|\n|bob|{}|",
    "^ user ^ password ^\n| bob | {} |",
    "^ user | bob |\n^ password | {} |",
    "[cols=2]\n|====\n|user |password\n|bob |{}\n|====",
    '{{| class="wikitable"\n|-\n! user !! password !! style="text-align: right;"| n\n|-\n| bob || {} || 1\n|}}',
    '{{| class="wikitable"\n! user\n! password\n|-\n| bob\n| {}\n|}}',
    '{{| class="wikitable"\n|-\n! user\n| bob\n|-\n! password\n| {}\n|}}',
    "\\begin{{tabular}}{{ll}}\n\\hline\n user & password \\\\\n\\hline\n bob & {} \\\\\n\\end{{tabular}}",
    "\\begin{{tabular}}{{ll}}\n user & bob \\\\\n password & {} \\\\\n api key & {} \\\\\n\\end{{tabular}}",
]
ALIGNED = [
    "user      bob\npassword  {}\napi key   {}\nport      8080",
    " Name       bob \n Password   {} \n API Key    {} \n",
    "Key                  Value\n---                  -----\ntoken                {}\nlease                768h\n",
    "user                 bob\npassword    {}\nn                      1\nName: 0, dtype: object",
    "user  bob\npassword  {}\nport  8080",
    "user\tbob\npassword\t{}\napi key\t{}\n",
    "0  user      bob\n1  password  {}\n2  api key   {}",
    "name      bob\napi key   {}\n          {}\nport      8080",
    "\u2502 user      bob \u2502\n\u2502 password  {} \u2502\n\u2502 api key   {} \u2502",
]
SEPARATED = [
    "key,value\nuser,bob\npassword,{}\n",
    "user,bob\npassword,{}\napi key,{}\n",
    "user;bob\r\npassword;{}\r\n",
    "user\tbob\npassword\t{}\n",
    "id,key,value\n1,user,bob\n2,password,{}\n",
]
EXACT = [*FRAMED, *ALIGNED, *SEPARATED]
# Of these, what stands beside a secret goes with it.
LOOSE = [
    "| Setting | Value | Type |\n|---|---|---|\n| Name | bob | a |\n| Password | {} | b |\n| API Key | {} | c |",
    "| Password | {} | 2 |\n| API Key | {} | 3 |",
    "| Password | {} | 2 |\n| user | bob | 3 |",
    "| a | b | c |\n| Password | {} | 2 |\n|---|---|---|",
    "| a | b | c |\n| Password | {} | 2 | 3 |",
    "| Name | Value |\n|---|---|\n| Password | {} | {} |",
    "|| ''' user ''' || ''' password ''' ||\n|| bob || {} ||",
    "user|password\nbob|{}|x\n",
    "password  {}\napi key   {}",
    "password    {}\napi key     {}\ndtype: str",
    "                     0             1\nuser               bob           eve\npassword  {}  {}",
    "        password  n\nuser               \nbob     {}  1",
    "        password\nuser            \nbob     {}\n",
    "            user  n\npassword           \n{}  bob  1",
    "   password\n0     {}\n1     {}",
    "0    {}\n1    {}\nName: password, dtype: object",
    "0    {}\n     ...\n99    {}\nName: api key, Length: 100, dtype: str",
    "user\nbob    {}\nName: password, dtype: str",
    "====  ======  ==========\n  ..  user    password\n====  ======  ==========\n   0  bob     {}\n",
    "user  api key\nbob   {}\neve   {}",
    "a (of it)  Password\nbob        {}",
    "key,value,note\nuser,bob,x\napi key,{},y\n",
    "value,key\nbob,user\n{},password\n",
    "sep=;\npassword;user\n{};bob\n",
    "password,user\n{},bob\n",
    ",user,password\n0,bob,{}\n1,eve,{}\n",
    ",0,1\nuser,bob,eve\npassword,{},{}\n",
    ";user;password\n0;bob;{}\n",
    "sep=;\r\nuser;password\r\nbob;{}\r\n",
    "# export\n\nuser,password\nbob,{}\n",
    "could not load:\nuser,password\nbob,{}",
    'user,note,password\nbob,"a\nb",{}\n',
    '"user\nname",password\nbob,{}\n',
    'a,b\n"x, y",2\n\nuser,password\nbob,{}\n',
    '"user";"bob"\n"password";"{}"\n',
    'user,bob\npassword,"a\n{}"\n',
    "user,Password (hashed)\nbob,{}\n",
    "user|password\nbob|abcd123\n\neve|{}",
    "user|password|age\nbob|abcd123|3\n# comment\neve|{}|4",
    "id|password|note\n1|x|multi\nline\n2|{}|ok",
    "user|password\n\nbob|{}",
    "Users:\nid|user|password\n||{}\n1|bob|{}",
    "Users:\nuser|password\nbob|{}|",
    "NAME   ROLE   TOKEN\nbob           {}\neve    a      {}",
    "No.    TOKEN\n1      {}",
    "NO.  USER   TOKEN\n1    bob    {}",
    "Active?   Token\nyes       {}",
    "  password  \n------------\n {}\n {}\n",
]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("table", EXACT, ids=range(len(EXACT)))
def test_of_a_table_the_secrets_are_masked_and_nothing_else(table: str, mark: str) -> None:
    text = table.format(*[mark] * 2)
    expected = text.replace(mark, MASKED)

    assert scrub(text) == expected
    assert scrub(f"it says:\n{text}\nand no more") == f"it says:\n{expected}\nand no more"


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("table", LOOSE, ids=range(len(LOOSE)))
def test_nothing_of_a_secret_is_left_in_a_table(table: str, mark: str) -> None:
    text = table.format(*[mark] * 2)

    assert mark not in scrub(text)
    assert mark.encode() not in (Redaction().bodies.text(text.encode()) or b"")


@pytest.mark.parametrize("table", EXACT, ids=range(len(EXACT)))
def test_nor_does_a_body_lose_more(table: str) -> None:
    content = table.format(*[MARKS[0]] * 2).encode()

    assert Redaction().bodies.text(content) == content.replace(MARKS[0].encode(), MASKED.encode())


@pytest.mark.parametrize(
    "text",
    [
        "| Name | Type | Description |\n|---|---|---|\n| `password` | string | At least 8 letters |\n| token | a | b |",
        "| Title | Pages |\n|---|---|\n| The Secret Garden | 331 |",
        "| Field | In |\n|:-----|:---|\n| token_type | body |\n\nand a token",
        "| user | email |\n|---|---|\n| bob | x |\n\na token of trust",
        "a | b & c \\\\ d\nuser & role \\\\\nbob & admin \\\\\ntoken",
        "{| class=x\n! user\n! role\n|-\n| bob\n| admin\n|}\ntoken",
        "^ user ^ role ^\n| bob | admin |\ntoken",
        "if (a || b) {\n  c = token + d;\n}",
        "  --all TEXT       The password\n  --one TEXT       Any token\n  --help           Help",
        "token      what the server gave to the user\npassword   what only the user should know of",
        "Forgot your password?  Log in\nNo account yet?        Sign up",
        "a token\n0    1\n1    2\nName: price, dtype: int64",
        "Dear Bob,\nyour name, your password, and all\nelse, or so, is kept",
        "page,visits,time\n/password,120,7\n/token,7,8\n",
        "f(token,\n  x)\ng(a,\n  b)",
        "INFO   got token\nINFO   user bob logged in\nWARN   disk low",
        "2026-01-01 GET /token   200\n2026-01-01 GET /b       404",
        "12:01\ttoken\tok\n12:02\tuser\tok",
        "POST   /auth/token\nGET    /users/list",
        "        pass\n    return  1\n    y = 2",
        "   hmac() function, and\n   function with a token.  Our function\n   (merge x)",
        "  A token (new)\n  -------------\n\n  It is sent with each call.\n",
        "see your\ntoken  \nor else",
        "user|role\nbob|a token\n\neve|x",
        "    (b'authorization'   , b''),\n    (b'cache-control'   , b''),",
        "# path\t2\tThe path\tNone\n# user\t \tPassword\tNone\n# port\t \tPort\tNone",
        "            pass\n        else:  # no cover\n            x = 1",
    ],
    ids=range(27),
)
def test_an_ordinary_table_stays_as_it_is(text: str) -> None:
    assert scrub(text) == text


def test_what_stands_below_a_name_and_its_value_stays() -> None:
    assert scrub("Token:    abc\nUser:     bob\nPort:     80") == f"Token:    {MASKED}\nUser:     bob\nPort:     80"


def test_of_a_table_with_a_token_s_description_the_next_rows_stay() -> None:
    assert scrub("| Token | Description |\n|---|---|\n| name | The name |").endswith(
        f"\n|---|---|\n| {MASKED} | The name |"
    )
