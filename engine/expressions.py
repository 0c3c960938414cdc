"""Models, optimizers and schedules are written as calls: "Flatten, Linear(128), ReLU"."""

import ast
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import msgspec

from engine.errors import UserError, requirement
from engine.registry import Registry

Made = TypeVar("Made")

DEEPEST = 20
"""How deep calls may stand inside one another."""


class Call(NamedTuple):
    """One item of such a text: a name with arguments, which are literals, or calls for an item put around others."""

    name: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]

    def __str__(self) -> str:
        values = [str(value) if isinstance(value, Call) else repr(value) for value in self.arguments]
        values += [f"{key}={value!r}" for key, value in self.options.items()]
        return f"{self.name}({', '.join(values)})" if values else self.name

    @property
    def inside(self) -> list["Call"]:
        """The arguments that are calls."""
        return [value for value in self.arguments if isinstance(value, Call)]


def parse_calls(text: str, kind: str) -> list[Call]:
    """The calls of a comma-separated text; `kind` names it in errors. Arguments are literals: nothing is evaluated.

    Raises UserError that quotes the part which cannot be read.
    """
    source = f"[{text}\n]"
    try:
        items = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        items = None
    if not isinstance(items, ast.List) or not items.elts:
        raise UserError(f"cannot read the {kind} {text!r}; write names with arguments, separated by commas: a, b(2)")
    return [_call(item, source, kind) for item in items.elts]


def make(call: Call, registry: Registry[Callable[..., Made]]) -> Made:
    """The registered item of that name, called with the arguments. Raises UserError for arguments that do not fit."""
    factory = registry[call.name]
    signature = inspect.signature(factory, eval_str=True)
    usage = f"{call.name}({', '.join(str(p.replace(annotation=p.empty)) for p in signature.parameters.values())})"
    try:
        bound = signature.bind(*call.arguments, **call.options)
    except TypeError as error:
        raise UserError(f"{registry.kind} {call}: {error}; write {usage}") from None
    for name, value in bound.arguments.items():
        parameter = signature.parameters[name]
        if parameter.kind is parameter.VAR_POSITIONAL:
            bound.arguments[name] = tuple(_make_inside(item, call, registry) for item in value)
            continue
        if isinstance(value, Call):
            raise UserError(f"{registry.kind} {call}: {name} {value} must be a number or a word; write {usage}")
        try:
            bound.arguments[name] = msgspec.convert(value, parameter.annotation)
        except msgspec.ValidationError as error:
            raise UserError(f"{registry.kind} {call}: {name} {value!r} {requirement(error)}") from None
    return factory(*bound.args, **bound.kwargs)


def make_one(text: str, registry: Registry[Callable[..., Made]]) -> Made:
    """The only item that a text names. Raises UserError where it names several, or one that does not fit."""
    calls = parse_calls(text, registry.kind)
    if len(calls) > 1:
        raise UserError(f"{registry.kind} {text!r}: {len(calls)} are named; name one")
    return make(calls[0], registry)


def _make_inside(item: Any, call: Call, registry: Registry[Callable[..., Made]]) -> Made:
    if not isinstance(item, Call):
        raise UserError(f"{registry.kind} {call}: {item!r} is no {registry.kind}; write names: {call.name}(a, b(2))")
    return make(item, registry)


def _call(item: ast.expr, source: str, kind: str, depth: int = 1) -> Call:
    if depth > DEEPEST:
        raise UserError(f"cannot read the {kind}: it is nested more than {DEEPEST} deep")
    match item:
        case ast.Name(name):
            return Call(name, (), {})
        case ast.Call(func=ast.Name(name), args=arguments, keywords=options):
            names = [option.arg for option in options if option.arg is not None]
            try:
                call = Call(
                    name,
                    tuple(
                        _call(value, source, kind, depth + 1)
                        if isinstance(value, ast.Name | ast.Call)
                        else ast.literal_eval(value)
                        for value in arguments
                    ),
                    dict(zip(names, [ast.literal_eval(option.value) for option in options], strict=True)),
                )
                # An option given twice, or the names of a dictionary (**), would be lost without a word.
                if len(call.options) == len(options):
                    return call
            except UserError:
                raise
            except (ValueError, TypeError, SyntaxError):
                pass
    # The text itself: to write it anew from the tree would recurse as deep as it is nested.
    quoted = ast.get_source_segment(source, item)
    raise UserError(f"cannot read {quoted!r} in the {kind}; write a name with numbers or words: Linear(128)")
