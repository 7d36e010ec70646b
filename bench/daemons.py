"""The route reflectors that bench/compare measures: how each is configured and started.

SPDX-License-Identifier: Apache-2.0

Every daemon reflects between iBGP clients 10.254.0.0/16 of AS 65000 on 10.255.0.1:179, takes every
next hop as usable at no cost, installs no route, and listens only. What differs between daemons is
only what their syntax needs.
"""

import os
import shutil
import signal
import subprocess
import time

ROUTER = "10.255.0.1"


def session_address(number):
    """The source address of the driver's session (see bench/driver/session.h)."""
    return f"10.254.{1 + number // 250}.{1 + number % 250}"


class Daemon:
    name = ""
    program = ""
    version_command = ()

    def __init__(self, directory, program=None):
        self.directory = directory
        if program:
            self.program = program
        self.process = None

    def found(self):
        return shutil.which(self.program) is not None

    def version(self):
        try:
            done = subprocess.run([self.program, *self.version_command], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10)
            return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "?"
        except (OSError, subprocess.TimeoutExpired):
            return "?"

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def command(self, sessions):
        raise NotImplementedError

    def start(self, sessions):
        log = open(os.path.join(self.directory, self.name + ".log"), "wb")
        self.process = subprocess.Popen(self.command(sessions), stdout=log, stderr=log,
                                        stdin=subprocess.DEVNULL, start_new_session=True)
        log.close()
        self.wait_listening()

    def wait_listening(self, timeout=15):
        """Until something listens on port 179 (00B3) of this namespace."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with status {self.process.returncode}: "
                                   + self.log_tail())
            with open("/proc/net/tcp", encoding="ascii") as f:
                if any(line.split()[1].endswith(":00B3") and line.split()[3] == "0A"
                       for line in f.readlines()[1:]):
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not listen on port 179: " + self.log_tail())

    def log_tail(self):
        with open(os.path.join(self.directory, self.name + ".log"), encoding="utf-8",
                  errors="replace") as f:
            return " / ".join(f.read().strip().splitlines()[-3:])

    def pids(self):
        """The daemon's processes: the one started, and its descendants."""
        parents = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as f:
                        parents[int(entry)] = int(f.read().rpartition(")")[2].split()[1])
                except OSError:
                    continue
        pids = [self.process.pid]
        for pid in pids:
            pids += [child for child, parent in parents.items() if parent == pid]
        return pids

    def stop(self):
        if self.process is None:
            return
        pids = self.pids() if self.process.poll() is None else []
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in pids[1:]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


class Heliod(Daemon):
    name = "heliod"
    program = "heliod"
    version_command = ("--version",)

    def command(self, sessions):
        neighbors = "".join(f"      - {{neighbor-address: {session_address(i)}, "
                            "peer-group: clients}\n" for i in range(sessions))
        config = self.write("heliod.yaml", f"""\
listen: [{{address: {ROUTER}, port: 179}}]
control: {self.directory}/control.sock
instances:
  - name: default
    local-as: 65000
    router-id: {ROUTER}
    cluster-id: {ROUTER}
    next-hop-resolution: none
    peer-groups:
      - name: clients
        peer-as: 65000
        route-reflector-client: true
        passive: true
        hold-time: 240
        families: [ipv4-unicast]
        accept-as-sets: true # the table of 2015 holds 177 routes with them; the others take them
    neighbors:
{neighbors}    dynamic-neighbors:
      - {{prefix: 10.254.0.0/16, peer-group: clients}}
""")
        return [self.program, "-f", config]


class Bird(Daemon):
    name = "bird"
    program = "bird"
    version_command = ("--version",)

    def command(self, sessions):
        # A table of its own with a default route resolves all next hops: in the main table the
        # routes of the test themselves would change what resolves them, all the time.
        protocols = "".join(f"protocol bgp s{i} from reflected {{ neighbor {session_address(i)} "
                            "as 65000; }\n" for i in range(sessions))
        config = self.write("bird.conf", f"""\
log "{self.directory}/bird-daemon.log" {{ warning, error, fatal, bug }};
router id {ROUTER};
protocol device {{ }}
ipv4 table resolve;
protocol static {{ ipv4 {{ table resolve; }}; route 0.0.0.0/0 via "lo"; }}
template bgp reflected {{
	local {ROUTER} as 65000;
	rr client;
	rr cluster id {ROUTER};
	passive yes;
	hold time 240;
	ipv4 {{ import all; export all; igp table resolve; }};
}}
{protocols}""")
        return [self.program, "-f", "-c", config, "-s", self.directory + "/bird.ctl",
                "-P", self.directory + "/bird.pid"]


class Frr(Daemon):
    name = "frr"
    program = "/usr/lib/frr/bgpd"
    version_command = ("--version",)

    def command(self, sessions):
        neighbors = "".join(f" neighbor {session_address(i)} peer-group c\n"
                            for i in range(sessions))
        config = self.write("frr.conf", f"""\
router bgp 65000
 bgp router-id {ROUTER}
 bgp cluster-id {ROUTER}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 timers bgp 80 240
 neighbor c peer-group
 neighbor c remote-as 65000
 neighbor c passive
 neighbor c disable-connected-check
{neighbors} address-family ipv4 unicast
  neighbor c activate
  neighbor c route-reflector-client
""")
        return [self.program, "-Z", "-n", "-S", "-f", config, "-i", self.directory + "/frr.pid",
                "--vty_socket", self.directory, "-P", "0", "-l", ROUTER, "--log", "stdout"]


class OpenBgpd(Daemon):
    name = "openbgpd"
    program = "/usr/sbin/bgpd"

    def version(self):
        try:
            done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "openbgpd"], text=True,
                                  capture_output=True, timeout=10)
            return "OpenBGPD " + done.stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            return "?"

    def command(self, sessions):
        config = self.write("bgpd.conf", f"""\
AS 65000
router-id {ROUTER}
listen on {ROUTER}
socket "{self.directory}/bgpd.sock"
fib-update no
holdtime 240
nexthop qualify via default
group "clients" {{
	remote-as 65000
	route-reflector {ROUTER}
	neighbor 10.254.0.0/16 {{ passive }}
}}
allow from ibgp
allow to ibgp
""", 0o600)
        subprocess.run(["ip", "route", "replace", "default", "dev", "lo"], check=True)
        os.makedirs("/run/openbgpd", exist_ok=True)
        return [self.program, "-d", "-f", config]


KINDS = {kind.name: kind for kind in (Heliod, Bird, Frr, OpenBgpd)}
