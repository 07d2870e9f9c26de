#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_cas_mailbox
short_description: Manage with which protocols and clients a mailbox may be used
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares the protocols, clients and client policies of a mailbox that exists.
  - Options that are not given stay as they are.
options:
  identity:
    description: The mailbox, named by alias, user principal name, SMTP address, GUID or DN.
    type: str
    required: true
  active_sync_enabled:
    description: Whether mobile devices may use the mailbox over Exchange ActiveSync.
    type: bool
  active_sync_mailbox_policy:
    description: The mobile device mailbox policy. Empty for none of its own, so that the organization's default policy holds.
    type: str
  active_sync_allowed_device_ids:
    description: Devices that may use the mailbox whatever the organization's rules say; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  active_sync_blocked_device_ids:
    description: Devices that must not use the mailbox; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  active_sync_suppress_read_receipt:
    description: Whether read receipts are not sent when a mobile device opens a message. Exchange Server 2016 and later.
    type: bool
  ecp_enabled:
    description: Whether the user may use the Exchange admin center or Exchange Control Panel.
    type: bool
  ews_enabled:
    description: Whether Exchange Web Services may be used; V(unset) leaves it to the organization.
    type: str
    choices: ["true", "false", unset]
  ews_allow_entourage:
    description: Whether Entourage may use Exchange Web Services; V(unset) leaves it to the organization.
    type: str
    choices: ["true", "false", unset]
  ews_allow_mac_outlook:
    description: Whether Outlook for Mac may use Exchange Web Services; V(unset) leaves it to the organization.
    type: str
    choices: ["true", "false", unset]
  ews_allow_outlook:
    description: Whether Outlook may use Exchange Web Services; V(unset) leaves it to the organization.
    type: str
    choices: ["true", "false", unset]
  ews_application_access_policy:
    description: Which of the two lists of applications decides. Another policy without its list leaves no list.
    type: str
    choices: [enforce_allow_list, enforce_block_list]
  ews_allow_list:
    description: >-
      Applications that may use Exchange Web Services, with O(ews_application_access_policy=enforce_allow_list); a list, or a dictionary with
      V(add), V(remove) or V(set).
    type: raw
  ews_block_list:
    description: >-
      Applications that must not use Exchange Web Services, with O(ews_application_access_policy=enforce_block_list); a list, or a dictionary
      with V(add), V(remove) or V(set).
    type: raw
  imap_enabled:
    description: Whether the mailbox may be used over IMAP4.
    type: bool
  imap_use_protocol_defaults:
    description: Whether the server's IMAP4 settings hold instead of the mailbox's own.
    type: bool
  imap_messages_retrieval_mime_format:
    description: The format of messages over IMAP4, with O(imap_use_protocol_defaults=false).
    type: str
    choices:
      - text_only
      - html_only
      - html_and_text_alternative
      - text_enriched_only
      - text_enriched_and_text_alternative
      - best_body_format
      - tnef
  imap_enable_exact_rfc822_size:
    description: Whether IMAP4 clients are told the exact size of messages instead of an estimate, with O(imap_use_protocol_defaults=false).
    type: bool
  imap_force_ical_for_calendar_retrieval_option:
    description: >-
      Whether meeting requests are iCalendar objects over IMAP4 instead of links to Outlook on the web, with
      O(imap_use_protocol_defaults=false). Exchange Server 2013 and later.
    type: bool
  imap_suppress_read_receipt:
    description: Whether read receipts are not sent when an IMAP4 client opens a message.
    type: bool
  pop_enabled:
    description: Whether the mailbox may be used over POP3.
    type: bool
  pop_use_protocol_defaults:
    description: Whether the server's POP3 settings hold instead of the mailbox's own.
    type: bool
  pop_messages_retrieval_mime_format:
    description: The format of messages over POP3, with O(pop_use_protocol_defaults=false).
    type: str
    choices:
      - text_only
      - html_only
      - html_and_text_alternative
      - text_enriched_only
      - text_enriched_and_text_alternative
      - best_body_format
      - tnef
  pop_enable_exact_rfc822_size:
    description: Whether POP3 clients are told the exact size of messages instead of an estimate, with O(pop_use_protocol_defaults=false).
    type: bool
  pop_force_ical_for_calendar_retrieval_option:
    description: >-
      Whether meeting requests are iCalendar objects over POP3 instead of links to Outlook on the web, with
      O(pop_use_protocol_defaults=false). Exchange Server 2013 and later.
    type: bool
  pop_suppress_read_receipt:
    description: Whether read receipts are not sent when a POP3 client opens a message.
    type: bool
  mapi_enabled:
    description: Whether Outlook may use the mailbox over MAPI.
    type: bool
  mapi_http_enabled:
    description: Whether Outlook may use MAPI over HTTP; V(unset) leaves it to the organization. Exchange Server 2013 SP1 and later.
    type: str
    choices: ["true", "false", unset]
  mapi_block_outlook_external_connectivity:
    description: Whether Outlook may not use the mailbox from outside the network. Exchange Server 2013 and later.
    type: bool
  mapi_block_outlook_non_cached_mode:
    description: Whether Outlook may use the mailbox in Cached Exchange Mode only.
    type: bool
  mapi_block_outlook_rpc_http:
    description: Whether Outlook may not use Outlook Anywhere (RPC over HTTP).
    type: bool
  mapi_block_outlook_versions:
    description: Versions of Outlook that must not use the mailbox, for example V(-12.0.0;13.0.0-13.9.9). Empty for none.
    type: str
  is_optimized_for_accessibility:
    description: Whether Outlook on the web uses its light version. Exchange Server 2016 and later.
    type: bool
  owa_enabled:
    description: Whether the mailbox may be used with Outlook on the web.
    type: bool
  owa_for_devices_enabled:
    description: Whether the mailbox may be used with Outlook on the web for devices. Exchange Server 2013 and later.
    type: bool
  owa_mailbox_policy:
    description: The Outlook on the web mailbox policy. Empty for none.
    type: str
  public_folder_client_access:
    description: Whether the user sees public folders in Outlook where the organization shows them to selected users only. Exchange Server 2016 and later.
    type: bool
  show_gal_as_default_view:
    description: Whether the global address list is the first one that Outlook shows.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: A shared mailbox is for Outlook only
  m365.hybrid.exchange_cas_mailbox:
    identity: info
    active_sync_enabled: false
    imap_enabled: false
    pop_enabled: false

- name: A device is lost
  m365.hybrid.exchange_cas_mailbox:
    identity: user0@contoso.com
    active_sync_blocked_device_ids:
      add: [ApplF2LJXYZ1]

- name: Only our own application may use Exchange Web Services
  m365.hybrid.exchange_cas_mailbox:
    identity: user1
    ews_application_access_policy: enforce_allow_list
    ews_allow_list: [OurCrm/*]
"""

RETURN = r"""
resource:
  description: >-
    The settings as they are after the task, by option names, with O(ignore:guid) and O(ignore:distinguished_name) of the mailbox.
    O(active_sync_suppress_read_receipt) and O(is_optimized_for_accessibility) are among them only where the task gives them.
  returned: success
  type: dict
  sample:
    identity: info
    imap_enabled: false
    pop_enabled: false
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {}, after: {}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-CASMailbox: 2, Set-CASMailbox: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: NotFound, cmdlet: Get-CASMailbox, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import cas_mailbox, defaults
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    constraints={"mutually_exclusive": [("ews_allow_list", "ews_block_list")]},
    noun="CASMailbox",
    defaults=defaults.CAS_MAILBOX,
    key="identity",
    settings_of="mailbox",
    fields=cas_mailbox.FIELDS,
    resource_type=cas_mailbox.CasMailbox,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
