"""Moesif's own Python clients work with the local collector unchanged, each in a process of its own."""

import json
import subprocess
import sys

from support.moesif_events import APPLICATION_ID
from support.server_process import clean_environment

from opentelemetry_exporter_moesif.local_collector import LocalCollector

MOESIFAPI = """
import json, sys
from datetime import datetime
from moesifapi.moesif_api_client import MoesifAPIClient, Configuration
from moesifapi.models import EventModel, EventRequestModel, EventResponseModel, UserModel, CompanyModel

url, application_id = sys.argv[1:]
Configuration.BASE_URI = url
api = MoesifAPIClient(application_id).api

def event(path):
    request = EventRequestModel(time="2016-09-09T04:45:42.914", uri="https://api.example.com" + path, verb="GET",
                                ip_address="61.48.220.123", headers={"Host": "api.example.com"},
                                body={"a": 1}, transfer_encoding="json")
    response = EventResponseModel(time="2016-09-09T04:45:42.924", status=200, headers={"Server": "x"}, body={"ok": True},
                                  transfer_encoding="json")
    return EventModel(request, response, user_id="my_user_id", company_id="my_company_id", metadata={"plan": "free"})

single = api.create_event(event("/single"))
batch = api.create_events_batch([event("/one"), event("/two")])
api.update_user(UserModel(user_id="my_user_id", metadata={"email": "a@example.com"}))
api.update_users_batch([UserModel(user_id="my_user_id")])
api.update_company(CompanyModel(company_id="my_company_id"))
api.update_companies_batch([CompanyModel(company_id="my_company_id")])
config = api.get_app_config()
rules = api.get_governance_rules()
print(json.dumps({
    "etags": [{name.lower(): value for name, value in headers.items()}.get("x-moesif-config-etag")
              for headers in (single, batch, config.headers)],
    "config": json.loads(config.raw_body),
    "rules": json.loads(rules.raw_body),
}))
"""

MOESIFWSGI = """
import sys, time
from wsgiref.util import setup_testing_defaults
from moesifwsgi import MoesifMiddleware

def application(environ, start_response):
    start_response("201 Created", [("Content-Type", "application/json")])
    return [b'{"made": true}']

url, application_id = sys.argv[1:]
service = MoesifMiddleware(application, {
    "APPLICATION_ID": application_id, "BASE_URI": url, "EVENT_BATCH_TIMEOUT": 0.2,
    "IDENTIFY_USER": lambda app, environ, headers={}: environ["REMOTE_USER"],
})
deadline = time.monotonic() + 80
while service.config.config is None and time.monotonic() < deadline:
    time.sleep(0.02)
for user in ("sampled-out", "ada"):
    environ = {"PATH_INFO": "/orders", "QUERY_STRING": "a=b", "REMOTE_USER": user, "REMOTE_ADDR": "203.0.113.9"}
    setup_testing_defaults(environ)
    answer = service(environ, lambda status, headers, *_: None)
    assert list(answer) == [b'{"made": true}']
"""


def run(script: str, collector: LocalCollector) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, collector.url, APPLICATION_ID],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_moesifapi_sends_events_records_and_asks_for_its_configuration():
    with LocalCollector(APPLICATION_ID, sampling={"sample_rate": 50}) as collector:
        report = json.loads(run(MOESIFAPI, collector))
        events = collector.wait_for(3, timeout=100)
        posts = collector.posts()
    assert [event["request"]["uri"].removeprefix("https://api.example.com") for event in events] == [
        "/single",
        "/one",
        "/two",
    ]
    assert events[0]["user_id"] == "my_user_id"
    assert report["config"]["sample_rate"] == 50
    assert report["rules"] == []
    assert len(set(report["etags"])) == 1
    assert report["etags"][0]
    assert [(post.path, post.status) for post in posts] == [
        ("/v1/events", 201),
        ("/v1/events/batch", 201),
        ("/v1/users", 201),
        ("/v1/users/batch", 201),
        ("/v1/companies", 201),
        ("/v1/companies/batch", 201),
    ]


def test_moesifwsgi_sends_the_calls_of_an_application_and_keeps_to_the_sampling_rates():
    with LocalCollector(APPLICATION_ID, sampling={"user_sample_rate": {"sampled-out": 0}}) as collector:
        run(MOESIFWSGI, collector)
        (event,) = collector.wait_for(1, timeout=100)
    assert event["request"]["uri"].endswith("/orders?a=b")
    assert (event["response"]["status"], event["response"]["body"]) == (201, {"made": True})
    assert (event["user_id"], event["request"]["ip_address"]) == ("ada", "203.0.113.9")
