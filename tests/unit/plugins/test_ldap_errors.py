# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answers of a directory mean."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import ldap_errors

WEAK = "0000052D: AtrErr: DSID-031914C2, #1:\n\t0: 0000052D: DSID-031914C2, problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att 9005a (unicodePwd)\n\x00"


def error(number: int, message: str = "", description: str = "name", **more: t.Any) -> errors.HybridError:
    return ldap_errors.of_result({"result": number, "description": description, "message": message, **more}, "ldap on dc01")


@pytest.mark.parametrize(
    ("number", "message", "kind", "words"),
    [
        (32, "0000208D: NameErr: DSID-0310028B, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'DC=contoso,DC=com'\n", errors.NotFound, "no such object"),
        (19, WEAK, errors.PasswordRefused, "the password breaks a rule of the domain"),
        (53, "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", errors.PasswordRefused, "breaks a rule"),
        (53, "0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", errors.ProtectionNeeded, "encrypted connection only"),
        (53, "00002145: SvcErr: DSID-031A1202, problem 5003 (WILL_NOT_PERFORM), data 0", errors.Unwilling, "a universal group as its member"),
        (53, "00002035: SvcErr", errors.Unwilling, "00002035"),
        (68, "00000524: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0", errors.AlreadyExists, "another account has this name"),
        (68, "00002071: UpdErr: DSID-030503D2, problem 6005 (ENTRY_EXISTS), data 0", errors.AlreadyExists, "is there already"),
        (19, "000021C8: AtrErr: DSID-03200E49, #1: problem 1005 (CONSTRAINT_ATT_TYPE)", errors.AlreadyExists, "this user principal name"),
        (66, "00002015: UpdErr: DSID-030A0B3B, problem 6003 (CANT_ON_NON_LEAF), data 0", errors.NotEmpty, "objects below it"),
        (50, "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", errors.AccessDenied, "INSUFF_ACCESS_RIGHTS"),
        (8, "00002028: LdapErr: DSID-0C090252, comment: The server requires binds to turn on integrity", errors.ProtectionNeeded, "integrity"),
        (65, "0000207D: UpdErr: DSID-0315166D, problem 6002 (OBJ_CLASS_VIOLATION), data 0", errors.BadParameter, "do not have the attribute (0000207D"),
        (19, "00002082: AtrErr: DSID-03151339, #1: problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att c (title):len 400", errors.BadParameter, "(title)"),
        (53, "0000209A: SvcErr: DSID-031A1021, problem 5003 (WILL_NOT_PERFORM), data 0", errors.Unwilling, "itself keeps this attribute"),
        (51, "", errors.Throttled, "busy"),
        (52, "", errors.Throttled, "name"),
        (4, "", errors.Truncated, "name"),
        (16, "00000057: LdapErr: DSID-0C090D8A, comment: Error in attribute conversion operation", errors.BadParameter, "attribute conversion"),
        (80, "", errors.CmdletError, "the directory answered name"),
    ],
)
def test_result_and_code_make_the_class(number: int, message: str, kind: type[errors.HybridError], words: str) -> None:
    found = error(number, message)
    assert type(found) is kind and words in found.text and found.target == "ldap on dc01"
    assert "\x00" not in found.text and found.category == str(number)


def test_only_a_missing_object_proves_absence() -> None:
    codes = {number: type(error(number)) for number in range(1, 90)}
    assert [number for number, kind in codes.items() if kind is errors.NotFound] == [ldap_errors.NO_SUCH_OBJECT]


def test_a_referral_names_the_other_server() -> None:
    found = error(10, "0000202B: RefErr: DSID-0310084A", referrals=["ldap://other.contoso.com/DC=other"])
    assert isinstance(found, errors.Elsewhere) and "ldap://other.contoso.com/DC=other" in found.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("525", "no such account"),
        ("52e", "the user name or the password is wrong"),
        ("532", "the account's password has expired"),
        ("533", "the account is disabled"),
        ("701", "the account has expired"),
        ("773", "must change its password"),
        ("775", "the account is locked"),
    ],
)
def test_a_refused_login_says_why(data: str, words: str) -> None:
    found = error(49, f"80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data {data}, v4563\x00", "invalidCredentials")
    assert isinstance(found, errors.LoginRefused) and words in found.text and found.error_id == f"invalidCredentials,{data}"


def test_a_login_refused_in_other_words_keeps_them() -> None:
    assert "something new" in error(49, "something new").text and isinstance(error(48), errors.LoginRefused)
