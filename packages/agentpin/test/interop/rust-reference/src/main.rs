// Answers questions about the published AgentPin implementation for Rust: one JSON line in, one out.

use std::io::{self, BufRead, Write};

use agentpin::credential::issue_credential;
use agentpin::crypto::load_signing_key;
use agentpin::pinning::KeyPinStore;
use agentpin::types::capability::Capability;
use agentpin::verification::{verify_credential_offline, VerifierConfig};
use serde_json::{from_value, json, Value};

type Answer = Result<Value, Box<dyn std::error::Error>>;

fn issue(about: &[Value]) -> Answer {
    let text = |index: usize| about[index].as_str().unwrap_or_default();
    let key = load_signing_key(text(0))?;
    let capabilities: Vec<Capability> = from_value(about[5].clone())?;
    let constraints = from_value(about[6].clone())?;
    let ttl = about[7].as_u64().unwrap_or_default();
    let audience = about[4].as_str();
    let token = issue_credential(&key, text(1), text(2), text(3), audience, capabilities, constraints, None, ttl)?;
    Ok(json!(token))
}

fn verify(about: &[Value]) -> Answer {
    let discovery = from_value(about[1].clone())?;
    let revocation = from_value(about[2].clone())?;
    let jwt = about[0].as_str().unwrap_or_default();
    let mut pins = KeyPinStore::new();
    let config = VerifierConfig::default();
    let result =
        verify_credential_offline(jwt, &discovery, Some(&revocation), &mut pins, about[3].as_str(), &config);
    Ok(serde_json::to_value(result)?)
}

fn main() {
    for line in io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line.expect("a line")).expect("a question");
        let about = question["about"].as_array().cloned().unwrap_or_default();
        let answer = match question["ask"].as_str() {
            Some("issue") => issue(&about),
            Some("verify") => verify(&about),
            _ => Err("unknown question".into()),
        };
        let said = match answer {
            Ok(answer) => json!({ "answer": answer }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        println!("{said}");
        io::stdout().flush().expect("a reader");
    }
}
