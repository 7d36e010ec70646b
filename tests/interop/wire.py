# wire: a BGP speaker in Python that takes any family, octet for octet.
# SPDX-License-Identifier: Apache-2.0
"""`Peer` negotiates the families that it is given, announces NLRI and attributes as octets and keeps what comes back as octets: `table[family]` maps an NLRI, with its
ADD-PATH id in front where that was negotiated, to (next hop, attributes). What it cannot cut into NLRI is kept in `faults`: heliod must never cause one."""
import ipaddress
import socket
import struct

from alone import (AS4_PATH, AS_PATH, CLUSTER_LIST, COMMUNITIES, EXTENDED_COMMUNITIES, LARGE_COMMUNITIES, LOCAL_PREF, MED, MP_REACH, MP_UNREACH, NEXT_HOP, ORIGIN, UPDATE, Speaker, as_path,
                   attribute, capability, ip4, message, open_message, read_attributes)
from daemons import (EVPN, FLOWS, IP4, IP6, LABELED4, LABELED6, LS, LS_VPN, MULTICAST4, MULTICAST6, MVPN4, MVPN6, NUMBERS, SR4, SR6, TARGET, VPLS, VPN4, VPN6)

FAMILIES = {numbers: family for family, numbers in NUMBERS.items()}
SEND, RECEIVE, BOTH = 2, 1, 3


def packed(address):
    return ipaddress.ip_address(address).packed


def prefix_nlri(prefix, before=b''):
    """Length in bits, what stands before the address (labels, route distinguisher), and the address."""
    net = ipaddress.ip_network(prefix)
    return bytes([net.prefixlen + 8 * len(before)]) + before + net.network_address.packed[:(net.prefixlen + 7) // 8]


def label(value, bottom=True):
    return struct.pack('>I', value << 4 | bottom)[1:]


def rd(asn, number):
    return struct.pack('>HHI', 0, asn, number)


def flow_nlri(components, distinguisher=b''):
    body = distinguisher + components
    return (bytes([len(body)]) if len(body) < 240 else struct.pack('>H', 0xf000 | len(body))) + body


def with_next_hop(family, address):
    """The next hop field: a route distinguisher of zero before the address in VPN families."""
    if not address:
        return b''
    return (bytes(8) if family in (VPN4, VPN6, LS_VPN) else b'') + packed(address)


def reach(family, next_hop, *nlri, flags=0x80):
    return attribute(MP_REACH, struct.pack('>HBB', *NUMBERS[family], len(next_hop)) + next_hop + b'\0' + b''.join(nlri), flags)


def unreach(family, *nlri):
    return attribute(MP_UNREACH, struct.pack('>HB', *NUMBERS[family]) + b''.join(nlri))


def raw_update(attrs, withdrawn=b'', nlri=b''):
    return message(UPDATE, struct.pack('>H', len(withdrawn)) + withdrawn + struct.pack('>H', len(attrs)) + attrs + nlri)


def usual(local_pref=100, path=(), med=None, origin=0, more=b''):
    """Attributes of an iBGP peer but the next hop."""
    made = attribute(ORIGIN, bytes([origin])) + attribute(AS_PATH, as_path(*path))
    if med is not None:
        made += attribute(MED, struct.pack('>I', med))
    return made + attribute(LOCAL_PREF, struct.pack('>I', local_pref)) + more


def cut(family, data, paths):
    """The NLRI of a family, as octets, each with its path id in front when `paths`."""
    found = []
    while data:
        start = 4 if paths else 0
        if len(data) < start + 1:
            raise ValueError(f'{family}: {len(data)} octets left over')
        if family in FLOWS:
            size = data[start] + 1 if data[start] < 240 else (struct.unpack('>H', data[start:start + 2])[0] & 0xfff) + 2
        elif family in (EVPN, MVPN4, MVPN6):
            size = 2 + data[start + 1]
        elif family in (LS, LS_VPN):
            size = 4 + struct.unpack('>H', data[start + 2:start + 4])[0]
        elif family == VPLS:
            size = 2 + struct.unpack('>H', data[start:start + 2])[0]
        else:
            size = 1 + (data[start] + 7) // 8
        if len(data) < start + size:
            raise ValueError(f'{family}: an NLRI of {size} octets in {len(data)}')
        found.append(data[:start + size])
        data = data[start + size:]
    return found


# RFC 8277 2.1: any number of labels
LABELS = capability(8, b''.join(struct.pack('>HBB', *NUMBERS[family], 255) for family in (LABELED4, LABELED6, VPN4, VPN6)))


class Peer(Speaker):
    """`paths`: {family: SEND, RECEIVE or BOTH}; `more`: further capabilities as octets. `extended`: it takes messages of 65,535 octets."""

    def __init__(self, address, families, paths=None, extended=False, more=b'', next_hops6=(), restart=None, **keys):
        self.families, self.paths, self.extended, self.more, self.next_hops6, self.restart = list(families), paths or {}, extended, more, next_hops6, restart
        if ':' in address:
            keys.setdefault('router_id', '10.254.9.' + address.rpartition(':')[2])
            keys.setdefault('target', 'fd00:255::1')
        super().__init__(address, **keys)

    def forget(self):
        super().forget()
        self.table, self.withdrawn, self.ended, self.faults, self.longest, self.updates = {}, [], [], [], 0, 0
        self.receives = set()           # families in which ids come

    def begin(self):
        made = b''.join(capability(1, struct.pack('>HBB', NUMBERS[f][0], 0, NUMBERS[f][1])) for f in self.families) + capability(65, struct.pack('>I', self.asn))
        if self.refresh:
            made += capability(2)
        if self.extended:
            made += capability(6)
        if self.paths:
            made += capability(69, b''.join(struct.pack('>HBB', *NUMBERS[f], how) for f, how in self.paths.items()))
        if self.next_hops6:
            made += capability(5, b''.join(struct.pack('>HHH', *NUMBERS[f], 2) for f in self.next_hops6))
        if self.restart is not None:
            made += capability(64, struct.pack('>H', self.restart) + b''.join(struct.pack('>HBB', *NUMBERS[f], 0x80) for f in self.families))
        made += self.more
        parameters = b''.join(bytes([2, 2 + code]) + bytes([made[at], code]) + made[at + 2:at + 2 + code] for at, code in self.each(made))
        if len(parameters) > 254:       # RFC 9072
            wide = b''.join(struct.pack('>BH', 2, 2 + code) + made[at:at + 2 + code] for at, code in self.each(made))
            body = bytes([255, 255]) + struct.pack('>H', len(wide)) + wide
        else:
            body = bytes([len(parameters)]) + parameters
        self.open_bytes = message(1, struct.pack('>BHH', 4, min(self.asn, 65535) if self.asn < 65536 else 23456, self.hold) + ip4(self.router_id) + body)
        super().begin()

    @staticmethod
    def each(capabilities):
        at, found = 0, []
        while at < len(capabilities):
            found.append((at, capabilities[at + 1]))
            at += 2 + capabilities[at + 1]
        return found

    def offered(self):
        """Families that heliod offered."""
        return [FAMILIES.get((afi, safi)) for afi, _, safi in (struct.unpack('>HBB', value) for code, value in self.offers() if code == 1)]

    def offers(self):
        """(code, value) of each capability that heliod sent; extended parameters of RFC 9072 too."""
        found, rest = [], (self.opened or b'')[9:]
        wide = rest[:2] == b'\xff\xff'
        rest = rest[4:] if wide else rest[1:]
        while rest:
            size, start = (struct.unpack('>H', rest[1:3])[0], 3) if wide else (rest[1], 2)
            inside = rest[start:start + size]
            if rest[0] == 2:
                found += [(inside[at], inside[at + 2:at + 2 + length]) for at, length in self.each(inside)]
            rest = rest[start + size:]
        return found

    def offer(self, code):
        """The value of one capability of heliod's, or None."""
        return next((value for kind, value in self.offers() if kind == code), None)

    def learn(self):
        """In which families path ids come: heliod sends them and we take them."""
        value = self.offer(69) or b''
        for at in range(0, len(value), 4):
            afi, safi, how = struct.unpack('>HBB', value[at:at + 4])
            family = FAMILIES.get((afi, safi))
            if how & SEND and self.paths.get(family, 0) & RECEIVE:
                self.receives.add(family)

    def hear(self, kind, body):
        if kind != UPDATE:
            super().hear(kind, body)
            if kind == 1:
                self.learn()
            return
        self.longest = max(self.longest, 19 + len(body))
        self.updates += 1
        try:
            self.take(body)
        except (ValueError, IndexError, struct.error) as e:
            self.faults.append(f'{e}: {body[:80].hex()}')

    def take(self, body):
        size = struct.unpack('>H', body[:2])[0]
        gone, rest = body[2:2 + size], body[2 + size:]
        size = struct.unpack('>H', rest[:2])[0]
        attrs, new = read_attributes(rest[2:2 + size]), rest[2 + size:]
        if not gone and not new and not attrs:
            self.ended.append(IP4)
        self.change(IP4, gone, None)
        if MP_UNREACH in attrs:
            afi, safi = struct.unpack('>HB', attrs[MP_UNREACH][1][:3])
            family = FAMILIES[afi, safi]
            if len(attrs[MP_UNREACH][1]) == 3 and len(attrs) == 1:
                self.ended.append(family)
            self.change(family, attrs[MP_UNREACH][1][3:], None)
        if MP_REACH in attrs:
            value = attrs[MP_REACH][1]
            afi, safi, length = struct.unpack('>HBB', value[:4])
            self.change(FAMILIES[afi, safi], value[5 + length:], (value[4:4 + length], attrs))
        self.change(IP4, new, (attrs.get(NEXT_HOP, (0, b''))[1], attrs))

    def change(self, family, data, route):
        for nlri in cut(family, data, family in self.receives):
            if route is None:
                self.withdrawn.append((family, nlri))
                self.table.get(family, {}).pop(self.identity(family, nlri), None)
            else:
                self.table.setdefault(family, {})[self.identity(family, nlri)] = (nlri, *route)

    def identity(self, family, nlri):
        """What makes two NLRI of a family the same route: not labels, nor an EVPN route's ESI, gateway and flags, nor a VPLS block's size and base."""
        start = 4 if family in self.receives else 0
        ident, nlri = nlri[:start], nlri[start:]
        if family == EVPN:
            kind, value = nlri[0], nlri[2:]
            if kind == 1:
                value = value[:22]
            elif kind == 2:
                value = value[:8] + value[18:29] + value[29:30 + value[29] // 8]
            elif kind == 5:
                value = value[:8] + value[18:23] + value[23:27 if len(value) == 34 else 39]
            elif kind in (6, 7, 8):
                value = value[:-1 if kind < 8 else -6]
            return ident + bytes([kind]) + value
        if family == VPLS:
            return ident + nlri[:14]
        if family not in (LABELED4, LABELED6, VPN4, VPN6):
            return ident + nlri
        at, bits = 1, nlri[0]
        while True:
            bits -= 24
            last = nlri[at + 2] & 1 or nlri[at:at + 3] in (b'\x80\0\0', b'\0\0\0')
            at += 3
            if last or bits <= 0 or at + 3 > len(nlri):
                return ident + bytes([bits & 255]) + nlri[at:]

    def send_route(self, family, next_hop, nlri, attrs):
        """Announces; IPv4 unicast with an IPv4 next hop goes in the old form."""
        if family == IP4 and len(next_hop) == 4:
            self.send(raw_update(attrs + attribute(NEXT_HOP, next_hop), nlri=nlri))
        else:
            self.send(raw_update(attrs + reach(family, next_hop, nlri)))

    def take_back(self, family, nlri):
        if family in (LABELED4, LABELED6, VPN4, VPN6):      # RFC 8277 2.4: one field that says nothing instead of labels
            key = self.identity(family, nlri)
            nlri = bytes([key[0] + 24]) + b'\x80\0\0' + key[1:]
        self.send(raw_update(b'', withdrawn=nlri) if family == IP4 else raw_update(unreach(family, nlri)))

    def end(self, family):
        self.send(raw_update(b'') if family == IP4 else raw_update(unreach(family)))

    def have(self, family):
        """[(NLRI, next hop, attributes)] of what heliod announced, sorted."""
        with self.lock:
            return sorted(self.table.get(family, {}).values(), key=lambda route: route[0])
