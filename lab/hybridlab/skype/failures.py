# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the cmdlets of Skype for Business Server say when they refuse.

Seen in public reports: the exception ManagementException, ``Management object not found for identity``, ``Filter failed to return unique result`` of a
telephone number that another object has, ``is not a user policy`` of what cannot be granted, and the warning ``Object with identity … was not changed``.
The other texts, and the classes in the error identifiers, are the lab's own.
"""

from __future__ import annotations

from hybridlab.records import ErrorRecord

_MANAGEMENT = "Microsoft.Rtc.Management.AD.ManagementException"
_TOPOLOGY = "Microsoft.Rtc.Management.Deploy.TopologyException"


class Refused(Exception):
    """A cmdlet wrote one non-terminating error record and did nothing."""

    def __init__(self, text: str, exception: str = _MANAGEMENT, category: str = "NotSpecified") -> None:
        super().__init__(text)
        self.text = text
        self.exception = exception
        self.category = category

    def record(self, cmdlet: str) -> ErrorRecord:
        verb, noun = cmdlet.split("-", 1)
        error_id = f"{self.exception},Microsoft.Rtc.Management.AD.Cmdlets.{verb}{noun}Cmdlet"
        return ErrorRecord(self.text, self.exception, error_id, self.category, activity=cmdlet)


def not_found(identity: object) -> Refused:
    """No such account, or none that is enabled as what the cmdlet is about: the text is the same."""
    return Refused(f'Management object not found for identity "{identity}".')


def ambiguous(identity: object) -> Refused:
    return Refused(f'Multiple management objects were found for identity "{identity}". Use an identity that is unique.')


def not_unique(attribute: str, value: str, owner: str) -> Refused:
    return Refused(f'Filter failed to return unique result, "[{attribute} -eq {value}]" fits "{owner}" as well.')


def already_enabled(dn: str, kind: str) -> Refused:
    return Refused(f'The account "{dn}" has already been enabled for Skype for Business Server as a {kind}.')


def no_pool(fqdn: object) -> Refused:
    return Refused(f'Cannot find "{fqdn}" in the topology as a pool with a Registrar.', _TOPOLOGY, "ObjectNotFound")


def unknown_pool(fqdn: object) -> Refused:
    return Refused(f'Cannot find pool "{fqdn}" in the topology.', _TOPOLOGY, "ObjectNotFound")


def invalid(text: str) -> Refused:
    return Refused(text, category="InvalidArgument")


def access_denied() -> Refused:
    return Refused("Active Directory operation failed. Insufficient access rights to perform the operation.", category="PermissionDenied")


def not_emulated(cmdlet: str, what: str) -> Refused:
    return Refused(f"The lab's {cmdlet} does not emulate {what}.", "LabDoesNotEmulateException", "NotImplemented")


def unchanged(dn: str) -> str:
    """The warning of a cmdlet that found everything as asked."""
    return f'Object with identity "{dn}" was not changed.'
