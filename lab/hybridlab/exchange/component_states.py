# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Components of servers and who holds them: a component is active only as long as no requester wants it otherwise.

What a requester wanted is kept in the server's registry (local) and in Active Directory (remote); the newer one of the two counts.
Everything but a few components follows ServerWideOffline.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from hybridlab.clixml import Enum, MultiValued, Obj, ValueObj
from hybridlab.exchange import failures, values
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.directory import EPOCH
from hybridlab.exchange.shapes import AD_OBJECT_ID
from hybridlab.records import Output, Record

COMPONENTS = (
    "ServerWideOffline HubTransport FrontendTransport Monitoring RecoveryActionsEnabled AutoDiscoverProxy ActiveSyncProxy EcpProxy EwsProxy ImapProxy OabProxy "
    "OwaProxy PopProxy PushNotificationsProxy RpsProxy RwsProxy RpcProxy XropProxy HttpProxyAvailabilityGroup ForwardSyncDaemon ProvisioningRps MapiProxy "
    "EdgeTransport HighAvailability SharedCache MailboxDeliveryProxy RoutingUpdates RestProxy DefaultProxy Lsass RoutingService E4EProxy CafeLAMv2 "
    "LogExportProvider"
).split()
ALONE = ("ServerWideOffline", "ForwardSyncDaemon", "ProvisioningRps")
"""Components that ServerWideOffline says nothing of; the last two are inactive on a server of one's own."""
REQUESTERS = ("HealthAPI", "Maintenance", "Sidelined", "Functional", "Deployment")
STATES = ("Inactive", "Active", "Draining")
_TYPE = "Microsoft.Exchange.Data.Directory.Management.ServerComponentStatePresentationObject"
_BASE = ("Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_LIST = f"System.Collections.Generic.List`1[[{_TYPE}+RequesterDetails]]"


@dataclasses.dataclass(frozen=True)
class Wish:
    """What one requester wanted of a component, and when."""

    state: str
    at: datetime.datetime


Where = t.Literal["local", "remote"]


class Wishes:
    """All of them, by server, component, requester and place."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str, Where], Wish] = {}
        self._clock = EPOCH
        for component in ALONE[1:]:
            for server in ("EX01", "EX02"):
                self._known[server, component, "Functional", "local"] = Wish("Inactive", EPOCH)

    def put(self, server: str, component: str, requester: str, places: t.Iterable[Where], state: str) -> None:
        self._clock += datetime.timedelta(minutes=1)
        for place in places:
            self._known[server, component, requester, place] = Wish(state, self._clock)

    def of(self, server: str, component: str, place: Where) -> dict[str, Wish]:
        return {key[2]: wish for key, wish in self._known.items() if key[:2] == (server, component) and key[3] == place}

    def state(self, server: str, component: str) -> str:
        """The state that counts."""
        newest: dict[str, Wish] = {}
        for place in ("local", "remote"):
            for requester, wish in self.of(server, component, place).items():
                if requester not in newest or wish.at > newest[requester].at:
                    newest[requester] = wish
        held = {wish.state for wish in newest.values()}
        own = "Inactive" if "Inactive" in held else "Draining" if "Draining" in held else "Active"
        return "Inactive" if component not in ALONE and self.state(server, ALONE[0]) == "Inactive" else own


def _component(call: Call) -> str | None:
    asked = call.parameters.get("Component")
    if asked is None:
        return None
    known = {name.lower(): name for name in COMPONENTS}
    if str(asked).lower() not in known:
        raise failures.refused(f"The component '{asked}' isn't valid on server '{call.identity}'.", "ArgumentException", "InvalidArgument")
    return known[str(asked).lower()]


def get(call: Call) -> t.Iterable[Record]:
    server = call.server.servers.one(call.identity).name
    wanted = _component(call)
    return [Output(_view(call, server, component)) for component in COMPONENTS if wanted in (None, component)]


def set_state(call: Call) -> t.Iterable[Record]:
    server = call.server.servers.one(call.identity).name
    component, state = t.cast(str, _component(call)), str(call.parameters["State"])
    known = {name.lower(): name for name in REQUESTERS}
    requester = known.get(str(call.parameters["Requester"]).lower())
    if requester is None:
        text = f"The requester '{call.parameters['Requester']}' isn't valid. Valid values are: {', '.join(REQUESTERS)}."
        raise failures.refused(text, "ArgumentException", "InvalidArgument")
    if call.parameters.get("LocalOnly") and call.parameters.get("RemoteOnly"):
        raise failures.refused("LocalOnly and RemoteOnly can't be used together.", "ArgumentException", "InvalidArgument")
    places: tuple[Where, ...] = ("local",) if call.parameters.get("LocalOnly") else ("remote",) if call.parameters.get("RemoteOnly") else ("local", "remote")
    if not call.what_if:
        call.server.components.put(server, component, requester, places, state)
    return []


def _view(call: Call, server: str, component: str) -> Obj:
    wishes = call.server.components
    state = wishes.state(server, component)
    return Obj(
        (_TYPE, *_BASE),
        {
            "ServerFqdn": f"{server.lower()}.contoso.com",
            "Component": component,
            "State": Enum(("Microsoft.Exchange.Data.ServiceState", "System.Enum", "System.ValueType", "System.Object"), STATES.index(state), state),
            "ServerWideOfflineIsOffline": wishes.state(server, ALONE[0]) == "Inactive",
            "LocalStates": _wishes(wishes.of(server, component, "local"), component),
            "RemoteStates": _wishes(wishes.of(server, component, "remote"), component),
            "Identity": ValueObj(AD_OBJECT_ID, server),
            "IsValid": True,
            "ObjectState": "Unchanged",
        },
        string=server,
    )


def _wishes(found: dict[str, Wish], component: str) -> MultiValued:
    details = (f"{_TYPE}+RequesterDetails", "System.Object")
    items = [
        Obj(details, {"Requester": requester, "State": wish.state, "Timestamp": values.local(wish.at), "Component": component}, string=requester)
        for requester, wish in found.items()
    ]
    return MultiValued(items, (_LIST, "System.Object"))


HANDLERS: dict[str, Handler] = {"Get-ServerComponentState": get, "Set-ServerComponentState": set_state}
