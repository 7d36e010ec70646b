# capture: the BGP messages that went over a wire, out of a tcpdump file.
# SPDX-License-Identifier: Apache-2.0
"""updates(path, source, target) gives each UPDATE that SOURCE sent to TARGET after the capture began: announced and withdrawn prefixes
and the next hop. A stream that was caught in the middle is read from its first whole message on."""
import ipaddress
import struct

import table

MARKER = b'\xff' * 16
LINK_ETHERNET, LINK_SLL, LINK_SLL2 = 1, 113, 276


def packets(path):
    """(time, IPv4 packet) of each frame."""
    data = path.read_bytes()
    if len(data) < 24:
        return
    magic = struct.unpack('<I', data[:4])[0]
    scale = {0xa1b2c3d4: 1e6, 0xa1b23c4d: 1e9}[magic]
    skip = {LINK_ETHERNET: 14, LINK_SLL: 16, LINK_SLL2: 20}[struct.unpack('<I', data[20:24])[0] & 0xffff]
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, length, _ = struct.unpack('<IIII', data[at:at + 16])
        frame = data[at + 16 + skip:at + 16 + length]
        at += 16 + length
        if frame and frame[0] >> 4 == 4 and frame[9] == 6:
            yield seconds + fraction / scale, frame


def streams(path, source, target):
    """The octets of each connection from SOURCE to TARGET, by their place; each with the time when it came."""
    found = {}
    left, right = ipaddress.ip_address(source).packed, ipaddress.ip_address(target).packed
    for when, packet in packets(path):
        if packet[12:16] != left or packet[16:20] != right:
            continue
        segment = packet[(packet[0] & 15) * 4:int.from_bytes(packet[2:4], 'big')]
        ports, sequence = segment[:4], int.from_bytes(segment[4:8], 'big')
        payload = segment[(segment[12] >> 4) * 4:]
        if payload:
            found.setdefault(ports, {}).setdefault(sequence, (when, payload))
    return found


def messages(segments):
    """Whole BGP messages of one connection."""
    sequence = min(segments, default=None)
    whole, when = b'', 0.0
    while sequence in segments:
        when, payload = segments[sequence]
        whole += payload
        sequence = (sequence + len(payload)) & 0xffffffff
        while True:
            start = whole.find(MARKER)
            if start < 0:
                whole = whole[-15:]
                break
            whole = whole[start:]
            if len(whole) < 19:
                break
            length = int.from_bytes(whole[16:18], 'big')
            if len(whole) < length:
                break
            yield when, whole[18], whole[19:length]
            whole = whole[length:]


def read_update(body):
    withdrawn = int.from_bytes(body[:2], 'big')
    length = int.from_bytes(body[2 + withdrawn:4 + withdrawn], 'big')
    start = 4 + withdrawn
    attributes = dict(table.attributes(body[start:start + length]))
    next_hop = str(ipaddress.ip_address(attributes[3])) if 3 in attributes else None
    return {'announced': [str(p) for p in table.prefixes(body[start + length:])], 'withdrawn': [str(p) for p in table.prefixes(body[2:2 + withdrawn])],
            'next_hop': next_hop, 'originator': str(ipaddress.ip_address(attributes[9])) if 9 in attributes else None}


def updates(path, source, target):
    found = []
    for segments in streams(path, source, target).values():
        found.extend(dict(read_update(body), time=when) for when, kind, body in messages(segments) if kind == 2)
    return sorted(found, key=lambda update: update['time'])
