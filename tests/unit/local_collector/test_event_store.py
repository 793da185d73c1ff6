"""What the collector keeps, and for how long."""

import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from support.moesif_events import make_event

from opentelemetry_exporter_moesif.json_codec import dumps
from opentelemetry_exporter_moesif.local_collector.call import CallRow, call_of
from opentelemetry_exporter_moesif.local_collector.schema import judge
from opentelemetry_exporter_moesif.local_collector.store import Store


def rows(*events: object) -> list[tuple[CallRow, bytes]]:
    return [(call_of(event, dumps(event), judge(event), 1_700_000_000_000), dumps(event)) for event in events]


def test_an_event_sent_twice_is_kept_once():
    store, event = Store(), make_event()
    assert store.add(rows(event)) == 1
    assert store.add(rows(event, event)) == 0
    assert store.events() == [event]


def test_events_without_a_transaction_id_are_all_kept():
    store, event = Store(), make_event({"transaction_id": None})
    store.add(rows(event, event))
    assert store.events() == [event, event]


def test_events_come_back_in_the_order_in_which_they_came():
    store = Store()
    events = [make_event({"request.time": f"2016-08-16T09:21:{second:02}.000Z"}) for second in (30, 10, 20)]
    store.add(rows(*events))
    assert store.events() == events


def test_beyond_its_bound_the_oldest_events_go():
    store = Store(max_events=3)
    events = [make_event() for _ in range(5)]
    for event in events:
        store.add(rows(event))
    assert store.events() == events[2:]


def test_beyond_its_bound_of_bytes_the_oldest_events_go():
    events = [make_event({"metadata": {"text": "x" * 1_000}}) for _ in range(5)]
    store = Store(max_bytes=3_000)
    store.add(rows(*events))
    assert store.events() == events[-2:] or store.events() == events[-1:]


def test_a_refused_event_is_kept_apart_with_what_is_wrong():
    store, wrong = Store(), {"request": {}}
    store.add(rows(wrong))
    store.add(rows(wrong))
    assert store.events() == []
    assert store.count() == 0
    ((event, problems),) = store.invalid()
    assert event == wrong
    assert "request.uri is missing" in problems


def test_an_event_that_is_complained_of_is_among_both():
    store, event = Store(), make_event({"response.verb": None})
    store.add(rows(event))
    assert store.events() == [event]
    assert store.invalid() == [(event, ["response.verb is missing"])]


def test_a_file_keeps_events_over_a_restart_and_counts_them_to_the_bound(tmp_path: Path):
    file, events = tmp_path / "calls.sqlite", [make_event() for _ in range(4)]
    first = Store(file, max_events=3)
    first.add(rows(*events[:3]))
    first.close()
    second = Store(file, max_events=3)
    second.add(rows(events[0], events[3]))
    assert second.events() == events[1:]
    second.close()


def test_the_file_is_for_its_owner_only(tmp_path: Path):
    file = tmp_path / "calls.sqlite"
    store = Store(file)
    store.add(rows(make_event()))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    store.close()


def test_a_database_that_was_there_for_everybody_becomes_its_owners(tmp_path: Path):
    file = tmp_path / "calls.db"
    file.touch(mode=0o644)
    file.chmod(0o644)
    Store(file).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_of_something_else_is_left_alone(tmp_path: Path):
    file = tmp_path / "other.sqlite"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE precious (x)")
    other.close()
    before = file.read_bytes()
    with pytest.raises(sqlite3.Error, match="name another file"):
        Store(file)
    assert file.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    file = tmp_path / "notes.txt"
    file.write_text("notes " * 1_000)
    with pytest.raises(sqlite3.Error, match="not a database"):
        Store(file)
    assert file.read_text().startswith("notes")


def test_forgetting_everything_forgets_everything_and_new_calls_get_new_numbers():
    store = Store()
    store.add(rows(make_event()))
    (first,) = store.read("SELECT id FROM calls")
    store.clear()
    assert store.events() == []
    store.add(rows(make_event()))
    assert store.read("SELECT id FROM calls") > [first]


def test_what_was_forgotten_is_not_left_in_the_file(tmp_path: Path):
    store = Store(tmp_path / "calls.sqlite")
    store.add(rows(*(make_event({"user_id": "a-telling-name"}) for _ in range(100))))
    assert any(b"a-telling-name" in file.read_bytes() for file in tmp_path.iterdir())
    store.clear()
    assert not any(b"a-telling-name" in file.read_bytes() for file in tmp_path.iterdir())
    store.close()


def test_threads_can_add_and_read_at_once():
    store = Store(max_events=50)

    def work() -> None:
        for _ in range(50):
            store.add(rows(make_event()))
            store.events()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.events()) == 50


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        {},
        {"request": [], "response": 7, "metadata": "x"},
        make_event({"response.status": 2**63}),
        make_event({"response.status": -1}),
        make_event({"request.time": "9999-99-99T99:99:99.999Z"}),
        make_event({"request.time": "0001-01-01T00:00:00.000+14:00"}),
        make_event({"request.uri": "http://[broken"}),
        make_event({"user_id": {"$": 1}, "metadata": {"http.route": 7, "resource": []}}),
    ],
)
def test_an_event_of_any_shape_can_be_kept(event: object):
    store = Store()
    store.add(rows(event))
    assert len(store.events()) + len(store.invalid()) >= 1


def test_a_call_takes_its_columns_from_its_event():
    event = make_event(
        {
            "request.time": "2016-08-16T09:21:56.998+02:00",
            "response.time": "2016-08-16T07:21:58Z",
            "metadata": {"http.route": "/items/{id}", "resource": {"service.name": "shop"}},
            "user_id": "u",
        }
    )
    ((call, _),) = rows(event)
    assert (call.path, call.route, call.status, call.service, call.user_id) == (
        "/items/7",
        "/items/{id}",
        200,
        "shop",
        "u",
    )
    assert call.time == 1_471_332_116_998
    assert call.duration == pytest.approx(1_002)


@pytest.mark.parametrize(
    ("uri", "route"),
    [
        ("https://a.example/items/7/parts/12", "/items/{id}/parts/{id}"),
        ("https://a.example/users/3F2504E0-4F89-11D3-9A0C-0305E82C3301", "/users/{id}"),
        ("https://a.example/v1/items", "/v1/items"),
        ("https://a.example", "/"),
    ],
)
def test_without_a_route_numbers_and_ids_of_the_path_stand_for_one(uri: str, route: str):
    ((call, _),) = rows(make_event({"request.uri": uri}))
    assert call.route == route
