"""Secrets at rest: sealed with the newest key, opened with any."""

from __future__ import annotations

import pytest

from payments.store.secrets import SecretBox, UnusableSecret, new_key


def test_a_sealed_secret_opens_and_does_not_show() -> None:
    box = SecretBox([new_key()])
    sealed = box.seal("whsec_bí mật")
    assert "bí mật" not in sealed
    assert box.open(sealed) == "whsec_bí mật"
    assert repr(box) == "SecretBox()"


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    old, new = new_key(), new_key()
    sealed_before = SecretBox([old]).seal("s")
    both = SecretBox([old, new])
    assert both.open(sealed_before) == "s"
    assert SecretBox([new]).open(both.seal("s")) == "s"


def test_a_secret_of_a_key_that_is_gone_is_refused_in_a_sentence() -> None:
    sealed = SecretBox([new_key()]).seal("s")
    with pytest.raises(UnusableSecret, match="restore the older key"):
        SecretBox([new_key()]).open(sealed)


@pytest.mark.parametrize("keys", [[], ["short"], ["not base64!" * 4]])
def test_no_key_and_a_wrong_key_are_refused_without_repeating_it(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="key") as caught:
        SecretBox(keys)
    assert not keys or keys[0] not in str(caught.value)
