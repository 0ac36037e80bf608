import pytest

from nlptrain.datasets.tables.encoding_guess import describe_encoding, guess_encoding
from nlptrain.datasets.tables.wide_encoding import find_wide_encoding

TEXTS = {
    "cp1252": ["Müller 1 café,0\nStraße 12,1\n", "“smart” quotes – it’s,0\n5 €,1\n", "naïve,0\n"],
    "mac_roman": ["Müller 1 café,0\nStraße 12,1\n"],
    "cp850": ["Müller 1 café,0\nStraße 12,1\ngarçon,0\n"],
    "cp1250": ["Łódź żółć,0\nPříliš žluťoučký kůň,1\n"],
    "cp1251": ["Привет мир,0\nМосква,1\nСергей Иванов,1\n"],
    "koi8_r": ["Привет мир,0\nМосква,1\nСергей Иванов,1\n"],
    "cp1253": ["Αθήνα,0\nΚαλημέρα κόσμε,1\n"],
    "cp1256": ["مرحبا بالعالم,0\nالقاهرة,1\n"],
    "cp932": ["東京都新宿区,0\nこんにちは,1\n株式会社テスト,0\n"],
    "gb18030": ["张伟,0\n北京市朝阳区,1\n你好世界,1\n"],
    "big5": ["台北市,0\n你好世界,1\n王小明,0\n"],
    "cp949": ["안녕하세요,0\n서울특별시,1\n"],
}
CASES = [(encoding, text) for encoding, texts in TEXTS.items() for text in texts]


@pytest.mark.parametrize(("encoding", "text"), CASES)
@pytest.mark.parametrize("times", [1, 30])
def test_encoding_of_a_table_is_guessed(encoding, text, times):
    assert guess_encoding((text * times).encode(encoding)) == encoding


def test_words_are_shown_as_a_check_beside_what_to_say():
    told = describe_encoding("Müller 1 café,0\nabc,1\n".encode("cp1252"))
    assert told.startswith("the file is probably in cp1252, which reads 'Müller', 'café': ")
    assert "--encoding cp1252, or data.file.encoding: cp1252" in told


@pytest.mark.parametrize("sample", [b"\xff\n", b"\x81\n"])
def test_where_nothing_fits_no_encoding_is_made_up(sample):
    assert guess_encoding(sample) is None
    assert "--encoding NAME, or data.file.encoding: NAME" in describe_encoding(sample)


@pytest.mark.parametrize("text", ["text,label\na,1\n", "text,label\r张伟,1\r北京市上,0\r"])
@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        *((f"utf-{width}-{order}", None) for width in (16, 32) for order in ("le", "be")),
    ],
)
def test_utf16_and_utf32_are_recognized_with_a_mark_and_without(text, encoding, found):
    assert find_wide_encoding((text * 9).encode(encoding)[:99]) == (found or encoding)


@pytest.mark.parametrize(
    "start", [b"", b"\0", b"a\0b,1\n", b"ab\0\nc\0\n", b"abc\n" * 9, bytes(99)]
)
def test_other_bytes_are_taken_for_neither(start):
    assert find_wide_encoding(start) is None
