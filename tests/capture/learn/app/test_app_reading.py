"""Reading a capture for its app: also the dialect shows, although hardly a request is as we send it."""

from __future__ import annotations

from pathlib import Path

from scimproof.capture.capture_file import CaptureWriter
from scimproof.capture.learn.app.app_reading import learn_app
from scimproof.capture.learn.learning import learn
from scimproof.capture.learn.second_reading import traffic_of
from scimproof.capture.reader import Capture
from tests.capture.learn.app.app_runs import own_catalog, recorded_app
from tests.capture.learn.app.test_app_settings import APPS
from tests.capture.learn.runs import catalog


def test_an_app_of_other_mappings_is_told_with_the_actions_of_its_dialect(tmp_path: Path) -> None:
    settings = APPS[0]
    writer = CaptureWriter(tmp_path / "app.jsonl", "https://people.corp.test/scim/v2", "0", 0.0)
    for one in recorded_app(settings):
        writer.append(one)
    writer.close()
    capture = Capture(tmp_path / "app.jsonl")
    first = learn(catalog(), capture)
    assert first["traffic"]["differs"] > 50
    found = learn_app(catalog(), capture, traffic_of(first, catalog()))
    assert found.settings.json() == settings.json()
    known = own_catalog(found.settings)
    assert learn(known, capture)["result"] == "as-sent"
