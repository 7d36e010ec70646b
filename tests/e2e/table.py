# table: prefixes for a site to announce, of a real table where there is one, else made.
# SPDX-License-Identifier: Apache-2.0
"""routes(count) gives (prefix, AS path) pairs: distinct, outside of every range that the lab uses itself."""
import ipaddress
import lzma
import os
import pathlib
import random

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
REAL = TOP.parent / 'shared/data/fulltable-2015-577k.bgp.xz'
RESERVED = [ipaddress.ip_network(text) for text in (
    '0.0.0.0/8', '10.0.0.0/8', '14.1.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16',
    '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3')]


def usable(network):
    return 8 <= network.prefixlen <= 24 and not any(network.overlaps(other) for other in RESERVED)


def attributes(block):
    """(type, value) of each path attribute."""
    at = 0
    while at + 3 <= len(block):
        flags, kind = block[at], block[at + 1]
        if flags & 0x10:
            length, at = int.from_bytes(block[at + 2:at + 4], 'big'), at + 4
        else:
            length, at = block[at + 2], at + 3
        yield kind, block[at:at + length]
        at += length


def as_path(value):
    path, at = [], 0
    while at + 2 <= len(value):
        kind, count = value[at], value[at + 1]
        numbers = [int.from_bytes(value[at + 2 + 4 * i:at + 6 + 4 * i], 'big') for i in range(count)]
        if kind == 2:
            path.extend(numbers)
        at += 2 + 4 * count
    return path


def prefixes(nlri):
    at = 0
    while at < len(nlri):
        length = nlri[at]
        octets = (length + 7) // 8
        yield ipaddress.ip_network((nlri[at + 1:at + 1 + octets].ljust(4, b'\0'), length), strict=False)
        at += 1 + octets


def updates(stream):
    while True:
        head = stream.read(19)
        if len(head) < 19:
            return
        body = stream.read(int.from_bytes(head[16:18], 'big') - 19)
        if head[18] == 2:
            yield body


def real(path, count):
    seen, found = set(), []
    with lzma.open(path) as stream:
        for body in updates(stream):
            withdrawn = int.from_bytes(body[:2], 'big')
            length = int.from_bytes(body[2 + withdrawn:4 + withdrawn], 'big')
            start = 4 + withdrawn
            path_of = next((as_path(value) for kind, value in attributes(body[start:start + length]) if kind == 2), [])
            for network in prefixes(body[start + length:]):
                if network not in seen and usable(network):
                    seen.add(network)
                    found.append((network, path_of))
                    if len(found) == count:
                        return found
    return found


def made(count):
    rng, seen, found = random.Random(4456), set(), []
    while len(found) < count:
        path = [rng.randrange(1000, 60000) for _ in range(rng.randrange(1, 6))]
        for _ in range(rng.randrange(1, 12)):
            network = ipaddress.ip_network((rng.randrange(1 << 24, 223 << 24), rng.choice([16, 19, 20, 21, 22, 22, 23, 24, 24, 24, 24, 24])), strict=False)
            if network not in seen and usable(network):
                seen.add(network)
                found.append((network, path))
    return found[:count]


def routes(count):
    """The routes, and where they are from."""
    path = pathlib.Path(os.environ.get('HELIO_TABLE', REAL))
    if path.exists():
        return real(path, count), 'real'
    return made(count), 'generated'
