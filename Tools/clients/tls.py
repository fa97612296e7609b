#!/usr/bin/env python3
"""`myna serve` over TLS, met by clients that mean well and by others: what is refused is refused clearly, what is slow or broken harms
nobody else.

    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \\
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out certificate.pem
    myna serve --tls-certificate certificate.pem --tls-key key.pem --token secret
    .native/clients/openai/bin/python Tools/clients/tls.py --port 8420 --authority certificate.pem --token secret

Needs the packages of Tools/clients/openai.txt.
"""
import argparse
import http.client
import json
import os
import random
import select
import socket
import ssl
import sys
import threading
import warnings

from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

HELLO = b"\x16\x03\x01"


class Server:
    def __init__(self, options):
        self.port, self.token, self.authority = options.port, options.token, options.authority
        self.context = ssl.create_default_context(cafile=self.authority)

    def plain(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def sealed(self):
        return self.context.wrap_socket(self.plain(), server_hostname="localhost")

    def get(self, path="/health", **headers):
        connection = http.client.HTTPSConnection("localhost", self.port, context=self.context, timeout=30)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def rest(connection):
    read = b""
    try:
        while piece := connection.recv(65536):
            read += piece
    except (ConnectionResetError, ssl.SSLError):
        pass
    return read


def request(path, token="", more="", body=b""):
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{bearer}{length}{more}\r\n".encode() + body


def trusted(server):
    """A client that knows the certificate gets in, one that does not is not deceived, and the token still holds."""
    assert server.get()[0] == 200
    assert server.get("/home")[0] == 401
    assert server.get("/home", Authorization=f"Bearer {server.token}")[0] == 200
    assert server.get("/home", Authorization=f"Bearer {server.token}", Origin="https://elsewhere.example")[0] == 403
    own = f"https://localhost:{server.port}"
    assert server.get("/home", Authorization=f"Bearer {server.token}", Origin=own)[0] == 200
    try:
        ssl.create_default_context().wrap_socket(server.plain(), server_hostname="localhost")
    except ssl.SSLCertVerificationError:
        return
    raise AssertionError("a certificate that nobody vouches for was believed")


def versions(server):
    """TLS 1.2 and 1.3, nothing older."""
    for version, is_spoken in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)):
        context = ssl.create_default_context(cafile=server.authority)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore"):  # the old version is deprecated, which is why it is tried
            context.minimum_version = context.maximum_version = version
        try:
            context.wrap_socket(server.plain(), server_hostname="localhost").close()
            assert is_spoken, version
        except (ssl.SSLError, ConnectionResetError) as error:
            assert not is_spoken, (version, error)


def quiet(server):
    """Behind the handshake the server sends nothing of its own accord: clients that read and write at the same time would trip over it."""
    with server.sealed() as connection:
        assert connection.version() == "TLSv1.3"
        assert not select.select([connection.fileno()], [], [], 0.5)[0]


def plain_http(server):
    """Who speaks plain HTTP is told that this port speaks TLS."""
    with server.plain() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = rest(connection).decode()
    assert answer.startswith("HTTP/1.1 400") and "https://" in answer, answer


def nonsense(server):
    """Bytes that look like a greeting and are none, also broken off and dripped, end their own connection alone."""
    draw = random.Random(4)
    for index in range(60):
        with server.plain() as connection:
            length = draw.randrange(1, 600)
            noise = draw.randbytes(length)
            connection.sendall(HELLO + length.to_bytes(2, "big") + noise[:draw.randrange(length + 1)] if index % 3 else HELLO + noise)
            if index % 2:
                connection.shutdown(socket.SHUT_WR)
                rest(connection)
    with server.sealed() as connection:
        # A whole connection into which somebody writes: TLS notices.
        os.write(connection.fileno(), draw.randbytes(300))
        assert b"HTTP/1.1 200" not in rest(connection)


def half_closed(server):
    """A client that has said all, and says so in TLS, is still answered."""
    with server.sealed() as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert b'"ok"' in rest(connection)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = server.context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with server.plain() as connection:
        def send():
            if outgoing.pending:
                connection.sendall(outgoing.read())

        def step(action):
            while True:
                try:
                    result = action()
                    send()
                    return result
                except ssl.SSLWantReadError:
                    send()
                    piece = connection.recv(65536)
                    incoming.write(piece) if piece else incoming.write_eof()
        step(session.do_handshake)
        step(lambda: session.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        connection.shutdown(socket.SHUT_WR)
        read = b""
        try:
            while piece := step(lambda: session.read(65536)):
                read += piece
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            pass
        assert b'"ok"' in read, read


def bulk(server):
    """A long body in, a long answer out to one who reads slowly: all of it arrives."""
    connection = http.client.HTTPSConnection("localhost", server.port, context=server.context, timeout=60)
    long = json.dumps({"input": "one two three four five six seven eight nine ten. " * 80, "response_format": "pcm"}).encode()
    connection.request("POST", "/v1/audio/speech", long, {"Authorization": f"Bearer {server.token}"})
    answer = connection.getresponse()
    expected, read = int(answer.headers["Content-Length"]), 0
    while piece := answer.read(3000):
        read += len(piece)
    assert read == expected > 1_000_000, (read, expected)
    connection = server.sealed()
    connection.sendall(request("/v1/audio/transcriptions", server.token, "Content-Type: multipart/form-data; boundary=x\r\nConnection: close\r\n",
                               bytes(3 << 20)))
    assert b"invalid_form" in rest(connection)


def bounded(server):
    """A head without end is refused, a frame that claims to be endless closes its socket with 1009, and a missing token with 401."""
    connection = server.sealed()
    connection.sendall(b"GET / HTTP/1.1\r\nA: " + b"b" * 40_000)
    assert b"HTTP/1.1 431" in rest(connection)
    address = f"wss://localhost:{server.port}/v1/realtime"
    try:
        connect(address, ssl=server.context)
        raise AssertionError("in without a token")
    except InvalidStatus as refusal:
        assert refusal.response.status_code == 401
    with connect(address, ssl=server.context, additional_headers={"Authorization": f"Bearer {server.token}"}) as one:
        assert json.loads(one.recv())["type"] == "session.created"
        one.socket.sendall(b"\x81\xff" + (1 << 62).to_bytes(8, "big") + b"abcd" + b"x" * 1000)
        try:
            while True:
                one.recv()
        except Exception as end:  # what kind it is, is looked at
            assert "1009" in str(end), end


def crowd(server):
    """Many at once, some of whom say nothing: each of the others is answered."""
    silent = [server.plain() for _ in range(40)]
    results = []

    def one():
        results.append(server.get()[0])
    threads = [threading.Thread(target=one) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [200] * 30, results
    for connection in silent:
        connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8420)
    parser.add_argument("--authority", required=True, help="the certificate that is believed")
    parser.add_argument("--token", default="secret")
    server = Server(parser.parse_args())
    bad = False
    for part in (trusted, versions, quiet, plain_http, nonsense, half_closed, bulk, bounded, crowd, trusted):
        try:
            part(server)
            print(f"{part.__name__}: as it should be")
        except Exception as error:  # told with the part, and the rest goes on
            print(f"{part.__name__}: {type(error).__name__}: {error}")
            bad = True
    sys.exit(bad)


if __name__ == "__main__":
    main()
