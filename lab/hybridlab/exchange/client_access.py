# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get- and Set-CASMailbox: the protocols and clients that may open a mailbox."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, listed
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_settings import Sheet, owner, owners
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.mailbox_view import RECIPIENT_BASE, exists, identification, read
from hybridlab.exchange.opath import compiled
from hybridlab.exchange.settings import named, stored
from hybridlab.records import Record

MIME_FORMATS = ("TextOnly", "HtmlOnly", "HtmlAndTextAlternative", "TextEnrichedOnly", "TextEnrichedAndTextAlternative", "BestBodyFormat", "Tnef")
ACTIVE_SYNC_POLICIES = ("Default", "Managers")
OWA_POLICIES = ("Default", "Kiosk")
ROWS = """
ActiveSyncAllowedDeviceIDs              texts
ActiveSyncBlockedDeviceIDs              texts
ActiveSyncMailboxPolicy                 =policy     -
ActiveSyncEnabled                       bool        true
ActiveSyncSuppressReadReceipt           bool        false
ECPEnabled                              bool        true
EwsAllowEntourage                       bool?       -
EwsAllowList                            texts
EwsAllowMacOutlook                      bool?       -
EwsAllowOutlook                         bool?       -
EwsApplicationAccessPolicy              text?       -
EwsBlockList                            texts
EwsEnabled                              bool?       -
ImapEnabled                             bool        true
ImapEnableExactRFC822Size               bool        false
ImapForceICalForCalendarRetrievalOption bool        false
ImapMessagesRetrievalMimeFormat         =enum       BestBodyFormat
ImapSuppressReadReceipt                 bool        false
ImapUseProtocolDefaults                 bool        true
IsOptimizedForAccessibility             bool        false
MAPIBlockOutlookExternalConnectivity    bool        false
MAPIBlockOutlookNonCachedMode           bool        false
MAPIBlockOutlookRpcHttp                 bool        false
MAPIBlockOutlookVersions                text?       -
MAPIEnabled                             bool        true
MapiHttpEnabled                         bool?       -
OWAEnabled                              bool        true
OWAforDevicesEnabled                    bool        true
OwaMailboxPolicy                        =policy     -
PopEnabled                              bool        true
PopEnableExactRFC822Size                bool        false
PopForceICalForCalendarRetrievalOption  bool        false
PopMessagesRetrievalMimeFormat          =enum       BestBodyFormat
PopSuppressReadReceipt                  bool        false
PopUseProtocolDefaults                  bool        true
PublicFolderClientAccess                bool        false
ShowGalAsDefaultView                    bool        true
"""
SHOWN_BY = {"ActiveSyncSuppressReadReceipt": "ActiveSyncSuppressReadReceipt", "IsOptimizedForAccessibility": "ReadIsOptimizedForAccessibility"}
"""Properties in the mailbox itself, and the switch without which they are not read."""
_LISTS = {"EwsAllowList": "EnforceAllowList", "EwsBlockList": "EnforceBlockList"}
"""A list of applications and the policy under which it is one: both are one attribute, which the lab keeps as the list of the policy in force."""
_NAMING = ("DisplayName", "SamAccountName", "EmailAddresses", "PrimarySmtpAddress", "LinkedMasterAccount", "ServerName", "LegacyExchangeDN")


def _named(entry: Entry) -> dict[str, t.Any]:
    known = {name: read(entry, name) for name in _NAMING}
    return known | identification(entry) | {"HasActiveSyncDevicePartnership": False, "IsValid": True, "ObjectState": "Unchanged"}


SHEET = Sheet("CASMailbox", table(ROWS), ("Microsoft.Exchange.Data.Directory.Management.CASMailbox", *RECIPIENT_BASE), _named)


def view(call: Call, entry: Entry) -> Obj:
    """A mailbox without an ActiveSync policy of its own shows the organisation's default one."""
    found = SHEET.view(call, entry)
    own = SHEET.read(entry, "ActiveSyncMailboxPolicy")
    shown = {"ActiveSyncMailboxPolicy": own or ACTIVE_SYNC_POLICIES[0], "ActiveSyncMailboxPolicyIsDefaulted": own is None}
    unread = {name: False for name, switch in SHOWN_BY.items() if name in found.props and not call.parameters.get(switch)}
    return Obj(found.types, {**found.props, **shown, **unread}, string=found.string)


_EMULATED = "Identity Anr Filter OrganizationalUnit ResultSize DomainController ReadFromDomainController IgnoreDefaultScope".split()


def get_cas_mailbox(call: Call) -> t.Iterable[Record]:
    for name in call.parameters:
        if name not in _EMULATED and name not in SHOWN_BY.values():
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    entries = owners(call)
    if call.parameters.get("Filter") is not None:
        matches = compiled(call.parameters["Filter"], {*SHEET.rows, *_NAMING, "Name"}, _plain)
        entries = [entry for entry in entries if matches(entry)]
    if call.parameters.get("OrganizationalUnit"):
        container, _ = call.server.container(call.parameters["OrganizationalUnit"])
        entries = [entry for entry in entries if entry.container == container]
    if call.parameters.get("Anr"):
        beginning = call.parameters["Anr"].lower()
        entries = [entry for entry in entries if any(str(read(entry, name)).lower().startswith(beginning) for name in ("Name", "Alias", "DisplayName"))]
    return listed(call, entries, lambda entry: view(call, entry))


def _plain(entry: Entry, name: str) -> t.Any:
    return SHEET.read(entry, name) if name in SHEET.rows else read(entry, name)


def set_cas_mailbox(call: Call) -> t.Iterable[Record]:
    entry = owner(call)
    special: dict[str, t.Callable[[t.Any], t.Any]] = {
        "ActiveSyncMailboxPolicy": lambda value: named("mobile device mailbox policy", value, ACTIVE_SYNC_POLICIES),
        "OwaMailboxPolicy": lambda value: named("Outlook Web App mailbox policy", value, OWA_POLICIES),
        **dict.fromkeys(("ImapMessagesRetrievalMimeFormat", "PopMessagesRetrievalMimeFormat"), lambda value: MIME_FORMATS[int(value)]),
    }
    for name in call.settings:
        if not exists(call.contract, call.cmdlet, name):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    changes = SHEET.changes(call, entry, special)
    _applications(call, entry, changes)
    return SHEET.write(call, entry, changes)


def _applications(call: Call, entry: Entry, changes: dict[str, t.Any]) -> None:
    """The one attribute is what a list makes of it; a list brings its policy with it, and a policy without a list empties the attribute."""
    given = [name for name in _LISTS if name in changes]
    if len(given) > 1:
        raise failures.refused("You can't set both EwsAllowList and EwsBlockList.", "ArgumentException", "InvalidArgument")
    if given and changes.get("EwsApplicationAccessPolicy", _LISTS[given[0]]) != _LISTS[given[0]]:
        text = f"You can't set {given[0]} when EwsApplicationAccessPolicy is {changes['EwsApplicationAccessPolicy']}."
        raise failures.refused(text, "ArgumentException", "InvalidArgument")
    if not given and "EwsApplicationAccessPolicy" not in changes:
        return
    attribute = [*SHEET.read(entry, "EwsAllowList"), *SHEET.read(entry, "EwsBlockList")]
    changes |= {name: [] for name in _LISTS}
    for name in given:
        changes |= {"EwsApplicationAccessPolicy": _LISTS[name], name: stored(SHEET.rows[name], call.settings[name], attribute, call.server)}


HANDLERS = {"Get-CASMailbox": get_cas_mailbox, "Set-CASMailbox": set_cas_mailbox}
