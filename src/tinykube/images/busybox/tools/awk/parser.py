"""awk's programs: rules, functions, statements.

Models busybox's editors/awk.c (parse_program, chain_group).
"""

from __future__ import annotations

from tinykube.images.busybox.tools.awk.expressions import ExpressionParser
from tinykube.images.busybox.tools.awk.syntax import Expr, Function, Program, Rule, Statement


class _Parser(ExpressionParser):
    # -- program ---------------------------------------------------------------------------------------------

    def program(self) -> Program:
        program = Program()
        self.terminators()
        while self.token.kind != "end":
            self.item(program)
            self.terminators()
        return program

    def item(self, program: Program) -> None:
        if self.take("BEGIN"):
            program.begin.append(self.block())
        elif self.take("END"):
            program.end.append(self.block())
        elif self.take("function"):
            self.function(program)
        else:
            pattern = until = None
            if not self.at("{"):
                pattern = self.expression()
                if self.take(","):
                    self.newlines()
                    until = self.expression()
            program.rules.append(Rule(pattern, until, self.block() if self.at("{") else None))

    def function(self, program: Program) -> None:
        name = self.token.text
        self.i += 1
        self.expect("(")
        parameters = []
        while not self.take(")"):
            parameters.append(self.token.text)
            self.i += 1
            self.newlines()
            if self.take(","):
                self.newlines()
        self.newlines()
        program.functions[name] = Function(parameters, self.block())

    def block(self) -> Statement:
        self.newlines()
        self.expect("{")
        statements = []
        self.terminators()
        while not self.take("}"):
            statements.append(self.statement())
            self.terminators()
        return Statement("block", tuple(statements))

    # -- statements ------------------------------------------------------------------------------------------

    def statement(self) -> Statement:
        if self.at("{"):
            return self.block()
        if self.take("if"):
            return self._if()
        if self.take("while"):
            self.expect("(")
            test = self.expression()
            self.expect(")")
            return Statement("while", (test, self.body()))
        if self.take("do"):
            body = self.body()
            self.terminators()
            self.expect("while")
            self.expect("(")
            test = self.expression()
            self.expect(")")
            self.end_of_statement()
            return Statement("do", (test, body))
        if self.take("for"):
            return self._for()
        if self.take(";"):
            return Statement("block")
        statement = self.simple()
        self.end_of_statement()
        return statement

    def end_of_statement(self) -> None:
        if not (self.take(";") or self.at("}") or self.token.kind in ("newline", "end")):
            raise self.fail()

    def body(self) -> Statement:
        self.newlines()
        return self.statement()

    def _if(self) -> Statement:
        self.expect("(")
        test = self.expression()
        self.expect(")")
        body = self.body()
        start = self.i
        self.terminators()
        if self.take("else"):
            return Statement("if", (test, body, self.body()))
        self.i = start
        return Statement("if", (test, body, None))

    def _for(self) -> Statement:
        self.expect("(")
        if self.token.kind == "name" and self.tokens[self.i + 1].text == "in" and self.tokens[self.i + 3].text == ")":
            variable, array = self.token.text, self.tokens[self.i + 2].text
            self.i += 4
            return Statement("forin", (variable, array, self.body()))
        start = None if self.at(";") else self.simple()
        self.expect(";")
        self.newlines()
        test = None if self.at(";") else self.expression()
        self.expect(";")
        self.newlines()
        step = None if self.at(")") else self.simple()
        self.expect(")")
        if self.take(";"):
            return Statement("for", (start, test, step, Statement("block")))
        return Statement("for", (start, test, step, self.body()))

    def simple(self) -> Statement:
        word = self.take("print", "printf")
        if word:
            return self._print(word)
        word = self.take("next", "nextfile", "break", "continue")
        if word:
            return Statement(word)
        word = self.take("exit", "return")
        if word:
            ends = self.at(";", "}") or self.token.kind in ("newline", "end")
            return Statement(word, (None if ends else self.expression(),))
        if self.take("delete"):
            return self._delete()
        return Statement("expr", (self.expression(),))

    def _delete(self) -> Statement:
        name = self.token.text
        self.i += 1
        return Statement("delete", (name, self.subscript() if self.at("[") else None))

    def _print(self, word: str) -> Statement:
        self.no_greater += 1
        arguments: list[Expr] = []
        if not (self.at(";", "}", ">", ">>", "|") or self.token.kind in ("newline", "end")):
            arguments = self.print_list()
        self.no_greater -= 1
        target = None
        operator = self.take(">", ">>", "|")
        if operator:
            target = self.concatenation()
        return Statement(word, (arguments, operator, target))

    def print_list(self) -> list[Expr]:
        """The arguments; `print (a, b) > file` has them in parentheses."""
        first = self.expression()
        if first.op == "group" and not self.at(","):
            return list(first.args)
        arguments = [first]
        while self.take(","):
            self.newlines()
            arguments.append(self.expression())
        return arguments


def parse(source: str) -> Program:
    """The program of a source. Raises AwkSyntaxError."""
    return _Parser(source).program()
