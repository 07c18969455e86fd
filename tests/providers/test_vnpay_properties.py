"""Laws of VNPAY's messages that hold for any content."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import BadSignature, Malformed, RemoteProviderError, Verdict
from providers.sandbox.vnpay_messages import query_holds, read_query, signable, signed_query
from providers.signing import Digest, Keys
from providers.vnpay_wire import MOST_DONG, encoded, read_amount, signed_url, wire_amount
from tests.providers.samples import PAID, PAY_URL, SECRET, get, order, query_fields, signed, vnpay

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)
FIELDS = st.dictionaries(TEXTS.map(lambda text: f"vnp_{text}"), TEXTS, max_size=8)
AMOUNTS = st.one_of(st.sampled_from([1, 999, 100_000, MOST_DONG]), st.integers(1, MOST_DONG))
SIGNED_TEXT = signed().query_string.rpartition("&")[0]


@given(FIELDS)
def test_both_sides_sign_the_same_text_of_any_fields(fields: dict[str, str]) -> None:
    assert encoded(fields) == signable(fields)


@given(FIELDS)
def test_what_one_side_signs_the_other_verifies(fields: dict[str, str]) -> None:
    fields.pop("vnp_SecureHash", None)
    fields.pop("vnp_SecureHashType", None)
    url = signed_url(PAY_URL, fields, Keys.of(Digest.SHA512, [SECRET]))
    sent = read_query(url.partition("?")[2].removeprefix("&"))
    assert query_holds(sent, SECRET)
    assert not query_holds(sent, "another secret")
    assert url == f"{PAY_URL}?{signed_query(fields, SECRET)}"


@given(FIELDS)
def test_the_signed_text_is_read_back_as_the_fields_without_the_empty_ones(fields: dict[str, str]) -> None:
    assert dict(parse_qsl(encoded(fields))) == {name: value for name, value in fields.items() if value}


@given(AMOUNTS)
def test_an_amount_goes_out_and_comes_back_as_the_same_dong(amount_dong: int) -> None:
    assert read_amount(wire_amount(amount_dong)) == amount_dong
    assert vnpay().hear(signed(Amount=wire_amount(amount_dong))).amount_dong == amount_dong
    fields = query_fields(vnpay().start(order(amount_dong=amount_dong)).url)
    assert int(fields["vnp_Amount"]) == amount_dong * 100


@given(place=st.integers(0, len(SIGNED_TEXT) - 1), other=st.characters(exclude_categories=["Cs"]))
def test_T07_any_change_of_any_signed_character_is_refused(place: int, other: str) -> None:
    changed = SIGNED_TEXT[:place] + other + SIGNED_TEXT[place + 1 :]
    signature = signed().query_string.rpartition("&")[2]
    same_fields = parse_qsl(changed, keep_blank_values=True) == parse_qsl(SIGNED_TEXT)
    message = get(f"{changed}&{signature}")
    if same_fields:
        assert vnpay().hear(message) == vnpay().hear(signed())
    else:
        with pytest.raises((BadSignature, Malformed)):
            vnpay().hear(message)


@given(st.text(max_size=300))
def test_T12_whatever_comes_in_only_a_remote_error_comes_out(query_string: str) -> None:
    with pytest.raises(RemoteProviderError):
        vnpay().hear(get(query_string))


@given(
    fields=st.dictionaries(st.sampled_from(sorted(PAID)), TEXTS, min_size=1),
)
def test_T12_a_signed_message_of_any_content_is_heard_or_malformed(fields: dict[str, str]) -> None:
    try:
        notice = vnpay().hear(get(signed_query({**PAID, **fields}, SECRET)))
    except Malformed:
        return
    assert notice.amount_dong is not None
    assert 1 <= notice.amount_dong <= MOST_DONG


@given(
    response=st.text(alphabet="0123456789ABCdef", min_size=1, max_size=3),
    status=st.text(alphabet="0123456789ABCdef", min_size=1, max_size=3),
)
def test_T54_no_pair_of_codes_but_one_is_ever_paid(response: str, status: str) -> None:
    notice = vnpay().hear(signed(ResponseCode=response, TransactionStatus=status))
    assert (notice.verdict is Verdict.PAID) == (response == status == "00")
