//! Measures the index on made-up people: `cargo run --release -p seloste-search --example measure [PEOPLE]`.
//!
//! Prints the time of the build, bytes a person, and the median and 99th percentile of each kind of keystroke.

#![expect(clippy::print_stdout, reason = "a measurement is for reading")]

use std::time::{Duration, Instant};

use seloste_search::{Builder, Entry, Field, Index, Noun, NounSet, Query};
use uuid::Uuid;

/// A small generator of numbers (SplitMix64), so that every run measures the same people.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ x >> 31) % bound.max(1) as u64) as usize
    }

    /// A number below the bound, small ones much more often, as with names.
    fn skewed(&mut self, bound: usize) -> usize {
        let a = self.below(bound);
        let b = self.below(a + 1);
        self.below(b + 1)
    }

    fn pick<'a>(&mut self, list: &'a [String]) -> &'a str {
        let at = self.skewed(list.len());
        list.get(at).map_or("", String::as_str)
    }
}

/// Made-up words from syllables: all starts, with as many middles and ends as needed.
fn words(count: usize, ends: &[&str], seed: u64) -> Vec<String> {
    const STARTS: [&str; 40] = [
        "Ko", "Vir", "Mä", "Nie", "La", "Hei", "Sa", "Jär", "Leh", "Tuo", "Ran", "Kal", "Pel", "Ah", "Hil", "Öh", "Ra",
        "Sil", "Tak", "Um", "Vä", "Yl", "Al", "Er", "Ha", "Is", "Jo", "Kär", "Lin", "Myl", "Nur", "Oja", "Pih", "Rii",
        "Sep", "Tii", "Uus", "Vuo", "Kiv", "Pur",
    ];
    const MIDDLES: [&str; 24] = [
        "ski", "ta", "ki", "mi", "ho", "la", "vi", "ne", "rin", "to", "sa", "hä", "ko", "pa", "lu", "ma", "nie", "va",
        "ra", "ku", "li", "pe", "su", "ty",
    ];
    let mut numbers = Numbers(seed);
    let mut seen = std::collections::BTreeSet::new();
    let mut list = Vec::with_capacity(count);
    while list.len() < count {
        let mut word = STARTS[numbers.below(40)].to_owned();
        for _ in 0..=numbers.below(2) {
            word.push_str(MIDDLES[numbers.below(24)]);
        }
        word.push_str(ends[numbers.below(ends.len())]);
        if seen.insert(word.clone()) {
            list.push(word);
        }
    }
    list
}

struct Lists {
    given: Vec<String>,
    family: Vec<String>,
    streets: Vec<String>,
    towns: Vec<String>,
    firms: Vec<String>,
}

struct Person {
    given: String,
    family: String,
    firm: String,
    email: String,
    phone: String,
    street: String,
    town: String,
    code: String,
    number: String,
}

fn person(n: usize, numbers: &mut Numbers, lists: &Lists) -> Person {
    let given = numbers.pick(&lists.given).to_owned();
    let family = if numbers.below(40) == 0 {
        format!("{}-{}", numbers.pick(&lists.family), numbers.pick(&lists.family))
    } else {
        numbers.pick(&lists.family).to_owned()
    };
    let plain = |text: &str| text.to_lowercase().replace('ä', "a").replace('ö', "o");
    let email = format!(
        "{}.{}{}@{}",
        plain(&given),
        plain(&family),
        numbers.below(100),
        ["example.com", "example.fi", "example.net", "mail.example.org",][numbers.skewed(4)]
    );
    let firm = if numbers.below(3) == 0 {
        format!("{} {}", numbers.pick(&lists.firms), ["Oy", "Ky", "Ab"][numbers.below(3)])
    } else {
        String::new()
    };
    Person {
        email,
        firm,
        given,
        family,
        phone: format!("+3584{}{:07}", numbers.below(10), numbers.below(10_000_000)),
        street: format!("{} {}", numbers.pick(&lists.streets), 1 + numbers.skewed(120)),
        town: numbers.pick(&lists.towns).to_owned(),
        code: format!("{:05}", numbers.skewed(3000) * 10),
        number: format!("{}", 100_000 + n),
    }
}

fn entry_words(person: &Person) -> Vec<(Field, &str)> {
    let mut words = vec![
        (Field::Name, person.given.as_str()),
        (Field::Name, &person.family),
        (Field::Email, &person.email),
        (Field::Telephone, &person.phone),
        (Field::Street, &person.street),
        (Field::Town, &person.town),
        (Field::PostalCode, &person.code),
        (Field::CustomerNumber, &person.number),
    ];
    if !person.firm.is_empty() {
        words.push((Field::Organisation, &person.firm));
    }
    words
}

/// The text with so many typing errors in it.
fn mistyped(text: &str, errors: usize, numbers: &mut Numbers) -> String {
    let mut letters: Vec<char> = text.to_lowercase().chars().collect();
    for _ in 0..errors {
        let at = numbers.below(letters.len().saturating_sub(1).max(1));
        match numbers.below(4) {
            0 => letters.swap(at, at + 1),
            1 => letters[at] = 'x',
            2 => letters.insert(at, 'q'),
            _ => drop(letters.remove(at)),
        }
    }
    letters.into_iter().collect()
}

/// Searches of one register.
struct Searches<'a> {
    index: &'a Index,
    all: &'a [Person],
    numbers: Numbers,
}

impl Searches<'_> {
    /// Searches by what `text` makes of a person, for many people, and prints the times.
    fn time(&mut self, kind: &str, companies: u64, text: impl Fn(&Person, &mut Numbers) -> String) {
        let mut asked = Vec::with_capacity(COUNT);
        for _ in 0..COUNT {
            let n = self.numbers.below(self.all.len());
            asked.push((text(&self.all[n], &mut self.numbers), id(n)));
        }
        let mut times: Vec<Duration> = Vec::with_capacity(asked.len());
        let (mut found, mut hits, mut slowest) = (0, 0, (Duration::ZERO, ""));
        for (text, id) in &asked {
            let query = Query { text, companies, nouns: NounSet::ALL, limit: 20 };
            let start = Instant::now();
            let answer = self.index.search(&query);
            let time = start.elapsed();
            times.push(time);
            slowest = slowest.max((time, text));
            hits += answer.len();
            found += usize::from(answer.iter().any(|hit| hit.id == *id));
        }
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        let count = asked.len();
        println!(
            "{kind:22} p50 {:7.3} ms  p99 {:7.3} ms  max {:7.3} ms ({})  {:5.1} hits  found {:5.1} %",
            at(0.5),
            at(0.99),
            at(1.0),
            slowest.1,
            hits as f64 / count as f64,
            100.0 * found as f64 / count as f64
        );
    }

    fn names(&mut self) {
        for letters in [1, 2, 3, 4, 6, 40] {
            self.time(&format!("family, {letters} letters"), ALL, |p, _| first(&p.family, letters));
        }
        self.time("given", ALL, |p, _| p.given.to_lowercase());
        self.time("given family", ALL, |p, _| format!("{} {}", p.given, p.family));
        self.time("family gi", ALL, |p, _| format!("{} {}", p.family, first(&p.given, 2)));
        self.time("fa gi", ALL, |p, _| format!("{} {}", first(&p.family, 2), first(&p.given, 2)));
        self.time("f g t", ALL, |p, _| format!("{} {} {}", first(&p.family, 1), first(&p.given, 1), first(&p.town, 1)));
        self.time("family town", ALL, |p, _| format!("{} {}", p.family, p.town));
        self.time("given family town", ALL, |p, _| format!("{} {} {}", p.given, p.family, p.town));
        self.time("given town", ALL, |p, _| format!("{} {}", p.given, p.town));
        self.time("town", ALL, |p, _| p.town.clone());
        self.time("town, small company", 1 << 7, |p, _| p.town.clone());
        self.time("f, small company", 1 << 7, |p, _| first(&p.family, 1));
    }

    fn addresses_and_numbers(&mut self) {
        self.time("postal code", ALL, |p, _| p.code.clone());
        self.time("street number town", ALL, |p, _| format!("{} {}", p.street, p.town));
        for digits in [3, 4, 5, 6, 7, 10] {
            self.time(&format!("telephone, {digits}"), ALL, |p, _| first(&p.phone.replace("+358", "0"), digits));
        }
        self.time("telephone, spaced", ALL, |p, _| format!("0{} {} {}", &p.phone[4..6], &p.phone[6..9], &p.phone[9..]));
        self.time("e-mail", ALL, |p, _| p.email.clone());
        self.time("e-mail domain", ALL, |p, _| p.email[p.email.find('@').unwrap_or(0)..].to_owned());
        self.time("customer number", ALL, |p, _| p.number.clone());
        self.time("customer number, 3", ALL, |p, _| first(&p.number, 3));
    }

    fn errors(&mut self) {
        for errors in [1, 2] {
            self.time(&format!("family, {errors} errors"), ALL, |p, n| mistyped(&p.family, errors, n));
            self.time(&format!("given family, {errors} err"), ALL, |p, n| {
                format!("{} {}", p.given, mistyped(&p.family, errors, n))
            });
        }
        self.time("nothing like it", ALL, |_, n| (0..9).map(|_| char::from(b"bcdfghjkxz"[n.below(10)])).collect());
    }
}

/// Searches and updates of each kind.
const COUNT: usize = 2000;
/// Every company.
const ALL: u64 = u64::MAX;

fn first(text: &str, letters: usize) -> String {
    text.chars().take(letters).collect::<String>().to_lowercase()
}

fn id(n: usize) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | n as u128)
}

/// Three companies of a third each, and one of few people.
fn company(n: usize) -> u64 {
    1_u64 << (n % 3) | u64::from(n.is_multiple_of(5000)) << 7
}

fn build(people: usize) -> (Index, Vec<Person>) {
    let lists = Lists {
        given: words(3000, &["a", "i", "o", "ja", "ri", "mo"], 1),
        family: words(30_000, &["nen", "la", "talo", "mäki", "niemi", "lahti", "ranta", "koski"], 2),
        streets: words(4000, &["katu", "tie", "polku", "kuja", "raitti"], 3),
        towns: words(400, &["", "nki", "la", "ki", "niemi"], 4),
        firms: words(20_000, &["rakennus", "kauppa", "huolto", "palvelu", "tekno"], 5),
    };
    let mut numbers = Numbers(7);
    let mut builder = Builder::with_capacity(people);
    let mut all: Vec<Person> = Vec::with_capacity(people);
    let mut added = Duration::ZERO;
    // Added as they come, a thousand at a time, as rows come from a database: the people are not in the time.
    while all.len() < people {
        let start = all.len();
        all.extend((start..people.min(start + 1000)).map(|n| person(n, &mut numbers, &lists)));
        let clock = Instant::now();
        for (n, person) in all.iter().enumerate().skip(start) {
            let words = entry_words(person);
            let changed_at = ((n * 7919) % people) as i64;
            builder.add(Entry { id: id(n), noun: Noun::Person, companies: company(n), changed_at, words: &words });
        }
        added += clock.elapsed();
    }
    let start = Instant::now();
    let index = builder.build();
    println!(
        "{people} people: added in {:.2} s, all built after {:.2} s, {} bytes a person",
        added.as_secs_f64(),
        (added + start.elapsed()).as_secs_f64(),
        index.memory_bytes() / people.max(1)
    );
    (index, all)
}

fn updates(mut index: Index, all: &[Person]) {
    let people = all.len();
    let mut numbers = Numbers(13);
    let mut times = Vec::new();
    for _ in 0..COUNT {
        let n = numbers.below(people);
        let words = entry_words(&all[n]);
        let entry =
            Entry { id: id(n), noun: Noun::Person, companies: company(n), changed_at: people as i64, words: &words };
        let start = Instant::now();
        index.upsert(entry);
        times.push(start.elapsed());
    }
    times.sort_unstable();
    println!("update                 p50 {:?}  p99 {:?}", times[COUNT / 2], times[COUNT * 99 / 100]);
    let start = Instant::now();
    let removed = (0..people).step_by(100).filter(|n| index.remove(id(*n))).count();
    println!("removed {removed} in {:?}", start.elapsed());
}

fn main() {
    let people: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let (index, all) = build(people.max(1));
    let mut searches = Searches { index: &index, all: &all, numbers: Numbers(11) };
    searches.names();
    searches.addresses_and_numbers();
    searches.errors();
    updates(index, &all);
}
