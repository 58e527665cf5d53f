//! What credentials say of themselves, and how reports tell it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use staunch::detect::sample;

use crate::support::{Place, catalog, credentials, hex, password};

/// Scans a file and returns what its only credential says of itself.
#[track_caller]
fn said(name: &str, text: &str) -> Value {
    let place = Place::folder();
    place.write(name, text);
    let found = credentials(&place.staunch(&["scan", ".", "-f", "json"]).ends(1).json());
    assert_eq!(found.len(), 1, "{found:?}");
    json!({ "identity": found[0]["identity"], "expiry": found[0]["expiry"] })
}

fn token(claims: &str) -> String {
    let signature = URL_SAFE_NO_PAD.encode(hex(1));
    format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#), URL_SAFE_NO_PAD.encode(claims))
}

#[test]
fn a_web_token_tells_its_claims_and_its_end() {
    let claims = r#"{"iss":"https://id.acme.io","sub":"deploy-bot","aud":"api","exp":4102444800}"#;
    let said = said("x.env", &format!("ACCESS={}\n", token(claims)));
    assert_eq!(said["identity"]["issuer"], "https://id.acme.io");
    assert_eq!(said["identity"]["subject"], "deploy-bot");
    assert_eq!(said["expiry"], json!({ "expired": false, "at": "2100-01-01T00:00:00Z" }));
}

#[test]
fn expired_running_out_and_endless_are_told_apart_for_people() {
    for (claims, words) in [
        (r#"{"iss":"https://id.acme.io","sub":"a-subject","exp":1700000000}"#, "expired on 2023-11-14"),
        (r#"{"iss":"https://id.acme.io","sub":"a-subject","exp":4102444800}"#, "expires on 2100-01-01, in "),
        (r#"{"iss":"https://id.acme.io","sub":"a-subject"}"#, "never expires by itself"),
    ] {
        let place = Place::folder();
        place.write("x.env", format!("ACCESS={}\n", token(claims)));
        place.staunch(&["scan", "."]).ends(1).says(words).says("issuer https://id.acme.io");
    }
}

#[test]
fn an_end_moves_the_severity_by_what_the_policy_says() {
    let now = jiff::Timestamp::now();
    let soon = now.checked_add(jiff::SignedDuration::from_hours(72)).expect("in range").as_second();
    let opens = 7.8;
    for (end, points) in [(1_700_000_000, -6.0), (soon, -1.0), (4_102_444_800, 0.0)] {
        let place = Place::folder();
        place.write("x.env", format!("ACCESS={}\n", token(&format!(r#"{{"iss":"https://id.acme.io","sub":"a-subject","exp":{end}}}"#))));
        let found = credentials(&place.staunch(&["scan", ".", "-f", "json"]).ends(1).json()).remove(0);
        let sum = found["arithmetic"].as_array().expect("a sum");
        let of_end: f64 = sum
            .iter()
            .filter(|part| part["what"].as_str().is_some_and(|what| what.starts_with("expire")))
            .filter_map(|part| part["points"].as_f64())
            .sum();
        assert_eq!((sum[0]["points"].as_f64(), of_end), (Some(opens), points), "{sum:?}");
        assert_eq!(
            found["severity"],
            if points < -5.0 {
                "low"
            } else if points < 0.0 {
                "medium"
            } else {
                "high"
            },
            "{sum:?}"
        );
    }
}

#[test]
fn a_url_tells_user_host_and_database_but_not_its_password() {
    let secret = password(3);
    let said = said("x.env", &format!("DATABASE_URL=postgres://app%20user:{secret}@db.acme.io:5432/shop?sslmode=require\n"));
    assert_eq!(said["identity"], json!({ "scheme": "postgres", "user": "app user", "host": "db.acme.io:5432", "database": "shop" }));
    assert!(!said.to_string().contains(&secret));
}

#[test]
fn a_fact_that_holds_the_secret_is_not_told() {
    let secret = password(4);
    let said = said("x.env", &format!("DATABASE_URL=postgres://{secret}x:{secret}@db.acme.io/shop\n"));
    assert!(!said.to_string().contains(&secret), "{said}");
    assert_eq!(said["identity"]["host"], "db.acme.io");
}

#[test]
fn a_connection_string_tells_server_user_and_database() {
    let text = format!("conn = \"Server=tcp:sql.acme.io,1433;Database=shop;User Id=app;Password={};Encrypt=true\"\n", password(5));
    let said = said("app.config", &text);
    assert_eq!(said["identity"], json!({ "host": "sql.acme.io,1433", "database": "shop", "user": "app" }));
}

#[test]
fn what_stands_beside_a_password_tells_whose_it_is() {
    let name = ["DB", "PASSWORD"].join("_");
    let told = said("x.env", &format!("APP_HOST=web.acme.io\nDB_HOST=db.acme.io\nDB_USER=app\n{name}={}\nDB_NAME=$NAME\n", password(6)));
    assert_eq!(told["identity"], json!({ "host": "db.acme.io", "user": "app" }));
}

/// Writes an element of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match u8::try_from(length) {
        Ok(length @ 0..=0x7f) => vec![tag, length],
        _ => [&[tag, 0x82][..], &u16::try_from(length).expect("short").to_be_bytes()].concat(),
    };
    [head, content.to_vec()].concat()
}

/// Returns bytes that look random.
fn noise(seed: u64, count: usize) -> Vec<u8> {
    (seed * 100..).flat_map(|seed| hex(seed).into_bytes()).map(|b| b.wrapping_mul(37) ^ 0x5a | 1).take(count).collect()
}

fn pem(label: &str, bytes: &[u8]) -> String {
    let body = STANDARD.encode(bytes).into_bytes();
    let lines: Vec<String> = body.chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// Returns an RSA key of 2,048 bits and the certificate of the same modulus, which ends in 2030.
fn key_and_certificate() -> (String, String) {
    let modulus = der(2, &[vec![0, 0xc1], noise(1, 255)].concat());
    let exponent = der(2, &[1, 0, 1]);
    let rest = der(2, &noise(2, 256));
    let key = der(0x30, &[der(2, &[0]), modulus.clone(), exponent.clone(), rest].concat());
    let name = |text: &str| der(0x30, &der(0x31, &der(0x30, &[der(6, &[0x55, 4, 3]), der(0x0c, text.as_bytes())].concat())));
    let public = der(0x30, &[modulus, exponent].concat());
    let algorithm = der(0x30, &der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]));
    let signed = [
        der(0xa0, &der(2, &[2])),
        der(2, &[7]),
        algorithm.clone(),
        name("Acme CA"),
        der(0x30, &[der(0x17, b"250101000000Z"), der(0x17, b"300102030405Z")].concat()),
        name("shop.acme.io"),
        der(0x30, &[algorithm.clone(), der(3, &[vec![0], public].concat())].concat()),
    ];
    let certificate = der(0x30, &[der(0x30, &signed.concat()), algorithm, der(3, &noise(3, 64))].concat());
    (pem(&["RSA PRIVATE", "KEY"].join(" "), &key), pem("CERTIFICATE", &certificate))
}

#[test]
fn a_private_key_tells_its_size_and_the_certificate_committed_beside_it() {
    let (key, certificate) = key_and_certificate();
    let place = Place::repo();
    place.commit("tls/shop.crt", certificate);
    place.commit("tls/shop.key", key);
    place.commit("tls/other.pub", "ssh-rsa AAAAB3NzaC1yc2E= x\n");
    let (ran, found) = place.audited(&[]);
    ran.ends(1);
    let identity = &found[0]["identity"];
    assert_eq!((&identity["algorithm"], &identity["bits"], &identity["protection"]), (&json!("RSA"), &json!("2048"), &json!("none")));
    assert_eq!(identity["counterpart"], "certificate of CN=shop.acme.io by CN=Acme CA, good until 2030-01-02, in tls/shop.crt");
    assert_eq!(found[0]["expiry"]["at"], "2030-01-02T03:04:05Z");
}

#[test]
fn a_certificate_in_the_same_file_counts_and_a_foreign_one_does_not() {
    let (key, certificate) = key_and_certificate();
    let told = said("both.pem", &format!("{certificate}{key}"));
    assert!(told["identity"]["counterpart"].as_str().is_some_and(|said| said.ends_with("in the same file")), "{told}");
    let place = Place::repo();
    place.commit("a.crt", certificate.replace("MII", "MIJ"));
    place.commit("a.key", key);
    let (_, found) = place.audited(&[]);
    assert_eq!(found[0]["identity"]["counterpart"], Value::Null);
}

#[test]
fn the_public_half_of_an_ed25519_key_is_known_though_its_file_does_not_have_it() {
    let seed: [u8; 32] = noise(4, 32).try_into().expect("32 bytes");
    let private = [der(2, &[0]), der(0x30, &der(6, &[0x2b, 0x65, 112])), der(4, &der(4, &seed))].concat();
    let key = pem(&["PRIVATE", "KEY"].join(" "), &der(0x30, &private));
    let public = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new(seed)).pk;
    let line = |public: &[u8]| {
        let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).expect("short").to_be_bytes()[..], bytes].concat();
        format!("ssh-ed25519 {} ann@laptop\n", STANDARD.encode([string(b"ssh-ed25519"), string(public)].concat()))
    };
    for (public, counterpart) in [(&public[..], json!("its public key is in keys/authorized_keys")), (&noise(5, 32)[..], Value::Null)] {
        let place = Place::repo();
        place.commit("keys/authorized_keys", line(public));
        place.commit("keys/deploy.pem", key.as_str());
        let (_, found) = place.audited(&[]);
        assert_eq!(found[0]["identity"]["algorithm"], "Ed25519");
        assert_eq!(found[0]["identity"]["counterpart"], counterpart);
    }
}

/// What the samples of these have inside is random, or an older form of the credential that says nothing.
const SILENT: [&str; 9] = [
    "aws-bedrock-api-key-long",
    "aws-bedrock-api-key-short",
    "azure-entra-jwt",
    "flyio-token",
    "github-app-installation-jwt",
    "github-token-legacy",
    "github-client-secret",
    "macaroon",
    "teamcity-token",
];

#[test]
fn every_detector_that_names_a_decoder_gets_something_read_from_its_samples() {
    let mut silent = Vec::new();
    for detector in catalog().detectors().filter(|detector| detector.decode.is_some()) {
        let mut has_spoken = false;
        for template in detector.leaks.iter() {
            let sample = sample::expand(template, detector, 7);
            let place = Place::folder();
            place.write("x.txt", &sample.text);
            let found = credentials(&place.staunch(&["scan", "--min-confidence", "low", ".", "-f", "json"]).json());
            has_spoken |= found.iter().any(|credential| credential["identity"].as_object().is_some_and(|facts| !facts.is_empty()));
        }
        let is_token = detector.decode == Some(staunch::detector::Decode::Jwt);
        let is_random = is_token || SILENT.contains(&&*detector.id) || detector.id == "workato-token" || detector.id.starts_with("azure-");
        if !has_spoken && !is_random {
            silent.push(detector.id.to_string());
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn no_fact_of_any_sample_is_the_secret() {
    for detector in catalog().detectors().filter(|detector| detector.decode.is_some() && !detector.id.starts_with("aws-")) {
        for template in detector.leaks.iter() {
            let sample = sample::expand(template, detector, 8);
            let secret = String::from_utf8_lossy(sample.secret.expect("it is marked").of(&sample.text)).into_owned();
            let place = Place::folder();
            place.write("x.txt", &sample.text);
            let ran = place.staunch(&["scan", "--min-confidence", "low", ".", "-f", "json"]);
            for credential in credentials(&ran.json()) {
                assert!(!credential["identity"].to_string().contains(&secret), "{}: {credential}", detector.id);
            }
        }
    }
}
