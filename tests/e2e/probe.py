# probe: a server that says who it is and swallows data, and its client. Runs inside the machines of a lab.
# SPDX-License-Identifier: Apache-2.0
"""probe.py serve NAME | probe.py who ADDRESS [SOURCE] | probe.py put ADDRESS BYTES [SOURCE]"""
import hashlib
import socket
import socketserver
import sys
import time

PORT = 7000
BLOCK = hashlib.sha512(b'heliostat').digest() * 1024


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.request.settimeout(60)
        words = self.rfile.readline(200).split()
        if words[:1] == [b'who']:
            self.wfile.write(f'{self.server.name} sees {self.client_address[0]}\n'.encode())
        elif words[:1] == [b'put']:
            left, digest = int(words[1]), hashlib.sha256()
            while left > 0:
                data = self.rfile.read(min(left, 65536))
                if not data:
                    return
                digest.update(data)
                left -= len(data)
            self.wfile.write(f'{self.server.name} {digest.hexdigest()}\n'.encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def connect(address, source):
    return socket.create_connection((address, PORT), timeout=20, source_address=(source, 0) if source else None)


def put(address, count, source):
    digest, started = hashlib.sha256(), time.monotonic()
    with connect(address, source) as conn:
        conn.sendall(f'put {count}\n'.encode())
        left = count
        while left > 0:
            block = BLOCK[:min(left, len(BLOCK))]
            conn.sendall(block)
            digest.update(block)
            left -= len(block)
        answer = conn.makefile().readline().split()
    if len(answer) != 2 or answer[1] != digest.hexdigest():
        sys.exit(f'what arrived is not what was sent: {answer}')
    print(f'{answer[0]} {count} bytes {time.monotonic() - started:.2f} s')


def main():
    what, words = sys.argv[1], sys.argv[2:]
    if what == 'serve':
        with Server(('0.0.0.0', PORT), Handler) as server:
            server.name = words[0]
            server.serve_forever()
    elif what == 'who':
        with connect(words[0], words[1] if len(words) > 1 else None) as conn:
            conn.sendall(b'who\n')
            print(conn.makefile().readline().strip())
    elif what == 'put':
        put(words[0], int(words[1]), words[2] if len(words) > 2 else None)
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    main()
