# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service gives a new object, as options of its module: an export leaves it out.

Source: the default values in the published cmdlet reference, those of Exchange Server 2016 and later where versions differ.  A value that
is not certain is not here; then the option is exported, which is never wrong.
"""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values

Defaults = dict[str, t.Any]


def _each(value: t.Any, names: str) -> Defaults:
    return dict.fromkeys(names.split(), value)


_RECIPIENT: Defaults = {
    **_each(False, "hidden_from_address_lists_enabled moderation_enabled require_sender_authentication_enabled"),
    "email_address_policy_enabled": True,
    "send_moderation_notifications": "always",
}
_SIZES = _each(values.UNLIMITED, "max_send_size max_receive_size")
_MESSAGES: Defaults = {
    "mac_attachment_format": "bin_hex",
    "message_body_format": "text_and_html",
    "message_format": "mime",
    "use_mapi_rich_text_format": "use_default_settings",
    "use_prefer_message_format": False,
}
_RECOVERABLE: Defaults = {"recoverable_items_quota": "30GB", "recoverable_items_warning_quota": "20GB"}

MAIL_CONTACT: Defaults = {**_RECIPIENT, **_SIZES, **_MESSAGES, "max_recipient_per_message": values.UNLIMITED}
MAIL_USER: Defaults = {**_RECIPIENT, **_SIZES, **_MESSAGES, **_RECOVERABLE, "recipient_limits": values.UNLIMITED}
REMOTE_MAILBOX: Defaults = {**_RECIPIENT, **_RECOVERABLE, "archive": False}
DISTRIBUTION_GROUP: Defaults = {
    **_RECIPIENT,
    **_SIZES,
    **_each(False, "bypass_nested_moderation_enabled report_to_manager_enabled room_list send_oof_message_to_originator_enabled"),
    **_each(True, "report_to_originator_enabled require_sender_authentication_enabled"),
    "member_depart_restriction": "open",
    "member_join_restriction": "closed",
}

AUTO_REPLY: Defaults = {
    "auto_reply_state": "disabled",
    "external_audience": "all",
}
CALENDAR_FOLDER: Defaults = {
    **_each(False, "publish_enabled searchable_url_enabled"),
    **_each("three_months", "publish_date_range_from publish_date_range_to"),
    "detail_level": "availability_only",
}
CALENDAR_PROCESSING: Defaults = {
    **_each(
        True,
        "all_book_in_policy forward_requests_to_delegates tentative_pending_approval add_new_requests_tentatively enforce_scheduling_horizon "
        "allow_recurring_meetings delete_attachments delete_comments delete_subject delete_non_calendar_items remove_private_property "
        "remove_old_meeting_messages add_organizer_to_subject organizer_info enable_response_details",
    ),
    **_each(
        False,
        "all_request_in_policy all_request_out_of_policy process_external_meeting_messages schedule_only_during_work_hours allow_conflicts "
        "remove_forwarded_meeting_notifications add_additional_response",
    ),
    **_each(0, "conflict_percentage_allowed maximum_conflict_instances"),
    "automate_processing": "auto_update",
    "booking_window_in_days": 180,
    "maximum_duration_in_minutes": 1440,
}
JUNK_EMAIL: Defaults = {**_each(False, "trusted_lists_only contacts_trusted"), "enabled": True}
CAS_MAILBOX: Defaults = {
    **_each(
        True,
        "active_sync_enabled ecp_enabled imap_enabled imap_use_protocol_defaults pop_enabled pop_use_protocol_defaults mapi_enabled owa_enabled "
        "owa_for_devices_enabled show_gal_as_default_view",
    ),
    **_each(
        False,
        "active_sync_suppress_read_receipt imap_enable_exact_rfc822_size imap_force_ical_for_calendar_retrieval_option imap_suppress_read_receipt "
        "pop_enable_exact_rfc822_size pop_force_ical_for_calendar_retrieval_option pop_suppress_read_receipt is_optimized_for_accessibility "
        "mapi_block_outlook_external_connectivity mapi_block_outlook_non_cached_mode mapi_block_outlook_rpc_http public_folder_client_access",
    ),
    **_each("best_body_format", "imap_messages_retrieval_mime_format pop_messages_retrieval_mime_format"),
}
