"""Generator process: Locust as a library, told its job on standard input."""

from __future__ import annotations

import locust  # isort: skip  # noqa: F401 - first: it patches what everything after it imports

import os
import sys
import traceback

from scimproof.core.errors import Exit, ScimproofError
from scimproof.load.generator.capacity.capacity_run import CapacityRun
from scimproof.load.generator.capacity.local_steps import LocalSteps
from scimproof.load.generator.capacity.search_master import SearchMaster
from scimproof.load.generator.channel import ControlChannel
from scimproof.load.generator.context import GeneratorContext
from scimproof.load.generator.local_run import LocalRun
from scimproof.load.generator.master import Master
from scimproof.load.generator.removal import Removal
from scimproof.load.generator.worker import Worker
from scimproof.load.plan.job import Job


def _do(job: Job, pipe: ControlChannel) -> None:
    if job.role == "cleaner":
        pipe.tell("done", document=Removal(job, pipe).run())
        return
    if job.role == "worker":
        Worker(job, pipe).run()
        pipe.tell("done", document={})
        return
    post = GeneratorContext(job, pipe)
    pipe.listen(post.halt)
    try:
        pipe.tell("done", document=_run(post).run())
    finally:
        post.close()


def _run(post: GeneratorContext) -> LocalRun | Master | CapacityRun:
    if post.job.search:
        return CapacityRun(post, SearchMaster(post) if post.job.role == "master" else LocalSteps(post))
    return Master(post) if post.job.role == "master" else LocalRun(post)


def main() -> int:
    """Read a job, do it, and tell the document; trouble is told in one line."""
    pipe = ControlChannel()
    try:
        _do(pipe.job(), pipe)
    except ScimproofError as problem:
        pipe.tell("trouble", text=str(problem), code=int(problem.exit_code))
        return int(problem.exit_code)
    except Exception as problem:  # noqa: BLE001 - told in one line; the traceback for those who ask for it
        if os.environ.get("SCIMPROOF_DEBUG"):
            traceback.print_exc(file=sys.stderr)
        pipe.tell(
            "trouble", text=f"trouble inside scimproof: {type(problem).__name__}", code=int(Exit.TROUBLE)
        )
        return int(Exit.TROUBLE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
