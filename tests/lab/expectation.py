# SPDX-License-Identifier: BSD-3-Clause
"""What a scenario expects of the diagnosis, as tests/cases/check wants it."""
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parent / "scenarios"
TRUTHS = Path(__file__).resolve().parent / "truths"
VANTAGES = ("client", "middle", "server", "ends")


class Scenario:
    """The lines of a .scn file that the lab leaves to the tests."""

    def __init__(self, path):
        self.path, self.name = path, path.stem
        self.what, self.family, self.max_other = "", "", "notice"
        self.judge, self.quick, self.truth, self.until = ["client"], False, False, 20.0
        self.entries = []  # (vantage or None, list, value)
        self.counts = []
        for number, line in enumerate(path.read_text().splitlines(), 1):
            words = line.split("#")[0].split()
            read = words and getattr(self, "read_" + words[0], None)
            if read:
                try:
                    read(words[1:])
                except (ValueError, IndexError) as error:
                    raise SystemExit(f"{path}:{number}: {error}") from error

    def read_what(self, words):
        self.what = " ".join(words)

    def read_family(self, words):
        self.family, = words

    def read_judge(self, words):
        self.judge = words
        if not words or set(words) - set(VANTAGES):
            raise ValueError("judge: client, middle, server or ends")

    def read_quick(self, _):
        self.quick = True

    def read_truth(self, _):
        self.truth = True

    def read_until(self, words):
        self.until = float(words[0].rstrip("s"))

    def read_max_other(self, words):
        self.max_other, = words

    def read_must(self, words):
        must, at = {"id": words[0], "root": None}, None
        for word in words[1:]:
            key, _, value = word.partition("=")
            if key == "at":
                at = value
            elif key == "root":
                must["root"] = {"true": True, "false": False}[value]
            elif key == "subject":
                must["subject_has"] = value.split(",")
            elif key in ("severity", "reason"):
                must[key] = value
            else:
                raise ValueError(f"must: {key}?")
        self.entries.append((at, "must", must))

    def ids(self, kind, words):
        """IDs, each with an optional @VANTAGE."""
        for word in words:
            name, _, at = word.partition("@")
            self.entries.append((at or None, kind, name))

    def read_may(self, words):
        self.ids("may", words)

    def read_forbid(self, words):
        self.ids("forbid", words)

    def captures(self):
        """(name in pcaps/, vantage) of each capture that is judged."""
        if len(self.judge) == 1:
            return [(self.name, self.judge[0])]
        return [(f"{self.name}-{v}", v) for v in self.judge]

    def sheet(self, name, vantage):
        """The expectation of one capture."""
        def of(kind):
            return [value for at, k, value in self.entries if k == kind and at in (None, vantage)]
        return {"name": name, "family": self.family, "what": self.what,
                "made": f"real kernels through the fault lab: tests/lab/scenarios/{self.path.name}, seen at {'both ends' if vantage == 'ends' else 'the ' + vantage}",
                "must": of("must"), "may": of("may"), "forbid": of("forbid"), "max_other": self.max_other}


def scenarios(names=()):
    """All of them, or those named."""
    paths = [SCENARIOS / f"{n}.scn" for n in names] if names else sorted(SCENARIOS.glob("*.scn"))
    return [Scenario(p) for p in paths]
