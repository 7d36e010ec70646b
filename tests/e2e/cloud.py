# cloud: the provider of the demo: a controller, gateways, hosts with virtual machines, and what their kernels show.
# SPDX-License-Identifier: Apache-2.0
"""Starts the programs as an operator's init system would, with configuration files and certificates, and nothing more: it adds no
route, neighbour or endpoint. What it reads, it reads from kernels."""
import json
import os
import pathlib
import re
import signal
import subprocess

from lab import LabError, wait_for
from sites import Machine

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
CONTROLLER = '100.64.0.2'


class Gateway:
    """A node with helio-agent and heliod."""

    def __init__(self, cloud, name, provider, external=True):
        self.cloud, self.name, self.provider, self.external = cloud, name, provider, external
        self.node = cloud.lab.node(name)
        cloud.lab.plug(self.node, 'prov0', 'provider', f'{provider}/24')
        if external:
            cloud.lab.plug(self.node, 'ext0', 'public')
        self.heliod = self.agent = None
        self.configure()

    def configure(self):
        cloud, node = self.cloud, self.node
        external = 'external-interface: ext0\n' if self.external else ''
        heliod = 'heliod: {control: /run/heliod/control.sock, sockets: /run/heliod/sockets.sock}\n' if self.external else ''
        cloud.issue('node', self.name)
        (node.dir / 'state').mkdir(exist_ok=True)
        node.write('helio-agent.yaml', f'''node: {self.name}
controller: https://{CONTROLLER}:8443
tls: {{ca: {cloud.pki}/ca.pem, certificate: {cloud.pki}/{self.name}.pem, key: {cloud.pki}/{self.name}.key}}
provider-interface: prov0
{external}state: {node.dir}/state
run: /run/helio-agent
{heliod}''')
        if self.external:
            node.write('heliod.yaml', '''control: /run/heliod/control.sock
sockets: /run/heliod/sockets.sock
fpm: /run/helio-agent/fpm.sock
bmp: [{path: /run/helio-agent/bmp.sock}]
''')

    def start(self):
        if self.external:
            self.start_heliod()
        self.start_agent()

    def start_heliod(self):
        self.node.run('mkdir', '-p', '/run/heliod')
        self.heliod = self.node.spawn('heliod', self.cloud.program('heliod'), '-f', self.node.dir / 'heliod.yaml')

    def start_agent(self):
        self.agent = self.node.spawn('helio-agent', self.cloud.program('helio-agent'), '-f', self.node.dir / 'helio-agent.yaml')

    def restart_machine(self):
        """After node.kill(): the machine boots."""
        self.node.start()
        self.start()

    # What the kernel shows.

    def compartments(self):
        text = self.node.run('ip', 'netns', 'list', check=False)
        return re.findall(r'^(helio-\d+)', text, re.M)

    def has_compartment(self, compartment):
        return self.node.is_up() and compartment in self.compartments()

    def addresses(self, device, namespace=None):
        found = self.node.ip_json('-4', 'address', 'show', 'dev', device, namespace=namespace)
        return {info['local'] for link in found for info in link.get('addr_info', [])}

    def public_addresses(self):
        return self.addresses('ext0') if self.node.is_up() else set()

    def routes(self, compartment, *filters):
        """prefix -> route of a compartment's kernel."""
        found = self.node.ip_json('-4', 'route', 'show', *filters, namespace=compartment)
        return {route['dst'] if '/' in route['dst'] or route['dst'] == 'default' else route['dst'] + '/32': route for route in found}

    def nexthops(self, compartment):
        return {hop['id']: hop for hop in self.node.ip_json('nexthop', 'show', namespace=compartment)}

    def bgp_sessions(self, compartment):
        """The far ends of the TCP sessions of BGP in a compartment, as its kernel has them."""
        text = self.node.run('ss', '-Htn4', 'state', 'established', '( sport = :179 or dport = :179 )', namespace=compartment, check=False)
        far = []
        for line in text.splitlines():
            words = line.split()
            if len(words) >= 4:
                far.append(words[3].rsplit(':', 1)[0])
        return sorted(far)

    def watch(self, compartment):
        return Monitor(self.node, compartment)

    def count_forwarded(self, compartment, left, right):
        """An nft counter of what this compartment forwards between two prefixes."""
        self.node.run('nft', '-f', '-', namespace=compartment, stdin=f'''table inet observe {{
	counter seen {{ }}
	chain forward {{
		type filter hook forward priority -300; policy accept;
		ip saddr {left} ip daddr {right} counter name seen
		ip saddr {right} ip daddr {left} counter name seen
	}}
}}
''')

    def forwarded(self, compartment):
        text = self.node.run('nft', 'list', 'counter', 'inet', 'observe', 'seen', namespace=compartment)
        return int(re.search(r'packets (\d+)', text).group(1))

    def capture(self, compartment, name):
        path = self.node.dir / f'{name}.pcap'
        self.node.spawn(f'tcpdump-{name}', 'tcpdump', '-i', 'any', '-p', '-n', '-U', '-s', '0', '-Z', 'root', '-w', path, 'tcp port 179', namespace=compartment)
        wait_for(path.exists, 5)
        return path


class Monitor:
    """ip monitor of one compartment: what changed in it since a mark."""

    def __init__(self, node, compartment):
        self.process = node.spawn(f'monitor-{compartment}-{len(node.processes)}', 'ip', '-o', '-ts', 'monitor', 'nexthop', 'route', 'label', namespace=compartment)
        self.at = 0

    def mark(self):
        self.at = len(self.process.output())

    def events(self):
        return [line for line in self.process.output()[self.at:].splitlines() if '[NEXTHOP]' in line or '[ROUTE]' in line]

    def count(self):
        """(nexthop replacements, nexthop deletions, routes touched). Multicast and link-local IPv6 do not count."""
        put = deleted = 0
        for line in self.events():
            gone = 'Deleted' in line
            if '[NEXTHOP]' in line:
                deleted, put = deleted + gone, put + (not gone)
        return put, deleted, len(self.routes())

    def routes(self):
        return [line for line in self.events() if '[ROUTE]' in line and not re.search(r'\bfe80:|\bff00:|\bmulticast\b|anycast', line)]


class Cloud:
    def __init__(self, lab):
        self.lab = lab
        self.build = pathlib.Path(os.environ.get('HELIO_BUILD', TOP / 'build/release')).resolve()
        self.pki = lab.dir / 'pki'
        self.pki.mkdir(mode=0o700)
        self.vms = {}
        self.issue('ca')
        self.issue('controller', CONTROLLER)
        self.controller = lab.node('controller')
        lab.plug(self.controller, 'prov0', 'provider', f'{CONTROLLER}/24')
        self.gateways = {f'gw{i}': Gateway(self, f'gw{i}', f'100.64.0.{10 + i}') for i in (1, 2, 3)}
        self.hosts = {f'host{i}': Gateway(self, f'host{i}', f'100.64.0.{20 + i}', external=False) for i in (1, 2)}
        self.daemon = None
        self.configure()

    def program(self, name):
        path = self.build / name
        if not path.exists():
            raise LabError(f'{path} is not there: run make')
        return path

    def issue(self, *words):
        done = subprocess.run([TOP / 'scripts/helio-pki', self.pki, *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise LabError('helio-pki: ' + done.stdout)

    def configure(self):
        directory = self.controller.dir
        (directory / 'secrets.key').write_bytes(os.urandom(32))
        (directory / 'secrets.key').chmod(0o600)
        self.controller.write('helio-controller.yaml', f'''store: {directory}/store.db
northbound: {{address: 127.0.0.1, port: 8080}}
southbound: {{address: {CONTROLLER}, port: 8443, tls: {{ca: {self.pki}/ca.pem, certificate: {self.pki}/controller.pem, key: {self.pki}/controller.key}}}}
lease-ms: 3000
secrets-key: {directory}/secrets.key
''')

    def machine(self, name, host, address, mac):
        """A virtual machine, cabled to its host; the agent has yet to connect it."""
        node = self.lab.node(name)
        self.lab.wire(self.hosts[host].node, name, node, 'eth0', mtu=1450, right_mac=mac)
        node.ip('address', 'add', f'{address}/24', 'dev', 'eth0')
        node.ip('route', 'add', 'default', 'via', address.rsplit('.', 1)[0] + '.1')
        machine = self.vms[name] = Machine(node, name, address)
        machine.serve()
        return machine

    def start_controller(self):
        self.daemon = self.controller.spawn('helio-controller', self.program('helio-controller'), '-f', self.controller.dir / 'helio-controller.yaml')
        if not wait_for(lambda: not self.daemon.alive() or self.get('gateways', quiet=True) is not None, 10):
            raise LabError('helio-controller does not answer: ' + self.daemon.output()[-2000:])
        if not self.daemon.alive():
            raise LabError('helio-controller ended: ' + self.daemon.output()[-2000:])

    def kill_controller(self):
        self.daemon.stop(signal.SIGKILL)

    def start(self):
        self.start_controller()
        for machine in [*self.gateways.values(), *self.hosts.values()]:
            machine.start()

    def helioctl(self, *words, timeout=120):
        """Exit status and output."""
        return self.controller.status('env', 'HELIOCTL_SERVER=http://127.0.0.1:8080', self.program('helioctl'), *words, timeout=timeout)

    def get(self, *words, quiet=False):
        status, text = self.helioctl('get', *words, '-o', 'json', timeout=20)
        if status != 0:
            if quiet:
                return None
            raise LabError(f"helioctl get {' '.join(words)}: {text.strip()}")
        try:
            return json.loads(text)
        except ValueError:
            return None

    def compartment(self, nic):
        """The compartment that a virtual machine's cable was moved to: where its host's kernel has it."""
        for host in self.hosts.values():
            for namespace in host.compartments():
                if host.node.ip_json('link', 'show', 'dev', nic, namespace=namespace):
                    return namespace
        return None

    def reflector(self, compartment, bgp_address):
        """Gateways that have the tenant's BGP address on lo of its compartment."""
        return [name for name, gateway in self.gateways.items()
                if gateway.has_compartment(compartment) and bgp_address in gateway.addresses('lo', compartment)]

    def owner(self, public_address):
        """Gateways that have a connection's public address outside."""
        return [name for name, gateway in self.gateways.items() if public_address in gateway.public_addresses()]
