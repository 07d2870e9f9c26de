# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Active Directory for tests: a Samba domain controller on a loopback address of its own, all its state in one folder.

Samba listens on the well-known ports only, so each controller needs an address of its own, and root.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import typing as t

from hybridlab.wire import tls

REALM = "CONTOSO.COM"
DOMAIN = "CONTOSO"
BASE = "DC=contoso,DC=com"
NAME = "dc01.contoso.com"
PASSWORD = "Passw0rd!Adm1n"
PACKAGES = "samba samba-ad-provision samba-dsdb-modules samba-vfs-modules python3-samba ldb-tools"
_READY_SECONDS = 60.0
_FOLDERS = ("private/tls", "state", "cache", "lock", "run", "ncalrpc", "log")

_CONFIG = """[global]
  netbios name = DC01
  workgroup = {domain}
  realm = {realm}
  server role = active directory domain controller
  interfaces = {address}/8
  bind interfaces only = yes
  server services = ldap, cldap, kdc
  dcerpc endpoint servers =
  dns forwarder = 0.0.0.0
  private dir = {folder}/private
  state directory = {folder}/state
  cache directory = {folder}/cache
  lock directory = {folder}/lock
  pid directory = {folder}/run
  ncalrpc dir = {folder}/ncalrpc
  binddns dir = {folder}/bind-dns
  winbindd socket directory = {folder}/run/winbindd
  ntp signd socket directory = {folder}/run/ntp_signd
  log file = {folder}/log/samba.log
  logging = file
  tls enabled = yes
  tls keyfile = {folder}/private/tls/key.pem
  tls certfile = {folder}/private/tls/cert.pem
  tls cafile = {folder}/private/tls/ca.pem
  ldap server require strong auth = allow_sasl_over_tls
  dsdb:schema update allowed = true
  load printers = no
  printcap name = /dev/null
  disable spoolss = yes
[sysvol]
  path = {folder}/state/sysvol
[netlogon]
  path = {folder}/state/sysvol/contoso.com/scripts
"""
_KERBEROS = """[libdefaults]
  default_realm = {realm}
  dns_lookup_realm = false
  dns_lookup_kdc = false
  rdns = false
  dns_canonicalize_hostname = false
  udp_preference_limit = 1
[realms]
  {realm} = {{
    kdc = {address}:88
    kpasswd_server = {address}:464
    admin_server = {address}
  }}
[domain_realm]
  .contoso.com = {realm}
  contoso.com = {realm}
  localhost = {realm}
"""


class Unavailable(Exception):
    """No such controller can run here; the message says why."""


def unavailable() -> str | None:
    """Why no controller can run here, None where one can."""
    missing = [name for name in ("samba", "samba-tool", "samba_spnupdate") if not _found(name)]
    if missing:
        return f"{', '.join(missing)} is not installed (Debian: {PACKAGES})"
    return None if os.geteuid() == 0 else "Samba can be made a domain controller by root only"


def _found(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin")))


class Controller:
    """A provisioned domain with its one controller.  ``ca`` is the authority of its certificate, ``kerberos`` a krb5.conf for its clients."""

    def __init__(self, folder: pathlib.Path, address: str) -> None:
        self.folder, self.address = folder, address
        self.user = f"Administrator@{REALM.lower()}"
        self.password = PASSWORD
        self.config = folder / "smb.conf"
        self.ca = folder / "private" / "tls" / "ca.pem"
        self.kerberos = folder / "krb5.conf"
        self._process: subprocess.Popen[bytes] | None = None

    def provision(self) -> None:
        """Make the domain.  Raises `Unavailable`."""
        for name in _FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "private").chmod(0o700)
        values = {"folder": self.folder, "address": self.address, "realm": REALM, "domain": DOMAIN}
        self.config.write_text(_CONFIG.format(**values), encoding="utf-8")
        self.kerberos.write_text(_KERBEROS.format(**values), encoding="utf-8")
        options = (f"--realm={REALM}", f"--domain={DOMAIN}", "--server-role=dc", "--host-name=dc01", f"--host-ip={self.address}")
        self.tool("domain", "provision", *options, "--dns-backend=NONE", f"--adminpass={PASSWORD}")
        self._run(_found("samba_spnupdate") or "samba_spnupdate", "-s", str(self.config))  # or nobody gets a ticket for ldap/dc01
        authority = tls.Authority()
        authority.pair.write(self.ca)
        authority.host(NAME, "contoso.com", self.address).write(self.ca.with_name("cert.pem"), self.ca.with_name("key.pem"))

    def tool(self, *arguments: str) -> None:
        """Run samba-tool.  Raises `Unavailable`."""
        self._run(_found("samba-tool") or "samba-tool", *arguments, "-s", str(self.config))

    def service(self, account: str, principal: str, keytab: pathlib.Path) -> None:
        """An account with a service principal, and its keys; before the start.  Without its kinds of encryption, it would have RC4 keys only."""
        self.tool("user", "create", account, PASSWORD)
        self.tool("spn", "add", principal, account)
        self.load(f"dn: CN={account},CN=Users,{BASE}\nchangetype: modify\nreplace: msDS-SupportedEncryptionTypes\nmsDS-SupportedEncryptionTypes: 24\n")
        self.tool("user", "setpassword", account, f"--newpassword={PASSWORD}")
        self.tool("domain", "exportkeytab", str(keytab), f"--principal={principal}")

    def load(self, *texts: str) -> None:
        """Write LDIF into the database, one after the other: a class can be used only after its attributes have arrived in the schema."""
        for text in texts:
            command = [_found("ldbmodify") or "ldbmodify", "-H", str(self.folder / "private" / "sam.ldb"), f"--configfile={self.config}"]
            self._checked([*command, "--option=dsdb:schema update allowed=true"], text)

    def _run(self, *command: str) -> None:
        self._checked(list(command), "")

    def _checked(self, command: list[str], text: str) -> None:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode:
            raise Unavailable(f"{' '.join(command[:3])} failed: {(done.stderr or done.stdout).strip()[-2000:]}")

    def start(self) -> None:
        """Start the controller and wait until it answers.  Raises `Unavailable`."""
        command = [_found("samba") or "samba", "--foreground", "--no-process-group", f"--configfile={self.config}", "--model=single"]
        with (self.folder / "log" / "output").open("wb") as output:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            if all(_answers(self.address, port) for port in (636, 88)):
                return
            time.sleep(0.1)
        self.stop()
        raise Unavailable(f"samba does not start: {(self.folder / 'log' / 'output').read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        """End the controller, by its own process group."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


def address() -> str:
    """A loopback address that no other run uses."""
    number = os.getpid()
    return f"127.{64 + number % 64}.{number // 64 % 250 + 1}.{number // 16000 % 250 + 1}"


def running(folder: pathlib.Path) -> t.Iterator[Controller]:
    """A fresh domain for as long as it is used; for `contextlib.contextmanager`.  Raises `Unavailable`."""
    controller = Controller(folder, address())
    controller.provision()
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()
