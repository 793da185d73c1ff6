"""The calls of the demonstration: a fixed round that shows what there is to show, and lifelike ones without end."""

from __future__ import annotations

import base64
import http.client
import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOP, ACCOUNTS = "shop", "accounts"

_PATIENCE = 60.0


@dataclass(frozen=True)
class DemoCall:
    """One request, and the status that it is answered with."""

    service: str
    verb: str
    target: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def send(self, port: int) -> int:
        """Sends it to a port of this machine and returns the status.

        Raises:
            OSError: Nothing answered.
        """
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        try:
            body = None if self.body is None else json.dumps(self.body).encode()
            headers = {"User-Agent": "moesif-otel demo", **self.headers}
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(self.verb, self.target, body, headers)
            response = connection.getresponse()
            response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from error
        finally:
            connection.close()
        return response.status


def _signed_in(user: str) -> str:
    def part(content: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    return f"Bearer {part({'alg': 'none'})}.{part({'sub': user})}."


def _behind_proxy(client: str, host: str, **more: str) -> dict[str, str]:
    forwarded = {"Host": host, "X-Forwarded-For": f"{client}, 10.0.0.1", "X-Forwarded-Proto": "https"}
    return forwarded | {name.replace("_", "-"): value for name, value in more.items()}


ROUND = (
    DemoCall(SHOP, "GET", "/teas?search=e&page=1", 200),
    DemoCall(
        SHOP,
        "GET",
        "/teas/3?note=a%26b&token=a-secret",
        200,
        _behind_proxy("203.0.113.9", "shop.example.com", Authorization=_signed_in("ada"), Cookie="session=secret"),
    ),
    DemoCall(SHOP, "POST", "/orders", 201, {"X-User-Id": "grace", "X-Company-Id": "navy"}, {"teas": [2, 5]}),
    DemoCall(SHOP, "GET", "/teas/99", 404),
    DemoCall(SHOP, "GET", "/reports/sales?year=2026", 500),
    DemoCall(ACCOUNTS, "GET", "/accounts/ada", 200, {"X-User-Id": "ada"}),
    DemoCall(ACCOUNTS, "POST", "/sessions", 201, body={"user": "alan", "password": "a-secret"}),
    DemoCall(ACCOUNTS, "GET", "/accounts/nobody?from=%C3%A9t%C3%A9", 404),
    DemoCall(
        ACCOUNTS, "DELETE", "/sessions/7", 204, _behind_proxy("2001:db8::7", "accounts.example.com", X_User_Id="alan")
    ),
)
"""What the demonstration sends, in this order."""

FULL = ROUND[1]
"""The call whose event is shown in full: behind a proxy, with secrets in the query and in headers."""

_PEOPLE = {"ada": "analytical", "grace": "navy", "alan": "bletchley", "joan": "bletchley", "katherine": "nasa"}
# How often each kind of call comes; failures are rare, as they should be.
_LIFELIKE = (
    (30, SHOP, "GET", "/teas?search={word}", 200, None),
    (30, SHOP, "GET", "/teas/{number}", 200, None),
    (12, SHOP, "POST", "/orders", 201, {"teas": [1, 3]}),
    (4, SHOP, "GET", "/teas/99", 404, None),
    (2, SHOP, "GET", "/reports/sales", 500, None),
    (14, ACCOUNTS, "GET", "/accounts/ada", 200, None),
    (6, ACCOUNTS, "POST", "/sessions", 201, {"user": "ada", "password": "a-secret"}),
    (2, ACCOUNTS, "DELETE", "/sessions/{number}", 204, None),
)


def lifelike_call() -> DemoCall:
    """The next of an endless number of calls by a handful of people."""
    weights = [row[0] for row in _LIFELIKE]
    _, service, verb, target, status, body = random.choices(_LIFELIKE, weights)[0]  # noqa: S311 - no secret
    user, company = random.choice(list(_PEOPLE.items()))  # noqa: S311 - no secret
    filled = target.format(word=random.choice("aeou"), number=random.randint(1, 5))  # noqa: S311 - no secret
    address = f"203.0.113.{1 + list(_PEOPLE).index(user)}"
    headers = _behind_proxy(address, f"{service}.example.com", X_User_Id=user, X_Company_Id=company)
    return DemoCall(service, verb, filled, status, headers, body)
