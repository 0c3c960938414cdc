import pytest
from rich.color import Color, ColorSystem

from tui_nn.plots.heat_maps import STEPS
from tui_nn.plots.surface import HUES, LEVELS
from tui_nn.themes import CLASSES, CLASSES_256, DARK, NEGATIVE_256, POSITIVE_256, SHADES, mixed, of_256


def number_of(colour: str) -> int | None:
    """What a terminal of 256 colours shows for it."""
    return Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).number


@pytest.mark.parametrize(
    "number", sorted({n for shades in CLASSES_256 for n in shades} | {16, 231, 232, *NEGATIVE_256})
)
def test_a_colour_of_256_is_shown_as_itself(number: int):
    assert number_of(of_256(number)) == number


def test_every_class_and_step_has_its_colours():
    assert len(CLASSES) == len(CLASSES_256) == HUES
    assert all(len(shades) == LEVELS == len(SHADES) for shades in CLASSES_256)
    assert len(NEGATIVE_256) == len(POSITIVE_256) == STEPS


def test_classes_can_be_told_apart_where_the_network_is_sure():
    for level in range(2, LEVELS):
        assert len({DARK.variables[f"role-class-{hue}-{level}"] for hue in range(HUES)}) == HUES
    assert len({shades[-1] for shades in CLASSES_256}) == HUES


@pytest.mark.parametrize("hue", range(HUES))
def test_surer_is_lighter_and_points_stand_out(hue: int):
    def light(role: str) -> float:
        red, green, blue = Color.parse(DARK.variables[role]).get_truecolor()
        return 0.3 * red + 0.59 * green + 0.11 * blue

    for suffix in ("", "-256"):
        shades = [light(f"role-class-{hue}-{level}{suffix}") for level in range(LEVELS)]
        assert shades == sorted(shades)
        assert shades[-1] < 0.75 * light(f"role-class-{hue}")
    assert number_of(DARK.variables[f"role-class-{hue}"]) not in CLASSES_256[hue]


def test_mixed_goes_from_the_ground_to_the_colour():
    assert mixed("#ff8000", 1.0, "#000000") == "#ff8000"
    assert mixed("#ff8000", 0.0, "#102030") == "#102030"
    assert mixed("#ff8000", 0.5, "#000000") == "#804000"
