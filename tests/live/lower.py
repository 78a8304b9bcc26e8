# SPDX-License-Identifier: BSD-3-Clause
"""What real kernels do below TCP when a network is wrong: measured once, and found live ever since.

Each scenario gets the net and `scenario` of check: what has to be found while the traffic lasts, and in the file.
"""
import random
import shutil
import socket
import struct
import subprocess
import time


class Skipped(Exception):
    """This machine lacks something; the message says what."""


def segment(net, *hosts):
    """A switch `x` with a port for each (name, interface, address)."""
    net.host("x")
    net.ip("x", "link add br0 type bridge")
    net.ip("x", "link set br0 up")
    for name, interface, address in hosts:
        if net.prefix + name not in net.hosts:
            net.host(name)
        net.wire(name, interface, "x", "p" + name, address)
        net.ip("x", f"link set p{name} master br0")


def two_routers(net, obeys):
    """a - r1 is the way that a knows; s is behind r2, on the same link as both."""
    segment(net, ("a", "va", "10.1.0.5/24"), ("r1", "v1", "10.1.0.1/24"), ("r2", "v2", "10.1.0.2/24"))
    net.host("s")
    net.wire("r2", "w2", "s", "ws", "10.2.0.1/24", "10.2.0.5/24")
    net.router("r1"), net.router("r2")
    net.do("r1", "sysctl -qw net.ipv4.conf.all.send_redirects=1")
    net.do("a", f"sysctl -qw net.ipv4.conf.all.accept_redirects={obeys} net.ipv4.conf.va.accept_redirects={obeys}")
    net.ip("a", "route add default via 10.1.0.1")
    net.ip("r1", "route add 10.2.0.0/24 via 10.1.0.2")
    net.ip("s", "route add default via 10.2.0.1")
    time.sleep(0.5)
    return lambda: net.do("a", "ping -i 0.5 -c 16 10.2.0.5", check=False)


def redirect_obeyed(net, scenario):
    scenario(net, "a", "va", ["icmp.redirect"], two_routers(net, 1), reasons={"icmp.redirect": "obeyed"})


def redirect_ignored(net, scenario):
    scenario(net, "a", "va", ["icmp.redirect"], two_routers(net, 0), reasons={"icmp.redirect": None})


def routers_at_each_other(net):
    """A host behind two routers, each of which sends what it does not know to the other."""
    net.host("a"), net.host("r1"), net.host("r2")
    net.wire("a", "va", "r1", "v1", "10.1.0.5/24", "10.1.0.1/24")
    net.wire("r1", "w1", "r2", "w2", "10.2.0.1/24", "10.2.0.2/24")
    net.router("r1"), net.router("r2")
    net.ip("a", "route add default via 10.1.0.1")
    net.ip("r1", "route add default via 10.2.0.2")
    net.ip("r2", "route add default via 10.2.0.1")


def routing_loop(net, scenario):
    routers_at_each_other(net)
    scenario(net, "r1", "w1", ["ip.routing_loop"], lambda: net.do("a", "ping -i 0.3 -c 4 198.51.100.9", check=False))


def routing_loop_from_outside(net, scenario):
    routers_at_each_other(net)
    net.ip("r2", "route add 10.1.0.0/24 via 10.2.0.1")
    scenario(net, "a", "va", ["ip.routing_loop"], lambda: net.do("a", "ping -i 0.3 -c 4 198.51.100.9", check=False))


def bridge_loop(net, scenario):
    """Two switches, joined twice; for a tenth of a second."""
    segment(net, ("a", "va", "10.1.0.5/24"))
    net.host("y")
    net.ip("y", "link add br0 type bridge")
    net.ip("y", "link set br0 up")
    for n in (1, 2):
        net.wire("x", f"x{n}", "y", f"y{n}")
        net.ip("x", f"link set x{n} down" if n == 2 else f"link set x{n} up")
        net.ip("x", f"link set x{n} master br0")
        net.ip("y", f"link set y{n} master br0")
    time.sleep(1)

    def traffic():
        net.ip("x", "link set x2 up")
        time.sleep(0.3)  # a bridge port forwards at once: there is no spanning tree
        ping = net.start("a", "ping", "-c", "1", "-W", "1", "10.1.0.77", stdout=subprocess.DEVNULL)
        time.sleep(0.15)
        net.ip("x", "link set x2 down")
        ping.wait(10)
    scenario(net, "a", "va", ["eth.loop"], traffic)


def any_on_a_bridge(net, scenario):
    """Every frame is recorded at two ports and at the bridge; that changes nothing else."""
    segment(net, ("a", "va", "10.1.0.5/24"), ("b", "vb", "10.1.0.6/24"))
    net.ip("x", "addr add 10.1.0.9/24 dev br0")
    time.sleep(0.5)

    def traffic():
        net.do("a", "ping -i 0.1 -c 20 10.1.0.6", check=False)
        net.do("b", "ping -i 0.1 -c 10 10.1.0.9", check=False)
    scenario(net, "x", "any", [], traffic, late=["capture.duplicates"], only=True)


def no_inbound(net, scenario):
    """Whatever the others send, nothing of it gets to a: its port is deaf."""
    segment(net, ("a", "va", "10.1.0.5/24"), ("b", "vb", "10.1.0.2/24"), ("g", "vg", "10.1.0.1/24"))
    net.ip("a", "route add default via 10.1.0.1")
    time.sleep(0.5)

    def traffic():
        net.do("a", "ping -i 0.3 -c 5 10.1.0.2", check=False)
        net.do("x", "nft add table netdev t; nft add chain netdev t c \"{ type filter hook egress device pa priority 0; "
                    "policy drop; }\"")
        for target in ("10.1.0.2", "10.1.0.1", "10.2.0.9", "10.1.0.3"):
            net.do("a", f"ping -i 0.5 -c 20 -w 6 {target}", check=False)
    scenario(net, "a", "va", ["link.no_inbound"], traffic)


def sum16(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total >> 16) + (total & 0xffff)
    return ~total & 0xffff


class Client:
    """A client of DHCP without an address: frames by hand (RFC 2131)."""

    def __init__(self, interface):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.socket.bind((interface, 0))
        self.socket.settimeout(4)
        self.mac = self.socket.getsockname()[4]
        self.xid = struct.pack(">I", random.getrandbits(32))

    def send(self, kind, options=b""):
        bootp = struct.pack(">BBBB4sHH16s", 1, 1, 6, 0, self.xid, 0, 0x8000, b"") + self.mac + bytes(202)
        bootp += b"\x63\x82\x53\x63" + bytes((53, 1, kind)) + options + b"\xff"
        bootp += bytes(-len(bootp) % 2)
        udp = struct.pack(">HHHH", 68, 67, 8 + len(bootp), 0) + bootp
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
        ip = ip[:10] + struct.pack(">H", sum16(ip)) + ip[12:]
        self.socket.send(b"\xff" * 6 + self.mac + b"\x08\x00" + ip + udp)

    def answers(self, seconds):
        """(kind, server, address) of what came for this transaction."""
        end, got = time.monotonic() + seconds, []
        while time.monotonic() < end:
            try:
                frame = self.socket.recv(2048)
            except TimeoutError:
                break
            bootp = frame[42:]
            if frame[23] != 17 or frame[34:38] != b"\0\x43\0\x44" or bootp[4:8] != self.xid:
                continue
            at, found = 240, {}
            while at + 1 < len(bootp) and bootp[at] != 255:
                found[bootp[at]] = bootp[at + 2:at + 2 + bootp[at + 1]]
                at += 2 + bootp[at + 1]
            got.append((found[53][0], found[54], bootp[16:20]))
        return got


def dhcp_two_servers(net, scenario):
    if not shutil.which("dnsmasq"):
        raise Skipped("no dnsmasq")
    segment(net, ("a", "va", None), ("s1", "v1", "10.1.0.253/24"), ("s2", "v2", "10.1.0.254/24"))
    servers = [net.start(host, "dnsmasq", "--no-daemon", "--port=0", "--conf-file=/dev/null", "--pid-file=", "--no-ping",
                         f"--interface={interface}", "--dhcp-authoritative", "--dhcp-leasefile=/dev/null", "--user=root",
                         f"--dhcp-range=10.1.0.{low},10.1.0.{low + 20},255.255.255.0,1h", f"--dhcp-option=3,{router}",
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for host, interface, low, router in (("s1", "v1", 50, "10.1.0.253"), ("s2", "v2", 100, "10.1.0.254"))]
    time.sleep(1.5)
    got = []

    def work():
        client = Client("va")
        client.send(1)
        offers = client.answers(4)
        got.append(offers)
        if offers:
            client.send(3, b"\x32\x04" + offers[0][2] + b"\x36\x04" + offers[0][1])
            got.append(client.answers(4))
    try:
        scenario(net, "a", "va", ["dhcp.two_servers", "dhcp.nak"], lambda: net.inside("a", work))
    except Exception as error:
        raise type(error)(f"{error}; the servers said {got}") from error
    finally:
        for server in servers:
            server.kill()


SCENARIOS = [redirect_obeyed, redirect_ignored, routing_loop, routing_loop_from_outside, bridge_loop, any_on_a_bridge,
             no_inbound, dhcp_two_servers]
