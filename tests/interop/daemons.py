# daemons: the other open BGP programs as iBGP clients of one heliod, each in every family that it has.
# SPDX-License-Identifier: Apache-2.0
"""Each class writes the configuration of one program, starts it, tells it to announce or withdraw by its own means, and reads back what it
has by its own command line. `families` and `can` use heliod's names of the families. A client with number N has the address 10.254.1.N
or fd00:254::N, and every route that it announces has a next hop of its own, 10.253.0.N or fd00:253::N, on a link that leads nowhere."""
import ipaddress
import json
import os
import re
import shutil
import struct
import subprocess
import sys

import alone

ROUTER4, ROUTER6 = alone.ROUTER, 'fd00:255::1'
IP4, IP6 = 'ipv4-unicast', 'ipv6-unicast'
MULTICAST4, MULTICAST6 = 'ipv4-multicast', 'ipv6-multicast'
LABELED4, LABELED6 = 'ipv4-labeled-unicast', 'ipv6-labeled-unicast'
VPN4, VPN6 = 'l3vpn-ipv4-unicast', 'l3vpn-ipv6-unicast'
EVPN, VPLS = 'l2vpn-evpn', 'l2vpn-vpls'
FLOW4, FLOW6 = 'ipv4-flowspec', 'ipv6-flowspec'
VPN_FLOW4, VPN_FLOW6 = 'l3vpn-ipv4-flowspec', 'l3vpn-ipv6-flowspec'
TARGET, LS, SR4, SR6 = 'route-target', 'linkstate', 'srte-policy-ipv4', 'srte-policy-ipv6'
MVPN4, MVPN6, LS_VPN = 'ipv4-mvpn', 'ipv6-mvpn', 'linkstate-vpn'
NUMBERS = {IP4: (1, 1), IP6: (2, 1), MULTICAST4: (1, 2), MULTICAST6: (2, 2), LABELED4: (1, 4), LABELED6: (2, 4), VPN4: (1, 128), VPN6: (2, 128), EVPN: (25, 70), VPLS: (25, 65),
           FLOW4: (1, 133), FLOW6: (2, 133), VPN_FLOW4: (1, 134), VPN_FLOW6: (2, 134), TARGET: (1, 132), LS: (16388, 71), LS_VPN: (16388, 72), SR4: (1, 73), SR6: (2, 73),
           MVPN4: (1, 5), MVPN6: (2, 5)}


FLOWS = (FLOW4, FLOW6, VPN_FLOW4, VPN_FLOW6)
DEFAULTS = {'communities': [], 'large': [], 'ext': [], 'clusters': [], 'originator': None, 'med': None, 'as_path': [], 'label': None}
ATTRIBUTES = ('origin', 'as_path', 'med', 'lp', 'communities', 'large', 'ext', 'originator', 'clusters')
PROTOCOLS = {'tcp': '6', 'udp': '17', 'icmp': '1'}


def six(family):
    """Whether the family's prefixes are of IPv6."""
    return NUMBERS[family][0] == 2


def extended(kind, a, b):
    """An extended community as 16 hex digits, of a two-octet AS number and a value of four octets."""
    return f'{kind:04x}{a:04x}{b:08x}'


def target(text):
    """A route target, `65000:100` or `192.0.2.9:10`."""
    a, b = text.split(':')
    if '.' in a:
        return '0102' + ipaddress.ip_address(a).packed.hex() + f'{int(b):04x}'
    return extended(2, int(a), int(b)) if int(a) < 65536 else f'0202{int(a):08x}{int(b):04x}'


def esi_text(esi):
    """An Ethernet segment identifier as octets; GoBGP leaves out the type in front."""
    return '-' if esi == 'single-homed' else '00:' + esi.split('| ')[1] if '|' in esi else esi


def flow_values(text):
    """Numbers and operators of one component, as `=6`, `=80,>1024&<2048`."""
    text = re.sub(r'\btcp\b', '6', text.replace('==', '='))
    return ','.join(('=' if part[0].isdigit() else '') + part for part in text.split(','))


def documents(text):
    """The JSON documents in a text, one after the other."""
    found, decoder = [], json.JSONDecoder()
    while text.strip():
        text = text.lstrip()
        try:
            document, end = decoder.raw_decode(text)
        except ValueError:
            break
        found.append(document)
        text = text[end:]
    return found


def plumb():
    """The links of all clients: addresses on `lo`, next hops on a pair of interfaces that nothing answers on."""
    for words in ('link add hop type veth peer name end', 'link set hop up', 'link set end up', 'addr add 10.253.0.254/16 dev hop', '-6 addr add fd00:253::fe/32 dev hop nodad',
                  f'-6 addr add {ROUTER6}/128 dev lo nodad', *(f'-6 addr add fd00:254::{n}/128 dev lo nodad' for n in range(1, 60)), '-6 route add default dev lo'):
        subprocess.run(['ip', *words.split()], check=True)


class Client:
    """One program with an address of its own. `six_transport`: the session is over IPv6."""
    name = program = ''
    can = ()            # families that it can announce
    shows = ()          # families whose routes it can show
    counted = ()        # families whose routes it can count only

    def __init__(self, number, families, six_transport=False, options=()):
        self.number, self.families, self.six_transport, self.options = number, list(families), six_transport, set(options)
        self.asn = 65000
        self.address = f'fd00:254::{number}' if six_transport else f'10.254.1.{number}'
        self.router = ROUTER6 if six_transport else ROUTER4
        self.router_id = f'10.254.1.{number}'
        self.dir = alone.directory()
        os.chmod(self.dir, 0o755)
        self.process = None

    def sees(self, family):
        """The fields of a route that the program shows."""
        return ATTRIBUTES + (() if family in FLOWS else ('nh',)) + (('label',) if family in (LABELED4, LABELED6, VPN4, VPN6, EVPN) else ())

    ends = None         # () -> families whose End-of-RIB came, where the program shows it

    def key(self, family, key):
        """A key as far as the program shows it."""
        return key

    def view(self, family):
        """{key: fields} of what the neighbor announced, fields that it has not left out; the first path where there are several."""
        return {key: paths[0] for key, paths in self.rib(family).items()}

    def differences(self, family, expected):
        """What is other than {key: fields}, as text; empty when nothing is."""
        seen, wrong = self.view(family), []
        expected = {self.key(family, key): fields for key, fields in expected.items()}
        wrong += [f'{key} is missing' for key in expected if key not in seen] + [f'{key} is too many' for key in seen if key not in expected]
        for key in seen.keys() & expected.keys():
            for field in self.sees(family):
                default = DEFAULTS.get(field)
                if seen[key].get(field, default) != expected[key].get(field, default):
                    wrong.append(f'{key}: {field} is {seen[key].get(field, default)}, not {expected[key].get(field, default)}')
        return '; '.join(sorted(wrong))

    @classmethod
    def installed(cls):
        return shutil.which(cls.program) is not None

    def next_hop(self, family):
        return f'fd00:253::{self.number}' if six(family) else f'10.253.0.{self.number}'

    def file(self, name, text, mode=0o644):
        path = self.dir / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def run(self, *command, **keys):
        with open(self.dir / 'log', 'ab') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **keys)

    def ask(self, *command):
        try:
            return subprocess.run(command, text=True, errors='replace', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=alone.PATIENCE).stdout
        except subprocess.TimeoutExpired:
            return ''

    def ask_json(self, *command):
        text = self.ask(*command)
        try:
            return json.loads(text)
        except ValueError:
            return None

    def log(self):
        return ' / '.join((self.dir / 'log').read_text(errors='replace').strip().splitlines()[-6:])

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


# --- BIRD

class Bird(Client):
    """Routes are static protocols, one a route; announcing and withdrawing is enabling and disabling them."""
    name, program = 'BIRD', 'bird'
    channels = {IP4: 'ipv4', IP6: 'ipv6', MULTICAST4: 'ipv4 multicast', MULTICAST6: 'ipv6 multicast', LABELED4: 'ipv4 mpls', LABELED6: 'ipv6 mpls', VPN4: 'vpn4 mpls', VPN6: 'vpn6 mpls',
                FLOW4: 'flow4', FLOW6: 'flow6'}
    can = shows = tuple(channels)

    def table(self, family):
        return 't_' + family.replace('-', '_')

    def start(self, routes=(), passive=False, extra='', channel=''):
        """`routes`: (name, family, text of the route, text of its attributes), all disabled at first."""
        text = f'''router id {self.router_id};
log "{self.dir}/bird.log" all;
debug protocols {{ states, events }};
protocol device {{ }}
ipv4 table igp4;
ipv6 table igp6;
protocol direct {{ ipv4 {{ table igp4; }}; ipv6 {{ table igp6; }}; interface "hop"; }}
'''
        channels = ''
        for family in self.families:
            kind, flow = self.channels[family].split()[0], 'flow' in family
            text += f'{kind} table {self.table(family)};\n'
            igp = '' if flow else f'igp table igp{6 if six(family) else 4}; next hop keep; '
            channels += f'\t{self.channels[family]} {{ table {self.table(family)}; import all; export where source = RTS_STATIC; {igp}{channel} }};\n'
        for name, family, route, attributes in routes:
            kind = self.channels[family].split()[0]
            text += f'protocol static {name} {{ disabled; {kind} {{ table {self.table(family)}; }}; route {route} {{ {attributes} }}; }}\n'
        text += f'''protocol bgp reflector {{
	local {self.address} as {self.asn}; neighbor {self.router} as 65000; hold time 30; connect delay time 1; connect retry time 1; error wait time 1, 2; strict bind yes;
	{'passive yes;' if passive else ''} {extra}
{channels}}}
'''
        self.run('bird', '-f', '-c', self.file('bird.conf', text), '-s', f'{self.dir}/ctl', '-P', f'{self.dir}/pid')

    def birdc(self, *words):
        return self.ask('birdc', '-s', f'{self.dir}/ctl', *words)

    def announce(self, name):
        self.birdc('enable', name)

    def withdraw(self, name):
        self.birdc('disable', name)

    def rib(self, family):
        found, paths = {}, None
        for line in self.birdc('show', 'route', 'all', 'protocol', 'reflector', 'table', self.table(family)).splitlines():
            match = re.match(r'(\S.*?)?\s+(unicast|unreachable|)\s*\[reflector [0-9:.]+ from', line)
            if match:
                if match.group(1):
                    paths = found.setdefault(self.flow_key(match.group(1)) if 'flow' in family else match.group(1), [])
                paths.append({})
            elif line.startswith('\tBGP.') and paths:
                name, _, value = line.strip()[4:].partition(':')
                self.field(paths[-1], name, value.strip())
        return found

    @staticmethod
    def field(fields, name, value):
        if name == 'origin':
            fields['origin'] = value.lower()
        elif name == 'as_path':
            fields['as_path'] = value.split()
        elif name == 'next_hop':
            fields['nh'] = value.split()[0]
        elif name in ('med', 'local_pref'):
            fields[{'med': 'med', 'local_pref': 'lp'}[name]] = int(value)
        elif name in ('community', 'large_community'):
            fields[{'community': 'communities', 'large_community': 'large'}[name]] = sorted(item.strip('()').replace(' ', '').replace(',', ':') for item in re.findall(r'\([^)]*\)', value))
        elif name == 'ext_community':
            parts = [item.strip('()').split(', ') for item in re.findall(r'\([^)]*\)', value)]
            fields['ext'] = sorted(f'{int(a, 0):08x}{int(b, 0):08x}' if kind == 'generic' else target(f'{a}:{b}') for kind, a, b in parts)
        elif name == 'originator_id':
            fields['originator'] = value
        elif name == 'cluster_list':
            fields['clusters'] = value.split()
        elif name == 'mpls_label_stack':
            fields['label'] = [int(label) for label in value.split('/')]

    @staticmethod
    def flow_key(text):
        made = []
        for part in text[text.index('{') + 1:text.rindex('}')].split(';'):
            match = re.match(r'\s*(dst|src|proto|next header|dport|sport|port|tcp flags|label)\s+(.*)', part)
            if match:
                name, value = match.groups()
                made.append(f'{name} {value}' if name in ('dst', 'src') else f'{name.replace("next header", "proto")} ' + flow_values(value.replace(' ', '').replace('||', ',').replace('&&', '&')))
        return ' '.join(made)

    def troubles(self):
        """NOTIFICATIONs and ends of the session, as the program has them."""
        text = (self.dir / 'bird.log').read_text(errors='replace') if (self.dir / 'bird.log').exists() else ''
        return [line for line in text.splitlines() if re.search(r'Received: |Error: (?!Bind)|BGP session closed|Neighbor lost|Invalid|Malformed', line)]


# --- GoBGP

class GoBgp(Client):
    name, program = 'GoBGP', 'gobgpd'
    names = {IP4: 'ipv4-unicast', IP6: 'ipv6-unicast', MULTICAST4: 'ipv4-multicast', MULTICAST6: 'ipv6-multicast', LABELED4: 'ipv4-labelled-unicast', LABELED6: 'ipv6-labelled-unicast',
             VPN4: 'l3vpn-ipv4-unicast', VPN6: 'l3vpn-ipv6-unicast', EVPN: 'l2vpn-evpn', VPLS: 'l2vpn-vpls', FLOW4: 'ipv4-flowspec', FLOW6: 'ipv6-flowspec',
             VPN_FLOW4: 'l3vpn-ipv4-flowspec', VPN_FLOW6: 'l3vpn-ipv6-flowspec', TARGET: 'rtc', LS: 'ls', SR4: 'ipv4-srpolicy', SR6: 'ipv6-srpolicy'}
    words = {IP4: 'ipv4', IP6: 'ipv6', LABELED4: 'ipv4-mpls', LABELED6: 'ipv6-mpls', VPN4: 'vpnv4', VPN6: 'vpnv6', EVPN: 'evpn', FLOW4: 'ipv4-flowspec', FLOW6: 'ipv6-flowspec',
             VPN_FLOW4: 'ipv4-l3vpn-flowspec', VPN_FLOW6: 'ipv6-l3vpn-flowspec', TARGET: 'rtc', LS: 'ls'}
    shows = tuple(words)
    can = tuple(family for family in shows if family not in (TARGET, LS))
    counted = (VPLS, SR4, SR6)      # not multicast: it would mix that into unicast

    def start(self, per_family='', neighbor='', reflector=False):
        """`reflector`: it is the router that the others connect to; only for finding out what they do."""
        families = ''.join(f'''  [[{'peer-groups' if reflector else 'neighbors'}.afi-safis]]
    [{'peer-groups' if reflector else 'neighbors'}.afi-safis.config]
      afi-safi-name = "{self.names[family]}"
{per_family}''' for family in self.families if family in self.names)
        if reflector:
            text = f'''[global.config]
  as = 65000
  router-id = "{ROUTER4}"
  port = 179
  local-address-list = ["{ROUTER4}", "{ROUTER6}"]
[[peer-groups]]
  [peer-groups.config]
    peer-group-name = "c"
    peer-as = 65000
  [peer-groups.route-reflector.config]
    route-reflector-client = true
    route-reflector-cluster-id = "{ROUTER4}"
{families}[[dynamic-neighbors]]
  [dynamic-neighbors.config]
    prefix = "10.254.0.0/16"
    peer-group = "c"
[[dynamic-neighbors]]
  [dynamic-neighbors.config]
    prefix = "fd00:254::/64"
    peer-group = "c"
'''
        else:
            text = f'''[global.config]
  as = {self.asn}
  router-id = "{self.router_id}"
  port = -1
[[neighbors]]
  [neighbors.config]
    neighbor-address = "{self.router}"
    peer-as = 65000
  [neighbors.timers.config]
    connect-retry = 1
    hold-time = 30
    keepalive-interval = 10
  [neighbors.transport.config]
    local-address = "{self.address}"
{neighbor}{families}'''
        self.run('gobgpd', '-f', self.file('gobgp.toml', text), '--api-hosts', f'{self.router_id}:50051', '--pprof-disable')

    def gobgp(self, *words):
        return self.ask('gobgp', '-u', self.router_id, '-p', '50051', *words)

    def announce(self, family, route):
        said = self.gobgp('global', 'rib', 'add', '-a', self.words[family], *route.split())
        if said:
            print('# GoBGP:', said.splitlines()[0])

    def withdraw(self, family, route):
        said = self.gobgp('global', 'rib', 'del', '-a', self.words[family], *route.split())
        if said:
            print('# GoBGP:', said.splitlines()[0])

    def rib(self, family):
        found = {}
        try:
            table = json.loads(self.gobgp('global', 'rib', '-a', self.words[family], '-j'))
        except ValueError:
            table = {}
        for paths in table.values():
            for path in paths:
                if path.get('neighbor-ip'):
                    found.setdefault(self.nlri_key(family, path['nlri']), []).append(self.fields(family, path))
        return found

    def counts(self):
        """{family: routes received}, also of families whose routes it cannot show."""
        neighbor = self.ask_json('gobgp', '-u', self.router_id, '-p', '50051', 'neighbor', self.router, '-j') or {}
        found = {}
        for part in neighbor.get('afi_safis', []):
            numbers = (part['state']['family']['afi'], part['state']['family']['safi'])
            found.update({family: part['state'].get('received', 0) for family in self.families if NUMBERS[family] == numbers})
        return found

    @staticmethod
    def nlri_key(family, nlri):
        rd = nlri.get('rd')
        before = f'{rd["admin"]}:{rd["assigned"]} ' if isinstance(rd, dict) else ''
        if family in FLOWS:
            names = {1: 'dst', 2: 'src', 3: 'proto', 4: 'port', 5: 'dport', 6: 'sport'}
            made = []
            for part in nlri['value']:
                name, value = names.get(part['type'], str(part['type'])), part['value']
                if isinstance(value, dict):
                    made.append(f'{name} {value["prefix"]}')
                    continue
                text = ''
                for item in value:
                    operator = {1: '=', 2: '>', 3: '>=', 4: '<', 5: '<=', 6: '!='}[item['op'] & 7]
                    text += ('' if not text else '&' if item['op'] & 0x40 else ',') + f'{operator}{item["value"]}'
                made.append(f'{name} {text}')
            return before + ' '.join(made)
        if family == EVPN:
            kind, value = nlri['type'], nlri['value']
            rd = f'{value["rd"]["admin"]}:{value["rd"]["assigned"]}' if 'rd' in value else ''
            names = {1: ('esi', 'etag'), 2: ('etag', 'mac', 'ip'), 3: ('etag', 'ip'), 4: ('esi', 'ip'), 5: ('etag', 'prefix')}[kind]
            return ' '.join([str(kind), rd] + [esi_text(value[name]) if name == 'esi' else str(value[name]) for name in names])
        return before + nlri['prefix'] if 'prefix' in nlri else json.dumps(nlri)

    @staticmethod
    def fields(family, path):
        made = {'id': path.get('path-identifier', path.get('identifier', 0))}
        nlri = path['nlri']
        if nlri.get('labels'):
            made['label'] = nlri['labels']
        elif family == EVPN and ('label' in nlri['value'] or 'labels' in nlri['value']):
            made['label'] = nlri['value'].get('labels', [nlri['value'].get('label')])
        for attribute in path['attrs'] or ():       # null where it cannot turn one of them into JSON
            kind, value = attribute['type'], attribute.get('value')
            if kind == 1:
                made['origin'] = ('igp', 'egp', 'incomplete')[value]
            elif kind == 2:
                made['as_path'] = [str(number) for segment in attribute['as_paths'] for number in segment['asns']]
            elif kind in (3, 14):
                made['nh'] = attribute['nexthop']
            elif kind == 4:
                made['med'] = attribute['metric']
            elif kind == 5:
                made['lp'] = value
            elif kind == 8:
                made['communities'] = sorted(f'{c >> 16}:{c & 65535}' for c in attribute['communities'])
            elif kind == 9:
                made['originator'] = value
            elif kind == 10:
                made['clusters'] = value
            elif kind == 16:
                made['ext'] = sorted(GoBgp.extended_text(c) for c in value)
            elif kind == 32:
                made['large'] = sorted(f'{c["ASN"]}:{c["LocalData1"]}:{c["LocalData2"]}' for c in value)
        return made

    @staticmethod
    def extended_text(c):
        kind = c['type'] << 8 | c.get('subtype', 0)
        if kind == 2:
            return target(c['value'])
        if kind == 0x8006:
            return extended(kind, c['as'], struct.unpack('>I', struct.pack('>f', c['rate']))[0])
        if kind == 0x030c:
            return f'{kind:04x}{c["tunnel_type"]:012x}'
        if kind == 0x0603:
            return f'{kind:04x}' + c['mac'].replace(':', '')
        return json.dumps(c)

    def troubles(self):
        text = (self.dir / 'log').read_text(errors='replace')
        return [line for line in text.splitlines() if re.search(r'Peer Down|notification|malformed|treat-as-withdraw|"level":"(error|fatal)"', line)]


# --- FRR

class Frr(Client):
    name, program = 'FRR', '/usr/lib/frr/bgpd'
    names = {IP4: 'ipv4 unicast', IP6: 'ipv6 unicast', MULTICAST4: 'ipv4 multicast', MULTICAST6: 'ipv6 multicast', LABELED4: 'ipv4 labeled-unicast', LABELED6: 'ipv6 labeled-unicast',
             VPN4: 'ipv4 vpn', VPN6: 'ipv6 vpn', EVPN: 'l2vpn evpn', FLOW4: 'ipv4 flowspec', FLOW6: 'ipv6 flowspec'}
    shows = tuple(names)
    can = (IP4, IP6, MULTICAST4, MULTICAST6, VPN4, VPN6, EVPN)

    def start(self, neighbor='', per_family='', maps=True):
        """`maps`: next hops of what is sent are set."""
        blocks = ''
        for family in self.families:
            blocks += f' address-family {self.names[family]}\n  neighbor {self.router} activate\n'
            if maps and family not in FLOWS:
                blocks += f'  neighbor {self.router} route-map out-{6 if six(family) else 4} out\n'
            blocks += f'{per_family} exit-address-family\n'
        config = self.file('bgpd.conf', f'''router bgp {self.asn}
 bgp router-id {self.router_id}
 no bgp default ipv4-unicast
 no bgp network import-check
 neighbor {self.router} remote-as 65000
 neighbor {self.router} update-source {self.address}
 neighbor {self.router} timers 10 30
 neighbor {self.router} timers connect 1
 neighbor {self.router} disable-connected-check
{neighbor}{blocks}route-map out-4 permit 10
 set ip next-hop {self.next_hop(IP4)}
route-map out-6 permit 10
 set ipv6 next-hop global {self.next_hop(IP6)}
route-map mark permit 10
 set community 65000:{self.number}
 set large-community 65000:{self.number}:1
 set metric {self.number}
 set local-preference {100 + self.number}
''')
        self.run(self.program, '-Z', '-n', '-S', '-f', config, '-i', f'{self.dir}/pid', '--vty_socket', str(self.dir), '-P', '0', '-l', self.address, '--log', 'stdout')

    def vtysh(self, *commands):
        return self.ask('vtysh', '--vty_socket', str(self.dir), '-d', 'bgpd', *(word for command in commands for word in ('-c', command)))

    def configure(self, family, command):
        said = self.vtysh('configure terminal', f'router bgp {self.asn}', f'address-family {self.names[family]}', command)
        if said.strip():
            print('# FRR:', command, said.strip().splitlines()[0])

    def announce(self, family, route):
        self.configure(family, f'network {route}')

    def withdraw(self, family, route):
        self.configure(family, f'no network {route}')

    def sees(self, family):
        if family in FLOWS:
            return ('origin', 'med', 'lp')
        if family == EVPN:
            return ('origin', 'med', 'lp', 'nh', 'ext')
        return tuple(field for field in super().sees(family) if field != 'label' or family in (VPN4, VPN6, LABELED4, LABELED6))

    def key(self, family, key):
        return key.replace('&', ',') if family in FLOWS else key

    def rib(self, family):
        found = {}
        tables = documents(self.vtysh(f'show bgp {self.names[family]} json'))
        if not tables:
            return found
        if family == EVPN:
            for rd, routes in tables[0].items():
                for key, route in routes.items() if isinstance(routes, dict) else ():
                    if isinstance(route, dict):
                        paths = [path[0] if isinstance(path, list) else path for path in route['paths']]
                        found[self.evpn_key(rd, key)] = [self.fields(path) for path in paths if path.get('peerId') == self.router]
        elif family in FLOWS:
            for paths in tables[0].get('routes', {}).values():
                key = ' '.join(f'{name} {flow_values(paths[0][word].strip().replace(" ", "").replace("/off0", ""))}' for word, name in
                               (('to', 'dst'), ('from', 'src'), ('proto', 'proto'), ('dstp', 'dport'), ('srcp', 'sport')) if word in paths[0]).replace('dst =', 'dst ')
                found[key] = [self.fields(path) for path in paths if path.get('peerId') == self.router]
        elif family in (VPN4, VPN6):
            routes = {key for table in tables[0].get('routes', {}).get('routeDistinguishers', {}).values() for key in table}
            for answer in documents(self.vtysh(*(f'show bgp {self.names[family]} {key} json' for key in sorted(routes)))):
                for rd, route in answer.items():
                    if isinstance(route, dict) and 'paths' in route:        # it may be gone since the table was shown
                        found[f'{rd} {route["prefix"]}'] = [self.fields(path) for path in route['paths'] if path['peer']['peerId'] == self.router]
        elif tables[0].get('routes'):
            for route in documents(self.vtysh(*(f'show bgp {self.names[family]} {key} json' for key in sorted(tables[0]['routes'])))):
                found[route.get('prefix')] = [self.fields(path) for path in route.get('paths', []) if path['peer']['peerId'] == self.router]
        return {key: paths for key, paths in found.items() if paths}

    def ends(self):
        neighbor = (self.ask_json('vtysh', '--vty_socket', str(self.dir), '-d', 'bgpd', '-c', 'show bgp neighbors json') or {}).get(self.router, {})
        said = {name.lower() for name, came in neighbor.get('gracefulRestartInfo', {}).get('endOfRibRecv', {}).items() if came}
        return [family for family in self.families if self.names[family].replace('-', '').replace(' ', '') in said]

    @staticmethod
    def evpn_key(rd, text):
        parts = [part.strip('[]') for part in re.findall(r'\[[^]]*\]', text)]
        kind, rest = parts[0], parts[1:]
        if kind == '1':
            return f'1 {rd} {rest[1]} {rest[0]}'
        if kind == '2':
            return f'2 {rd} {rest[0]} {rest[2]} {rest[4]}'
        if kind == '3':
            return f'3 {rd} {rest[0]} {rest[2]}'
        if kind == '4':
            return f'4 {rd} {rest[0]} {rest[2]}'
        return f'5 {rd} {rest[0]} {rest[2]}/{rest[1]}'

    @staticmethod
    def fields(path):
        made = {'origin': path['origin'].lower(), 'lp': path.get('locPrf'), 'med': path.get('metric'), 'id': path.get('addPathId', path.get('addpathRxId', 0))}
        made['as_path'] = path['aspath']['string'].replace('Local', '').split() if 'aspath' in path else path['path'].split()
        made['nh'] = next((hop['ip'] for hop in path.get('nexthops', [])), None)
        made['communities'] = sorted({'llgrStale': '65535:6', 'llgr-stale': '65535:6'}.get(text, text) for text in path.get('community', {}).get('list', []))
        made['large'] = sorted(path.get('largeCommunity', {}).get('list', []))
        made['originator'] = path.get('originatorId')
        made['clusters'] = path.get('clusterList', {}).get('list', [])
        if 'remoteLabel' in path:
            made['label'] = [path['remoteLabel']]
        made['ext'] = []
        for word in path.get('extendedCommunity', {}).get('string', '').split():
            kind, _, value = word.partition(':')
            made['ext'].append(target(value) if kind == 'RT' else f'030c{int(value):012x}' if kind == 'ET' else '0603' + value.replace(':', '') if kind == 'Rmac' else word)
        made['ext'].sort()
        return made

    def troubles(self):
        text = (self.dir / 'log').read_text(errors='replace')
        found = [line for line in text.splitlines() if re.search(r'NOTIFICATION|malformed|Malformed|%ADJCHANGE.* Down|error parsing|attribute.*(bad|wrong|invalid)', line)]
        neighbor = (self.ask_json('vtysh', '--vty_socket', str(self.dir), '-d', 'bgpd', '-c', 'show bgp neighbors json') or {}).get(self.router, {})
        counts = neighbor.get('messageStats', {})
        if counts.get('notificationsSent') or counts.get('notificationsRecv') or neighbor.get('connectionsDropped'):
            found.append(f'notifications sent {counts["notificationsSent"]}, received {counts["notificationsRecv"]}, connections dropped {neighbor["connectionsDropped"]}')
        return found


class FrrLabeled(Frr):
    """FRR refuses a neighbor with unicast and labeled unicast in one family: another one for the latter."""
    name = 'FRR, labeled'
    shows = (LABELED4, LABELED6)
    can = ()


# --- OpenBGPD

class OpenBgpd(Client):
    name, program = 'OpenBGPD', '/usr/sbin/bgpd'
    can = (IP4, IP6)
    shows = (IP4, IP6, VPN4, VPN6)

    def start(self, neighbor='', more=''):
        os.makedirs('/run/openbgpd', exist_ok=True)
        said = ''
        for version, one, vpn in (('IPv4', IP4, VPN4), ('IPv6', IP6, VPN6)):
            said += ''.join(f'\tannounce {version} {word}\n' for word in ([] if one not in self.families else ['unicast']) + ([] if vpn not in self.families else ['vpn'])) or f'\tannounce {version} none\n'
        config = self.file('bgpd.conf', f'''AS {self.asn}
router-id {self.router_id}
listen on {self.address}
socket "{self.dir}/bgpd.sock"
fib-update no
nexthop qualify via default
neighbor {self.router} {{
	remote-as 65000
	local-address {self.address}
	holdtime 30
{said}{neighbor}}}
{more}allow from any
allow to any
''', 0o600)
        self.run(self.program, '-d', '-f', config)

    def bgpctl(self, *words):
        return self.ask('bgpctl', '-s', f'{self.dir}/bgpd.sock', *words)

    def announce(self, family, route):
        self.bgpctl('network', 'add', *route.split())

    def withdraw(self, family, route):
        self.bgpctl('network', 'delete', *route.split())

    def sees(self, family):
        return tuple(field for field in super().sees(family) if field != 'label')

    def rib(self, family):
        word = {IP4: 'ipv4', IP6: 'ipv6', VPN4: 'vpnv4', VPN6: 'vpnv6'}[family]
        found = {}
        try:
            rib = json.loads(self.bgpctl('-j', 'show', 'rib', word, 'in', 'detail', 'neighbor', self.router)).get('rib', [])
        except ValueError:
            rib = []
        for route in rib:
            made = {'origin': route['origin'].lower(), 'nh': route['exit_nexthop'], 'med': route.get('metric'), 'lp': route['localpref'], 'as_path': route['aspath'].split(),
                    'communities': sorted(route.get('communities', [])), 'large': sorted(route.get('large_communities', [])), 'id': route.get('path_id', 0),
                    'ext': sorted(target(text[3:]) if text.startswith('rt ') else text for text in route.get('extended_communities', []))}
            for attribute in route.get('attributes', []):
                if 'originator' in attribute:
                    made['originator'] = attribute['originator']
                if 'cluster_list' in attribute:
                    made['clusters'] = attribute['cluster_list']
            found.setdefault(route['prefix'].removeprefix('rd '), []).append(made)
        return found

    def ends(self):
        text = (self.dir / 'log').read_text(errors='replace')
        words = {IP4: 'IPv4 unicast', IP6: 'IPv6 unicast', VPN4: 'IPv4 vpn', VPN6: 'IPv6 vpn'}
        return [family for family in self.families if f'received {words[family]} EOR marker' in text]

    def troubles(self):
        text = (self.dir / 'log').read_text(errors='replace')
        found = [line for line in text.splitlines() if re.search(r'(received|sending) notification|bad update|malformed|Attribute', line, re.I)]
        for neighbor in (self.ask_json('bgpctl', '-s', f'{self.dir}/bgpd.sock', '-j', 'show', 'neighbor', self.router) or {}).get('neighbors', []):
            counts = neighbor['stats']['message']
            if counts['sent']['notifications'] or counts['received']['notifications'] or counts['sent']['open'] > 1:
                found.append(str(counts))
        return found


# --- ExaBGP

RELAY = '''#!{python}
# Commands come from a FIFO and go to ExaBGP; what ExaBGP says goes to a file.
import os, select
heard = os.open('{dir}/heard', os.O_WRONLY | os.O_APPEND)
fifo = os.open('{dir}/commands', os.O_RDWR | os.O_NONBLOCK)
while True:
    ready = select.select([0, fifo], [], [])[0]
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            break
        os.write(heard, data)
    if fifo in ready:
        data = os.read(fifo, 65536)
        while data:
            data = data[os.write(1, data):]
'''


class ExaBgp(Client):
    name, program = 'ExaBGP', 'exabgp'
    names = {IP4: 'ipv4 unicast', IP6: 'ipv6 unicast', MULTICAST4: 'ipv4 multicast', LABELED4: 'ipv4 nlri-mpls', LABELED6: 'ipv6 nlri-mpls', VPN4: 'ipv4 mpls-vpn', VPN6: 'ipv6 mpls-vpn',
             FLOW4: 'ipv4 flow', FLOW6: 'ipv6 flow', VPN_FLOW4: 'ipv4 flow-vpn', VPN_FLOW6: 'ipv6 flow-vpn', VPLS: 'l2vpn vpls', EVPN: 'l2vpn evpn', LS: 'bgp-ls bgp-ls', LS_VPN: 'bgp-ls bgp-ls-vpn'}
    shows = tuple(names)
    can = tuple(family for family in shows if family not in (MULTICAST4, EVPN, LS, LS_VPN))

    def start(self, capability='', extra=''):
        if not (self.dir / 'commands').exists():
            os.mkfifo(self.dir / 'commands')
        self.file('heard', '', 0o666)
        relay = self.file('relay', RELAY.format(python=sys.executable, dir=self.dir), 0o755)
        families = ''.join(f'\t\t{self.names[family]};\n' for family in self.families)
        config = self.file('exabgp.conf', f'''process relay {{
	run {relay};
	encoder json;
}}
neighbor {self.router} {{
	router-id {self.router_id};
	local-address {self.address};
	local-as {self.asn};
	peer-as 65000;
	hold-time 30;
	group-updates false;
	capability {{
		graceful-restart 120;
		route-refresh;
{capability}	}}
	family {{
{families}	}}
	api {{ processes [ relay ]; neighbor-changes; receive {{ parsed; update; notification; refresh; open; }} send {{ parsed; notification; }} }}
{extra}}}
''')
        self.run('exabgp', config, env=dict(os.environ, **{'exabgp.daemon.user': 'root', 'exabgp.tcp.bind': '', 'exabgp.log.all': 'false', 'exabgp.api.cli': 'false', 'exabgp.log.destination': 'stdout'}))

    def command(self, text):
        with open(self.dir / 'commands', 'w') as f:
            f.write(text + '\n')

    def announce(self, family, route):
        self.command('announce ' + route)

    def withdraw(self, family, route):
        self.command('withdraw ' + route)

    def heard(self):
        found = []
        for line in (self.dir / 'heard').read_text(errors='replace').splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                if line not in ('done', ''):
                    found.append({'type': 'text', 'text': line})
        return found

    def rib(self, family):
        """Made from what ExaBGP said of each UPDATE, since it keeps no table."""
        found = {}
        word = self.names[family]
        for said in self.heard():
            if said['type'] == 'state' and said['neighbor']['state'] == 'down':
                found = {}
            update = said.get('neighbor', {}).get('message', {}).get('update') if said['type'] == 'update' and said['neighbor'].get('direction') == 'receive' else None
            if not isinstance(update, dict):
                continue
            for nlri in update.get('withdraw', {}).get(word, []):
                found.pop((self.nlri_key(family, nlri), nlri.get('path-information')), None)
            for next_hop, routes in update.get('announce', {}).get(word, {}).items():
                for nlri in routes:
                    fields = dict(self.fields(update.get('attribute', {})), nh=next_hop, id=nlri.get('path-information', 0))
                    if 'label' in nlri:
                        fields['label'] = [label[-1] for label in nlri['label']]
                    found[self.nlri_key(family, nlri), nlri.get('path-information')] = fields
        grouped = {}
        for (key, _), fields in found.items():
            grouped.setdefault(key, []).append(fields)
        return grouped

    def ends(self):
        found = [said['neighbor']['message']['eor'] for said in self.heard() if said['type'] == 'update' and 'eor' in said['neighbor'].get('message', {})]
        words = {f'{end["afi"]} {end["safi"]}' for end in found}
        return [family for family in self.families if self.names[family] in words]

    @staticmethod
    def nlri_key(family, nlri):
        before = nlri['rd'] + ' ' if 'rd' in nlri else ''
        if family in FLOWS:
            words = {'destination-ipv4': 'dst', 'destination-ipv6': 'dst', 'source-ipv4': 'src', 'source-ipv6': 'src', 'protocol': 'proto', 'next-header': 'proto', 'port': 'port',
                     'destination-port': 'dport', 'source-port': 'sport'}
            made = []
            for word, values in nlri.items():
                if word in words:
                    value = ','.join(values)
                    made.append(f'{words[word]} ' + (value.removesuffix('/0') if value.count('/') > 1 else value) if 'dst' in words[word] or 'src' in words[word] else f'{words[word]} {flow_values(value)}')
            return before + ' '.join(made)
        if family == VPLS:
            return f'{before}{nlri["endpoint"]} {nlri["base"]} {nlri["offset"]} {nlri["size"]}'
        if family == EVPN:
            kind, etag = nlri['code'], nlri.get('ethernet-tag')
            if not nlri.get('parsed'):
                return f'{kind} {nlri["raw"]}'
            rest = {1: (nlri['esi'], etag) if 'esi' in nlri else (), 2: (etag, nlri.get('mac'), nlri.get('ip')), 3: (etag, nlri.get('ip')), 4: (nlri.get('esi'), nlri.get('ip')),
                    5: (etag, f'{nlri.get("ip")}/{nlri.get("iplen")}')}[kind]
            return ' '.join(str(part) for part in (kind, nlri['rd'], *rest))
        if 'nlri' not in nlri:
            return json.dumps({word: value for word, value in nlri.items() if word not in ('nexthop', 'next-hop')}, sort_keys=True)
        return before + nlri['nlri']

    @staticmethod
    def fields(attributes):
        made = {'origin': attributes.get('origin'), 'med': attributes.get('med'), 'lp': attributes.get('local-preference'), 'originator': attributes.get('originator-id'),
                'clusters': attributes.get('cluster-list', []), 'communities': sorted(f'{c[0]}:{c[1]}' for c in attributes.get('community', [])),
                'large': sorted(':'.join(str(part) for part in c) for c in attributes.get('large-community', [])),
                'ext': sorted(f'{c["value"]:016x}' for c in attributes.get('extended-community', []))}
        path = attributes.get('as-path', [])
        made['as_path'] = [str(number) for number in path] if isinstance(path, list) else [str(number) for part in path.values() for number in part['value']]
        return made

    def troubles(self):
        found = [json.dumps(said) for said in self.heard() if said['type'] == 'notification' or said['type'] == 'state' and said['neighbor']['state'] == 'down']
        text = (self.dir / 'log').read_text(errors='replace')
        return found + [line for line in text.splitlines() if re.search(r'Traceback|notification', line)]
