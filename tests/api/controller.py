# A helio-controller on loopback for one test, and TAP.
# SPDX-License-Identifier: Apache-2.0
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get('HELIO_BUILD', TOP / 'build/release'))


def program(name):
    folder = {'helio-controller': 'controller', 'helioctl': 'cli'}[name]
    for path in (BUILD / name, BUILD / 'src' / folder / name):
        if path.is_file():
            return str(path)
    print(f'Bail out! {name} is not in {BUILD}')
    sys.exit(1)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.raw = status, headers, body
        try:
            self.json = json.loads(body) if body else None
        except ValueError:
            self.json = None

    @property
    def error(self):
        return (self.json or {}).get('error', {})

    @property
    def targets(self):
        return [d['target'] for d in self.error.get('details', [])]

    def __repr__(self):
        return f'{self.status} {self.raw[:600]!r}'


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Controller:
    def __init__(self, northbound='', extra='', start=True, tls=True):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix='helio-api-'))
        self.port, self.node_port = free_port(), free_port()
        self.process = None
        self.log = self.dir / 'log'
        if tls:
            for arguments in (['ca'], ['controller', '127.0.0.1'], ['node', 'gw1'], ['node', 'gw2'], ['node', 'host1']):
                subprocess.run([str(TOP / 'scripts/helio-pki'), str(self.dir), *arguments], check=True)
        text = (f'store: store.db\nsecrets-key: secrets.key\n'
                f'northbound: {{address: 127.0.0.1, port: {self.port}{northbound}}}\n{extra}')
        if tls:
            text += (f'southbound: {{address: 127.0.0.1, port: {self.node_port}, '
                     'tls: {ca: ca.pem, certificate: controller.pem, key: controller.key}}\n')
        self.file = self.dir / 'controller.yaml'
        self.file.write_text(text)
        if start:
            self.start()

    def start(self):
        self.process = subprocess.Popen([program('helio-controller'), '-f', str(self.file)], stderr=open(self.log, 'a'))
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError('the controller did not start: ' + self.log.read_text())

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        return self.process.returncode if self.process else None

    def done(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.dir)

    def request(self, method, path, body=None, headers=None, raw=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        given = {'Content-Type': 'application/json; charset=UTF-8'} if body is not None or raw is not None else {}
        given.update(headers or {})
        if not path.startswith('/'):
            path = '/networking/v1/' + path
        connection.request(method, path, raw if raw is not None else json.dumps(body) if body is not None else None,
                           {k: v for k, v in given.items() if v is not None})
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def get(self, path, **kw):
        return self.request('GET', path, **kw)

    def put(self, path, properties, headers=None, **envelope):
        return self.request('PUT', path, dict(envelope, properties=properties), headers)

    def delete(self, path, headers=None):
        return self.request('DELETE', path, headers=headers)

    def tls(self, node):
        context = ssl.create_default_context(cafile=self.dir / 'ca.pem')
        if node:
            context.load_cert_chain(self.dir / f'{node}.pem', self.dir / f'{node}.key')
        return context

    def node(self, node, method, path, body=None, timeout=10):
        """A request on the node channel; the answer is left open for streams."""
        connection = http.client.HTTPSConnection('127.0.0.1', self.node_port, timeout=timeout, context=self.tls(node))
        connection.request(method, '/nodes/v1/' + path, body)
        return connection, connection.getresponse()

    def node_post(self, node, path, body):
        connection, response = self.node(node, 'POST', path, body if isinstance(body, bytes) else json.dumps(body))
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer


def lease_until(c, condition, seconds=20):
    """gw1 lives, and something comes of it: what `condition` gave, when it gave something."""
    deadline = time.monotonic() + seconds
    while True:
        c.node_post('gw1', 'gw1/lease', {'boot': 'b', 'epochs': {}, 'probes': {}, 'heliod': {'running': True}})
        seen = condition()
        if seen or time.monotonic() > deadline:
            return seen
        time.sleep(0.1)


KEY = 'ifpx9wm5Q8JVsfSbfEGAUge0tklgV0Z3nZNEQHW6zHw='
PRIVATE_KEY = 'CLWJqPO+3iq7A6w3dY5DjGKs8XBQgwHzQ5x/Twhd6n8='
PUBLIC_KEY = 'eMbFttYc1vrFNAmSV/jaefboCyLBGh5Nm7wxf7GUcH8='


def ref(path):
    return {'resourceRef': path}


def network():
    return {'addressSpace': {'addressPrefixes': ['10.1.0.0/16']},
            'subnets': [{'resourceId': 'gateway', 'properties': {'addressPrefix': '10.1.255.0/27'}},
                        {'resourceId': 'web', 'properties': {'addressPrefix': '10.1.1.0/24'}}]}


def nic(address='10.1.1.4', mac='02-00-0A-01-01-04', net='net', server='/servers/host1'):
    return {'privateMacAddress': mac, 'server': ref(server),
            'ipConfigurations': [{'resourceId': 'ip1', 'properties': {'privateIPAddress': address,
                                                                      'subnet': ref(f'/virtualNetworks/{net}/subnets/web')}}]}


def connection(**over):
    return dict({'connectionType': 'WireGuard', 'outboundKiloBitsPerSecond': 1000, 'inboundKiloBitsPerSecond': 1000,
                 'destinationIPAddress': '203.0.113.9', 'wireGuardConfiguration': {'peerPublicKey': KEY},
                 'routes': [{'destinationPrefix': '14.1.10.1/32', 'metric': 10}]}, **over)


def tenant(net='net', **over):
    return dict({'routingType': 'Dynamic', 'gatewayPools': [ref('/gatewayPools/default')],
                 'gatewaySubnets': [ref(f'/virtualNetworks/{net}/subnets/gateway')],
                 'networkConnections': [{'resourceId': 'c1', 'properties': connection()}],
                 'bgpRouters': [{'resourceId': 'router', 'properties': {
                     'extAsNumber': '0.64510',
                     'bgpPeers': [{'resourceId': 'a', 'properties': {'peerIPAddress': '14.1.10.1', 'peerAsNumber': 64521}}]}}]}, **over)


def fabric(c):
    """What every tenant stands on."""
    for path, properties in (
            ('publicIPAddresses/p1', {'ipAddress': '198.51.100.11', 'prefixLength': 24}),
            ('gatewayPools/default', {'type': 'All', 'gatewayCapacityKiloBitsPerSecond': 100000,
                                      'ipConfiguration': {'publicIPAddresses': [ref('/publicIPAddresses/p1')]}}),
            ('gateways/gw1', {'pool': ref('/gatewayPools/default'), 'providerAddress': '100.64.0.11'}),
            ('gateways/gw2', {'pool': ref('/gatewayPools/default'), 'providerAddress': '100.64.0.12'}),
            ('servers/host1', {'providerAddress': '100.64.0.21'}),
            ('virtualNetworks/net', network()),
            ('networkInterfaces/vm1', nic()),
            ('virtualGateways/T', tenant())):
        answer = c.put(path, properties)
        if answer.status != 201:
            raise RuntimeError(f'{path}: {answer}')


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, seen=''):
        self.count += 1
        self.failed += not good
        print(f'{"" if good else "not "}ok {self.count} - {name}')
        if not good:
            print(f'# seen: {seen!r}'.replace('\n', ' '))
        sys.stdout.flush()

    def equal(self, seen, expected, name):
        self.ok(seen == expected, name, f'{seen!r} and not {expected!r}')

    def done(self):
        print(f'1..{self.count}')
        sys.exit(self.failed != 0)


def run(test, **settings):
    """Runs test(tap, controller), and cleans up after it."""
    tap = Tap()
    c = Controller(**settings)
    try:
        test(tap, c)
        if c.process:
            tap.equal(c.stop(), 0, 'the controller ends cleanly on SIGTERM')
    except Exception:
        tap.ok(False, 'the test ran to its end', traceback.format_exc())
    finally:
        if tap.failed:
            print('# log: ' + c.log.read_text(errors='replace')[-3000:].replace('\n', '\n# ') if c.log.exists() else '# no log')
        c.done()
    tap.done()
