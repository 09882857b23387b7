"""`taama decrypt`: an interview that was encrypted on the phone, verified and decrypted."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.speak import Json, say

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from server.core.odkcrypt import Manifest

CHUNK = 1_000_000
Unlock = Callable[[bytes, Mapping[str, bytes]], tuple[bytes, dict[str, bytes]]]


def decrypt(
    folder: Annotated[Path, typer.Argument(help="The folder of one interview, as the phone sent it.")],
    key: Annotated[Path, typer.Option("--key", help="The form's private key: PEM, or Central's JSON.")],
    out: Annotated[Path | None, typer.Option("--out", help="A new folder; FOLDER-clear without it.")] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="A file with the key's passphrase.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Decrypt an interview that ODK Collect encrypted, and check that nothing was changed or swapped.

    Nothing is written unless the signature over all its files holds; files that it does not name are left
    out.

    Example: taama decrypt instances/visit-12 --key form.pem
    """
    from server.core.odkcrypt import clear_name, interview_key
    from server.core.problem import Malformed, Refused

    target = out or folder.with_name(folder.name + "-clear")
    if target.exists():
        raise Refused("release_exists", folder=str(target))
    private = _private(key, passphrase_file)
    manifest = _manifest(folder)
    missing = [name for name in manifest.names if not (folder / name).is_file()]
    if missing:
        raise Malformed("encrypted_missing", count=str(len(missing)))
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        _decrypted(folder, part, manifest, interview_key(manifest, private), private)
        part.replace(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    files = [clear_name(name) for name in manifest.names]
    result = {
        "form_id": manifest.form,
        "version": manifest.version,
        "instance_id": manifest.instance,
        "files": files,
        "folder": str(target),
        "verified": True,
    }
    say(result, f"{len(files)} files are decrypted and verified in {target}", as_json=as_json)


def _decrypted(folder: Path, part: Path, manifest: Manifest, key: bytes, private: RSAPrivateKey) -> None:
    """Decrypts every file into `part`, in pieces, then checks the signature over them all."""
    from server.core.odkcrypt import check_interview, check_signature, clear_name, decrypt_stream, ivs

    digests: dict[str, str] = {}
    for name, iv in zip(manifest.names, ivs(manifest.instance, key), strict=False):
        digest = hashlib.md5(usedforsecurity=False)
        with (part / clear_name(name)).open("xb") as file:
            for piece in decrypt_stream(key, iv, _pieces(folder / name)):
                digest.update(piece)
                file.write(piece)
        digests[clear_name(name)] = digest.hexdigest()
    check_signature(manifest, digests, private)
    check_interview(manifest, (part / clear_name(manifest.last)).read_bytes())


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _manifest(folder: Path) -> Manifest:
    """The manifest among the XML files of a folder."""
    from server.core.odkcrypt import read_manifest
    from server.core.problem import Malformed

    for path in sorted(folder.glob("*.xml")) if folder.is_dir() else ():
        try:
            return read_manifest(path.read_bytes())
        except Malformed as problem:
            if problem.code != "no_manifest":
                raise
    raise Malformed("no_manifest")


def _private(key: Path, passphrase_file: Path | None) -> RSAPrivateKey:
    from server.core.odkkeys import read_private
    from server.core.problem import Refused

    try:
        passphrase = passphrase_file.read_text(encoding="utf-8").strip() if passphrase_file else ""
        return read_private(key.read_bytes(), passphrase)
    except (OSError, UnicodeDecodeError):
        raise Refused("bad_form_key") from None


def unlocker(key: Path, passphrase_file: Path | None = None) -> Unlock:
    """What decrypts an interview in quarantine with the form's key."""
    from server.core import odkcrypt

    private = _private(key, passphrase_file)

    def unlock(xml: bytes, files: Mapping[str, bytes]) -> tuple[bytes, dict[str, bytes]]:
        found = odkcrypt.decrypt(odkcrypt.read_manifest(xml), files, private)
        return found.xml, dict(found.files)

    return unlock
