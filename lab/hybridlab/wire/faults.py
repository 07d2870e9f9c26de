# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WSMan faults: what the service says when it refuses a request, with the numbers and texts that clients key on."""

from __future__ import annotations

import uuid
from xml.sax.saxutils import escape

WSMAN_FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"


class Fault(Exception):
    """A refused request.  ``code`` is the decimal HRESULT of the WSManFault detail."""

    def __init__(self, code: int, reason: str, *, subcode: str = "w:InternalError", value: str = "s:Receiver") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.subcode = subcode
        self.value = value

    def body(self, machine: str) -> str:
        """The SOAP fault element."""
        reason = escape(self.reason)
        return (
            f"<s:Fault><s:Code><s:Value>{self.value}</s:Value><s:Subcode><s:Value>{self.subcode}</s:Value></s:Subcode></s:Code>"
            f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason><s:Detail>'
            f'<f:WSManFault xmlns:f="{WSMAN_FAULT}" Code="{self.code}" Machine="{escape(machine)}">'
            f"<f:Message>{reason}</f:Message></f:WSManFault></s:Detail></s:Fault>"
        )


class Dropped(Exception):
    """The answer is to be cut off in the middle; ``answer`` is what it would have been."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("the connection is dropped in the middle of an answer")
        self.answer = answer


def timed_out() -> Fault:
    """0x80338029: nothing to receive yet; clients ask again."""
    text = "The WS-Management service cannot complete the operation within the time specified in OperationTimeout."
    return Fault(2150858793, text, subcode="w:TimedOut")


def shell_missing() -> Fault:
    """0x8033805B: the shell does not exist, or no longer."""
    text = (
        "The request for the Windows Remote Shell with ShellId failed because the shell was not found on the server. Possible causes are: the specified "
        "ShellId is incorrect or the shell no longer exists on the server. Provide the correct ShellId or create a new shell and retry the operation."
    )
    return Fault(2150858843, text, subcode="w:InvalidSelectors", value="s:Sender")


def command_missing() -> Fault:
    text = "The WS-Management service cannot process the request because the command ID is invalid."
    return Fault(2150858843, text, subcode="w:InvalidSelectors", value="s:Sender")


def resource_missing(uri: str) -> Fault:
    """0x8033803B: no such configuration, for example Exchange's asked of an ordinary WinRM listener."""
    text = (
        f"The WS-Management service cannot process the request. The resource URI ({uri}) was not found in the WS-Management catalog. "
        "The catalog contains the metadata that describes resources, or logical endpoints."
    )
    return Fault(2150858811, text, subcode="a:DestinationUnreachable", value="s:Sender")


def action_unknown(action: str) -> Fault:
    return Fault(2150858752, f"The WS-Management service does not support the action {action}.", subcode="a:ActionNotSupported", value="s:Sender")


def access_denied() -> Fault:
    """What WinRM says to an account that is known and not in the local group Administrators."""
    return Fault(5, "Access is denied.", subcode="w:AccessDenied", value="s:Sender")


def too_many_shells(limit: int) -> Fault:
    """0x803381A5: WinRM's quota MaxShellsPerUser."""
    text = (
        f"The WS-Management service cannot process the request. This user is allowed a maximum number of {limit} concurrent shells, which has been "
        "exceeded. Close existing shells or raise the quota for this user."
    )
    return Fault(2150859173, text, subcode="w:QuotaLimit", value="s:Receiver")


def too_many_runspaces(limit: int) -> Fault:
    """Exchange's words for PowerShellMaxConcurrency, with its budget snapshot (Microsoft365DSC issue 359 shows one whole).

    The text is what clients see; the number of the fault is not in any published capture, 5 is "access denied".
    """
    text = (
        f"[AuthZRequestId={uuid.uuid4()}][FailureCategory=AuthZ-AuthorizationException] Fail to create a runspace because you have exceeded the maximum "
        f"number of connections allowed : {limit} for the policy party : MaxConcurrency. Please close existing runspace and try again.\n"
        "Policy: CN=GlobalThrottlingPolicy_5c26b2ea-3f1c-4f8e-a3f3-0ddcb7e1b2f1,CN=Global Settings,CN=Lab,CN=Microsoft Exchange,CN=Services,"
        "CN=Configuration,DC=lab,DC=test; \n"
        f"Snapshot: Owner:\tSid~S-1-5-21-1004336348-1177238915-682003330-500~WSMan~false\nBudgetType:\tWSMan\nActiveRunspaces:\t{limit}/{limit}\n"
        "Balance:\tUnlimited/Unlimited/Unlimited\nPowerShellCmdletsLeft:\tUnlimited\nLocked:\tFalse\nLockRemaining:\t00:00:00"
    )
    return Fault(5, text, subcode="w:AccessDenied", value="s:Sender")


def runspace_budget(seconds: int) -> Fault:
    """Exchange's words when runspaces are created too fast."""
    text = (
        f"[AuthZRequestId={uuid.uuid4()}][FailureCategory=AuthZ-AuthorizationException] Fail to create runspace because you have exceeded your budget to "
        f"create runspace. Please wait for {seconds} seconds."
    )
    return Fault(5, text, subcode="w:AccessDenied", value="s:Sender")
