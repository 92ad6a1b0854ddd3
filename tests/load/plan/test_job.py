"""The job of a generator process: what the command line tells arrives as it was told."""

from __future__ import annotations

from scimproof.catalog.app import AppSettings
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.target.options import TargetOptions


def test_an_own_app_reaches_the_process_and_its_workers() -> None:
    app = AppSettings(user_name="login", mappings={"title": "title"}, actions=("create",), push_batch=200)
    access = TargetOptions(url="http://127.0.0.1:1/scim/v2")
    job = Job(plan=Plan(name="mine", question="", phases=(), mix={}), access=access, prefix="p", app=app)
    assert Job.from_text(job.as_text()).app == app
    assert Job.from_text(job.part(1, 2).as_text()).app == app
    assert not Job(plan=job.plan, access=access, prefix="p").app
