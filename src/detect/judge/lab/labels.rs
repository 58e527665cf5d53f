//! The table of labels: comma-separated, with the columns of CredData that matter here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::detector::{Detector, Find, Structure};

/// Why a labelled set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A column is missing.
    #[error("the table of labels has no column {column:?}")]
    Column {
        /// Its name.
        column: &'static str,
    },
    /// A row is not as it should be.
    #[error("line {line} of the labels: {what}")]
    Row {
        /// The line.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// Labels without files.
    #[error("none of the files that the labels name is below {root:?}")]
    NoFiles {
        /// Where they were looked for.
        root: PathBuf,
    },
}

/// What a labelled place would be, by the words of its category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A format of its own.
    Specific,
    /// A header, an address, a command, SQL.
    Structural,
    /// A value assigned to a name.
    Generic,
    /// A bare UUID, a host, an application's id: no secrets.
    Identifier,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 4] = [Kind::Specific, Kind::Structural, Kind::Generic, Kind::Identifier];

    /// Returns the word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Specific => "specific",
            Kind::Structural => "structural",
            Kind::Generic => "generic",
            Kind::Identifier => "identifier",
        }
    }

    /// Returns what a label of a finding of this detector would be.
    pub fn found_by(detector: &Detector) -> Self {
        match &detector.find {
            Find::Token { .. } | Find::Value { .. } => Kind::Specific,
            Find::Structure { structure: Structure::Assignment, .. } => Kind::Generic,
            Find::Structure { .. } if detector.is_self_identifying() => Kind::Specific,
            Find::Slot { .. } | Find::Structure { .. } => Kind::Structural,
        }
    }

    fn of(categories: &[String]) -> Self {
        if let Some(kind) = Kind::ALL.into_iter().find(|kind| categories.iter().any(|category| category == kind.word())) {
            return kind;
        }
        let any = |list: &[&str]| categories.iter().any(|category| list.contains(&category.as_str()));
        if any(&SPECIFIC) {
            Kind::Specific
        } else if any(&STRUCTURAL) {
            Kind::Structural
        } else if categories.iter().any(|category| !IDENTIFIER.contains(&category.as_str())) {
            Kind::Generic
        } else {
            Kind::Identifier
        }
    }
}

/// Categories of CredData that are formats of their own.
const SPECIFIC: [&str; 34] = [
    "AWS Client ID",
    "AWS Multi",
    "Akamai Credentials",
    "Alibaba Access Key ID",
    "Alibaba Multi",
    "Anthropic API Key",
    "Azure Access Token",
    "BASE64 Private Key",
    "BASE64 encoded PEM Private Key",
    "Docker Swarm Token",
    "Facebook Access Token",
    "Github Classic Token",
    "Google API Key",
    "Google Multi",
    "Google OAuth Access Token",
    "Google OAuth Refresh Token",
    "Grafana Access Policy Token",
    "Grafana Provisioned API Key",
    "Grafana Service Account Token",
    "JSON Web Token",
    "JWK",
    "Jira / Confluence PAT token",
    "MailGun API Key",
    "NKEY Seed",
    "NTLM Token",
    "PEM Private Key",
    "Perplexity API Key",
    "PostHog Credentials",
    "Postman Credentials",
    "Salesforce Credentials",
    "Slack Token",
    "Stripe Credentials",
    "Twilio Credentials",
    "WunderGraph API Key",
];
/// Categories that are known by what stands around the value.
const STRUCTURAL: [&str; 10] = [
    "Basic Authorization",
    "Bearer Authorization",
    "URL Credentials",
    "CURL User Password",
    "CURL Options",
    "CMD ConvertTo-SecureString",
    "CMD Password",
    "CMD Secret",
    "CMD Token",
    "SQL Password",
];
/// Categories that are no secrets by themselves.
const IDENTIFIER: [&str; 4] = ["UUID", "AWS S3 Bucket", "Firebase Domain", "Tencent WeChat API App ID"];

/// One labelled place: all labels of the same lines together.
#[derive(Debug, Clone)]
pub struct Item {
    /// The file, from the root of the set.
    pub path: String,
    /// The repository it is of.
    pub repository: String,
    /// The first line, from 1.
    pub first: usize,
    /// The last line.
    pub last: usize,
    /// Whether a secret is there.
    pub is_true: bool,
    /// What it is, or would be.
    pub kind: Kind,
    /// Columns of the secrets, from 0, where they are known.
    columns: Vec<(usize, usize)>,
}

impl Item {
    /// Returns whether the secret is at these columns, as far as is known.
    pub(super) fn is_at(&self, columns: (usize, usize)) -> bool {
        self.columns.is_empty() || self.columns.iter().any(|&(start, end)| start < columns.1 && columns.0 < end)
    }
}

/// One row.
struct Label {
    is_true: bool,
    columns: Option<(usize, usize)>,
    categories: Vec<String>,
    repository: String,
}

/// Reads a table: one item for all rows of the same lines.
pub(super) fn items(table: &str) -> Result<Vec<Item>, Error> {
    let mut rows = table.lines();
    let header = fields(rows.next().unwrap_or_default());
    let column = |name: &'static str| header.iter().position(|field| field == name).ok_or(Error::Column { column: name });
    let (path, first, last) = (column("FilePath")?, column("LineStart")?, column("LineEnd")?);
    let (truth, category) = (column("GroundTruth")?, column("Category")?);
    let optional = |name: &'static str| column(name).ok();
    let (start, end, repository) = (optional("ValueStart"), optional("ValueEnd"), optional("RepoName"));
    let mut places: BTreeMap<(String, usize, usize), Vec<Label>> = BTreeMap::new();
    for (line, row) in (2..).zip(rows).filter(|(_, row)| !row.is_empty()) {
        let fields = fields(row);
        let field = |at: usize| fields.get(at).map(String::as_str).unwrap_or_default();
        let number = |at: usize| {
            field(at).parse::<usize>().map_err(|_| Error::Row { line, what: format!("{:?} is no number of a line", field(at)) })
        };
        let place = |at: Option<usize>| field(at?).parse::<usize>().ok();
        let columns = place(start).map(|start| (start, place(end).unwrap_or(start + 1).max(start + 1)));
        let folder = || field(path).split('/').next().unwrap_or_default();
        let label = Label {
            is_true: field(truth) == "T",
            columns,
            categories: field(category).split(':').map(str::to_owned).collect(),
            repository: repository.map_or_else(folder, field).to_owned(),
        };
        places.entry((field(path).to_owned(), number(first)?, number(last)?)).or_default().push(label);
    }
    Ok(places.into_iter().map(|(place, labels)| item(place, &labels)).collect())
}

fn item((path, first, last): (String, usize, usize), labels: &[Label]) -> Item {
    let is_true = labels.iter().any(|label| label.is_true);
    let decisive = || labels.iter().filter(|label| label.is_true == is_true);
    let categories: Vec<String> = decisive().flat_map(|label| label.categories.iter().cloned()).collect();
    let columns: Option<Vec<(usize, usize)>> = decisive().map(|label| label.columns).collect();
    let repository = labels.first().map(|label| label.repository.clone()).unwrap_or_default();
    let columns = columns.filter(|_| first == last).unwrap_or_default();
    Item { path, repository, first, last, is_true, kind: Kind::of(&categories), columns }
}

/// Splits a row at its commas; a field in quotes may hold some.
fn fields(row: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for c in row.trim_end_matches('\r').chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            c => fields.last_mut().expect("there is always one").push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::{Kind, items};

    #[test]
    fn rows_of_the_same_lines_are_one_item() {
        let table = "FilePath,LineStart,LineEnd,GroundTruth,ValueStart,ValueEnd,Category,RepoName\n\
                     r/a.yml,3,3,F,4,8,Key,r\n\
                     r/a.yml,3,3,T,10,14,Password,r\n\
                     r/a.yml,9,12,X,,,PEM Private Key,r\n\
                     \"r/b,c.yml\",1,1,T,,,UUID,r\n";
        let items = items(table).expect("it is a table");
        assert_eq!(items.len(), 3);
        assert!(items[0].is_true && items[0].kind == Kind::Generic);
        assert!(items[0].is_at((12, 13)) && !items[0].is_at((4, 8)));
        assert!(!items[1].is_true && items[1].kind == Kind::Specific && items[1].is_at((0, 1)));
        assert_eq!((items[2].path.as_str(), items[2].kind), ("r/b,c.yml", Kind::Identifier));
    }

    #[test]
    fn a_table_that_is_none_is_refused() {
        assert!(items("").is_err());
        assert!(items("FilePath,LineStart,LineEnd,GroundTruth,Category\na,x,1,T,Key\n").is_err());
    }
}
