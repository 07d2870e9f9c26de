# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many jobs over the few sessions that the budget allows."""

from __future__ import annotations

import collections
import concurrent.futures
import threading
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError

_LOOK = 0.2
_BUDGETS = {"powershell": "m365_max_sessions is", "ldap": "m365_ldap_max_connections is"}
"""What limits the calls of a wire, up to the number; for every other wire it is the tenant's requests."""

Watch = t.Callable[[], None]
Job = t.TypeVar("Job")
Made = t.TypeVar("Made")
Worker = t.Callable[[engine.Tally], t.Callable[[Job], None]]
"""Makes of a thread's session what it does with each job; called once in every thread."""


def width(session: engine.Tally, asked: int | None) -> int:
    """How many calls run at a time: as many as the session budget allows, or fewer on request."""
    if asked is not None and asked > session.width:
        budget = _BUDGETS.get(session.wire, "m365_tenant_max_requests allows")
        session.warnings.append(f"parallel is {asked}, but the session budget {budget} {session.width}, so {session.width} are used")
    return min(session.width, asked or session.width)


def beside(work: t.Callable[[], Made], watch: Watch) -> Made:
    """What ``work`` returns or raises; ``watch`` is called a few times a second until then.  When the run is ended, nobody waits for it."""
    done: concurrent.futures.Future[Made] = concurrent.futures.Future()

    def thread() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # whatever it is, it is the caller's
            done.set_exception(error)

    threading.Thread(target=thread, daemon=True).start()
    while not concurrent.futures.wait([done], _LOOK).done:
        watch()
    return done.result()


def work_off(session: engine.Tally, jobs: t.Sequence[Job], most: int, worker: Worker[Job], watch: Watch) -> tuple[list[Job], HybridError | None]:
    """Each of at most ``most`` threads has a session of its own and takes the next job when it is done with one; ``watch`` is called a few times a second.

    Returns what no thread took because none had a session any more, and why.  Whatever else ends the run is raised, after the jobs that
    run have ended; what was not begun is not begun any more then.
    """
    if not jobs:
        return [], None
    left = collections.deque(jobs)

    def thread() -> None:
        with session.branch() as own:
            work = worker(own)
            for job in _taken(left):
                work(job)

    broken: HybridError | None = None
    threads = min(most, len(jobs))
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        running = {pool.submit(thread) for _number in range(threads)}
        try:
            while running:
                done, running = concurrent.futures.wait(running, _LOOK, concurrent.futures.FIRST_COMPLETED)
                watch()
                for one in done:
                    broken = _broken(one) or broken
        except BaseException:
            left.clear()
            raise
    return list(left), broken


def _taken(left: collections.deque[Job]) -> t.Iterator[Job]:
    while True:
        try:
            job = left.popleft()
        except IndexError:
            return
        yield job


def _broken(thread: concurrent.futures.Future[None]) -> HybridError | None:
    """Why a thread got no session; anything else that ends a thread is a defect and is raised."""
    error = thread.exception()
    if error is None or isinstance(error, HybridError):
        return error
    raise error
