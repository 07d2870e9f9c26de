# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts as a machine knows them: its own users and groups, the well-known ones, those of its domain; group members and user rights."""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.windows.machine import Machine

MACHINE_SID = "S-1-5-21-2528685370-1724360342-165486190"
# Well-known security identifiers and the names under which Windows shows them.
WELL_KNOWN = {
    "S-1-1-0": "Everyone",
    "S-1-5-6": "NT AUTHORITY\\SERVICE",
    "S-1-5-11": "NT AUTHORITY\\Authenticated Users",
    "S-1-5-18": "NT AUTHORITY\\SYSTEM",
    "S-1-5-19": "NT AUTHORITY\\LOCAL SERVICE",
    "S-1-5-20": "NT AUTHORITY\\NETWORK SERVICE",
    "S-1-5-80-0": "NT SERVICE\\ALL SERVICES",
    "S-1-5-32-544": "BUILTIN\\Administrators",
    "S-1-5-32-545": "BUILTIN\\Users",
    "S-1-5-32-546": "BUILTIN\\Guests",
    "S-1-5-32-551": "BUILTIN\\Backup Operators",
    "S-1-5-32-555": "BUILTIN\\Remote Desktop Users",
    "S-1-5-32-559": "BUILTIN\\Performance Log Users",
    "S-1-5-32-568": "BUILTIN\\IIS_IUSRS",
    "S-1-5-32-573": "BUILTIN\\Event Log Readers",
    "S-1-5-32-580": "BUILTIN\\Remote Management Users",
}
RIGHTS = {
    "SeAssignPrimaryTokenPrivilege": ("S-1-5-19", "S-1-5-20"),
    "SeAuditPrivilege": ("S-1-5-19", "S-1-5-20"),
    "SeBackupPrivilege": ("S-1-5-32-544", "S-1-5-32-551"),
    "SeBatchLogonRight": ("S-1-5-32-544", "S-1-5-32-551", "S-1-5-32-559"),
    "SeChangeNotifyPrivilege": ("S-1-1-0", "S-1-5-19", "S-1-5-20", "S-1-5-32-544", "S-1-5-32-545", "S-1-5-32-551"),
    "SeCreateGlobalPrivilege": ("S-1-5-19", "S-1-5-20", "S-1-5-32-544", "S-1-5-6"),
    "SeCreatePagefilePrivilege": ("S-1-5-32-544",),
    "SeCreateSymbolicLinkPrivilege": ("S-1-5-32-544",),
    "SeDebugPrivilege": ("S-1-5-32-544",),
    "SeDenyBatchLogonRight": (),
    "SeDenyInteractiveLogonRight": (),
    "SeDenyNetworkLogonRight": (),
    "SeDenyRemoteInteractiveLogonRight": (),
    "SeDenyServiceLogonRight": (),
    "SeImpersonatePrivilege": ("S-1-5-19", "S-1-5-20", "S-1-5-32-544", "S-1-5-6"),
    "SeIncreaseQuotaPrivilege": ("S-1-5-19", "S-1-5-20", "S-1-5-32-544"),
    "SeInteractiveLogonRight": ("S-1-5-32-544", "S-1-5-32-545", "S-1-5-32-551"),
    "SeLockMemoryPrivilege": (),
    "SeManageVolumePrivilege": ("S-1-5-32-544",),
    "SeNetworkLogonRight": ("S-1-1-0", "S-1-5-32-544", "S-1-5-32-545", "S-1-5-32-551"),
    "SeRemoteInteractiveLogonRight": ("S-1-5-32-544", "S-1-5-32-555"),
    "SeRestorePrivilege": ("S-1-5-32-544", "S-1-5-32-551"),
    "SeSecurityPrivilege": ("S-1-5-32-544",),
    "SeServiceLogonRight": ("S-1-5-80-0",),
    "SeShutdownPrivilege": ("S-1-5-32-544", "S-1-5-32-551"),
    "SeTakeOwnershipPrivilege": ("S-1-5-32-544",),
    "SeTcbPrivilege": (),
}
"""User rights by their constant names, with who has them on a member server by default."""


class Unknown(LookupError):
    """No account has the name."""


@dataclasses.dataclass
class Group:
    """A local group; ``members`` are security identifiers."""

    name: str
    sid: str
    description: str = ""
    members: list[str] = dataclasses.field(default_factory=list)


class Accounts:
    """``governed`` are rights that a policy of the domain sets: what is changed on the machine lasts until the next restart."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._names = dict(WELL_KNOWN)
        self._next = 1001
        self.users = {"administrator": f"{MACHINE_SID}-500", "guest": f"{MACHINE_SID}-501"}
        self.groups = {name.partition("\\")[2].lower(): Group(name.partition("\\")[2], sid) for sid, name in WELL_KNOWN.items() if name.startswith("BUILTIN")}
        self._names |= {sid: f"{machine.name}\\{name.capitalize()}" for name, sid in self.users.items()}
        self.rights = {name: list(sids) for name, sids in RIGHTS.items()}
        self.governed: dict[str, list[str]] = {}
        self.groups["administrators"].members.append(self.users["administrator"])
        for group, members in (machine.profile.get("groups") or {}).items():
            self.group(group).members += [self.sid(one) for one in members]
        self.govern(machine.profile.get("governed_rights") or {})

    def restarted(self) -> None:
        for right, sids in self.governed.items():
            self.rights[right] = list(sids)

    def govern(self, rights: t.Mapping[str, t.Sequence[str]]) -> None:
        """Rights that a policy sets, with the accounts that it names."""
        for right, names in rights.items():
            self.governed[right] = [self.sid(one) for one in names]
        self.restarted()

    def group(self, name: str) -> Group:
        """A local group; it is made if it is not there."""
        if name.lower() not in self.groups:
            sid = self._new_sid()
            self._names[sid] = f"{self._machine.name}\\{name}"
            self.groups[name.lower()] = Group(name, sid)
        return self.groups[name.lower()]

    def sid(self, name: str) -> str:
        """The security identifier of an account, in any of the forms of its name.  Raises `Unknown`."""
        if name.upper().startswith("S-1-"):
            return name.upper()
        domain, _, short = name.rpartition("\\") if "\\" in name else (name.partition("@")[2], "", name.partition("@")[0])
        local = domain in ("", ".") or domain.lower() == self._machine.name.lower()
        wanted = f"\\{short.lower()}"
        for sid, shown in self._names.items():
            authority = shown.rpartition("\\")[0].lower()
            here = local and authority in ("", "builtin", "nt authority", "nt service", self._machine.name.lower())
            if f"\\{shown.lower()}".endswith(wanted) and (here or authority == domain.lower().partition(".")[0]):
                return sid
        found = None if domain == "." else self._machine.principal(short)
        if found is None:
            raise Unknown("Some or all identity references could not be translated.")
        self._names[found] = f"{self._machine.identity.domain.partition('.')[0].upper()}\\{short}"
        return found

    def name(self, sid: str) -> str:
        """As Windows shows it; the identifier itself for one that nobody has."""
        return self._names.get(sid, sid)

    def _new_sid(self) -> str:
        self._next += 1
        return f"{MACHINE_SID}-{self._next}"
