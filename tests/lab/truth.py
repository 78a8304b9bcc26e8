# SPDX-License-Identifier: BSD-3-Clause
"""What each segment of a run was, and how far upstack says the same.

A line of truth.jsonl says what was sent and where it passed; whether a segment had been sent before, and where its earlier
transmissions went, follows from all of them together.  A segment counts when it is visibly out of sequence at its vantage
point: it begins below the highest sequence end seen so far in its direction.
"""
import collections
import gzip
import json
import subprocess

VANTAGES = ("client", "middle", "server")
RETRANSMISSION, REORDERED, DUPLICATE = "retransmission", "reordered", "duplicate"
RIGHT_LEAST, LOSS_LEAST = 0.99, 0.97


def behind(a, b):
    """Whether sequence number a lies before b."""
    return bool((a - b) & 0x80000000)


class Segment:
    """A TCP frame that takes up sequence space."""

    def __init__(self, line):
        self.uid, self.key = line["uid"], (line["flow"], line["up"])
        self.start = line["seq"]
        self.size = line["len"] + ("S" in line["flags"]) + ("F" in line["flags"])
        self.end = (self.start + self.size) & 0xFFFFFFFF
        self.frame = {v: line[v] for v in VANTAGES if v in line}
        self.delivered = line["delivered"] and "damaged" not in line
        self.copy_of, self.part_of = line.get("copy_of"), line.get("part_of")
        self.forged = line.get("forged", False)
        self.again = False  # some of it had been sent before
        self.before = []    # earlier transmissions of what it begins with
        self.parent, self.parts, self.copies = None, [], []

    def covers(self, seq):
        return (seq - self.start) & 0xFFFFFFFF < self.size

    def on_wire(self, seq):
        """The frame that carried this number: a part of a super-packet, or the segment itself."""
        return next((p for p in self.parts if p.covers(seq)), self)

    def passed(self, vantage):
        return any(vantage in s.frame for s in (self, *self.copies, *([self.parent] if self.parent else [])))

    def arrived(self):
        return any(s.delivered for s in (self, *self.copies))


def read(path):
    """All segments in the order of sending, with `again` and `before`."""
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rt") as lines:
        known = [Segment(line) for line in map(json.loads, lines) if line["protocol"] == 6]
    segments = [s for s in known if s.size]
    by_uid = {s.uid: s for s in segments}
    for s in segments:
        if s.part_of:
            s.parent = by_uid[s.part_of]
            s.parent.parts.append(s)
        if s.copy_of:
            # A copy that was doubled in turn is one more of the first.
            s.copy_of = by_uid[s.copy_of].copy_of or s.copy_of
            by_uid[s.copy_of].copies.append(s)
    link(segments)
    return segments


def link(segments):
    sent, highest, top_before = collections.defaultdict(list), {}, {}
    for s in segments:
        if s.copy_of or s.forged:
            continue
        # The parts of a super-packet are held against what was sent before it.
        top = top_before[s.part_of] if s.part_of else highest.get(s.key, s.start)
        s.again = behind(s.start, top)
        s.before = [t.on_wire(s.start) for t in sent[s.key] if t.covers(s.start) and t.uid != s.part_of]
        if s.part_of:
            continue
        top_before[s.uid] = top
        sent[s.key].append(s)
        highest[s.key] = s.end if behind(top, s.end) else top


class Seen:
    """A segment as one vantage point saw it."""

    def __init__(self, segment, vantage, second):
        self.segment, self.frame = segment, segment.frame[vantage]
        passed = any(t.passed(vantage) for t in segment.before)
        self.hidden = segment.again and not passed
        self.was = DUPLICATE if second else RETRANSMISSION if segment.again else REORDERED
        if any(t.arrived() for t in segment.before):
            self.original = "none"
        else:
            self.original = "after" if passed else "before"
        self.late = False


def at(segments, vantage):
    """What passed a vantage point, in the order of its capture."""
    seen, frames, highest = [], set(), {}
    by_uid = {s.uid: s for s in segments}
    for s in sorted((s for s in segments if vantage in s.frame and not s.forged), key=lambda s: s.frame[vantage]):
        first = s.copy_of or s.uid
        # Of a frame and its copy the one that passes first is the frame.
        x = Seen(s if first in frames or not s.copy_of else as_frame(s, by_uid[s.copy_of]), vantage, first in frames)
        frames.add(first)
        top = highest.get(s.key, s.start)
        x.late = behind(s.start, top)
        highest[s.key] = s.end if behind(top, s.end) else top
        seen.append(x)
    return seen


def as_frame(copy, original):
    copy.again, copy.before = original.again, original.before
    return copy


def events(upstack, capture):
    """frame -> (class, where the original was lost), and how many of each event."""
    run = subprocess.run([upstack, "-r", capture, "--format", "ndjson", "--events", "tcp"], stdout=subprocess.PIPE, text=True,
                         timeout=60, check=True)
    found = {}
    for record in map(json.loads, run.stdout.splitlines()):
        name = record.get("event", "")
        if name.startswith("tcp.retransmission"):
            found.setdefault(record["frame"], (RETRANSMISSION, record.get("lost", "unknown")))
        elif name == "tcp.out_of_order":
            found.setdefault(record["frame"], (REORDERED, None))
        elif name.startswith("tcp.duplicate"):
            found.setdefault(record["frame"], (DUPLICATE, None))
    return found


class Score:
    """How many segments of one vantage point were told as they were."""

    def __init__(self):
        self.late = self.right = self.lost = self.lost_right = 0
        self.told = []  # what is wrong, frame by frame

    def complaints(self):
        flagged = [line for line in self.told if "in order" in line]
        if flagged:
            yield f"{len(flagged)} segments in order were flagged"
        if self.right < RIGHT_LEAST * self.late:
            yield f"{self.right} of {self.late} out-of-sequence segments are right"
        # One may be beyond proof: a resend that the network doubled looks needless.
        if self.lost_right < min(LOSS_LEAST * self.lost, self.lost - 1):
            yield f"{self.lost_right} of {self.lost} losses are on the right side"


def resends_told(events_of_sender, segments, up):
    """How many resends of one side upstack tells at that side, and how many the lab saw."""
    mine = {s.frame["client" if up else "server"] for s in segments
            if s.key[1] == up and not (s.copy_of or s.forged) and ("client" if up else "server") in s.frame}
    told = sum(1 for frame, (name, _) in events_of_sender.items() if name == RETRANSMISSION and frame in mine)
    seen = sum(1 for s in segments if s.again and s.key[1] == up and not s.copy_of and not s.part_of)
    return told, seen


def compare(upstack, folder, captures):
    """The complaints about one run: `captures` names the file of each vantage point."""
    segments = read(next(p for p in (folder / "truth.jsonl", folder) if p.is_file()))
    for vantage in VANTAGES:
        found = events(upstack, captures[vantage])
        for line in score(segments, vantage, found).complaints():
            yield f"{vantage}: {line}"
        if vantage != "middle":
            told, seen = resends_told(found, segments, vantage == "client")
            if told != seen:
                yield f"{vantage}: {told} resends told, {seen} sent"


def score(segments, vantage, found):
    n, seen = Score(), at(segments, vantage)
    frames = {x.frame for x in seen}
    for frame in sorted(set(found) - frames - {s.frame.get(vantage) for s in segments}):
        n.told.append(f"frame {frame}: takes no sequence space, in order, called {found[frame][0]}")
    for x in seen:
        said, where = found.get(x.frame, (None, None))
        if x.was == RETRANSMISSION and said == RETRANSMISSION:
            n.lost += 1
            n.lost_right += where in (x.original, "unknown")
            if where not in (x.original, "unknown"):
                n.told.append(f"frame {x.frame}: lost {x.original}, called {where}")
        if x.late:
            n.late += 1
            n.right += said == x.was
            if said != x.was:
                n.told.append(f"frame {x.frame}: {x.was}{' (hidden)' if x.hidden else ''}, called {said or 'nothing'}")
        elif said and not x.hidden and not (x.segment.again and said == x.was):
            n.told.append(f"frame {x.frame}: in order, called {said}")
    return n
