# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab for each test that asks for one."""

from __future__ import annotations

import tempfile
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.plugin_utils import broker
from hybridlab import estate
from tests.unit.plugins.place import Place, Product


@pytest.fixture
def place() -> t.Iterator[Place]:
    product = Product()
    with tempfile.TemporaryDirectory(dir="/tmp") as directory, estate.running(product=product) as lab:
        found = Place(lab, product, directory)
        yield found
        for launch in found.launches:
            broker.reset(launch)
