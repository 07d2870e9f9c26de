# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Exchange's cmdlets say when they refuse: texts, exception types and error identifiers of the real product.

A FullyQualifiedErrorId reads ``[Server=…,RequestId=…,TimeStamp=…] [FailureCategory=Cmdlet-<exception>] <8 hex digits>,<class>``.
The digits differ by call site in the product; here they are a checksum of cmdlet and exception, stable and meaningless.
"""

from __future__ import annotations

import datetime
import uuid
import zlib

from hybridlab.records import ErrorRecord

SERVER = "EX01"
DOMAIN_CONTROLLER = "dc01.contoso.com"
_RECIPIENT_NOUNS = ("Mailbox", "CASMailbox", "Recipient", "User", "MailContact", "MailUser", "DistributionGroup")
_NAMESPACES = {
    "Tasks": "Microsoft.Exchange.Configuration.Tasks",
    "Directory": "Microsoft.Exchange.Data.Directory",
    "Data": "Microsoft.Exchange.Data",
    "Store": "Microsoft.Exchange.Management.StoreTasks",
}
CONFIGURATION_TASKS = "Microsoft.Exchange.Management.SystemConfigurationTasks"
RECIPIENT_TASKS = "Microsoft.Exchange.Management.RecipientTasks"
STORE_TASKS = "Microsoft.Exchange.Management.StoreTasks"
_STORE_NOUNS = ("CalendarProcessing", "MailboxAutoReplyConfiguration", "MailboxCalendarFolder", "MailboxJunkEmailConfiguration")


class Refused(Exception):
    """A cmdlet wrote one non-terminating error record and did nothing."""

    def __init__(self, text: str, exception: str, category: str = "NotSpecified", namespace: str = "Tasks") -> None:
        super().__init__(text)
        self.text = text
        self.exception = exception
        self.category = category
        self.namespace = namespace

    def record(self, cmdlet: str, server: str = SERVER) -> ErrorRecord:
        """The record as the cmdlet on that server writes it."""
        verb, noun = cmdlet.split("-", 1)
        tasks = RECIPIENT_TASKS if noun in _RECIPIENT_NOUNS else STORE_TASKS if noun in _STORE_NOUNS else CONFIGURATION_TASKS
        stamp = datetime.datetime.now(datetime.UTC)
        when = f"{stamp.month}/{stamp.day}/{stamp.year} {stamp:%I:%M:%S %p}"
        code = zlib.crc32(f"{cmdlet} {self.exception}".encode())
        error_id = f"[Server={server},RequestId={uuid.uuid4()},TimeStamp={when}] [FailureCategory=Cmdlet-{self.exception}] {code:08X},{tasks}.{verb}{noun}"
        return ErrorRecord(self.text, f"{_NAMESPACES[self.namespace]}.{self.exception}", error_id, self.category, activity=cmdlet)


def not_found(identity: object) -> Refused:
    text = f"The operation couldn't be performed because object '{identity}' couldn't be found on '{DOMAIN_CONTROLLER}'."
    return Refused(text, "ManagementObjectNotFoundException")


def reference_not_found(noun: str, identity: object) -> Refused:
    """A thing named by a parameter: a database, a policy, a server."""
    return Refused(f'Couldn\'t find {noun} "{identity}". Make sure you have typed it correctly.', "ManagementObjectNotFoundException")


def ambiguous(identity: object) -> Refused:
    return Refused(f"The operation couldn't be performed because '{identity}' matches multiple entries.", "ManagementObjectAmbiguousException")


def already_exists(dn: str) -> Refused:
    text = f"Active Directory operation failed on {DOMAIN_CONTROLLER}. The object '{dn}' already exists."
    return Refused(text, "ADObjectAlreadyExistsException", namespace="Directory")


def proxy_in_use(address: str, owner: str) -> Refused:
    text = f'The proxy address "{address}" is already being used by "{owner}". Please choose another proxy address.'
    return Refused(text, "ProxyAddressExistsException")


def not_unique(name: str, value: str) -> Refused:
    text = f'The value "{value}" of property "{name}" is used by another recipient object. Please specify a unique value.'
    return Refused(text, "RecipientTaskException")


def domain_not_accepted(domain: str) -> Refused:
    text = f"You can't use the domain because it's not an accepted domain for your organization. Domain: {domain}"
    return Refused(text, "NotAcceptedDomainException", "InvalidArgument")


def invalid(text: str) -> Refused:
    """A value that breaks a rule of the property."""
    return Refused(text, "DataValidationException", namespace="Data")


def refused(text: str, exception: str = "RecipientTaskException", category: str = "InvalidOperation") -> Refused:
    return Refused(text, exception, category)


def access_denied() -> Refused:
    """The directory refuses what the role permits."""
    return Refused("Active Directory response: Insufficient access rights to perform the operation.", "ADOperationException", namespace="Directory")


def unchanged(identity: str) -> str:
    """The warning of a Set- cmdlet that found everything as asked."""
    return f"The command completed successfully but no settings of '{identity}' have been modified."


def not_emulated(cmdlet: str, what: str) -> Refused:
    """Honest about the lab: never accept what is not kept."""
    return Refused(f"The lab's {cmdlet} does not emulate {what}.", "LabDoesNotEmulateException", "InvalidOperation")
