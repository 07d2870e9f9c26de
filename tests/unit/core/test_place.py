# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Places: how countries and coordinates compare, and many places at once."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import _countries, place
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession


def run(name: str, session: FakeSession, **options: t.Any) -> Result:
    module = scenarios.module(name).bound(options, named)
    return module.run(lambda: session, Task(module.validate(options), diff=True, verbosity=1))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("AT", "AT"), ("at", "AT"), (" Austria ", "AT"), ("The Netherlands", "NL"), ("Bahamas, The", "BS"), ("St. Lucia", "LC"), ("Saint Lucia", "LC"),
        ("Bosnia & Herzegovina", "BA"), ("bosnia and herzegovina", "BA"), ("Cote d'Ivoire", "CI"), ("Côte d’Ivoire", "CI"), ("Turkey", "TR"), ("Türkiye", "TR"),
        ("Korea", "KR"), ("Korea, Democratic People's Republic of", "KP"), ("United States of America", "US"), ("Congo (DRC)", "CD"), ("Hong Kong SAR", "HK"),
        ("St. Helena, Ascension & Tristan da Cunha", "SH"), ("Atlantis", "Atlantis"), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_names(written: str | None, code: str) -> None:
    assert place.country(written) == code


def test_every_name_of_a_country_means_it() -> None:
    assert len(_countries.NAMES) == 249
    for code, names in _countries.NAMES.items():
        assert {place.country(name) for name in (code, *names)} == {code}


def test_a_country_under_a_name_of_the_services_own_is_compared_as_it_is() -> None:
    """What the service calls a country is not published; a name that nobody here knows must neither fail nor be written again and again."""
    codec = next(one.codec for one in place.FIELDS if one.option == "country_or_region")
    assert not isinstance(codec, str) and codec is not None
    assert codec.key(codec.load("Republic of Somewhere")) == codec.key(codec.load("republic of somewhere"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("47.644125;-122.122411", "47.644125;-122.122411"),
        ("47,644125; -122,122411; 161,4320", "47.644125;-122.122411;161.432"),
        ("+10.0;-0.0", "10;0"),
        ("90;180", "90;180"),
        ("", ""),
    ],
)
def test_coordinates_have_one_form(written: str, read: str) -> None:
    assert place.coordinates(written) == place.coordinates(read) == read


@pytest.mark.parametrize("wrong", ["47.6", "47.6,-122.1", "a;b", "1;2;3;4", "90.001;0", "0;-180.5", "1e1;2", "47.6;;1", "nan;nan"])
def test_what_are_no_coordinates_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"latitude|longitude"):
        place.coordinates(wrong)


def test_many_places_are_read_once() -> None:
    session = FakeSession(Exchange("online"))
    wanted = [{"identity": "Room 1", "building": "A"}, {"identity": "Synced Room", "building": "B"}, {"identity": "beamer", "building": "C"}]
    result = run("bulk", session, module="exchange_place", objects=wanted)
    assert [one["outcome"] for one in result["outcomes"]] == ["updated", "updated", "failed"]
    assert "is a EquipmentMailbox" in result["outcomes"][2]["msg"]
    assert result["calls"]["Set-Place"] == 2


def test_places_come_back_as_options() -> None:
    session = FakeSession(Exchange("online"))
    run("exchange_place", session, identity="room1", country_or_region="AT", floor=0, tags=["Piano"])
    found = run("export", session, module="exchange_place")["objects"]
    assert [given.get("Type") for cmdlet, given in session.product.calls if cmdlet == "Get-Place" and "Identity" not in given] == ["Room", "Space"]
    assert found == [{"identity": "Room 1", "country_or_region": "AT", "floor": 0, "tags": ["Piano"]}]
    again = run("bulk", session, module="exchange_place", objects=found)
    assert not again["changed"]
