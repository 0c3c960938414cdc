"""What can be known of the documents without reading them."""

import re
from pathlib import Path

import pytest

from engine.health.rule import rules
from engine.training.config import preset_names, read_preset

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


ILL = [name for name in preset_names() if read_preset(name)[0].startswith("ill: ")]
RULES = {"dying-relu": "dead_units", "bad-init": "initialization", "too-fast": "learning_rate"} | {
    "too-slow": "learning_rate"
}


@pytest.mark.parametrize("rule", rules.names())
def test_each_rule_of_the_diagnosis_has_its_row(rule: str):
    assert f"\n| `{rule}` | " in (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("preset", ILL)
def test_each_illness_has_its_section_with_a_picture_of_its_verdict(preset: str):
    text = (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    assert f"\n| `{preset}` | `{RULES.get(preset, preset)}`" in text
    sections = [part for part in text.split("\n### ")[1:] if f"`tui-nn --preset {preset}`" in part]
    assert len(sections) == 1
    assert f"](diagnosis-{preset}.svg)" in sections[0]
    # Blanks of a picture are those that do not break.
    shown = (ROOT / "docs" / f"diagnosis-{preset}.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    assert "Diagnosis" in shown
    assert re.search(rf"(amber|red).{{0,400}}{RULES.get(preset, preset).replace('_', ' ')}", shown, re.DOTALL)
    assert "tui-nn --preset " + preset in shown.replace("\xa0", " ")
