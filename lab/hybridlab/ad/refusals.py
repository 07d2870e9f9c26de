# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a domain controller refuses: LDAP result codes, and diagnostic texts that begin with the Windows error in eight digits.

The Windows errors are those of MS-ERREF; the numbers after ``DSID-`` name a place in Microsoft's source and mean nothing to a client.
"""

from __future__ import annotations

import typing as t

SUCCESS, OPERATIONS_ERROR, PROTOCOL_ERROR, SIZE_LIMIT, COMPARE_FALSE, COMPARE_TRUE = 0, 1, 2, 4, 5, 6
AUTH_METHOD_NOT_SUPPORTED, STRONGER_AUTH_REQUIRED, UNAVAILABLE_CRITICAL_EXTENSION, SASL_IN_PROGRESS = 7, 8, 12, 14
NO_SUCH_ATTRIBUTE, CONSTRAINT_VIOLATION, VALUE_EXISTS, INVALID_SYNTAX, NO_SUCH_OBJECT, INVALID_DN = 16, 19, 20, 21, 32, 34
INVALID_CREDENTIALS, INSUFFICIENT_RIGHTS, UNWILLING, NAMING_VIOLATION, OBJECT_CLASS_VIOLATION = 49, 50, 53, 64, 65
NOT_ON_NON_LEAF, NOT_ON_RDN, ENTRY_EXISTS = 66, 67, 68
_BUILD = "v4563"


class Refused(Exception):
    """An operation is refused: result code, diagnostic text, and the part of the name that exists."""

    def __init__(self, code: int, diagnostic: str = "", matched: str = "") -> None:
        super().__init__(f"{code}: {diagnostic}")
        self.code = code
        self.diagnostic = f"{diagnostic}\n\0" if diagnostic and not diagnostic.endswith(_BUILD) else diagnostic + ("\0" if diagnostic else "")
        self.matched = matched


def _front_end(code: int, windows: str, comment: str, data: str = "0") -> Refused:
    return Refused(code, f"{windows}: LdapErr: DSID-0C090ACD, comment: {comment}, data {data}, {_BUILD}")


def credentials(data: str) -> Refused:
    """``data`` says why in hexadecimal digits: 525 no such account, 52e wrong password, 532 expired, 533 disabled, 701 account expired, 773 to be changed."""
    return _front_end(INVALID_CREDENTIALS, "80090308", "AcceptSecurityContext error", data)


def clear_text() -> Refused:
    comment = "The server requires binds to turn on integrity checking if SSL\\TLS are not already active on the connection"
    return _front_end(STRONGER_AUTH_REQUIRED, "00002028", comment)


def busy() -> Refused:
    return Refused(51, "0000200E: SvcErr: DSID-020A08A6, problem 5001 (BUSY), data 0")


def not_bound() -> Refused:
    return _front_end(OPERATIONS_ERROR, "000004DC", "In order to perform this operation a successful bind must be completed on the connection.")


def unknown_control() -> Refused:
    return _front_end(UNAVAILABLE_CRITICAL_EXTENSION, "00000057", "Error processing control")


def unknown_extension() -> Refused:
    return _front_end(PROTOCOL_ERROR, "0000203D", "Unknown extended request OID")


def unknown_mechanism() -> Refused:
    return _front_end(AUTH_METHOD_NOT_SUPPORTED, "00002027", "Invalid Authentication method")


def tls_is_on() -> Refused:
    return _front_end(OPERATIONS_ERROR, "00000000", "TLS or SSL already in effect")


def conversion(code: int = NO_SUCH_ATTRIBUTE) -> Refused:
    """An attribute that the schema does not know (16), or a value that is none of its syntax (21)."""
    return _front_end(code, "00000057", "Error in attribute conversion operation")


def no_object(matched: str, code: str = "0000208D") -> Refused:
    return Refused(NO_SUCH_OBJECT, f"{code}: NameErr: DSID-0310028B, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'{matched}'", matched)


def bad_name(name: str) -> Refused:
    return Refused(INVALID_DN, f"0000208F: NameErr: DSID-03100225, problem 2006 (BAD_NAME), data 8350, best match of:\n\t'{name}'")


def naming_violation(name: str) -> Refused:
    return Refused(NAMING_VIOLATION, f"00002099: NameErr: DSID-0305109C, problem 2003 (BAD_ATT_SYNTAX), data 0, best match of:\n\t'{name}'")


def update(code: int, windows: str, problem: str) -> Refused:
    """``problem`` is a number and its name, for example ``6005 (ENTRY_EXISTS)``."""
    return Refused(code, f"{windows}: UpdErr: DSID-031A11E2, problem {problem}, data 0")


def exists(windows: str = "00002071") -> Refused:
    """00002071 the name is taken, 00000524 the account name is a user's, 00000526 a group's, 00000562 a member already."""
    return update(ENTRY_EXISTS, windows, "6005 (ENTRY_EXISTS)")


def has_children() -> Refused:
    return update(NOT_ON_NON_LEAF, "00002015", "6003 (CANT_ON_NON_LEAF)")


def not_on_rdn() -> Refused:
    return update(NOT_ON_RDN, "00002016", "6004 (CANT_ON_RDN)")


def class_violation(windows: str) -> Refused:
    """0000207C something that it must have is missing, 0000207D something that it may not have is given."""
    return update(OBJECT_CLASS_VIOLATION, windows, "6002 (OBJ_CLASS_VIOLATION)")


def unwilling(windows: str) -> Refused:
    return Refused(UNWILLING, f"{windows}: SvcErr: DSID-031A1236, problem 5003 (WILL_NOT_PERFORM), data 0")


def rights(windows: str = "00002098") -> Refused:
    """00002098 for a change of an object, 00000005 for a new or removed one."""
    return Refused(INSUFFICIENT_RIGHTS, f"{windows}: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0")


_PROBLEMS = {
    CONSTRAINT_VIOLATION: "1005 (CONSTRAINT_ATT_TYPE)",
    VALUE_EXISTS: "1006 (ATT_OR_VALUE_EXISTS)",
    NO_SUCH_ATTRIBUTE: "1001 (NO_ATTRIBUTE_OR_VAL)",
    INVALID_SYNTAX: "1004 (BAD_ATT_SYNTAX)",
}


def attribute(code: int, windows: str, number: str, name: str, length: int | None = None) -> Refused:
    """A value is refused; ``number`` is the attribute's own in the directory."""
    place = "DSID-03152804"
    what = f"Att {number} ({name})" + ("" if length is None else f":len {length}")
    return Refused(code, f"{windows}: AtrErr: {place}, #1:\n\t0: {windows}: {place}, problem {_PROBLEMS[code]}, data 0, {what}")


class Row(t.NamedTuple):
    """A refusal about a value: result code and Windows error."""

    code: int
    windows: str


SINGLE_VALUE = Row(CONSTRAINT_VIOLATION, "00002081")
TOO_LONG = Row(CONSTRAINT_VIOLATION, "00002082")
HAS_VALUE = Row(VALUE_EXISTS, "00002083")
MISSING_ATTRIBUTE = Row(NO_SUCH_ATTRIBUTE, "00002084")
MISSING_VALUE = Row(NO_SUCH_ATTRIBUTE, "00002085")
SYSTEM_ONLY = Row(CONSTRAINT_VIOLATION, "000020B1")
UPN_TAKEN = Row(CONSTRAINT_VIOLATION, "000021C8")
SPN_TAKEN = Row(CONSTRAINT_VIOLATION, "000021C7")
PASSWORD_RULE = Row(CONSTRAINT_VIOLATION, "0000052D")
WRONG_PASSWORD = Row(CONSTRAINT_VIOLATION, "00000056")
OWNED_BY_SAM = "0000209A"
NO_MEMBER = "00000561"
BAD_PASSWORD_FORM = "0000001F"
