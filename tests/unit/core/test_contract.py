# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option of every module exists in the published reference: parameters, choices and types."""

from __future__ import annotations

import functools
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import ad_permission, mailbox, role_group
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import InfoModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._skype import meeting_room
from hybridlab.contract.check import ONLINE, PRODUCTS, SKYPE, VERSIONS, Contract
from tests import scenarios

MODULES = {path.stem: scenarios.module(path.stem) for path in scenarios.MODULES.glob("*.py") if path.stem != "__init__"}
RESOURCES = {name: module for name, module in MODULES.items() if isinstance(module, CmdletModule)}
LISTS = {name: module for name, module in MODULES.items() if isinstance(module, InfoModule)}

every_resource = pytest.mark.parametrize("name", RESOURCES)

NOT_SET = {
    ("exchange_distribution_group", "members"): "Update-, Add- and Remove-DistributionGroupMember write them",
    ("exchange_role_group", "members"): "New-RoleGroup, and Update-, Add- and Remove-RoleGroupMember",
    **{("exchange_role_group", one): "New-RoleGroup, and New-, Set- and Remove-ManagementRoleAssignment" for one in ("roles", *role_group.SCOPES)},
    ("exchange_remote_mailbox", "archive"): "Enable-RemoteMailbox -Archive and Disable-RemoteMailbox -Archive say whether there shall be one",
    ("exchange_mailbox", "archive"): "Enable-Mailbox -Archive and Disable-Mailbox -Archive make and end it",
    ("exchange_email_address_policy", "applied"): "Update-EmailAddressPolicy",
    ("exchange_server", "edition"): "the product key decides",
    ("exchange_mailbox_database", "mounted"): "Mount-Database and Dismount-Database",
    ("exchange_outbound_spam_rule", "enabled"): "New-, Enable- and Disable-HostedOutboundSpamFilterRule",
    ("exchange_transport_rule", "enabled"): "New-, Enable- and Disable-TransportRule",
}
NOT_SET |= {("skype_meeting_room", one): "Grant-Cs cmdlets, one for each kind" for one in meeting_room.POLICIES}
SET_OTHERWISE = {("skype_meeting_room", "registrar_pool"): "Move-CsMeetingRoom"}
OTHER_CHOICES = {
    ("exchange_remote_mailbox", "type"): "a user's mailbox is Regular, as in exchange_mailbox",
    **{("exchange_cas_mailbox", f"{one}_messages_retrieval_mime_format"): "the parameter takes numbers, the property shows names" for one in ("imap", "pop")},
    **{("exchange_inbound_connector", one): "the reference names them in its text" for one in ("connector_type", "connector_source")},
    ("exchange_outbound_connector", "tls_settings"): "none is $null",
    ("exchange_mailbox", "type"): "a user's mailbox is Regular; a public folder mailbox is made with a switch; Workspace and Desk are Exchange Online's",
    **{
        (name, "inheritance_type"): "the reference shows examples only; these are all names of the .NET enumeration"
        for name in ("exchange_mailbox_permission", "exchange_send_as_permission", "exchange_ad_permission")
    },
    ("exchange_organization_relationship", "mail_tips_access_level"): "the reference names them in its text",
    ("exchange_move_request", "priority"): "the reference names them in its text",
    ("exchange_server", "edition"): "no parameter; the editions that a product key can make of a server",
    ("exchange_send_connector", "usage"): "the reference names them in its text",
    ("exchange_send_connector", "smart_host_auth_mechanism"): "the reference names them in its text",
    ("exchange_send_connector", "error_policies"): "Default is the empty list",
    ("exchange_send_connector", "tls_auth_level"): "none is $null",
    ("exchange_send_connector", "protocol_logging_level"): "the reference names them in its text",
    **{("skype_meeting_room", one): "the reference names them in its text" for one in ("sip_address_type", "exchange_archiving_policy")},
    ("exchange_transport_rule", "incident_report_content"): "the reference names two more in its text: Override and DataClassifications",
    ("exchange_transport_rule", "set_audit_severity"): "the reference calls them advisory",
}
ONLINE_ONLY = {
    ("exchange_mailbox_info", "recipient_type_details"): {"groupmailbox", "schedulingmailbox"},  # Microsoft 365 groups and Cortana
}
TRUTH = ("Boolean", "SwitchParameter")


@functools.cache
def parameters(cmdlet: str) -> dict[str, dict[str, t.Any]]:
    """What Exchange Online or any version of Exchange Server accepts, by folded names; where they differ, what the latest server does."""
    skype = "-Cs" in cmdlet
    contracts = [Contract(version, SKYPE) for version in PRODUCTS[SKYPE]] if skype else [Contract(version) for version in (ONLINE, *VERSIONS)]
    return {values.fold(name): row for contract in contracts if contract.has(cmdlet) for name, row in contract.parameters(cmdlet).items()}


class Row(t.NamedTuple):
    """An option with the parameter that writes it; None where there is none."""

    attribute: Attribute
    documented: dict[str, t.Any]
    parameter: dict[str, t.Any] | None

    @property
    def kind(self) -> str:
        return "" if self.parameter is None else self.parameter["type"]

    @property
    def closed(self) -> bool:
        """Whether the reference names all values; those of Boolean parameters are their wording, those of lists examples."""
        row = self.parameter or {}
        return bool(row.get("accepted_values")) and not row.get("advisory") and self.kind not in (*TRUTH, "MultiValuedProperty")


def rows(name: str) -> list[Row]:
    module = RESOURCES[name]
    found = []
    for option, attribute in documented(module).items():
        verbs = [module.resource_type.writing_verb, *((module.resource_type.making_verb,) if option in module.create_with else ())]
        cmdlets = [f"{verb}-{module.noun}" for verb in verbs]
        accepting = [parameters(cmdlet)[values.fold(attribute.write)] for cmdlet in cmdlets if values.fold(attribute.write) in parameters(cmdlet)]
        found.append(Row(attribute, module.docs.options[option], accepting[0] if accepting else None))
    return found


def documented(module: CmdletModule) -> dict[str, Attribute]:
    """The attributes that a user can set."""
    return {option: attribute for option, attribute in module.resource().attributes.items() if option in module.docs.options}


def offenders(name: str, bad: t.Callable[[Row], bool], excepted: t.Collection[tuple[str, str]] = ()) -> list[str]:
    return [row.attribute.option for row in rows(name) if bad(row) and (name, row.attribute.option) not in excepted]


@every_resource
def test_an_option_writes_a_parameter_that_exists(name: str) -> None:
    assert not offenders(name, lambda row: row.parameter is None, NOT_SET)
    assert all(row.parameter is None for row in rows(name) if (name, row.attribute.option) in NOT_SET)


@every_resource
def test_an_option_that_can_change_is_a_parameter_of_set(name: str) -> None:
    settable = parameters(f"{RESOURCES[name].resource_type.writing_verb}-{RESOURCES[name].noun}")

    def bad(row: Row) -> bool:
        return row.attribute.readable and not row.attribute.immutable and values.fold(row.attribute.write) not in settable

    assert not offenders(name, bad, {**NOT_SET, **SET_OTHERWISE})


@every_resource
def test_an_option_that_cannot_be_read_is_used_at_creation(name: str) -> None:
    assert not offenders(name, lambda row: not row.attribute.readable and row.attribute.option not in RESOURCES[name].create_with)


@every_resource
def test_choices_are_those_of_the_reference(name: str) -> None:
    def bad(row: Row) -> bool:
        known = getattr(RESOURCES[name].resource_type, "choices", {}).get(row.attribute.option)
        if known:  # members of a list, which ansible-core does not check
            accepted = (row.parameter or {}).get("accepted_values")
            return accepted is not None and set(map(values.fold, known)) != set(map(values.fold, accepted))
        if row.attribute.codec.names:
            return set(map(values.fold, row.attribute.codec.names)) != set(map(values.fold, (row.parameter or {}).get("accepted_values", ()))) - {"none"}
        if "choices" not in row.documented:
            return row.closed
        if row.attribute.kind == "tristate":
            return row.kind not in TRUTH
        choices = set(row.documented["choices"]) - {values.UNSET}
        return not row.closed or set(map(values.fold, choices)) != set(map(values.fold, (row.parameter or {})["accepted_values"]))

    assert not offenders(name, bad, OTHER_CHOICES)


@every_resource
def test_bool_options_and_no_others_are_booleans_or_switches(name: str) -> None:
    def bad(row: Row) -> bool:
        return (row.documented["type"] == "bool" or row.attribute.kind == "tristate") != (row.kind in TRUTH)

    assert not offenders(name, bad, NOT_SET)


@every_resource
def test_list_options_and_no_others_take_several_values(name: str) -> None:
    def bad(row: Row) -> bool:
        several = "MultiValued" in row.kind or "Collection" in row.kind or row.kind.endswith("[]")
        listed = row.attribute.codec.item is not None and not isinstance(row.attribute.codec.dump([]), str)  # names in one text are one value
        return listed != several

    assert not offenders(name, bad, NOT_SET)


@every_resource
def test_the_options_of_creation_are_parameters_of_new(name: str) -> None:
    module = RESOURCES[name]
    resource = module.resource()
    found = parameters(f"{module.resource_type.making_verb}-{module.noun}") if module.create_with else {}
    assert not [option for option in module.create_with if values.fold(resource.attributes[option].write) not in found]


def test_policies_are_granted_with_parameters_of_the_grant_cmdlets() -> None:
    attributes = RESOURCES["skype_meeting_room"].resource().attributes
    for name in meeting_room.POLICIES:
        assert {"identity", "policyname", "domaincontroller", "confirm"} <= set(parameters(f"Grant-Cs{attributes[name].write}"))


def test_an_account_gets_its_mailbox_with_parameters_of_enable_mailbox() -> None:
    assert {values.fold(one) for one in (*mailbox.ENABLE_WITH, *mailbox.SWITCHES.values())} <= set(parameters("Enable-Mailbox"))
    assert {values.fold(one) for one in mailbox.SWITCHES.values()} <= set(parameters("New-Mailbox"))


@pytest.mark.parametrize("name", [name for name, module in RESOURCES.items() if module.resource_type.writing_verb == "Add"])
def test_rights_are_taken_away_with_the_parameters_that_gave_them(name: str) -> None:
    resource = RESOURCES[name].resource()
    written = {values.fold(attribute.write) for attribute in resource.attributes.values()} | {"identity", "user", "domaincontroller", "confirm"}
    assert written <= set(parameters(f"Add-{resource.noun}")) & set(parameters(f"Remove-{resource.noun}"))
    assert {"identity", "user", "domaincontroller"} <= set(parameters(f"Get-{resource.noun}"))
    if isinstance(resource, ad_permission.AdPermission):
        assert {values.fold(one) for one in ad_permission.SENT_AS.values()} <= set(parameters("Add-ADPermission")) & set(parameters("Remove-ADPermission"))
    for option, choices in getattr(resource, "choices", {}).items():
        accepted = {values.fold(one) for one in parameters(f"Remove-{resource.noun}")[values.fold(resource.attributes[option].write)]["accepted_values"]}
        assert {values.fold(one) for one in choices} <= accepted


@pytest.mark.parametrize("name", LISTS)
def test_the_selecting_options_of_a_list_are_parameters_of_get(name: str) -> None:
    module = LISTS[name]
    found = parameters(f"Get-{module.noun}")
    assert not [option for option, parameter in module.selectors.items() if values.fold(parameter or option) not in found]
    for option in module.selectors:
        choices = module.docs.options[option].get("choices")
        known = found[values.fold(module.selectors[option] or option)].get("accepted_values", ())
        accepted = {values.fold(one) for one in known} - ONLINE_ONLY.get((name, option), set())
        assert not choices or {values.fold(one) for one in choices} == accepted
