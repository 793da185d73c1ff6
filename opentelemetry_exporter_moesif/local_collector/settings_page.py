"""The page that sets sampling rates and faults while the collector runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from opentelemetry_exporter_moesif.json_codec import loads

from .faults import Faults
from .filters import Filter
from .rendering import render
from .request_body import read_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from .ingestion import Ingestion

_MAX_FORM_BYTES = 1_000_000
_NO_STORE = {"Cache-Control": "no-store"}


class SettingsPage:
    """Shows and changes the sampling rates and the faults of what takes the events.

    Args:
        ingestion: Whose rates and faults these are.
    """

    def __init__(self, ingestion: Ingestion) -> None:
        self._ingestion = ingestion

    def routes(self) -> list[Route]:
        """The page, and where its two forms go."""
        return [
            Route("/settings", self._show),
            Route("/settings/sampling", self._set_sampling, methods=["POST"]),
            Route("/settings/faults", self._set_faults, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        return self._page(saved=request.query_params.get("saved", ""))

    async def _set_sampling(self, request: Request) -> Response:
        return await self._change(request, "sampling", self._apply_sampling)

    async def _set_faults(self, request: Request) -> Response:
        return await self._change(request, "faults", self._apply_faults)

    async def _change(self, request: Request, name: str, apply: Any) -> Response:
        form = _form(await read_body(request, _MAX_FORM_BYTES))
        try:
            apply(form)
        except ValueError as error:
            return self._page(status=422, form=form, errors={name: str(error)})
        return RedirectResponse(f"/settings?saved={name}", status_code=303)

    def _apply_sampling(self, form: Mapping[str, str]) -> None:
        rates = self._ingestion.rates
        rates.replace(
            {
                **rates.document,
                "sample_rate": _number(form.get("sample_rate", "")),
                "user_sample_rate": _read_lines(form.get("user_sample_rate", "")),
                "company_sample_rate": _read_lines(form.get("company_sample_rate", "")),
                "regex_config": _read_rules(form.get("regex_config", "")),
            }
        )

    def _apply_faults(self, form: Mapping[str, str]) -> None:
        self._ingestion.faults = Faults.parse(form.get("fail", "").strip(), form.get("delay", "").strip())

    def _page(
        self,
        *,
        status: int = 200,
        saved: str = "",
        form: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> Response:
        page = render(
            "settings.html",
            shown=Filter(),
            saved=saved,
            errors=errors or {},
            form={**self._present(), **(form or {})},
            etag=self._ingestion.rates.etag,
        )
        return HTMLResponse(page, status_code=status, headers=_NO_STORE)

    def _present(self) -> dict[str, str]:
        document = self._ingestion.rates.document
        rules = document["regex_config"]
        return {
            "sample_rate": str(document["sample_rate"]),
            "user_sample_rate": _lines(document["user_sample_rate"]),
            "company_sample_rate": _lines(document["company_sample_rate"]),
            "regex_config": json.dumps(rules, indent=2) if rules else "",
            "fail": self._ingestion.faults.fail_text(),
            "delay": self._ingestion.faults.delay_text(),
        }


def _form(body: bytes) -> dict[str, str]:
    pairs = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in pairs.items()}


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        message = f"{text!r} must be a number from 0 to 100"
        raise ValueError(message) from None
    return int(number) if number.is_integer() else number


def _lines(rates: Mapping[str, float]) -> str:
    return "\n".join(f"{name} = {rate}" for name, rate in rates.items())


def _read_lines(text: str) -> dict[str, float]:
    rates = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, equals, rate = line.rpartition("=")
        if not equals or not name.strip():
            message = f"{line!r}: write an id and its rate, like user-1 = 10"
            raise ValueError(message)
        rates[name.strip()] = _number(rate.strip())
    return rates


def _read_rules(text: str) -> Any:
    try:
        return loads(text) if text.strip() else []
    except ValueError as error:
        message = f"the rules are not JSON: {error}"
        raise ValueError(message) from error
