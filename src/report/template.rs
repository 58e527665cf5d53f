//! A format of the user's own: a template in the language of Jinja, which sees the report as `--format json` writes it.

use std::io::{self, Write};
use std::path::Path;

use minijinja::{AutoEscape, Environment};

use super::document::Document;
use super::{Page, Render, text};

/// Steps a template may take; a hundred thousand credentials with thirty fields each take a fifth of it.
const MAX_STEPS: u64 = 100_000_000;
/// A template that can be read.
pub struct Template {
    environment: Environment<'static>,
}

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{name}{at}: {what}")]
pub struct Error {
    name: String,
    at: String,
    what: String,
}

impl Template {
    /// The largest template that is read: a megabyte of text in a report is more than anybody writes by hand.
    pub const MAX_BYTES: u64 = 1 << 20;

    /// Reads a template; the ending of its name, before `.j2` or the like, says what is escaped: HTML and XML, or JSON.
    ///
    /// # Errors
    /// When it is no template.
    pub fn new(path: &Path, source: String) -> Result<Self, Error> {
        Template::with_steps(path, source, MAX_STEPS)
    }

    fn with_steps(path: &Path, source: String, max_steps: u64) -> Result<Self, Error> {
        let name = path.display().to_string();
        let escape = escaping(path);
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(move |_| escape);
        environment.set_fuel(Some(max_steps));
        environment.set_keep_trailing_newline(true);
        environment.add_filter("safe_text", |said: &str| text::safe(said));
        environment.add_template_owned("report", source).map_err(|error| told(&name, &error))?;
        Ok(Template { environment })
    }
}

impl Render for Template {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let template = self.environment.get_template("report").map_err(io::Error::other)?;
        let written = template.render_captured_to(document, out);
        written.map(|_| ()).map_err(|error| io::Error::other(told("the template", &error)))
    }
}

fn escaping(path: &Path) -> AutoEscape {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = [".j2", ".jinja", ".jinja2", ".tmpl"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).to_owned();
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html" | "htm" | "xml") => AutoEscape::Html,
        Some("json" | "js" | "yaml" | "yml") => AutoEscape::Json,
        Some(_) | None => AutoEscape::None,
    }
}

/// Says where a template is wrong.
fn told(name: &str, error: &minijinja::Error) -> Error {
    let at = error.line().map(|line| format!(":{line}")).unwrap_or_default();
    let what = error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
    Error { name: name.to_owned(), at, what }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Document, Page, Render as _, Template};

    #[test]
    fn a_template_that_does_not_end_is_ended() {
        let source = "{% for a in range(9000) %}{% for b in range(9000) %}x{% endfor %}{% endfor %}";
        let template = Template::with_steps(Path::new("x"), source.into(), 10_000).expect("it is a template");
        let error = template.render(&Document::empty(), &Page::default(), &mut Vec::new()).expect_err("it ran out");
        assert!(error.to_string().contains("fuel"), "{error}");
    }
}
