"""Keys: a node can seal and sign; only the protection officer can open."""

from __future__ import annotations

from pathlib import Path

import pytest
from nacl.exceptions import CryptoError

from sync import keys


def test_only_the_officer_opens_what_was_sealed_to_her() -> None:
    private, officer = keys.new_officer_pair()
    stranger, _ = keys.new_officer_pair()
    box = officer.seal(b"a respondent's key")
    assert keys.open_sealed(private, box) == b"a respondent's key"
    assert b"respondent" not in box
    with pytest.raises(CryptoError):
        keys.open_sealed(stranger, box)


def test_keys_come_back_from_their_files(tmp_path: Path) -> None:
    mine = keys.new_node_keys()
    keys.write_node_keys(tmp_path / "node.json", mine)
    assert keys.read_node_keys(tmp_path / "node.json") == mine
    private, officer = keys.new_officer_pair()
    keys.write_officer_private(tmp_path / "officer.key", private)
    keys.write_officer_public(tmp_path / "officer.pub", officer)
    assert keys.read_officer_private(tmp_path / "officer.key") == private
    assert keys.read_officer_public(tmp_path / "officer.pub") == officer


@pytest.mark.parametrize("content", [None, "", "{}", '{"public": "00"}', "not json"])
def test_without_a_sealing_key_nothing_starts_and_the_message_says_what_to_do(
    tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "officer.pub"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(keys.KeyProblem, match="protection officer"):
        keys.read_officer_public(file)


def test_a_private_key_is_never_overwritten(tmp_path: Path) -> None:
    private, _ = keys.new_officer_pair()
    keys.write_officer_private(tmp_path / "officer.key", private)
    with pytest.raises(keys.KeyProblem, match="exists already"):
        keys.write_officer_private(tmp_path / "officer.key", b"other")
    assert keys.read_officer_private(tmp_path / "officer.key") == private
