# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant of the lab with requests alone, as a script without the collection would reach it."""

from __future__ import annotations

import pathlib
import threading
import typing as t

import requests
import yaml

EXCHANGE = "https://outlook.office365.com"
GRAPH = "https://graph.microsoft.com"


def host(lab: pathlib.Path, group: str, name: str) -> dict[str, t.Any]:
    """The variables of a host of the lab's inventory."""
    return t.cast("dict[str, t.Any]", yaml.safe_load(lab.read_text(encoding="utf-8"))["all"]["children"][group]["hosts"][name])


class Bare:
    """``variables`` are those of the inventory's host, ``resource`` is the service that the token is for."""

    def __init__(self, variables: t.Mapping[str, t.Any], resource: str) -> None:
        self._ca = str(variables["m365_tenant_ca_cert"])
        self._local = threading.local()
        self._authorization = ""
        form = {"grant_type": "client_credentials", "scope": f"{resource}/.default"}
        form |= {"client_id": variables["m365_tenant_client_id"], "client_secret": variables["m365_tenant_client_secret"]}
        place = f"https://{variables['m365_tenant_login_host']}/{variables['m365_tenant_id']}/oauth2/v2.0/token"
        found = self.session().post(place, form, timeout=60)
        found.raise_for_status()
        self._authorization = f"Bearer {found.json()['access_token']}"
        del self._local.session

    def session(self) -> requests.Session:
        """This thread's session, with the token in its headers."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env, self._local.session.verify = False, self._ca
            self._local.session.headers["Authorization"] = self._authorization
        return t.cast(requests.Session, self._local.session)

    def pages(self, link: str) -> list[t.Any]:
        """A list of Microsoft Graph, page after page.  Raises requests.HTTPError."""
        found: list[t.Any] = []
        while link:
            answer = self.session().get(link, timeout=60)
            answer.raise_for_status()
            page = answer.json()
            found += page["value"]
            link = page.get("@odata.nextLink", "")
        return found
