"""Keys, signatures and the constant-time comparison."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import LocalProviderError, same
from providers.signing import Digest, Keys

HASHES = {Digest.SHA256: hashlib.sha256, Digest.SHA512: hashlib.sha512}
SECRETS = st.text(min_size=1, max_size=200, alphabet=st.characters(exclude_categories=["Cs"]))


@given(digest=st.sampled_from(Digest), secret=SECRETS, message=st.binary(max_size=500))
def test_a_signature_is_the_hmac_of_the_standard_library(digest: Digest, secret: str, message: bytes) -> None:
    expected = hmac.new(secret.encode(), message, HASHES[digest]).hexdigest()
    assert Keys.of(digest, [secret]).sign(message) == expected


@given(secrets=st.lists(SECRETS, min_size=1, max_size=4), message=st.binary(max_size=100))
def test_the_newest_secret_signs_and_any_is_accepted(secrets: list[str], message: bytes) -> None:
    keys = Keys.of(Digest.SHA512, secrets)
    assert keys.sign(message) == Keys.of(Digest.SHA512, secrets[-1:]).sign(message)
    for secret in secrets:
        signature = Keys.of(Digest.SHA512, [secret]).sign(message)
        assert keys.accepts(message, signature)
        assert keys.accepts(message, signature.upper())


@given(message=st.binary(max_size=100), place=st.integers(0, 127), digit=st.sampled_from("0123456789abcdef"))
def test_a_signature_with_one_digit_changed_is_not_accepted(message: bytes, place: int, digit: str) -> None:
    keys = Keys.of(Digest.SHA512, ["secret"])
    signature = keys.sign(message)
    changed = signature[:place] + digit + signature[place + 1 :]
    assert keys.accepts(message, changed) == (changed == signature)


@pytest.mark.parametrize("signature", ["", " ", "0" * 128, "x", "\ud800", "ＡＢ"])
def test_what_is_no_signature_is_not_accepted(signature: str) -> None:
    assert not Keys.of(Digest.SHA256, ["secret"]).accepts(b"message", signature)


def test_a_signature_is_not_accepted_with_more_after_it_or_less() -> None:
    keys = Keys.of(Digest.SHA256, ["secret"])
    signature = keys.sign(b"message")
    assert not keys.accepts(b"message", signature + "0")
    assert not keys.accepts(b"message", signature[:-1])


@pytest.mark.parametrize("secrets", [[], [""], ["good", ""], ["", "good"]])
def test_no_secret_and_an_empty_secret_are_refused(secrets: list[str]) -> None:
    with pytest.raises(LocalProviderError, match="secret"):
        Keys.of(Digest.SHA512, secrets)


def test_keys_do_not_show_their_secrets() -> None:
    assert "hush" not in repr(Keys.of(Digest.SHA512, ["hush", "hush-hush"]))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("a", "a", True),
        (b"a", "a", True),
        ("lệ phí", "lệ phí".encode(), True),
        ("", "", True),
        ("a", "b", False),
        ("a", "A", False),
        ("a", "", False),
        ("a", "aa", False),
        ("\ud800", "?", False),
    ],
)
def test_two_values_are_the_same_when_their_bytes_are(
    left: str | bytes, right: str | bytes, expected: bool
) -> None:
    assert same(left, right) is expected
    assert same(right, left) is expected
