# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rule of the domain a refused password breaks.

The directory only says that one of them is broken.  Length and complexity can be seen; that it was used before, or that the last change is
too recent, is what remains.  Sources: [MS-SAMR] 3.1.1.7.1 (general rules) and 3.1.1.7.2 (complexity), [MS-ADTS] 3.1.1.4.5 (msDS-ResultantPSO).
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, HybridError, NotFound, PasswordRefused
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession
from ansible_collections.m365.hybrid.plugins.module_utils._directory import names, places

_OF_DOMAIN = {"length": "minPwdLength", "history": "pwdHistoryLength", "properties": "pwdProperties", "age": "minPwdAge"}
_OF_OBJECT = {
    "length": "msDS-MinimumPasswordLength",
    "history": "msDS-PasswordHistoryLength",
    "complex": "msDS-PasswordComplexityEnabled",
    "age": "msDS-MinimumPasswordAge",
}
_COMPLEX = 1
_PARTS = re.compile(r"[,.\-_ #\t]+")
"""Where a full name is parted; the account's name counts as a whole."""
_DAY = 864_000_000_000
_CLASSES = (str.isupper, str.islower, str.isdigit, lambda one: not one.isalnum(), lambda one: one.isalpha() and not one.isupper() and not one.islower())


def explained(session: DirectorySession, error: PasswordRefused, name: str, password: str) -> HybridError:
    """The refusal with the rule in its text.  What cannot be read leaves it as it is."""
    try:
        rules, whose, called = _rules(session, name)
    except HybridError:
        return error  # the refusal itself is what matters
    broken = list(_broken(rules, password, called))
    if broken:
        error.text = f"the password of {name} breaks a rule of {whose}: {'; '.join(broken)} ({error.text})"
    else:
        left = [f"it must not be one of the last {rules['history']}"] if rules.get("history") else []
        left += [f"the last change must be {_days(rules['age'])} old"] if rules.get("age") else []
        error.text = f"the password of {name} keeps the rules of {whose} for length and complexity, so that another one is broken: " + (
            f"{' or '.join(left)} ({error.text})" if left else f"a password filter of the domain may have refused it ({error.text})"
        )
    return error


def _rules(session: DirectorySession, name: str) -> tuple[dict[str, t.Any], str, list[str]]:
    """(rules, whose they are, names that the password must not hold)."""
    asked = ("msDS-ResultantPSO", "sAMAccountName", "displayName")
    try:
        user = _read(session, name, asked)
    except NotFound:
        user = {}  # an account that is about to be made, for which the rules of the domain hold
    own = (user.get("msDS-ResultantPSO") or [""])[0]
    full = [*map(str, user.get("displayName", ()))] if user else [names.value(names.parts(name)[0])]
    called = [*map(str, user.get("sAMAccountName", ())), *(part for one in full for part in _PARTS.split(one))]
    if own:
        found = _read(session, own, tuple(_OF_OBJECT.values()))
        rules = {rule: (found.get(attribute) or [0])[0] for rule, attribute in _OF_OBJECT.items()}
        return rules, f"the password settings object {names.value(names.parts(own)[0])}", called
    root = places.domain(session)
    found = _read(session, root, tuple(_OF_DOMAIN.values()))
    rules = {rule: (found.get(attribute) or [0])[0] for rule, attribute in _OF_DOMAIN.items()}
    rules["complex"] = bool(int(rules["properties"]) & _COMPLEX)
    return rules, f"the domain {names.domain(root)}", called


def _read(session: DirectorySession, name: str, attributes: t.Collection[str]) -> t.Mapping[str, t.Any]:
    """An object.  Raises AccessDenied for one that the account may not see, as most accounts may not see a password settings object."""
    found = session.search(name, scope="base", attributes=attributes).output
    if not found:
        raise AccessDenied(f"{name} cannot be read", target=session.target)
    return t.cast(t.Mapping[str, t.Any], found[0])


def _broken(rules: t.Mapping[str, t.Any], password: str, called: t.Iterable[str]) -> t.Iterator[str]:
    if len(password) < int(rules["length"]):
        yield f"it is shorter than {rules['length']} characters"
    if not rules.get("complex"):
        return
    if sum(any(fits(one) for one in password) for fits in _CLASSES) < 3:
        yield "it has characters of fewer than three kinds (capital letters, small letters, digits, others)"
    for name in called:
        if len(name) >= 3 and name.casefold() in password.casefold():
            yield "it contains the account's name, or a part of the full name"
            return


def _days(age: t.Any) -> str:
    days = abs(int(age)) / _DAY
    return f"{days:g} day{'' if days == 1 else 's'}"
