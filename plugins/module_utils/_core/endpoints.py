# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be reached over PowerShell remoting, and how, unless the options say otherwise."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """One kind of endpoint.

    ``ports`` by scheme.  ``service`` is the service class of the Kerberos principal (SPN) that the server answers to.
    ``first_calls`` run in every new session before any other: cmdlet and parameters.  ``snapins`` are names of one snap-in that a
    session needs; the first that the server has is loaded, right after them.
    """

    name: str
    title: str
    scheme: str
    ports: t.Mapping[str, int]
    path: str
    configuration: str
    auth: str
    service: str
    first_calls: tuple[tuple[str, t.Mapping[str, t.Any]], ...] = ()
    snapins: tuple[str, ...] = ()


_WEB = {"http": 80, "https": 443}
_WINRM = {"http": 5985, "https": 5986}

ENDPOINTS: dict[str, Endpoint] = {
    endpoint.name: endpoint
    for endpoint in (
        # The PowerShell virtual directory of IIS: plain http, because Kerberos encrypts the messages; IIS answers to HTTP/<fqdn>.
        # ViewEntireForest belongs to the session: without it, objects of other domains of the forest are "not found".
        Endpoint(
            "exchange",
            "Exchange Server",
            "http",
            _WEB,
            "PowerShell",
            "Microsoft.Exchange",
            "kerberos",
            "HTTP",
            (("Set-ADServerSettings", {"ViewEntireForest": True}),),
        ),
        # An Edge Transport server is not in the domain and has no PowerShell virtual directory: its cmdlets come as a snap-in.  The first
        # name is that of Exchange Server 2013 and later (release notes of 2013), the second that of 2010, which later versions keep.
        Endpoint(
            "edge",
            "Exchange Edge Transport",
            "https",
            _WINRM,
            "wsman",
            "Microsoft.PowerShell",
            "negotiate",
            "host",
            snapins=("Microsoft.Exchange.Management.PowerShell.SnapIn", "Microsoft.Exchange.Management.PowerShell.E2010"),
        ),
        Endpoint("skype", "Skype for Business Server", "https", _WEB, "OcsPowershell", "Microsoft.PowerShell", "negotiate", "HTTP"),
        Endpoint("windows", "Windows", "https", _WINRM, "wsman", "Microsoft.PowerShell", "negotiate", "host"),
    )
}
