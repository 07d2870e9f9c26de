# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A kind of object with an option of every codec, a server that keeps one, and examples for property tests."""

from __future__ import annotations

import typing as t

import hypothesis
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core import docs, fields
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource

steady = hypothesis.settings(derandomize=True, deadline=None, max_examples=60, suppress_health_check=[hypothesis.HealthCheck.too_slow])

CHOICES = ("internal_only", "use_7_bit", "none")
SCALARS = (
    "text",
    "name",
    "bool",
    "tristate",
    "int",
    "count",
    "size",
    "limited_size",
    "timespan",
    "timespan_or_unlimited",
    "timestamp",
    "guid",
    "address",
    "uri",
    "choice",
    "recipient",
    "recipient_address",
)
LISTS = ("texts", "ordered_names", "addresses", "uris", "proxy_addresses", "recipients", "owners", "members", "principals", "recipient_addresses")
_TYPES = {"bool": "bool", "int": "int"} | dict.fromkeys(LISTS, "raw")


def _documented(kind: str) -> str:
    choices = f", choices: [{', '.join(CHOICES)}]" if kind == "choice" else ""
    return f"  a_{kind}: {{type: {_TYPES.get(kind, 'str')}{choices}}}\n"


DOCUMENTATION = "module: thing\noptions:\n  name: {type: str, required: true}\n" + "".join(map(_documented, SCALARS + LISTS)) + "  a_secret: {type: str}\n"
FIELDS = [fields.Field(f"a_{kind}", codec=None if kind == "choice" else kind) for kind in SCALARS + LISTS] + [fields.Field("a_secret", secret=True)]


def resource() -> CmdletResource:
    attributes = fields.bind(docs.load(DOCUMENTATION), FIELDS, keys=("name",))
    return CmdletResource("Thing", attributes, "name", ("a_text", "a_secret"))


class Server:
    """Keeps one object's parameters and shows them as Exchange does: other spellings, any order."""

    def __init__(self) -> None:
        self.kept: dict[str, t.Any] = {}

    def write(self, parameters: t.Mapping[str, t.Any]) -> None:
        for name, value in parameters.items():
            self.kept[name] = self._changed(name, value) if isinstance(value, dict) else value

    def _changed(self, name: str, change: dict[str, list[str]]) -> list[str]:
        """``@{Add=…; Remove=…}``: members are compared without case."""
        same = str.casefold
        assert set(change) <= {"Add", "Remove"} and all(change.values())
        old = self.kept.get(name) or []
        for one in change.get("Remove", []):
            assert same(one) in map(same, old), f"{one} is not there"
        gone = {same(one) for one in change.get("Remove", [])}
        return [one for one in old if same(one) not in gone] + change.get("Add", [])

    def show(self) -> dict[str, t.Any]:
        return {f"A{kind.title().replace('_', '')}": self._shown(kind) for kind in SCALARS + LISTS}

    def _shown(self, kind: str) -> t.Any:
        value = self.kept.get(f"A{kind.title().replace('_', '')}")
        if kind in LISTS:
            return (value if kind == "ordered_names" else list(reversed(value))) if value else None
        if value is None:
            return None
        if kind in ("size", "limited_size") and value != "Unlimited":
            return f"{int(value) / 2**30:.4g} GB ({int(value):,} bytes)".replace(",", "\u202f")
        forms = {"name": str.upper, "recipient": str.upper, "address": "smtp:{}".format, "uri": "{}/".format, "recipient_address": str.upper}
        return forms.get(kind, _same)(value)


def _same(value: t.Any) -> t.Any:
    return value


words = st.text("abAB1'ß🙂", min_size=1, max_size=3)
names = st.text("abAB1-", min_size=1, max_size=3)
addresses = st.builds("{}{}@x.example".format, st.sampled_from(["", "smtp:", "SMTP:"]), names)
uris = st.builds("https://{}.example{}".format, st.sampled_from("aB"), st.sampled_from(["", "/", "/x"]))
numbers = st.integers(0, 2**50)
sizes = st.one_of(
    st.sampled_from(["unlimited", "Unlimited", "1.5 gb", "50GB", "0", "10 MB"]),
    numbers.map(str),
    st.builds("{} {}".format, st.integers(0, 9999), st.sampled_from(["B", "kb", "MB", "Gb", "tb"])),
    st.builds(lambda number, group: f"? GB ({number:,} bytes)".replace(",", group), numbers, st.sampled_from(list(",.'’ \u00a0\u202f"))),
)
timespans = st.one_of(
    st.sampled_from(["14", "P14D", "PT36H", "-1:30", "0:00:00.5"]),
    st.builds("{}.{:02}:{:02}:{:02}".format, st.integers(0, 9999), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59)),
    st.builds("P{}DT{}H{}M{}.{}S".format, *[st.integers(0, 99)] * 5),
)
timestamps = st.datetimes(timezones=st.just(None) | st.timezones()).map(lambda moment: moment.isoformat())

_VALUES: dict[str, st.SearchStrategy[t.Any]] = {
    "text": st.just("") | words,
    "name": st.just("") | names,
    "recipient": st.just("") | names,
    "bool": st.booleans(),
    "tristate": st.sampled_from(["true", "false", "unset", True, False]),
    "int": st.integers(-5, 5),
    "count": st.sampled_from(["unlimited", "Unlimited"]) | st.integers(0, 500).map(str),
    "size": sizes,
    "limited_size": sizes.filter(lambda one: one.lower() != "unlimited"),
    "timespan": st.just("") | timespans,
    "timespan_or_unlimited": st.sampled_from(["", "unlimited", "Unlimited"]) | timespans,
    "timestamp": st.just("") | st.sampled_from(["2026-03-01", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00.25+01:00"]),
    "guid": st.just("") | st.uuids().map(str) | st.uuids().map("{{{}}}".format),
    "address": st.just("") | addresses,
    "recipient_address": st.just("") | addresses,
    "uri": st.just("") | uris,
    "choice": st.sampled_from(CHOICES),
}
members_of: dict[str, st.SearchStrategy[t.Any]] = {
    "texts": words,
    "ordered_names": names,
    "addresses": addresses,
    "uris": uris,
    "proxy_addresses": addresses,
    **dict.fromkeys(("recipients", "owners", "members", "principals"), names),
    "recipient_addresses": addresses,
}


def _requests(members: st.SearchStrategy[str]) -> st.SearchStrategy[t.Any]:
    some = st.lists(members, max_size=4)
    return st.one_of(
        some,
        some.map(lambda value: {"set": value}),
        st.fixed_dictionaries({"add": some}, optional={"remove": some}),
        some.map(lambda value: {"remove": value}),
    )


values = {kind: _VALUES[kind] for kind in SCALARS} | {kind: _requests(members) for kind, members in members_of.items()}
options = st.fixed_dictionaries({}, optional={f"a_{kind}": strategy for kind, strategy in values.items()})
"""What a user may write for the kind of object."""
