# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchange with the Rights Management connector: what is refused, what changes in the registry of a server, and what stays to be done by hand.

The four values are those of Microsoft's "Registry setting for the RMS connector".  Nothing here talks to a server.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import build, registry_values

Object = t.Mapping[str, t.Any]
MSDRM = r"HKLM:\SOFTWARE\Microsoft\MSDRM\ServiceLocation"
OLDEST = {(14, 3): "Exchange Server 2010 SP3", (15, 0, 775): "Exchange Server 2013 CU3"}
"""What the connector works with at the least; 2010 needs Update Rollup 2 besides, which no version shows."""
CLUSTERS = ",cn=rightsmanagementservices,cn=services,"
"""Part of the name of the one object, CN=SCP, that AD RMS registers itself by in the configuration partition."""
PAGE = "/_wmcs/certification/servercertification.asmx"
ANSWERS = (200, 401)
"""What the connector says to somebody who is not one of its servers: it wants to know who that is."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_SERVICE = re.compile(r"/_wmcs(/(licensing|certification))?/?$", re.IGNORECASE)


def make(reading: Object, wishes: Object) -> dict[str, t.Any]:
    """The plan for one server; filter/rms_plan.yml says what it holds.  Raises KeyError, ValueError."""
    server = str(reading["server"])
    version = next((one["admin_display_version"] for one in reading["servers"] if str(one["name"]).casefold() == server.casefold()), None)
    tenant, connector = host(wishes["tenant_url"], "rms_connector_tenant_url"), host(wishes["connector_url"], "rms_connector_url")
    wanted = settings(tenant, connector, _generation(version))
    if "keys" not in reading:
        return {"paths": [one["path"] for one in wanted], "url": f"https://{connector}", "page": f"https://{connector}{PAGE}"}
    keys = {str(path): stat for path, stat in reading["keys"].items()}
    found = {(one["path"], one["name"]): registry_values.find(keys[one["path"]], one["name"]) for one in wanted}
    changes = [one for one in wanted if _differs(found[one["path"], one["name"]], one)]
    rivals = list(_rivals(reading, found, tenant))
    return {
        "problems": [
            *_version(server, version),
            *_answer(connector, reading["answer"]),
            *(() if values.boolean(wishes.get("accept_ad_rms")) else (f"{one}. {_ACCEPT}" for one in rivals)),
        ],
        "ad_rms": rivals,
        "changes": changes,
        "saved": [registry_values.back(one["path"], one["name"], found[one["path"], one["name"]]) for one in changes],
        "url": f"https://{connector}",
        "values": {f"{one['path']}\\{one['name'] or '(Default)'}": one["data"] for one in wanted},
        "checklist": list(_checklist(server, tenant, connector, version)),
    }


_ACCEPT = (
    "What AD RMS protected can be opened only with its keys, which have to be brought to Azure Rights Management first; set rms_connector_accept_ad_rms when "
    "that is done"
)


def host(url: t.Any, option: str) -> str:
    """The host of a URL, given as a host, as a URL or with the path of a service.  Raises ValueError for anything else, and for http."""
    text = str(url or "").strip()
    scheme, separator, rest = text.rpartition("://")
    name = _SERVICE.sub("", rest).rstrip("/").lower()
    if separator and scheme.lower() != "https":
        raise ValueError(f"{option}: '{text}' is not https. Exchange sends licences with it, so the connector needs a certificate")
    if not _HOST.fullmatch(name):
        raise ValueError(f"{option}: '{text}' is no URL of a host, such as https://rmsconnector.contoso.com")
    return name


def settings(tenant: str, connector: str, generation: str) -> list[registry_values.Options]:
    """The four values as options of win_regedit; an empty name is a key's default value."""
    exchange = rf"HKLM:\SOFTWARE\Microsoft\ExchangeServer\{generation}\IRM"
    return [
        registry_values.present(rf"{MSDRM}\Activation", "", "string", f"https://{tenant}/_wmcs/certification"),
        registry_values.present(rf"{MSDRM}\EnterprisePublishing", "", "string", f"https://{tenant}/_wmcs/Licensing"),
        registry_values.present(rf"{exchange}\CertificationServerRedirection", f"https://{tenant}", "string", f"https://{connector}"),
        registry_values.present(rf"{exchange}\LicenseServerRedirection", f"https://{tenant}", "string", f"https://{connector}"),
    ]


def _differs(found: Object | None, wanted: registry_values.Options) -> bool:
    """URLs are the same in any case."""
    return registry_values.differs(found, wanted) and not (
        found is not None and found["type"] == "REG_SZ" and _folded(found["value"]) == _folded(wanted["data"])
    )


def _folded(url: t.Any) -> str:
    return str(url).rstrip("/").casefold()


def _generation(version: t.Any) -> str:
    return "v14" if version is not None and build.parse(version).parts[0] == 14 else "v15"


# Refusals


def _version(server: str, version: t.Any) -> t.Iterator[str]:
    if version is None:
        yield f"{server} is no server of the Exchange organization. Name it in rms_connector_server as Exchange does"
        return
    parts = build.parse(version).parts
    if not any(parts[0] == least[0] and parts >= least for least in OLDEST):
        yield f"{server} runs {version}; the connector works with {' or '.join(OLDEST.values())} and later"


def _answer(connector: str, answer: Object) -> t.Iterator[str]:
    """``answer`` is what win_uri returned for the connector's page, from this server."""
    status = answer.get("status_code")
    if status is not None and int(status) in ANSWERS:
        return
    said = f"it answers {status} {answer.get('status_description') or ''}".strip() if status else str(answer.get("msg") or "there is no answer")
    yield (
        f"https://{connector}{PAGE} cannot be used from here: {said.rstrip('.')}. Exchange would have no licences; look at the connector, its name and its "
        "certificate"
    )


def _rivals(reading: Object, found: t.Mapping[tuple[str, str], Object | None], tenant: str) -> t.Iterator[str]:
    """What speaks of another AD RMS: Active Directory, the registry, and Exchange's own configuration."""
    for one in reading["service_connection_points"]:
        if CLUSTERS not in str(one["dn"]).lower():
            continue  # another product's
        where = one.get("serviceBindingInformation") or one["dn"]
        yield f"Active Directory names an AD RMS cluster: {', '.join(where) if isinstance(where, list) else where}"
    for (path, _name), value in found.items():
        if path.startswith(MSDRM) and value is not None and not _same(value["value"], tenant):
            yield f"the registry names another server of rights management: {path} is {value['value']}"
    for location in reading["irm"].get("licensing_location") or ():
        if not _same(location, tenant):
            yield f"Exchange gets licences from {location} (LicensingLocation)"


def _same(url: t.Any, tenant: str) -> bool:
    return re.match(r"(?i)https://([^/]+)", str(url)) is not None and str(url).lower().split("/")[2] == tenant


# What has no interface


def _checklist(server: str, tenant: str, connector: str, version: t.Any) -> t.Iterator[str]:
    yield (
        f"The connector is installed (RMSConnectorSetup.exe) behind {connector}, on at least two servers of Windows Server 2008 R2 or later that are no "
        "Exchange servers"
    )
    yield f"In its administration tool, {server} or a group of Exchange servers such as 'Exchange Servers' is allowed to use it as Exchange server"
    yield (
        f"Azure Rights Management is activated, and {tenant} is the host of LicensingIntranetDistributionPointUrl in Get-AipServiceConfiguration, "
        "without /_wmcs/licensing"
    )
    if version is not None and _generation(version) == "v14":
        yield f"Update Rollup 2 of Service Pack 3 or later is installed on {server}"
    yield f"Where {server} had other certificates of rights management before: Set-IRMConfiguration -RefreshServerCertificates, then restart IIS"
