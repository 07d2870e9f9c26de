#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_irm_configuration
short_description: Manage Information Rights Management of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares which features of Information Rights Management (IRM) an organization uses, and tests them on request.
  - >-
    Exchange Server gets its rights from AD RMS, or by the RMS connector from the Azure Rights Management service; Exchange Online from the latter, or from
    imported domains of AD RMS.
  - Exchange asks for confirmation when O(internal_licensing_enabled) changes; the task is the answer.
options:
  internal_licensing_enabled:
    description: >-
      Whether messages to internal recipients are protected; in Exchange Online to external ones, too. V(false) makes templates disappear from clients.
    type: bool
  external_licensing_enabled:
    description: Whether licences are got from other clusters than those of O(licensing_location), too. Exchange Server only.
    type: bool
  licensing_location:
    description: >-
      The licensing URLs of RMS servers, for example C(https://rms.contoso.com/_wmcs/licensing); a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  client_access_server_enabled:
    description: Whether servers get licences for clients that cannot reach RMS themselves, such as Outlook on the web. Exchange Server only.
    type: bool
  journal_report_decryption_enabled:
    description: Whether a decrypted copy of a protected message is attached to journal reports.
    type: bool
  search_enabled:
    description: Whether protected messages are indexed for searches.
    type: bool
  e_discovery_super_user_enabled:
    description: Whether members of Discovery Management may open protected messages that a search found.
    type: bool
  transport_decryption_setting:
    description: >-
      Whether messages are decrypted in transport, for rules and journaling; with V(mandatory) those that cannot be are returned to their senders.
    type: str
    choices: [disabled, optional, mandatory]
  azure_rms_licensing_enabled:
    description: Whether the organization is connected to the Azure Rights Management service. Exchange Online only.
    type: bool
  rms_online_key_sharing_location:
    description: From where the trusted publishing domain of RMS Online is fetched; empty for none. Exchange Online only.
    type: str
  simplified_client_access_enabled:
    description: Whether Outlook on the web has the Encrypt button. Exchange Online only.
    type: bool
  simplified_client_access_encrypt_only_disabled:
    description: Whether Encrypt-Only is left out there. Exchange Online only.
    type: bool
  simplified_client_access_do_not_forward_disabled:
    description: Whether Do Not Forward is left out there. Exchange Online only.
    type: bool
  decrypt_attachment_for_encrypt_only:
    description: Whether recipients of Encrypt-Only messages have all rights on attachments. Exchange Online only.
    type: bool
  enable_pdf_encryption:
    description: Whether PDF attachments can be encrypted. Exchange Online only.
    type: bool
  enable_portal_tracking_logs:
    description: Whether what is done in the encrypted message portal is audited. Exchange Online only.
    type: bool
  automatic_service_update_enabled:
    description: Whether new features of the service are turned on as they come. Exchange Online only.
    type: bool
  reject_if_recipient_has_no_rights:
    description: Whether messages to recipients without any right on them are rejected. Exchange Online only.
    type: bool
  test_sender:
    description: >-
      Address of a mailbox of the organization. Where it is given, the configuration is tested for this sender, and RV(test) says how that went. A test
      that fails is no failure of the task. In check mode the test runs only where nothing would be changed.
    type: str
  test_recipients:
    description: Addresses of recipients for the test. Needs O(test_sender).
    type: list
    elements: str
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_transport_rule
"""

EXAMPLES = r"""
- name: Exchange protects messages with the Azure Rights Management service, by the RMS connector
  m365.hybrid.exchange_irm_configuration:
    internal_licensing_enabled: true
    transport_decryption_setting: optional
    journal_report_decryption_enabled: true

- name: Does it work for this sender?
  m365.hybrid.exchange_irm_configuration:
    test_sender: user0@contoso.com
  register: irm
"""

RETURN = r"""
resource:
  description: The settings as they are after the task, by option names, with O(ignore:service_location) and O(ignore:publishing_location).
  returned: success
  type: dict
  sample:
    internal_licensing_enabled: true
    licensing_location: []
test:
  description: How the test went; null where it did not run because check mode would change something.
  returned: when O(test_sender) is given
  type: dict
  contains:
    passed:
      description: Whether the overall result is a pass, perhaps with warnings.
      type: bool
    overall:
      description: The overall result in the server's words.
      type: str
    steps:
      description: Each result - V(pass), V(warning) or V(fail) - with its text.
      type: list
      elements: dict
  sample:
    passed: true
    overall: PASS
    steps: [{result: pass, text: RMS Templates acquired.}]
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
  sample: {Get-IRMConfiguration: 2, Set-IRMConfiguration: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-IRMConfiguration, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.irm import FIELDS, IrmConfiguration, IrmModule

MODULE = IrmModule(
    DOCUMENTATION,
    noun="IRMConfiguration",
    key=None,
    fields=FIELDS,
    instructions=("test_sender", "test_recipients"),
    resource_type=IrmConfiguration,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
