#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_remote_domain
short_description: Manage how an Exchange organization treats another mail domain
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares the settings for messages to one mail domain or to all of them - automatic forwarding and replies, message format, reports.
  - The remote domain V(Default) covers every domain (V(*)) that no other remote domain names.
  - A new remote domain takes the place of V(Default) for its domain altogether; it starts with Exchange's own defaults, not with the settings of V(Default).
options:
  name:
    description: Name of the remote domain.
    type: str
    required: true
  domain_name:
    description:
      - The mail domain, for example V(partner.example) without its subdomains or V(*.partner.example) with them.
      - Needed to create a remote domain; it cannot be changed afterwards.
    type: str
  allowed_oof_type:
    description: Which kind of automatic replies go to the domain.
    type: str
    choices: [external, external_legacy, internal_legacy, none]
  auto_forward_enabled:
    description: Whether messages that a rule or a mailbox forwards by itself may go to the domain.
    type: bool
  auto_reply_enabled:
    description: Whether automatic replies of clients may go to the domain.
    type: bool
  byte_encoder_type_for_7_bit_charsets:
    description: The transfer encoding of messages in 7-bit character sets.
    type: str
    choices:
      - use_7_bit
      - use_qp
      - use_base_64
      - use_qp_html_detect_text_plain
      - use_base_64_html_detect_text_plain
      - use_qp_html_7_bit_text_plain
      - use_base_64_html_7_bit_text_plain
      - undefined
  character_set:
    description: The character set of MIME messages that do not name one. An empty text removes the setting.
    type: str
  content_type:
    description: The format of messages.
    type: str
    choices: [mime_html_text, mime_text, mime_html]
  delivery_report_enabled:
    description: Whether delivery reports may go to the domain.
    type: bool
  display_sender_name:
    description: Whether the sender's display name may be seen in the domain.
    type: bool
  is_internal:
    description: Whether recipients in the domain count as internal ones.
    type: bool
  line_wrap_size:
    description: After how many characters lines of messages are wrapped (0 to 132), or V(unlimited).
    type: str
  meeting_forward_notification_enabled:
    description: Whether notices of forwarded meeting requests may go to the domain.
    type: bool
  message_count_threshold:
    description: How many messages to the domain are acceptable; more of them raise an event. Exchange Server 2013 and later.
    type: int
  ndr_diagnostic_info_enabled:
    description: Whether non-delivery reports to the domain carry diagnostic information.
    type: bool
  ndr_enabled:
    description: Whether non-delivery reports may go to the domain.
    type: bool
  non_mime_character_set:
    description: The character set of plain text messages that do not name one. An empty text removes the setting.
    type: str
  preferred_internet_code_page_for_shift_jis:
    description: The code page of Japanese messages.
    type: str
    choices: ["50220", "50221", "50222", undefined]
  required_charset_coverage:
    description: The percentage of characters that a character set must cover to be preferred.
    type: int
  target_delivery_domain:
    description: Whether the domain is the one that target addresses of new remote mailboxes use in a hybrid organization.
    type: bool
  tnef_enabled:
    description: Whether messages are sent in TNEF (rich text); V(unset) leaves it to the sender.
    type: str
    choices: ["true", "false", unset]
  trusted_mail_inbound_enabled:
    description: Whether messages from the domain count as trusted.
    type: bool
  trusted_mail_outbound_enabled:
    description: Whether messages to the domain count as trusted.
    type: bool
  use_simple_display_name:
    description: Whether the sender's simple display name is used.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: Let messages be forwarded to the partner, and to nobody else
  m365.hybrid.exchange_remote_domain:
    name: Partner
    domain_name: partner.example
    auto_forward_enabled: true

- name: No automatic forwarding to any domain that has no remote domain of its own
  m365.hybrid.exchange_remote_domain:
    name: Default
    auto_forward_enabled: false

- name: The partner is history
  m365.hybrid.exchange_remote_domain:
    name: Partner
    state: absent
"""

RETURN = r"""
resource:
  description: The remote domain as it is after the task, by option names, with O(ignore:guid) and O(ignore:distinguished_name); empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Partner
    domain_name: partner.example
    auto_forward_enabled: true
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
  sample: {Get-RemoteDomain: 2, New-RemoteDomain: 1, Set-RemoteDomain: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-RemoteDomain, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="RemoteDomain",
    create_with=("domain_name",),
    fields=(
        Field("domain_name", codec="name", immutable=True, instead="Make another remote domain for it, and remove this one"),
        Field("line_wrap_size", codec="count"),
        Field("tnef_enabled", codec="tristate"),
    ),
    defaults={  # but auto_forward_enabled and auto_reply_enabled, which are on by default in Exchange Online only
        "allowed_oof_type": "external",
        "byte_encoder_type_for_7_bit_charsets": "undefined",
        "character_set": "iso-8859-1",
        "content_type": "mime_html_text",
        "delivery_report_enabled": True,
        "display_sender_name": True,
        "is_internal": False,
        "line_wrap_size": "unlimited",
        "meeting_forward_notification_enabled": False,
        "message_count_threshold": 2147483647,
        "ndr_diagnostic_info_enabled": True,
        "ndr_enabled": True,
        "non_mime_character_set": "iso-8859-1",
        "preferred_internet_code_page_for_shift_jis": "undefined",
        "target_delivery_domain": False,
        "trusted_mail_inbound_enabled": False,
        "trusted_mail_outbound_enabled": False,
        "use_simple_display_name": False,
    },
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
