"""awk's interpreter: rules and statements.

Law: records are read one by one, and what is printed goes out at once, as busybox's awk does even into a pipe.

Models busybox's editors/awk.c (awk_main, evaluate's statements).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from tinykube.images.busybox.tools.awk.compute import format_values
from tinykube.images.busybox.tools.awk.errors import AwkError, Jump
from tinykube.images.busybox.tools.awk.evaluator import Evaluator
from tinykube.images.busybox.tools.awk.syntax import Expr, Rule, Statement
from tinykube.images.busybox.tools.awk.values import Input, number, string, truth


class Awk(Evaluator):
    """One run of a program."""

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
        except Jump as jump:
            if jump.kind != "exit":
                raise AwkError(f"{jump.kind} is not allowed here") from None
            self.status = int(number(jump.value)) if jump.value is not None else self.status
        return await self._end()

    async def _end(self) -> int:
        try:
            for statement in self.program.end:
                await self.execute(statement)
        except Jump as jump:
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

    async def _rules(self) -> None:
        try:
            for rule in self.program.rules:
                if await self._applies(rule):
                    if rule.action is None:
                        await self.files.write("", "", self.records.text() + string(self.variables["ORS"]))
                    else:
                        await self.execute(rule.action)
        except Jump as jump:
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
        except Jump as jump:
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
        raise Jump(kind, None if value is None else await self.evaluate(value))


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
