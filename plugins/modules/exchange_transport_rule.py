#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_transport_rule
short_description: Manage transport rules of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares rules for the messages of an organization, also known as mail flow rules. They have conditions, exceptions and actions.
  - >-
    A message must meet all conditions of a rule, and one value of each, and none of its exceptions; then all its actions are taken. A rule without
    conditions is applied to every message.
  - >-
    An option that is not given is left as it is. An empty list, an empty text, V(false) or V(unset) takes a condition, an exception or an action away.
    Every list can be written as a list, or as a dictionary with V(add), V(remove) or V(set); the server gets it as a whole.
  - >-
    Recipients can be named by address, alias, name, DN or GUID, and are shown by their primary address. Names of attributes are Exchange's, for example
    C(City), C(Company), C(Department), C(DisplayName), C(Manager), C(Title) and C(CustomAttribute1).
  - >-
    Options that need or exclude each other are looked at in the rule as it would be in the end, before anything is written. To replace one action by
    another, clear one and set the other in the same task.
options:
  name:
    description: Name of the rule.
    type: str
    required: true
  enabled:
    description: Whether the rule is in force.
    type: bool
  mode:
    description: Whether the rule acts, is only noted in the message tracking log, or is noted and notifies.
    type: str
    choices: [enforce, audit, audit_and_notify]
  priority:
    description: The rule's place, counted from V(0), which is the first one. The others make room. A new rule is the last one when the option is not given.
    type: int
  comments:
    description: A comment.
    type: str
  activation_date:
    description: When the rule comes into force, in ISO 8601, for example V(2026-03-01T08:00:00Z).
    type: str
  expiry_date:
    description: When the rule ends to be in force. It cannot be set to a time that has passed.
    type: str
  rule_error_action:
    description: What becomes of a message on which the rule cannot be applied.
    type: str
    choices: [ignore, defer]
  sender_address_location:
    description: Where conditions on the sender's address look.
    type: str
    choices: [header, envelope, header_or_envelope]
  rule_sub_type:
    description: Whether the rule belongs to a policy for data loss prevention.
    type: str
    choices: [none, dlp]
  dlp_policy:
    description: The name of the policy for data loss prevention that the rule belongs to.
    type: str
  from:
    description: A list of senders.
    type: raw
  from_member_of:
    description: A list of groups; the sender is a member of one.
    type: raw
  from_scope:
    description: Whether the sender is inside or outside the organization.
    type: str
    choices: [in_organization, not_in_organization, unset]
  from_address_contains_words:
    description: A list of words in the sender's address.
    type: raw
  from_address_matches_patterns:
    description: A list of regular expressions for the sender's address.
    type: raw
  sender_domain_is:
    description: A list of domains of senders. Subdomains are others; use O(from_address_matches_patterns) for them.
    type: raw
  sender_ip_ranges:
    description: A list of addresses, networks or ranges from which the message came, for example V(192.0.2.0/24) or V(192.0.2.1-192.0.2.9).
    type: raw
  sender_ad_attribute_contains_words:
    description: A list of attributes of the sender with words in them, for example V(Department:Sales,Finance).
    type: raw
  sender_ad_attribute_matches_patterns:
    description: A list of attributes of the sender with a regular expression, for example V(Title:^Chief).
    type: raw
  sender_management_relationship:
    description: Whether the sender is the manager of a recipient, or reports to one.
    type: str
    choices: [manager, direct_report, unset]
  has_sender_override:
    description: Whether the sender overrode a policy for data loss prevention.
    type: bool
  sent_to:
    description: A list of recipients.
    type: raw
  sent_to_member_of:
    description: A list of groups; a recipient is a member of one.
    type: raw
  sent_to_scope:
    description: Whether a recipient is inside or outside the organization, in a partner's that is secured by mutual TLS, or in none of these partners'.
    type: str
    choices: [in_organization, not_in_organization, external_partner, external_non_partner, unset]
  recipient_address_contains_words:
    description: A list of words in a recipient's address.
    type: raw
  recipient_address_matches_patterns:
    description: A list of regular expressions for a recipient's address.
    type: raw
  recipient_domain_is:
    description: A list of domains of recipients. Subdomains are others; use O(recipient_address_matches_patterns) for them.
    type: raw
  recipient_ad_attribute_contains_words:
    description: A list of attributes of a recipient with words in them, for example V(City:Berlin,Bonn).
    type: raw
  recipient_ad_attribute_matches_patterns:
    description: A list of attributes of a recipient with a regular expression.
    type: raw
  any_of_recipient_address_contains_words:
    description: A list of words in any recipient's address. The actions are taken for all recipients then.
    type: raw
  any_of_recipient_address_matches_patterns:
    description: A list of regular expressions for any recipient's address. The actions are taken for all recipients then.
    type: raw
  any_of_to_header:
    description: A list of recipients in the To field. The actions are taken for all recipients then.
    type: raw
  any_of_to_header_member_of:
    description: A list of groups; a recipient in the To field is a member of one. The actions are taken for all recipients then.
    type: raw
  any_of_cc_header:
    description: A list of recipients in the Cc field. The actions are taken for all recipients then.
    type: raw
  any_of_cc_header_member_of:
    description: A list of groups; a recipient in the Cc field is a member of one. The actions are taken for all recipients then.
    type: raw
  any_of_to_cc_header:
    description: A list of recipients in the To or Cc field. The actions are taken for all recipients then.
    type: raw
  any_of_to_cc_header_member_of:
    description: A list of groups; a recipient in the To or Cc field is a member of one. The actions are taken for all recipients then.
    type: raw
  between_member_of1:
    description: A list of groups; the message goes from a member of one to a member of one in O(between_member_of2), or back. Needs that option.
    type: raw
  between_member_of2:
    description: The other list of groups. Needs O(between_member_of1).
    type: raw
  manager_addresses:
    description: A list of managers. Needs O(manager_for_evaluated_user).
    type: raw
  manager_for_evaluated_user:
    description: Whose managers O(manager_addresses) are. Cleared together with them.
    type: str
    choices: [recipient, sender]
  ad_comparison_attribute:
    description: An attribute that sender and recipients share or do not share, by Exchange's name for it, for example V(Department).
    type: str
  ad_comparison_operator:
    description: Whether O(ad_comparison_attribute) is the same. V(equal) when it is not given; cleared together with the attribute.
    type: str
    choices: [equal, not_equal]
  subject_contains_words:
    description: A list of words in the subject.
    type: raw
  subject_matches_patterns:
    description: A list of regular expressions for the subject.
    type: raw
  subject_or_body_contains_words:
    description: A list of words in the subject or the body.
    type: raw
  subject_or_body_matches_patterns:
    description: A list of regular expressions for the subject or the body.
    type: raw
  header_contains_message_header:
    description: The header field in which O(header_contains_words) are looked for. Needs that option.
    type: str
  header_contains_words:
    description: A list of words in the field O(header_contains_message_header). Needs that option.
    type: raw
  header_matches_message_header:
    description: The header field for which O(header_matches_patterns) are. Needs that option.
    type: str
  header_matches_patterns:
    description: A list of regular expressions for the field O(header_matches_message_header). Needs that option.
    type: raw
  attachment_contains_words:
    description: A list of words in an attachment.
    type: raw
  attachment_matches_patterns:
    description: A list of regular expressions for the text of an attachment.
    type: raw
  attachment_name_matches_patterns:
    description: A list of regular expressions for the name of an attachment.
    type: raw
  attachment_extension_matches_words:
    description: A list of extensions of an attachment's name, without the dot.
    type: raw
  attachment_property_contains_words:
    description: A list of properties of an attached Office document with words in them, for example V(Impact:High,Medium). Exchange Server 2016 and later.
    type: raw
  attachment_size_over:
    description: A size that an attachment exceeds, for example V(10MB).
    type: str
  attachment_has_executable_content:
    description: Whether an attachment can be executed.
    type: bool
  attachment_is_password_protected:
    description: Whether an attachment is protected by a password.
    type: bool
  attachment_is_unsupported:
    description: Whether an attachment is of a kind that cannot be looked into.
    type: bool
  attachment_processing_limit_exceeded:
    description: Whether attachments could not be looked through as a whole.
    type: bool
  message_contains_data_classifications:
    description:
      - A list of sensitive information types in the message or its attachments. Each is a dictionary with the key C(name), and C(min_count), C(max_count),
        C(min_confidence) or C(max_confidence) where they are not the usual ones.
      - Without numbers one find is enough, and the type's own confidence is asked for.
    type: raw
  message_size_over:
    description: A size that the message exceeds with its attachments, for example V(25MB).
    type: str
  message_type_matches:
    description: The kind of message.
    type: str
    choices: [oof, auto_forward, encrypted, calendaring, permission_controlled, voicemail, signed, approval_request, read_receipt, unset]
  with_importance:
    description: The importance that the message has.
    type: str
    choices: [low, normal, high, unset]
  content_character_set_contains_words:
    description: A list of names of character sets.
    type: raw
  scl_over:
    description: The least spam confidence level that the message has, from V(-1) to V(9).
    type: str
  has_classification:
    description: The name of the message classification that the message has. Not with O(has_no_classification).
    type: str
  has_no_classification:
    description: Whether the message has no message classification. Not with O(has_classification).
    type: bool
  except_if_from:
    description: The exception in the form of O(from).
    type: raw
  except_if_from_member_of:
    description: The exception in the form of O(from_member_of).
    type: raw
  except_if_from_scope:
    description: The exception in the form of O(from_scope).
    type: str
    choices: [in_organization, not_in_organization, unset]
  except_if_from_address_contains_words:
    description: The exception in the form of O(from_address_contains_words).
    type: raw
  except_if_from_address_matches_patterns:
    description: The exception in the form of O(from_address_matches_patterns).
    type: raw
  except_if_sender_domain_is:
    description: The exception in the form of O(sender_domain_is).
    type: raw
  except_if_sender_ip_ranges:
    description: The exception in the form of O(sender_ip_ranges).
    type: raw
  except_if_sender_ad_attribute_contains_words:
    description: The exception in the form of O(sender_ad_attribute_contains_words).
    type: raw
  except_if_sender_ad_attribute_matches_patterns:
    description: The exception in the form of O(sender_ad_attribute_matches_patterns).
    type: raw
  except_if_sender_management_relationship:
    description: The exception in the form of O(sender_management_relationship).
    type: str
    choices: [manager, direct_report, unset]
  except_if_has_sender_override:
    description: The exception in the form of O(has_sender_override).
    type: bool
  except_if_sent_to:
    description: The exception in the form of O(sent_to).
    type: raw
  except_if_sent_to_member_of:
    description: The exception in the form of O(sent_to_member_of).
    type: raw
  except_if_sent_to_scope:
    description: The exception in the form of O(sent_to_scope).
    type: str
    choices: [in_organization, not_in_organization, external_partner, external_non_partner, unset]
  except_if_recipient_address_contains_words:
    description: The exception in the form of O(recipient_address_contains_words).
    type: raw
  except_if_recipient_address_matches_patterns:
    description: The exception in the form of O(recipient_address_matches_patterns).
    type: raw
  except_if_recipient_domain_is:
    description: The exception in the form of O(recipient_domain_is).
    type: raw
  except_if_recipient_ad_attribute_contains_words:
    description: The exception in the form of O(recipient_ad_attribute_contains_words).
    type: raw
  except_if_recipient_ad_attribute_matches_patterns:
    description: The exception in the form of O(recipient_ad_attribute_matches_patterns).
    type: raw
  except_if_any_of_recipient_address_contains_words:
    description: The exception in the form of O(any_of_recipient_address_contains_words).
    type: raw
  except_if_any_of_recipient_address_matches_patterns:
    description: The exception in the form of O(any_of_recipient_address_matches_patterns).
    type: raw
  except_if_any_of_to_header:
    description: The exception in the form of O(any_of_to_header).
    type: raw
  except_if_any_of_to_header_member_of:
    description: The exception in the form of O(any_of_to_header_member_of).
    type: raw
  except_if_any_of_cc_header:
    description: The exception in the form of O(any_of_cc_header).
    type: raw
  except_if_any_of_cc_header_member_of:
    description: The exception in the form of O(any_of_cc_header_member_of).
    type: raw
  except_if_any_of_to_cc_header:
    description: The exception in the form of O(any_of_to_cc_header).
    type: raw
  except_if_any_of_to_cc_header_member_of:
    description: The exception in the form of O(any_of_to_cc_header_member_of).
    type: raw
  except_if_between_member_of1:
    description: The exception in the form of O(between_member_of1).
    type: raw
  except_if_between_member_of2:
    description: The exception in the form of O(between_member_of2).
    type: raw
  except_if_manager_addresses:
    description: The exception in the form of O(manager_addresses).
    type: raw
  except_if_manager_for_evaluated_user:
    description: The exception in the form of O(manager_for_evaluated_user).
    type: str
    choices: [recipient, sender]
  except_if_ad_comparison_attribute:
    description: The exception in the form of O(ad_comparison_attribute).
    type: str
  except_if_ad_comparison_operator:
    description: The exception in the form of O(ad_comparison_operator).
    type: str
    choices: [equal, not_equal]
  except_if_subject_contains_words:
    description: The exception in the form of O(subject_contains_words).
    type: raw
  except_if_subject_matches_patterns:
    description: The exception in the form of O(subject_matches_patterns).
    type: raw
  except_if_subject_or_body_contains_words:
    description: The exception in the form of O(subject_or_body_contains_words).
    type: raw
  except_if_subject_or_body_matches_patterns:
    description: The exception in the form of O(subject_or_body_matches_patterns).
    type: raw
  except_if_header_contains_message_header:
    description: The exception in the form of O(header_contains_message_header).
    type: str
  except_if_header_contains_words:
    description: The exception in the form of O(header_contains_words).
    type: raw
  except_if_header_matches_message_header:
    description: The exception in the form of O(header_matches_message_header).
    type: str
  except_if_header_matches_patterns:
    description: The exception in the form of O(header_matches_patterns).
    type: raw
  except_if_attachment_contains_words:
    description: The exception in the form of O(attachment_contains_words).
    type: raw
  except_if_attachment_matches_patterns:
    description: The exception in the form of O(attachment_matches_patterns).
    type: raw
  except_if_attachment_name_matches_patterns:
    description: The exception in the form of O(attachment_name_matches_patterns).
    type: raw
  except_if_attachment_extension_matches_words:
    description: The exception in the form of O(attachment_extension_matches_words).
    type: raw
  except_if_attachment_property_contains_words:
    description: The exception in the form of O(attachment_property_contains_words). Exchange Server 2016 and later.
    type: raw
  except_if_attachment_size_over:
    description: The exception in the form of O(attachment_size_over).
    type: str
  except_if_attachment_has_executable_content:
    description: The exception in the form of O(attachment_has_executable_content).
    type: bool
  except_if_attachment_is_password_protected:
    description: The exception in the form of O(attachment_is_password_protected).
    type: bool
  except_if_attachment_is_unsupported:
    description: The exception in the form of O(attachment_is_unsupported).
    type: bool
  except_if_attachment_processing_limit_exceeded:
    description: The exception in the form of O(attachment_processing_limit_exceeded).
    type: bool
  except_if_message_contains_data_classifications:
    description: The exception in the form of O(message_contains_data_classifications).
    type: raw
  except_if_message_size_over:
    description: The exception in the form of O(message_size_over).
    type: str
  except_if_message_type_matches:
    description: The exception in the form of O(message_type_matches).
    type: str
    choices: [oof, auto_forward, encrypted, calendaring, permission_controlled, voicemail, signed, approval_request, read_receipt, unset]
  except_if_with_importance:
    description: The exception in the form of O(with_importance).
    type: str
    choices: [low, normal, high, unset]
  except_if_content_character_set_contains_words:
    description: The exception in the form of O(content_character_set_contains_words).
    type: raw
  except_if_scl_over:
    description: The exception in the form of O(scl_over).
    type: str
  except_if_has_classification:
    description: The exception in the form of O(has_classification).
    type: str
  except_if_has_no_classification:
    description: The exception in the form of O(has_no_classification).
    type: bool
  prepend_subject:
    description: A text that is put before the subject; it may end with a space.
    type: str
  apply_html_disclaimer_text:
    description: A text, also HTML, that is added to the body.
    type: str
  apply_html_disclaimer_location:
    description: Where O(apply_html_disclaimer_text) is added. V(append) when it is not given; cleared together with the text.
    type: str
    choices: [append, prepend]
  apply_html_disclaimer_fallback_action:
    description: What becomes of a message to which O(apply_html_disclaimer_text) cannot be added. V(wrap) when it is not given; cleared together with the text.
    type: str
    choices: [wrap, ignore, reject]
  apply_classification:
    description: The name of a message classification that the message gets.
    type: str
  apply_rights_protection_template:
    description: The name of a template of rights management by which the message is protected.
    type: str
  set_header_name:
    description: A header field that is added or changed. Needs O(set_header_value).
    type: str
  set_header_value:
    description: What the field O(set_header_name) says. Needs that option.
    type: str
  remove_header:
    description: A header field that is removed.
    type: str
  set_scl:
    description: The spam confidence level that the message gets, from V(-1) to V(9).
    type: str
  set_audit_severity:
    description: The severity in incident reports and in the message tracking log.
    type: str
    choices: [do_not_audit, low, medium, high, unset]
  add_to_recipients:
    description: A list of recipients who are added to the To field.
    type: raw
  copy_to:
    description: A list of recipients who are added to the Cc field.
    type: raw
  blind_copy_to:
    description: A list of recipients who are added to the Bcc field.
    type: raw
  add_manager_as_recipient_type:
    description: In what way the sender's manager gets the message.
    type: str
    choices: [to, cc, bcc, redirect, unset]
  moderate_message_by_user:
    description: A list of users, no groups, of whom one must approve the message. Not with another option that says what becomes of the message.
    type: raw
  moderate_message_by_manager:
    description: Whether the sender's manager must approve the message. Not with another option that says what becomes of the message.
    type: bool
  redirect_message_to:
    description: A list of recipients who get the message instead. Not with another option that says what becomes of the message.
    type: raw
  reject_message_reason_text:
    description: >-
      The message is rejected with this explanation; the server says its own when only O(reject_message_enhanced_status_code) is given. Clearing one clears
      both. Not with another option that says what becomes of the message.
    type: str
  reject_message_enhanced_status_code:
    description: >-
      The message is rejected with this code, V(5.7.1) or V(5.7.900) to V(5.7.999); V(5.7.1) when only O(reject_message_reason_text) is given. Not with another
      option that says what becomes of the message.
    type: str
  delete_message:
    description: Whether the message is deleted, and nobody is told. Not with another option that says what becomes of the message.
    type: bool
  quarantine:
    description: Whether the message is put into quarantine. Edge Transport servers only. Not with another option that says what becomes of the message.
    type: bool
  disconnect:
    description: >-
      Whether the connection is ended, and nobody is told. Edge Transport servers only. Not with another option that says what becomes of the message.
    type: bool
  smtp_reject_message_reject_text:
    description: >-
      The connection is ended with this explanation. Clearing it clears O(smtp_reject_message_reject_status_code) as well. Edge Transport servers only. Not with
      another option that says what becomes of the message.
    type: str
  smtp_reject_message_reject_status_code:
    description: >-
      The SMTP status code with which the connection is ended, V(550) when only O(smtp_reject_message_reject_text) is given. Edge Transport servers only.
    type: str
  log_event_text:
    description: A text that is written to the server's application log. Edge Transport servers only.
    type: str
  route_message_outbound_require_tls:
    description: Whether the message may leave the organization in encrypted sessions only.
    type: bool
  notify_sender:
    description: Whether and how the sender is told, and can override the rule. Needs O(message_contains_data_classifications).
    type: str
    choices: [notify_only, reject_message, reject_unless_false_positive_override, reject_unless_silent_override, reject_unless_explicit_override, unset]
  generate_incident_report:
    description: The recipient of a report on the message.
    type: str
  incident_report_content:
    description: >-
      What the report to O(generate_incident_report) has, out of V(sender), V(recipients), V(subject), V(cc), V(bcc), V(severity), V(override),
      V(rule_detections), V(false_positive), V(data_classifications), V(id_match) and V(attach_original_mail). Cleared together with the recipient.
    type: raw
  generate_notification:
    description: A text, also HTML, that the recipients are told. Exchange Server 2016 and later.
    type: str
  stop_rule_processing:
    description: Whether no rule after this one is applied to the message.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.resource
  - m365.hybrid.writes
notes:
  - Conditions and actions that only Exchange Online has, such as message encryption, cannot be managed with this module.
  - In a list for M(m365.hybrid.bulk) the rules are worked on one after the other, in the list's order, so that their priorities come out as written.
seealso:
  - module: m365.hybrid.bulk
  - module: m365.hybrid.export
"""

EXAMPLES = r"""
- name: Nothing is forwarded out of the organization automatically
  m365.hybrid.exchange_transport_rule:
    name: No forwarding
    message_type_matches: auto_forward
    sent_to_scope: not_in_organization
    except_if_recipient_domain_is: [partner.example]
    reject_message_reason_text: Automatic forwarding is not permitted.
    reject_message_enhanced_status_code: 5.7.900
    priority: 0

- name: Sales and brokerage do not write to each other, tried out first
  m365.hybrid.exchange_transport_rule:
    name: Ethical wall
    between_member_of1: [sales-team]
    between_member_of2: [everyone]
    except_if_subject_contains_words: [Press release]
    reject_message_reason_text: Messages between these departments are prohibited.
    mode: audit

- name: Large attachments must be approved instead
  m365.hybrid.exchange_transport_rule:
    name: Ethical wall
    attachment_size_over: 20MB
    reject_message_reason_text: ""
    moderate_message_by_user: [user1@contoso.com]
    mode: enforce

- name: A disclaimer for messages that leave
  m365.hybrid.exchange_transport_rule:
    name: Disclaimer
    from_scope: in_organization
    sent_to_scope: not_in_organization
    apply_html_disclaimer_text: <p>Contoso Ltd.</p>
    apply_html_disclaimer_fallback_action: ignore
    except_if_subject_or_body_contains_words:
      add: [Contoso Ltd.]

- name: The rule is out of force for a while
  m365.hybrid.exchange_transport_rule:
    name: Disclaimer
    enabled: false
"""

RETURN = r"""
resource:
  description:
    - The rule as it is after the task, by option names, with O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: No forwarding
    priority: 0
    enabled: true
    mode: enforce
    message_type_matches: auto_forward
    sent_to_scope: not_in_organization
    reject_message_reason_text: Automatic forwarding is not permitted.
    reject_message_enhanced_status_code: 5.7.900
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
  sample: {Get-TransportRule: 2, Set-TransportRule: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-TransportRule, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.transport_rule import DEFAULTS, FIELDS, TransportRule

MODULE = CmdletModule(DOCUMENTATION, noun="TransportRule", fields=FIELDS, resource_type=TransportRule, defaults=DEFAULTS, in_order=True)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
