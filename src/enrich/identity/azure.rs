//! Azure: month and service of keys with a checksum, and what shared access signatures allow.

use super::{Seen, is_url_byte, moment, parameter};
use crate::identity::{About, Identity, Life};

/// Reads a key of 84 letters, which names the month of its making and the service: 52 random letters, `JQQJ9` and a digit,
/// year, month, 12 letters of the platform, 4 of the product, 4 of the service, checksum.
pub(super) fn key(key: &[u8]) -> Identity {
    let mut identity = Identity::default();
    if key.get(52..57) != Some(b"JQQJ9".as_slice()) || key.len() < 80 {
        return identity;
    }
    let (year, month) = (key[58].wrapping_sub(b'A'), key[59].wrapping_sub(b'A'));
    // Years are counted in letters from 2024 on.
    if year < 26 && month < 12 {
        identity.add(About::Issued, format!("{}-{:02}", 2024 + u32::from(year), month + 1));
    }
    let service = SERVICES.iter().find(|(mark, _)| key.get(76..80) == Some(mark.as_bytes()));
    identity
        .add(About::Service, service.map_or_else(|| String::from_utf8_lossy(&key[76..80]).into_owned(), |(_, name)| (*name).to_owned()));
    identity
}

const SERVICES: &[(&str, &str)] = &[
    ("AZDO", "DevOps"),
    ("ACOG", "AI services"),
    ("ASTS", "Storage"),
    ("ACDB", "Cosmos DB"),
    ("AZSE", "AI Search"),
    ("AZFU", "Functions"),
    ("AACR", "Container Registry"),
    ("ACRA", "Container Registry"),
    ("APIM", "API Management"),
    ("AIoT", "IoT Hub"),
    ("ASBP", "Service Bus"),
    ("AEHP", "Event Hubs"),
    ("AZEG", "Event Grid"),
    ("ABCH", "Batch"),
];

/// Reads a shared access signature: rights, scope, addresses and end.
pub(super) fn shared_access(seen: Seen<'_>) -> Identity {
    let mut identity = Identity::default();
    // A signature of Service Bus begins with a word and a space; the end may stand on the other side of the secret.
    let query = seen.run(|b| is_url_byte(b) || b == b' ');
    let address = query.split(|&b| b == b' ').find(|part| memchr::memmem::find(part, b"sig=").is_some()).unwrap_or(query);
    if let Some(at) = memchr::memmem::find(address, b"://") {
        let host = address[at + 3..].split(|b| matches!(b, b'?' | b'&')).next().unwrap_or_default();
        identity.add_bytes(About::Resource, host);
    }
    if let Some(resource) = parameter(address, "sr") {
        match RESOURCES.iter().find(|(letter, _)| *letter == resource) {
            Some((_, word)) => identity.add(About::Kind, format!("shared access to {word}")),
            None => identity.add(About::Resource, resource),
        }
    }
    if parameter(address, "ss").is_some() || parameter(address, "srt").is_some() {
        identity.add(About::Kind, "shared access to an account");
    }
    identity.add(About::KeyId, parameter(address, "skn").or(parameter(address, "si")).unwrap_or_default());
    identity.add(About::Scope, parameter(address, "sp").map(|letters| rights(&letters)).unwrap_or_default());
    identity.add(About::Scope, parameter(address, "sip").map(|range| format!("from {range} only")).unwrap_or_default());
    identity.add(About::Issued, parameter(address, "st").unwrap_or_default());
    identity.life = parameter(address, "se").and_then(|end| moment(&end)).map_or(Life::Unstated, Life::Until);
    identity
}

const RESOURCES: &[(&str, &str)] = &[
    ("b", "a blob"),
    ("bv", "a version of a blob"),
    ("bs", "a snapshot"),
    ("c", "a container"),
    ("d", "a folder"),
    ("f", "a file"),
    ("s", "a share"),
];

fn rights(letters: &str) -> String {
    let word = |letter| match letter {
        'r' => "read",
        'a' => "add",
        'c' => "create",
        'w' => "write",
        'd' => "delete",
        'x' => "delete versions",
        'y' => "delete for ever",
        'l' => "list",
        't' => "tags",
        'f' => "find",
        'm' => "move",
        'e' => "execute",
        'o' => "change owner",
        'p' => "change rights",
        'u' => "update",
        'i' => "change retention",
        _ => "",
    };
    letters.chars().map(word).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use crate::identity::About;

    #[test]
    fn an_annotated_key_names_its_month_and_service() {
        let key = ["a".repeat(52), "JQQJ99BCAC".into(), "x".repeat(10), "AAAB".into(), "ACOG".into(), "1234".into()].concat();
        assert_eq!(key.len(), 84);
        let identity = super::key(key.as_bytes());
        assert_eq!(identity.get(About::Issued), Some("2025-03"));
        assert_eq!(identity.get(About::Service), Some("AI services"));
        assert_eq!(super::key(b"short"), crate::identity::Identity::default());
    }

    #[test]
    fn rights_are_written_as_words() {
        assert_eq!(super::rights("rwl?"), "read, write, list");
    }
}
