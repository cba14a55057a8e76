//! Answers questions about the published SchemaPin implementation for Rust: one JSON line in, one out.

use schemapin::canonicalize::{canonicalize_and_hash, canonicalize_schema};
use schemapin::crypto::{generate_key_pair, sign_data};
use schemapin::pinning::KeyPinStore;
use schemapin::verification::verify_schema_offline;
use serde_json::{from_str, from_value, json, to_value, Value};
use sha2::{Digest, Sha256};
use std::io::{stdin, stdout, BufRead, Write};

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn digest(schema: &Value) -> String {
    let canonical = canonicalize_schema(&from_str(text(schema)).expect("JSON"));
    format!("{:x}", Sha256::digest(canonical.as_bytes()))
}

fn digests(texts: &Value) -> Value {
    texts.as_array().expect("texts").iter().map(digest).collect()
}

fn sign(texts: &Value) -> Value {
    let pair = generate_key_pair().expect("a key pair");
    let signature = |schema: &Value| {
        let hash = canonicalize_and_hash(&from_str(text(schema)).expect("JSON"));
        sign_data(&pair.private_key_pem, &hash).expect("a signature")
    };
    let signatures: Vec<String> = texts.as_array().expect("texts").iter().map(signature).collect();
    json!({ "public_key_pem": pair.public_key_pem, "signatures": signatures })
}

fn verify(about: &[Value]) -> Value {
    let [schema, signature, domain, tool_id, discovery] = about else { panic!("five arguments") };
    let mut store = KeyPinStore::new();
    let schema = from_str(text(schema)).expect("JSON");
    let discovery = from_value(discovery.clone()).expect("a discovery document");
    let result = verify_schema_offline(
        &schema, text(signature), text(domain), text(tool_id), &discovery, None, &mut store,
    );
    let mut answer = to_value(&result).expect("JSON");
    answer["pins"] = store.to_json().expect("JSON").into();
    answer
}

fn main() {
    for line in stdin().lock().lines() {
        let question: Value = from_str(&line.expect("a line")).expect("JSON");
        let about = question["about"].as_array().expect("about");
        let answer = match text(&question["ask"]) {
            "digests" => digests(&about[0]),
            "sign" => sign(&about[0]),
            "verify" => verify(about),
            other => panic!("no such question: {other}"),
        };
        println!("{answer}");
        stdout().flush().expect("flushed");
    }
}
