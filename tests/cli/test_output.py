"""What is printed for people, whoever named it."""

from __future__ import annotations

from cli.output import print_fields, print_table

ODD = "a#b/\x1b[31mc\nd\u202ee ä"


def test_no_name_moves_the_cursor_colours_the_terminal_or_breaks_a_row(capsys):
    print_table(["ID", "SIZE"], [[ODD, "1"], ["plain", "2"]], "none")
    assert capsys.readouterr().out.splitlines() == [
        "ID".ljust(18) + "SIZE",
        "a#b/ [31mc d e ä  1",
        "plain".ljust(18) + "2",
    ]


def test_a_field_may_have_several_lines_and_nothing_else_that_a_terminal_obeys(capsys):
    print_fields([("about", ODD)])
    assert capsys.readouterr().out == "about  a#b/ [31mc\nd e ä\n"
