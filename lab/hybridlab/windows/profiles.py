# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The profiles of Windows hosts, and the sessions of a host on which no product runs."""

from __future__ import annotations

import functools
import importlib.resources
import re
import typing as t

import yaml

from hybridlab.contract import refusals
from hybridlab.records import Record

EXCHANGE = "exchange"
Profile = dict[str, t.Any]


@functools.cache
def _told() -> dict[str, Profile]:
    return t.cast("dict[str, Profile]", yaml.safe_load(importlib.resources.files(__package__).joinpath("profiles.yml").read_text(encoding="utf-8")))


def names() -> tuple[str, ...]:
    return tuple(_told())


def profile(name: str) -> Profile:
    """A profile with the parts of those that it is like.  Raises ValueError."""
    if name not in _told():
        raise ValueError(f"there is no profile {name!r} of a Windows host; there are: {', '.join(names())}")
    own = _told()[name]
    return _merged(profile(own["like"]), own) if "like" in own else own


def parse(text: str) -> tuple[str, str]:
    """The name and the profile of ``NAME[:profile]``.  Raises ValueError."""
    name, _, kind = text.partition(":")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,14}", name):
        raise ValueError(f"{name!r} is no name of a Windows host")
    profile(kind or "server")
    return name.upper(), kind or "server"


def with_build(own: Profile, build: str) -> Profile:
    """The profile of a server with that build of Exchange: its folder and key, and the version of its programs.

    A file shows ``15.02.1748.010`` where the server shows ``Version 15.2 (Build 1748.10)``.
    """
    major, minor, number, revision = map(int, re.findall(r"\d+", build))
    version = f"{major}.{minor:02}.{number:04}.{revision:03}"
    folder = f"C:\\Program Files\\Microsoft\\Exchange Server\\V{major}\\"
    told = {"version": version, "product_version": version}
    return _merged(
        own,
        {
            "variables": {"ExchangeInstallPath": folder},
            "registry": {f"HKLM:\\SOFTWARE\\Microsoft\\ExchangeServer\\v{major}\\Setup": {"MsiInstallPath": folder}},
            "files": {f"%ExchangeInstallPath%Bin\\{name}": told for name in ("ExSetup.exe", "MSExchangeTransport.exe")},
        },
    )


def _merged(base: t.Any, over: t.Any) -> t.Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {name: _merged(base[name], over[name]) if name in base and name in over else over.get(name, base.get(name)) for name in {**base, **over}}
    return over


class Bare:
    """The cmdlets of a host without a product: none."""

    name = "windows"
    unrecorded: t.Container[str] = ()

    def invoke(self, cmdlet: str, parameters: dict[str, t.Any]) -> t.Iterator[Record]:
        raise refusals.command_not_found(cmdlet)
