# sites: the tenants' own networks: a real CE (BIRD or FRR) behind a WireGuard tunnel, and what it sees.
# SPDX-License-Identifier: Apache-2.0
"""A site's configuration is written when it is made, before any program of Heliostat runs, and never again. All answers are the
CE's own (birdc, vtysh) and its kernel's."""
import hashlib
import json
import pathlib
import re
import sys

from lab import LabError, Ping, wait_for

PROBE = pathlib.Path(__file__).resolve().parent / 'probe.py'


class Machine:
    """What a virtual machine and a site have in common: an address to talk from, a server that says who it is."""

    def __init__(self, node, name, address):
        self.node, self.name, self.address = node, name, address

    def serve(self):
        self.node.spawn('probe', sys.executable, '-S', '-E', PROBE, 'serve', self.name)

    def reaches(self, target, count=1, wait=1):
        status, _ = self.node.status('ping', '-n', '-q', '-c', count, '-i', '0.2', '-W', wait, '-I', self.address, target)
        return status == 0

    def who(self, target):
        """Who answers at an address, and whom it sees; None when nobody does."""
        status, text = self.node.status(sys.executable, '-S', '-E', PROBE, 'who', target, self.address, timeout=30)
        return text.strip() if status == 0 else None

    def put(self, target, count):
        """Sends that many bytes; (right, what was said)."""
        status, text = self.node.status(sys.executable, '-S', '-E', PROBE, 'put', target, count, self.address, timeout=90)
        return status == 0, text.strip().splitlines()[-1] if text.strip() else ''

    def ping(self, target, name, interval=0.1):
        return Ping(self.node, self.address, target, name, interval)


class Site(Machine):
    """keys: {site: {privateKey}, gateway: {publicKey, address, port}}."""

    def __init__(self, lab, name, *, wan, public_network, ce, lan, bgp_address, local_as, tenant_as, tunnel):
        node = lab.node(name)
        super().__init__(node, name, lan.split('/')[0])
        self.ce, self.lan, self.bgp_address, self.local_as, self.tenant_as, self.tunnel = ce, lan, bgp_address, local_as, tenant_as, tunnel
        lab.plug(node, 'wan0', public_network, wan)
        node.ip('address', 'add', f'{ce}/32', 'dev', 'lo')
        node.ip('address', 'add', lan, 'dev', 'lo')
        node.write('wg.key', tunnel['private_key'] + '\n', 0o600)
        self.network = re.sub(r'\.\d+/', '.0/', lan)

    def start_tunnel(self):
        node, tunnel = self.node, self.tunnel
        node.spawn('wireguard', 'wireguard-go', '-f', 'wg0', env={'LOG_LEVEL': 'error'})
        if not wait_for(lambda: node.exists('/run/wireguard/wg0.sock'), 10):
            raise LabError(f'{self.name}: wireguard-go did not start')
        node.run('wg', 'set', 'wg0', 'listen-port', tunnel['listen_port'], 'private-key', node.dir / 'wg.key', 'peer', tunnel['gateway_public_key'],
                 'endpoint', f"{tunnel['gateway_address']}:{tunnel['gateway_port']}", 'allowed-ips', '0.0.0.0/0', 'persistent-keepalive', '10')
        node.ip('link', 'set', 'wg0', 'mtu', '1380', 'up')
        node.ip('route', 'add', f'{self.bgp_address}/32', 'dev', 'wg0', 'src', self.ce)

    def start(self):
        self.start_tunnel()
        self.start_router()
        self.serve()

    def config_digest(self):
        """Of all that an operator of the site could have changed: files, tunnel, static route."""
        files = ''.join(path.read_text() for path in sorted(self.node.dir.glob('*.conf')))
        tunnel = self.node.run('wg', 'showconf', 'wg0', check=False)
        tunnel = '\n'.join(line for line in tunnel.splitlines() if 'Endpoint' not in line)
        endpoint = self.node.run('wg', 'show', 'wg0', 'endpoints', check=False)
        route = self.node.ip('route', 'show', self.bgp_address)
        return hashlib.sha256((files + tunnel + endpoint + route).encode()).hexdigest()

    def handshake_age(self, now):
        text = self.node.run('wg', 'show', 'wg0', 'latest-handshakes', check=False).split()
        return now - int(text[1]) if len(text) == 2 and text[1] != '0' else None


class BirdSite(Site):
    """A CE that is BIRD; `announce` is a list of (prefix, AS path). `bad` prefixes are announced when the operator says so."""

    def __init__(self, lab, name, announce=(), bad=(), **rest):
        super().__init__(lab, name, **rest)
        routes = ''.join(self._route(prefix, path) for prefix, path in announce)
        bad_routes = ''.join(f'\troute {prefix} blackhole;\n' for prefix in bad)
        self.node.write('bird.conf', f'''log stderr all;
timeformat protocol iso long;
router id {self.ce};
protocol device {{ scan time 60; }}
ipv4 table tunnel4;
protocol static tunnel {{ ipv4 {{ table tunnel4; }}; route {self.bgp_address}/32 via "wg0"; }}
protocol static lan {{
	ipv4;
	route {self.network} blackhole;
{routes}}}
protocol static bad {{
	disabled;
	ipv4;
{bad_routes}}}
ipv4 table kernel4;
protocol pipe {{ table master4; peer table kernel4; import none; export where source = RTS_BGP; }}
protocol kernel {{ ipv4 {{ table kernel4; import none; export all; }}; }}
protocol bgp cloud {{
	local {self.ce} as {self.local_as};
	neighbor {self.bgp_address} as {self.tenant_as};
	multihop;
	hold time 30;
	connect retry time 2;
	connect delay time 1;
	error wait time 1, 5;
	ipv4 {{
		igp table tunnel4;
		import all;
		export where proto = "lan" || proto = "bad";
	}};
}}
''')

    @staticmethod
    def _route(prefix, path):
        # The neighbour's AS does not go in front of what a CE announces: the path is that of the upstream behind it.
        prepend = ''.join(f' bgp_path.prepend({number});' for number in reversed(path))
        return f'\troute {prefix} blackhole' + (f' {{{prepend} }};\n' if prepend else ';\n')

    def start_router(self):
        self.node.spawn('bird', 'bird', '-f', '-c', self.node.dir / 'bird.conf', '-s', '/run/bird.ctl', '-P', '/run/bird.pid')
        if not wait_for(lambda: self.node.exists('/run/bird.ctl'), 10):
            raise LabError(f'{self.name}: bird did not start: ' + (self.node.dir / 'bird.log').read_text())

    def birdc(self, *words):
        return self.node.run('birdc', '-s', '/run/bird.ctl', *words, check=False)

    def neighbors(self):
        return [line.split()[0] for line in self.birdc('show', 'protocols').splitlines() if re.match(r'\S+\s+BGP\s', line)]

    def established(self):
        return bool(re.search(r'^\S+\s+BGP\s.*Established', self.birdc('show', 'protocols'), re.M))

    def since(self):
        """When the session came up, in BIRD's words; None while it is down."""
        match = re.search(r'^cloud\s+BGP\s+\S+\s+\S+\s+(\S+ \S+)\s+Established', self.birdc('show', 'protocols'), re.M)
        return match.group(1) if match else None

    def received(self):
        """Prefixes that came by BGP."""
        text = self.birdc('show', 'route', 'protocol', 'cloud')
        return {match for match in re.findall(r'^(\d+\.\d+\.\d+\.\d+/\d+)\s', text, re.M)}

    def announce_bad(self, yes):
        self.birdc('enable' if yes else 'disable', 'bad')


class FrrSite(Site):
    """A CE that is FRR: zebra and bgpd."""

    def __init__(self, lab, name, **rest):
        super().__init__(lab, name, **rest)
        self.node.write('zebra.conf', f'frr defaults traditional\nhostname {name}\nlog stdout\n')
        self.node.write('bgpd.conf', f'''frr defaults traditional
hostname {name}
log stdout
router bgp {self.local_as}
 bgp router-id {self.ce}
 no bgp ebgp-requires-policy
 neighbor {self.bgp_address} remote-as {self.tenant_as}
 neighbor {self.bgp_address} ebgp-multihop 255
 neighbor {self.bgp_address} disable-connected-check
 neighbor {self.bgp_address} update-source {self.ce}
 neighbor {self.bgp_address} timers 10 30
 neighbor {self.bgp_address} timers connect 2
 neighbor {self.bgp_address} advertisement-interval 0
 address-family ipv4 unicast
  network {self.network}
 exit-address-family
''')

    def start_router(self):
        node = self.node
        node.run('install', '-d', '-o', 'frr', '-g', 'frr', '/run/frr')
        for daemon in ('zebra', 'bgpd'):
            node.spawn(daemon, f'/usr/lib/frr/{daemon}', '-f', node.dir / f'{daemon}.conf', '-i', f'/run/frr/{daemon}.pid', '-z', '/run/frr/zserv.api',
                       '--vty_socket', '/run/frr')
            if not wait_for(lambda: node.exists(f'/run/frr/{daemon}.vty'), 15):
                raise LabError(f'{self.name}: {daemon} did not start: ' + (node.dir / f'{daemon}.log').read_text())

    def vtysh(self, command):
        text = self.node.run('vtysh', '-c', command + ' json', check=False)
        try:
            return json.loads(text)
        except ValueError:
            return {}

    def neighbors(self):
        return list(self.vtysh('show bgp ipv4 unicast summary').get('peers', {}))

    def _peer(self):
        return self.vtysh(f'show bgp neighbors {self.bgp_address}').get(self.bgp_address, {})

    def established(self):
        peers = self.vtysh('show bgp ipv4 unicast summary').get('peers', {})
        return any(peer.get('state') == 'Established' for peer in peers.values())

    def since(self):
        """How often the session came up; None while it is down. (FRR's own up time is in whole seconds of another clock.)"""
        peer = self._peer()
        if peer.get('bgpState') != 'Established':
            return None
        return f"{peer.get('connectionsEstablished')} up, {peer.get('connectionsDropped')} down"

    def received(self):
        routes = self.vtysh('show bgp ipv4 unicast').get('routes', {})
        return {prefix for prefix, paths in routes.items() if any(path.get('peerId') == self.bgp_address for path in paths)}
