# alone: one heliod in a namespace of its own, and BGP speakers in Python that can do wrong.
# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder share. `enter()` puts the program into its own network, mount and pid namespaces, where 10.255.0.0/16
and 10.254.0.0/16 are local; everything in it dies with it. `Heliod` runs a daemon from a YAML text. `Speaker` is a BGP speaker on a
thread: it keeps what it hears, and sends whatever bytes it is told to. `check()` prints TAP."""
import json
import os
import pathlib
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get('HELIO_BUILD', TOP / 'build/release')).resolve()
ROUTER = '10.255.0.1'
OPEN, UPDATE, NOTIFICATION, KEEPALIVE, REFRESH = 1, 2, 3, 4, 5
ORIGIN, AS_PATH, NEXT_HOP, MED, LOCAL_PREF, ATOMIC, AGGREGATOR, COMMUNITIES, ORIGINATOR_ID, CLUSTER_LIST = range(1, 11)
MP_REACH, MP_UNREACH, EXTENDED_COMMUNITIES, AS4_PATH, LARGE_COMMUNITIES = 14, 15, 16, 17, 32
PATIENCE = 60       # s until what must happen counts as not happening: only a failure waits so long, on a slow machine too
RUNNING = {}        # address: the Heliod that has it
COUNT = 0
FAILED = 0


def say(good, what, seen=''):
    global COUNT, FAILED
    COUNT += 1
    FAILED += not good
    print(f"{'ok' if good else 'not ok'} {COUNT} - {what}" + ('' if good else f'\n# {seen}'), flush=True)
    return good


def skip(what, why):
    global COUNT
    COUNT += 1
    print(f'ok {COUNT} - {what} # SKIP {why}', flush=True)


def looked(look):
    """What is seen. A program that is asked in the middle of a change may answer with half a table: what cannot be read then is not what is expected, and no end of the test."""
    try:
        return look()
    except (LookupError, ValueError, TypeError, AttributeError, OSError) as e:
        return f'{type(e).__name__}: {e}, line {traceback.extract_tb(e.__traceback__)[-1].lineno} of {traceback.extract_tb(e.__traceback__)[-1].filename}'


def check(what, look, expected=True, seconds=PATIENCE):
    """Looks until what is seen is what is expected. A shorter `seconds` is for what is there already, a longer one for much work. Looking, which may hold
    up what is looked at, takes a third of the time at most."""
    end = time.monotonic() + seconds
    while True:
        begun = time.monotonic()
        seen = looked(look)
        if seen == expected or time.monotonic() >= end:
            break
        time.sleep(min(max(0.02, 2 * (time.monotonic() - begun)), 5))
    return say(seen == expected, what, f'seen: {seen}, expected: {expected}')


def stays(what, look, expected=True, seconds=0.5, until=None):
    """Looks for a while whether what is seen stays as expected; what is seen after `until`, when it may change, does not count."""
    end = min(time.monotonic() + seconds, until or float('inf'))
    while True:
        seen = looked(look)
        now = time.monotonic()
        if seen != expected or now >= end:
            return say(seen == expected or until is not None and now >= until, what, f'seen: {seen}, expected: {expected}')
        time.sleep(0.05)


def dropped(counter):
    """What the kernel has dropped here: TCPMD5Failure, TCPMD5NotFound, TCPMinTTLDrop ..."""
    lines = pathlib.Path('/proc/net/netstat').read_text().splitlines()
    names, values = (line.split() for line in lines if line.startswith('TcpExt:'))
    return int(values[names.index(counter)])


def finish():
    print(f'1..{COUNT}', flush=True)
    sys.exit(1 if FAILED else 0)


def broken(kind, exception, trace):
    """An exception ends the program: a failed case that says so, for who counts cases."""
    say(False, f'the test runs to its end, and not into {kind.__name__}: {exception}', '\n# '.join(''.join(traceback.format_tb(trace)).splitlines()))


def enter(*programs):
    """Into a namespace of its own; skips the whole test without root, heliod or one of the programs."""
    for name in ('heliod', *programs):
        if not (BUILD / name).exists():
            print(f'1..0 # SKIP {name} is not built')
            sys.exit(0)
    if os.geteuid() != 0:
        print('1..0 # SKIP namespaces need root')
        sys.exit(0)
    if os.environ.get('HELIO_INTEROP') != '1':
        os.environ['HELIO_INTEROP'] = '1'
        os.execvp('unshare', ['unshare', '--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', sys.executable, *sys.argv])
    sys.excepthook = broken
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for words in (['mount', '-t', 'tmpfs', 'run', '/run'], ['ip', 'link', 'set', 'lo', 'up'], ['ip', 'addr', 'add', f'{ROUTER}/32', 'dev', 'lo'],
                  ['ip', 'route', 'add', 'local', '10.254.0.0/16', 'dev', 'lo'], ['ip', 'route', 'add', 'local', '10.255.0.0/16', 'dev', 'lo']):
        subprocess.run(words, check=True)


def directory():
    """A directory for files, gone with the mount namespace."""
    return pathlib.Path(tempfile.mkdtemp(prefix='interop-', dir='/run'))


# --- heliod

CLIENTS = '''    peer-groups:
      - name: clients
        peer-as: 65000
        route-reflector-client: true
        passive: true
        hold-time: 240
        families: [ipv4-unicast]
    dynamic-neighbors:
      - {prefix: 10.254.0.0/16, peer-group: clients}
'''


def instance(text, address=ROUTER, cluster=None, more=''):
    """The file of a heliod with one instance, whose last keys are `text`."""
    return f'''listen: [{{address: {address}, port: 179}}]
control: /run/heliod-{address}.sock
instances:
  - name: default
    local-as: 65000
    router-id: {address}
    cluster-id: {cluster or address}
    next-hop-resolution: none
{more}{text}'''


class Heliod:
    def __init__(self, config, address=ROUTER):
        self.address = address
        self.socket = f'/run/heliod-{address}.sock'
        self.dir = directory()
        self.file = self.dir / 'heliod.yaml'
        self.file.write_text(config)
        self.log = self.dir / 'log'
        with open(self.log, 'w') as log:
            self.process = subprocess.Popen([str(BUILD / 'heliod'), '-f', str(self.file)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        RUNNING[address] = self
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                say(False, 'heliod starts', self.tail())
                finish()
            time.sleep(0.02)

    def answers(self):
        """A socket's name may be there before somebody listens, or be that of a heliod before."""
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(self.socket) == 0

    def tail(self):
        return ' / '.join(self.log.read_text(errors='replace').strip().splitlines()[-12:])

    def rpc(self, method, **params):
        """The result, with the pages of a long answer put together."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(PATIENCE)
            s.connect(self.socket)
            s.sendall(json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params}).encode() + b'\n')
            whole = {}
            for line in s.makefile('rb'):
                answer = json.loads(line)
                if 'error' in answer:
                    return answer
                for key, value in answer['result'].items():
                    whole[key] = whole[key] + value if isinstance(value, list) and key in whole else value
                if not answer['result'].get('more'):
                    return whole
        return whole

    def neighbor(self, address):
        for neighbor in self.rpc('show.neighbors').get('neighbors', []):
            if neighbor['neighbor-address'] == address:
                return neighbor
        return {}

    def state(self, address):
        return str(self.neighbor(address).get('session-state', 'none')).lower()

    def established(self):
        return sum(str(n.get('session-state', '')).lower() == 'established' for n in self.rpc('show.neighbors').get('neighbors', []))

    def stop(self):
        """Ends it; says whether it ended well and no sanitizer complained."""
        RUNNING.pop(self.address, None)
        alive = self.process.poll() is None
        say(alive, 'heliod is still running', self.tail())
        if alive:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = 'no end after SIGTERM'
        text = self.log.read_text(errors='replace')
        bad = [line for line in text.splitlines() if 'Sanitizer' in line or 'runtime error' in line or 'Assertion' in line]
        say(status == 0 and not bad, 'heliod ends with status 0 and nothing to complain about', f'status {status}; ' + ' / '.join(bad[:3] or text.splitlines()[-5:]))


# --- BGP, as bytes

def ip4(text):
    return socket.inet_aton(text)


def attribute(kind, value, flags=None):
    """One path attribute; `flags` defaults to what RFC 4271 wants of the type."""
    if flags is None:
        flags = {MED: 0x80, ORIGINATOR_ID: 0x80, CLUSTER_LIST: 0x80, MP_REACH: 0x80, MP_UNREACH: 0x80, AS4_PATH: 0xc0, AGGREGATOR: 0xc0, COMMUNITIES: 0xc0, EXTENDED_COMMUNITIES: 0xc0,
                 LARGE_COMMUNITIES: 0xc0}.get(kind, 0x40)
    if len(value) > 255:
        return struct.pack('>BBH', flags | 0x10, kind, len(value)) + value
    return struct.pack('>BBB', flags, kind, len(value)) + value


def as_path(*hops):
    return struct.pack(f'>BB{len(hops)}I', 2, len(hops), *hops) if hops else b''


def communities(*pairs):
    return b''.join(struct.pack('>HH', *pair) for pair in pairs)


def attributes(next_hop, path=(), origin=0, local_pref=100, med=None, more=b''):
    """A usual set of an iBGP peer; `local_pref` None for an eBGP one."""
    made = attribute(ORIGIN, bytes([origin])) + attribute(AS_PATH, as_path(*path)) + attribute(NEXT_HOP, ip4(next_hop))
    if med is not None:
        made += attribute(MED, struct.pack('>I', med))
    if local_pref is not None:
        made += attribute(LOCAL_PREF, struct.pack('>I', local_pref))
    return made + more


def nlri(*prefixes):
    made = b''
    for prefix in prefixes:
        address, length = prefix.split('/')
        made += bytes([int(length)]) + ip4(address)[:(int(length) + 7) // 8]
    return made


def read_nlri(data):
    found = []
    while data:
        size = (data[0] + 7) // 8
        found.append(socket.inet_ntoa((data[1:1 + size] + bytes(4))[:4]) + f'/{data[0]}')
        data = data[1 + size:]
    return found


def read_attributes(data):
    """{type: (flags, value)}"""
    found = {}
    while data:
        flags, kind = data[:2]
        size, start = (struct.unpack('>H', data[2:4])[0], 4) if flags & 0x10 else (data[2], 3)
        found[kind] = (flags, data[start:start + size])
        data = data[start + size:]
    return found


def message(kind, body=b''):
    return b'\xff' * 16 + struct.pack('>HB', 19 + len(body), kind) + body


def update(announced=(), attrs=b'', withdrawn=()):
    gone = nlri(*withdrawn)
    return message(UPDATE, struct.pack('>H', len(gone)) + gone + struct.pack('>H', len(attrs)) + attrs + nlri(*announced))


END_OF_RIB = update()


def capability(code, value=b''):
    return bytes([code, len(value)]) + value


def open_message(asn, hold, router_id, capabilities, version=4):
    parameters = bytes([2, len(capabilities)]) + capabilities if capabilities else b''
    return message(OPEN, struct.pack('>BHH', version, min(asn, 65535) if asn < 65536 else 23456, hold) + ip4(router_id) + bytes([len(parameters)]) + parameters)


class Speaker:
    """A BGP speaker. `graceful`: (restart flag, forwarding preserved, restart time) or None."""

    def __init__(self, address, asn=65000, hold=240, target=ROUTER, router_id=None, graceful=None, refresh=True, capabilities=None, open_bytes=None,
                 password=None, ttl=None, ttl_min=None, receive_bytes=None, start=True):
        self.address, self.asn, self.hold, self.target = address, asn, hold, target
        self.router_id = router_id or address
        self.graceful, self.refresh, self.password, self.ttl, self.ttl_min = graceful, refresh, password, ttl, ttl_min
        self.capabilities, self.open_bytes, self.receive_bytes = capabilities, open_bytes, receive_bytes
        self.paused = False             # reads nothing while True
        self.lock = threading.Lock()
        self.sock = None
        self.forget()
        if start:
            self.connect()

    def forget(self):
        self.established = self.closed = False
        self.notification = None        # (code, subcode) that came
        self.routes = {}                # prefix: {type: (flags, value)}
        self.history = []               # ('+' or '-', prefix), in order
        self.multiprotocol = []         # attributes of UPDATEs with MP_REACH_NLRI or MP_UNREACH_NLRI, in order
        self.ends, self.refreshes, self.opened = 0, 0, None
        self.silent = False

    def make_socket(self):
        s = socket.socket(socket.AF_INET6 if ':' in self.address else socket.AF_INET)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.receive_bytes:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_bytes)
        if self.ttl:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, self.ttl)
        if self.ttl_min:
            s.setsockopt(socket.IPPROTO_IP, 21, self.ttl_min)      # IP_MINTTL
        if self.password:
            key = self.password.encode()
            s.setsockopt(socket.IPPROTO_TCP, 14, struct.pack('=HH4s120xHHi80s', socket.AF_INET, 0, ip4(self.target), 0, len(key), 0, key))
        return s

    def heliod(self):
        """The Heliod that it connects to, if that is one and runs."""
        heliod = RUNNING.get(ROUTER if ':' in self.target else self.target)
        return heliod if heliod and heliod.process.poll() is None else None

    def settle(self, up):
        """Waits until the heliod has the session, or has it no more, as we do."""
        end = time.monotonic() + PATIENCE
        while self.established and self.up() == up and self.heliod() and (self.heliod().state(self.address) == 'established') != up and time.monotonic() < end:
            time.sleep(0.005)

    def connect(self, seconds=PATIENCE, again=True):
        """Connects, and waits until both sides are Established; with `again`, also after a session that ended before. The KEEPALIVE that makes us Established
        is sent by a heliod in OpenConfirm, which may not have read ours yet: what comes next must not meet it there."""
        end = time.monotonic() + seconds
        while True:
            with self.lock:             # what the thread of an earlier connection finds out is no news of this one
                self.sock = self.make_socket()
                self.forget()
            try:
                self.sock.settimeout(1 if self.password else seconds)
                self.sock.bind((self.address, 0))
                self.sock.connect((self.target, 179))
                self.begin()
            except OSError:
                self.sock.close()
                self.closed = True
            while not self.established and not self.closed and time.monotonic() < end:
                time.sleep(0.005)
            self.settle(True)
            if self.up() or not again or time.monotonic() > end:
                return self
            self.close()                # or heliod would take the next attempt for a second connection
            time.sleep(0.05)

    def listen(self):
        """Waits for heliod to connect, in the background."""
        listener = self.make_socket()
        listener.bind((self.address, 179))
        listener.listen(4)

        def accept():
            self.sock, _ = listener.accept()
            listener.close()
            self.begin()
        threading.Thread(target=accept, daemon=True).start()
        return self

    def begin(self):
        if self.capabilities is None:
            made = capability(1, b'\0\1\0\1') + capability(65, struct.pack('>I', self.asn))
            if self.refresh:
                made += capability(2)
            if self.graceful is not None:
                restarted, forwarding, seconds = self.graceful
                made += capability(64, struct.pack('>HHBB', (0x8000 if restarted else 0) | seconds, 1, 1, 0x80 if forwarding else 0))
        else:
            made = self.capabilities
        self.send(self.open_bytes if self.open_bytes is not None else open_message(self.asn, self.hold, self.router_id, made))
        threading.Thread(target=self.run, args=(self.sock,), daemon=True).start()

    def send(self, data):
        try:
            self.sock.settimeout(PATIENCE)
            self.sock.sendall(data)
        except OSError:
            self.closed = True

    def announce(self, *prefixes, attrs=None, **keys):
        keys.setdefault('local_pref', 100 if self.asn == 65000 else None)
        keys.setdefault('path', () if self.asn == 65000 else (self.asn,))
        self.send(update(prefixes, attrs if attrs is not None else attributes(keys.pop('next_hop', self.address), **keys)))

    def withdraw(self, *prefixes):
        self.send(update(withdrawn=prefixes))

    def end_of_rib(self):
        self.send(END_OF_RIB)

    def close(self):
        """Ends the TCP connection, if there is one, without a NOTIFICATION. A heliod that has not seen it yet would take the next connection for a second one."""
        self.closed = True
        if self.sock is None:
            return
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()
        self.settle(False)

    def leave(self):
        self.send(message(NOTIFICATION, b'\6\3'))
        self.close()

    def run(self, sock):
        data, last = b'', time.monotonic()
        while True:
            try:
                ready, _, _ = select.select([] if self.paused else [sock], [], [], 0.05 if self.paused else 0.3)
                if self.established and not self.silent and time.monotonic() - last > min(self.hold, 30) / 3:
                    sock.sendall(message(KEEPALIVE))
                    last = time.monotonic()
                if not ready:
                    continue
                got = sock.recv(65536)
            except (OSError, ValueError):
                got = b''
            if not got:
                with self.lock:
                    if sock is self.sock:
                        self.closed = True
                return
            data += got
            while len(data) >= 19 and len(data) >= struct.unpack('>H', data[16:18])[0]:
                size = struct.unpack('>H', data[16:18])[0]
                with self.lock:
                    if sock is not self.sock:
                        return
                    self.hear(data[18], data[19:size])
                data = data[size:]

    def hear(self, kind, body):
        if kind == OPEN:
            self.opened = body
            if not self.silent:
                self.send(message(KEEPALIVE))
        elif kind == KEEPALIVE:
            self.established = True
        elif kind == NOTIFICATION:
            self.notification = tuple(body[:2])
        elif kind == REFRESH:
            self.refreshes += 1
        elif kind == UPDATE:
            size = struct.unpack('>H', body[:2])[0]
            gone, rest = read_nlri(body[2:2 + size]), body[2 + size:]
            size = struct.unpack('>H', rest[:2])[0]
            attrs, new = read_attributes(rest[2:2 + size]), read_nlri(rest[2 + size:])
            if not gone and not new and not attrs:
                self.ends += 1
            if MP_REACH in attrs or MP_UNREACH in attrs:
                self.multiprotocol.append(attrs)
            for prefix in gone:
                self.routes.pop(prefix, None)
                self.history.append(('-', prefix))
            for prefix in new:
                self.routes[prefix] = attrs
                self.history.append(('+', prefix))

    def up(self):
        return self.established and not self.closed

    def heard(self):
        with self.lock:
            return sorted(self.routes)

    def value(self, prefix, kind):
        """The value of an attribute of a heard route, or None."""
        with self.lock:
            found = self.routes.get(prefix, {}).get(kind)
        return found[1] if found else None

    def capability_codes(self):
        """The capabilities that heliod offered."""
        found, rest = {}, self.opened[10:] if self.opened else b''
        while rest:
            kind, size = rest[:2]
            inside, rest = rest[2:2 + size], rest[2 + size:]
            while kind == 2 and inside:
                found[inside[0]] = inside[2:2 + inside[1]]
                inside = inside[2 + inside[1]:]
        return found


