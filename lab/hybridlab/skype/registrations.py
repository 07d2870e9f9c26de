# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an account gets when it is enabled for Skype for Business Server, as a user or as a meeting room.

Sources: Microsoft's reference of Enable-, Set-, Move- and Disable-CsMeetingRoom and -CsUser.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from hybridlab.clixml import Obj, ValueObj
from hybridlab.contract import refusals
from hybridlab.records import Warned
from hybridlab.skype import failures, topology
from hybridlab.skype.accounts import ATTRIBUTES, Account

if t.TYPE_CHECKING:
    from hybridlab.skype.server import Call, Skype

Kind = t.Literal["user", "meeting room"]
Values = dict[str, t.Any]
ADDRESS = "msRTCSIP-PrimaryUserAddress"
ROOM_URN = "urn:device:roomsystem"
"""What msRTCSIP-OwnerUrn says of a meeting room."""
ADDRESS_TYPES = ("SamAccountName", "FirstLastName", "EmailAddress", "UserPrincipalName", "None")
ARCHIVING = ("Uninitialized", "UseLyncArchivingPolicy", "NoArchiving", "ArchivingToExchange")
SETTINGS: Values = {
    "Enabled": True,
    "SipAddress": "",
    "LineURI": "",
    "LineServerURI": "",
    "PrivateLine": None,
    "EnterpriseVoiceEnabled": False,
    "AudioVideoDisabled": False,
    "RemoteCallControlTelephonyEnabled": False,
    "HostedVoiceMail": None,
    "ExchangeArchivingPolicy": "Uninitialized",
}
IDENTIFIED = ("Identity", "Name", "DisplayName", "SamAccountName", "UserPrincipalName", "WindowsEmailAddress", "FirstName", "LastName")
POLICIES = tuple(
    "VoicePolicy VoiceRoutingPolicy DialPlan ConferencingPolicy ExternalAccessPolicy ClientPolicy LocationPolicy ArchivingPolicy HostedVoicemailPolicy".split()
)
"""The kinds of policies that are granted; Get- shows the name of a per-user policy, and nothing where that of a site or of the deployment holds."""
GRANTABLE = ("Redmond", "Rooms")
"""The per-user policies that there are, of every kind."""
NAMES = (*IDENTIFIED, "RegistrarPool", "HostingProvider", *POLICIES, *SETTINGS)
"""The properties of an enabled account."""
_SIP = re.compile(r"(?i)sip:([^@\s:]+)@([^@\s:]+)")
_TEL = re.compile(r"(?i)tel:\+?\d{1,20}(;ext=\d{1,10})?")
_SCHEMA = "Microsoft.Rtc.Management.ADConnect.Schema"
TYPES = {"user": (f"{_SCHEMA}.OCSADUser", "System.Object"), "meeting room": (f"{_SCHEMA}.OCSADMeetingRoom", f"{_SCHEMA}.OCSADUser", "System.Object")}


@dataclasses.dataclass
class Registration:
    """An enabled account.  ``unseen`` counts the reads as a user or a meeting room that still miss it."""

    account: Account
    kind: Kind
    pool: topology.Pool
    values: Values
    unseen: int = 0


def fresh(address: str) -> Values:
    """The settings of an account that was just enabled."""
    return {**SETTINGS, **dict.fromkeys(POLICIES), "SipAddress": address}


def enable(call: Call, kind: Kind) -> t.Iterator[Warned]:
    """Raises `failures.Refused`."""
    for name in ("HostingProviderProxyFqdn", "ProxyPool", "OriginatorSid"):
        if name in call.parameters:
            raise failures.not_emulated(call.cmdlet, f"-{name}, which is for Skype for Business Online")
    account = call.skype.account(call.parameters["Identity"])
    if "RegistrarPool" not in call.parameters:
        raise failures.invalid("One of RegistrarPool, HostingProviderProxyFqdn and ProxyPool is needed.")
    pool = topology.registrar(call.parameters["RegistrarPool"])
    address = _address(call, account)
    known = call.skype.registered(account)
    if known is not None:
        if (known.kind, known.pool, known.values["SipAddress"].lower()) != (kind, pool, address.lower()):
            raise failures.already_enabled(account.distinguished_name, known.kind)
        yield Warned(failures.unchanged(account.distinguished_name))
    else:
        _free(call.skype, "PrimaryUserAddress", "SipAddress", address, account)
        if not call.what_if:
            call.skype.enabled[account.guid] = made = Registration(account, kind, pool, fresh(address))
            fault = call.skype.faults.take("replica-lag", call.cmdlet)
            made.unseen = int(fault["reads"]) if fault else 0
            stamp(call.skype, made)


def disable(call: Call, kind: Kind) -> None:
    found = call.skype.registration(call.parameters["Identity"], kind)
    if not call.what_if:
        del call.skype.enabled[found.account.guid]
        call.skype.accounts.stamp(found.account, dict.fromkeys(ATTRIBUTES))


def change(call: Call, kind: Kind) -> t.Iterator[Warned]:
    found = call.skype.registration(call.parameters["Identity"], kind)
    asked = {name: value for name, value in call.parameters.items() if name not in ("Identity", "DomainController", "PassThru")}
    unknown = sorted(set(asked) - set(SETTINGS))
    if unknown:
        raise failures.not_emulated(call.cmdlet, f"-{unknown[0]}")
    values = found.values | {name: _value(call, name, value) for name, value in asked.items()}
    for name, attribute in (("SipAddress", "PrimaryUserAddress"), ("LineURI", "Line"), ("PrivateLine", "PrivateLine")):
        if values[name] and values[name] != found.values[name]:
            _free(call.skype, attribute, name, values[name], found.account)
    _consistent(values)
    if values == found.values:
        yield Warned(failures.unchanged(found.account.distinguished_name))
    elif not call.what_if:
        found.values = values
        stamp(call.skype, found)


def move(call: Call) -> t.Iterator[Warned]:
    for name in ("UserList", "HostedMigrationOverrideUrl", "ProxyPool", "Report", "Credential"):
        if name in call.parameters:
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    found = call.skype.registration(call.parameters["Identity"], "meeting room")
    pool = topology.registrar(call.parameters["Target"])
    if pool is found.pool:
        yield Warned(failures.unchanged(found.account.distinguished_name))
    elif not call.what_if:
        found.pool = pool
        stamp(call.skype, found)


def grant(call: Call) -> None:
    """Raises `failures.Refused`."""
    call.only("Identity", "PolicyName", "PassThru")
    found = call.skype.registration(call.parameters["Identity"], None)
    name = call.parameters.get("PolicyName") or None
    if name is not None:
        wanted = str(name).lower().removeprefix("tag:")
        known = next((one for one in GRANTABLE if one.lower() == wanted), None)
        if known is None:
            raise failures.invalid(f'Policy "{name}" is not a user policy. You can assign only a user policy to a specific user.')
        name = known
    if not call.what_if:
        found.values[call.cmdlet.removeprefix("Grant-Cs")] = name


def view(found: Registration) -> Obj:
    account = found.account
    shown: Values = {
        "Identity": ValueObj((f"{_SCHEMA}.ADObjectId", "System.Object"), account.distinguished_name),
        "Name": account.display_name,
        "DisplayName": account.display_name,
        "SamAccountName": account.sam_account_name,
        "UserPrincipalName": account.user_principal_name,
        "WindowsEmailAddress": account.mail,
        "FirstName": account.first_name,
        "LastName": account.last_name,
        "RegistrarPool": ValueObj(("Microsoft.Rtc.Management.Deploy.Internal.UserPoolResolver", "System.Object"), found.pool.fqdn),
        "HostingProvider": "SRV:",
        **found.values,
    }
    return Obj(TYPES[found.kind], shown, string=account.distinguished_name)


def attributes(found: Registration) -> dict[str, str]:
    """The attributes of Active Directory by which the registration is known there."""
    shown = {
        ADDRESS: found.values["SipAddress"],
        "msRTCSIP-UserEnabled": str(found.values["Enabled"]).upper(),
        "msRTCSIP-DeploymentLocator": "SRV:",
        "msRTCSIP-Line": found.values["LineURI"],
        "msRTCSIP-PrivateLine": found.values["PrivateLine"],
        "msRTCSIP-OwnerUrn": ROOM_URN if found.kind == "meeting room" else "",
    }
    return {name: value for name, value in shown.items() if value}


def stamp(skype: Skype, found: Registration) -> None:
    """Write the registration into its account; what it does not have goes."""
    skype.accounts.stamp(found.account, dict.fromkeys(ATTRIBUTES) | attributes(found))


def stamped(account: Account) -> Values:
    """The settings that the directory holds."""
    known = account.stamped
    return {
        "SipAddress": known.get(ADDRESS, ""),
        "Enabled": known.get("msRTCSIP-UserEnabled") == "TRUE",
        "LineURI": known.get("msRTCSIP-Line", ""),
        "PrivateLine": known.get("msRTCSIP-PrivateLine"),
    }


def _address(call: Call, account: Account) -> str:
    """The SIP address that a new registration gets.  Raises `failures.Refused`."""
    written, kind = call.parameters.get("SipAddress"), call.parameters.get("SipAddressType")
    if (written is None) == (kind is None):
        raise failures.invalid("Use either SipAddress or SipAddressType.")
    if written is not None:
        return _sip(written)
    chosen = next((one for one in ADDRESS_TYPES if one.lower() == str(kind).lower()), None)
    if chosen is None:
        raise refusals.not_an_enumerator(call.cmdlet, "SipAddressType", kind, "Microsoft.Rtc.Management.AD.Cmdlets.AddressType", ADDRESS_TYPES)
    name = {
        "SamAccountName": account.sam_account_name,
        "FirstLastName": f"{account.first_name}.{account.last_name}" if account.first_name and account.last_name else "",
        "EmailAddress": account.mail,
        "UserPrincipalName": account.user_principal_name,
        "None": "",
    }[chosen]
    if not name:
        raise failures.invalid(f'The account "{account.distinguished_name}" has nothing of which a SIP address of type {chosen} could be made.')
    if chosen in ("SamAccountName", "FirstLastName"):
        if "SipDomain" not in call.parameters:
            raise failures.invalid(f"SipDomain is needed with SipAddressType {chosen}.")
        name = f"{name}@{call.parameters['SipDomain']}"
    return _sip(f"sip:{name}")


def _sip(value: t.Any) -> str:
    match = _SIP.fullmatch(str(value))
    if not match:
        raise failures.invalid(f'"{value}" is not a valid SIP address. It must begin with sip: and hold a user and a domain.')
    if match[2].lower() not in topology.DOMAINS:
        raise failures.invalid(f'"{match[2]}" is not a SIP domain of the deployment.')
    return f"sip:{match[1]}@{match[2]}"


def _value(call: Call, name: str, value: t.Any) -> t.Any:
    if name == "SipAddress":
        return _sip(value)
    if name == "ExchangeArchivingPolicy":
        chosen = next((one for one in ARCHIVING if one.lower() == str(value).lower()), None)
        if chosen is None:
            raise refusals.not_an_enumerator(call.cmdlet, name, value, "ExchangeArchivingPolicyOptionsEnum", ARCHIVING)
        return chosen
    if name in ("LineURI", "PrivateLine") and value and not _TEL.fullmatch(str(value)):
        raise failures.invalid(f'"{value}" is not a valid {name}. It must have the form tel:+14255551297 or tel:+14255551297;ext=51297.')
    if name == "LineServerURI" and value and not _SIP.fullmatch(str(value)):
        raise failures.invalid(f'"{value}" is not a valid LineServerURI. It must begin with sip:.')
    return value if value is not None else SETTINGS[name]


def _free(skype: Skype, attribute: str, name: str, value: str, account: Account) -> None:
    for other in filter(None, map(skype.registered, skype.accounts)):
        lines = (other.values["LineURI"], other.values["PrivateLine"]) if name != "SipAddress" else (other.values["SipAddress"],)
        if other.account.guid != account.guid and value.lower() in [str(one).lower() for one in lines]:
            raise failures.not_unique(attribute, value, other.account.distinguished_name)


def _consistent(values: Values) -> None:
    if values["RemoteCallControlTelephonyEnabled"] and not (values["LineURI"] and values["LineServerURI"]):
        raise failures.invalid("RemoteCallControlTelephonyEnabled needs both LineURI and LineServerURI.")
    if values["AudioVideoDisabled"] and (values["EnterpriseVoiceEnabled"] or values["RemoteCallControlTelephonyEnabled"]):
        raise failures.invalid("AudioVideoDisabled can't be $true with EnterpriseVoiceEnabled or RemoteCallControlTelephonyEnabled.")
