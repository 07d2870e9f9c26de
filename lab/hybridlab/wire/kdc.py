# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Kerberos realm for the lab: MIT krb5kdc on an unprivileged loopback port, with all its state in one folder."""

from __future__ import annotations

import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import time
import typing as t

from hybridlab.process import Process

SERVICES = ("HTTP/localhost", "host/localhost", "ldap/localhost", "WSMAN/localhost")
_PLACES = ("/usr/sbin", "/usr/local/sbin", "/usr/lib/mit/sbin", "/opt/homebrew/opt/krb5/sbin")
_START_SECONDS = 10.0
_ATTEMPTS = 5

_CLIENT = """[libdefaults]
  default_realm = {realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  {realm} = {{
    kdc = 127.0.0.1:{port}
  }}
[domain_realm]
  localhost = {realm}
"""
_SERVER = """[realms]
  {realm} = {{
    database_name = {folder}/principal
    key_stash_file = {folder}/stash
    acl_file = {folder}/kadm5.acl
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}
  }}
[logging]
  kdc = FILE:{folder}/kdc.log
  admin_server = FILE:{folder}/kadmin.log
"""


class Unavailable(Exception):
    """Kerberos cannot be offered here; the message says why and what to install."""


class Realm:
    """A running realm.  ``config`` is the krb5.conf for clients, ``keytab`` the keys of `SERVICES`."""

    def __init__(self, folder: pathlib.Path, realm: str, passwords: t.Mapping[str, str]) -> None:
        """Create the database and start the KDC.  Raises `Unavailable`."""
        self._programs = {name: program(name) for name in ("krb5kdc", "kdb5_util", "kadmin.local")}
        self._folder = folder
        self._realm = realm
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self.config = folder / "krb5.conf"
        self.keytab = folder / "keytab"
        folder.mkdir(mode=0o700)
        self._configure(_free_port())
        self._create(passwords)
        for _ in range(_ATTEMPTS):
            if self._start():
                return
            self._configure(_free_port())  # The port was taken in the meantime.
        raise Unavailable(f"krb5kdc does not start; see {folder / 'kdc.log'}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        pid_file(self._folder).unlink(missing_ok=True)

    def _configure(self, port: int) -> None:
        self._port = port
        self.config.write_text(_CLIENT.format(realm=self._realm, port=port), encoding="utf-8")
        (self._folder / "kdc.conf").write_text(_SERVER.format(realm=self._realm, port=port, folder=self._folder), encoding="utf-8")

    def _create(self, passwords: t.Mapping[str, str]) -> None:
        master = secrets.token_urlsafe(24)
        self._run("kdb5_util", ["create", "-s"], f"{master}\n{master}\n")
        lines = [f'addprinc -pw "{password}" {user}' for user, password in passwords.items()]
        lines += [f"addprinc -randkey {service}" for service in SERVICES]
        lines += [f"ktadd -k {self.keytab} {' '.join(SERVICES)}"]
        self._run("kadmin.local", [], "\n".join(lines) + "\n")
        if not self.keytab.exists():
            raise Unavailable("kadmin.local wrote no keytab")

    def _run(self, name: str, arguments: list[str], text: str) -> None:
        """Run an administration program; passwords go to its standard input, never to the process list."""
        command = [self._programs[name], "-r", self._realm, *arguments]
        done = subprocess.run(command, input=text, env=self._environment(), capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            raise Unavailable(f"{name} failed: {done.stderr.strip()}")

    def _start(self) -> bool:
        command = [self._programs["krb5kdc"], "-n", "-r", self._realm]
        self._process = subprocess.Popen(
            command, env=self._environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
                continue
            Process.of(self._process.pid).write(pid_file(self._folder))
            return True
        self.stop()
        return False

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "KRB5_CONFIG": str(self.config), "KRB5_KDC_PROFILE": str(self._folder / "kdc.conf"), "LC_ALL": "C"}


def pid_file(folder: pathlib.Path) -> pathlib.Path:
    """Where the KDC's process is noted, for the case that the lab itself was killed."""
    return folder / "kdc.pid"


def program(name: str) -> str:
    """The path of a Kerberos program, which Debian keeps in /usr/sbin.  Raises `Unavailable`."""
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *_PLACES)))
    if found is None:
        raise Unavailable(f"{name} is not installed (Debian: krb5-kdc and krb5-admin-server)")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
