# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is different when the organization is in the cloud: what it does not have is refused by name, before anything is written."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Credential, Secret, Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import _not_online

ENDPOINT = "exchange_online"
_MISSING = {cmdlet: {values.fold(name): name for name in names.split()} for cmdlet, names in _not_online.PARAMETERS.items()}
AUTHORITY = ("is_dir_synced", "is_exchange_cloud_managed")
"""Who has the last word about a recipient: what directory synchronisation brings is changed on-premises, unless the cloud manages it."""
MASTERED = frozenset(
    (
        "alias display_name name email_addresses primary_smtp_address hidden_from_address_lists_enabled external_email_address "
        "accept_messages_only_from_senders_or_members reject_messages_from_senders_or_members require_sender_authentication_enabled "
        "forwarding_address moderation_enabled moderated_by bypass_moderation_from_senders_or_members managed_by members "
        "report_to_manager_enabled report_to_originator_enabled send_oof_message_to_originator_enabled"
    ).split()
) | frozenset((*(f"custom_attribute{number}" for number in range(1, 16)), *(f"extension_custom_attribute{number}" for number in range(1, 6))))
"""The options that Exchange Online surely refuses for a synchronised recipient; of others the service itself is asked."""
_ON_PREMISES = "Change it on-premises, on a host with m365.hybrid.powershell; directory synchronisation brings it to the tenant"
_ARCHIVES = {"Archive", "AutoExpandingArchive", "RemoteArchive"}
_ELSEWHERE = {"AcceptedDomain": "Add domains to the tenant, or remove them, in the Microsoft 365 admin center or with Microsoft Graph; Exchange Online follows"}
_INSTEAD = {"PrimarySmtpAddress": "Name the primary address in email_addresses, as SMTP:name@domain"}


def is_online(session: Session) -> bool:
    return session.endpoint == ENDPOINT


def refuse_controller(session: Session, options: t.Mapping[str, t.Any]) -> None:
    """Raises UsageError for a domain controller in the cloud."""
    if is_online(session) and options.get("domain_controller"):
        raise UsageError("domain_controller: Exchange Online has no domain controllers to choose from", target=session.target, advice="Leave it out")


def lacking(attributes: t.Mapping[str, Attribute], setting: str, making: str, create_with: t.Collection[str]) -> dict[str, str]:
    """The options whose parameter only the server has, each with the cmdlet that would take it.

    ``setting`` and ``making`` are the cmdlets that take the options; what only ``making`` takes can be said of a new object, see `permit`.
    """
    found: dict[str, str] = {}
    for name, attribute in attributes.items():
        takers = [making] if name in create_with and attribute.immutable else [setting, making] if name in create_with else [setting]
        if all(values.fold(attribute.write) in _MISSING.get(cmdlet, ()) for cmdlet in takers):
            found[name] = takers[0]
    return found


def admit(session: Session, options: t.Mapping[str, t.Any], attributes: t.Mapping[str, Attribute], missing: t.Mapping[str, str]) -> None:
    """Raises UsageError for an option whose parameter only the server has; ``missing`` is what `lacking` found."""
    refuse_controller(session, options)
    for name in missing:
        if options.get(name) is not None:
            write, cmdlet = attributes[name].write, missing[name]
            text = f"{name}: Exchange Online has no {cmdlet} -{write}"
            raise UsageError(text, target=session.target, advice=_INSTEAD.get(write) or _advice(cmdlet))


def permit(session: Session, calls: t.Iterable[engine.Call]) -> None:
    """Raises UsageError for a call that Exchange Online cannot take."""
    if not is_online(session):
        return
    for call in calls:
        _permit(session, call)


def _permit(session: Session, call: engine.Call) -> None:
    secret = [name for name, value in call.parameters.items() if isinstance(value, (Secret, Credential))]
    missing = [name for name in call.parameters if values.fold(name) in _MISSING.get(call.cmdlet, ())]
    if call.cmdlet in _not_online.CMDLETS:
        text, advice = f"Exchange Online has no {call.cmdlet}", _advice(call.cmdlet)
    elif call.cmdlet == "Enable-Mailbox" and not _ARCHIVES & call.parameters.keys():
        text, advice = "Exchange Online makes no mailboxes of accounts", "Give the account a licence that includes Exchange Online"
    elif secret:
        text = f"{values.snake(secret[0])}: secrets are not sent to Exchange Online"
        advice = "Make the account with Microsoft Graph, which sets its password, and give it a licence; the mailbox then appears by itself"
    elif missing:
        text, advice = f"Exchange Online has no {call.cmdlet} -{missing[0]}", _INSTEAD.get(missing[0]) or _advice(call.cmdlet)
    else:
        return
    raise UsageError(text, target=session.target, advice=advice)


def permit_selection(session: Session, cmdlet: str, options: t.Mapping[str, t.Any], parameters: t.Mapping[str, str]) -> None:
    """Raises UsageError for an option that selects objects and that only the server has; ``parameters`` are names by option."""
    if is_online(session):
        for name, parameter in parameters.items():
            if options.get(name) is not None and values.fold(parameter) in _MISSING.get(cmdlet, ()):
                raise UsageError(f"{name}: Exchange Online has no {cmdlet} -{parameter}", target=session.target, advice=_advice(cmdlet))


def refuse_mastered(label: str, todo: plan.Plan, state: plan.State | None) -> None:
    """Raises UsageError for a change in the cloud of what is mastered on-premises.  An object on-premises is not synchronised from anywhere."""
    synced, managed = ((state or {}).get(name) for name in AUTHORITY)
    mastered = sorted(MASTERED & todo.changes.keys())
    if synced is True and managed is not True and (mastered or todo.action == "delete"):
        what = ", ".join(mastered) if todo.action != "delete" else "its existence"
        raise UsageError(f"{label} is synchronised from on-premises Active Directory, which has the last word about {what}", advice=_ON_PREMISES)


def explain(error: HybridError) -> HybridError:
    """The service's own refusal of what is mastered on-premises, with what to do."""
    if "synchronized from your on-premises organization" in error.text:
        error.advice = _ON_PREMISES
    return error


def _advice(cmdlet: str) -> str:
    return _ELSEWHERE.get(cmdlet.partition("-")[2], "Leave it out for this host; it is a setting of Exchange Server")
