"""Conditions and small sums for ``branch`` and ``set``: a typed language of its own size, never ``eval``.

The text is parsed by Python's own parser, and only the nodes listed here are accepted: and/or/not,
comparisons, ``in``, ``+ - *``, literals, variables and the functions of :data:`FUNCTIONS`. It is compiled
once into nested functions. Evaluation never raises: comparing what cannot be compared is false, and a sum
that has no meaning is null.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from callcenter.ivr.messages import Value

Kind = Literal["number", "text", "bool", "null", "any"]
Compiled = Callable[[Mapping[str, Value]], object]

MAX_LENGTH: Final = 300
MAX_TEXT: Final = 500
MAX_NUMBER: Final = 10**15

NAMES: Final[Mapping[str, Value]] = {"true": True, "false": False, "null": None, "none": None}


class ExprError(ValueError):
    """The expression is not understood. ``offset`` counts characters from 0 within it."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Expr:
    """A compiled expression."""

    text: str
    names: frozenset[str]
    kind: Kind
    run: Compiled

    def value(self, variables: Mapping[str, Value]) -> Value:
        """What it comes to. Unknown variables are null; texts and numbers are bounded."""
        return bounded(self.run(variables))

    def true(self, variables: Mapping[str, Value]) -> bool:
        return bool(self.run(variables))


def bounded(value: object) -> Value:
    """Keep a value within what a variable may hold; anything else is null."""
    # Without pattern matching: this runs for each value of each step.
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if value is None or value is True or value is False:
        return value
    if isinstance(value, int | float):
        return value if -MAX_NUMBER <= value <= MAX_NUMBER else None
    return None


def _length(value: object) -> Value:
    return len(value) if isinstance(value, str) else 0


def _lower(value: object) -> Value:
    return value.lower() if isinstance(value, str) else ""


def _number(value: object) -> Value:
    """The number that a text of digits shows; null for anything else."""
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) <= 15 and value.isascii() and value.isdigit():
        return int(value)
    return None


def _text(value: object) -> Value:
    return "" if value is None else str(value)


def _starts(value: object, start: object) -> Value:
    return isinstance(value, str) and isinstance(start, str) and value.startswith(start)


def _ends(value: object, end: object) -> Value:
    return isinstance(value, str) and isinstance(end, str) and value.endswith(end)


FUNCTIONS: Final[Mapping[str, tuple[int, Kind, Callable[..., Value]]]] = {
    "length": (1, "number", _length),
    "lower": (1, "text", _lower),
    "number": (1, "number", _number),
    "text": (1, "text", _text),
    "starts_with": (2, "bool", _starts),
    "ends_with": (2, "bool", _ends),
}
"""Name → number of arguments, kind of result, function."""

_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ORDER: Final = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_SUMS: Final[Mapping[type[ast.operator], Callable[[object, object], object]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def parse(text: str, kinds: Mapping[str, Kind] | None = None) -> Expr:
    """Compile an expression. ``kinds`` tells the kinds of known variables. Raises ExprError."""
    if len(text) > MAX_LENGTH:
        raise ExprError(f"longer than {MAX_LENGTH} characters; split it into several steps")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        hint = "; compare with ==" if "=" in text and "==" not in text else ""
        raise ExprError(f"not an expression{hint}", max(0, (error.offset or 1) - 1)) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExprError("not an expression") from None
    names: set[str] = set()
    try:
        run, kind = _Compiler(kinds or {}, names).node(tree.body)
    except RecursionError:
        raise ExprError("nested too deeply") from None
    return Expr(text=text.strip(), names=frozenset(names), kind=kind, run=run)


class _Compiler:
    def __init__(self, kinds: Mapping[str, Kind], names: set[str]) -> None:
        self.kinds, self.names = kinds, names

    def node(self, node: ast.expr) -> tuple[Compiled, Kind]:
        match node:
            case ast.Constant(value=value) if isinstance(value, str | int | float | bool | None):
                return (lambda _: value), _kind_of(value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.BoolOp(op=op, values=values):
                return self._logic([self.node(value)[0] for value in values], isinstance(op, ast.And)), "bool"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.node(operand)[0]
                return (lambda v: not inner(v)), "bool"
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if isinstance(value, int | float):
                return (lambda _: -value), "number"
            case ast.Compare(left=left, ops=ops, comparators=rights):
                return self._comparison(node, left, ops, rights), "bool"
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SUMS:
                return self._sum(node, self.node(left), type(op), self.node(right))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(node, name, args)
            case _:
                raise ExprError(
                    "only variables, numbers, texts in quotes, comparisons, and/or/not, in, + - * and "
                    f"{', '.join(FUNCTIONS)} are understood",
                    node.col_offset,
                )

    def _name(self, name: str) -> tuple[Compiled, Kind]:
        if name in NAMES:
            value = NAMES[name]
            return (lambda _: value), _kind_of(value)
        self.names.add(name)
        return (lambda v: v.get(name)), self.kinds.get(name, "any")

    @staticmethod
    def _logic(parts: list[Compiled], both: bool) -> Compiled:
        if len(parts) == 2:  # nearly always; the general way makes a generator each time
            one, two = parts
            return (lambda v: bool(one(v) and two(v))) if both else (lambda v: bool(one(v) or two(v)))
        if both:
            return lambda v: all(part(v) for part in parts)
        return lambda v: any(part(v) for part in parts)

    def _comparison(self, node: ast.expr, left: ast.expr, ops: list[ast.cmpop], rights: list[ast.expr]) -> Compiled:
        links: list[Compiled] = []
        for op, right in zip(ops, rights, strict=True):
            links.append(self._link(node, left, op, right))
            left = right
        if len(links) == 1:
            return links[0]
        return lambda v: all(link(v) for link in links)

    def _link(self, node: ast.expr, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Compiled:
        one, one_kind = self.node(left)
        if isinstance(op, ast.In | ast.NotIn):
            wanted = isinstance(op, ast.In)
            if isinstance(right, ast.Tuple | ast.List):
                members = [self.node(item)[0] for item in right.elts]
                return lambda v: (one(v) in [member(v) for member in members]) is wanted
            other, other_kind = self.node(right)
            if other_kind not in ("text", "any"):
                raise ExprError("after `in` write a list such as [1, 2] or a text", right.col_offset)
            return lambda v: _within(one(v), other(v)) is wanted
        if type(op) not in _COMPARE:
            raise ExprError("compare with ==, !=, <, <=, >, >= or in", node.col_offset)
        compare = _COMPARE[type(op)]
        other, other_kind = self.node(right)
        sure = "any" not in (one_kind, other_kind) and "null" not in (one_kind, other_kind)
        if sure and one_kind != other_kind:
            raise ExprError(
                f"a {one_kind} is compared with a {other_kind}; write number(…) or put the number in quotes",
                node.col_offset,
            )
        if isinstance(op, _ORDER):
            if isinstance(right, ast.Constant) and _is_number(right.value):
                return _beside_number(compare, one, right.value)
            return lambda v: _ordered(compare, one(v), other(v))
        return lambda v: compare(one(v), other(v))

    def _sum(
        self, node: ast.expr, left: tuple[Compiled, Kind], op: type[ast.operator], right: tuple[Compiled, Kind]
    ) -> tuple[Compiled, Kind]:
        kinds = {left[1], right[1]} - {"any"}
        allowed = {"number", "text"} if op is ast.Add else {"number"}
        if not kinds <= allowed or len(kinds) > 1:
            raise ExprError("a sum needs two numbers (or two texts with +)", node.col_offset)
        work, one, two = _SUMS[op], left[0], right[0]
        kind: Kind = "any"
        if "text" in kinds:
            kind = "text"
        elif "number" in kinds:
            kind = "number"
        return (lambda v: _total(work, op is ast.Add, one(v), two(v))), kind

    def _call(self, node: ast.expr, name: str, args: list[ast.expr]) -> tuple[Compiled, Kind]:
        if name not in FUNCTIONS:
            raise ExprError(f"`{name}` is not a function here; there are {', '.join(FUNCTIONS)}", node.col_offset)
        count, kind, function = FUNCTIONS[name]
        if len(args) != count:
            raise ExprError(f"`{name}` takes {count} value{'s' if count > 1 else ''}", node.col_offset)
        parts = [self.node(arg)[0] for arg in args]
        return (lambda v: function(*[part(v) for part in parts])), kind


def _kind_of(value: object) -> Kind:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case str():
            return "text"
        case _:
            return "number"


def _is_number(value: object) -> bool:
    kind = type(value)
    return kind is int or kind is float


def _beside_number(compare: Callable[[Any, Any], bool], one: Compiled, number: object) -> Compiled:
    """The commonest comparison of all, without the general one's questions."""

    def run(variables: Mapping[str, Value]) -> bool:
        value = one(variables)
        kind = type(value)
        return (kind is int or kind is float) and compare(value, number)

    return run


def _ordered(compare: Callable[[object, object], bool], one: object, two: object) -> bool:
    alike = type(one) is type(two) is not bool and isinstance(one, int | str | float)
    return (alike or (_is_number(one) and _is_number(two))) and compare(one, two)


def _total(work: Callable[[object, object], object], adding: bool, one: object, two: object) -> Value:
    if (_is_number(one) and _is_number(two)) or (adding and isinstance(one, str) and isinstance(two, str)):
        try:
            return bounded(work(one, two))
        except OverflowError:
            return None
    return None


def _within(part: object, whole: object) -> bool:
    return isinstance(part, str) and isinstance(whole, str) and part in whole
