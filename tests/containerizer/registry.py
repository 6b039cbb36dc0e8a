"""A registry of images on loopback, and images made of the host's own shell."""

from __future__ import annotations

import contextlib
import email.message
import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 20.0
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Registry:
    """`address` is HOST:PORT; `settings` the file that makes Podman trust it (CONTAINERS_REGISTRIES_CONF)."""

    address: str
    settings: Path
    log: Path

    def push(self, name: str, content: bytes, *changes: str) -> str:
        """An image of that root, only in the registry; its reference."""
        local, remote = f"localhost/orlop-test-{uuid.uuid4().hex[:8]}:1", f"{self.address}/{name}"
        options = [word for change in changes for word in ("--change", change)]
        _podman("import", *options, "-", local, given=content)
        try:
            _podman("push", "--tls-verify=false", local, f"docker://{remote}")
        finally:
            _podman("rmi", "--force", local)
        return remote

    def put(self, name: str, content: bytes) -> str:
        """As `push`, `team/app:1` for example, without Podman: quick, and nothing is ever on the host."""
        repository, _, tag = name.rpartition(":")
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [_digest(content)]},
            "history": [{"created_by": "a test"}],
        }
        layer = self._blob(repository, content, "application/vnd.oci.image.layer.v1.tar")
        about = self._blob(
            repository, json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"
        )
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": about, "layers": [layer]}
        url = f"http://{self.address}/v2/{repository}/manifests/{tag}"
        _request("PUT", url, json.dumps(manifest).encode(), MANIFEST)
        return f"{self.address}/{name}"

    def _blob(self, repository: str, content: bytes, kind: str) -> dict[str, object]:
        begun = _request("POST", f"http://{self.address}/v2/{repository}/blobs/uploads/")
        place, digest = begun["Location"], _digest(content)
        _request("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", content)
        return {"mediaType": kind, "digest": digest, "size": len(content)}

    def digest(self, name: str) -> str:
        """The digest of the image that has this tag, `team/app:1`, there now."""
        repository, _, tag = name.rpartition(":")
        url = f"http://{self.address}/v2/{repository}/manifests/{tag}"
        return str(_request("GET", url)["Docker-Content-Digest"])

    def asked_for(self, words: str) -> int:
        """How many requests the registry has answered that contain these words."""
        return self.log.read_text().count(words)

    def forget(self) -> None:
        """Remove from the host what was pulled from here."""
        for image in json.loads(_podman("images", "--format", "json")):
            names = [*(image.get("Names") or ()), *(image.get("History") or ())]
            if any(name.startswith(f"{self.address}/") for name in names):
                _podman("rmi", "--force", image["Id"])


@contextlib.contextmanager
def registry(folder: Path, secrets: str = "") -> Iterator[Registry]:
    """A registry that keeps its images in `folder`; another one may do so too. With `secrets`, lines as
    htpasswd's, it gives them to these users alone, and nothing can be pushed by `Registry`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings = folder / "registries.conf"
    with settings.open("a") as trusted:
        trusted.write(f'[[registry]]\nlocation = "{address}"\ninsecure = true\n')
    config = folder / f"{address}.yml"
    storage = f"storage:\n  filesystem:\n    rootdirectory: {folder}/images\n"
    users = ""
    if secrets:
        (folder / "htpasswd").write_text(secrets)
        users = f"auth:\n  htpasswd:\n    realm: images\n    path: {folder}/htpasswd\n"
    config.write_text(f"version: 0.1\n{storage}http:\n  addr: {address}\n{users}")
    log = folder / f"{address}.log"
    with log.open("wb") as output:
        server = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=output, stderr=output)
    found = Registry(address, settings, log)
    try:
        _until_it_answers(address)
        yield found
    finally:
        server.kill()
        server.wait()
        found.forget()


def shell_root(*files: tuple[str, bytes]) -> bytes:
    """A root with nothing but a shell and what that needs, and these files, as a tar."""
    shell = Path(shutil.which("sh") or "/bin/sh").resolve()
    needed = subprocess.run(["ldd", str(shell)], capture_output=True, text=True, check=False).stdout.split()
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        tar.add(shell, "bin/sh")
        for word in needed:
            if word.startswith("/"):
                tar.add(Path(word).resolve(), word.lstrip("/"))
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return content.getvalue()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _request(
    method: str, url: str, content: bytes = b"", kind: str = "application/octet-stream"
) -> email.message.Message:
    """The heads of an answer that is a success."""
    heads = {"Accept": MANIFEST, "Content-Type": kind}
    request = urllib.request.Request(url, content if method != "GET" else None, heads, method=method)
    with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:
        return answer.headers


def _until_it_answers(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://{address}/v2/", timeout=1):
                return
        except urllib.error.HTTPError:
            return  # it wants to know who asks
        except OSError:
            assert time.monotonic() < deadline, "the registry does not answer"
            time.sleep(0.05)


def _podman(*arguments: str, given: bytes = b"") -> str:
    done = subprocess.run(
        ["podman", *arguments], input=given, capture_output=True, check=False, env={**os.environ}
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
