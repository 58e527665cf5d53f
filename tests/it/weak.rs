//! Passwords as people choose them, in the places where they leave them: found with low confidence at least.

use std::collections::BTreeSet;

use crate::support::{Place, Ran};

/// Words that head the lists of leaked passwords, and first names.
const WORDS: [&str; 44] = [
    "dragon",
    "monkey",
    "football",
    "baseball",
    "princess",
    "sunshine",
    "shadow",
    "master",
    "superman",
    "batman",
    "starwars",
    "jordan",
    "harley",
    "buster",
    "soccer",
    "hockey",
    "killer",
    "george",
    "charlie",
    "andrew",
    "michelle",
    "jessica",
    "pepper",
    "daniel",
    "ashley",
    "thomas",
    "maggie",
    "cookie",
    "summer",
    "winter",
    "spring",
    "autumn",
    "orange",
    "banana",
    "cheese",
    "computer",
    "flower",
    "ginger",
    "diamond",
    "silver",
    "purple",
    "guitar",
    "phoenix",
    "liverpool",
];
/// Phrases, rows of keys and words with digits for letters.
const HABITS: [&str; 36] = [
    "iloveyou",
    "letmein",
    "trustno1",
    "welcome1",
    "qwertz",
    "qwerty12",
    "1qaz2wsx",
    "asdfghjkl",
    "zaq12wsx",
    "qazwsxedc",
    "987654",
    "24681012",
    "19851985",
    "20192020",
    "696969",
    "dr4g0n",
    "l3tm3in",
    "s0ccer",
    "mustang5",
    "fuckyou2",
    "whatever",
    "freedom7",
    "hello123",
    "abc12345",
    "correcthorsebattery",
    "blue-horse-42",
    "ilovemydog",
    "Manchester1",
    "Berlin1989",
    "r3dhat",
    "b1gd4ddy",
    "qwe123rty",
    "a1b2c3d4",
    "mypony99",
    "lovely77",
    "jesus4ever",
];

/// Returns passwords as people make them of words, without repeats.
fn passwords() -> Vec<String> {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let mut all = Vec::new();
    for (number, word) in WORDS.iter().enumerate() {
        all.push((*word).to_owned());
        all.push(format!("{word}{}", number % 97 + 1));
        all.push(format!("{}{}!", capital(word), 1980 + number));
        all.push(match number % 4 {
            0 => format!("{}{}", capital(word), 123),
            1 => format!("{word}@{}", 2010 + number % 12),
            2 => format!("{}#{}", capital(word), number % 9 + 1),
            _ => format!("{word}{}", WORDS[(number * 7 + 3) % WORDS.len()]),
        });
    }
    all.extend(HABITS.iter().map(|habit| (*habit).to_owned()));
    let mut seen = BTreeSet::new();
    all.retain(|one| seen.insert(one.clone()));
    all
}

/// Files in which a password is left, with `@` in its place.
const PLACES: [(&str, &str); 20] = [
    (".env", "APP_ENV=production\nDB_HOST=10.0.3.7\nDB_PASSWORD=@\n"),
    ("deploy/app.yml", "database:\n  username: app\n  password: @\n"),
    ("config/database.yml", "production:\n  adapter: mysql2\n  username: shop\n  password: \"@\"\n"),
    ("src/main/resources/application.properties", "spring.datasource.username=app\nspring.datasource.password=@\n"),
    ("settings.json", "{\n  \"user\": \"app\",\n  \"password\": \"@\"\n}\n"),
    ("app/settings.py", "DATABASES = {\n    'default': {\n        'USER': 'app',\n        'PASSWORD': '@',\n    }\n}\n"),
    ("docker-compose.yml", "  db:\n    environment:\n      - MYSQL_USER=app\n      - MYSQL_ROOT_PASSWORD=@\n"),
    ("wp-config.php", "define('DB_USER', 'wordpress');\ndefine('DB_NAME', 'blog');\n$password = '@';\n"),
    ("src/Db.java", "public class Db {\n    private static final String PASSWORD = \"@\";\n}\n"),
    ("server/config.js", "module.exports = {\n  user: 'app',\n  password: '@',\n};\n"),
    ("backup.sh", "#!/bin/sh\nexport PGPASSWORD=@\npg_dump app > app.sql\n"),
    ("main.tf", "resource \"aws_db_instance\" \"main\" {\n  username = \"app\"\n  password = \"@\"\n}\n"),
    ("web.config", "<configuration>\n  <add key=\"SmtpPassword\" value=\"@\" />\n</configuration>\n"),
    ("settings.xml", "<server>\n  <username>deploy</username>\n  <password>@</password>\n</server>\n"),
    ("app.ini", "[smtp]\nuser = mailer\npasswd = @\n"),
    ("cmd/main.go", "cfg := Config{\n\tUser:     \"app\",\n\tPassword: \"@\",\n}\n"),
    ("Program.cs", "var login = \"app\";\nvar password = \"@\";\n"),
    ("Dockerfile", "FROM postgres:16\nENV POSTGRES_PASSWORD=@\n"),
    ("config.toml", "[mail]\nlogin = \"app\"\npwd = \"@\"\n"),
    ("lib/mailer.rb", "config.smtp_user = 'app'\nconfig.smtp_password = '@'\n"),
];

/// Returns in which of the folders something was found.
fn found(ran: &Ran) -> BTreeSet<String> {
    let path = |line: &serde_json::Value| line["path"].as_str().unwrap_or_default().to_owned();
    ran.lines().iter().filter_map(|line| path(line).split('/').next().map(str::to_owned)).collect()
}

#[test]
fn weak_passwords_are_found_with_low_confidence_at_least() {
    let passwords = passwords();
    assert!(passwords.len() >= 200, "{}", passwords.len());
    let place = Place::folder();
    for (number, password) in passwords.iter().enumerate() {
        let (name, text) = PLACES[number % PLACES.len()];
        place.write(format!("p{number}/{name}"), text.replace('@', password));
    }
    let ran = place.staunch(&["scan", "--format", "jsonl", "--min-confidence", "low"]).ends(1);
    let found = found(&ran);
    let missed: Vec<String> = (0..passwords.len())
        .filter(|number| !found.contains(&format!("p{number}")))
        .map(|number| format!("{} in {}", passwords[number], PLACES[number % PLACES.len()].0))
        .collect();
    assert!(missed.len() * 20 <= passwords.len(), "{} of {} are missed:\n{}", missed.len(), passwords.len(), missed.join("\n"));
}

#[test]
fn what_stands_in_such_places_and_is_no_password_is_not_found() {
    let words =
        ["string", "required", "your_password", "${DB_PASSWORD}", "changeme", "<secret>", "None", "app.config.secret", "/run/secrets/db"];
    let place = Place::folder();
    for (number, (name, text)) in PLACES.iter().enumerate() {
        place.write(format!("p{number}/{name}"), text.replace('@', words[number % words.len()]));
    }
    let ran = place.staunch(&["scan", "--format", "jsonl", "--min-confidence", "low"]).ends(0);
    assert_eq!(found(&ran), BTreeSet::new());
}

#[test]
fn phrases_of_words_are_found_where_they_stand_in_quotes() {
    let place = Place::folder();
    let settings = |value: &str| format!("login: ann\npassphrase: \"{value}\"\n");
    place.write("config/vault.yml", settings("violin harvest magnet orbit tulip"));
    place.staunch(&["scan"]).ends(1).says("generic-password");
    for sentence in ["Enter the phrase again", "must hold four words at least", "three words only", "use any words here please"] {
        place.write("config/vault.yml", settings(sentence));
        place.staunch(&["scan", "--min-confidence", "low"]).ends(0);
    }
}

#[test]
fn a_weak_password_of_a_test_is_left_alone() {
    let place = Place::folder();
    let (_, text) = PLACES[5];
    place.write("tests/settings.py", text.replace('@', "orange"));
    place.staunch(&["scan", "--min-confidence", "low"]).ends(0);
}
