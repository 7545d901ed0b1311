"""Verifies an exported trail without Rollcall: Python 3.9 or newer, this file, nothing else.

    python3 standalone.py EXPORT.jsonl [HEADS.jsonl]

Copy the published heads first, then take the export. Each event must hash to its seal's root, the seals must chain, and
every head published until it was made must be the export's. Without HEADS this shows only that it agrees with itself.
Exit 0: intact. 1: findings, the first bad sequence named. 2: the files cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any, Dict  # noqa: UP035

FIELDS = """
seq xid id at team_id agent_id actor_kind actor_id actor_label verb object_type object_id object_label correlation_id
request_id payload_sha256
""".split()  # noqa: SIM905
SEAL = "number xid_from xid_to events first_seq last_seq root previous sealed_at".split()  # noqa: SIM905
Line = Dict[str, Any]  # noqa: UP006


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def climb(leaf: bytes, index: int, size: int, path: list[str]) -> bytes | None:
    """RFC 9162 §2.1.3.2: the root that a leaf and its path lead to."""
    last = size - 1
    for sibling in map(bytes.fromhex, path):
        if last == 0:
            return None
        if index % 2 or index == last:
            leaf = sha256(b"\x01" + sibling + leaf)
            while index and not index % 2:
                index, last = index // 2, last // 2
        else:
            leaf = sha256(b"\x01" + leaf + sibling)
        index, last = index // 2, last // 2
    return leaf if last == 0 else None


class Verifier:
    def __init__(self, heads: dict[int, Line]) -> None:
        self.heads = heads
        self.seals: dict[int, Line] = {}
        self.seen: dict[int, set[int]] = {}
        self.findings: list[tuple[int, str]] = []
        self.silent: dict[str, int] = {}
        self.redacted: set[str] = set()
        self.events = self.unsealed = self.newer = 0
        self.whole = False
        self.made_at = ""

    def bad(self, seq: int, message: str) -> None:
        self.findings.append((seq, message))

    def header(self, line: Line) -> None:
        if line["kind"] != "rollcall-audit-1":
            raise ValueError("this is not an export of Rollcall's trail")
        self.whole, self.made_at = bool(line["whole"]), str(line["made_at"])

    def seal(self, line: Line) -> None:
        number, first = line["number"], line["first_seq"]
        before = self.seals.get(number - 1, {"head": "0" * 64, "xid_to": 0, "number": 0})
        if number != len(self.seals) + 1 or (line["previous"], line["xid_from"]) != (before["head"], before["xid_to"]):
            self.bad(first, f"seal {number} does not follow the seal before it")
        if sha256(canonical({name: line[name] for name in SEAL})).hex() != line["head"]:
            self.bad(first, f"seal {number} was changed")
        if number in self.heads and self.heads.pop(number)["head"] != line["head"]:
            self.bad(first, f"seal {number} is not the one whose head was published")
        self.seals[number] = line
        self.seen[number] = set()

    def event(self, line: Line) -> None:
        self.events += 1
        self.payload(line)
        if line["verb"] == "audit.redacted":
            self.redacted.add(line["object_id"])
        proof = line["proof"]
        if not isinstance(proof, dict):
            self.unsealed += 1
            if self.seals and line["xid"] < self.seals[len(self.seals)]["xid_to"]:
                self.bad(line["seq"], f"event {line['seq']} was inserted after its time was sealed")
            return
        leaf = sha256(b"\x00" + json.dumps([line[name] for name in FIELDS], ensure_ascii=False).encode())
        seal, index = self.seals[proof["seal"]], proof["index"]
        root = climb(leaf, index, seal["events"], proof["path"]) if index >= 0 else None
        if root is None or root.hex() != seal["root"] or index in self.seen[seal["number"]]:
            self.bad(line["seq"], f"event {line['seq']} was changed, or inserted after its time was sealed")
        else:
            self.seen[seal["number"]].add(index)

    def payload(self, line: Line) -> None:
        payload = line["payload"]
        if not isinstance(payload, dict):
            self.silent[line["id"]] = line["seq"]
        elif sha256(payload["salt"].encode() + b"\n" + canonical(payload["body"])).hex() != line["payload_sha256"]:
            self.bad(line["seq"], f"what event {line['seq']} said was changed")

    def finish(self) -> None:
        """What only the end can tell; `whole` exports leave nothing out."""
        for event, seq in self.silent.items():
            if self.whole and event not in self.redacted:
                self.bad(seq, f"what event {seq} said is gone, and nobody redacted it")
        for number, head in sorted(self.heads.items()):
            if str(head.get("sealed_at", "")) > self.made_at:
                self.newer += 1
                continue
            self.bad(head["first_seq"], f"seal {number} was published but is not in the export: the trail was cut off")
        for number, seal in self.seals.items():
            missing = seal["events"] - len(self.seen[number])
            if self.whole and missing > 0:
                self.bad(seal["first_seq"], f"{missing} of the events of seal {number} are missing")


def read_heads(path: str) -> dict[int, Line]:
    heads: dict[int, Line] = {}
    with open(path, encoding="utf-8", errors="replace") as file:
        for text in file:
            try:
                line = json.loads(text)
                heads.setdefault(int(line["number"]), line)
            except (ValueError, KeyError, TypeError):
                continue  # a line torn by a crash; its head follows again
    return heads


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 2
    verifier = Verifier(read_heads(arguments[1]) if arguments[1:] else {})
    try:
        with open(arguments[0], encoding="utf-8") as file:
            verifier.header(json.loads(file.readline()))
            for text in file:
                line = json.loads(text)
                (verifier.seal if line["kind"] == "seal" else verifier.event)(line)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        print(f"cannot read the export: {problem!r}")
        return 2
    verifier.finish()
    for _, message in sorted(verifier.findings):
        print(message)
    print(f"{verifier.events} events, {len(verifier.silent)} redacted, {verifier.unsealed} not yet sealed")
    print(f"{len(verifier.seals)} seals")
    if verifier.newer:
        print(f"{verifier.newer} published seals are newer than the export, made at {verifier.made_at}: not judged")
    if not arguments[1:]:
        print("no published heads were given: this shows only that the export agrees with itself")
    if verifier.findings:
        print(f"NOT INTACT: {len(verifier.findings)} findings, the first bad sequence is {min(verifier.findings)[0]}")
        return 1
    print("INTACT" + ("" if verifier.whole else ": every event given is as it was; what was left out is not judged"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
