"""A loopback server that misbehaves as told, over bare sockets so that nothing behaves better than it should."""

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Serve = Callable[[socket.socket], None]


def self_signed(folder: Path) -> ssl.SSLContext:
    """TLS with a certificate for example.org that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example.org")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    now = dt.datetime.now(dt.UTC)
    made = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1)).sign(key, hashes.SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(secret + made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@contextmanager
def serving(serve: Serve, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Answers every connection with `serve` until the block ends; yields the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_answer, args=(peer, serve, tls), daemon=True).start()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(60)


def _answer(peer: socket.socket, serve: Serve, tls: ssl.SSLContext | None) -> None:
    with peer:
        try:
            peer = tls.wrap_socket(peer, server_side=True) if tls else peer
            received = b""
            while b"\r\n\r\n" not in received:
                received += peer.recv(65_536)
            serve(peer)
        except OSError:
            return


def reply(status: str = "200 OK", body: bytes = b"{}", *headers: str) -> Serve:
    """An ordinary answer."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""])
    return lambda peer: peer.sendall(head.encode() + body)


def drip(peer: socket.socket) -> None:
    """Headers, then a byte every 20 ms for ever."""
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        peer.sendall(b"x")
        time.sleep(0.02)


def drip_headers(peer: socket.socket) -> None:
    """Not even the headers come to an end."""
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.sendall(b"X: y\r\n")
        time.sleep(0.02)


def flood(peer: socket.socket) -> None:
    """A body without end and without a stated length."""
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        peer.sendall(b"x" * 65_536)


def silence(peer: socket.socket) -> None:
    """Accepts and says nothing."""
    peer.recv(1)
