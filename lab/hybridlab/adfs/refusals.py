# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words in which AD FS and Web Application Proxy refuse.

Seen in public reports: PS0033, PS0159, what is said about certificates while the automatic rollover is on, the error code 0x8007520C of a proxy whose
trust has ended.  The other texts, and the classes of all errors, are the lab's own.
"""

from __future__ import annotations

from hybridlab.records import ErrorRecord

_NAMESPACE = "Microsoft.IdentityServer.Management.Commands"


class Refused(Exception):
    """A cmdlet wrote one error record and did nothing, or nothing more."""

    def __init__(self, text: str, number: str = "", exception: str = "System.InvalidOperationException", category: str = "InvalidOperation") -> None:
        super().__init__(text)
        self.text = f"{number}: {text}" if number else text
        self.number, self.exception, self.category = number, exception, category

    def record(self, cmdlet: str) -> ErrorRecord:
        verb, noun = cmdlet.split("-", 1)
        return ErrorRecord(self.text, self.exception, f"{self.number or 'Failed'},{_NAMESPACE}.{verb}{noun}Command", self.category, activity=cmdlet)


def secondary(primary: str) -> Refused:
    text = f"This cmdlet cannot be executed from a secondary server in a local database farm.  The primary server is presently: {primary}."
    return Refused(text, "PS0033")


def level(now: int, needed: int) -> Refused:
    text = f"The operation is not supported at the current Farm Behavior Level '{now}'. Raise the farm to at least version '{needed}' before retrying."
    return Refused(text, "PS0159")


def rollover_on() -> Refused:
    return Refused("The certificates cannot be modified while the AD FS automatic certificate rollover feature is enabled.", "PS0107")


def rollover_off() -> Refused:
    return Refused("The certificates cannot be updated because the AD FS automatic certificate rollover feature is not enabled.", "PS0114")


def no_certificate(thumbprint: str, node: str) -> Refused:
    text = f"The certificate with thumbprint '{thumbprint}' was not found in the LocalMachine\\My store of {node}, or its private key is not there."
    return Refused(text, "PS0148", "System.ArgumentException", "InvalidArgument")


def no_name(thumbprint: str, name: str) -> Refused:
    text = f"The certificate with thumbprint '{thumbprint}' has no subject alternative name {name}."
    return Refused(text, "PS0339", "System.ArgumentException", "InvalidArgument")


def on_nodes(cmdlet: str, problems: list[str]) -> Refused:
    """What a cmdlet that writes to all nodes says of those that it did not reach, after it wrote to the others."""
    return Refused(f"{cmdlet} failed on one or more AD FS servers. {' '.join(problems)}", "PS0317")


def no_delegation(node: str) -> str:
    return f"Connecting to remote server {node} failed with the following error message : Access is denied."


def not_reached(node: str) -> str:
    text = "The client cannot connect to the destination specified in the request."
    return f"Connecting to remote server {node} failed with the following error message : {text}"


def service_stopped() -> Refused:
    text = "Could not connect to net.tcp://localhost:1500/policy. The connection was refused. Ensure that the AD FS service is running."
    return Refused(text, "PS0008", "System.ServiceModel.EndpointNotFoundException", "ConnectionError")


def trust_ended(thumbprint: str) -> Refused:
    text = (
        f"Retrieval of proxy configuration data from the Federation Server using trust certificate with thumbprint '{thumbprint}' failed with status code "
        "'Unauthorized'. The operation stopped due to an unknown general error. Error code 0x8007520C."
    )
    return Refused(text, "", "Microsoft.Management.Infrastructure.CimException", "NotSpecified")


def no_application(identity: object) -> Refused:
    text = f"The application '{identity}' cannot be found."
    return Refused(text, "ObjectNotFound", "Microsoft.Management.Infrastructure.CimException", "ObjectNotFound")


def not_emulated(cmdlet: str, what: str) -> Refused:
    return Refused(f"The lab's {cmdlet} does not emulate {what}.", "", "LabDoesNotEmulateException", "NotImplemented")
