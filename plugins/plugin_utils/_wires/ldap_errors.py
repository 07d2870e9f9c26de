# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a directory's answer means: LDAP result codes and Active Directory's own codes in the diagnostic message → `_core.errors`.

Sources: RFC 4511 appendix A (result codes), [MS-ADTS] 3.1.1.3.1.9 (Win32 codes in the message), [MS-ERREF] 2.2 (Win32 codes), and for the
codes of a refused login the published list of AcceptSecurityContext errors.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors

SUCCESS = 0
NO_SUCH_OBJECT = 32
_CLASSES: dict[int, type[errors.HybridError]] = {
    2: errors.BadParameter,
    3: errors.Truncated,
    4: errors.Truncated,
    8: errors.ProtectionNeeded,
    10: errors.Elsewhere,
    11: errors.Truncated,
    12: errors.CommandMissing,
    13: errors.ProtectionNeeded,
    16: errors.BadParameter,
    17: errors.BadParameter,
    18: errors.BadParameter,
    19: errors.BadParameter,
    20: errors.AlreadyExists,
    21: errors.BadParameter,
    NO_SUCH_OBJECT: errors.NotFound,
    34: errors.BadParameter,
    50: errors.AccessDenied,
    51: errors.Throttled,
    52: errors.Throttled,
    53: errors.Unwilling,
    64: errors.BadParameter,
    65: errors.BadParameter,
    66: errors.NotEmpty,
    68: errors.AlreadyExists,
    71: errors.Elsewhere,
}
_MEANINGS = {
    8: "the server accepts this over an encrypted connection only",
    13: "the server accepts this over an encrypted connection only",
    NO_SUCH_OBJECT: "there is no such object",
    50: "the account has no right to do this",
    51: "the server is busy",
    66: "there are objects below it",
}
_REFUSED_LOGINS = (7, 48, 49)
_OF_CODE: dict[int, tuple[type[errors.HybridError], str]] = {
    0x005: (errors.AccessDenied, ""),
    0x01F: (errors.ProtectionNeeded, "a password is set over an encrypted connection only"),
    0x056: (errors.PasswordRefused, "the present password is not the one that was given"),
    0x4DC: (errors.LoginRefused, "the server wants a login before this operation"),
    0x523: (errors.BadParameter, "this is no possible name of an account"),
    0x524: (errors.AlreadyExists, "another account has this name already"),
    0x525: (errors.BadParameter, "an object that the change names does not exist"),
    0x528: (errors.AlreadyExists, "it is a member already"),
    0x52D: (errors.PasswordRefused, "the password breaks a rule of the domain: its length, its complexity, its age or its history"),
    0x55B: (errors.Unwilling, "a special account cannot be changed so"),
    0x561: (errors.BadParameter, "it is no member"),
    0x562: (errors.AlreadyExists, "it is a member already"),
    0x2015: (errors.NotEmpty, "there are objects below it"),
    0x2071: (errors.AlreadyExists, "an object of this name is there already"),
    0x207C: (errors.BadParameter, "an attribute that the object must have is missing"),
    0x207D: (errors.BadParameter, "objects of this class do not have the attribute"),
    0x2081: (errors.BadParameter, "the attribute has one value at the most"),
    0x2082: (errors.BadParameter, "a value is longer or larger than the attribute allows"),
    0x2083: (errors.AlreadyExists, "the attribute has this value already"),
    0x2085: (errors.BadParameter, "the attribute does not have this value"),
    0x2089: (errors.NotFound, "the container does not exist"),
    0x2098: (errors.AccessDenied, ""),
    0x209A: (errors.Unwilling, "the domain controller itself keeps this attribute"),
    0x20B1: (errors.Unwilling, "only the system itself changes this attribute"),
    0x2141: (errors.Unwilling, "this is no possible type of a group"),
    0x2144: (errors.Unwilling, "a global group cannot have a domain-local group as its member"),
    0x2145: (errors.Unwilling, "a global group cannot have a universal group as its member"),
    0x2146: (errors.Unwilling, "a universal group cannot have a domain-local group as its member"),
    0x2147: (errors.Unwilling, "a global group cannot have a member of another domain"),
    0x2148: (errors.Unwilling, "a domain-local group cannot have a domain-local group of another domain as its member"),
    0x2149: (errors.Unwilling, "the group is the primary group of its members, so its type cannot be changed"),
    0x216D: (errors.AccessDenied, "the account has made as many machine accounts as it may"),
    0x21C7: (errors.AlreadyExists, "another object of the forest has this service principal name already"),
    0x21C8: (errors.AlreadyExists, "another object of the forest has this user principal name already"),
}
"""Win32 code at the beginning of the message → what it means, more exactly than the result code says."""
_OF_LOGIN = {
    "525": "there is no such account",
    "52e": "the user name or the password is wrong",
    "530": "the account may not log in at this time",
    "531": "the account may not log in at this computer",
    "532": "the account's password has expired",
    "533": "the account is disabled",
    "568": "the account has too many groups for a token",
    "701": "the account has expired",
    "773": "the account must change its password before it can log in",
    "775": "the account is locked",
}
_RIGHTS = "Give the account the right to do this to the object, for example by delegating control of its organizational unit"
_LOGIN = "Check m365_ldap_user and m365_ldap_password, or the ticket"
_CODE = re.compile(r"\s*([0-9A-Fa-f]{8}):")
_DATA = re.compile(r"AcceptSecurityContext error, data ([0-9a-f]+)", re.I)


def of_result(result: t.Mapping[str, t.Any], target: str) -> errors.HybridError:
    """The error of an answer; ``error_id`` holds the result's name and, where there is one, Active Directory's code."""
    number, message = int(result["result"]), str(result.get("message") or "").replace("\x00", "").strip()
    code = _code(message)
    kind, meaning = _OF_CODE.get(code, (_CLASSES.get(number, errors.CmdletError), ""))
    meaning = meaning or _MEANINGS.get(number, "")
    name = str(result.get("description") or number)
    if number in _REFUSED_LOGINS:
        return refused(message, name, target)
    words = message or name
    text = f"{meaning} ({words})" if meaning else words if message else f"the directory answered {name}"
    if number == 10:
        text = f"the object belongs to another server: {', '.join(map(str, result.get('referrals') or ()))}"
    identifier = name + (f",{code:08X}" if code else "")
    advice = _RIGHTS if issubclass(kind, errors.AccessDenied) else None
    return kind(text, target=target, error_id=identifier, category=str(number), advice=advice)


def _code(message: str) -> int:
    found = _CODE.match(message)
    return int(found.group(1), 16) if found else 0


def refused(message: str, name: str, target: str) -> errors.LoginRefused:
    """A login that the server did not accept, and why."""
    found = _DATA.search(message)
    why = _OF_LOGIN.get(found.group(1).lower().lstrip("0"), "") if found else ""
    text = f"the login was refused: {why}" if why else f"the login was refused: {message or name}"
    return errors.LoginRefused(text, target=target, error_id=f"{name},{found.group(1)}" if found else name, advice=_LOGIN)
