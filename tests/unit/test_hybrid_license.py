# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conditions of the free hybrid edition key, as the role works them out of what it read."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from tests import templating

VARS = pathlib.Path(__file__).parents[2] / "roles" / "hybrid_license" / "vars" / "main.yml"
OLD, HYBRID = "Version 8.3 (Build 83.6)", "Version 15.0 (Build 1497.2)"
E3 = {"sku": "ENTERPRISEPACK", "status": "enabled", "seats": 5}


def server(name: str, version: str, edition: str = "StandardEvaluation", trial: bool = True) -> dict[str, t.Any]:
    return {"name": name, "admin_display_version": version, "edition": edition, "is_exchange_trial_edition": trial}


def mailbox(name: str, kind: str = "UserMailbox") -> dict[str, str]:
    return {"name": name, "recipient_type_details": kind}


def unmet(
    *others: dict[str, t.Any],
    mailboxes: t.Sequence[dict[str, str]] = (),
    subscriptions: t.Sequence[dict[str, t.Any]] = (E3,),
    paid: bool | str = True,
    version: str = HYBRID,
) -> list[str]:
    """What was found of each condition that does not hold for the hybrid server EX02."""
    templar = templating.templar()
    templar.available_variables = {
        **templating.variables_of(VARS),
        "hybrid_license_server": "ex02",
        "hybrid_license_enterprise_skus": ["ENTERPRISEPACK", "SPE_E3"],
        "hybrid_license_subscription_is_paid": paid,
        "__hybrid_license_servers": {"servers": [server("EX02", version), *others]},
        "__hybrid_license_held": {"mailboxes": list(mailboxes)},
        "__hybrid_license_tenant": {"subscriptions": list(subscriptions)},
    }
    return [str(one["found"]) for one in templar.template(templating.trusted("{{ __hybrid_license_unmet }}"))]


def test_an_old_organization_with_a_paid_subscription_is_entitled() -> None:
    assert unmet(server("EX01", OLD, "Enterprise", trial=False)) == []


def test_the_mailbox_of_searches_is_no_mailbox_of_a_user() -> None:
    """Get-Mailbox lists it with those of users, and the first server of 2010 and later has it."""
    search = mailbox("DiscoverySearchMailbox {D919BA05-46A6-415f-80AD-7E09334BB852}", "DiscoveryMailbox")
    assert unmet(mailboxes=[search]) == []
    assert unmet(mailboxes=[search, mailbox("user1"), mailbox("info", "SharedMailbox")]) == ["2 (user1, info)"]


@pytest.mark.parametrize("subscription", [{**E3, "status": "suspended"}, {**E3, "seats": 0}, {**E3, "sku": "EXCHANGESTANDARD"}])
def test_a_subscription_that_is_not_in_force_or_another_one_does_not_entitle(subscription: dict[str, t.Any]) -> None:
    assert unmet(subscriptions=[subscription]) == ["none of ENTERPRISEPACK, SPE_E3"]


@pytest.mark.parametrize(("said", "holds"), [(True, True), ("true", True), (False, False), ("false", False)])
def test_what_is_said_on_the_command_line_counts(said: bool | str, holds: bool) -> None:
    assert bool(unmet(paid=said)) is not holds


@pytest.mark.parametrize(
    ("other", "number"),
    [
        (server("EX01", "Version 14.3 (Build 123.4)", "Standard", trial=False), 1),
        (server("EX01", "Version 14.3 (Build 123.4)"), 0),
        (server("EX01", "Version 14.2 (Build 247.5)", "Standard", trial=False), 0),
        (server("EX01", HYBRID), 1),
        (server("EX01", HYBRID, "Standard", trial=False), 2),
        (server("EX01", "Version 15.2 (Build 1748.10)"), 1),
    ],
)
def test_other_servers_of_these_versions_speak_against_it(other: dict[str, t.Any], number: int) -> None:
    assert unmet(other) == ["EX01"] * number


@pytest.mark.parametrize(
    ("version", "holds"), [("Version 14.3 (Build 123.4)", True), ("Version 15.1 (Build 2507.6)", False), ("Version 14.2 (Build 247.5)", False)]
)
def test_the_key_is_for_two_versions(version: str, holds: bool) -> None:
    assert unmet(version=version) == ([] if holds else [version])
