//! Adds an element to a list inside a JSON text and takes it out again, without touching the bytes around it.
//!
//! The text is parsed for where things stand; what they are is left to `serde_json`, which has read it before.

use std::ops::Range;

/// A value and where it stands.
struct Node {
    span: Range<usize>,
    /// Members or elements; names are empty in a list.
    items: Vec<Item>,
    is_list: bool,
}

struct Item {
    name: String,
    /// From its name on, where it has one.
    start: usize,
    value: Node,
}

/// Returns the text with an element more in the list of that name in the object `hooks`.
pub(super) fn add(text: &str, list: &str, element: &str) -> Option<String> {
    let root = parse(text)?;
    let Some(hooks) = root.member("hooks") else { return Some(append(text, &root, &format!("\"hooks\": {{\"{list}\": [{element}]}}"))) };
    let Some(there) = hooks.member(list) else { return Some(append(text, hooks, &format!("\"{list}\": [{element}]"))) };
    there.is_list.then(|| append(text, there, element))
}

/// Returns the text without the elements of lists in `hooks` that are ours, and without what is empty then.
pub(super) fn remove(text: &str, is_ours: &dyn Fn(&str) -> bool) -> Option<String> {
    let before = text;
    let mut text = text.to_owned();
    loop {
        let root = parse(&text)?;
        let Some(hooks) = root.member("hooks") else { return (text != before).then_some(text) };
        let found = hooks.items.iter().enumerate().find_map(|(at, list)| {
            let own = list.value.items.iter().position(|element| is_ours(&text[element.value.span.clone()]))?;
            Some((at, own))
        });
        let Some((list, element)) = found else { return Some(text) };
        let hooks_at = root.items.iter().position(|item| item.name == "hooks")?;
        let (parent, at) = match (&hooks.items[list].value.items[..], &hooks.items[..]) {
            ([_], [_]) => (&root, hooks_at),
            ([_], _) => (hooks, list),
            _ => (&hooks.items[list].value, element),
        };
        let cut = parent.cut(at);
        text.replace_range(cut, "");
    }
}

impl Node {
    fn member(&self, name: &str) -> Option<&Node> {
        self.items.iter().find(|item| item.name == name).map(|item| &item.value)
    }

    /// Returns what goes with an item: the comma before it, or after it.
    fn cut(&self, at: usize) -> Range<usize> {
        let item = &self.items[at];
        match (at.checked_sub(1).map(|before| &self.items[before]), self.items.get(at + 1)) {
            (Some(before), _) => before.value.span.end..item.value.span.end,
            (None, Some(after)) => item.start..after.start,
            (None, None) => item.start..item.value.span.end,
        }
    }
}

/// Adds an item behind the last one, on a line of its own where that one is.
fn append(text: &str, node: &Node, item: &str) -> String {
    let (at, lead) = match node.items.last() {
        Some(last) => {
            let before = &text[..last.start];
            let space = &before[before.trim_end().len()..];
            (last.value.span.end, format!(",{space}"))
        }
        None => (node.span.start + 1, String::new()),
    };
    [&text[..at], &lead, item, &text[at..]].concat()
}

fn parse(text: &str) -> Option<Node> {
    let mut at = 0;
    space(text, &mut at);
    let root = node(text, &mut at, 0)?;
    (!root.is_list && text[root.span.clone()].starts_with('{')).then_some(root)
}

/// Nobody nests a configuration deeper.
const MAX_DEPTH: usize = 64;

fn node(text: &str, at: &mut usize, depth: usize) -> Option<Node> {
    let start = *at;
    let bytes = text.as_bytes();
    let close = match bytes.get(start)? {
        b'{' => b'}',
        b'[' => b']',
        b'"' => {
            string(text, at)?;
            return Some(Node { span: start..*at, items: Vec::new(), is_list: false });
        }
        _ => {
            let rest = &text[start..];
            *at += rest.find([',', '}', ']', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
            return Some(Node { span: start..*at, items: Vec::new(), is_list: false });
        }
    };
    if depth == MAX_DEPTH {
        return None;
    }
    *at += 1;
    let mut items = Vec::new();
    loop {
        space(text, at);
        if *bytes.get(*at)? == b',' {
            *at += 1;
            continue;
        }
        if *bytes.get(*at)? == close {
            *at += 1;
            return Some(Node { span: start..*at, items, is_list: close == b']' });
        }
        let start = *at;
        let mut name = String::new();
        if close == b'}' {
            string(text, at)?;
            name = serde_json::from_str(&text[start..*at]).ok()?;
            space(text, at);
            *at += usize::from(*bytes.get(*at)? == b':');
            space(text, at);
        }
        items.push(Item { name, start, value: node(text, at, depth + 1)? });
    }
}

fn space(text: &str, at: &mut usize) {
    *at += text[*at..].len() - text[*at..].trim_start().len();
}

fn string(text: &str, at: &mut usize) -> Option<()> {
    let bytes = text.as_bytes();
    *at += 1;
    while *bytes.get(*at)? != b'"' {
        *at += 1 + usize::from(bytes[*at] == b'\\');
    }
    *at += 1;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{add, remove};

    #[test]
    fn what_was_there_comes_back_byte_for_byte() {
        let is_ours = |text: &str| text.contains("ours");
        for text in [
            "{}",
            "{\n}\n",
            "{\"a\": [1, {\"b\": \"}],\\\"\"}]}",
            "{\n  \"model\": \"x\",\n  \"hooks\": {\n    \"Pre\": [\n      {\"command\": \"theirs\"}\n    ]\n  },\n  \"z\": 1\n}\n",
            "{\"hooks\":{\"Other\":[{\"command\":\"theirs\"}]}}",
        ] {
            let one = add(text, "Pre", "{\"command\": \"ours\"}").expect("it has a place");
            let two = add(&one, "Post", "{\"command\": \"ours\"}").expect("it has a place");
            let parsed: serde_json::Value = serde_json::from_str(&two).unwrap_or_else(|error| panic!("{two}: {error}"));
            let commands = parsed["hooks"]["Pre"].as_array().expect("it is a list");
            assert_eq!(commands.last(), Some(&serde_json::json!({"command": "ours"})), "{two}");
            assert_eq!(remove(&two, &is_ours).as_deref(), Some(text), "{two}");
        }
        assert_eq!(add("{\"hooks\": {\"Pre\": {}}}", "Pre", "1"), None);
        assert_eq!(add("[]", "Pre", "1"), None);
        assert_eq!(remove("{\"a\": 1}", &is_ours), None);
    }
}
