# SPDX-License-Identifier: BSD-3-Clause
"""Network namespaces for the live tests: made, used, and gone afterwards."""
import ctypes
import os
import signal
import subprocess
import threading
import time

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def sh(command, check=True):
    return subprocess.run(command, shell=True, check=check, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)


class Net:
    """Hosts of one scenario, joined by veth pairs; names are unique to this process."""
    count = 0
    lock = threading.Lock()

    def __init__(self):
        with Net.lock:
            Net.count += 1
            self.prefix = f"upt{os.getpid()}x{Net.count}"
        self.hosts = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for host in self.hosts:
            sh(f"ip netns pids {host} | xargs -r kill -9; ip netns del {host}", check=False)

    def host(self, name):
        full = self.prefix + name
        sh(f"ip netns add {full}")
        self.hosts.append(full)
        sh(f"ip -n {full} link set lo up")
        self.do(name, "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1")
        return name

    def wire(self, a, end_a, b, end_b, address_a=None, address_b=None, mtu=1500):
        sh(f"ip link add {end_a} netns {self.prefix}{a} mtu {mtu} type veth peer name {end_b} netns {self.prefix}{b}")
        for host, end, address in ((a, end_a, address_a), (b, end_b, address_b)):
            sh(f"ip -n {self.prefix}{host} link set {end} mtu {mtu}")
            if address:
                sh(f"ip -n {self.prefix}{host} addr add {address} dev {end}")
            sh(f"ip -n {self.prefix}{host} link set {end} up")
            self.do(host, f"ethtool -K {end} tso off gso off gro off tx off", check=False)

    def do(self, host, command, check=True):
        return sh(f"ip netns exec {self.prefix}{host} sh -c '{command}'", check)

    def ip(self, host, command):
        return sh(f"ip -n {self.prefix}{host} {command}")

    def start(self, host, *command, **more):
        return subprocess.Popen(["ip", "netns", "exec", self.prefix + host, *map(str, command)], **more)

    def inside(self, host, function):
        """What a Python function returns in a thread inside the namespace."""
        result = []

        def work():
            fd = os.open(f"/run/netns/{self.prefix}{host}", os.O_RDONLY)
            if libc.setns(fd, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            os.close(fd)
            result.append(function())
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return result[0] if result else None

    def router(self, host):
        self.do(host, "sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.icmp_ratelimit=0")


class Upstack:
    """A running upstack: its lines as they come, and how it ended."""

    def __init__(self, binary, net, host, *arguments, folder=None):
        if folder:
            os.chmod(folder, 0o1777)  # whoever upstack becomes may write there
        self.lines, self.told = [], []
        self.process = net.start(host, binary, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.readers = [threading.Thread(target=self.read, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.told))]
        for reader in self.readers:
            reader.start()

    def read(self, stream, lines):
        for line in stream:
            lines.append((time.monotonic(), line.rstrip("\n")))

    def wait_for(self, lines, text, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(text in line for _, line in list(lines)):
                return True
            if self.process.poll() is not None and not any(r.is_alive() for r in self.readers):
                return any(text in line for _, line in list(lines))
            time.sleep(0.05)
        return False

    def ready(self):
        return self.wait_for(self.told, "listening on", 20)

    def pid(self):
        """upstack itself: ip netns exec becomes it."""
        return self.process.pid

    def send(self, number):
        os.kill(self.process.pid, number)

    def end(self, number=signal.SIGINT):
        """The exit status and how long the end took."""
        start = time.monotonic()
        if self.process.poll() is None:
            self.send(number)
        status = self.process.wait(30)
        took = time.monotonic() - start
        for reader in self.readers:
            reader.join(10)
        return status, took

    def out(self):
        return [line for _, line in self.lines]

    def err(self):
        return "\n".join(line for _, line in self.told)
