"""What can be known of the documents without reading them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("path", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda path: path.name)
def test_nothing_was_left_to_be_filled_in(path: Path):
    text = path.read_text(encoding="utf-8")
    # A plot in plain characters may have @@ as a line.
    assert not re.findall(r"@@[A-Z]{2,}|TODO|FIXME|XXX", text)


@pytest.mark.parametrize("path", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda path: path.name)
def test_links_and_pictures_are_there(path: Path):
    targets = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (path.parent / target).exists()]
    assert not missing
