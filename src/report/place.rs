//! Paths as code hosts want them: from the top of the repository, percent-encoded.

/// Returns a path from the top of the repository as a relative URI.
pub(super) fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '_' | '~' | '/' | '@' | '+' | '=' | '(' | ')' | ',' => uri.push(c),
            other => {
                for byte in other.encode_utf8(&mut [0; 4]).bytes() {
                    uri.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_uri_holds_only_what_a_uri_may() {
        assert_eq!(super::encode("a b#1/é:%.txt"), "a%20b%231/%C3%A9%3A%25.txt");
    }
}
