# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: ``up``, ``down`` and ``status`` of a lab in a folder."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import pathlib
import select
import signal
import subprocess
import sys
import threading
import typing as t

from hybridlab.cloud.tokens import LIFETIME
from hybridlab.control import Client
from hybridlab.directory import Directory, Occupied
from hybridlab.estate import VERSIONS, Estate, Settings
from hybridlab.faults import KINDS
from hybridlab.sync import GENERATIONS
from hybridlab.windows import profiles
from hybridlab.wire import kdc

START_SECONDS = 60.0
_READY = "ready"


class Failed(Exception):
    """The command could not do what it was asked; the message is for its user."""


def main(arguments: t.Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except Failed as failure:
        print(f"hybridlab: {failure}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hybridlab", description="A faithful stand-in for a hybrid messaging estate, on loopback.")
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="start a lab; writes inventory.yml, ca.pem and credentials.yml into its folder")
    up.add_argument("--version", choices=VERSIONS, default="2019", help="the Exchange version (default: %(default)s)")
    up.add_argument("--mailboxes", type=_count, default=10, metavar="N", help="how many mailboxes exist (default: %(default)s)")
    up.add_argument("--tenants", type=_count, default=1, metavar="N", help="how many tenants of Microsoft 365 there are (default: %(default)s)")
    up.add_argument("--token-lifetime", type=_count, default=LIFETIME, metavar="S", help="how many seconds a tenant's token lives (default: %(default)s)")
    up.add_argument(
        "--sync", choices=(*GENERATIONS, "none"), default="connect", help="what synchronises the directory with the first tenant (default: %(default)s)"
    )
    up.add_argument("--windows", action="append", default=[], metavar="NAME[:profile]", help=f"a Windows host (repeatable): {', '.join(profiles.names())}")
    up.add_argument("--record", type=pathlib.Path, metavar="FILE", help="append every call to FILE as JSON lines")
    up.add_argument("--fault", action="append", default=[], metavar="NAME[:option=value,…]", help=f"inject a fault (repeatable): {', '.join(KINDS)}")
    up.add_argument("--kerberos", action="store_true", help="start a Kerberos realm (needs krb5kdc)")
    up.add_argument("--insecure-basic", action="store_true", help="also take Basic and clear text over HTTP, which a real server refuses")
    up.add_argument("--detach", action="store_true", help="return when the lab accepts connections")
    up.add_argument("--report-fd", type=int, help=argparse.SUPPRESS)
    up.set_defaults(command=_up)
    down = commands.add_parser("down", help="end the lab and remove what it made")
    down.set_defaults(command=_down)
    status = commands.add_parser("status", help="sessions, calls and armed faults of a running lab, as JSON")
    status.set_defaults(command=_status)
    change = commands.add_parser("change", help="change what no cmdlet changes, for example a server's build or edition; prints what it is then")
    change.add_argument("order", metavar="JSON", help='for example {"server": "EX01", "build": "Version 8.3 (Build 83.6)"}')
    change.set_defaults(command=_change)
    for command in (up, down, status, change):
        command.add_argument("--dir", type=pathlib.Path, required=True, metavar="D", help="the lab's folder")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"a number from 0 on is expected, not {text!r}")
    return int(text)


def _up(options: argparse.Namespace) -> None:
    if options.detach:
        _detach(options)
        return
    ended = _end_signal()  # From the first moment on: a lab that is told to end while it comes up ends tidily.
    try:
        estate = _start(options)
    except Failed as failure:
        _report(options, str(failure))
        raise
    try:
        print(_announcement(estate), flush=True)
        _report(options, _READY)
        ended.wait()
    finally:
        estate.stop()


def _start(options: argparse.Namespace) -> Estate:
    """A serving lab.  Raises `Failed`, leaving nothing behind."""
    directory = Directory(options.dir)
    try:
        directory.claim()
    except (Occupied, OSError) as error:
        raise Failed(str(error)) from error
    _log_to(directory / "lab.log")
    estate: Estate | None = None
    try:
        settings = Settings(
            options.version,
            options.mailboxes,
            tuple(options.fault),
            options.record,
            kerberos=options.kerberos,
            insecure_basic=options.insecure_basic,
            tenants=options.tenants,
            token_lifetime=options.token_lifetime,
            sync="" if options.sync == "none" else options.sync,
            windows=tuple(options.windows),
        )
        estate = Estate(settings, directory)
        estate.start()
    except (ValueError, OSError, ImportError, kdc.Unavailable) as error:
        (directory.clear if estate is None else estate.stop)()
        raise Failed(str(error)) from error
    return estate


def _detach(options: argparse.Namespace) -> None:
    """Start the same command in a process of its own and wait for its report."""
    owner = Directory(options.dir).owner()
    if owner is not None:
        raise Failed(f"a lab runs in {options.dir} already (process {owner.pid}); end it with: python -m hybridlab down --dir {options.dir}")
    reading, writing = os.pipe()
    with contextlib.closing(os.fdopen(reading, encoding="utf-8")) as report:
        process = subprocess.Popen(
            _command(options, writing),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_search_path())},
            pass_fds=(writing,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(writing)
        arrived, _, _ = select.select([report], [], [], START_SECONDS)
        said = report.read().strip() if arrived else f"no answer within {START_SECONDS:.0f} seconds"
    if said != _READY:
        process.terminate()
        process.wait()
        raise Failed(said or f"the lab ended with status {process.returncode} before it was ready")
    process.returncode = 0  # It lives on: nobody waits for it, and that is meant.
    print(f"The lab is up: {options.dir.resolve() / 'inventory.yml'}")


def _command(options: argparse.Namespace, report: int) -> list[str]:
    command = [sys.executable, "-m", "hybridlab", "up", "--dir", str(options.dir.resolve()), "--report-fd", str(report)]
    command += ["--version", options.version, "--mailboxes", str(options.mailboxes)]
    command += ["--tenants", str(options.tenants), "--token-lifetime", str(options.token_lifetime), "--sync", options.sync]
    command += [f"--windows={host}" for host in options.windows]
    command += ["--record", str(options.record.resolve())] if options.record else []
    command += [f"--fault={fault}" for fault in options.fault]
    command += [flag for flag, wanted in (("--kerberos", options.kerberos), ("--insecure-basic", options.insecure_basic)) if wanted]
    return command


def _search_path() -> list[str]:
    package = str(pathlib.Path(__file__).resolve().parent.parent)
    return [package, *(part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part and part != package)]


def _report(options: argparse.Namespace, text: str) -> None:
    if options.report_fd is not None:
        with os.fdopen(options.report_fd, "w", encoding="utf-8") as report:
            report.write(text)


def _end_signal() -> threading.Event:
    """An event that SIGTERM or SIGINT sets."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    return ended


def _announcement(estate: Estate) -> str:
    lines = [
        f"{estate.product.name} on https://localhost:{estate.https_port}/PowerShell and http://localhost:{estate.http_port}/PowerShell",
        *(f"{edge.product.machine} on https://localhost:{edge.https_port}/wsman and http://localhost:{edge.http_port}/wsman" for edge in estate.edges),
        *(f"{one.machine} on https://localhost:{one.https_port}/wsman and http://localhost:{one.http_port}/wsman" for one in estate.hosts),
        *([f"{estate.sync.machine} on https://localhost:{estate.sync.https_port}/wsman"] if estate.sync else []),
        f"Active Directory on ldaps://localhost:{estate.dc.ldaps_port} and ldap://localhost:{estate.dc.ldap_port}",
        f"inventory: {estate.directory / 'inventory.yml'}",
    ]
    if estate.site is not None:
        lines.append(f"{len(estate.site.tenants)} tenant(s) of Microsoft 365 on https://{estate.site.host}")
    if estate.krb5_config is not None:
        lines.append(f"Kerberos clients need: KRB5_CONFIG={estate.krb5_config}")
    return "\n".join(lines)


def _log_to(path: pathlib.Path) -> None:
    logging.basicConfig(filename=path, level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", force=True)


def _down(options: argparse.Namespace) -> None:
    directory = Directory(options.dir)
    owner = directory.owner()
    if owner is not None:
        owner.end()
        if owner.alive:
            raise Failed(f"process {owner.pid} does not end")
    if owner is not None or directory.left_behind:
        directory.clear()


def _status(options: argparse.Namespace) -> None:
    _print_answer(options, lambda client: client.status())


def _change(options: argparse.Namespace) -> None:
    try:
        order = json.loads(options.order)
    except ValueError as error:
        raise Failed(f"{options.order} is no JSON: {error}") from error
    _print_answer(options, lambda client: client.change(order))


def _print_answer(options: argparse.Namespace, ask: t.Callable[[Client], dict[str, t.Any]]) -> None:
    """What the running lab answers, as JSON.  Raises `Failed`."""
    if Directory(options.dir).owner() is None:
        raise Failed(f"no lab runs in {options.dir}")
    try:
        print(json.dumps(ask(Client.of(options.dir)), indent=2))
    except ValueError as error:
        raise Failed(str(error)) from error
    except OSError as error:
        raise Failed(f"the lab in {options.dir} does not answer: {error}") from error
