# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server with the Edge Transport role, as a Windows PowerShell session on it shows it.

Exchange's cmdlets are known once a session has loaded their snap-in; then it has those of the role.  The server keeps its settings in its
own directory (AD LDS), so there is no domain controller to name, and nothing of the organisation to see.
"""

from __future__ import annotations

import threading
import typing as t

from hybridlab.clixml import MultiValued, Obj, ValueObj
from hybridlab.contract import refusals
from hybridlab.contract.arguments import Argument, convert
from hybridlab.contract.check import Contract
from hybridlab.exchange import failures, windows
from hybridlab.exchange.directory import Entry, derived_guid
from hybridlab.exchange.server import BUILDS, masked, preferred
from hybridlab.exchange.settings import merge
from hybridlab.exchange.shapes import CONFIGURATION_TYPES, EXCHANGE_SERVER, configuration_identification, defaults, shaped
from hybridlab.faults import Faults
from hybridlab.records import Output, Record, Warned

SNAPINS = ("Microsoft.Exchange.Management.PowerShell.E2010", "Microsoft.Exchange.Management.PowerShell.SnapIn")
"""The first is registered by every version, the second by 2013 and later."""
ROOT_DN = "CN=First Organization,CN=Microsoft Exchange,CN=Services,CN=Configuration,CN={6F1A2F0E-6D1C-5F43-9A55-C0FFEE0C0DE5}"
CONNECTION_FILTERING = "Connection Filtering Agent"
# In the order of their priority; "Transport agents on Edge Transport servers" in the vendor's documentation.
AGENTS = (
    CONNECTION_FILTERING,
    "Address Rewriting Inbound Agent",
    "Edge Rule Agent",
    "Content Filter Agent",
    "Sender Id Agent",
    "Sender Filter Agent",
    "Recipient Filter Agent",
    "Protocol Analysis Agent",
    "Attachment Filtering Agent",
    "Address Rewriting Outbound Agent",
)
SETTINGS: dict[str, t.Any] = {"BypassedRecipients": [], "Enabled": True, "ExternalMailEnabled": True, "InternalMailEnabled": False}
RESTART = "The following service restart is required for the change(s) to take effect : MSExchangeTransport"
_SYSTEM_CONFIGURATION = "Microsoft.Exchange.Data.Directory.SystemConfiguration"
_ADDRESS_LIST = (
    "Microsoft.Exchange.Data.MultiValuedProperty`1[[Microsoft.Exchange.Data.SmtpAddress, Microsoft.Exchange.Data]]",
    "Microsoft.Exchange.Data.MultiValuedPropertyBase",
    "System.Object",
)

Parameters = dict[str, t.Any]


class Edge:
    """One server.  ``name`` is the target in records, ``calls`` lists every call as (cmdlet, parameters), those of Windows included.

    ``role`` is Edge or what `change` makes of it, ``snapins`` are those that are registered; ``running`` says of each agent whether the
    transport service, as it was last started, uses it.
    """

    def __init__(self, version: str = "2019", machine: str = "EDGE01", faults: Faults | None = None) -> None:
        self.contract = Contract(version.upper())
        self.name = f"exchange-{version.lower()}"
        self.machine = machine
        self.faults = faults or Faults()
        self.calls: list[tuple[str, Parameters]] = []
        self.role = "Edge"
        self.snapins = SNAPINS[: 1 if version == "2010" else None]
        self.settings = Entry("IPBlockListProviderConfig", "", f"CN=Message Hygiene,CN=Transport Settings,{ROOT_DN}", "", derived_guid("edge", machine))
        self.settings.values = {**SETTINGS, "BypassedRecipients": []}
        self.agents = dict.fromkeys(AGENTS, True)
        self.running = dict(self.agents)
        self.lock = threading.RLock()

    def session(self) -> windows.Session:
        """A PowerShell session on the server."""
        return windows.Session(self)

    def change(self, order: Parameters) -> Parameters:
        """Make something of the server from outside: ``role``, or ``snapins`` (a list).  Returns what it is.  Raises ValueError."""
        unknown = set(order) - {"server", "role", "snapins"}
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))} cannot be changed on {self.machine}")
        self.role = str(order.get("role", self.role))
        self.snapins = tuple(order.get("snapins", self.snapins))
        return {"server": self.machine, "role": self.role, "snapins": list(self.snapins), "agents": dict(self.agents), "running": dict(self.running)}

    def restart(self) -> None:
        """The transport service begins anew, with the agents that are enabled now."""
        self.running = dict(self.agents)

    def note(self, cmdlet: str, parameters: Parameters) -> None:
        self.calls.append((cmdlet, {name: masked(value) for name, value in parameters.items()}))

    def exchange(self, cmdlet: str, parameters: Parameters) -> t.Iterator[Record]:
        """Run one cmdlet of the snap-in.  Raises `Terminating`; other failures are records in the error stream."""
        handler = HANDLERS.get(cmdlet.lower())
        if handler is None:
            raise refusals.command_not_found(cmdlet)
        bound = self.contract.bind(cmdlet, parameters)
        try:
            if self.faults.take("access-denied", bound.cmdlet):
                raise failures.access_denied()
            if "DomainController" in bound.parameters:
                raise failures.refused("The DomainController parameter isn't supported on an Edge Transport server.", "ArgumentException", "InvalidArgument")
            with self.lock:
                done = list(handler(self, bound.parameters, bound.what_if))
        except failures.Refused as refused:
            done = [refused.record(bound.cmdlet, self.machine)]
        yield from (kept for record in done if (kept := preferred(bound, record)) is not None)


def fqdn(edge: Edge) -> str:
    return f"{edge.machine.lower()}.dmz.example"


def get_exchange_server(edge: Edge, given: Parameters, what_if: bool) -> t.Iterator[Record]:
    if str(given.get("Identity", edge.machine)).lower() not in (edge.machine.lower(), fqdn(edge)):
        raise failures.not_found(given["Identity"])
    role = edge.role == "Edge"
    entry = Entry(edge.machine, "", f"CN=Servers,{ROOT_DN}", "", derived_guid("server", edge.machine), defaults(EXCHANGE_SERVER))
    entry.values |= {"ServerRole": edge.role, "IsEdgeServer": role, "IsMailboxServer": not role, "Fqdn": fqdn(edge), "IsE14OrLater": True}
    shown = shaped(EXCHANGE_SERVER, entry)
    properties = {**shown.props, "AdminDisplayVersion": BUILDS[edge.contract.version], "OriginatingServer": "localhost"}
    yield Output(Obj(shown.types, properties, string=edge.machine))


def get_settings(edge: Edge, given: Parameters, what_if: bool) -> t.Iterator[Record]:
    shown = {**edge.settings.values, "BypassedRecipients": MultiValued(list(edge.settings.values["BypassedRecipients"]), _ADDRESS_LIST)}
    known = configuration_identification(edge.settings) | {"OriginatingServer": "localhost"}
    yield Output(Obj((f"{_SYSTEM_CONFIGURATION}.IPBlockListProviderConfig", *CONFIGURATION_TYPES), shown | known, string=edge.settings.name))


def set_settings(edge: Edge, given: Parameters, what_if: bool) -> t.Iterator[Record]:
    changes = dict(given)
    if "BypassedRecipients" in given:
        changes["BypassedRecipients"] = merge(edge.settings.values["BypassedRecipients"], given["BypassedRecipients"], _address)
    if all(edge.settings.values[name] == value for name, value in changes.items()):
        yield Warned(failures.unchanged(edge.settings.name))
    elif not what_if:
        edge.settings.values.update(changes)


def _address(value: t.Any) -> str:
    return t.cast(str, convert(Argument("Set-IPBlockListProvidersConfig", "BypassedRecipients", {"type": "SmtpAddress"}), value))


def get_agents(edge: Edge, given: Parameters, what_if: bool) -> t.Iterator[Record]:
    for priority, name in enumerate(AGENTS, 1):
        if "Identity" not in given or name == _agent(edge, given):
            properties = {
                "Enabled": edge.agents[name],
                "Priority": priority,
                "Identity": ValueObj(("Microsoft.Exchange.Management.AgentTasks.TransportAgentObjectId", "System.Object"), name),
                "IsValid": True,
                "ObjectState": "New",
            }
            yield Output(Obj(("Microsoft.Exchange.Management.AgentTasks.TransportAgent", "System.Object"), properties, string=name))


def enable_agent(edge: Edge, given: Parameters, what_if: bool) -> t.Iterator[Record]:
    return _switch(edge, given, what_if, True)


def disable_agent(edge: Edge, given: Parameters, what_if: bool) -> t.Iterator[Record]:
    return _switch(edge, given, what_if, False)


def _switch(edge: Edge, given: Parameters, what_if: bool, enabled: bool) -> t.Iterator[Record]:
    name = _agent(edge, given)
    if not what_if:
        edge.agents[name] = enabled
        yield Warned(RESTART)


def _agent(edge: Edge, given: Parameters) -> str:
    if "TransportService" in given:
        raise failures.not_emulated("*-TransportAgent", "-TransportService")
    found = [name for name in AGENTS if name.lower() == str(given["Identity"]).lower()]
    if not found:
        raise failures.refused(f'Transport agent "{given["Identity"]}" not found.', "ArgumentException", "InvalidArgument")
    return found[0]


Handler = t.Callable[[Edge, Parameters, bool], t.Iterator[Record]]
HANDLERS: dict[str, Handler] = {
    "get-exchangeserver": get_exchange_server,
    "get-ipblocklistprovidersconfig": get_settings,
    "set-ipblocklistprovidersconfig": set_settings,
    "get-transportagent": get_agents,
    "enable-transportagent": enable_agent,
    "disable-transportagent": disable_agent,
}
