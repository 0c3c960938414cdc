import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.expressions import Call, make, parse_calls
from engine.layers import Layer, layers
from engine.layers.dropout import Dropout
from engine.layers.linear import Linear
from engine.layers.relu import ReLU
from engine.layers.residual import Residual
from engine.layers.tanh import Tanh
from engine.model import parse_layers
from engine.optimizers import optimizers

HOSTILE = [
    "__import__('os').system('touch stolen')",
    "Linear(__import__('os').system('touch stolen'))",
    "Linear(open('stolen', 'w').write('x'))",
    "(lambda: open('stolen', 'w'))()",
    "Linear(lambda: 1)",
    "Linear([open('stolen', 'w') for _ in [1]])",
    "Linear((x := 3))",
    'Linear(f\'{open("stolen", "w")}\')',
    "Linear.__init__",
    "Linear(10).__class__",
    "Linear(10)(x)",
    "Linear(*[10])",
    "Linear(**{'out_features': 10})",
    "Linear(10, **{'bias': False})",
    "Linear(10, bias=True, bias=False)",
    "Linear(10); import os",
    "Linear(10)\nimport os",
    "Linear(10]",
    "Linear(10)) + (1",
    "], [Linear(10)",
    "Linear(10, *",
    "*Linear",
    "x = 3",
    "x if y else z",
    "not Linear",
    "await Linear",
    "yield Linear",
    "{}",
    "...",
    "None",
    "3",
    "'Linear(10)'",
    "Linear({[]: 1})",
    "Linear(10" + "0" * 5000 + ")",
    "Linear(1e999)",
    "Linear(-1e999)",
    "Linear(10 ** 10 ** 10)",
    "Linear('a' * 10 ** 10)",
    "Linear(3j)",
    "Linear(True)",
    "Linear(None)",
    "Linear(b'10')",
    "Linear(" * 300 + ")" * 300,
    "(" * 5000 + "Linear" + ")" * 5000,
    "Linear(" + "-" * 100_000 + "1)",
    "-" * 100_000 + "1",
    "Linear" + ".a" * 100_000,
    "Linear" + "(1)" * 100_000,
    "Linear(" + "1 + " * 100_000 + "1)",
    "1 + " * 100_000 + "1",
    "a, " * 1000 + "Linear(",
    "\0",
    "Linear(1)\0",
    "Lineär(10)",
    "线性(10)",
    "Linear(１０)",
    "Linear(10)\u2028ReLU",
    "\ud800",
    "\N{RIGHT-TO-LEFT OVERRIDE}Linear(10)",
    "💥",
    "\\",
    "'",
    '"""',
    "#",
    "Linear(10) # ]",
    "Linear(1_0, 0x)",
    "'\\d'",
    "1if 1else 2",
    "",
    " ",
    ",",
    "Linear(10),,ReLU",
    "Residual",
    "Residual()",
    "Residual(3)",
    "Residual('ReLU')",
    "Residual(ReLU, 3)",
    "Residual([ReLU])",
    "Residual((ReLU, ReLU))",
    "Residual(ReLU, chain=ReLU)",
    "Residual(chain=ReLU)",
    "Residual(*[ReLU])",
    "Residual(*ReLU)",
    "Residual(x := ReLU)",
    "Residual(lambda: ReLU)",
    "Residual(ReLU for _ in [1])",
    "Residual(ReLU.forward)",
    "Residual(engine.layers.relu.ReLU)",
    "Residual(ReLU if 1 else Tanh)",
    "Residual(open('stolen', 'w'))",
    "Residual(Linear(open('stolen', 'w')))",
    "Residual(Linear(open('stolen', 'w').write('x')))",
    "Residual(__import__('os').system('touch stolen'))",
    "Residual(__import__)",
    "Residual(Layer)",
    "Residual(make)",
    "Linear(ReLU)",
    "Linear(Linear(10))",
    "Linear(10, ReLU)",
    "ReLU(Residual(ReLU))",
    "Dropout(nan)",
    "Residual(" * 21 + "ReLU" + ")" * 21,
    "Residual(" * 3000 + "ReLU" + ")" * 3000,
    "Residual(ReLU, " * 80 + "ReLU" + ")" * 80,
    "Residual(" * 80 + ")" * 80,
    "Residual(" * 100_000,
]


def refused(text: str, kind: str = "model") -> str:
    with pytest.raises(UserError) as caught:
        parse_layers(text) if kind == "model" else parse_calls(text, kind)
    return str(caught.value)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:30]))
def test_hostile_text_is_refused_in_one_line(text: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if text == "Linear(10) # ]":
        assert [type(layer).__name__ for layer in parse_layers(text)] == ["Linear"]
        return
    assert len(refused(text).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def outcome(text: str) -> str:
    """What the text is: so many layers, or the error."""
    try:
        found = parse_layers(text)
    except UserError as error:
        return str(error)
    assert all(isinstance(layer, Layer) for layer in found)
    return f"{len(found)} layers"


@given(st.text())
@example("Linear(10)")
def test_any_text_is_layers_or_a_user_error_in_one_line(text: str):
    assert len(outcome(text).splitlines()) == 1


PIECES = [
    "Linear",
    "ReLU",
    "Dropout",
    "Residual",
    "Conv2d",
    "(",
    ")",
    ",",
    "=",
    "bias",
    "10",
    "0.5",
    "-",
    "'a'",
    "[",
    "]",
    "*",
    ".",
    " ",
    "\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_of_the_right_pieces_is_layers_or_a_user_error_in_one_line(text: str):
    assert len(outcome(text).splitlines()) == 1


@pytest.mark.parametrize("depth", [50, 90, 150, 400, 900, 1500, 3000, 8000, 30_000])
@pytest.mark.parametrize(
    "pattern",
    ["-{}", "{}.a", "{}(1)", "1 + {}", "{} + 1", "({})", "[{}]", "a({})", "a(x=[{}])", "Residual({})", "a(b, {}, c)"],
)
def test_nesting_of_any_depth_is_refused(pattern: str, depth: int):
    before, _, after = pattern.partition("{}")
    text = before * depth + "1.5" + after * depth
    assert len(refused(text).splitlines()) == 1
    assert len(refused(f"Linear({text})").splitlines()) == 1


LITERALS = st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.none()
NAMES = (
    st.from_regex(r"[A-Za-z_][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name.isidentifier()).map("x".__add__)
)


CALLS = st.recursive(
    st.builds(Call, NAMES, st.lists(LITERALS).map(tuple), st.dictionaries(NAMES, LITERALS)),
    lambda inside: st.builds(Call, NAMES, st.lists(inside | LITERALS).map(tuple), st.dictionaries(NAMES, LITERALS)),
    max_leaves=5,
)


@given(CALLS)
def test_a_call_is_read_as_it_is_written(call: Call):
    assert parse_calls(str(call), "model") == [call]
    assert parse_calls(f"{call}, {call}", "model") == [call, call]


def test_spelling_is_free():
    spaced = parse_calls("  Flatten ,\n Linear( 128 , bias = False ),ReLU,", "model")
    assert spaced == [Call("Flatten", (), {}), Call("Linear", (128,), {"bias": False}), Call("ReLU", (), {})]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Linaer(10)", "unknown layer 'Linaer'; known: "),
        ("Linear(10), relu", "did you mean 'ReLU'?"),
        (
            "Linear()",
            "layer Linear: missing a required argument: 'out_features'; write Linear(out_features, bias=True)",
        ),
        ("Linear(1.5)", "layer Linear(1.5): out_features 1.5 must be a whole number"),
        ("Linear(0)", "layer Linear(0): out_features 0 must be a whole number >= 1"),
        ("Dropout(2)", "layer Dropout(2): p 2 must be a number <= 1"),
        (
            "Linear(a)",
            "layer Linear(a): out_features a must be a number or a word; write Linear(out_features, bias=True)",
        ),
        ("Linear(a.b)", "cannot read 'Linear(a.b)' in the model; write a name with numbers or words: Linear(128)"),
        ("Residual(ReLU, Linear(a.b))", "cannot read 'Linear(a.b)' in the model; write a name with"),
        ("ReLU, Residual(Linaer(3))", "unknown layer 'Linaer'; known: "),
        ("Residual(Residual(Linear(0)))", "layer Linear(0): out_features 0 must be a whole number >= 1"),
        ("Residual(ReLU, 0.5)", "layer Residual(ReLU, 0.5): 0.5 is no layer; write names: Residual(a, b(2))"),
        ("Residual", "Residual goes around other layers; write Residual(Linear(128), ReLU)"),
        ("Residual(" * 21 + "ReLU" + ")" * 21, "cannot read the model: it is nested more than 20 deep"),
        ("Linear(", "cannot read the model 'Linear('; write names with arguments, separated by commas: a, b(2)"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str):
    assert message in refused(text)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("adam(beta1='x')", "beta1 'x' must be a number"),
        ("adam(beta1=1" + "0" * 400 + ")", "beta1"),
        ("adam(beta3=1)", "write adam(learning_rate=0.001"),
        ("adam(0.1)", "write adam(learning_rate=0.001"),
        ("adam(moments={})", "write adam(learning_rate=0.001"),
    ],
)
def test_bad_options_of_an_optimizer(text: str, part: str):
    with pytest.raises(UserError) as caught:
        make(parse_calls(text, "optimizer")[0], optimizers)
    assert part in str(caught.value)


def test_numbers_become_the_annotated_type():
    assert isinstance(make(Call("Dropout", (1,), {}), layers).p, float)


def test_layers_that_stand_around_others():
    first, residual, last = parse_layers(
        "Tanh, Residual(Linear(4), Residual(Dropout(0.25), ReLU,), Linear(4)), Linear(2)"
    )
    assert (type(first), type(last)) == (Tanh, Linear)
    assert isinstance(residual, Residual)
    outer, inner, other = residual.chain
    assert isinstance(inner, Residual)
    assert [type(layer) for layer in (outer, *inner.chain, other)] == [Linear, Dropout, ReLU, Linear]
    assert inner.chain[0].p == 0.25


def test_twenty_deep_is_read():
    (layer,) = parse_layers("Residual(" * 19 + "ReLU" + ")" * 19)
    depth = 0
    while isinstance(layer, Residual):
        (layer,) = layer.chain
        depth += 1
    assert (depth, type(layer)) == (19, ReLU)
