//! Configurations of Kubernetes: the cluster and user that a credential in them is for.

use crate::identity::{About, Identity};
use crate::span::Span;

/// Larger files are no kubeconfig.
const MAX_BYTES: usize = 1 << 20;

/// Reads clusters and the user around a place, where the file is a kubeconfig.
pub(super) fn read(chunk: &[u8], span: Span) -> Option<Identity> {
    let has = |text: &[u8]| memchr::memmem::find(chunk, text).is_some();
    if chunk.len() > MAX_BYTES || !has(b"clusters:") || !has(b"kind: Config") || !has(b"users:") {
        return None;
    }
    let text = String::from_utf8_lossy(chunk);
    let mut identity = Identity::default();
    let value = |line: &str, name: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        line.strip_prefix(name)?.strip_prefix(':').map(|value| value.trim().trim_matches(['"', '\'']).to_owned())
    };
    for line in text.lines().take(10_000) {
        identity.add(About::Host, value(line, "server").unwrap_or_default());
        identity.add(About::Project, value(line, "namespace").unwrap_or_default());
        identity.add(About::Cluster, value(line, "cluster").unwrap_or_default());
    }
    identity.add(About::User, user(&chunk[..span.start.min(chunk.len())], &chunk[span.end.min(chunk.len())..]).unwrap_or_default());
    Some(identity)
}

/// Returns the name of the user that a place belongs to. The name may stand before the credential or behind it.
fn user(before: &[u8], behind: &[u8]) -> Option<String> {
    let before = String::from_utf8_lossy(before);
    let behind = String::from_utf8_lossy(behind);
    let name = |line: &str| line.trim_start().strip_prefix("name:").map(|name| name.trim().trim_matches(['"', '\'']).to_owned());
    // An item that begins with its name names itself above the credential.
    let start = before.lines().rev().take(60).find(|line| line.trim_start().starts_with("- "))?;
    if let Some(own) = name(start.trim_start().trim_start_matches("- ")) {
        return Some(own);
    }
    behind.lines().take(60).take_while(|line| !line.trim_start().starts_with("- ")).find_map(name)
}

#[cfg(test)]
mod tests {
    use crate::identity::About;
    use crate::span::Span;

    #[test]
    fn a_token_is_that_of_the_user_it_stands_with() {
        let text = "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: https://k8s.example:6443\n  name: prod\n\
                    contexts:\n- context:\n    cluster: prod\n    namespace: shop\n  name: x\nusers:\n- name: ann\n  user:\n    token: AAA\n\
                    - user:\n    token: BBB\n  name: bob\n";
        for (mark, user) in [("AAA", "ann"), ("BBB", "bob")] {
            let at = text.find(mark).expect("it is there");
            let identity = super::read(text.as_bytes(), Span::new(at, at + 3)).expect("it is a kubeconfig");
            assert_eq!(identity.get(About::User), Some(user));
            assert_eq!(identity.get(About::Host), Some("https://k8s.example:6443"));
            assert_eq!(identity.get(About::Project), Some("shop"));
        }
        assert!(super::read(b"users: x", Span::new(0, 1)).is_none());
    }
}
