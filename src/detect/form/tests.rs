//! Forms as people write them, and what is read of each.

use super::{Joint, assignment_at, without_seams};
use crate::span::Span;

fn keyword(text: &str) -> Span {
    let at = text.to_ascii_lowercase().find("password").expect("each text has the word");
    Span::new(at, at + 8)
}

#[test]
fn reads_the_forms_people_write() {
    for (text, name, value, joint) in [
        ("password=abc def", "password", "abc", Joint::Equals),
        ("  db.password: 'x y'", "db.password", "x y", Joint::Colon),
        (r#"{"password": "\"y"}"#, "password", r#"\"y"#, Joint::Colon),
        (r#""{\"password\":\"xyz\"}""#, "password", "xyz", Joint::Colon),
        ("let password: &str = \"xyz\";", "password", "xyz", Joint::Equals),
        ("const password: string = 'xyz'", "password", "xyz", Joint::Equals),
        ("password := []byte(\"xyz\")", "password", "xyz", Joint::Equals),
        ("password, err := hex.DecodeString(\"xyz\")", "password", "xyz", Joint::Equals),
        ("password <- 'xyz'", "password", "xyz", Joint::Equals),
        ("password = base64.b64encode(b'x:y')", "password", "x:y", Joint::Equals),
        ("password = new[] { \"xyz\" }", "password", "xyz", Joint::Equals),
        ("password =\n    \"xyz\"", "password", "xyz", Joint::Equals),
        ("password: |\n  xyz\n", "password", "xyz", Joint::Colon),
        ("password: x'xx\n", "password", "x'xx", Joint::Colon),
        ("password：xyz", "password", "xyz", Joint::Colon),
        ("props.put(\"user.password\", \"xyz\");", "user.password", "xyz", Joint::Equals),
        ("define( 'PASSWORD', 'xyz' );", "PASSWORD", "xyz", Joint::Equals),
        ("check(\"password\", \"xyz\")", "password", "xyz", Joint::Comma),
        ("mail.password=abcd efgh ijkl mnop\n", "mail.password", "abcd efgh ijkl mnop", Joint::Equals),
        ("password: abcd is what they said\n", "password", "abcd", Joint::Colon),
        ("setPassword(\"xyz\")", "setPassword", "xyz", Joint::Call),
        ("ENV['PASSWORD'] = 'xyz'", "PASSWORD", "xyz", Joint::Equals),
        ("${PASSWORD:-xyz}", "PASSWORD", "xyz", Joint::Default),
        ("mysql --password xyz -h db", "password", "xyz", Joint::Space),
        ("mysql --password=xyz -h db", "password", "xyz", Joint::Equals),
        ("password xyz\n", "password", "xyz", Joint::Space),
        ("ENV PASSWORD xyz\n", "PASSWORD", "xyz", Joint::Space),
        ("<password>xyz</password>", "password", "xyz", Joint::Markup),
        ("<password>\n  xyz\n</password>", "password", "xyz", Joint::Markup),
        ("<password><![CDATA[xyz]]></password>", "password", "xyz", Joint::Markup),
        ("<password encoding=\"base64\">xyz</password>", "password", "xyz", Joint::Markup),
        ("<add key=\"Password\" value=\"xyz\" />", "Password", "xyz", Joint::Markup),
        ("<string name=\"password\">xyz</string>", "password", "xyz", Joint::Markup),
        ("<key>Password</key>\n  <string>xyz</string>", "Password", "xyz", Joint::Markup),
        ("<name>db.password</name><value>xyz</value>", "db.password", "xyz", Joint::Markup),
        ("- name: DB_PASSWORD\n  value: xyz\n", "DB_PASSWORD", "xyz", Joint::NextLine),
        ("{\"name\": \"PASSWORD\", \"value\": \"xyz\"}", "PASSWORD", "xyz", Joint::NextLine),
        ("| password | xyz |", "password", "xyz", Joint::Cell),
        ("- **password**: xyz", "password", "xyz", Joint::Colon),
        ("the password is 'xyz'", "password", "xyz", Joint::Says),
        ("expect(user.password).to eq 'xyz'", "user.password", "xyz", Joint::Compares),
        ("?user=a&password=xyz&b=c", "password", "xyz", Joint::Equals),
        ("'password' => 'xyz',", "password", "xyz", Joint::Equals),
        ("\"a\\nPASSWORD=xyz\\n\"", "PASSWORD", "xyz", Joint::Equals),
        ("my $password = q{x(z};", "password", "x(z", Joint::Equals),
        ("password => qq(xyz),", "password", "xyz", Joint::Equals),
        ("password = %q[xyz]", "password", "xyz", Joint::Equals),
        ("password = %Q|xyz|", "password", "xyz", Joint::Equals),
        ("password = quota", "password", "quota", Joint::Equals),
        ("password == \"xyz\"", "password", "xyz", Joint::Compares),
        ("if (strcmp(password, \"xyz\") == 0)", "password", "xyz", Joint::Compares),
        ("const char password[16] = \"xyz\";", "password", "xyz", Joint::Equals),
        ("string Password { get; set; } = \"xyz\";", "Password", "xyz", Joint::Equals),
        ("var password string = \"xyz\"", "password", "xyz", Joint::Equals),
        ("var password []byte = []byte(\"xyz\")", "password", "xyz", Joint::Equals),
        ("val password: Option[String] = Some(\"xyz\")", "password", "xyz", Joint::Equals),
        ("PASSWORD ::= xyz", "PASSWORD", "xyz", Joint::Equals),
        ("Dim password As String = \"xyz\"", "password", "xyz", Joint::Equals),
        ("std::string password{\"xyz\"};", "password", "xyz", Joint::Call),
        ("password: process.env.PASSWORD || 'xyz',", "password", "xyz", Joint::Default),
        ("password = os.environ.get(\"PASSWORD\") or \"xyz\"", "password", "xyz", Joint::Default),
        ("variable \"password\" {\n  type = string\n  default = \"xyz\"\n}", "password", "xyz", Joint::NextLine),
        ("\"password\": {\"type\": \"string\", \"value\": \"xyz\"}", "password", "xyz", Joint::NextLine),
        ("  PASSWORD:\n    value: xyz\n", "PASSWORD", "xyz", Joint::NextLine),
        ("[{\"ParameterKey\": \"Password\", \"ParameterValue\": \"xyz\"}]", "Password", "xyz", Joint::NextLine),
        ("password: !!str xyz\n", "password", "xyz", Joint::Colon),
        ("password: &shared xyz\n", "password", "xyz", Joint::Colon),
        ("| user | password | at |\n|---|:--|---|\n| ann | xyz | x |\n", "password", "xyz", Joint::Cell),
        ("user | password\n--- | ---\nann | xyz\n", "password", "xyz", Joint::Cell),
        ("user,password,host\nann,xyz,db\n", "password", "xyz", Joint::Cell),
        ("<td>Password</td><td>xyz</td>", "Password", "xyz", Joint::Markup),
        ("<property name=\"password\"><value>xyz</value></property>", "password", "xyz", Joint::Markup),
        ("field(\"PASSWORD\", \"\\\"xyz\\\"\")", "PASSWORD", "xyz", Joint::Comma),
        ("the password is xxxxxxx7\n", "password", "xxxxxxx7", Joint::Says),
        ("os.getenv(\"PASSWORD\", \"xyz\")", "PASSWORD", "xyz", Joint::Default),
        ("ENV.fetch('PASSWORD', 'xyz')", "PASSWORD", "xyz", Joint::Default),
        ("assert_equal(\"PASSWORD\", \"xyz\")", "PASSWORD", "xyz", Joint::Comma),
        ("PASSWORD=${1:-xyz}", "PASSWORD", "xyz", Joint::Default),
        ("PASSWORD=\"${2:-xyz}\"", "PASSWORD", "xyz", Joint::Default),
        ("username bob password 0 xyz7\n", "password", "xyz7", Joint::Space),
        ("DB_PASSWORD=xy&z7\n", "DB_PASSWORD", "xy&z7", Joint::Equals),
        ("  DB_PASSWORD: x;y,z\n", "DB_PASSWORD", "x;y,z", Joint::Colon),
        ("export DB_PASSWORD=x,7; run\n", "DB_PASSWORD", "x,7", Joint::Equals),
        ("password=xy&user=a", "password", "xy", Joint::Equals),
        ("- DB_PASSWORD=x&&run\n", "DB_PASSWORD", "x", Joint::Equals),
        ("{password: xy, user: a}", "password", "xy", Joint::Colon),
        ("f(password=xy,7)", "password", "xy", Joint::Equals),
        ("if (\"xyz\" == user.password)", "user.password", "xyz", Joint::Compares),
        ("if (\"xyz\".equals(password))", "password", "xyz", Joint::Compares),
        ("if ('xyz' !== $password) {", "password", "xyz", Joint::Compares),
        ("{\"value\": \"xyz\", \"name\": \"PASSWORD\"}", "PASSWORD", "xyz", Joint::NextLine),
        ("<add value=\"xyz\" key=\"Password\" />", "Password", "xyz", Joint::Markup),
        ("- value: 'xyz'\n  name: 'PASSWORD'\n", "PASSWORD", "xyz", Joint::NextLine),
        ("INSERT INTO u (name, password) VALUES ('a,''b', 'xyz');", "password", "xyz", Joint::Cell),
        ("insert into `u` (`id`,`password`,`x`)\nvalues (1,'xyz',0),(2,'abc',0);", "password", "xyz", Joint::Cell),
        ("COPY u (id, password, x) FROM stdin;\n1\txyz\t0\n", "password", "xyz", Joint::Cell),
        ("password = os.getenv(\"PW\", \"xyz\")", "password", "xyz", Joint::Default),
        ("page.type(\"input[name=password]\", \"xyz\")", "password", "xyz", Joint::Comma),
        ("cy.get('#password').type('xyz')", "password", "xyz", Joint::Call),
        ("Environment.SetEnvironmentVariable(\"PASSWORD\", \"xyz\")", "PASSWORD", "xyz", Joint::Equals),
        ("the password for root on db7.corp.net is xxxxxxx7\n", "password", "xxxxxxx7", Joint::Says),
        ("Password - xxxxxxx7\n", "Password", "xxxxxxx7", Joint::Says),
        ("&quot;password&quot;:&quot;xyz&quot;", "password", "xyz", Joint::Colon),
        ("password: &#39;xyz&#39;,", "password", "xyz", Joint::Colon),
    ] {
        let read = assignment_at(text.as_bytes(), keyword(text)).unwrap_or_else(|| panic!("nothing read from {text:?}"));
        assert_eq!(String::from_utf8_lossy(read.name.of(text.as_bytes())), name, "{text:?}");
        assert_eq!(String::from_utf8_lossy(read.value.of(text.as_bytes())), value, "{text:?}");
        assert_eq!(read.joint, joint, "{text:?}");
    }
}

#[test]
fn reads_nothing_where_nothing_is_assigned() {
    for text in [
        "password",
        "the password\nis",
        "password()",
        "password::Hash",
        "\"password\":{\"isSecret\":true}",
        "password = { 'isSecret' : true }",
        "password,user",
        "password(user, \"x\")",
        "see password reset page",
        "the password is wrong",
        "a | password",
        "password:-xyz",
        "output \"password\" {\n  sensitive = true\n}",
        "  PASSWORD:\n  value: xyz\n",
        "import password, user\nimport os\n",
        "password[user] + \"x\"",
        "password =~ s/x/y/",
        "(?:login|password|x7)",
        "the legacy RSA password PKCS8 is of no use",
        "f(\"xyz\" + password)",
        "{\"value\": \"xyz\"}, {\"name\": \"password\"}",
        "{\"default_value\": \"xyz\", \"name\": \"password\"}",
        "if (kind == \"password\")",
        "INSERT INTO u (name, password) SELECT a, b FROM x",
        "INSERT INTO u (name, password) VALUES ('a')",
        "f(name, password)",
        "password for root on db7 was changed",
    ] {
        assert_eq!(assignment_at(text.as_bytes(), keyword(text)), None, "{text:?}");
    }
}

#[test]
fn joins_a_value_that_is_written_in_parts() {
    for (text, joined) in [
        ("password = \"aa\" + \"aa\"", Some("aaaa")),
        ("password = 'aa' . 'aa'", Some("aaaa")),
        ("password = (\"aa\"\n            \"aa\")", Some("aaaa")),
        ("password = \"aa\" \\\n  \"aa\"", Some("aaaa")),
        ("password = \"aa\", \"aa\"", None),
        ("password = \"aa\" + other", None),
    ] {
        let read = assignment_at(text.as_bytes(), keyword(text)).unwrap_or_else(|| panic!("nothing read from {text:?}"));
        let found = without_seams(text.as_bytes(), &read).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert_eq!(found.as_deref(), joined, "{text:?}");
    }
}

#[test]
fn reads_a_list_of_bytes_as_one_value() {
    let text = "password := []byte{201, 94, 0x1f, 7, 88, 120, 3, 255}";
    let read = assignment_at(text.as_bytes(), keyword(text)).expect("it is one");
    assert_eq!(read.value.of(text.as_bytes()), b"201, 94, 0x1f, 7, 88, 120, 3, 255");
    let text = "password := []int{1, 2, 3}";
    assert_eq!(assignment_at(text.as_bytes(), keyword(text)), None);
}
