# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Web Application Proxy: the proxies of a farm, and its cmdlets.

The configuration is in the farm, where every proxy reads it with its trust certificate; certificates are in the store of each proxy.
Sources: "Web Application Proxy in Windows Server", the reference of the cmdlets.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t
import uuid

from hybridlab.adfs import issuing, refusals
from hybridlab.adfs.farm import DEVICE, HTTPS, Farm
from hybridlab.clixml import Obj
from hybridlab.records import Output, Record
from hybridlab.windows.certificates import Certificates, Held, covers
from hybridlab.windows.machine import Machine

_NAMESPACE = "Microsoft.Management.Infrastructure.CimInstance#root/Microsoft/Windows/WebApplicationProxy"
_DEFAULTS: dict[str, t.Any] = {
    "ADFSRelyingPartyID": "",
    "ADFSRelyingPartyName": "",
    "ADFSUserCertificateStore": "",
    "BackendServerAuthenticationMode": "NoAuthentication",
    "BackendServerAuthenticationSPN": "",
    "BackendServerCertificateValidation": "None",
    "ClientCertificateAuthenticationBindingMode": "None",
    "ClientCertificatePreauthenticationThumbprint": "",
    "DisableHttpOnlyCookieProtection": False,
    "DisableTranslateUrlInRequestHeaders": False,
    "DisableTranslateUrlInResponseHeaders": False,
    "EnableHTTPRedirect": False,
    "EnableSignOut": False,
    "ExternalCertificateThumbprint": "",
    "ExternalPreauthentication": "PassThrough",
    "InactiveTransactionsTimeoutSec": 300,
    "PersistentAccessCookieExpirationTimeSec": 0,
    "UseOAuthAuthentication": False,
}


class Proxy:
    """One proxy.  ``trusted`` says whether the farm still takes its trust certificate."""

    def __init__(self, machine: Machine, farm: Farm, applications: dict[uuid.UUID, dict[str, t.Any]]) -> None:
        self.machine, self.farm, self.applications = machine, farm, applications
        self.trusted = True
        self.calls: list[tuple[str, dict[str, t.Any]]] = []
        self.trust = issuing.self_signed("ProxyTrust", machine.name, datetime.timedelta(days=20))
        machine.part(Certificates).add(farm.first)
        self.bindings = dict.fromkeys(((farm.service, HTTPS), (farm.service, DEVICE)), farm.first.thumbprint)

    @property
    def name(self) -> str:
        return self.machine.identity.fqdn

    @property
    def store(self) -> dict[str, Held]:
        return self.machine.part(Certificates).personal

    @property
    def running(self) -> bool:
        found = self.machine.services.find("appproxysvc")
        return found is not None and found.state == "started"

    def configured(self) -> None:
        """Refuse what needs the farm's configuration.  Raises `refusals.Refused`."""
        if not self.trusted:
            raise refusals.trust_ended(self.trust.thumbprint)

    def usable(self, thumbprint: str) -> Held:
        found = self.store.get(thumbprint.upper())
        if found is None or found.key is None:
            raise refusals.no_certificate(thumbprint, self.name)
        return found


@dataclasses.dataclass
class Call:
    """A bound call on one proxy."""

    proxy: Proxy
    cmdlet: str
    parameters: dict[str, t.Any]
    what_if: bool


def seed(farm: Farm) -> dict[uuid.UUID, dict[str, t.Any]]:
    """An application that a new farm publishes: the one whose certificate is the farm's."""
    one = uuid.UUID("6f1c8c8e-4a5d-4c7e-9d6b-0a4b8b1f2c3d")
    urls = {"ExternalUrl": "https://sts.contoso.com/portal/", "BackendServerUrl": "https://portal.contoso.com/portal/"}
    return {one: {**_DEFAULTS, "Name": "Portal", **urls, "ExternalCertificateThumbprint": farm.first.thumbprint}}


def _of(kind: str, shown: t.Mapping[str, t.Any]) -> Output:
    return Output(Obj((f"{_NAMESPACE}/{kind}", "Microsoft.Management.Infrastructure.CimInstance", "System.Object"), shown, string=kind))


def get_ssl(call: Call) -> t.Iterator[Record]:
    for (name, port), thumbprint in sorted(call.proxy.bindings.items()):
        yield _of("SslCertificate", {"HostName": name, "PortNumber": port, "CertificateHash": thumbprint})


def set_ssl(call: Call) -> t.Iterable[Record]:
    call.proxy.configured()
    held = call.proxy.usable(call.parameters["Thumbprint"])
    if not call.what_if:
        call.proxy.bindings = dict.fromkeys(call.proxy.bindings, held.thumbprint)
    return []


def get_configuration(call: Call) -> t.Iterator[Record]:
    call.proxy.configured()
    service = call.proxy.farm.service
    shown = {
        "ADFSOAuthAuthenticationURL": f"https://{service}/adfs/oauth2/authorize",
        "ADFSSignOutURL": f"https://{service}/adfs/ls/?wa=wsignout1.0",
        "ADFSTokenAcceptanceDurationSec": 120,
        "ADFSUrl": f"https://{service}/adfs/ls",
        "ConfigurationChangesPollingIntervalSec": 30,
        "ConnectedServersName": [call.proxy.name],
        "UserIdleTimeoutSec": 0,
    }
    yield _of("GlobalConfiguration", shown)


def get_health(call: Call) -> t.Iterator[Record]:
    states = {"AD FS Proxy": "OK" if call.proxy.trusted else "Error", "Web Application Proxy Core": "OK" if call.proxy.running else "Error"}
    for component, state in states.items():
        heuristics = [] if state == "OK" else ["The federation server does not take the trust certificate of this proxy."]
        shown = {"RemoteAccessServer": call.proxy.name, "Component": component, "HealthState": state, "Heuristics": heuristics}
        yield _of("HealthStatus", shown)


def _found(call: Call) -> dict[uuid.UUID, dict[str, t.Any]]:
    identity, name = call.parameters.get("ID"), call.parameters.get("Name")
    wanted = {str(one) for one in (identity if isinstance(identity, list) else [identity])} if identity else None
    all_of_them = call.proxy.applications.items()
    if wanted is not None:
        found = {key: one for key, one in all_of_them if str(key) in wanted}
    else:
        found = {key: one for key, one in all_of_them if name is None or one["Name"].lower() == str(name).lower()}
    if not found and (identity or name):
        raise refusals.no_application(identity or name)
    return found


def get_applications(call: Call) -> t.Iterator[Record]:
    call.proxy.configured()
    for key, one in sorted(_found(call).items(), key=lambda row: str(row[1]["Name"])):
        yield _of("PublishedWebApp", {"ID": key, **one})


def _checked(call: Call, given: dict[str, t.Any], before: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What a cmdlet gives an application.  Raises `refusals.Refused`."""
    wanted = {**before, **given}
    for name in ("ExternalUrl", "BackendServerUrl"):
        if not str(wanted[name]).lower().startswith(("https://", "http://")) or not str(wanted[name]).endswith("/"):
            raise refusals.Refused(f"The {name} '{wanted[name]}' is not valid: it must be a URL that ends with a slash.", category="InvalidArgument")
    thumbprint = wanted["ExternalCertificateThumbprint"]
    if str(wanted["ExternalUrl"]).lower().startswith("https://"):
        held = call.proxy.usable(thumbprint or "none")
        host = str(wanted["ExternalUrl"]).split("/")[2].partition(":")[0]
        if not covers(held.certificate, host):
            raise refusals.no_name(thumbprint, host)
        wanted["ExternalCertificateThumbprint"] = held.thumbprint
    if wanted["ExternalPreauthentication"].startswith("ADFS") and not wanted["ADFSRelyingPartyName"]:
        raise refusals.Refused("An application with AD FS preauthentication needs ADFSRelyingPartyName.", category="InvalidArgument")
    return wanted


def _given(call: Call) -> dict[str, t.Any]:
    unknown = [name for name in call.parameters if name not in (*_DEFAULTS, "Name", "ExternalUrl", "BackendServerUrl", "ID")]
    if unknown:
        raise refusals.not_emulated(call.cmdlet, f"-{unknown[0]}")
    return {name: value for name, value in call.parameters.items() if name != "ID"}


def add_application(call: Call) -> t.Iterable[Record]:
    call.proxy.configured()
    given = _checked(call, _given(call), _DEFAULTS)
    for one in call.proxy.applications.values():
        if one["Name"].lower() == given["Name"].lower() or one["ExternalUrl"].lower() == given["ExternalUrl"].lower():
            raise refusals.Refused(f"The application '{given['Name']}' already exists, or its external URL.", category="ResourceExists")
    if not call.what_if:
        call.proxy.applications[uuid.uuid4()] = given
    return []


def set_application(call: Call) -> t.Iterable[Record]:
    call.proxy.configured()
    found = call.proxy.applications.get(uuid.UUID(str(call.parameters["ID"])))
    if found is None:
        raise refusals.no_application(call.parameters["ID"])
    wanted = _checked(call, _given(call), found)
    if not call.what_if:
        found.update(wanted)
    return []


def remove_application(call: Call) -> t.Iterable[Record]:
    call.proxy.configured()
    for key in list(_found(call)) if not call.what_if else ():
        del call.proxy.applications[key]
    return []


HANDLERS: dict[str, t.Callable[[Call], t.Iterable[Record]]] = {
    "Add-WebApplicationProxyApplication": add_application,
    "Get-WebApplicationProxyApplication": get_applications,
    "Get-WebApplicationProxyConfiguration": get_configuration,
    "Get-WebApplicationProxyHealth": get_health,
    "Get-WebApplicationProxySslCertificate": get_ssl,
    "Remove-WebApplicationProxyApplication": remove_application,
    "Set-WebApplicationProxyApplication": set_application,
    "Set-WebApplicationProxySslCertificate": set_ssl,
}
