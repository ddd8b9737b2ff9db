//! The notation of a retention period: `10 years after last_order`.

use super::model::Retention;
use super::problem::Code;
use super::section::Section;

/// Reads a period, reporting at `key` of the section what is wrong with it.
pub(super) fn read(section: &Section<'_>, key: &str, text: &str) -> Option<Retention> {
    let at = section.spot(key);
    let words: Vec<&str> = text.split_whitespace().collect();
    let [count, unit, "after", from] = words.as_slice() else {
        section.report(at, Code::BadPeriod, &[text]);
        return None;
    };
    let Some(count) = count.parse().ok().filter(|count: &u16| (1..=1200).contains(count)) else {
        section.report(at, Code::BadPeriod, &[text]);
        return None;
    };
    // A person writes "1 year".
    let unit = if unit.ends_with('s') { (*unit).to_owned() } else { format!("{unit}s") };
    let (unit, from) = (section.lookup(key, &unit, at), section.lookup(key, from, at));
    Some(Retention { count, unit: unit?, from: from? })
}
