# lab: machines made of namespaces, cables made of veth pairs, and nothing left behind.
# SPDX-License-Identifier: Apache-2.0
"""A node is its own network, mount, pid and uts namespace with its own /run, held by one process (its init). Killing that process
ends everything on the node and takes its links with it, as pulling the plug does; start() brings it back, empty.

Networks are bridges in a hidden namespace. Every process that a lab starts carries HELIO_LAB=ID in its environment, so that
leftovers() can prove that nothing is left. Needs root and Python 3.9; knows nothing of Heliostat."""
import atexit
import hashlib
import ipaddress
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import time

INIT = '''
set -e
mount -t tmpfs -o mode=755,size=64m run /run
mkdir -p /run/netns /run/lock
hostname "$1"
ip link set lo up
sysctl -qw net.ipv4.ping_group_range="0 2147483647" 2>/dev/null || true
trap '' CHLD
touch "$2"
exec sleep infinity
'''


class LabError(Exception):
    pass


def wait_for(what, seconds, poll=0.1):
    """Calls what() until it is true; gives its answer back, or the last false one when the time is up."""
    end = time.monotonic() + seconds
    while True:
        answer = what()
        if answer or time.monotonic() >= end:
            return answer
        time.sleep(poll)


def children(pid):
    try:
        return [int(word) for word in pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text().split()]
    except OSError:
        return []


class Process:
    """A program that runs on a node until it is stopped; its output goes to a file."""

    def __init__(self, node, name, popen, log):
        self.node, self.name, self.popen, self.log = node, name, popen, log

    def alive(self):
        return self.popen.poll() is None

    def pid(self):
        """The program's pid, as this side sees it (nsenter is its parent)."""
        found = children(self.popen.pid)
        return found[0] if found else None

    def stop(self, number=signal.SIGTERM, seconds=5):
        pid = self.pid()
        if self.alive() and pid:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            pid = self.pid()
            if pid:
                os.kill(pid, signal.SIGKILL)
            self.popen.wait(5)
        if self in self.node.processes:
            self.node.processes.remove(self)

    def kill(self):
        self.stop(signal.SIGKILL)

    def output(self):
        return self.log.read_text(errors='replace')


class Node:
    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.holder = None
        self.pid = None
        self.processes = []
        self.cables = []            # how its interfaces come to be: called at each start
        self.dir = lab.dir / name
        self.dir.mkdir()
        self.start()

    def start(self):
        ready = self.dir / 'ready'
        ready.unlink(missing_ok=True)
        self.holder = subprocess.Popen(['unshare', '--net', '--mount', '--pid', '--uts', '--fork', '--mount-proc', '--kill-child', '--',
                                        'sh', '-c', INIT, 'init', self.name, str(ready)], env=self.lab.env(), start_new_session=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(self.dir / 'init.log', 'w'))
        if not wait_for(ready.exists, 10, 0.01):
            raise LabError(f'{self.name} did not start: ' + (self.dir / 'init.log').read_text())
        self.pid = children(self.holder.pid)[0]
        self.lab.inodes.add(os.stat(f'/proc/{self.pid}/ns/net').st_ino)
        self.lab.save()
        for cable in self.cables:
            cable()

    def is_up(self):
        return self.pid is not None

    def kill(self):
        """Pulls the plug: SIGKILL for every process of the node, its links down."""
        if self.pid is None:
            return
        for port in self.lab.ports_of(self):
            self.lab.fabric_ip('link', 'set', port, 'down', check=False)
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.holder.wait()
        for process in self.processes:
            try:
                process.popen.wait(5)
            except subprocess.TimeoutExpired:
                process.popen.kill()
                process.popen.wait()
        self.processes = []
        self.pid = None
        for port in self.lab.ports_of(self):
            self.lab.fabric_ip('link', 'del', port, check=False)

    def command(self, words, namespace=None):
        if self.pid is None:
            raise LabError(f'{self.name} is down')
        enter = ['nsenter', '-t', str(self.pid), '-m', '-n', '-p', '-u', '--']
        if namespace:
            enter += ['nsenter', f'--net=/run/netns/{namespace}', '--']
        return enter + [str(word) for word in words]

    def run(self, *words, check=True, timeout=30, namespace=None, stdin=None):
        """Runs a command to its end on the node; its output as text."""
        try:
            done = subprocess.run(self.command(words, namespace), env=self.lab.env(), text=True, errors='replace', cwd='/', input=stdin,
                                  stdin=subprocess.DEVNULL if stdin is None else None, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
        except subprocess.TimeoutExpired:
            if check:
                raise LabError(f"{self.name}: {' '.join(map(str, words))}: no end after {timeout} s")
            return ''
        if check and done.returncode != 0:
            raise LabError(f"{self.name}: {' '.join(map(str, words))}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def status(self, *words, timeout=30, namespace=None):
        """Exit status and all output of a command on the node."""
        try:
            done = subprocess.run(self.command(words, namespace), env=self.lab.env(), text=True, errors='replace', cwd='/',
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        except subprocess.TimeoutExpired:
            return 124, f'no end after {timeout} s'
        return done.returncode, done.stdout

    def spawn(self, name, *words, namespace=None, env=None):
        """Starts a program that stays; its output goes to DIR/NAME.log."""
        log = self.dir / f'{name}.log'
        with open(log, 'a') as file:
            popen = subprocess.Popen(self.command(words, namespace), env=self.lab.env(env), cwd='/', start_new_session=True, stdin=subprocess.DEVNULL,
                                     stdout=file, stderr=subprocess.STDOUT)
        process = Process(self, name, popen, log)
        self.processes.append(process)
        return process

    def write(self, name, text, mode=0o644):
        """A file of the node's own directory; it outlives a kill, as a disk does."""
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def exists(self, path):
        return self.pid is not None and os.path.exists(f'/proc/{self.pid}/root{path}')

    def ip(self, *words, check=True, namespace=None):
        if namespace:
            return self.run('ip', '-n', namespace, *words, check=check)
        return self.run('ip', *words, check=check)

    def ip_json(self, *words, namespace=None):
        text = self.run('ip', '-json', *(['-n', namespace] if namespace else []), *words, check=False)
        try:
            return json.loads(text) if text.strip() else []
        except ValueError:
            return []


class Lab:
    """All nodes of one run. Use as a context manager, or call close()."""

    def __init__(self, keep=False):
        if os.geteuid() != 0:
            raise LabError('namespaces need root: run it as root or with sudo')
        self.id = 'helio' + secrets.token_hex(3)
        self.dir = pathlib.Path('/tmp') / f'heliostat-{self.id}'
        self.dir.mkdir(mode=0o755)
        self.keep = keep
        self.nodes = {}
        self.networks = {}
        self.ports = []                 # (port's name in the fabric, node)
        self.inodes = set()
        self.closed = False
        atexit.register(self.close)
        self.fabric = self.node('fabric')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def env(self, more=None):
        base = {key: value for key, value in os.environ.items() if key in ('PATH', 'HOME', 'LANG', 'TERM', 'ASAN_OPTIONS', 'UBSAN_OPTIONS')}
        base['PATH'] = base.get('PATH', '') + ':/usr/sbin:/sbin:/usr/lib/frr'
        base['LC_ALL'] = 'C'
        base['HELIO_LAB'] = self.id
        base.update(more or {})
        return base

    def node(self, name):
        node = self.nodes[name] = Node(self, name)
        self.save()
        return node

    def save(self):
        (self.dir / 'lab.json').write_text(json.dumps({
            'id': self.id, 'inodes': sorted(self.inodes),
            'nodes': {node.name: {'init': node.pid, 'holder': node.holder.pid if node.holder else None} for node in self.nodes.values() if node.pid}}))

    def fabric_ip(self, *words, check=True):
        done = subprocess.run(['nsenter', '-t', str(self.fabric.pid), '-n', '--', 'ip', *map(str, words)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if check and done.returncode != 0:
            raise LabError(f"fabric: ip {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def ports_of(self, node):
        return [port for port, owner in self.ports if owner is node]

    def network(self, name):
        self.fabric_ip('link', 'add', name, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0', 'mcast_snooping', '0')
        self.fabric_ip('link', 'set', name, 'up')
        self.networks[name] = name

    def plug(self, node, interface, network, *addresses, mtu=1500):
        """Cables an interface of a node to a network, now and at each later start of the node."""
        port = f'{network[:4]}-{node.name}'[:15]
        mac = '02:' + hashlib.sha256(port.encode()).digest()[:5].hex(':')       # a machine that boots again has the same one
        self.ports.append((port, node))

        def cable():
            self.fabric_ip('link', 'add', port, 'mtu', mtu, 'type', 'veth', 'peer', 'name', interface, 'address', mac, 'mtu', mtu,
                           'netns', node.pid)
            self.fabric_ip('link', 'set', port, 'master', network, 'up')
            for address in addresses:
                node.ip('address', 'add', address, 'dev', interface)
            node.ip('link', 'set', interface, 'up')
        node.cables.append(cable)
        cable()

    def wire(self, left, left_name, right, right_name, mtu=1500, right_mac=None):
        """A cable between two nodes."""
        mac = ['address', right_mac] if right_mac else []
        words = ['ip', 'link', 'add', left_name, 'mtu', mtu, 'type', 'veth', 'peer', 'name', right_name, 'mtu', mtu, *mac, 'netns', right.pid]
        done = subprocess.run(['nsenter', '-t', str(left.pid), '-n', '--', *map(str, words)], text=True, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise LabError(f'{left.name}: {done.stderr.strip()}')
        left.ip('link', 'set', left_name, 'up')
        right.ip('link', 'set', right_name, 'up')

    def close(self):
        if self.closed:
            return
        self.closed = True
        atexit.unregister(self.close)
        if self.keep:
            self.save()
            return
        for node in reversed(list(self.nodes.values())):
            end_node(node.pid, node.holder)
        for node in self.nodes.values():
            for process in node.processes:
                try:
                    process.popen.wait(5)
                except subprocess.TimeoutExpired:
                    process.popen.kill()
                    process.popen.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
        if not wait_for(lambda: not leftovers(self.id, self.inodes), 5):
            raise LabError('left behind: ' + '; '.join(leftovers(self.id, self.inodes)))

    def how_to_enter(self):
        tool = pathlib.Path(__file__).resolve().parent / 'lab'
        return f'the lab {self.id} is left running: {tool} enter {self.id} NODE [COMMAND...]; {tool} end {self.id}'


def end_node(pid, holder=None):
    if pid is not None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if holder is not None:
        try:
            holder.wait(5)
        except subprocess.TimeoutExpired:
            holder.kill()
            holder.wait()


def leftovers(lab_id, inodes):
    """What is left of a lab: processes, namespaces, mounts, directories."""
    found = []
    mark = f'HELIO_LAB={lab_id}'.encode()
    for entry in pathlib.Path('/proc').iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if mark in (entry / 'environ').read_bytes().split(b'\0'):
                found.append(f"process {entry.name} ({(entry / 'comm').read_text().strip()})")
            elif os.stat(entry / 'ns/net').st_ino in inodes:
                found.append(f'process {entry.name} in a network namespace of the lab')
        except OSError:
            continue
    for line in pathlib.Path('/proc/self/mountinfo').read_text().splitlines():
        if lab_id in line:
            found.append('mount ' + line.split()[4])
    found.extend(f'directory {path}' for path in pathlib.Path('/tmp').glob(f'heliostat-{lab_id}'))
    return found


class Ping:
    """A ping that runs until it is stopped, and what was lost. Times are of time.time()."""
    REPLY = re.compile(r'\[(\d+\.\d+)\].*icmp_seq=(\d+) ttl')

    def __init__(self, node, source, target, name, interval=0.1):
        self.interval, self.name = interval, name
        self.process = node.spawn(f'ping-{name}', 'ping', '-D', '-n', '-i', str(interval), '-W', '2', *(['-I', source] if source else []), target)
        self.started = time.time()

    def stop(self):
        """Ends it two seconds from now, so that what is on its way arrives; (sent, lost, longest gap in seconds)."""
        time.sleep(0.5)
        self.process.stop(signal.SIGINT)
        return self.result()

    def result(self):
        text = self.process.output()
        replies = sorted((int(number), float(when)) for when, number in self.REPLY.findall(text))
        match = re.search(r'(\d+) packets transmitted, (\d+) (?:packets )?received', text)
        sent, received = (int(match.group(1)), int(match.group(2))) if match else (len(replies), len(replies))
        gap = 0.0
        for (before, then), (after, now) in zip(replies, replies[1:]):
            if after > before + 1:
                gap = max(gap, now - then)
        if replies and sent > replies[-1][0]:
            gap = max(gap, (sent - replies[-1][0]) * self.interval)
        if not replies:
            gap = sent * self.interval
        # The last one may still have been on its way when the ping ended.
        lost = sent - received
        if replies and sent - replies[-1][0] == 1:
            lost -= 1
        return sent, max(lost, 0), gap


def host_of(interface_address):
    return str(ipaddress.ip_interface(interface_address).ip)
