# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Skype for Business Server as a product behind an endpoint: contract, dispatch, log; and how it finds accounts."""

from __future__ import annotations

import dataclasses
import fnmatch
import threading
import typing as t
import uuid

from hybridlab.clixml import Obj
from hybridlab.contract.check import SKYPE, Contract
from hybridlab.exchange.server import masked, preferred
from hybridlab.faults import Faults
from hybridlab.records import Output, Record, Warned
from hybridlab.skype import failures, registrations, selection, topology
from hybridlab.skype.accounts import Account, Accounts
from hybridlab.skype.registrations import Kind, Registration

NAMES = {"2013": "lync-2013", "2015": "skype-2015", "2019": "skype-2019"}
SEED = ("user0@contoso.com", "user1@contoso.com")
"""Those who are users from the beginning, as far as their accounts are there; all of them on the first pool."""
ACCOUNT_NAMES = (*(name for name in registrations.IDENTIFIED if name != "Name"), "UserAccountControl", "Enabled", "SipAddress")
_ACCOUNT = ("Microsoft.Rtc.Management.ADConnect.Schema.CSADUser", "System.Object")


@dataclasses.dataclass
class Call:
    """A bound call and the deployment it acts on."""

    skype: Skype
    cmdlet: str
    parameters: dict[str, t.Any]
    what_if: bool

    def only(self, *names: str) -> None:
        """Raises `failures.Refused` for a parameter that is none of these."""
        for name in self.parameters:
            if name not in (*names, "DomainController"):
                raise failures.not_emulated(self.cmdlet, f"-{name}")


Handler = t.Callable[[Call], t.Iterable[Record] | None]


class Skype:
    """A deployment; satisfies `hybridlab.records.Product`.

    ``version`` is 2013 (Lync Server), 2015 or 2019.  ``accounts`` are those of Active Directory, ``enabled`` those of them that are users or meeting
    rooms, by GUID.  ``calls`` lists every call as (cmdlet, parameters), refused ones included.
    """

    def __init__(self, accounts: Accounts, version: str = "2019", faults: Faults | None = None) -> None:
        self.contract = Contract(version, SKYPE)
        self.name = NAMES[version]
        self.accounts = accounts
        self.faults = faults or Faults()
        self.calls: list[tuple[str, dict[str, t.Any]]] = []
        self.enabled: dict[uuid.UUID, Registration] = {}
        self._lock = threading.RLock()
        for name in SEED:
            for account in self.known(name):
                self.enabled[account.guid] = made = Registration(account, "user", topology.POOLS[0], registrations.fresh(f"sip:{account.user_principal_name}"))
                registrations.stamp(self, made)

    def invoke(self, cmdlet: str, parameters: dict[str, t.Any]) -> t.Iterator[Record]:
        """Run one cmdlet.  Raises `Terminating`; other failures are records in the error stream."""
        self.calls.append((cmdlet, {name: masked(value) for name, value in parameters.items()}))
        bound = self.contract.bind(cmdlet, parameters)
        call = Call(self, bound.cmdlet, bound.parameters, bound.what_if)
        for record in self._run(call):
            kept = preferred(bound, record)
            if kept is not None:
                yield kept

    def _run(self, call: Call) -> list[Record]:
        try:
            if self.faults.take("access-denied", call.cmdlet):
                raise failures.access_denied()
            with self._lock:
                done = list(HANDLERS[call.cmdlet](call) or ())
                return done + self._passed(call)
        except failures.Refused as refused:
            return [refused.record(call.cmdlet)]

    def _passed(self, call: Call) -> list[Record]:
        """What -PassThru adds."""
        if not call.parameters.get("PassThru") or call.cmdlet.startswith("Disable-"):
            return []
        found = self.registered(self.account(call.parameters["Identity"]))
        return [Output(registrations.view(found))] if found else []

    # finding

    def known(self, identity: object) -> list[Account]:
        """The accounts that an identity fits: SIP address, UPN, DOMAIN\\name, display name (with asterisks), distinguished name."""
        wanted = str(identity).lower()
        pattern = wanted.replace("[", "[[]").replace("?", "[?]")
        return [one for one in self.accounts if wanted in self._names(one) or ("*" in wanted and fnmatch.fnmatchcase(one.display_name.lower(), pattern))]

    def _names(self, account: Account) -> set[str]:
        found = self.registered(account)
        names = (account.user_principal_name, account.logon, account.display_name, account.distinguished_name)
        return {one.lower() for one in (*names, found.values["SipAddress"] if found else "") if one}

    def account(self, identity: object) -> Account:
        """The one account that a changing cmdlet means.  Raises `failures.Refused`."""
        return self._one(identity, self.known(identity))

    def registration(self, identity: object, kind: Kind | None) -> Registration:
        """The one enabled account of this kind, or of any for None.  Raises `failures.Refused`."""
        account = self._one(identity, [one for one in self.known(identity) if self._is(one, kind)])
        return self.enabled[account.guid]

    def _is(self, account: Account, kind: Kind | None) -> bool:
        """Each look that misses a new registration brings replication one step nearer."""
        found = self.registered(account)
        if found is None or kind not in (None, found.kind):
            return False
        found.unseen, unseen = max(0, found.unseen - 1), found.unseen
        return unseen == 0

    @staticmethod
    def _one(identity: object, found: t.Sequence[Account]) -> Account:
        if not found:
            raise failures.not_found(identity)
        if len(found) > 1:
            raise failures.ambiguous(identity)
        return found[0]

    def listed(self, call: Call, kind: Kind | None) -> list[Account]:
        """What a Get- cmdlet shows, before its filters: accounts enabled as this, or all for None.  Raises `failures.Refused`."""
        identity = call.parameters.get("Identity")
        candidates = list(self.accounts) if identity is None else self.known(identity)
        found = [one for one in candidates if kind is None or self._is(one, kind)]
        if not found and identity is not None and "*" not in str(identity):
            raise failures.not_found(identity)
        return found

    def registered(self, account: Account) -> Registration | None:
        """What an account is enabled as, with what the directory says of it now; who takes its address away there has disabled it."""
        found = self.enabled.get(account.guid)
        if found is not None and not account.stamped.get(registrations.ADDRESS):
            del self.enabled[account.guid]
            return None
        if found is not None:
            found.account = account
            found.values |= registrations.stamped(account)
        return found


def _get(call: Call, kind: Kind) -> t.Iterator[Record]:
    shown = [registrations.view(call.skype.enabled[one.guid]) for one in call.skype.listed(call, kind)]
    yield from selection.selected(call, shown, registrations.NAMES)


def get_meeting_room(call: Call) -> t.Iterator[Record]:
    return _get(call, "meeting room")


def get_user(call: Call) -> t.Iterator[Record]:
    return _get(call, "user")


def get_ad_user(call: Call) -> t.Iterator[Record]:
    yield from selection.selected(call, [account_view(call.skype, one) for one in call.skype.listed(call, None)], ACCOUNT_NAMES)


def account_view(skype: Skype, account: Account) -> Obj:
    """An account; Enabled and SipAddress are null as long as it is neither user nor meeting room."""
    found = skype.registered(account)
    shown = {
        "Identity": account.distinguished_name,
        "DisplayName": account.display_name,
        "SamAccountName": account.sam_account_name,
        "UserPrincipalName": account.user_principal_name,
        "WindowsEmailAddress": account.mail,
        "FirstName": account.first_name,
        "LastName": account.last_name,
        "UserAccountControl": "AccountDisabled, NormalAccount" if account.disabled else "NormalAccount",
        "Enabled": found.values["Enabled"] if found else None,
        "SipAddress": found.values["SipAddress"] if found else None,
    }
    return Obj(_ACCOUNT, shown, string=account.distinguished_name)


def enable_meeting_room(call: Call) -> t.Iterator[Warned]:
    return registrations.enable(call, "meeting room")


def enable_user(call: Call) -> t.Iterator[Warned]:
    return registrations.enable(call, "user")


def disable_meeting_room(call: Call) -> None:
    registrations.disable(call, "meeting room")


def disable_user(call: Call) -> None:
    registrations.disable(call, "user")


def set_meeting_room(call: Call) -> t.Iterator[Warned]:
    return registrations.change(call, "meeting room")


def set_user(call: Call) -> t.Iterator[Warned]:
    return registrations.change(call, "user")


HANDLERS: dict[str, Handler] = {
    "Get-CsPool": topology.get_pool,
    "Get-CsService": topology.get_service,
    "Get-CsSipDomain": topology.get_sip_domain,
    "Get-CsAdUser": get_ad_user,
    "Get-CsUser": get_user,
    "Enable-CsUser": enable_user,
    "Set-CsUser": set_user,
    "Disable-CsUser": disable_user,
    "Get-CsMeetingRoom": get_meeting_room,
    "Enable-CsMeetingRoom": enable_meeting_room,
    "Set-CsMeetingRoom": set_meeting_room,
    "Move-CsMeetingRoom": registrations.move,
    "Disable-CsMeetingRoom": disable_meeting_room,
    **{f"Grant-Cs{name}": registrations.grant for name in registrations.POLICIES},
}
