"""Each control that is switched off is missed by the test that is named for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.asvs.page import marks
from tests.mutations.run import ROOT, Control, Copy, controls, copied

CONTROLS = controls()


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_a_control_stands_in_one_place_and_its_test_is_marked_with_its_rows(control: Control) -> None:
    assert control.places == 1
    assert control.replace != control.find
    path, _, name = control.test.partition("::")
    name = name.partition("[")[0]
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    held = marks()
    assert [row for row in control.rows if name not in {test.name for test in held.get(row, [])}] == []


def test_there_are_ten_and_none_twice() -> None:
    assert len({control.name for control in CONTROLS}) == len(CONTROLS) >= 10
    assert len({(control.file, control.find, control.replace) for control in CONTROLS}) == len(CONTROLS)


@pytest.fixture(scope="module")
def copy() -> Iterator[Copy]:
    with copied() as made:
        yield made


@pytest.mark.slow
def test_with_every_control_on_their_tests_pass(copy: Copy) -> None:
    done = copy.run(*dict.fromkeys(control.test for control in CONTROLS))
    assert done.passed, done.text


@pytest.mark.slow
@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_without_a_control_its_test_fails(copy: Copy, control: Control) -> None:
    done = copy.without(control)
    assert done.failed(control.test), done.text
