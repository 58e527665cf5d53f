//! The time that a hook may take: it is looked at inside of one large file too.

use crate::support::{Place, program, token};

/// 200 MB, in which every line calls several detectors and none finds anything, but the last.
fn large() -> Place {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    let line = "password = ${password} # api_key secret token aws_secret_access_key ghp_ sk_live_ -----BEGIN ----- xoxb- AKIA\n";
    let mut text = line.repeat(200_000_000 / line.len());
    text.push_str(&token(1));
    place.write("large.txt", text);
    place.git(&["-c", "core.compression=1", "add", "large.txt"]);
    place
}

/// Returns how many seconds of a processor a hook takes that may take so many milliseconds: other work on this machine is not ours.
fn seconds(place: &Place, budget_ms: u32) -> f64 {
    let timed = "TIMEFORMAT='%U %S'; time \"$0\" hook run --budget-ms \"$1\" pre-commit";
    let program = program().display().to_string();
    let ran = place.run("bash".as_ref(), &place.path(""), &["-c", timed, &program, &budget_ms.to_string()], b"");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains(&format!("not looked at within {budget_ms} ms")), "{ran:?}");
    let times = ran.err.lines().last().expect("bash says how long it took");
    times.split(' ').map(|seconds| seconds.parse::<f64>().expect("it is a number")).sum()
}

#[test]
fn no_large_file_makes_a_hook_take_a_second_more_than_it_may() {
    let place = large();
    // So little does not suffice to unpack it, so that is not begun.
    let taken = seconds(&place, 1_500);
    assert!(taken < 0.5, "{taken} s");
    // With this it is unpacked, and broken off while it is looked at.
    let taken = seconds(&place, 2_500);
    assert!(taken < 3.5, "{taken} s");
}
