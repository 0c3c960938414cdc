from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets import DataError
from engine.datasets.argument import read_argument
from engine.errors import UserError

KNOWN = ("label", "skip")


@pytest.mark.parametrize("name", ["a.csv", "a,b.csv", "a:b.csv", "label=a.csv", "a,label=b.csv", "a,label=b,skip=c"])
@pytest.mark.parametrize("rest", ["", ",label=x", ",skip=a,label=b=c:d,e,skip=f"])
def test_a_file_of_any_name_goes_before_options(tmp_path: Path, name: str, rest: str):
    (tmp_path / name).touch()
    read = read_argument("csv:FILE", f"{tmp_path / name}{rest}", KNOWN)
    assert read.path == tmp_path / name
    expected = {"": {}, ",label=x": {"label": ["x"]}}.get(rest, {"skip": ["a", "f"], "label": ["b=c:d,e"]})
    assert read.options == expected


@given(st.text(st.characters(exclude_characters="\0=", codec="utf-8"), min_size=1).filter(lambda text: text[-1] != "/"))
def test_where_nothing_exists_options_are_what_look_like_them(text: str):
    read = read_argument("csv:FILE", f"/no such folder/{text},label=x,skip=y", KNOWN)
    assert read.path == Path(f"/no such folder/{text}")
    assert read.options == {"label": ["x"], "skip": ["y"]}


def test_mistakes_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("a.csv").touch()
    with pytest.raises(UserError, match="unknown option of csv:FILE 'labl'; known: label, skip; did you mean 'label'"):
        read_argument("csv:FILE", "a.csv,labl=x", KNOWN)
    with pytest.raises(DataError, match="nothing to read is named; write csv:FILE"):
        read_argument("csv:FILE", "", KNOWN)
    with pytest.raises(DataError, match="label= is given 2 times"):
        read_argument("csv:FILE", "a.csv,label=x,label=y", KNOWN).option("label")
