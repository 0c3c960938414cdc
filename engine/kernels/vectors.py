"""What convolutions do beside their product, on eight channels at a time, and the turning of eight by eight numbers.

Loops over so few numbers are too short for the compiler to find the vectors in them, so they are written as such.
Addresses are int64, in bytes; offsets count elements. Beside each stands the NumPy that it equals, over arrays: z and
dz are vectors, all else has eight numbers a row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from engine.arrays import Array
from engine.kernels.intrinsics import BYTE, FLOAT, INT, WORD
from engine.parameters import PADDING

FLOATS = ir.VectorType(FLOAT, PADDING)
BYTES = ir.VectorType(BYTE, PADDING)


def _at(builder: Any, address: Any, kind: Any, offset: Any = None) -> Any:
    """A pointer to a vector: `offset` of its elements behind an address."""
    pointer = builder.inttoptr(address, kind.element.as_pointer())
    if offset is not None:
        pointer = builder.gep(pointer, [offset])
    return builder.bitcast(pointer, kind.as_pointer())


def _load(builder: Any, address: Any, kind: Any = FLOATS, offset: Any = None) -> Any:
    return builder.load(_at(builder, address, kind, offset), align=1 if kind is BYTES else 4)


def _store(builder: Any, value: Any, address: Any, offset: Any = None) -> None:
    builder.store(value, _at(builder, address, value.type, offset), align=1 if value.type == BYTES else 4)


def _spread(builder: Any, value: Any, kind: Any) -> Any:
    nowhere = ir.Constant(kind, ir.Undefined)
    one = builder.insert_element(nowhere, value, INT(0))
    return builder.shuffle_vector(one, nowhere, ir.Constant(ir.VectorType(INT, PADDING), [INT(0)] * PADDING))


def _rectify(builder: Any, sign_of: Any, value: Any, slope: Any) -> Any:
    """value where sign_of > 0, else slope value."""
    positive = builder.fcmp_ordered(">", sign_of, FLOATS([0.0] * PADDING))
    return builder.select(positive, value, builder.fmul(value, _spread(builder, slope, FLOATS)))


def _table_entry(builder: Any, table: Any, index: Any) -> Any:
    return builder.load(builder.gep(builder.inttoptr(table, WORD.as_pointer()), [index]))


@contextmanager
def _each(builder: Any, count: Any) -> Iterator[Any]:
    """A loop over 0 .. count - 1, at least once: what is built inside is its body."""
    before, loop, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
    builder.branch(loop)
    builder.position_at_end(loop)
    index = builder.phi(WORD)
    yield index
    following = builder.add(index, WORD(1))
    index.add_incoming(WORD(0), before)
    index.add_incoming(following, loop)
    builder.cbranch(builder.icmp_signed("<", following, count), loop, after)
    builder.position_at_end(after)


@intrinsic
def pool_rectify(typingctx: Any, z: Any, cells: Any, count: Any, bias: Any, slope: Any, y: Any, won: Any) -> Any:
    """y = rectified(max over k < count of z[cells[k]] + bias), won = the k of it: the first one; NaN beats all."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        z, cells, count, bias, slope, y, won = args
        first = _load(builder, z, offset=_table_entry(builder, cells, WORD(0)))
        before, loop, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
        builder.cbranch(builder.icmp_signed(">", count, WORD(1)), loop, after)

        builder.position_at_end(loop)
        k, best, place = builder.phi(WORD), builder.phi(FLOATS), builder.phi(BYTES)
        other = _load(builder, z, offset=_table_entry(builder, cells, k))
        # Larger, or not a number, unless the best is none already.
        better = builder.and_(builder.fcmp_unordered(">", other, best), builder.fcmp_ordered("ord", best, best))
        next_best = builder.select(better, other, best)
        next_place = builder.select(better, _spread(builder, builder.trunc(k, BYTE), BYTES), place)
        next_k = builder.add(k, WORD(1))
        nothing = BYTES([0] * PADDING)
        for phi, start, following in ((k, WORD(1), next_k), (best, first, next_best), (place, nothing, next_place)):
            phi.add_incoming(start, before)
            phi.add_incoming(following, loop)
        builder.cbranch(builder.icmp_signed("<", next_k, count), loop, after)

        builder.position_at_end(after)
        largest, winner = builder.phi(FLOATS), builder.phi(BYTES)
        for phi, start, following in ((largest, first, next_best), (winner, nothing, next_place)):
            phi.add_incoming(start, before)
            phi.add_incoming(following, loop)
        total = builder.fadd(largest, _load(builder, bias))
        _store(builder, _rectify(builder, total, total, slope), y)
        _store(builder, winner, won)
        return context.get_dummy_value()

    words = types.int64
    return types.void(words, words, words, words, types.float32, words, words), generate


def pool_rectify_reference(z: Array, cells: Array, bias: Array, slope: float) -> tuple[Array, Array]:
    """The y and won of `pool_rectify`."""
    seen = z[cells[:, None] + np.arange(PADDING)]
    won = seen.argmax(axis=0)
    total = seen[won, np.arange(PADDING)] + bias
    return np.where(total > 0, total, slope * total), won


@intrinsic
def unpool_rectify(
    typingctx: Any, dy: Any, y: Any, won: Any, slope: Any, dz: Any, cells: Any, count: Any, dbias: Any
) -> Any:
    """d = dy where y > 0, else slope dy;  dz[cells[k]] = d where k won, else 0;  dbias += d."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        dy, y, won, slope, dz, cells, count, dbias = args
        passed = _rectify(builder, _load(builder, y), _load(builder, dy), slope)
        _store(builder, builder.fadd(_load(builder, dbias), passed), dbias)
        winner = _load(builder, won, BYTES)
        with _each(builder, count) as k:
            wins = builder.icmp_unsigned("==", winner, _spread(builder, builder.trunc(k, BYTE), BYTES))
            target = builder.select(wins, passed, FLOATS([0.0] * PADDING))
            _store(builder, target, dz, _table_entry(builder, cells, k))
        return context.get_dummy_value()

    words = types.int64
    return types.void(words, words, words, types.float32, words, words, words, words), generate


def unpool_rectify_reference(
    dy: Array, y: Array, won: Array, slope: float, dz: Array, cells: Array, dbias: Array
) -> None:
    """What `unpool_rectify` computes."""
    d = np.where(y > 0, dy, slope * dy)
    dz[cells[:, None] + np.arange(PADDING)] = np.where(won == np.arange(len(cells))[:, None], d, 0)
    dbias += d


@intrinsic
def accumulate(typingctx: Any, target: Any, source: Any, vectors: Any) -> Any:
    """target += source, for so many vectors of eight, at least one."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target, source, vectors = args
        with _each(builder, vectors) as place:
            to, what = (builder.add(address, builder.mul(place, WORD(4 * PADDING))) for address in (target, source))
            _store(builder, builder.fadd(_load(builder, to), _load(builder, what)), to)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


def accumulate_reference(target: Array, source: Array) -> None:
    """What `accumulate` computes."""
    target += source


def _row(builder: Any, address: Any, step: Any, index: int) -> Any:
    """The address of a row, so many bytes apart from the next."""
    return builder.add(address, builder.mul(step, WORD(index)))


def _turn(builder: Any, rows: list[Any]) -> list[Any]:
    """The columns of eight vectors: in three rounds, neighbours at distance 1, 2 and 4 exchange halves."""
    for distance in (1, 2, 4):
        low = [i + PADDING - distance if i // distance % 2 else i for i in range(PADDING)]
        high = [i + distance for i in low]
        tables = [ir.Constant(ir.VectorType(INT, PADDING), [INT(i) for i in table]) for table in (low, high)]
        turned = list(rows)
        for i in range(PADDING):
            if i // distance % 2 == 0:
                pair = rows[i], rows[i + distance]
                turned[i], turned[i + distance] = (builder.shuffle_vector(*pair, table) for table in tables)
        rows = turned
    return rows


@intrinsic
def turn(typingctx: Any, source: Any, source_row: Any, target: Any, target_row: Any) -> Any:
    """target[j, i] = source[i, j] for i, j < 8; rows are so many bytes apart."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source, source_row, target, target_row = args
        rows = [_load(builder, _row(builder, source, source_row, i)) for i in range(PADDING)]
        for i, column in enumerate(_turn(builder, rows)):
            _store(builder, column, _row(builder, target, target_row, i))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64), generate


def turn_reference(source: Array, target: Array) -> None:
    """What `turn` computes."""
    target[:PADDING, :PADDING] = source[:PADDING, :PADDING].T


@intrinsic
def turn_rectified(
    typingctx: Any, dy: Any, dy_row: Any, y: Any, y_row: Any, slope: Any, both: Any, other: Any, other_row: Any
) -> Any:
    """d[i, j] = dy[i, j] where y[j, i] > 0, else slope dy[i, j];  both = d, in rows as dy;  other[j, i] = d[i, j]."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        dy, dy_row, y, y_row, slope, both, other, other_row = args
        columns = _turn(builder, [_load(builder, _row(builder, dy, dy_row, i)) for i in range(PADDING)])
        passed = [
            _rectify(builder, _load(builder, _row(builder, y, y_row, j)), column, slope)
            for j, column in enumerate(columns)
        ]
        for j, column in enumerate(passed):
            _store(builder, column, _row(builder, other, other_row, j))
        for i, line in enumerate(_turn(builder, passed)):
            _store(builder, line, _row(builder, both, dy_row, i))
        return context.get_dummy_value()

    words = types.int64
    return types.void(words, words, words, words, types.float32, words, words, words), generate


def turn_rectified_reference(dy: Array, y: Array, slope: float, both: Array, other: Array) -> None:
    """What `turn_rectified` computes."""
    eight = np.s_[:PADDING, :PADDING]
    both[eight] = np.where(y[eight].T > 0, dy[eight], slope * dy[eight])
    other[eight] = both[eight].T
