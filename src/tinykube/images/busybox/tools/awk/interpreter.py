"""awk's interpreter.

Law: records are read one by one, and what is printed goes out at once, as busybox's awk does even into a pipe.

Models busybox's editors/awk.c (evaluate).
"""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tinykube.images.busybox.tools.awk.records import Records
from tinykube.images.busybox.tools.awk.syntax import Expr, Program, Rule, Statement
from tinykube.images.busybox.tools.awk.values import Input, Value, compare, number, string, truth
from tinykube.images.busybox.tools.regex import compile_regex

if TYPE_CHECKING:
    from tinykube.images.busybox.tools.awk.inout import Files
    from tinykube.runtime.process import Process


class AwkError(Exception):
    """The program cannot go on."""


class _Jump(Exception):
    """break, continue, next, nextfile, exit and return."""

    def __init__(self, kind: str, value: Value = None) -> None:
        super().__init__(kind)
        self.kind, self.value = kind, value


Array = dict[str, Value]
Builtin = Callable[["Awk", tuple[Expr, ...]], Awaitable[Value]]


class Awk:
    """One run of a program."""

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

    async def run(self, source: AsyncIterator[tuple[str, str]]) -> int:
        """BEGIN, every record, END; the exit status."""
        try:
            for statement in self.program.begin:
                await self.execute(statement)
            if self.program.rules or self.program.end:
                async for name, record in source:
                    self.new_record(name, record)
                    await self._rules()
                    await self.process.spend(0.000002)
        except _Jump as jump:
            if jump.kind != "exit":
                raise AwkError(f"{jump.kind} is not allowed here") from None
            self.status = int(number(jump.value)) if jump.value is not None else self.status
        return await self._end()

    async def _end(self) -> int:
        try:
            for statement in self.program.end:
                await self.execute(statement)
        except _Jump as jump:
            if jump.kind == "exit" and jump.value is not None:
                self.status = int(number(jump.value))
        await self.files.close_all()
        return self.status

    def new_record(self, name: str, text: str) -> None:
        """Take a line as $0 and count it."""
        self.variables["NR"] = number(self.variables["NR"]) + 1
        same = self.variables["FILENAME"] == name
        self.variables["FNR"] = number(self.variables["FNR"]) + 1 if same else 1.0
        self.variables["FILENAME"] = name
        self.set_record(text)

    def set_record(self, text: str) -> None:
        """Take a text as $0."""
        self.records.set(text, self.separator())

    def separator(self) -> str:
        """FS."""
        return string(self.variables["FS"])

    async def _rules(self) -> None:
        try:
            for rule in self.program.rules:
                if await self._applies(rule):
                    if rule.action is None:
                        await self.files.write("", "", self.records.text() + string(self.variables["ORS"]))
                    else:
                        await self.execute(rule.action)
        except _Jump as jump:
            if jump.kind not in ("next", "nextfile"):
                raise

    async def _applies(self, rule: Rule) -> bool:
        if rule.pattern is None:
            return True
        if rule.until is None:
            return truth(await self.evaluate(rule.pattern))
        if not rule.active:
            if not truth(await self.evaluate(rule.pattern)):
                return False
            rule.active = True
        rule.active = not truth(await self.evaluate(rule.until))
        return True

    # -- statements ------------------------------------------------------------------------------------------

    async def execute(self, statement: Statement) -> None:
        """Run a statement."""
        await _EXECUTE[statement.kind](self, *statement.args)

    async def block(self, *statements: Statement) -> None:
        for statement in statements:
            await _EXECUTE[statement.kind](self, *statement.args)

    async def expr(self, expression: Expr) -> None:
        await self.evaluate(expression)

    async def if_(self, test: Expr, body: Statement, otherwise: Statement | None) -> None:
        if truth(await self.evaluate(test)):
            await self.execute(body)
        elif otherwise is not None:
            await self.execute(otherwise)

    async def _loop_body(self, body: Statement) -> bool:
        """False after break."""
        await self.process.spend(0.000002)
        try:
            await self.execute(body)
        except _Jump as jump:
            if jump.kind == "break":
                return False
            if jump.kind != "continue":
                raise
        return True

    async def while_(self, test: Expr, body: Statement) -> None:
        while truth(await self.evaluate(test)) and await self._loop_body(body):
            pass

    async def do(self, test: Expr, body: Statement) -> None:
        while await self._loop_body(body) and truth(await self.evaluate(test)):
            pass

    async def for_(self, start: Statement | None, test: Expr | None, step: Statement | None, body: Statement) -> None:
        if start is not None:
            await self.execute(start)
        while test is None or truth(await self.evaluate(test)):
            if not await self._loop_body(body):
                return
            if step is not None:
                await self.execute(step)

    async def for_in(self, variable: str, array: str, body: Statement) -> None:
        for key in list(self.array(array)):
            self.set_variable(variable, Input(key))
            if not await self._loop_body(body):
                return

    async def print(self, arguments: list[Expr], operator: str, target: Expr | None) -> None:
        form = string(self.variables["OFMT"])
        if arguments:
            values = [string(await self.evaluate(argument), form) for argument in arguments]
            text = string(self.variables["OFS"]).join(values)
        else:
            text = self.records.text()
        name = "" if target is None else string(await self.evaluate(target))
        await self.files.write(operator, name, text + string(self.variables["ORS"]))

    async def printf(self, arguments: list[Expr], operator: str, target: Expr | None) -> None:
        values = [await self.evaluate(argument) for argument in arguments]
        name = "" if target is None else string(await self.evaluate(target))
        await self.files.write(operator, name, format_values(string(values[0]) if values else "", values[1:]))

    async def delete(self, name: str, subscript: tuple[Expr, ...] | None) -> None:
        if subscript is None:
            self.array(name).clear()
        else:
            self.array(name).pop(await self.key(subscript), None)

    async def jump(self, kind: str, value: Expr | None = None) -> None:
        raise _Jump(kind, None if value is None else await self.evaluate(value))

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
        except _Jump as jump:
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


def arithmetic(operator: str, left: float, right: float) -> float:
    """+ - * / % ^."""
    if operator in "/%" and right == 0:
        raise AwkError("Division by zero")
    if operator == "/":
        return left / right
    if operator == "%":
        return left - right * float(int(left / right))
    if operator == "^":
        try:
            return float(left**right)
        except (OverflowError, ZeroDivisionError):
            return float("inf")
    return {"+": left + right, "-": left - right}.get(operator, left * right)


_FORMAT = re.compile(r"%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]*([a-zA-Z%])")


def format_values(template: str, values: list[Value]) -> str:
    """printf and sprintf."""
    pending = list(values)

    def take() -> Value:
        return pending.pop(0) if pending else None

    def one(match: re.Match[str]) -> str:
        flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        width = str(int(number(take()))) if width == "*" else width or ""
        if precision == "*":
            precision = str(int(number(take())))
        shape = f"%{flags}{width}" + (f".{precision}" if precision is not None else "")
        value = take()
        if kind in "di":
            return (shape + "d") % int(number(value))
        if kind in "ouxX":
            return (shape + kind.replace("u", "d")) % (int(number(value)) & 0xFFFFFFFFFFFFFFFF)
        if kind == "c":
            text = chr(int(value)) if isinstance(value, float) else string(value)[:1]
            return (shape + "s") % text
        if kind in "eEfFgG":
            return (shape + kind) % number(value)
        return (shape + "s") % string(value) if kind == "s" else match.group()

    return _FORMAT.sub(one, template)


_EXECUTE: dict[str, Callable[..., Awaitable[None]]] = {
    "block": Awk.block,
    "expr": Awk.expr,
    "if": Awk.if_,
    "while": Awk.while_,
    "do": Awk.do,
    "for": Awk.for_,
    "forin": Awk.for_in,
    "print": Awk.print,
    "printf": Awk.printf,
    "delete": Awk.delete,
    "next": lambda awk: awk.jump("next"),
    "nextfile": lambda awk: awk.jump("nextfile"),
    "break": lambda awk: awk.jump("break"),
    "continue": lambda awk: awk.jump("continue"),
    "exit": lambda awk, value: awk.jump("exit", value),
    "return": lambda awk, value: awk.jump("return", value),
}
_EVALUATE: dict[str, Callable[..., Awaitable[Value]]] = {
    "num": Awk.constant,
    "str": Awk.constant,
    "regex": Awk.regex_value,
    "var": Awk.var,
    "index": Awk.index,
    "field": Awk.field,
    "group": Awk.group,
    "assign": Awk.assignment,
    "cond": Awk.cond,
    "or": Awk.or_,
    "and": Awk.and_,
    "in": Awk.contains,
    "match": Awk.match,
    "compare": Awk.compared,
    "concat": Awk.concat,
    "arith": Awk.arith,
    "neg": Awk.negated,
    "plus": Awk.plus,
    "not": Awk.inverted,
    "pre": Awk.stepped,
    "post": Awk.stepped_after,
    "builtin": Awk.builtin,
    "call": Awk.call,
    "getline": Awk.getline,
}
