"""What Numba has no word for: addresses, atomic counters, a call by address, and the tile of a matrix product.

Each is a few instructions of LLVM. Addresses are int64; offsets and leading dimensions count elements.
"""

from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic

from engine.kernels.compiled import compiler

compiler()

FLOAT, BYTE, INT, WORD = ir.FloatType(), ir.IntType(8), ir.IntType(32), ir.IntType(64)

OPERAND = 5
"""Slots of one operand in a table of them: an address and up to four dimensions, or a number."""


def _vector_lanes() -> int:
    """float32 numbers in the widest register of this processor."""
    features = binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx2") else 4


LANES = _vector_lanes()

SHAPES = {16: ((64, 6), (32, 6), (16, 8), (8, 8)), 8: ((16, 6), (8, 6)), 4: ((16, 6), (8, 8))}[LANES]
"""(columns, rows) of the tiles whose sums stay in this processor's registers, widest first; the least are those that
widths are padded to.

With 32 registers of 16 lanes, 6 x 64 sums take 24 of them; more than 8 rows want more pointers than there are.
"""


@intrinsic
def pointer(typingctx: Any, address: Any, kind: Any) -> Any:
    """`address` as a pointer to numbers of the type `kind`."""
    pointed = kind.dtype
    signature = types.CPointer(pointed)(types.int64, kind)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_data_type(pointed).as_pointer())

    return signature, generate


@intrinsic
def fetch_add(typingctx: Any, address: Any, amount: Any) -> Any:
    """Add to the int64 at `address`, as one indivisible step; returns what it was before."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.atomic_rmw("add", builder.inttoptr(args[0], WORD.as_pointer()), args[1], "seq_cst")

    return types.int64(types.int64, types.int64), generate


@intrinsic
def atomic_load(typingctx: Any, address: Any) -> Any:
    """The int64 at `address`, as other threads have left it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(builder.inttoptr(args[0], WORD.as_pointer()), "seq_cst", 8)

    return types.int64(types.int64), generate


@intrinsic
def atomic_store(typingctx: Any, address: Any, value: Any) -> Any:
    """Set the int64 at `address`; what was written before is seen by whoever reads it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store_atomic(args[1], builder.inttoptr(args[0], WORD.as_pointer()), "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@intrinsic
def relax(typingctx: Any) -> Any:
    """Tell the processor that this is a loop that waits: what it does not use, another thread of its core may."""
    name = "llvm.x86.sse2.pause" if binding.get_process_triple().startswith("x86_64") else None

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if name:
            builder.call(builder.module.declare_intrinsic(name, (), ir.FunctionType(ir.VoidType(), [])), [])
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def call_phase(typingctx: Any, function: Any, operands: Any, chunk: Any, thread: Any) -> Any:
    """Call the compiled phase at an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [WORD, WORD, WORD])
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64), generate


def _tile(columns: int, rows: int, *, add: bool) -> Any:
    """c[crow[i] + j] = (c[crow[i] + j] +) sum_k a[arow[i] + acol[k]] b[brow[k] + j], for i < rows, j < columns.

    All sums stay in registers; a row of `b` is read once for all of them, an element of `a` is spread over the lanes.
    """
    lanes = min(LANES, columns)
    kind = ir.VectorType(FLOAT, lanes)
    parts = range(columns // lanes)

    @intrinsic
    def tile(typingctx: Any, c: Any, crow: Any, a: Any, arow: Any, acol: Any, b: Any, brow: Any, depth: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            c, a, b = (builder.inttoptr(args[i], FLOAT.as_pointer()) for i in (0, 2, 5))
            crow, arow, acol, brow = (builder.inttoptr(args[i], WORD.as_pointer()) for i in (1, 3, 4, 6))

            def entry(table: Any, index: Any) -> Any:
                return builder.load(builder.gep(table, [index]))

            def lanes_at(row: Any, part: int) -> Any:
                return builder.bitcast(builder.gep(row, [WORD(part * lanes)]), kind.as_pointer())

            a_rows = [builder.gep(a, [entry(arow, WORD(i))]) for i in range(rows)]
            c_rows = [builder.gep(c, [entry(crow, WORD(i))]) for i in range(rows)]
            start = [
                [builder.load(lanes_at(row, part), align=4) if add else kind([0.0] * lanes) for part in parts]
                for row in c_rows
            ]
            before, loop, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
            builder.branch(loop)

            builder.position_at_end(loop)
            k = builder.phi(WORD)
            k.add_incoming(WORD(0), before)
            sums = [[builder.phi(kind) for _ in parts] for _ in range(rows)]
            a_k, b_k = entry(acol, k), builder.gep(b, [entry(brow, k)])
            b_parts = [builder.load(lanes_at(b_k, part), align=4) for part in parts]
            nowhere = ir.Constant(kind, ir.Undefined)
            everywhere = ir.Constant(ir.VectorType(INT, lanes), [INT(0)] * lanes)
            nexts = []
            for i in range(rows):
                element = builder.insert_element(nowhere, builder.load(builder.gep(a_rows[i], [a_k])), INT(0))
                spread = builder.shuffle_vector(element, nowhere, everywhere)
                # "contract": one instruction multiplies and adds, where the processor has it.
                terms = [builder.fmul(spread, part, flags=("contract",)) for part in b_parts]
                nexts.append([builder.fadd(s, t, flags=("contract",)) for s, t in zip(sums[i], terms, strict=True)])
            k_next = builder.add(k, WORD(1))
            k.add_incoming(k_next, loop)
            for i in range(rows):
                for part in parts:
                    sums[i][part].add_incoming(start[i][part], before)
                    sums[i][part].add_incoming(nexts[i][part], loop)
            builder.cbranch(builder.icmp_signed("<", k_next, args[7]), loop, after)

            builder.position_at_end(after)
            for i in range(rows):
                for part in parts:
                    builder.store(nexts[i][part], lanes_at(c_rows[i], part), align=4)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 8), generate

    return tile


TILES = {(columns, add): (_tile(columns, rows, add=add), rows) for columns, rows in SHAPES for add in (False, True)}
"""By columns and whether the sums are added to what is there: the tile, and its rows."""
