#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_move_request
short_description: Move mailboxes and archives
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Declares the move request of a mailbox - between databases of the organization, or from and to another one. The move itself is done by the Mailbox
    Replication service, and takes its time; M(m365.hybrid.exchange_move_request_info) says how far it is, role P(m365.hybrid.mailbox_move#role) waits for it.
  - >-
    A mailbox that is where the task wants it needs no request, and none is made. A request that is on its way there is left to go on, a completed one is no
    error. A completed request to somewhere else is cleared before the new one is made. Nothing but C(Completed) is ever cleared like that.
  - >-
    A request that waits because a database failed over, or because copies are behind, is no failure. Exchange tries again, by default 60 times within half an
    hour; V(state=started) lets a request go on that gave up.
options:
  identity:
    description: The mailbox, named by alias, user principal name, SMTP address, GUID or DN. In a move from another organization it is the mail user here.
    type: str
    required: true
  state:
    description:
      - V(present) - there is a request, or it is not needed. Whether it is suspended or failed is not looked at.
      - V(started) - the same, and it is resumed if it was suspended or failed. One that suspended itself when it was ready stays so.
      - V(suspended) - the same, and it is suspended. A new one begins so.
      - >-
        V(completed) - the same, and nothing keeps it from being completed; it is resumed, and what V(suspend_when_ready_to_complete), V(prevent_completion) or
        a later time hold is let go. The task does not wait for the end.
      - V(absent) - there is no request. Only a completed one is cleared unless O(cancel) is true.
    type: str
    choices: [present, started, suspended, completed, absent]
    default: present
  cancel:
    description: With V(state=absent), remove a request that is not completed, too. What it has copied is lost, the mailbox stays where it was.
    type: bool
  target_database:
    description:
      - The database to move to, by its name. Without one Exchange chooses, and a mailbox whose request was cleared is moved again.
      - Of a request that exists it can be changed only while that is queued. Exchange Server only.
    type: str
  archive_target_database:
    description: The database for the archive, by its name; without one it goes where the mailbox goes. Exchange Server only.
    type: str
  primary_only:
    description: Move the mailbox without its archive. Used when the request is made.
    type: bool
  archive_only:
    description: Move the archive alone. Used when the request is made.
    type: bool
  batch_name:
    description: A name that several requests have in common. Exchange Server shows and selects by it; it is no migration batch.
    type: str
  bad_item_limit:
    description: >-
      How many damaged items may be left behind before the request fails, or V(unlimited). Exchange Server only. From 51 it needs O(accept_large_data_loss).
    type: str
  large_item_limit:
    description: >-
      How many items that are too large for the target may be left behind, or V(unlimited). Exchange Server only. From 51 it needs O(accept_large_data_loss).
    type: str
  allow_large_items:
    description: Copy items that are larger than the target allows. Not together with O(large_item_limit). Used when the request is made.
    type: bool
  accept_large_data_loss:
    description: Consent to the loss of 51 items or more. It is never given by the module itself.
    type: bool
  priority:
    description: In which order the service takes requests. Exchange Server only.
    type: str
    choices: [lowest, lower, low, normal, high, higher, highest, emergency]
  start_after:
    description: When to begin, for example V(2026-12-01T22:00:00Z).
    type: str
  complete_after:
    description: When to complete at the earliest; until then the copy is kept up to date. For example V(2026-12-05T18:00:00Z).
    type: str
  incremental_sync_interval:
    description: How often the copy is brought up to date until then, for example V(1.00:00:00).
    type: str
  suspend_when_ready_to_complete:
    description: Whether the request suspends itself when everything is copied. O(complete_after) does without somebody who resumes it.
    type: bool
  prevent_completion:
    description: Whether the request goes on without ever being completed.
    type: bool
  suspend_comment:
    description: Why it is suspended. Used when the task suspends it.
    type: str
  completed_request_age_limit:
    description: How long the request is kept after it was completed, for example V(30.00:00:00), or V(unlimited).
    type: str
  request_expiry_interval:
    description: How long a request that does not complete is kept, or V(unlimited). Exchange Server 2016 and later, and Exchange Online.
    type: str
  skip_moving:
    description: What is not moved, for example V(FolderRules); a list, or a dictionary with V(add), V(remove) or V(set). The list is written as a whole.
    type: raw
  move_options:
    description: >-
      Stages of the request that are left out; a list, or a dictionary with V(add), V(remove) or V(set). Exchange Server 2016 and later, and Exchange Online.
    type: raw
  force_offline:
    description: Keep the user out of the mailbox for the whole move. Used when the request is made.
    type: bool
  do_not_preserve_mailbox_signature:
    description: >-
      Give the mailbox new identifiers of its properties. It helps where the old ones are exhausted, and users have to start Outlook again. Used when
      the request is made. Exchange Server only.
    type: bool
  remote:
    description: The mailbox comes from another organization, which O(remote_host_name) leads to; onboarding in Exchange Online. Used when the request is made.
    type: bool
  outbound:
    description: The mailbox goes to another organization; offboarding in Exchange Online. Used when the request is made.
    type: bool
  remote_host_name:
    description: The host that answers for the other organization, for example V(mail.contoso.com).
    type: str
  remote_global_catalog:
    description: A global catalog of the other forest.
    type: str
  remote_user:
    description: An account of the other organization that may move mailboxes. Exchange Server only; secrets are not sent to Exchange Online.
    type: str
  remote_password:
    description: Its password. It is sent with a new request and with changes of the remote host.
    type: str
  remote_target_database:
    description: The database of the other organization, for a mailbox that goes there. Set when the request is made.
    type: str
  remote_archive_target_database:
    description: The same for the archive. Used when the request is made.
    type: str
  target_delivery_domain:
    description: The domain of the external address that the account left behind gets. Set when the request is made.
    type: str
  archive_domain:
    description: The domain of the other organization's archive, where the archive stays there. Used when the request is made.
    type: str
  source_endpoint:
    description: The migration endpoint that leads to the other organization, by its name. Used when the request is made. Exchange Online only.
    type: str
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_move_request_info
  - module: m365.hybrid.exchange_database_copy_info
  - module: m365.hybrid.exchange_mailbox_database
"""

EXAMPLES = r"""
- name: A mailbox moves, and is switched over on Saturday evening
  m365.hybrid.exchange_move_request:
    identity: user1@contoso.com
    target_database: DB02
    batch_name: Floor 3
    complete_after: "2026-12-05T18:00:00Z"

- name: Not on Saturday, but now
  m365.hybrid.exchange_move_request:
    identity: user1@contoso.com
    target_database: DB02
    state: completed

- name: The whole floor at once, with consent to losing what is damaged
  m365.hybrid.bulk:
    module: exchange_move_request
    objects:
      - {identity: user2, target_database: DB02, batch_name: Floor 3, bad_item_limit: unlimited, accept_large_data_loss: true}
      - {identity: user3, target_database: DB02, batch_name: Floor 3, priority: high}

- name: That was a mistake
  m365.hybrid.exchange_move_request:
    identity: user3
    state: absent
    cancel: true
"""

RETURN = r"""
resource:
  description:
    - The request as it is after the task, by option names, and how far it is. Empty when there is none.
    - In check mode, and for a mailbox that needs no request, as far as it is known.
  returned: success
  type: dict
  contains:
    status:
      description: >-
        Status of the request, for example V(queued), V(in_progress), V(synced), V(auto_suspended), V(failed), V(completed); V(not_needed) without one.
      type: str
    status_detail:
      description: What it does or waits for, for example V(copying_messages) or V(stalled_due_to_target_mdb_replication).
      type: str
    percent_complete:
      description: How much is done.
      type: int
    activity:
      description: V(started), V(suspended) (also one that suspended itself), V(failed) or V(completed).
      type: str
    failure_type:
      description: The kind of error that stopped it.
      type: str
    message:
      description: What Exchange says about that.
      type: str
  sample:
    identity: user1@contoso.com
    target_database: DB02
    batch_name: Floor 3
    status: in_progress
    status_detail: copying_messages
    percent_complete: 25
    activity: started
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
  sample: {Get-MoveRequest: 2, Get-MoveRequestStatistics: 1, Get-Mailbox: 1, New-MoveRequest: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: New-MoveRequest, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.move_request import CREATE_WITH, DEFAULTS, FIELDS, MoveRequest, MoveRequestModule

MODULE = MoveRequestModule(
    DOCUMENTATION,
    constraints={
        "mutually_exclusive": [("primary_only", "archive_only"), ("remote", "outbound"), ("allow_large_items", "large_item_limit")],
        "required_together": [("remote_user", "remote_password")],
        "required_by": {"remote": ("remote_host_name",), "outbound": ("remote_host_name",)},
    },
    secrets=("remote_password",),
    noun="MoveRequest",
    key="identity",
    instructions=("state", "cancel", "accept_large_data_loss", "suspend_comment", "remote_user", "remote_password"),
    fields=FIELDS,
    create_with=CREATE_WITH,
    defaults=DEFAULTS,
    resource_type=MoveRequest,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
