//! The page for people who would rather look: whole, inert and without the secret. `.ci/page` opens it in a browser.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Place, leak, token};

/// Returns the page of an audit.
fn page(place: &Place) -> String {
    place.staunch(&["audit", "--format", "html", "-o", "out.html"]).ends(1);
    place.read("out.html")
}

/// Returns what stands between the first pair of marks.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let from = text.find(start).unwrap_or_else(|| panic!("{start:?} is there")) + start.len();
    &text[from..from + text[from..].find(end).unwrap_or_else(|| panic!("{end:?} is there"))]
}

fn data(page: &str) -> Value {
    serde_json::from_str(between(page, "id=\"data\">", "</script>")).expect("it is JSON")
}

#[test]
fn the_page_holds_everything_and_reaches_for_nothing() {
    let place = Place::repo();
    place.commit("src/a.txt", leak(1));
    let page = page(&place);
    let found = &data(&page)["credentials"][0];
    assert_eq!((&found["severity"], found["places"][0]["path"].as_str()), (&"critical".into(), Some("src/a.txt")));
    let book = usize::try_from(found["runbook"][0].as_u64().expect("a number")).expect("a small one");
    assert!(data(&page)["books"][book].as_array().is_some_and(|sections| sections.len() > 4));
    for outside in ["src=\"", "href=\"http", "url(", "@import", "fetch(", "XMLHttpRequest", "innerHTML", "eval("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn only_our_own_style_and_script_are_allowed_by_their_hashes() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let page = page(&place);
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for (open, close) in [("<style>", "</style>"), ("\n<script>", "</script>")] {
        let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, Sha256::digest(between(&page, open, close)));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{open}: {policy}");
    }
}

#[test]
fn hostile_names_and_lines_stay_text_and_no_secret_is_in_it() {
    let place = Place::repo();
    let name = "</script><img src=x onerror=alert(1)>\u{202e}\u{2028}.txt";
    place.commit(name.replace('/', "_").as_str(), format!("<!--<script>\n{}</script>\n", leak(1)));
    place.staunch(&["audit", "--show-secrets", "--format", "html", "-o", "out.html"]).ends(1);
    let page = place.read("out.html");
    assert!(!page.contains(&token(1)));
    assert_eq!(page.matches("<script").count(), 2, "the data and the program");
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("<img") && !page.contains('\u{202e}') && !page.contains('\u{2028}'));
    assert!(data(&page)["credentials"][0]["places"][0]["path"].as_str().is_some_and(|path| path.contains("onerror")));
}

#[test]
fn what_is_missing_is_said_on_the_page() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.commit("b.txt", "clean\n");
    let clone = place.beside("clone");
    let url = format!("file://{}", place.path("").display());
    place.git_in(place.path("..").as_path(), &["clone", "-q", "--depth", "1", &url, clone.to_str().expect("UTF-8")]);
    let ran = place.staunch_in(&clone, &["audit", "--format", "html"]);
    ran.ends(2).says("Not everything could be read.");
}
