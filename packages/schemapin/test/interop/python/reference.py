"""Answers questions about the published SchemaPin implementation for Python: one JSON line in, one out."""

import hashlib
import json
import sys

from schemapin.core import SchemaPinCore
from schemapin.crypto import KeyManager, SignatureManager
from schemapin.verification import KeyPinStore, verify_schema_offline


def digests(texts):
    canonical = (SchemaPinCore.canonicalize_schema(json.loads(text)) for text in texts)
    return [hashlib.sha256(text.encode()).hexdigest() for text in canonical]


def sign(texts):
    private_key, public_key = KeyManager.generate_keypair()
    signatures = [
        SignatureManager.sign_schema_hash(SchemaPinCore.canonicalize_and_hash(json.loads(text)), private_key)
        for text in texts
    ]
    return {"public_key_pem": KeyManager.export_public_key_pem(public_key), "signatures": signatures}


def verify(schema, signature, domain, tool_id, discovery):
    store = KeyPinStore()
    result = verify_schema_offline(json.loads(schema), signature, domain, tool_id, discovery, None, store)
    return {**result.to_dict(), "pins": store.to_json()}


QUESTIONS = {"digests": digests, "sign": sign, "verify": verify}

for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps(QUESTIONS[question["ask"]](*question["about"])), flush=True)
