# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Windows PowerShell session on a federation server or a proxy: the cmdlets of its role, and those of PowerShell itself that our modules call."""

from __future__ import annotations

import typing as t

from hybridlab.adfs import cmdlets, proxy, refusals
from hybridlab.adfs.farm import Farm, Node
from hybridlab.clixml import Obj
from hybridlab.contract import refusals as shell
from hybridlab.contract.check import ADFS, WAP, Bound, Contract
from hybridlab.exchange.server import masked, preferred
from hybridlab.records import ErrorRecord, Output, Record, Terminating

YEAR = "2016"
"""The contract that a farm is bound to: the first that is published."""
_OWN = {"Get-ChildItem": ("Path",), "Get-Item": ("Path",), "Test-WSMan": ("ComputerName", "Authentication")}
_WSMAN = "Microsoft.WSMan.Management"
_X509 = "System.Security.Cryptography.X509Certificates.X509Certificate2"
Given = dict[str, t.Any]


class Session:
    """One session, `hybridlab.records.Product` for the calls of its pipelines.

    ``unrecorded`` is what no published contract of the emulated product knows: the reference of AD FS begins with Windows Server 2016, so that no call
    to an older farm can be compared with it.
    """

    def __init__(self, host: Node | proxy.Proxy, farm: Farm) -> None:
        self._host, self._farm = host, farm
        self._contract = Contract(YEAR, ADFS if isinstance(host, Node) else WAP)
        self.name = f"{'adfs' if isinstance(host, Node) else 'wap'}-{YEAR}"
        older = (*cmdlets.HANDLERS, *proxy.HANDLERS) if farm.generation == "2012r2" else ()
        self.unrecorded = frozenset(one.lower() for one in (*_OWN, *older))

    @property
    def calls(self) -> list[tuple[str, Given]]:
        """The calls of all sessions on the host."""
        return self._host.calls

    def change(self, order: t.Mapping[str, t.Any]) -> None:
        change(self._farm, self._host, order)

    def invoke(self, cmdlet: str, parameters: Given) -> t.Iterator[Record]:
        """Run one cmdlet.  Raises `Terminating`."""
        self._host.calls.append((cmdlet, {name: masked(value) for name, value in parameters.items()}))
        own = next((name for name in _OWN if name.lower() == cmdlet.lower()), None)
        if own:
            yield from self._own(own, parameters)
            return
        bound = self._contract.bind(cmdlet, parameters)
        if self._farm.generation == "2012r2" and bound.cmdlet in cmdlets.NEWER:
            raise shell.command_not_found(cmdlet)
        for record in self._run(bound):
            kept = preferred(bound, record)
            if kept is not None:
                yield kept

    def _run(self, bound: Bound) -> list[Record]:
        host = self._host
        with self._farm.lock:
            try:
                if isinstance(host, Node):
                    return list(cmdlets.HANDLERS[bound.cmdlet](cmdlets.Call(self._farm, host, bound.cmdlet, bound.parameters, bound.what_if)))
                return list(proxy.HANDLERS[bound.cmdlet](proxy.Call(host, bound.cmdlet, bound.parameters, bound.what_if)))
            except KeyError as missing:
                raise shell.command_not_found(bound.cmdlet) from missing
            except refusals.Refused as refused:
                return [refused.record(bound.cmdlet)]

    # --- PowerShell's own ---

    def _own(self, cmdlet: str, parameters: Given) -> t.Iterator[Record]:
        known = {name.lower(): name for name in _OWN[cmdlet]}
        given = {}
        for written, value in parameters.items():
            name = known.get(written.lower())
            if name is None:
                raise shell.parameter_not_found(cmdlet, written)
            given[name] = value
        if cmdlet == "Get-Item":
            return self._computer(str(given.get("Path")))
        return self._store(str(given.get("Path"))) if cmdlet == "Get-ChildItem" else self._test(given)

    def _computer(self, path: str) -> t.Iterator[Record]:
        if path.lower().replace("\\", "") != "env:computername":
            yield self._not_found("Get-Item", path)
            return
        shown = {"Key": "COMPUTERNAME", "Value": self._host.machine.name, "Name": "COMPUTERNAME"}
        yield Output(Obj(("System.Collections.DictionaryEntry", "System.ValueType", "System.Object"), shown, string="System.Collections.DictionaryEntry"))

    @staticmethod
    def _not_found(cmdlet: str, path: str) -> ErrorRecord:
        error_id = f"PathNotFound,Microsoft.PowerShell.Commands.{cmdlet.replace('-', '')}Command"
        text = f"Cannot find path '{path}' because it does not exist."
        return ErrorRecord(text, "System.Management.Automation.ItemNotFoundException", error_id, "ObjectNotFound", cmdlet)

    def _store(self, path: str) -> t.Iterator[Record]:
        if path.lower().rstrip("\\") != "cert:\\localmachine\\my":
            yield self._not_found("Get-ChildItem", path)
            return
        for held in sorted(self._host.store.values(), key=lambda one: one.thumbprint):
            yield Output(Obj((_X509, "System.Object"), {"RawData": cmdlets.raw(held.certificate)}, {"PSPath": held.thumbprint}, string=_X509))

    def _test(self, given: Given) -> t.Iterator[Record]:
        """Whether WinRM of another host takes the account of this session: that is a second hop."""
        other = next((one for one in self._farm.nodes if one.name.lower() == str(given.get("ComputerName")).lower()), None)
        if other is None or not isinstance(self._host, Node):
            raise Terminating(self._unreached("The client cannot connect to the destination specified in the request."))
        problem = self._farm.hop(self._host, other)
        if problem:
            yield self._unreached(problem)
            return
        yield Output(Obj(("System.Xml.XmlElement#wsmid#IdentifyResponse", "System.Object"), {"ProductVendor": "Microsoft Corporation"}))

    @staticmethod
    def _unreached(text: str) -> ErrorRecord:
        return ErrorRecord(text, "System.InvalidOperationException", f"WsManError,{_WSMAN}.TestWSManCommand", "InvalidOperation", "Test-WSMan")


def change(farm: Farm, host: Node | proxy.Proxy, order: t.Mapping[str, t.Any]) -> None:
    """Make something of a farm from outside.  Raises ValueError.

    ``level`` is the farm's behaviour level, ``fallback`` the thumbprint of the binding 0.0.0.0:443 of this node (empty: none), ``reachable`` whether the
    other nodes reach it, ``trusted`` whether the farm takes this proxy's trust certificate, ``providers`` the authentication providers.
    """
    unknown = set(order) - {"level", "fallback", "reachable", "trusted", "providers", "server"}
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} cannot be changed on {host.name}")
    farm.level = int(order.get("level", farm.level))
    farm.providers = list(order.get("providers", farm.providers))
    if isinstance(host, proxy.Proxy):
        host.trusted = bool(order.get("trusted", host.trusted))
        return
    host.reachable = bool(order.get("reachable", host.reachable))
    if "fallback" in order:
        host.bindings.pop(("0.0.0.0", 443), None)
        if order["fallback"]:
            host.bindings[("0.0.0.0", 443)] = str(order["fallback"]) if order["fallback"] is not True else farm.first.thumbprint
