"""docs/mathematics.md computes what it says, and says something of everything there is."""

import doctest
import re
from pathlib import Path

import pytest

from engine.augmentations import augmentations
from engine.initializers import initializers
from engine.layers import layers
from engine.losses import losses
from engine.optimizers import optimizers
from engine.schedules import schedules

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "mathematics.md").read_text(encoding="utf-8")
INTRODUCTION, *SECTIONS = re.split(r"^## ", TEXT, flags=re.M)


def examples(section: str) -> str:
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", section, flags=re.M | re.S))


def run(section: str) -> list[str]:
    """What the examples of a section print other than the text says, after those of the introduction."""
    name = section.partition("\n")[0]
    session = doctest.DocTestParser().get_doctest(
        f"{examples(INTRODUCTION)}\n{examples(section)}", {}, name, "mathematics.md", 0
    )
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(session, out=said.append)
    return said


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition("\n")[0])
def test_each_section_computes_what_it_says(section: str):
    assert ">>> " in examples(section)
    assert "".join(run(section)) == ""


def test_a_wrong_number_is_noticed():
    section = next(section for section in SECTIONS if section.startswith("Linear\n"))
    assert run(section.replace("[3. 4. 8.]", "[3. 4. 9.]"))


def test_files_and_links_are_there():
    for path in re.findall(r"`(engine/[\w/]+(?:\.py|/))`", TEXT):
        assert (ROOT / path).exists(), path
    anchors = {re.sub(r"[^\w -]", "", section.partition("\n")[0].lower()).replace(" ", "-") for section in SECTIONS}
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= anchors
    for file in re.findall(r"\]\(([\w-]+\.md)\)", TEXT):
        assert (ROOT / "docs" / file).exists(), file


@pytest.mark.parametrize(
    "registry", [layers, losses, optimizers, schedules, initializers, augmentations], ids=lambda registry: registry.kind
)
def test_everything_registered_is_there_by_name(registry):
    assert not [name for name in registry.names() if not re.search(rf"\b{name}\b", TEXT)]
