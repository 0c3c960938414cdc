import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets import DataError
from engine.datasets.csv_lines import MAX_LINE_BYTES
from engine.datasets.csv_reader import read_csv

FINITE = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]), min_size=1, max_size=8)
IRIS = "width,length,species\n1.5,2,setosa\n3,4,virginica\n"


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        read_csv(path, **options)
    message = str(caught.value)
    assert str(path) in message
    assert "expected" in message
    assert len(message.splitlines()) == 1
    return message


@given(st.data())
def test_a_table_written_and_read_back_is_the_same_to_the_float(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
):
    width, header = data.draw(st.integers(2, 5)), data.draw(st.booleans())
    rows = data.draw(st.lists(st.lists(FINITE, min_size=width, max_size=width), min_size=1, max_size=6))
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    separator = data.draw(st.sampled_from(",;\t|"))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=separator, quoting=data.draw(st.sampled_from([0, 1])))
        if header:
            writer.writerow([f"name {number}" for number in range(width)])
        writer.writerows(rows)
    place = data.draw(st.integers(0, width - 1))
    table = read_csv(path, answer=str(place + 1))
    expected = np.array(rows)
    np.testing.assert_array_equal(table.x, np.delete(expected, place, axis=1))
    np.testing.assert_array_equal(table.y, expected[:, place])
    # To the bit: -0.0 as well.
    assert np.signbit(table.y).tolist() == np.signbit(expected[:, place]).tolist()
    assert table.answer_name == (f"name {place}" if header else f"column {place + 1}")


@given(st.lists(WORDS, min_size=1, max_size=8))
def test_text_of_the_answers_comes_back(tmp_path_factory: pytest.TempPathFactory, words: list[str]):
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    kept = [word for word in words if word.lower() not in {"?", "-", "na", "nan", "null", "none", "n/a"}]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["x", "label"], *([index, word] for index, word in enumerate(kept))])
    if not kept:
        assert "nothing below it" in refusal(path)
        return
    table = read_csv(path)
    if table.texts:
        read = [table.texts[int(code)] for code in table.y]
        assert [value == word or float(value) == float(word) for value, word in zip(read, kept, strict=True)]
        assert [value for value, word in zip(read, kept, strict=True) if not _numeric(word)] == [
            word for word in kept if not _numeric(word)
        ]
    else:
        assert table.y.tolist() == [float(word) for word in kept]


def _numeric(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "answer", "chosen"),
    [
        ("Label,a,b\n1,2,3\n", "Label", "of that name"),
        (IRIS, "species", "of text"),
        ("a,word,b\n1,x,3\n2,y,4\n", "word", "of text"),
        ("a,b,c\n1,2,3\n", "c", "that is the last"),
        ("1,2,3\n4,5,6\n", "column 3", "that is the last"),
    ],
)
def test_the_column_of_the_answers_where_none_is_named(tmp_path: Path, text: str, answer: str, chosen: str):
    table = read_csv(write(tmp_path, text))
    assert (table.answer_name, table.chosen) == (answer, chosen)


@pytest.mark.parametrize(("name", "answer"), [("first", 1), ("last", 3), ("2", 2), ("b", 2), ("a", 1)])
def test_a_column_has_a_name_a_number_or_an_end(tmp_path: Path, name: str, answer: int):
    assert read_csv(write(tmp_path, "a,b,c\n1,2,3\n"), answer=name).y.tolist() == [answer]


@pytest.mark.parametrize(
    ("header", "names"),
    [('"a";"b, c, d, e";label', ("a", "b, c, d, e")), ('a,"b;c;d;e",label', ("a", "b;c;d;e"))],
)
def test_separators_within_quotes_do_not_count(tmp_path: Path, header: str, names: tuple[str, ...]):
    row = "1;2;3\n" if ";label" in header else "1,2,3\n"
    table = read_csv(write(tmp_path, f"{header}\n{row}"))
    assert (table.feature_names, table.x.tolist(), table.y.tolist()) == (names, [[1, 2]], [3])


def test_a_name_goes_before_a_number(tmp_path: Path):
    assert read_csv(write(tmp_path, "2,1\n5,6\n"), answer="1", header=True).y.tolist() == [6]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", 2),
        ("label,0,1\n7,0,0\n", 1),
        ("x,y\n", 0),
        ("1,2\n3,4\n", 2),
        ("NA,2,a\n", 1),
        ("x,name\n1,b\n", 1),
    ],
)
def test_a_header_is_found(tmp_path: Path, text: str, rows: int):
    path = write(tmp_path, text)
    if not rows:
        assert "nothing below it" in refusal(path)
    elif "NA" in text:
        assert "line 1 has no value in column 1 (column 1): 'NA'" in refusal(path)
    else:
        assert len(read_csv(path).y) == rows


def test_header_may_be_said(tmp_path: Path):
    path = write(tmp_path, "0,1\n5,6\n")
    assert read_csv(path, header=True).y.tolist() == [6]
    assert read_csv(path, header=False).y.tolist() == [1, 6]


@pytest.mark.parametrize(
    "text", ["a,b\r\n1,2\r\n", "\ufeffa,b\n1,2", "a;b\n1;2\n", "a\tb\n1\t2\n\n\n", '"a","b"\n 1 ,"2"\n']
)
def test_other_programs_write_tables_in_their_own_ways(tmp_path: Path, text: str):
    table = read_csv(write(tmp_path, text))
    assert (table.feature_names, table.answer_name, table.x.tolist(), table.y.tolist()) == (("a",), "b", [[1]], [2])


def test_columns_are_left_out(tmp_path: Path):
    table = read_csv(write(tmp_path, "id,a,name,b,y\n1,2,x,3,4\n5,6,z,7,8\n"), skip=["id", "name"])
    assert table.feature_names == ("a", "b")
    assert (table.x.tolist(), table.y.tolist()) == ([[2, 3], [6, 7]], [4, 8])


def test_numbers_among_text_are_text(tmp_path: Path):
    table = read_csv(write(tmp_path, "x,grade\n1,K\n2,3\n3,0\n4,K\n5,3.0\n"))
    assert [table.texts[int(code)] for code in table.y] == ["K", "3", "0", "K", "3"]


@pytest.mark.parametrize(
    ("text", "options", "complaint"),
    [
        ("", {}, "holds nothing"),
        ("\n \n", {}, "holds nothing"),
        ("a,b,c\n1,2,3\n4,,6\n", {}, "line 3 has no value in column 2 (b); expected a number"),
        ("a,b,c\n1,2,3\n4,NaN,6\n", {}, "line 3 has no value in column 2 (b): 'NaN'"),
        ("a,b,c\n1,2,3\n\n4,5,?\n", {}, "line 4 has no value in column 3 (c): '?'"),
        ("a,b,c\n1,2,3\n4,x,6\n", {}, "line 3 has 'x' in column 2 (b); expected a number; skip=2"),
        ("a,b,c\n1,2,3\n4,1e999,6\n", {}, "line 3 has '1e999' in column 2 (b)"),
        ("a,b,c\n1,2,3\n4,1_0,6\n", {}, "line 3 has '1_0' in column 2 (b)"),
        ("a,b,c\n1,2,3\n4,5\n", {}, "line 3 has 2 values; expected 3, as in the first line"),
        ("a,b,c\n1,2,3\n4,5,6,7\n", {}, "line 3 has 4 values; expected 3"),
        ("a,b\n1,x\n2,y\n", {"text": False}, "line 2 has 'x' in column 2 (b); expected a number"),
        ('a,b\n1,2\n3,"4\n', {}, "line 3 cannot be read"),
        ("a,b\n1,2\n3,\0\n", {}, "line 3 has a zero byte"),
        ("a\n1\n2\n", {}, "nothing is left of its 1 columns but answers"),
        ("a,b\n1,2\n", {"answer": "c"}, "has no column 'c'; expected one of 'a', 'b', or a number from 1 to 2"),
        ("a,b\n1,2\n", {"answer": "3"}, "has no column '3'"),
        ("a,a\n1,2\n", {"answer": "a"}, "has several columns 'a'"),
        ("a,b\n1,2\n", {"skip": ["c"]}, "has no column 'c'"),
        ("a,b\n1,2\n", {"skip": ["a"]}, "nothing is left of its 2 columns"),
    ],
)
def test_a_mistake_is_named_by_line_and_column(tmp_path: Path, text: str, options: dict[str, object], complaint: str):
    assert complaint in refusal(write(tmp_path, text), **options)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("a,b\n1,2\n3,Zürich\n".encode("latin-1"), "line 3 has the byte 0xfc; expected text in UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "line 1 is UTF-16"),
        (b"1," * MAX_LINE_BYTES, "line 1 goes on and on"),
        (b"a,b\n1,2\n" + b"9" * (MAX_LINE_BYTES + 10), "line 3 goes on and on"),
        (b"a,b\r1,2\r", "line 1 has a CR within it, which ended the lines of old Macs; expected lines that end in LF"),
    ],
    ids=["latin-1", "utf-16", "endless", "endless-later", "mac"],
)
def test_what_is_no_text(tmp_path: Path, content: bytes, complaint: str):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    assert complaint in refusal(path)


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "loop", "device", "memory"])
def test_what_is_no_file(tmp_path: Path, kind: str):
    path = tmp_path / "table.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "memory":
        path.symlink_to("/proc/self/mem")  # a regular file, of which nothing can be read
    refusal(path)


def test_what_a_file_holds_cannot_write_to_the_terminal(tmp_path: Path):
    message = refusal(write(tmp_path, "a,b\n1,2\n\x1b[2Jx,3\n"))
    assert "\x1b" not in message
    assert r"\x1b[2Jx" in message


def test_numbers_among_text_are_as_many_classes_as_they_were(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_text("x,label\n1,1234567\n2,1234568\n3,x1\n4,1234567\n")
    table = read_csv(path)
    assert [table.texts[int(code)] for code in table.y] == ["1234567", "1234568", "x1", "1234567"]


def test_a_stray_word_among_many_numbers_takes_no_time(tmp_path: Path):
    # One pass over all rows for each of their values would take minutes.
    path = tmp_path / "table.csv"
    path.write_text("x,label\n" + "".join(f"{n},{n}.5\n" for n in range(100_000)) + "1,oops\n")
    assert len(read_csv(path).texts) == 100_001


def test_the_answers_are_not_left_out(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_text("a,b,kind\n1,2,x\n3,4,y\n")
    for options in ({"answer": "kind"}, {}):
        assert "skip= leaves out" in refusal(path, skip=["kind"], **options)
