"""awk's variables and expressions.

Models busybox's editors/awk.c (evaluate, the expressions).
"""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tinykube.images.busybox.tools.awk.compute import arithmetic
from tinykube.images.busybox.tools.awk.errors import AwkError, Jump
from tinykube.images.busybox.tools.awk.records import Records
from tinykube.images.busybox.tools.awk.syntax import Expr, Program, Statement
from tinykube.images.busybox.tools.awk.values import Input, Value, compare, number, string, truth
from tinykube.images.busybox.tools.regex import compile_regex

if TYPE_CHECKING:
    from tinykube.images.busybox.tools.awk.inout import Files
    from tinykube.runtime.process import Process

Array = dict[str, Value]
Builtin = Callable[["Evaluator", tuple[Expr, ...]], Awaitable[Value]]


class Evaluator(ABC):
    """The state of one run, and the values of its expressions."""

    def __init__(self, process: Process, program: Program, builtins: dict[str, Builtin]) -> None:
        self.process, self.program, self.builtins = process, program, builtins
        self.files: Files
        self.records = Records()
        self.variables: dict[str, Value] = {
            "FS": " ", "OFS": " ", "ORS": "\n", "RS": "\n", "SUBSEP": "\x1c", "CONVFMT": "%.6g", "OFMT": "%.6g",
            "NR": 0.0, "FNR": 0.0, "FILENAME": None, "RSTART": 0.0, "RLENGTH": -1.0,
        }  # fmt: skip
        self.arrays: dict[str, Array] = {}
        self.frames: list[dict[str, Any]] = []
        self.status = 0
        self.seed = 0.0
        self.chance = random.Random(0)

    @abstractmethod
    async def execute(self, statement: Statement) -> None:
        """Run a statement: a function's body."""

    def separator(self) -> str:
        """FS."""
        return string(self.variables["FS"])

    def set_record(self, text: str) -> None:
        """Take a text as $0."""
        self.records.set(text, self.separator())

    # -- variables -------------------------------------------------------------------------------------------

    def array(self, name: str) -> Array:
        """The array called `name`, made if need be."""
        if self.frames and name in self.frames[-1]:
            value = self.frames[-1][name]
            if not isinstance(value, dict):
                value = self.frames[-1][name] = {}
            return value
        return self.arrays.setdefault(name, {})

    def variable(self, name: str) -> Value:
        """The value of a variable."""
        if self.frames and name in self.frames[-1]:
            return self.frames[-1][name]
        if name == "NF":
            return float(self.records.count())
        return self.variables.get(name)

    def set_variable(self, name: str, value: Value) -> None:
        """Assign."""
        if self.frames and name in self.frames[-1]:
            self.frames[-1][name] = value
        elif name == "NF":
            self.records.resize(int(number(value)), string(self.variables["OFS"]))
        else:
            self.variables[name] = value

    async def key(self, subscripts: tuple[Expr, ...]) -> str:
        """An array's key."""
        values = [string(await self.evaluate(subscript)) for subscript in subscripts]
        return string(self.variables["SUBSEP"]).join(values)

    async def assign(self, target: Expr, value: Value) -> Value:
        """Assign to a variable, an element or a field."""
        if target.op == "var":
            self.set_variable(target.args[0], value)
        elif target.op == "index":
            self.array(target.args[0])[await self.key(target.args[1])] = value
        elif target.op == "field":
            index = int(number(await self.evaluate(target.args[0])))
            if index == 0:
                self.set_record(string(value))
            else:
                self.records.assign(index, string(value), string(self.variables["OFS"]))
        return value

    # -- expressions -----------------------------------------------------------------------------------------

    async def evaluate(self, expression: Expr) -> Value:
        """The value of an expression."""
        return await _EVALUATE[expression.op](self, *expression.args)

    async def text_of(self, expression: Expr) -> str:
        """The value as a string."""
        return string(await self.evaluate(expression), string(self.variables["CONVFMT"]))

    async def regex(self, expression: Expr) -> re.Pattern[str]:
        """The expression as a regular expression."""
        source = expression.args[0] if expression.op == "regex" else await self.text_of(expression)
        return compile_regex(source, True)

    async def constant(self, value: Value) -> Value:
        return value

    async def regex_value(self, source: str) -> Value:
        return float(compile_regex(source, True).search(self.records.text()) is not None)

    async def var(self, name: str) -> Value:
        return self.variable(name)

    async def index(self, name: str, subscripts: tuple[Expr, ...]) -> Value:
        array = self.array(name)
        key = await self.key(subscripts)
        if key not in array:
            array[key] = None
        return array[key]

    async def field(self, which: Expr) -> Value:
        index = int(number(await self.evaluate(which)))
        if index < 0:
            raise AwkError("Access to negative field")
        return Input(self.records.field(index))

    async def group(self, *values: Expr) -> Value:
        result: Value = None
        for value in values:
            result = await self.evaluate(value)
        return result

    async def assignment(self, target: Expr, operator: str, right: Expr) -> Value:
        value = await self.evaluate(right)
        if operator:
            value = arithmetic(operator, number(await self.evaluate(target)), number(value))
        return await self.assign(target, value)

    async def cond(self, test: Expr, yes: Expr, no: Expr) -> Value:
        return await self.evaluate(yes if truth(await self.evaluate(test)) else no)

    async def or_(self, left: Expr, right: Expr) -> Value:
        return float(truth(await self.evaluate(left)) or truth(await self.evaluate(right)))

    async def and_(self, left: Expr, right: Expr) -> Value:
        return float(truth(await self.evaluate(left)) and truth(await self.evaluate(right)))

    async def contains(self, subscripts: tuple[Expr, ...], array: str) -> Value:
        return float(await self.key(subscripts) in self.array(array))

    async def match(self, left: Expr, right: Expr, inverted: bool) -> Value:
        found = (await self.regex(right)).search(await self.text_of(left)) is not None
        return float(found != inverted)

    async def compared(self, operator: str, left: Expr, right: Expr) -> Value:
        order = compare(await self.evaluate(left), await self.evaluate(right))
        return float(
            {"<": order < 0, "<=": order <= 0, "==": order == 0, "!=": order != 0, ">": order > 0}.get(
                operator, order >= 0
            )
        )

    async def concat(self, left: Expr, right: Expr) -> Value:
        return await self.text_of(left) + await self.text_of(right)

    async def arith(self, operator: str, left: Expr, right: Expr) -> Value:
        return arithmetic(operator, number(await self.evaluate(left)), number(await self.evaluate(right)))

    async def negated(self, operand: Expr) -> Value:
        return -number(await self.evaluate(operand))

    async def plus(self, operand: Expr) -> Value:
        return number(await self.evaluate(operand))

    async def inverted(self, operand: Expr) -> Value:
        return float(not truth(await self.evaluate(operand)))

    async def stepped(self, target: Expr, step: int) -> Value:
        return await self.assign(target, number(await self.evaluate(target)) + step)

    async def stepped_after(self, target: Expr, step: int) -> Value:
        old = number(await self.evaluate(target))
        await self.assign(target, old + step)
        return old

    async def builtin(self, name: str, arguments: tuple[Expr, ...]) -> Value:
        return await self.builtins[name](self, arguments)

    async def call(self, name: str, arguments: tuple[Expr, ...]) -> Value:
        function = self.program.functions.get(name)
        if function is None:
            raise AwkError("Call to undefined function")
        frame: dict[str, Any] = dict.fromkeys(function.parameters)
        for parameter, argument in zip(function.parameters, arguments, strict=False):
            frame[parameter] = await self._argument(argument)
        self.frames.append(frame)
        try:
            await self.execute(function.body)
        except Jump as jump:
            if jump.kind != "return":
                raise
            return jump.value
        except RecursionError:
            raise AwkError("functions nest too deeply for the practice cluster's awk") from None
        finally:
            self.frames.pop()
        return None

    async def _argument(self, argument: Expr) -> Any:
        """Arrays go by reference; a name never used may become one."""
        if argument.op != "var":
            return await self.evaluate(argument)
        name = argument.args[0]
        if self.frames and name in self.frames[-1]:
            return self.frames[-1][name]
        if name in self.arrays or (name not in self.variables and name != "NF"):
            return self.arrays.setdefault(name, {})
        return self.variable(name)

    async def getline(self, kind: str, source: Expr | None, target: Expr | None) -> Value:
        line: str | int | None = None
        if source is None:
            line = await self.files.next_main()
        else:
            line = await self.files.read(kind, await self.text_of(source))
        if line is None:
            return 0.0
        if isinstance(line, int):
            return -1.0
        if source is None or kind == "|":
            self.variables["NR"] = number(self.variables["NR"]) + 1
        if target is None:
            self.set_record(line)
        else:
            await self.assign(target, Input(line))
        return 1.0


_EVALUATE: dict[str, Callable[..., Awaitable[Value]]] = {
    "num": Evaluator.constant,
    "str": Evaluator.constant,
    "regex": Evaluator.regex_value,
    "var": Evaluator.var,
    "index": Evaluator.index,
    "field": Evaluator.field,
    "group": Evaluator.group,
    "assign": Evaluator.assignment,
    "cond": Evaluator.cond,
    "or": Evaluator.or_,
    "and": Evaluator.and_,
    "in": Evaluator.contains,
    "match": Evaluator.match,
    "compare": Evaluator.compared,
    "concat": Evaluator.concat,
    "arith": Evaluator.arith,
    "neg": Evaluator.negated,
    "plus": Evaluator.plus,
    "not": Evaluator.inverted,
    "pre": Evaluator.stepped,
    "post": Evaluator.stepped_after,
    "builtin": Evaluator.builtin,
    "call": Evaluator.call,
    "getline": Evaluator.getline,
}
