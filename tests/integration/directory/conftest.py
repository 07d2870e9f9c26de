# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directories that every case runs on: the lab's in memory, and a real Samba domain controller."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import shutil
import typing as t

import pytest

from hybridlab.ad.controller import DomainController
from hybridlab.ad.forest import Forest
from hybridlab.wire import tls
from tests.fake_directory import PASSWORD, USER, DirectoryOnWire
from tests.integration.directory import samba
from tests.integration.directory.wire import connected


@dataclasses.dataclass(frozen=True)
class Place:
    """A directory: the options that reach it over LDAPS, and the port for StartTLS."""

    name: str
    options: dict[str, t.Any]
    clear_port: int

    def session(self, **changes: t.Any) -> contextlib.AbstractContextManager[DirectoryOnWire]:
        return connected(**self.options | changes)


@contextlib.contextmanager
def in_memory(folder: pathlib.Path) -> t.Iterator[Place]:
    """The lab's domain controller on loopback."""
    controller = DomainController(Forest({USER: PASSWORD}), lambda operation, details: None)
    authority = tls.Authority()
    authority.pair.write(folder / "ca.pem")
    authority.host("localhost", "127.0.0.1", "dc01.contoso.com").write(folder / "server.pem", folder / "server.key")
    controller.start(tls.server_context(folder / "server.pem", folder / "server.key", folder / "ca.pem"))
    try:
        options = {
            "host": ["127.0.0.1"],
            "tcp_port": controller.ldaps_port,
            "user": f"{USER}@contoso.com",
            "password": PASSWORD,
            "ca_cert": str(folder / "ca.pem"),
        }
        yield Place("memory", options, controller.ldap_port)
    finally:
        controller.stop()


@pytest.fixture(scope="session")
def provisioned(tmp_path_factory: pytest.TempPathFactory) -> samba.Controller:
    """A Samba domain as it is after its making, not running.  Skipped where there can be none."""
    reason = samba.unavailable()
    if reason:
        pytest.skip(reason)
    controller = samba.Controller(tmp_path_factory.mktemp("samba"), samba.address())
    controller.provision()
    shutil.copytree(controller.folder, controller.folder.with_name(controller.folder.name + ".fresh"), symlinks=True)
    return controller


@contextlib.contextmanager
def in_samba(controller: samba.Controller, before: t.Callable[[], None] = lambda: None) -> t.Iterator[Place]:
    """The domain, as new but for what is done ``before`` its start, behind a running controller."""
    fresh = controller.folder.with_name(controller.folder.name + ".fresh")
    shutil.rmtree(controller.folder)
    shutil.copytree(fresh, controller.folder, symlinks=True)
    before()
    controller.start()
    try:
        options = {"host": [controller.address], "user": controller.user, "password": controller.password, "ca_cert": str(controller.ca)}
        yield Place("samba", options, 389)
    finally:
        controller.stop()


@pytest.fixture(params=["memory", "samba"])
def place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> t.Iterator[Place]:
    """A fresh directory of each kind."""
    manager = in_memory(tmp_path) if request.param == "memory" else in_samba(request.getfixturevalue("provisioned"))
    with manager as found:
        yield found


@dataclasses.dataclass(frozen=True)
class Realm:
    """A Samba domain as a Kerberos realm, with the keys of HTTP/localhost."""

    place: Place
    controller: samba.Controller
    keytab: pathlib.Path


@pytest.fixture(scope="module")
def realm(provisioned: samba.Controller, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Realm]:
    keytab = tmp_path_factory.mktemp("keys") / "http.keytab"
    with in_samba(provisioned, lambda: provisioned.service("svc-ex01", "HTTP/localhost", keytab)) as place:
        yield Realm(place, provisioned, keytab)
