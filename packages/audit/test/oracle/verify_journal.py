"""A second verifier of the journal, for the tests: Python's standard library and openssl only.

verify_journal.py FOLDER VKEY prints {"origin", "records", "root", "signed"} or ends with the reason.
"""
import base64, hashlib, json, os, subprocess, sys, tempfile


def refuse(why):
    print(why)
    sys.exit(1)


def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def tree_root(leaves):
    """RFC 6962 section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def utf16_order(name):
    return name.encode("utf-16-be")


def canonical(value):
    """RFC 8785 for what the tests record: no fractions, no exponents."""
    if isinstance(value, dict):
        names = sorted(value, key=utf16_order)
        return "{" + ",".join(canonical(n) + ":" + canonical(value[n]) for n in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        refuse("a fraction, which this verifier does not write")
    return json.dumps(value, ensure_ascii=False)


def signature_holds(key, signature, message):
    # The fixed beginning of a SubjectPublicKeyInfo with an Ed25519 key (RFC 8410).
    spki = bytes.fromhex("302a300506032b6570032100") + key
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("key", "signature", "message")]
        for path, content in zip(paths, (spki, signature, message)):
            with open(path, "wb") as file:
                file.write(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", paths[0],
                   "-rawin", "-sigfile", paths[1], "-in", paths[2]]
        return subprocess.run(command, capture_output=True).returncode == 0


def main(folder, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    if key[0] != 1 or hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() != key_id:
        refuse("the key is not one")
    header = open(os.path.join(folder, "log.json"), encoding="utf-8").read()
    if canonical(json.loads(header)) != header:
        refuse("the header is not canonical")
    previous = hashlib.sha256(header.encode()).hexdigest()
    leaves, last_time = [], ""
    for segment in sorted(os.listdir(os.path.join(folder, "seg"))):
        if int(segment.split(".")[0]) != len(leaves):
            refuse("a segment is missing")
        data = open(os.path.join(folder, "seg", segment), "rb").read()
        if data and not data.endswith(b"\n"):
            refuse("the last line is torn")
        for line in data.split(b"\n")[:-1]:
            record = json.loads(line)
            if canonical(record).encode() != line:
                refuse(f"record {len(leaves)} is not canonical")
            if record["seq"] != len(leaves) or record["prev"] != previous or record["ts"] < last_time:
                refuse(f"record {len(leaves)} is out of place")
            last_time = record["ts"]
            leaves.append(leaf_hash(line))
            previous = leaves[-1].hex()
    note = open(os.path.join(folder, "checkpoint"), encoding="utf-8").read()
    text, signatures = note.split("\n\n")
    origin, size, root = text.split("\n")[:3]
    if origin != json.loads(header)["origin"] or int(size) > len(leaves):
        refuse("the checkpoint is of another journal, or covers more than there is")
    if base64.b64decode(root) != tree_root(leaves[: int(size)]):
        refuse("the checkpoint is of other records")
    signed = False
    for line in signatures.strip().split("\n"):
        _, signer, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if signer == name and blob[:4].hex() == key_id:
            signed = signature_holds(key[1:], blob[4:], (text + "\n").encode())
    if not signed:
        refuse("the checkpoint is not signed by the key")
    print(json.dumps({"origin": origin, "records": len(leaves), "root": tree_root(leaves).hex(), "signed": int(size)}))


main(*sys.argv[1:])
