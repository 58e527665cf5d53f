//! `staunch upload` over TLS and through a proxy: whom it trusts, and who gets to see a token.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_compact::{KeyPair, Seed};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{Place, Ran, leak, program};

/// Writes an element of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match u8::try_from(length) {
        Ok(length @ 0..=0x7f) => vec![tag, length],
        Ok(length) => vec![tag, 0x81, length],
        Err(_) => [&[tag, 0x82][..], &u16::try_from(length).expect("short").to_be_bytes()].concat(),
    };
    [head, content.to_vec()].concat()
}

/// A key of a test and the certificate for `localhost` that it signed for itself.
fn certificate() -> (Vec<u8>, Vec<u8>) {
    let seed = [7; 32];
    let pair = KeyPair::from_seed(Seed::new(seed));
    let algorithm = der(0x30, &der(6, &[0x2b, 0x65, 112]));
    let key = der(0x30, &[der(2, &[0]), algorithm.clone(), der(4, &der(4, &seed))].concat());
    let name = der(0x30, &der(0x31, &der(0x30, &[der(6, &[0x55, 4, 3]), der(0x0c, b"test")].concat())));
    let alternative = der(0x30, &[der(6, &[0x55, 0x1d, 17]), der(4, &der(0x30, &der(0x82, b"localhost")))].concat());
    let signed = der(
        0x30,
        &[
            der(0xa0, &der(2, &[2])),
            der(2, &[1]),
            algorithm.clone(),
            name.clone(),
            der(0x30, &[der(0x17, b"200101000000Z"), der(0x17, b"491231000000Z")].concat()),
            name,
            der(0x30, &[algorithm.clone(), der(3, &[&[0][..], &pair.pk[..]].concat())].concat()),
            der(0xa3, &der(0x30, &alternative)),
        ]
        .concat(),
    );
    let signature = pair.sk.sign(&signed, None);
    (der(0x30, &[signed, algorithm, der(3, &[&[0][..], &signature[..]].concat())].concat()), key)
}

/// Reads a request without its body, and answers it.
fn serve(mut stream: impl Read + Write, seen: &Sender<String>) {
    let mut reader = BufReader::new(&mut stream);
    let mut head = String::new();
    while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
    if head.is_empty() || reader.read_exact(&mut body).is_err() {
        return;
    }
    // Nobody may wait for it any more.
    let _ = seen.send(head);
    let said = r#"{"id":"47177e22-5596-11eb-80a1-c1e54ef945c6"}"#;
    let _ = write!(stream, "HTTP/1.1 202 Accepted\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{said}", said.len());
    let _ = stream.flush();
}

/// Starts a server that speaks TLS with the certificate of the test, and returns its address and what it is asked.
fn server() -> (String, Receiver<String>) {
    let (certificate, key) = certificate();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions are known")
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(certificate)], PrivatePkcs8KeyDer::from(key).into())
        .expect("the key belongs to it");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port();
    let (seen, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("the configuration holds");
            serve(StreamOwned::new(connection, stream), &seen);
        }
    });
    (format!("https://localhost:{port}"), asked)
}

/// Starts a proxy that connects to wherever it is asked to, and keeps what it could read.
fn proxy() -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it has an address"));
    let passed: Arc<Mutex<Vec<u8>>> = Arc::default();
    let shared = Arc::clone(&passed);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = tunnel(stream, &shared);
        }
    });
    (url, passed)
}

fn tunnel(mut client: TcpStream, passed: &Arc<Mutex<Vec<u8>>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    passed.lock().expect("nobody panicked").extend(&head);
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).unwrap_or_default().to_owned();
    let mut server = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut back, mut to_client) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || std::io::copy(&mut back, &mut to_client));
    let mut buffer = [0; 4096];
    loop {
        let read = client.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        passed.lock().expect("nobody panicked").extend(&buffer[..read]);
        server.write_all(&buffer[..read])?;
    }
}

/// A folder with a report and the certificate of the test as an authority.
fn ready() -> Place {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.staunch(&["scan", "a.txt", "--format", "sarif=report.sarif"]).ends(1);
    let body = STANDARD.encode(certificate().0);
    place.write("authority.pem", format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"));
    place
}

/// Uploads to an address, with variables as an administrator of the machine sets them.
fn upload(place: &Place, url: &str, variables: &[(&str, String)]) -> Ran {
    let program = program().display().to_string();
    let variables: Vec<String> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
    let upload = ["upload", "github", "report.sarif", "--repo", "acme/shop", "--no-wait", "--api-url", url];
    let args = [&["GITHUB_TOKEN=acme-token-of-a-test"], &variables[..], &[program.as_str()], &upload].concat();
    place.run("env".as_ref(), &place.path(""), &args, b"")
}

fn authority(place: &Place) -> (&'static str, String) {
    ("SSL_CERT_FILE", place.path("authority.pem").display().to_string())
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused_at_once_and_gets_no_token() {
    let place = ready();
    let (url, asked) = server();
    let ran = upload(&place, &url, &[]).ends(2).says("certificate").says("SSL_CERT_FILE");
    assert!(!ran.all().contains("acme-token"), "{}", ran.all());
    assert!(asked.try_recv().is_err(), "nothing was sent");
    let wrong_name = url.replace("localhost", "127.0.0.1");
    upload(&place, &wrong_name, &[authority(&place)]).ends(2).says("certificate");
    assert!(asked.try_recv().is_err(), "the name counts as well");
}

#[test]
fn an_authority_of_ones_own_is_trusted_where_it_is_named() {
    let place = ready();
    let (url, asked) = server();
    upload(&place, &url, &[authority(&place)]).ends(0);
    let head = asked.recv().expect("it was asked");
    assert!(head.starts_with("POST /repos/acme/shop/code-scanning/sarifs "), "{head}");
    assert!(head.contains("acme-token-of-a-test"), "{head}");
}

#[test]
fn a_proxy_carries_the_report_and_cannot_read_the_token() {
    let place = ready();
    let (url, asked) = server();
    let (proxy, passed) = proxy();
    upload(&place, &url, &[authority(&place), ("HTTPS_PROXY", proxy.clone())]).ends(0);
    assert!(asked.recv().expect("it was asked").starts_with("POST "));
    let read = String::from_utf8_lossy(&passed.lock().expect("nobody panicked")).into_owned();
    assert!(read.starts_with(&format!("CONNECT {} ", url.trim_start_matches("https://"))), "{read}");
    assert!(!read.contains("acme-token"), "{read}");
    passed.lock().expect("nobody panicked").clear();
    upload(&place, &url, &[authority(&place), ("HTTPS_PROXY", proxy), ("NO_PROXY", "localhost".into())]).ends(0);
    assert!(passed.lock().expect("nobody panicked").is_empty(), "who is exempt is asked directly");
}

#[test]
fn what_goes_to_this_machine_in_plain_goes_through_no_proxy() {
    let place = ready();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://localhost:{}", listener.local_addr().expect("it has an address").port());
    let (seen, asked) = mpsc::channel();
    std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| serve(stream, &seen)));
    let (proxy, passed) = proxy();
    upload(&place, &url, &[("HTTP_PROXY", proxy.clone()), ("HTTPS_PROXY", proxy.clone()), ("ALL_PROXY", proxy)]).ends(0);
    assert!(asked.recv().expect("it was asked").contains("acme-token-of-a-test"));
    assert!(passed.lock().expect("nobody panicked").is_empty(), "another machine would have read the token");
}
