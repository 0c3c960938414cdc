"""Models, optimizers and schedules are written as calls: "Flatten, Linear(128), ReLU"."""

import ast
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import msgspec

from engine.errors import UserError
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
    try:
        items = ast.parse(f"[{text}\n]", mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        items = None
    if not isinstance(items, ast.List) or not items.elts:
        raise UserError(f"cannot read the {kind} {text!r}; write names with arguments, separated by commas: a, b(2)")
    return [_call(item, kind) for item in items.elts]


def make(call: Call, registry: Registry[Callable[..., Made]]) -> Made:
    """The registered item of that name, called with the arguments. Raises UserError for arguments that do not fit."""
    factory = registry[call.name]
    signature = inspect.signature(factory, eval_str=True)
    usage = f"{call.name}({', '.join(str(p.replace(annotation=p.empty)) for p in signature.parameters.values())})"
    try:
        bound = signature.bind(*call.arguments, **call.options)
        for name, value in bound.arguments.items():
            bound.arguments[name] = convert(value, signature.parameters[name].annotation, name)
    except TypeError as error:
        raise UserError(f"{registry.kind} {call}: {error}; write {usage}") from None
    return factory(*bound.args, **bound.kwargs)


def convert(value: Any, annotation: Any, name: str) -> Any:
    """`value` as the annotated type, within its `msgspec.Meta` bounds. Raises UserError that names what was expected."""
    try:
        return msgspec.convert(value, annotation)
    except msgspec.ValidationError as error:
        raise UserError(f"{name} {value!r}: {str(error)[0].lower()}{str(error)[1:].replace('`', '')}") from None


def _call(item: ast.expr, kind: str) -> Call:
    match item:
        case ast.Name(name):
            return Call(name, (), {})
        case ast.Call(func=ast.Name(name), args=arguments, keywords=options):
            try:
                return Call(
                    name,
                    tuple(ast.literal_eval(value) for value in arguments),
                    {option.arg: ast.literal_eval(option.value) for option in options if option.arg is not None},
                )
            except (ValueError, TypeError, SyntaxError):
                pass
    raise UserError(f"cannot read {ast.unparse(item)!r} in the {kind}; write a name with numbers or words: Linear(128)")
