//! The kinds of credential that the catalogue owes: each is found by a detector of its name or by one that covers it.

use std::collections::{BTreeMap, BTreeSet};

use staunch::chunk::Content;
use staunch::detect::sample;
use staunch::detector::Guidance;

use crate::support::{Place, catalog, source};

/// Kinds that are ciphertext and no leak: what their files look like, for the one that has the key.
const ENCRYPTED: [(&str, &str); 9] = [
    ("ansible-vault-payload", "$ANSIBLE_VAULT;1.1;AES256\n{hex:80}\n{hex:80}\n{hex:62}\n"),
    ("ansible-vault-payload", "db_password: !vault |\n  $ANSIBLE_VAULT;1.2;AES256;prod\n  {hex:80}\n  {hex:80}\n"),
    ("sealed-secret", "kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgB{base64:740}\n    api_key: AgC{base64:716}\n"),
    ("sealed-secret", "password: ENC[AES256_GCM,data:{base64:24},iv:{base64:43}=,tag:{base64:22}==,type:str]\n"),
    ("sealed-secret", "{dashes}BEGIN AGE ENCRYPTED FILE{dashes}\n{base64:64}\n{base64:64}\n{dashes}END AGE ENCRYPTED FILE{dashes}\n"),
    ("travis-secure", "env:\n  global:\n    - secure: \"{base64:171}=\"\n"),
    ("travis-secure", "deploy:\n  api_key:\n    secure: {base64:171}=\n"),
    ("eyaml", "db::password: ENC[PKCS7,MII{base64:200}]\n"),
    ("jasypt", "spring.datasource.password=ENC({base64:43}=)\n"),
];

fn required() -> BTreeSet<String> {
    let text = std::fs::read_to_string(source().join("testdata/kinds/required.txt")).expect("the list ships with the tests");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_required_kind_has_a_detector() {
    let mut known: BTreeSet<&str> = ENCRYPTED.into_iter().map(|(kind, _)| kind).collect();
    for detector in catalog().detectors() {
        known.insert(&detector.id);
        known.extend(detector.covers.iter().map(AsRef::as_ref));
    }
    let required = required();
    let missing: Vec<&String> = required.iter().filter(|kind| !known.contains(kind.as_str())).collect();
    assert!(required.len() > 700, "only {} kinds are listed", required.len());
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_kind_that_is_covered_is_no_detector_and_is_covered_once() {
    let mut seen: BTreeSet<&str> = catalog().detectors().map(|detector| detector.id.as_ref()).collect();
    let covered = catalog().detectors().flat_map(|detector| detector.covers.iter());
    let twice: Vec<&str> = covered.map(AsRef::as_ref).filter(|kind| !seen.insert(kind)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn a_kind_that_is_covered_is_shown_by_its_detector() {
    Place::folder().staunch(&["detectors", "show", "uri-postgres"]).ends(0).says("url-password");
    Place::folder().staunch(&["detectors", "show", "no-such-kind"]).ends(2).says("no-such-kind");
}

#[test]
fn ciphertext_is_no_leak() {
    let any = catalog().detectors().next().expect("the catalog is not empty");
    for (kind, template) in ENCRYPTED {
        for seed in 0..50 {
            let text = sample::expand(template, any, seed).text;
            let found: Vec<&str> = catalog().matches(&text, Content::Text).iter().map(|m| catalog().id_of(m)).collect();
            assert!(found.is_empty(), "{kind}: {found:?} in {template:?}, seed {seed}");
        }
    }
}

/// How languages of templates and configuration say that a value is kept elsewhere.
const LOOKUPS: [&str; 22] = [
    "password: {{ lookup('env', 'DB_PASSWORD') }}",
    "password: \"{{ vault_db_password }}\"",
    "password: {{ .Values.db.password | quote }}",
    "password: <%= ENV['DB_PASSWORD'] %>",
    "password = ENV.fetch(\"DB_PASSWORD\")",
    "password: ${{ secrets.DB_PASSWORD }}",
    "password = var.db_password",
    "password = data.vault_generic_secret.db.data[\"password\"]",
    "password = \"${random_password.db.result}\"",
    "Password: !Ref DbPassword",
    "Password: '{{resolve:secretsmanager:db:SecretString:password}}'",
    "password=%(DB_PASSWORD)s",
    "password=%DB_PASSWORD%",
    "password=@DB_PASSWORD@",
    "password = op://team/db/password",
    "password: ref+vault://secret/db#/password",
    "export PASSWORD=$(vault kv get -field=password secret/db)",
    "export PASSWORD=\"$(cat /run/secrets/db)\"",
    "password = process.env.DB_PASSWORD",
    "password = os.environ[\"DB_PASSWORD\"]",
    "password = System.getenv(\"DB_PASSWORD\");",
    "machine db.corp.net login app password $DB_PASSWORD",
];

#[test]
fn a_value_that_is_kept_elsewhere_is_no_leak() {
    let found: Vec<(&str, &str)> = LOOKUPS
        .into_iter()
        .flat_map(|text| catalog().matches(text.as_bytes(), Content::Text).into_iter().map(move |m| (text, catalog().id_of(&m))))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_a_documentation_prints_is_no_leak() {
    let id = ["AKIA", "IOSFODNN7", "EXAMPLE"].concat();
    for text in [format!("aws_access_key_id = {id}"), format!("mnemonic: {}junk", "test ".repeat(11))] {
        assert_eq!(catalog().matches(text.as_bytes(), Content::Text).len(), 0, "{text}");
    }
}

/// Families of credentials for which steps are known, each with the detectors that must tell them.
#[test]
fn every_family_with_known_steps_tells_them() {
    let text = std::fs::read_to_string(source().join("testdata/kinds/rotation.txt")).expect("the list ships with the tests");
    let playbooks = std::fs::read_to_string(source().join("src/detector/playbooks.yaml")).expect("they ship");
    let playbooks: BTreeMap<String, Guidance> = serde_saphyr::from_str(&playbooks).expect("they parse");
    let mut poor = Vec::new();
    for (family, id) in text.lines().flat_map(|line| line.split(' ').skip(1).map(move |id| (line.split(' ').next(), id))) {
        let Some(detector) = catalog().detectors().find(|detector| detector.id == id) else {
            poor.push(format!("{family:?}: there is no detector {id}"));
            continue;
        };
        let (own, general) = (&detector.guidance, &playbooks[detector.category.word()]);
        if own.rotate == general.rotate {
            poor.push(format!("{family:?}: {id} says no more than the playbook of its category"));
        }
    }
    assert!(text.lines().count() > 150, "a family is missing");
    assert!(poor.is_empty(), "{}", poor.join("\n"));
}

#[test]
fn every_guidance_ends_by_confirming_that_the_value_is_dead() {
    let mut wrong = BTreeSet::new();
    for detector in catalog().detectors() {
        let last = detector.guidance.rotate.last().map_or("", AsRef::as_ref);
        if !["confirm", "Confirm"].iter().any(|word| last.contains(word)) {
            wrong.insert(format!("{}: the last step is {last:?}", detector.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}
