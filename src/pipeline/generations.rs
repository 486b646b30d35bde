//! Files of a generation data group, named `NAME.GnnnnVnn`: read in their order, none left out unnoticed.
//!
//! Numbers go from 0001 to 9999 and then start again (*z/OS DFSMS Using Data Sets*, "Absolute generation and version
//! numbers"). Of two, the one that is fewer than half a round ahead is the later one.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use campaignd_contract::{Candidate, Readiness, Result, Warehouse};

use crate::config::Gap;
use crate::load::file::names_seen;

/// Numbers of a round.
const ROUND: u16 = 9_999;

/// A file's place in its series.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Generation {
    /// Its name without the number.
    series: String,
    number: u16,
    version: u8,
}

impl Generation {
    fn of(name: &str) -> Option<Self> {
        // The last one counts: a series may have such a part in its own name.
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let (at, number, version) = name.rmatch_indices(".G").find_map(|(at, _)| {
            let text = name.get(at + 2..at + 9)?;
            let (number, version) = (text.get(..4)?, text.get(5..)?);
            let ended = name[at + 9..].chars().next().is_none_or(|next| next == '.');
            let fits = text.get(4..5) == Some("V") && digits(number) && digits(version) && ended;
            fits.then(|| Some((at, number.parse().ok()?, version.parse().ok()?)))?
        })?;
        Some(Self { series: format!("{}{}", &name[..at], &name[at + 9..]), number, version })
    }

    /// Steps from this one to a later one of the series.
    fn steps_to(&self, other: &Self) -> u16 {
        (other.number % ROUND + ROUND - self.number % ROUND) % ROUND
    }

    fn is_before(&self, other: &Self) -> bool {
        match self.steps_to(other) {
            0 => self.version < other.version,
            steps => steps < ROUND / 2,
        }
    }

    fn after(&self, steps: u16) -> String {
        format!("G{:04}", (self.number % ROUND + steps - 1) % ROUND + 1)
    }
}

/// How far each series of a pipeline has come.
#[derive(Debug)]
pub struct Generations {
    gap: Gap,
    /// The last one of each series that was loaded, with its name.
    last: BTreeMap<String, (Generation, String)>,
}

/// What is to be said of a file before it is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It is the next one.
    Next,
    /// It isn't, and is loaded nevertheless: what is out of order.
    OutOfOrder(String),
    /// It isn't, and has to wait.
    NotYet(String),
}

impl Generations {
    /// As the warehouse knows them.
    pub fn new(gap: Gap, warehouse: &mut dyn Warehouse, pipeline: &str) -> Result<Self> {
        let mut generations = Self { gap, last: BTreeMap::new() };
        names_seen(warehouse, pipeline)?.iter().for_each(|name| generations.loaded(name));
        Ok(generations)
    }

    /// Puts files into the order in which they are to be read, and refuses those that are no generations.
    pub fn sort(&self, candidates: &mut [Candidate]) {
        for candidate in candidates.iter_mut().filter(|candidate| Generation::of(&candidate.name).is_none()) {
            let why = "its name is none of a generation, NAME.GnnnnVnn, and [generations] expects one";
            candidate.readiness = Readiness::Refused(why.to_owned());
        }
        let start = starts(candidates);
        candidates.sort_by(|one, other| match (&Generation::of(&one.name), &Generation::of(&other.name)) {
            (Some(one), Some(other)) => {
                one.series.cmp(&other.series).then_with(|| self.in_order(one, other, start.get(&one.series)))
            }
            (one, other) => other.is_some().cmp(&one.is_some()),
        });
    }

    /// From the one after the last that was loaded, or from `start` where none was, once around.
    fn in_order(&self, one: &Generation, other: &Generation, start: Option<&Generation>) -> Ordering {
        let steps = |generation: &Generation| match (self.last.get(&one.series), start) {
            // The last one's own number comes last.
            (Some((last, _)), _) => (last.steps_to(generation) + ROUND - 1) % ROUND,
            (None, Some(start)) => start.steps_to(generation),
            (None, None) => generation.number,
        };
        steps(one).cmp(&steps(other)).then_with(|| one.version.cmp(&other.version))
    }

    /// Whether it is the turn of the file called `name`.
    pub fn turn(&self, name: &str) -> Turn {
        let Some(this) = Generation::of(name) else { return Turn::Next };
        let Some((last, last_name)) = self.last.get(&this.series) else { return Turn::Next };
        let why = match last.steps_to(&this) {
            1 => return Turn::Next,
            0 => format!("{last_name} is of the same generation"),
            steps if last.is_before(&this) => {
                let missing = match steps {
                    2 => format!("{} hasn't come", last.after(1)),
                    _ => format!("{} to {} haven't come", last.after(1), last.after(steps - 1)),
                };
                format!("{missing}: the last one loaded is {last_name}")
            }
            _ => format!("it is older than {last_name}, the last one loaded"),
        };
        match self.gap {
            Gap::Load => Turn::OutOfOrder(why),
            Gap::Hold => Turn::NotYet(why),
        }
    }

    /// The file called `name` is loaded.
    pub fn loaded(&mut self, name: &str) {
        let Some(this) = Generation::of(name) else { return };
        if self.last.get(&this.series).is_none_or(|(last, _)| last.is_before(&this)) {
            self.last.insert(this.series.clone(), (this, name.to_owned()));
        }
    }
}

/// Where each series starts that has no last one: behind the longest stretch of numbers that aren't there.
fn starts(candidates: &[Candidate]) -> BTreeMap<String, Generation> {
    let mut series: BTreeMap<String, Vec<Generation>> = BTreeMap::new();
    for generation in candidates.iter().filter_map(|candidate| Generation::of(&candidate.name)) {
        series.entry(generation.series.clone()).or_default().push(generation);
    }
    series
        .into_iter()
        .filter_map(|(name, mut all)| {
            all.sort_by_key(|generation| generation.number);
            let before = all.iter().cycle().skip(all.len().checked_sub(1)?);
            let (start, _) = all.iter().zip(before).max_by_key(|(this, before)| before.steps_to(this))?;
            Some((name, start.clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(names: &[&str], gap: Gap) -> Generations {
        let mut generations = Generations { gap, last: BTreeMap::new() };
        for name in names {
            generations.loaded(name);
        }
        generations
    }

    #[test]
    fn names_of_generations() {
        let of = |name: &str| Generation::of(name).map(|g| (g.series, g.number, g.version));
        assert_eq!(of("PROD.BILL.G0012V00"), Some(("PROD.BILL".into(), 12, 0)));
        assert_eq!(of("PROD.BILL.G9999V01.bin.gz"), Some(("PROD.BILL.bin.gz".into(), 9_999, 1)));
        assert_eq!(of("A.G0001V00.G0002V00"), Some(("A.G0001V00".into(), 2, 0)));
        for none in ["A.G001V00", "A.G0001W00", "A.G0001V0", "A.G0001V000", "AG0001V00", "A.GééV00", "", ".G"] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn the_next_one_is_the_one_after_the_last() {
        let generations = after(&["A.G0012V00", "A.G0013V00", "B.G0001V00"], Gap::Hold);
        assert_eq!(generations.turn("A.G0014V00"), Turn::Next);
        assert_eq!(generations.turn("C.G0500V00"), Turn::Next, "a series may start anywhere");
        let not_yet = |name: &str| match generations.turn(name) {
            Turn::NotYet(why) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(not_yet("A.G0015V00"), "G0014 hasn't come: the last one loaded is A.G0013V00");
        assert_eq!(not_yet("A.G0017V00"), "G0014 to G0016 haven't come: the last one loaded is A.G0013V00");
        assert_eq!(not_yet("A.G0011V00"), "it is older than A.G0013V00, the last one loaded");
        assert_eq!(not_yet("A.G0013V01"), "A.G0013V00 is of the same generation");
        let why = "it is older than A.G0013V00, the last one loaded".to_owned();
        assert_eq!(after(&["A.G0013V00"], Gap::Load).turn("A.G0011V00"), Turn::OutOfOrder(why));
    }

    #[test]
    fn a_round_starts_again() {
        let generations = after(&["A.G9998V00", "A.G9999V00"], Gap::Hold);
        assert_eq!(generations.turn("A.G0001V00"), Turn::Next);
        let Turn::NotYet(why) = generations.turn("A.G0003V00") else { panic!() };
        assert_eq!(why, "G0001 to G0002 haven't come: the last one loaded is A.G9999V00");
        assert_eq!(after(&["A.G9999V00", "A.G0001V00"], Gap::Hold).turn("A.G0002V00"), Turn::Next);
        assert!(matches!(after(&["A.G0001V00"], Gap::Hold).turn("A.G9999V00"), Turn::NotYet(_)), "older");
    }

    #[test]
    fn files_are_read_in_the_order_of_their_numbers() {
        let candidate =
            |name: &str| Candidate { name: name.to_owned(), bytes: None, modified: None, readiness: Readiness::Ready };
        let names = ["other.txt", "B.G0002V00", "A.G0001V00", "A.G9998V00", "A.G0002V01", "A.G9999V00", "A.G0002V00"];
        let mut candidates: Vec<Candidate> = names.map(candidate).to_vec();
        after(&["A.G9997V00"], Gap::Hold).sort(&mut candidates);
        let sorted: Vec<&str> = candidates.iter().map(|candidate| candidate.name.as_str()).collect();
        assert_eq!(
            sorted,
            ["A.G9998V00", "A.G9999V00", "A.G0001V00", "A.G0002V00", "A.G0002V01", "B.G0002V00", "other.txt"]
        );
        assert!(matches!(candidates[6].readiness, Readiness::Refused(_)));
    }

    proptest::proptest! {
        #[test]
        fn any_series_is_read_without_a_gap_from_wherever_it_starts(start in 1_u16..=9_999, count in 1_u16..60) {
            let names: Vec<String> =
                (0..count).map(|step| format!("A.G{:04}V00", (start + step - 1) % ROUND + 1)).collect();
            let mut generations = after(&[], Gap::Hold);
            for name in &names {
                proptest::prop_assert_eq!(generations.turn(name), Turn::Next);
                generations.loaded(name);
            }
        }

        #[test]
        fn any_name_is_looked_at(name in "\\PC{0,24}") {
            let _ = Generation::of(&name);
        }
    }
}
