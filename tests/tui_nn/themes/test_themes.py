"""Every theme has every role, can be read, and is told apart by all kinds of colour vision where it says so."""

from itertools import combinations

import numpy as np
import pytest
from rich.color import Color

from engine.errors import UserError
from tui_nn.plots.heat_maps import STEPS
from tui_nn.plots.image import LEVELS as GREYS
from tui_nn.plots.surface import HUES, LEVELS
from tui_nn.themes import make_theme, read_palette, theme_names
from tui_nn.themes.colours import components, linear, nearest_of_256, of_256

THEMES = theme_names()

TEXT = ("title", "muted", "value", "selected", "train", "validation", "change", "good", "warn", "bad", "ink")
GRAPHICS = (
    "axis", "epoch", "train-range", "validation-range", "previous", "cursor", "bar", "bar-range", "warn-range",
    "bad-range", "ink-dim",
)  # fmt: skip
DECORATION = ("border",)

MEANINGS = ("train", "validation", "good", "warn", "bad")

# Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009: the
# matrices at severity 1.0, for linear red, green and blue.
VISIONS = {
    "all": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)

FAR = 15.0
"""Distance in CIE L*a*b* (1976) of colours that are told apart in lines one cell thin; 2.3 is just noticeable."""


def light(colour: str) -> np.ndarray:
    """Linear red, green, blue, 0..1."""
    return np.array([linear(part / 255) for part in components(colour)])


def contrast(a: str, b: str) -> float:
    """WCAG 2.2: of relative luminances."""
    low, high = sorted(float(TO_XYZ[1] @ light(colour)) for colour in (a, b))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, vision: str) -> np.ndarray:
    """CIE L*a*b* of a colour as that kind of vision has it."""
    xyz = TO_XYZ @ np.clip(np.asarray(VISIONS[vision]) @ light(colour), 0, 1) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def in_256(name: str, role: str) -> str:
    """What a terminal of 256 colours shows for it."""
    variables = make_theme(name).variables
    return variables.get(f"role-{role}-256") or of_256(nearest_of_256(variables[f"role-{role}"]))


def hue(colour: str) -> tuple[float, float]:
    """Its angle in CIE L*a*b*, and how far from grey it is."""
    _, a, b = lab(colour, "all")
    return float(np.arctan2(b, a)), float(np.hypot(a, b))


def test_contrast_and_distance_are_those_of_the_definitions():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert lab("#ffffff", "all") == pytest.approx([100, 0, 0], abs=0.1)
    assert lab("#ff0000", "all") == pytest.approx([53.2, 80.1, 67.2], abs=0.1)
    # Grey is grey for all.
    for vision in VISIONS:
        assert lab("#808080", vision) == pytest.approx([53.6, 0, 0], abs=0.2)


def test_the_usual_theme_is_the_first_of_four():
    assert THEMES == ["dark", "colour-blind", "high-contrast", "light"]
    with pytest.raises(UserError, match=r"unknown theme 'ligt'.*did you mean 'light'"):
        read_palette("ligt")


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_has_every_role(name: str):
    palette, theme = read_palette(name), make_theme(name)
    assert set(palette.roles) == {*TEXT, *GRAPHICS, *DECORATION}
    assert set(theme.variables) >= set(make_theme("dark").variables)

    assert len(palette.plane.classes) == len(palette.plane_256.classes) == HUES
    assert all(len(shades) == LEVELS == len(palette.plane.shades) for shades in palette.plane_256.classes)
    assert len(palette.plane_256.negative) == len(palette.plane_256.positive) == STEPS


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("numbers", [False, True], ids=["truecolor", "256"])
def test_text_and_lines_stand_out_from_the_ground(name: str, numbers: bool):
    palette = read_palette(name)

    def shown(role: str) -> str:
        return in_256(name, role) if numbers else make_theme(name).variables[f"role-{role}"]

    ground = of_256(nearest_of_256(palette.ground.background)) if numbers else palette.ground.background
    text, graphics = (7.0, 4.5) if name == "high-contrast" else (4.5, 3.0)
    if numbers:  # 240 colours are coarse
        text, graphics = 0.9 * text, 0.9 * graphics
    for roles, least in ((TEXT, text), (GRAPHICS, graphics)):
        weak = {role: round(contrast(shown(role), ground), 2) for role in roles}
        assert {role: found for role, found in weak.items() if found < least} == {}
    assert contrast(palette.ground.foreground, ground) >= text
    for index in range(HUES):
        assert contrast(shown(f"class-{index}"), ground) >= graphics


@pytest.mark.parametrize("name", THEMES)
def test_counts_can_be_read_on_their_colours(name: str):
    shown = make_theme(name).variables
    for level in (1, 2, 3):
        assert contrast(shown["role-value"], shown[f"role-errors-{level}"]) >= 4.5
        # 240 colours are coarse, and these counts are bold.
        assert contrast(in_256(name, "value"), in_256(name, f"errors-{level}")) >= 3.0
    for text, back in (("good", "zero"), ("muted", "zero"), ("ground", "selected")):
        assert contrast(shown[f"role-{text}"], shown[f"role-{back}"]) >= 4.5


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize(("a", "b"), list(combinations(MEANINGS, 2)))
def test_the_safe_theme_is_told_apart_by_every_kind_of_vision(vision: str, a: str, b: str):
    roles = read_palette("colour-blind").roles
    assert np.linalg.norm(lab(roles[a], vision) - lab(roles[b], vision)) >= FAR
    near = [in_256("colour-blind", role) for role in (a, b)]
    assert np.linalg.norm(lab(near[0], vision) - lab(near[1], vision)) >= 0.75 * FAR


@pytest.mark.parametrize("name", THEMES)
def test_train_and_validation_are_told_apart_in_every_theme(name: str):
    roles = read_palette(name).roles
    for vision in VISIONS:
        assert np.linalg.norm(lab(roles["train"], vision) - lab(roles["validation"], vision)) >= FAR


@pytest.mark.parametrize("name", THEMES)
def test_classes_can_be_told_apart_where_the_network_is_sure(name: str):
    variables, numbers = make_theme(name).variables, read_palette(name).plane_256
    for level in range(2, LEVELS):
        assert len({variables[f"role-class-{hue}-{level}"] for hue in range(HUES)}) == HUES
    assert len({shades[-1] for shades in numbers.classes}) == HUES


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("hue", range(HUES))
def test_surer_is_further_from_the_ground_and_points_stand_out(name: str, hue: int):
    variables, palette = make_theme(name).variables, read_palette(name)
    ground = lab(palette.ground.background, "all")[0]

    def away(role: str) -> float:
        return float(abs(lab(variables[f"role-{role}"], "all")[0] - ground))

    for suffix in ("", "-256"):
        shades = [away(f"class-{hue}-{level}{suffix}") for level in range(LEVELS)]
        assert shades == sorted(shades)
        for kind in ("class", "wrong"):
            assert away(f"{kind}-{hue}") > shades[-1] + 12
    # A point keeps a colour of its own on a terminal of 256 colours as well.
    assert nearest_of_256(variables[f"role-class-{hue}"]) not in palette.plane_256.classes[hue]


@pytest.mark.parametrize("name", THEMES)
def test_256_colours_keep_the_hue_of_what_has_one(name: str):
    for role in (*MEANINGS, "change", "bar", "selected"):
        nearest = in_256(name, role)
        assert max(components(nearest)) - min(components(nearest)) >= 40, f"{role} is shown as grey {nearest}"
        (own, own_size), (shown, size) = map(hue, (make_theme(name).variables[f"role-{role}"], nearest))
        turn = abs((own - shown + np.pi) % (2 * np.pi) - np.pi)
        assert turn < 0.4, f"{role} has another hue in 256 colours: {nearest}"
        assert size > 0.5 * own_size


@pytest.mark.parametrize("number", range(16, 256))
def test_a_colour_of_256_is_shown_as_itself(number: int):
    assert of_256(nearest_of_256(of_256(number))) == of_256(number)


def test_the_numbers_are_those_that_terminals_have():
    # Rich's table of the 256 colours is that of xterm.
    for number in range(16, 256):
        assert of_256(number) == Color.from_ansi(number).get_truecolor().hex


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("numbers", [False, True], ids=["truecolor", "256"])
def test_greys_of_a_picture_go_evenly_from_paper_to_ink(name: str, numbers: bool):
    variables, palette = make_theme(name).variables, read_palette(name)
    greys = [in_256(name, f"ink-{level}") if numbers else variables[f"role-ink-{level}"] for level in range(GREYS)]
    lightness = [lab(grey, "all")[0] for grey in greys]
    steps = np.diff(lightness) * (1 if palette.dark else -1)
    assert steps.min() > 5
    assert steps.max() < 2.5 * steps.min()
    assert contrast(greys[0], greys[-1]) > 7
    # Paper is seen to lie on the ground, and hardly more.
    assert 1.02 < contrast(greys[0], palette.ground.background) < 1.6
