"""err: refusals, by the names and numbers of PROTOCOL.md "Status"."""

STATUS = {
    "ok": 0, "fail": 1, "usage": 2, "conf": 3, "nomem": 4, "io": 5,
    "storage": 6, "notfound": 7, "exists": 8, "unreachable": 9, "busy": 10,
    "disk_low": 11, "quota": 12, "draining": 13, "no_terminal": 14,
    "format_newer": 15, "timeout": 16, "locked": 17,
    "truncated": 30, "trailing": 31, "too_big": 32, "magic": 33,
    "version": 34, "suite": 35, "reserved": 36, "bucket": 37, "padding": 38,
    "field_order": 39, "field_count": 40, "path_length": 41, "syntax": 42,
    "message": 43, "count": 44, "encoding": 45,
    "signature": 60, "decrypt": 61, "commitment": 62, "point": 63,
    "key_length": 64, "keyfile": 65, "passphrase": 66, "prekey_gone": 67,
    "root": 68, "proof": 69,
    "kid_unknown": 80, "key_revoked": 81, "key_expired": 82, "key_seq": 83,
    "key_foreign": 84, "root_equivocation": 85, "sender": 86,
    "not_admitted": 87, "blocked": 88, "superseded": 89,
    "channel": 100, "gap": 101, "prev": 102, "fork": 103, "overlap": 104,
    "duplicate": 105, "incarnation": 106, "epoch": 107, "seq": 108,
    "charter_number": 109, "stopped": 110,
    "state": 120, "head_moved": 121, "required": 122, "permit": 123,
    "crossed": 124, "code": 125, "charter_ended": 126, "missing_case": 127,
    "pairing": 140, "charter": 141,
    "rollback": 150, "clone": 151, "log_split": 152,
    "verify": 160, "incomplete": 161, "expired": 170,
}


class Refused(Exception):
    """What a decoder or check says no with."""

    def __init__(self, name, why=""):
        assert name in STATUS, name
        super().__init__(name + (": " + why if why else ""))
        self.name = name
        self.status = STATUS[name]


def need(ok, name, why=""):
    if not ok:
        raise Refused(name, why)
