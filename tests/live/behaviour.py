# SPDX-License-Identifier: BSD-3-Clause
"""How a run that listens behaves: privileges, signals, interfaces that go, disks that fill."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from net import Upstack, sh

SLOW = 3  # times: with sanitizers, on a busy machine
UPSTACK = []


class Wrong(Exception):
    pass


def expect(fine, *what):
    if not fine:
        raise Wrong(" ".join(map(str, what)))


class Folder:
    def __enter__(self):
        self.path = Path(tempfile.mkdtemp(prefix="upstack-live."))
        os.chmod(self.path, 0o1777)
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def pair(net):
    net.host("a"), net.host("b")
    net.wire("a", "va", "b", "vb", "10.1.0.1/24", "10.1.0.2/24")


def listen(net, *arguments):
    up = Upstack(UPSTACK[0], net, "a", "-i", "va", *arguments)
    expect(up.ready(), "does not listen:", up.err())
    return up


def ping(net, count=2):
    net.do("a", f"ping -c {count} -i 0.2 -w 5 10.1.0.2", check=False)


def status_of(up):
    lines = Path(f"/proc/{up.pid()}/status").read_text().splitlines()
    return dict(line.split(":", 1) for line in lines)


def privileges(net):
    pair(net)
    up = listen(net)
    have = {key: value.split() for key, value in status_of(up).items()}
    up.end()
    nobody = sh("id -u nobody").stdout.decode().strip()
    expect(have["Uid"] == [nobody] * 4, "uid", have["Uid"])
    expect(have["Gid"][0] != "0" and not have["Groups"], "groups", have["Gid"], have["Groups"])
    for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        expect(int(have[key][0], 16) == 0, key, have[key])
    expect(have["NoNewPrivs"] == ["1"] and have["Seccomp"] == ["2"], have["NoNewPrivs"], have["Seccomp"])
    up = listen(net, "--no-sandbox")
    have = {key: value.split() for key, value in status_of(up).items()}
    up.end()
    expect(have["Uid"][0] == "0" and have["Seccomp"] == ["0"], "--no-sandbox", have["Uid"], have["Seccomp"])


def signals(net):
    pair(net)
    with Folder() as folder:
        kept = folder / "kept.pcapng"
        up = listen(net, "-w", kept, "-Z", "root")
        ping(net)
        time.sleep(0.5)
        up.send(signal.SIGUSR1)
        expect(up.wait_for(up.lines, "transport", 10), "SIGUSR1 prints no report:", up.out(), up.err())
        before = len(up.out())
        kept.rename(folder / "old.pcapng")
        up.send(signal.SIGHUP)
        time.sleep(1)
        ping(net)
        status, took = up.end(signal.SIGTERM)
        expect(status == 0 and took < 2 * SLOW, "SIGTERM:", status, took)
        expect(any("2 pings answered" in line for line in up.out()[:before]), "the report so far:", up.out()[:before])
        expect(any("4 of 4 pings" in line for line in up.out()[before:]), "the report:", up.out()[before:])
        for name in ("old.pcapng", "kept.pcapng"):
            run = subprocess.run([UPSTACK[0], "-r", folder / name], capture_output=True)
            expect(run.returncode == 0 and b"2 of 2 pings" in run.stdout, name, run.stdout.decode(), run.stderr.decode())
    up = listen(net)
    up.send(signal.SIGSTOP)
    up.send(signal.SIGINT)
    up.send(signal.SIGCONT)
    time.sleep(0.02)
    status, took = up.end(signal.SIGINT)
    expect(status in (0, -signal.SIGINT) and took < 2 * SLOW, "twice SIGINT:", status, took)


def every(net):
    pair(net)
    with Folder() as folder:
        report = folder / "report.json"
        up = listen(net, "--every", "1s", "-o", report, "--format", "json", "-c", "8")
        ping(net)
        seen = set()
        end = time.monotonic() + 8
        while time.monotonic() < end and len(seen) < 2:
            if report.exists():
                document = json.loads(report.read_text())  # old or new, never half
                seen.add(document["capture"]["packets"])
            time.sleep(0.02)
            if len(seen) == 1 and seen != {0}:
                ping(net, 1)
        expect(max(seen) >= 4, "reports so far:", seen)
        ping(net, 4)
        status, _ = up.end()
        document = json.loads(report.read_text())
        expect(status == 0 and document["capture"]["packets"] == 8, "-c 8:", status, document["capture"])
        one = document["capture"]["interfaces"][0]
        expect(one["name"] == "va" and one["received"] >= 8 and one["dropped_os"] == 0, one)
        expect(sorted(p.name for p in folder.iterdir()) == ["report.json"], list(folder.iterdir()))


def interface_goes(net):
    pair(net)
    up = listen(net)
    ping(net)
    net.ip("b", "link set vb down")  # the other end: no carrier
    expect(up.wait_for(up.lines, "lost its carrier", 10), "carrier:", up.out(), up.err())
    net.ip("b", "link set vb up")
    time.sleep(1.2)
    net.ip("a", "link set va down")
    expect(up.wait_for(up.lines, "was set down", 10), "down:", up.out(), up.err())
    net.ip("a", "link set va up")
    ping(net)
    net.ip("a", "link set va down")
    net.ip("a", "link set va name other")
    expect(up.wait_for(up.told, "now called other", 10), "renamed:", up.err())
    net.ip("a", "link set other up")
    ping(net)
    time.sleep(0.3)  # libpcap forgets what an interface received last before it was removed
    net.ip("a", "link del other")
    expect(up.wait_for(up.told, "vanished", 10) and up.wait_for(up.lines, "vanished", 10), "removed:", up.err())
    before = sum(map(int, Path(f"/proc/{up.pid()}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    time.sleep(1.5)
    after = sum(map(int, Path(f"/proc/{up.pid()}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    expect(after - before < 50, "a busy loop:", after - before, "ticks in 1.5 s")
    net.wire("a", "other", "b", "vb", "10.1.0.1/24", "10.1.0.2/24")
    expect(up.wait_for(up.told, "is back", 10), "back:", up.err())
    ping(net, 3)
    status, _ = up.end()
    expect(status == 0, "exit status", status, up.err())
    expect(any("9 of 9 pings" in line for line in up.out()), "pings:", "\n".join(up.out()))


def rotation(net):
    pair(net)
    with Folder() as folder:
        up = listen(net, "-w", folder / "ring", "-C", "1", "-W", "3", "-Z", "root")
        net.do("a", "ping -q -f -s 1400 -c 2500 10.1.0.2", check=False)
        status, _ = up.end()
        names = sorted(p.name for p in folder.iterdir())
        expect(status == 0 and names == ["ring0", "ring1", "ring2"], status, names, up.err())
        for name in names:
            expect((folder / name).stat().st_size < 1.2e6, name, (folder / name).stat().st_size)
            run = subprocess.run([UPSTACK[0], "-r", folder / name, "-q"], capture_output=True)
            expect(run.returncode == 0, name, run.stderr.decode())
        up = listen(net, "-w", folder / "at-%s", "-G", "1", "-W", "2", "-Z", "root")
        status = up.process.wait(15)
        expect(status == 0 and len(list(folder.glob("at-*"))) == 2, "-G -W:", status, list(folder.iterdir()))


def trouble(net):
    """A full disk, a closed pipe, an interface that is not there, one that one may not listen on."""
    pair(net)
    with Folder() as folder:
        sh(f"mount -t tmpfs -o size=64k none {folder}")
        try:
            up = listen(net, "-w", folder / "kept.pcapng")
            net.do("a", "ping -q -f -s 1400 -c 200 10.1.0.2", check=False)
            time.sleep(1.2)
            status, _ = up.end()
        finally:
            sh(f"umount {folder}")
        expect(status == 4 and "not whole" in up.err(), "full disk:", status, up.err())
        expect(any("200 of 200 pings" in line for line in up.out()), "the report of a full disk:", up.out())
    up = Upstack(UPSTACK[0], net, "a", "-i", "nowhere")
    expect(up.process.wait(10) == 3 and up.wait_for(up.told, "no interface nowhere", 5), "no interface:", up.err())
    read, write = os.pipe()
    closed = net.start("a", UPSTACK[0], "-i", "va", "--format", "ndjson", "-c", "1", stdout=write, stderr=subprocess.PIPE)
    os.close(read)
    os.close(write)
    while closed.poll() is None:
        ping(net, 1)
        time.sleep(0.1)
    expect(closed.returncode == 4, "closed pipe:", closed.returncode, closed.stderr.read())


def silence(net):
    """An idle interface runs the clock: what nobody answers is told without another packet."""
    pair(net)
    net.do("b", "nft add table ip t; nft add chain ip t c \"{ type filter hook input priority 0; }\"; "
                "nft add rule ip t c ip protocol icmp drop")
    up = listen(net)
    net.do("a", "ping -c 3 -i 0.2 -w 1 10.1.0.2", check=False)
    found = up.wait_for(up.lines, "icmp.echo_no_reply", 15)
    status, _ = up.end()
    expect(found and status == 0, "silence:", status, up.out(), up.err())


def several(net):
    """Two interfaces at once, and any."""
    pair(net)
    net.wire("a", "wa", "b", "wb", "10.2.0.1/24", "10.2.0.2/24")
    up = Upstack(UPSTACK[0], net, "a", "-i", "va", "-i", "wa", "--format", "json", "icmp")
    expect(up.ready(), up.err())
    ping(net, 3)
    net.do("a", "ping -c 3 -i 0.2 10.2.0.2")
    status, _ = up.end()
    document = json.loads("\n".join(up.out()))
    names = [i["name"] for i in document["capture"]["interfaces"]]
    expect(status == 0 and names == ["va", "wa"] and document["capture"]["packets"] == 12, status, document["capture"])
    up = Upstack(UPSTACK[0], net, "a", "-i", "any", "--format", "json")
    expect(up.ready(), up.err())
    ping(net, 3)
    net.do("a", "ping -c 3 -i 0.2 10.2.0.2")
    status, _ = up.end()
    document = json.loads("\n".join(up.out()))
    expect(status == 0 and document["capture"]["packets"] >= 12, status, document["capture"])
    expect(any("6 of 6 pings" in w["text"] for w in document["works"]), document["works"])


def addresses(net):
    """Addresses and routes that come and go while it listens."""
    net.host("a"), net.host("b")
    net.wire("a", "va", "b", "vb", "10.1.0.1/24", "10.2.0.2/24")
    up = listen(net, "--format", "json")
    net.ip("a", "addr del 10.1.0.1/24 dev va")
    net.ip("a", "addr add 10.2.0.1/25 dev va")
    net.ip("a", "route add default via 10.2.0.9")
    time.sleep(1.5)
    net.do("a", "ping -c 3 -i 0.2 10.2.0.2")
    status, _ = up.end()
    document = json.loads("\n".join(up.out()))
    known = document["inventory"]
    prefixes = [(p["prefix"], p["bits"]) for p in known["prefixes"]]
    gateways = [(g["address"], g["proof"]) for g in known["gateways"]]
    expect(status == 0 and prefixes == [("10.2.0.0", 25)], "prefixes:", prefixes)
    expect(gateways == [("10.2.0.9", "route")], "gateways:", gateways)
    expect(document["capture"]["taken_on"]["address"] == "10.2.0.1", document["capture"]["taken_on"])


def all_of(upstack):
    UPSTACK.append(upstack)
    return [interface_goes, signals, every, rotation, trouble, privileges, silence, several, addresses]
