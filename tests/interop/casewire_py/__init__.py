"""casewire/1 a second time: an independent implementation in Python.

Written from proto/PROTOCOL.md and never from the C code, so that two
readings of one text can be held against each other.  It uses python3-nacl
for the primitives and hashlib/hmac for the rest; it loads no library and
runs no program of the tree.  Not for use: it keeps secrets in ordinary
memory and is as slow as it is plain.
"""
