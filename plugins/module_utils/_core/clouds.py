# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clouds of Microsoft 365 and their hosts: what differs between a tenant of one and of another, and nothing else.

Sources: Microsoft's documentation of Exchange Online PowerShell for national clouds, of the Microsoft identity platform's national
clouds and of Microsoft Graph's national deployments.  A host is a name, without scheme and path.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Cloud:
    """One cloud.

    ``login`` issues the tokens.  ``exchange`` and ``graph`` serve the requests and are, with ``https://`` before them, the resources that
    tokens are issued for: an option that sends requests to another host changes nothing about the token.
    """

    name: str
    title: str
    login: str
    exchange: str
    graph: str


CLOUDS: dict[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud("worldwide", "Microsoft 365 and Office 365 GCC", "login.microsoftonline.com", "outlook.office365.com", "graph.microsoft.com"),
        Cloud("gcc_high", "Office 365 GCC High", "login.microsoftonline.us", "outlook.office365.us", "graph.microsoft.us"),
        Cloud("dod", "Office 365 DoD", "login.microsoftonline.us", "outlook-dod.office365.us", "dod-graph.microsoft.us"),
        # Preview documentation names outlook.office365.cn; every tool that works with this cloud uses partner.outlook.cn.
        Cloud("china", "Office 365 operated by 21Vianet", "login.partner.microsoftonline.cn", "partner.outlook.cn", "microsoftgraph.chinacloudapi.cn"),
    )
}
