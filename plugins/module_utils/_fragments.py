# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Option docs shared by many modules: the doc fragments show them, the modules obey them."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils import _directory_fragments


class Exchange:
    """How to work with an Exchange organization."""

    DOCUMENTATION = r"""
options:
  domain_controller:
    description:
      - Fully qualified name of the domain controller to read from and to write to.
      - It must hold the domain of the objects; one that does not will not find them.
      - Name one when the next task needs at once what this one wrote, and replication between domain controllers takes its time.
    type: str
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: Exchange Server 2013, 2016, 2019 and Subscription Edition
    details: Over endpoint C(exchange) of connection P(m365.hybrid.powershell#connection).
  action_group:
    description: Use C(group/m365.hybrid.exchange) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.exchange, m365.hybrid.all]
"""


class Edge:
    """How to work with Edge Transport servers, which read and write their own directory: there is no domain controller to name."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: Edge Transport servers of Exchange Server 2013, 2016, 2019 and Subscription Edition
    details: Over endpoint C(edge) of connection P(m365.hybrid.powershell#connection).
  action_group:
    description: Use C(group/m365.hybrid.exchange) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.exchange, m365.hybrid.all]
"""


class Skype:
    """How to work with Skype for Business Server."""

    DOCUMENTATION = r"""
options:
  domain_controller:
    description:
      - Fully qualified name of the domain controller to read from and to write to.
      - Name one when the next task needs at once what this one wrote, and replication between domain controllers takes its time.
    type: str
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: Skype for Business Server 2015 and 2019, and Lync Server 2013
    details: Over endpoint C(skype) of connection P(m365.hybrid.powershell#connection).
  action_group:
    description: Use C(group/m365.hybrid.skype) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.skype, m365.hybrid.all]
"""


class Graph:
    """How to work with a tenant through Microsoft Graph."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: tenants of Microsoft 365
    details: Over connection P(m365.hybrid.graph#connection).
  action_group:
    description: Use C(group/m365.hybrid.entra) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.entra, m365.hybrid.all]
"""


class DirectorySync:
    """What belongs to directory synchronisation; what a module reaches for it is its own affair."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/m365.hybrid.directory_sync) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.directory_sync, m365.hybrid.all]
"""


class Adfs:
    """What belongs to AD FS and Web Application Proxy."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: AD FS and Web Application Proxy of Windows Server 2012 R2 and later
    details: Over endpoint C(windows) of connection P(m365.hybrid.powershell#connection).
  action_group:
    description: Use C(group/m365.hybrid.adfs) in C(module_defaults) to set options of all modules for AD FS; those for its proxies are in C(m365.hybrid.wap).
    support: full
    membership: [m365.hybrid.adfs, m365.hybrid.wap, m365.hybrid.all]
"""


class ExchangeAnywhere:
    """How to work with an Exchange organization, on-premises or in the cloud."""

    DOCUMENTATION = r"""
options:
  domain_controller:
    description:
      - Fully qualified name of the domain controller to read from and to write to. Exchange Server only; refused with Exchange Online.
      - It must hold the domain of the objects; one that does not will not find them.
      - Name one when the next task needs at once what this one wrote, and replication between domain controllers takes its time.
    type: str
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: Exchange Server 2013, 2016, 2019 and Subscription Edition, Exchange Online
    details: >-
      Over endpoint C(exchange) of connection P(m365.hybrid.powershell#connection); Exchange Online over connection P(m365.hybrid.exchange_online#connection).
      Options that only one of them has are refused by name on the other, before anything is written.
  action_group:
    description: Use C(group/m365.hybrid.exchange) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.exchange, m365.hybrid.all]
"""


class ExchangeOnline:
    """How to work with what an Exchange organization has in the cloud only: there is no domain controller to name."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: Exchange Online
    details: >-
      Over connection P(m365.hybrid.exchange_online#connection).
      Exchange Server has nothing of the kind; a task on a host with another connection is refused.
  action_group:
    description: Use C(group/m365.hybrid.exchange) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.exchange, m365.hybrid.all]
"""


class Resource:
    """A thing that exists or not."""

    DOCUMENTATION = r"""
options:
  state:
    description: Whether the object shall exist.
    type: str
    choices: [present, absent]
    default: present
"""


class Writes:
    """What every module that changes something supports."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
"""


class Reads:
    """What every module that only reads supports."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details: The module changes nothing.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
"""


class AuditEntries:
    """What modules that read logs do with many entries."""

    DOCUMENTATION = r"""
options:
  path:
    description:
      - >-
        A file on the control node that gets the entries, each as one line of JSON, in the order in which the service delivers them; the result has their number
        only. However many there are, they take no memory.
      - >-
        The file appears, or replaces an older one, when all entries are in it, so it is complete or not there; after a failure an older one is as it was. It
        is readable for its owner only, and no part of what is changed - it is written in check mode as well.
      - Each host needs a file of its own. While one task writes to it, another one is refused. With C(async) no file can be written.
    type: path
"""


class Free:
    """An escape hatch: what the call does is the user's affair."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: Exchange Server, Skype for Business Server and Windows hosts, Exchange Online
    details: Over connection P(m365.hybrid.powershell#connection); Exchange Online over connection P(m365.hybrid.exchange_online#connection).
  action_group:
    description: Use C(group/m365.hybrid.all) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.all]
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: partial
    details: Only what reads is run; anything else is reported as a change.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
    details: What a call changes is not known.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: none
    details: The call is made whenever the task runs.
"""


class FreeRequest:
    """An escape hatch of Microsoft Graph: what the request does is the user's affair."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: tenants of Microsoft 365
    details: Over connection P(m365.hybrid.graph#connection).
  action_group:
    description: Use C(group/m365.hybrid.all) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.all]
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: partial
    details: Only GET requests are sent; anything else is reported as a change.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
    details: What a request changes is not known.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: none
    details: The request is made whenever the task runs.
"""


class Many:
    """Work on all objects of a resource module."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: what the named resource module manages
  action_group:
    description: Use C(group/m365.hybrid.all) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.all]
  async:
    description: Supports being used with the C(async) keyword.
    support: none
    details: The module needs the resource module beside it, which is there only where ansible-playbook runs. C(async) is refused before anything is sent.
"""


def _numbered(name: str, count: int, description: str, kind: str) -> str:
    """The docs of options that differ in their number only."""
    return "".join(f"  {name}{number}:\n    description: {description}\n    type: {kind}\n" for number in range(1, count + 1))


class RecipientProperties:
    """What every recipient has."""

    DOCUMENTATION = (
        r"""
options:
  alias:
    description: The recipient's alias, unique in the organization.
    type: str
  display_name:
    description: The name that address lists show.
    type: str
  primary_smtp_address:
    description: The primary SMTP address. Needs O(email_address_policy_enabled=false) where an email address policy sets it.
    type: str
  email_addresses:
    description: >-
      All addresses; a list, or a dictionary with V(add), V(remove) or V(set). An address without a type is an SMTP address; V(SMTP:) in
      capitals marks the primary one, which otherwise stays as it is. With O(email_address_policy_enabled=true) Exchange puts back what a policy gives.
    type: raw
  email_address_policy_enabled:
    description: Whether email address policies set the addresses. Exchange applies them at once when this is switched on; addresses of before stay.
    type: bool
  hidden_from_address_lists_enabled:
    description: Whether address lists leave the recipient out.
    type: bool
  accept_messages_only_from_senders_or_members:
    description: >-
      Senders and groups from which alone messages are accepted, named by DN, GUID, SMTP address or alias; a list, or a dictionary with
      V(add), V(remove) or V(set).
    type: raw
  reject_messages_from_senders_or_members:
    description: >-
      Senders and groups from which no messages are accepted, named by DN, GUID, SMTP address or alias; a list, or a dictionary with
      V(add), V(remove) or V(set).
    type: raw
  bypass_moderation_from_senders_or_members:
    description: >-
      Senders and groups whose messages need no approval, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add),
      V(remove) or V(set).
    type: raw
  moderated_by:
    description: Who approves messages, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  moderation_enabled:
    description: Whether messages to the recipient need approval.
    type: bool
  send_moderation_notifications:
    description: Who learns that a message was not approved.
    type: str
    choices: [always, internal, never]
  require_sender_authentication_enabled:
    description: Whether only senders who signed in can write to the recipient.
    type: bool
  mail_tip:
    description: The text that senders see before they send, 175 characters at the most.
    type: str
"""
        + _numbered("custom_attribute", 15, "Text of your own.", "str")
        + _numbered("extension_custom_attribute", 5, "Texts of your own; a list, or a dictionary with V(add), V(remove) or V(set).", "raw")
    )


class AccountProperties:
    """What a recipient has that is an account of Active Directory, with a mailbox here or elsewhere."""

    DOCUMENTATION = r"""
options:
  name:
    description: Name of the account in Active Directory.
    type: str
  user_principal_name:
    description: The name with which the user signs in.
    type: str
  sam_account_name:
    description: The sign-in name of domains before Windows 2000.
    type: str
  first_name:
    description: Given name of a new account; used at creation only.
    type: str
  last_name:
    description: Surname of a new account; used at creation only.
    type: str
  initials:
    description: Initials of a new account; used at creation only.
    type: str
  reset_password_on_next_logon:
    description: Whether the user of a new account must change the password at first sign-in; used at creation only.
    type: bool
  immutable_id:
    description: The identifier by which the account is matched with its copy in the cloud, where it is not the one that synchronization takes.
    type: str
  archive_name:
    description: Names of the archive; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  recoverable_items_quota:
    description: The largest size of the Recoverable Items folder, for example V(50GB) or V(unlimited).
    type: str
  recoverable_items_warning_quota:
    description: The size of the Recoverable Items folder at which an event is logged, for example V(50GB) or V(unlimited).
    type: str
"""


class OutsideProperties:
    """What a recipient has whose messages leave the organization."""

    DOCUMENTATION = r"""
options:
  external_email_address:
    description: The address outside the organization where messages go. A new recipient needs one.
    type: str
  message_format:
    description: How messages to the recipient are encoded.
    type: str
    choices: [text, mime]
  message_body_format:
    description: The format of their bodies; V(text_and_html) and V(html) need O(message_format=mime).
    type: str
    choices: [text, html, text_and_html]
  mac_attachment_format:
    description: >-
      The format of attachments for Apple computers. With O(message_format=text) only V(bin_hex) and V(uu_encode), with
      O(message_format=mime) only V(bin_hex), V(apple_single) and V(apple_double) fit.
    type: str
    choices: [bin_hex, uu_encode, apple_single, apple_double]
  use_mapi_rich_text_format:
    description: Whether messages are sent in Outlook's rich text format.
    type: str
    choices: [always, never, use_default_settings]
  use_prefer_message_format:
    description: Whether O(message_format) and its companions win over what the remote domain says.
    type: bool
  max_send_size:
    description: The largest message that the recipient can send to the organization, for example V(25MB) or V(unlimited).
    type: str
  max_receive_size:
    description: The largest message that can be sent to the recipient, for example V(25MB) or V(unlimited).
    type: str
"""


PREFIX = "m365.hybrid."


def _named(*places: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The text of every class of these modules that has one, by the name of its fragment: what nobody lists, nobody forgets."""
    classes = [one for place in places for one in place.values() if isinstance(one, type) and hasattr(one, "DOCUMENTATION")]
    return {PREFIX + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one.__name__).lower(): one.DOCUMENTATION for one in classes}


BY_NAME = _named(globals(), vars(_directory_fragments))

PROPERTIES = "_properties"
"""How the name of a fragment ends whose options are properties of the resource; any other fragment's say how to work."""
