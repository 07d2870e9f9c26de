# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Email address policies: templates, a filter, an order.  A policy that is applied gives recipients their addresses."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import CONFIGURATION_DN, DOMAIN, Entry, Store
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.mailbox_write import Change, follow_policy
from hybridlab.exchange.opath import compiled
from hybridlab.exchange.policy_addresses import CONDITIONS as _CONDITIONS
from hybridlab.exchange.policy_addresses import FILTERABLE, LOWEST, policy_for
from hybridlab.exchange.recipient_table import PLAIN
from hybridlab.exchange.settings import merge
from hybridlab.records import Record

KINDS = {
    "AllRecipients": "Alias -ne $null",
    "MailboxUsers": "RecipientType -eq 'UserMailbox'",
    "Resources": "ResourceMetaData -like 'ResourceType:*'",
    "MailContacts": "RecipientType -eq 'MailContact'",
    "MailGroups": "RecipientType -eq 'MailUniversalDistributionGroup'",
    "MailUsers": "RecipientType -eq 'MailUser'",
}
UNIFIED = "RecipientTypeDetails -eq 'GroupMailbox'"
"""What a policy for Microsoft 365 groups, the only kind of Exchange Online, is for."""
ROWS = table(
    f"""
DisabledEmailAddressTemplates      =texts
EnabledEmailAddressTemplates       =texts
EnabledPrimarySMTPAddressTemplate  =text    ""
HasEmailAddressSetting             =bool    true
HasMailboxManagerSetting           =bool    false
IncludedRecipients                 flags    -:{",".join(KINDS)}
ManagedByFilter                    text     ""
Priority                           =text    1
RecipientContainer                 =text?   -
RecipientFilter                    =text    ""
RecipientFilterApplied             =bool    false
RecipientFilterType                =text    Precanned
"""
    + "\n".join(f"{name} texts" for name in _CONDITIONS)
)
_REFILTER = {"IncludedRecipients", "RecipientContainer", "EnabledEmailAddressTemplates", *_CONDITIONS}


class AddressPolicies(Sort):
    noun = "EmailAddressPolicy"
    parent = f"CN=Recipient Policies,{CONFIGURATION_DN}"
    rows = ROWS
    types = ("Microsoft.Exchange.Data.Directory.SystemConfiguration.EmailAddressPolicy",)

    def handlers(self) -> dict[str, Handler]:
        return {**super().handlers(), "Update-EmailAddressPolicy": self.update}

    def seed(self, store: Store) -> None:
        made = self.entry(
            "Default Policy",
            Priority=LOWEST,
            EnabledEmailAddressTemplates=[f"SMTP:@{DOMAIN}"],
            IncludedRecipients="AllRecipients",
            RecipientFilter=KINDS["AllRecipients"],
            RecipientFilterApplied=True,
        )
        store.add(made)

    def view(self, call: Call, entry: Entry) -> Obj:
        shown = super().view(call, entry)
        primary = next((one[5:] for one in entry.values["EnabledEmailAddressTemplates"] if one.startswith("SMTP:")), "")
        props = {**shown.props, "EnabledPrimarySMTPAddressTemplate": primary}
        if call.policies:
            del props["ManagedByFilter"]  # of groups that only the cloud has
        return Obj(shown.types, props, string=entry.name)

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        settings.pop("ForceUpgrade", None)
        self._refuse_default(settings, entry)
        found: Values = {}
        for name in ("EnabledEmailAddressTemplates", "DisabledEmailAddressTemplates"):
            if name in settings:
                found[name] = merge(entry.values[name] if entry else [], settings.pop(name), lambda one: _template(call, one))
        if "EnabledPrimarySMTPAddressTemplate" in settings:
            present = found.get("EnabledEmailAddressTemplates", entry.values["EnabledEmailAddressTemplates"] if entry else [])
            primary = _template(call, f"SMTP:{settings.pop('EnabledPrimarySMTPAddressTemplate')}")
            found["EnabledEmailAddressTemplates"] = [primary, *(one for one in present if not one.startswith("SMTP:"))]
        if "RecipientContainer" in settings:
            container = settings.pop("RecipientContainer")
            found["RecipientContainer"] = call.server.container(container)[0] if container else None
        if settings.pop("IncludeUnifiedGroupRecipients", False):
            found |= {"RecipientFilter": UNIFIED, "RecipientFilterType": "Custom"}
        elif entry is None and not call.policies:
            raise failures.invalid("You must specify IncludeUnifiedGroupRecipients: email address policies are for Microsoft 365 groups only.")
        if "RecipientFilter" in settings:
            found |= self._custom(settings)
        elif settings.get("IncludedRecipients") or any(name in settings for name in _CONDITIONS):
            found["RecipientFilterType"] = "Precanned"
        if "Priority" in settings or entry is None:
            found["Priority"] = self._placed(call, settings.pop("Priority", None), entry)
        if set(found) & _REFILTER or set(settings) & _REFILTER or "RecipientFilter" in found:
            found["RecipientFilterApplied"] = False
        return found

    def _custom(self, settings: Values) -> Values:
        """What a filter of the caller's own means.  Raises `failures.Refused`."""
        text = settings.pop("RecipientFilter")
        if set(settings) & {"IncludedRecipients", *_CONDITIONS}:
            raise failures.invalid("RecipientFilter can't be used together with IncludedRecipients or the Conditional parameters.")
        compiled(text, FILTERABLE, lambda entry, name: entry.values.get(name))
        return {"RecipientFilter": _printed(text), "RecipientFilterType": "Custom", "IncludedRecipients": None} | {name: [] for name in _CONDITIONS}

    def _refuse_default(self, settings: Values, entry: Entry | None) -> None:
        fixed = {"IncludedRecipients", "RecipientFilter", "RecipientContainer", "Priority", *_CONDITIONS} & set(settings)
        if entry is not None and entry.values["Priority"] == LOWEST and fixed:
            raise failures.refused(f"You can't change {sorted(fixed)[0]} of the default policy.", "InvalidOperationOnDefaultPolicyException")

    def _placed(self, call: Call, wanted: t.Any, entry: Entry | None) -> str:
        """The policy's place.  Raises `failures.Refused`."""
        others = [one for one in self._ordered(call) if one is not entry]
        try:
            place = len(others) + 1 if wanted is None else int(wanted)
        except ValueError:
            place = 0
        if not 1 <= place <= len(others) + 1:
            raise failures.invalid(f"The priority '{wanted}' isn't valid: it must be a number from 1 to {len(others) + 1}.")
        return str(place)

    def _make_room(self, call: Call, entry: Entry) -> None:
        """The other policies keep their order around this one."""
        place = entry.values["Priority"]
        others = [one for one in self._ordered(call) if one is not entry]
        for number, one in enumerate(others, 1):
            if place != LOWEST:
                self.store(call).change(one, {"Priority": str(number + (number >= int(place)))})

    def added(self, call: Call, entry: Entry) -> None:
        self._make_room(call, entry)

    def set(self, call: Call) -> t.Iterable[Record]:
        entry = self.store(call).one(call.identity)
        records = list(super().set(call))
        if "Priority" in call.parameters and not call.what_if:
            self._make_room(call, entry)
        return records

    def _ordered(self, call: Call) -> list[Entry]:
        """The policies but the default one, first one first."""
        return sorted((one for one in self.store(call) if one.values["Priority"] != LOWEST), key=lambda one: int(one.values["Priority"]))

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        if sum(one.startswith("SMTP:") for one in values["EnabledEmailAddressTemplates"]) != 1:
            raise failures.invalid("The property EnabledEmailAddressTemplates must have exactly one primary SMTP address template (SMTP:).")
        if any(values[name] for name in _CONDITIONS) and not values["IncludedRecipients"]:
            raise failures.invalid("The Conditional parameters need IncludedRecipients.")
        if values["RecipientFilterType"] == "Precanned":
            values["RecipientFilter"] = _canned(values)
            if entry is not None and not call.what_if:
                entry.values["RecipientFilter"] = values["RecipientFilter"]

    def removable(self, call: Call, entry: Entry) -> None:
        if entry.values["Priority"] == LOWEST:
            raise failures.refused("The default email address policy can't be removed.", "CannotDeleteDefaultPolicyException")

    def remove(self, call: Call) -> t.Iterable[Record]:
        records = super().remove(call)
        for number, one in enumerate(self._ordered(call), 1):
            self.store(call).change(one, {"Priority": str(number)})
        return records

    def update(self, call: Call) -> t.Iterable[Record]:
        """Apply the policy to the recipients that follow policies, and for which it is the first one that fits."""
        entry = self.store(call).one(call.identity)
        if call.what_if:
            return []
        self.store(call).change(entry, {"RecipientFilterApplied": True})
        for recipient in call.server.recipients:
            change = Change(call, recipient)
            if recipient.kind not in PLAIN and change.now("EmailAddressPolicyEnabled") and policy_for(call.server, change) is entry:
                follow_policy(change)
                if change.values:
                    call.server.recipients.change(recipient, change.values)
        return []


SORT = AddressPolicies()


def _printed(text: str) -> str:
    """A filter as the product prints it: single blanks, parentheses around what is joined."""
    plain = " ".join(text.split())
    return f"({plain})" if " -and " in plain or " -or " in plain else plain


def _canned(values: Values) -> str:
    kinds = [KINDS[name] for name in (values["IncludedRecipients"] or "").split(", ") if name]
    parts = [f"({' -or '.join(f'({kind})' for kind in kinds)})"]
    parts += [f"({' -or '.join(f'({name} -eq {quoted(one)})' for one in values[given])})" for given, name in _CONDITIONS.items() if values[given]]
    return " -and ".join(parts)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _template(call: Call, text: str) -> str:
    """``smtp:%m@contoso.com``.  Raises `failures.Refused`."""
    prefix, colon, rest = str(text).partition(":")
    template = str(text) if colon else f"smtp:{text}"
    prefix, rest = (prefix, rest) if colon else ("smtp", str(text))
    if prefix.lower() == "smtp":
        domain = rest.rpartition("@")[2]
        if "@" not in rest or not domain:
            raise failures.invalid(f"The email address template '{text}' isn't valid.")
        if not any(one.values["DomainName"].lower() == domain.lower() for one in call.server.accepted_domains):
            raise failures.domain_not_accepted(domain)
    return template
