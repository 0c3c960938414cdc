"""Models, optimizers and schedules are written as calls: "Flatten, Linear(128), ReLU"."""

import ast
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import msgspec

from engine.errors import UserError, requirement
from engine.registry import Registry

Made = TypeVar("Made")


class Call(NamedTuple):
    """One item of such a text: a name with literal arguments."""

    name: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]

    def __str__(self) -> str:
        values = [repr(value) for value in self.arguments] + [f"{key}={value!r}" for key, value in self.options.items()]
        return f"{self.name}({', '.join(values)})" if values else self.name


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
        try:
            bound.arguments[name] = msgspec.convert(value, signature.parameters[name].annotation)
        except msgspec.ValidationError as error:
            raise UserError(f"{registry.kind} {call}: {name} {value!r} {requirement(error)}") from None
    return factory(*bound.args, **bound.kwargs)


def make_one(text: str, registry: Registry[Callable[..., Made]]) -> Made:
    """The only item that a text names. Raises UserError where it names several, or one that does not fit."""
    calls = parse_calls(text, registry.kind)
    if len(calls) > 1:
        raise UserError(f"{registry.kind} {text!r}: {len(calls)} are named; name one")
    return make(calls[0], registry)


def _call(item: ast.expr, source: str, kind: str) -> Call:
    match item:
        case ast.Name(name):
            return Call(name, (), {})
        case ast.Call(func=ast.Name(name), args=arguments, keywords=options):
            names = [option.arg for option in options if option.arg is not None]
            try:
                call = Call(
                    name,
                    tuple(ast.literal_eval(value) for value in arguments),
                    dict(zip(names, [ast.literal_eval(option.value) for option in options], strict=True)),
                )
                # An option given twice, or the names of a dictionary (**), would be lost without a word.
                if len(call.options) == len(options):
                    return call
            except (ValueError, TypeError, SyntaxError):
                pass
    # The text itself: to write it anew from the tree would recurse as deep as it is nested.
    quoted = ast.get_source_segment(source, item)
    raise UserError(f"cannot read {quoted!r} in the {kind}; write a name with numbers or words: Linear(128)")
