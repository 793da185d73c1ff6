"""Parameters of a query or a form are fields of an object: what one names, another one holds."""

from __future__ import annotations

import time

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()
MASKS = ("REDACTED", "[REDACTED]")


def as_left(parameters: str) -> tuple[str, str]:
    """What is left of them in a URI, and in a form."""
    uri = REDACTION.uri(f"https://api.test/a?{parameters}")
    form = REDACTION.bodies.form(parameters.encode())
    assert form is not None
    return uri.partition("?")[2], form.decode()


@pytest.mark.parametrize(
    "parameters",
    [
        "type=totp&code=§482913",
        "strategy=totp&code=§482913",
        "action=verify_otp&code=§482913",
        "subject=Your+OTP&text=§Your+code+is+482913",
        "subject=Your%20OTP&text=§Your%20code%20is%20482913",
        "title=OTP&message=§482913",
        "search_by=api_key&search=§hunter2x9",
        "field=api_key&q=§hunter2x9&page=2",
        "name=tokens&value=§hunter2x9",
        "form-0-name=password&form-0-value=§correct",
        "form-0-name=city&form-0-value=Paris75&form-1-name=password&form-1-value=§correct",
        "env-0-key=DB_PASSWORD&env-0-value=§correct",
        "env_0_key=DB_PASSWORD&env_0_value=§correct",
        "items%5B0%5D%5Bname%5D=password&items%5B0%5D%5Bvalue%5D=§correct",
        "key1=password&value1=§correct&key2=city&value2=Paris",
        "names[]=password&values[]=§correct",
        "names%5B%5D=city&values%5B%5D=Paris&names%5B%5D=password&values%5B%5D=§correct",
        "metakeyinput=api_key&metavalue=§hunter2x9",
        "names[]=password&values[]=§correct&names[]=city&values[]=Paris",
        "name=password&value[0]=§correct",
        "type=otp&codes[0]=§482913&codes[1]=§482914",
    ],
)
def test_what_one_names_is_masked_where_another_one_holds_it(parameters: str) -> None:
    for left, mask in zip(as_left(parameters.replace("§", "")), MASKS, strict=True):
        assert left == "&".join(
            f"{part.partition('=')[0]}={mask}" if "§" in part else part for part in parameters.split("&")
        )


@pytest.mark.parametrize(
    "parameters",
    [
        "q=api+key&page=2",
        "q=token&session=abc123def",
        "q=password+reset&gclid=Cj0KCQjw2x",
        "sort=token&cursor=abc123def",
        "fields=token&nonce=abc123def",
        "response_type=token&client=abc123def&nonce=n0S6WzA2Mj",
        "grant_type=password&username=bob42xyz&device=ab12cd34",
        "strategy=password&identity=bob42xyz",
        "utm_campaign=password_reset&x=v2button",
        "type=otp&user_id=bob42xyz&created_at=20261126",
        "type=otp&count=3&lang=en",
        "name=city&value=hunter2x9",
        "type=password_policy&code=482913",
        "next=/login/otp&lane=ab12cd34",
        "form-0-name=password_hint&form-1-value=correct",
        "address_2_line=Main+St+482913&oauth2_flow=a",
        "type=otp",
        "type=otp&flag",
    ],
)
def test_other_parameters_stay(parameters: str) -> None:
    assert as_left(parameters) == (parameters, parameters)


def test_a_number_that_is_listed_as_a_name_tells_in_a_parameter_too() -> None:
    redaction = Redaction(parameters=["007"])

    assert redaction.uri("https://api.test/a?name=007&value=correct") == "https://api.test/a?name=007&value=REDACTED"


def test_of_a_query_that_was_decoded_what_is_named_is_masked() -> None:
    assert "482913" not in REDACTION.uri("https://api.test/a?type=otp&code=482913", lossy=True)


def test_four_times_as_many_rows_cost_no_more_than_that() -> None:
    def seconds(count: int) -> float:
        form = "&".join(f"form-{row}-name=password&form-{row}-value=a{row}" for row in range(count)).encode()
        before = time.thread_time()
        Redaction().bodies.form(form)
        return time.thread_time() - before

    seconds(10)  # expressions are compiled where they are first used

    assert min(seconds(4000) for _ in range(3)) < 7 * min(seconds(1000) for _ in range(3))
