# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make test`` and ``make check``: run the checks of ``tools/checks.py``, some at a time, each with a log of its own in ``build/logs``."""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import typing as t

from tools import checks, coverage, project
from tools.checks import Check

TAIL = 40
"""Lines of a failed check's log that are shown."""

Verdict = t.Literal["passed", "failed", "skipped"]


class Result(t.NamedTuple):
    """How a check ended; ``text`` says why, or is the end of its log."""

    check: Check
    verdict: Verdict
    seconds: float
    text: str = ""


class Schedule:
    """Which checks may start now: those whose predecessors have ended, the longest first."""

    def __init__(self, wanted: t.Sequence[Check]) -> None:
        self.waiting = sorted(wanted, key=lambda check: -self._chain(check, wanted))
        self.ended: dict[str, Result] = {}
        self.names = {check.name for check in wanted}

    @staticmethod
    def _chain(check: Check, wanted: t.Sequence[Check]) -> int:
        """Seconds of a check and of the longest chain of checks that wait for it."""
        followers = [one for one in wanted if check.name in (*one.requires, *one.after)]
        return check.seconds + max((Schedule._chain(one, wanted) for one in followers), default=0)

    def next(self) -> Check | None:
        """Take the next check that may start; None when all that are left wait for others."""
        for check in self.waiting:
            if all(name in self.ended or name not in self.names for name in (*check.requires, *check.after)):
                self.waiting.remove(check)
                return check
        return None

    def obstacle(self, check: Check) -> str | None:
        """Why a check cannot be run at all: something that it requires has not passed."""
        unmet = [name for name in check.requires if name in self.ended and self.ended[name].verdict != "passed"]
        return f"not run, because this did not pass: {', '.join(unmet)}" if unmet else None

    def end(self, result: Result) -> None:
        self.ended[result.check.name] = result


def with_requirements(names: t.Collection[str], table: t.Sequence[Check]) -> list[Check]:
    """The checks named, and those that they require."""
    wanted = set(names)
    for check in reversed([*table, *table]):  # twice: a requirement may stand before or after in the table
        if check.name in wanted:
            wanted.update(check.requires)
    return [check for check in table if check.name in wanted]


def missing(check: Check, root: pathlib.Path) -> str | None:
    """What a check needs and does not find."""
    absent = [pattern for pattern in check.needs if not any(root.glob(pattern))]
    return f"there is nothing to check: no {', no '.join(absent)}" if absent else None


def _command(check: Check, log: t.IO[bytes], environment: t.Mapping[str, str]) -> int | None:
    """The exit code; None when the time was up.  Whatever the check started in its process group ends with it."""
    process = subprocess.Popen(
        check.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=dict(environment), cwd=check.folder, start_new_session=True
    )
    try:
        return process.wait(check.limit)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):  # the usual case: nothing of the group is left
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run(check: Check, root: pathlib.Path, measure: bool) -> Result:
    """Run one check to its end."""
    if check.skip_without and not check.skip_without.exists():
        return Result(check, "skipped", 0.0, f"{os.path.relpath(check.skip_without, root)} is not here")
    absent = missing(check, root)
    if absent:
        return Result(check, "failed", 0.0, absent)
    environment = project.environment(**dict(check.environment), **(coverage.environment() if measure and check.covers else {}))
    path = project.LOGS / f"{check.name}.log"
    started = time.monotonic()
    with path.open("wb") as log:
        code = _command(check, log, environment)
    seconds = time.monotonic() - started
    if code == 0:
        return Result(check, "passed", seconds)
    reason = f"ended after its limit of {check.limit} s" if code is None else f"exit code {code}"
    tail = path.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:]
    return Result(check, "failed", seconds, "\n".join([f"{reason}; the whole log: {os.path.relpath(path, root)}", *tail]))


def show(result: Result) -> None:
    """One line for a check, and below it why it did not pass."""
    word = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}[result.verdict]
    print(f"{word:8}{result.check.name:22}{result.seconds:7.1f} s", flush=True)
    for line in result.text.splitlines():
        print(f"        | {line}", flush=True)


def run_all(wanted: t.Sequence[Check], workers: int, measure: bool) -> list[Result]:
    """Run checks side by side and show each as it ends."""
    schedule = Schedule(wanted)
    running: set[concurrent.futures.Future[Result]] = set()
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        while schedule.waiting or running:
            while len(running) < workers and (check := schedule.next()):
                obstacle = schedule.obstacle(check)
                if obstacle:
                    schedule.end(Result(check, "failed", 0.0, obstacle))
                    show(schedule.ended[check.name])
                else:
                    running.add(pool.submit(run, check, project.ROOT, measure))
            if running:
                done, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    schedule.end(future.result())
                    show(future.result())
    return list(schedule.ended.values())


def closing_line(results: t.Iterable[Result]) -> str:
    """The last line, as test runners write it."""
    verdicts = [result.verdict for result in results]
    line = f"{verdicts.count('passed')} passed, {verdicts.count('failed')} failed"
    return line + (f", {verdicts.count('skipped')} skipped" if "skipped" in verdicts else "")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.check", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="only what is worth running at every edit")
    parser.add_argument("--only", nargs="+", metavar="CHECK", help="only these, and what they require")
    parser.add_argument("--list", action="store_true", help="name the checks and their commands")
    parser.add_argument("--workers", type=int, default=2, help="how many run side by side")
    options = parser.parse_args(arguments)
    table = checks.table()
    unknown = set(options.only or ()) - {check.name for check in table}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(check.name for check in table)}")
    wanted = with_requirements(options.only, table) if options.only else [check for check in table if check.fast or not options.fast]
    if options.list:
        print("\n".join(f"{check.name:22}{' '.join(check.command)}" for check in wanted))
        return 0
    measure = not options.fast and not options.only
    for folder in (project.LOGS, project.RECORDS):
        if measure:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    if measure:
        coverage.start()
    started = time.monotonic()
    results = run_all(wanted, max(1, options.workers), measure)
    failed = [result.check.name for result in results if result.verdict == "failed"]
    print(f"\n{len(results)} checks in {time.monotonic() - started:.0f} s" + (f"; failed: {', '.join(failed)}" if failed else ""))
    print(closing_line(results))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
