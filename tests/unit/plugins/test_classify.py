# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's words and what they are."""

from __future__ import annotations

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import classify
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.classify import Failure

TASKS = "Microsoft.Exchange.Configuration.Tasks."
STAMP = "[Server=EX1,RequestId=0a,TimeStamp=5/19/2020 10:19:41 PM] "
LIMIT = (
    "[AuthZRequestId=0a][FailureCategory=AuthZ-AuthorizationException] Fail to create a runspace because you have exceeded the maximum number of "
    "connections allowed : 18 for the policy party : MaxConcurrency. Please close existing runspace and try again."
)


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (
            Failure(
                "The operation couldn't be performed because object 'x' couldn't be found on 'DC1.dom.local'.",
                STAMP + "[FailureCategory=Cmdlet-ManagementObjectNotFoundException] 1082ECE3,Microsoft.Exchange.Management.RecipientTasks.SetRemoteMailbox",
                "NotSpecified",
                TASKS + "ManagementObjectNotFoundException",
            ),
            errors.NotFound,
        ),
        (Failure("The operation couldn't be performed because object 'it's' couldn't be found on 'DC1'."), errors.NotFound),
        (Failure('Couldn\'t find database "x". Make sure you have typed it correctly.'), errors.NotFound),
        (
            Failure('Management object not found for identity "a@x.example".', error_type="Microsoft.Rtc.Management.AD.ManagementException"),
            errors.NotFound,
        ),
        (Failure("Filter failed to return unique result", error_type="Microsoft.Rtc.Management.AD.ManagementException"), errors.CmdletError),
        (Failure("Cannot find path", "PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand", "ObjectNotFound"), errors.NotFound),
        (Failure("x", error_type="Microsoft.ActiveDirectory.Management.ADIdentityNotFoundException"), errors.NotFound),
        (Failure("no entry", STAMP + "[FailureCategory=Cmdlet-UserNotFoundInPermissionEntryException] 1,X"), errors.NotFound),
        (Failure("no user", error_type="Microsoft.Exchange.Management.StoreTasks.InvalidExternalUserIdException"), errors.NotFound),
        (Failure("an entry", error_type="Microsoft.Exchange.Management.StoreTasks.UserAlreadyExistInPermissionEntryException"), errors.AlreadyExists),
        (Failure("x", STAMP + "[FailureCategory=Cmdlet-ManagementObjectAmbiguousException] 1,Y"), errors.Ambiguous),
        (Failure("The operation couldn't be performed because 'x' matches multiple entries."), errors.Ambiguous),
        (Failure("x", STAMP + "[FailureCategory=Cmdlet-ADObjectAlreadyExistsException] 1,Y"), errors.AlreadyExists),
        (Failure('The proxy address "SMTP:a@x" is already being used by the proxy addresses or LegacyExchangeDN of "x/y".'), errors.AlreadyExists),
        (
            Failure("Insufficient access rights to perform the operation.", error_type="Microsoft.Exchange.ADOperationException"),
            errors.AccessDenied,
        ),
        (Failure("x", category="PermissionDenied"), errors.AccessDenied),
        (Failure("A parameter cannot be found that matches parameter name 'X'.", "NamedParameterNotFound,Set-X", "InvalidArgument"), errors.BadParameter),
        (Failure("x", "ParameterArgumentTransformationError,Set-X", "InvalidData"), errors.BadParameter),
        (Failure("x", "CannotConvertArgumentNoMessage,Set-X"), errors.BadParameter),
        (Failure("The term 'Get-X' is not recognized as the name of a cmdlet", "CommandNotFoundException", "ObjectNotFound"), errors.CommandMissing),
        (Failure(LIMIT), errors.SessionLimit),
        (Failure("The maximum number of concurrent shells for this user has been exceeded. Close existing shells or raise the quota."), errors.SessionLimit),
        (Failure("Fail to create runspace because you have exceeded your budget to create runspace. Please wait for 2 seconds."), errors.Throttled),
        (Failure("x", error_type="Microsoft.Exchange.Data.Directory.OverBudgetException"), errors.Throttled),
        (Failure("The syntax is not supported by this runspace.", "ScriptsNotAllowed", "ParserError"), errors.CmdletError),
        (Failure("Active Directory server DC1 is not available.", error_type="Microsoft.Exchange.Data.Directory.ADTransientException"), errors.CmdletError),
    ],
)
def test_the_class_of_a_failure(failure: Failure, kind: type[errors.HybridError]) -> None:
    assert type(classify.error(failure)) is kind


def test_a_failed_directory_never_proves_an_object_absent() -> None:
    failure = Failure("The LDAP server is unavailable.", STAMP + "[FailureCategory=Cmdlet-ADTransientException] 1,Get-Mailbox", "NotSpecified")
    assert not isinstance(classify.error(failure), errors.NotFound)


def test_the_server_s_wait_and_plain_words_are_kept() -> None:
    found = classify.error(Failure("[FailureCategory=AuthZ-X] exceeded your budget. Please wait for 12 seconds."), cmdlet="Get-X", target="exchange on x")
    assert (found.wait, found.text) == (12.0, "exceeded your budget. Please wait for 12 seconds.")
    assert str(found).startswith("Get-X failed on exchange on x: exceeded your budget")


@pytest.mark.parametrize(
    ("text", "seconds"), [("Please wait for 2 seconds.", 2), ("wait 1.5 second", 1.5), ("Please wait for 3 minutes", 180), ("wait a moment", None)]
)
def test_how_long_to_wait(text: str, seconds: float | None) -> None:
    assert classify.wait_seconds(text) == seconds


@pytest.mark.parametrize(
    ("warning", "expected"),
    [
        ("By default, only the first 1000 items are returned. Use the ResultSize parameter to specify the number of items returned.", True),
        ("There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter.", True),
        ("The command completed successfully but no settings of 'x' have been modified.", False),
    ],
)
def test_warnings_that_a_list_is_incomplete(warning: str, expected: bool) -> None:
    assert classify.truncates(warning) is expected


def test_several_errors_are_told_together_and_the_first_decides() -> None:
    found = classify.first_of([Failure("object 'a' couldn't be found on 'd'"), Failure("second"), Failure("second"), Failure("3"), Failure("4"), Failure("5")])
    assert isinstance(found, errors.NotFound)
    assert found.text == "object 'a' couldn't be found on 'd'. Also: second. 3. 4. and 1 more"
