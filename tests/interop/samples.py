# samples: routes of every family as octets, what programs cannot originate above all.
# SPDX-License-Identifier: Apache-2.0
"""`routes()` yields (family, what it is, next hop, NLRI, attributes but MP_REACH_NLRI and NEXT_HOP). Each is well-formed by its RFC, so it has to pass a reflector octet for
octet: NLRI, next hop and attributes, but for ORIGINATOR_ID and CLUSTER_LIST, and the Partial bit of what the reflector does not know."""
import struct

from alone import COMMUNITIES, EXTENDED_COMMUNITIES, LARGE_COMMUNITIES, attribute, communities
from daemons import (EVPN, FLOW4, FLOW6, IP4, IP6, LABELED4, LABELED6, LS, LS_VPN, MULTICAST4, MULTICAST6, MVPN4, MVPN6, SR4, SR6, TARGET, VPLS, VPN4, VPN6, VPN_FLOW4, VPN_FLOW6)
from wire import flow_nlri, label, packed, prefix_nlri, rd, usual

V4, V6 = packed('10.253.0.9'), packed('fd00:253::9')
RD0, RD1, RD2 = rd(65000, 9), b'\0\1' + packed('192.0.2.9') + b'\0\7', b'\0\2' + struct.pack('>IH', 4200000009, 7)
TARGETS = attribute(EXTENDED_COMMUNITIES, bytes.fromhex('0002fde800000064') + bytes.fromhex('0102c0000209000a'), 0xc0)
PMSI = attribute(22, bytes([0, 6]) + label(1009) + packed('192.0.2.9'), 0xc0)
ENCAPSULATION = attribute(23, struct.pack('>HH', 8, 36) + b'\6\x0a' + bytes(5) + b'\1' + packed('192.0.2.9') + b'\1\x0c' + b'\x80' + bytes(11) + b'\4\x08' + bytes.fromhex('030b000000000009'), 0xc0)
AIGP = attribute(26, b'\1\0\x0b' + struct.pack('>Q', 4711), 0x80)
PREFIX_SID = attribute(40, b'\1\0\7' + bytes(3) + struct.pack('>I', 99), 0xc0)
IPV6_COMMUNITY = attribute(25, bytes.fromhex('0002') + packed('2001:db8::9') + b'\0\1', 0xc0)
ATTR_SET = attribute(128, struct.pack('>I', 64999) + attribute(1, b'\0') + attribute(2, b'') + attribute(5, struct.pack('>I', 7)), 0xc0)
POLICY = attribute(23, struct.pack('>HH', 15, 14) + b'\x0c\6\0\0' + struct.pack('>I', 77) + b'\x0d\4\0\0\0\0', 0xc0)
STATE = attribute(29, struct.pack('>HH', 1026, 5) + b'node9' + struct.pack('>HHI', 1155, 4, 10), 0x80)
UNKNOWN = attribute(99, b'never heard of', 0xe0)
DISCARD = attribute(EXTENDED_COMMUNITIES, bytes.fromhex('8006000000000000'), 0xc0)
ALL = usual(local_pref=109, path=(64900, 4200000001), med=9, more=attribute(COMMUNITIES, communities((65000, 9), (65000, 10))) + TARGETS
            + attribute(LARGE_COMMUNITIES, struct.pack('>III', 4200000001, 1, 2)))


def evpn(kind, value):
    return bytes([kind, len(value)]) + value


def wide(kind, value):
    return struct.pack('>HH', kind, len(value)) + value


def node(identifier):
    """The descriptors of a BGP-LS node: local node with AS number, BGP-LS identifier and IGP router identifier."""
    inside = wide(512, struct.pack('>I', 65000)) + wide(513, bytes(4)) + wide(515, packed(identifier))
    return b'\3' + struct.pack('>Q', 0) + wide(256, inside)


def evpn_routes():
    esi, tag, mac = bytes.fromhex('00090909090909090909'), struct.pack('>I', 7), bytes.fromhex('020000000009')
    none = bytes(10)
    yield 'type 1', evpn(1, RD0 + esi + tag + label(1009))
    yield 'type 2 without an address', evpn(2, RD0 + esi + tag + b'\x30' + mac + b'\0' + label(1009))
    yield 'type 2 with IPv6 and two labels', evpn(2, RD1 + esi + tag + b'\x30' + mac + b'\x80' + packed('2001:db8::9') + label(1009) + label(2009))
    yield 'type 3', evpn(3, RD2 + tag + b'\x20' + packed('192.0.2.9'))
    yield 'type 4', evpn(4, RD0 + esi + b'\x20' + packed('192.0.2.9'))
    yield 'type 5 of IPv6 with a gateway', evpn(5, RD0 + none + tag + b'\x30' + packed('2001:db8:9::') + packed('fd00:253::9') + label(1009))
    yield 'type 5 with an ESI', evpn(5, RD1 + esi + tag + b'\x18' + packed('198.18.9.0') + bytes(4) + label(1009))


def evpn_unknown():
    yield 'type 4 of IPv6', evpn(4, RD0 + bytes.fromhex('00090909090909090909') + b'\x80' + packed('2001:db8::9'))
    yield 'type 6, a multicast group', evpn(6, RD0 + struct.pack('>I', 7) + b'\x20' + packed('192.0.2.9') + b'\x20' + packed('233.252.0.9') + b'\x20' + packed('192.0.2.10') + b'\2')
    yield 'type 9, S-PMSI', evpn(10, RD0 + struct.pack('>I', 7) + b'\0\0' + b'\x20' + packed('192.0.2.10'))
    yield 'type 200, that nobody knows', evpn(200, bytes(range(90)))


def mvpn(six_source):
    address = packed('2001:db8::9' if six_source else '192.0.2.9')
    source, group = bytes([8 * len(address)]) + address, (b'\x80' + packed('ff3e::9')) if six_source else b'\x20' + packed('233.252.0.9')
    yield 'Intra-AS I-PMSI', evpn(1, RD0 + address)
    yield 'Inter-AS I-PMSI', evpn(2, RD0 + struct.pack('>I', 65000))
    yield 'S-PMSI', evpn(3, RD0 + source + group + address)
    yield 'Leaf', evpn(4, evpn(3, RD0 + source + group + address) + address)
    yield 'Source Active', evpn(5, RD0 + source + group)
    yield 'Source Tree Join', evpn(7, RD0 + struct.pack('>I', 65000) + source + group)


def routes():
    for family, hop, nets in ((IP4, V4, ('0.0.0.0/0', '198.18.9.0/24', '198.18.9.9/32')), (IP6, V6, ('::/0', '2001:db8:9::/48', '2001:db8::9/128')),
                              (MULTICAST4, V4, ('198.18.9.0/24',)), (MULTICAST6, V6, ('2001:db8:9::/48',))):
        for net in nets:
            yield family, net, hop, prefix_nlri(net), ALL + AIGP + PREFIX_SID + UNKNOWN
    for family, hop, net in ((LABELED4, V4, '198.18.9.0/24'), (LABELED6, V6, '2001:db8:9::/48')):
        yield family, 'one label', hop, prefix_nlri(net, label(1009)), ALL + PREFIX_SID
    for family, hop, net in ((VPN4, bytes(8) + V4, '198.18.9.0/24'), (VPN6, bytes(8) + V6, '2001:db8:9::/48')):
        for what, distinguisher in (('RD of an AS number', RD0), ('RD of an address', RD1), ('RD of a wide AS number', RD2)):
            yield family, what, hop, prefix_nlri(net, label(1009) + distinguisher), ALL + ATTR_SET + UNKNOWN
    for what, nlri in evpn_routes():
        yield EVPN, what, V4, nlri, ALL + (PMSI if what == 'type 3' else b'') + ENCAPSULATION
    for family, net, zero in ((FLOW4, '198.18.9.0/24', b''), (FLOW6, '2001:db8:9::/48', b'\0')):
        to = b'\1' + prefix_nlri(net)[:1] + zero + prefix_nlri(net)[1:]
        yield family, 'ports', b'', flow_nlri(to + b'\3\x81\6' + b'\5\1\x50\x12\4\0\xd4\x08\0'), usual(more=DISCARD + IPV6_COMMUNITY)
    for family, net, zero in ((VPN_FLOW4, '198.18.9.0/24', b''), (VPN_FLOW6, '2001:db8:9::/48', b'\0')):
        to = b'\1' + prefix_nlri(net)[:1] + zero + prefix_nlri(net)[1:]
        yield family, 'a protocol', b'', flow_nlri(to + b'\3\x81\x11', RD0), usual(more=attribute(EXTENDED_COMMUNITIES, bytes.fromhex('0002fde8000000648006000000000000'), 0xc0))
    yield TARGET, 'the default', V4, b'\0', usual()
    yield TARGET, 'one target', V4, b'\x60' + struct.pack('>I', 65000) + bytes.fromhex('0002fde800000064'), usual()
    yield LS, 'a node', V4, wide(1, node('192.0.2.9')), usual(more=STATE)
    yield LS, 'a prefix', V4, wide(3, node('192.0.2.9') + wide(265, b'\x18' + packed('198.18.9.0')[:3])), usual(more=STATE)
    for family, hop, endpoint in ((SR4, V4, '192.0.2.9'), (SR6, V6, '2001:db8::9')):
        nlri = struct.pack('>II', 1, 100) + packed(endpoint)
        yield family, 'a policy', hop, bytes([8 * len(nlri)]) + nlri, ALL + POLICY
    yield VPLS, 'a block of labels', V4, struct.pack('>H', 17) + RD0 + struct.pack('>HHH', 5, 1, 8) + label(10702)[:3], ALL


def rare():
    """What FRR 8.4 or ExaBGP 4.2 cannot take, though it is right: they would end the session. Several labels are for peers that offered to take them (RFC 8277 2.1): no program here does."""
    for family, hop, net in ((LABELED4, V4, '198.18.99.0/24'), (LABELED6, V6, '2001:db8:99::/48')):
        yield family, 'three labels', hop, prefix_nlri(net, label(1009, False) + label(2009, False) + label(3009)), ALL
    yield VPN4, 'two labels', bytes(8) + V4, prefix_nlri('198.18.99.0/24', label(1009, False) + label(2009) + RD0), ALL
    for what, nlri in evpn_unknown():
        yield EVPN, what, V4, nlri, ALL
    yield EVPN, 'an IPv6 next hop', V6, evpn(3, RD0 + bytes(4) + b'\x80' + packed('2001:db8::9')), ALL + PMSI
    yield LS, 'a link', V4, wide(2, node('192.0.2.9') + wide(257, wide(512, struct.pack('>I', 65000)) + wide(515, packed('192.0.2.10'))) + wide(259, packed('10.253.0.9'))), usual(more=STATE)
    yield LS, 'a type that nobody knows', V4, wide(65000, bytes(range(40))), usual()
    yield LS_VPN, 'a node', bytes(8) + V4, wide(1, RD0 + node('192.0.2.9')), usual(more=STATE)
    for family, hop, is_six in ((MVPN4, V4, False), (MVPN6, V6, True)):
        for what, nlri in mvpn(is_six):
            yield family, what, hop, nlri, ALL + PMSI
    yield VPLS, 'an endpoint of RFC 6074', V4, struct.pack('>H', 12) + RD0 + packed('192.0.2.9'), ALL
    yield FLOW4, 'longer than 240 octets', b'', flow_nlri(b'\5' + b''.join(struct.pack('>BH', 0x11, port) for port in range(1000, 1078)) + b'\x91\4\x4b'), usual(more=DISCARD)
    yield FLOW4, 'longer than 255 octets', b'', flow_nlri(b'\5' + b''.join(struct.pack('>BH', 0x11, port) for port in range(1000, 2000)) + b'\x91\x10\0'), usual(more=DISCARD)
