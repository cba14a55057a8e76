"""Answers questions about the published AgentPin implementation for Python: one JSON line in, one out."""

import json
import sys

from agentpin import (
    Capability,
    KeyPinStore,
    capabilities_hash,
    create_attestation,
    create_challenge,
    create_response,
    issue_credential,
    verify_attestation,
    verify_credential_offline,
    verify_response,
)


def issue(pem, kid, issuer, agent_id, audience, capabilities, constraints, ttl):
    listed = [Capability(text) for text in capabilities]
    return issue_credential(pem, kid, issuer, agent_id, audience, listed, constraints, None, ttl)


def verify(jwt, discovery, revocation, audience):
    result = verify_credential_offline(jwt, discovery, revocation, KeyPinStore(), audience)
    code = result.error_code
    return {"valid": result.valid, "error_code": getattr(code, "value", code)}


def attest(pem, kid, domain, role, agent_id, to_domain, to_agent_id, capabilities):
    listed = [Capability(text) for text in capabilities]
    return create_attestation(pem, kid, domain, role, agent_id, to_domain, to_agent_id, listed)


def attested(attestation, pem, to_domain, to_agent_id, capabilities):
    listed = [Capability(text) for text in capabilities]
    try:
        return verify_attestation(attestation, pem, to_domain, to_agent_id, listed) is not False
    except Exception:
        return False


def hashes(sets):
    return [capabilities_hash([Capability(text) for text in one]) for one in sets]


QUESTIONS = {
    "attest": attest,
    "attested": attested,
    "challenge": create_challenge,
    "hashes": hashes,
    "issue": issue,
    "respond": create_response,
    "responded": verify_response,
    "verify": verify,
}

for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = {"answer": QUESTIONS[question["ask"]](*question["about"])}
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
