//! GitHub and GitLab: the kind of a token from its prefix, and the parts of GitLab's that route it.

use super::base64;
use crate::identity::{About, Identity};

const GITHUB: &[(&str, &str)] = &[
    ("ghp_", "personal access token (classic)"),
    ("github_pat_", "fine-grained personal access token"),
    ("gho_", "OAuth token of a user, for an application"),
    ("ghu_", "token of a user, for an app"),
    ("ghs_", "installation token of an app, for an hour"),
    ("ghr_", "refresh token of a user, for an app"),
];

/// Reads the kind of a token of GitHub.
pub(super) fn github(token: &[u8]) -> Identity {
    let mut identity = Identity::default();
    let known = GITHUB.iter().find(|(prefix, _)| token.starts_with(prefix.as_bytes()));
    identity.add(About::Kind, known.map_or("", |(_, kind)| kind));
    identity
}

const GITLAB: &[(&str, &str)] = &[
    ("glpat-", "access token of a user, project or group"),
    ("gldt-", "deploy token"),
    ("glrtr-", "registration token of a runner"),
    ("glrt-", "authentication token of a runner"),
    ("GR1348941", "registration token of a runner (old)"),
    ("glcbt-", "token of a CI job"),
    ("glptt-", "token of a pipeline trigger"),
    ("glagent-", "token of an agent in Kubernetes"),
    ("gloas-", "secret of an OAuth application"),
    ("glsoat-", "token for provisioning of users (SCIM)"),
    ("glft-", "token of a feed"),
    ("glimt-", "token of incoming mail"),
    ("glffct-", "token of a client of feature flags"),
    ("glwt-", "token of a workspace"),
];

/// Reads the kind of a token of GitLab, and whom it belongs to where it can be routed.
pub(super) fn gitlab(token: &[u8]) -> Identity {
    let mut identity = Identity::default();
    let Some((prefix, kind)) = GITLAB.iter().find(|(prefix, _)| token.starts_with(prefix.as_bytes())) else { return identity };
    identity.add(About::Kind, kind);
    let body = &token[prefix.len()..];
    if !body.contains(&b'.') {
        return identity;
    }
    let payload = body.split(|&b| b == b'.').next().and_then(base64).unwrap_or_default();
    for line in routing(&payload).split(|&b| b == b'\n') {
        let Some((&[letter, b':'], value)) = line.split_first_chunk::<2>() else { continue };
        let number = std::str::from_utf8(value).ok().and_then(|text| u64::from_str_radix(text, 36).ok());
        let Some(number) = number else { continue };
        match letter {
            b'o' => identity.add(About::Organization, number.to_string()),
            b'g' => identity.add(About::Project, format!("group {number}")),
            b'p' => identity.add(About::Project, number.to_string()),
            b'u' => identity.add(About::User, number.to_string()),
            b'c' => identity.add(About::Cluster, format!("cell {number}")),
            _ => {}
        }
    }
    identity
}

/// Returns the lines that route: before the random bytes, or, in the first version, behind the sixteen of them.
fn routing(payload: &[u8]) -> &[u8] {
    let is_line = |bytes: &[u8]| bytes.len() > 2 && bytes[0].is_ascii_lowercase() && bytes[1] == b':' && bytes[2].is_ascii_alphanumeric();
    let start = if is_line(payload) { 0 } else { 16 };
    let lines = payload.get(start..).filter(|lines| is_line(lines)).unwrap_or_default();
    let end = lines.iter().position(|&b| !(b.is_ascii_alphanumeric() || matches!(b, b':' | b'\n'))).unwrap_or(lines.len());
    &lines[..end]
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use crate::identity::About;

    #[test]
    fn a_routable_token_names_organisation_project_and_user() {
        for payload in [[&b"o:1\np:z\nu:10"[..], &[0xff; 16], &[16]].concat(), [&[0xfe; 16][..], b"o:1\np:z\nu:10", &[16]].concat()] {
            let token = ["gl", "pat-", &URL_SAFE_NO_PAD.encode(payload), ".01.12abcdefg"].concat();
            let identity = super::gitlab(token.as_bytes());
            assert_eq!(identity.get(About::Organization), Some("1"));
            assert_eq!(identity.get(About::Project), Some("35"));
            assert_eq!(identity.get(About::User), Some("36"));
        }
    }

    #[test]
    fn a_prefix_tells_the_kind() {
        assert_eq!(super::github(b"ghs_x").get(About::Kind), Some("installation token of an app, for an hour"));
        assert_eq!(super::gitlab(b"gldt-x").get(About::Kind), Some("deploy token"));
        assert_eq!(super::github(b"0123").get(About::Kind), None);
    }
}
