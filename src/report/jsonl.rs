//! One JSON object a line for each place, in the order of places, for scripts that read as they go.

use std::io::{self, Write};

use super::document::{Credential, Document, Place};
use super::{Page, Render, json};

pub(super) struct JsonLines;

impl Render for JsonLines {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let credentials = document.credentials.iter();
        let mut places: Vec<(&Credential, &Place)> = credentials.flat_map(|of| of.places.iter().map(move |place| (of, place))).collect();
        places.sort_by_key(|(of, place)| {
            let fingerprint = place.fingerprint.as_ref().unwrap_or(&of.fingerprint);
            (place.top_path(), place.member(), place.line, place.column, place.end_line, place.end_column, fingerprint, &place.detector)
        });
        places.into_iter().try_for_each(|(of, place)| json::line(&of.at(place), out))
    }
}
