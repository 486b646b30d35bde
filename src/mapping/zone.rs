//! Local time to UTC, by a zone's rules and the pipeline's choice for the hours that exist twice or not at all.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::refusal::{REPEATED_HOUR, Refusal, SKIPPED_HOUR};
use crate::settings::{RepeatedHour, SkippedHour};

/// Microseconds in a second.
pub(super) const SECOND: i64 = 1_000_000;

/// How local times of a pipeline are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    rules: TimeZone,
    repeated: RepeatedHour,
    skipped: SkippedHour,
}

impl Zone {
    /// The zone of that IANA name, if there is one.
    pub fn named(name: &str, repeated: RepeatedHour, skipped: SkippedHour) -> Option<Self> {
        let rules = if name == "UTC" { TimeZone::UTC } else { TimeZone::get(name).ok()? };
        Some(Self { rules, repeated, skipped })
    }

    /// UTC, in which every time exists once.
    pub fn utc() -> Self {
        Self { rules: TimeZone::UTC, repeated: RepeatedHour::Reject, skipped: SkippedHour::Reject }
    }

    /// The same choices in another zone.
    pub fn elsewhere(&self, name: &str) -> Option<Self> {
        Self::named(name, self.repeated, self.skipped)
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.rules.iana_name().unwrap_or("UTC")
    }

    /// Seconds to take from a local time to get UTC.
    fn offset(&self, local: DateTime) -> Result<i64, Refusal> {
        let offset = match self.rules.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Fold { before, after } => match self.repeated {
                RepeatedHour::Earlier => before,
                RepeatedHour::Later => after,
                RepeatedHour::Reject => {
                    let reason = format!("this local time exists twice in {}, when clocks go back", self.name());
                    return Err(Refusal::new(REPEATED_HOUR, "", reason));
                }
            },
            AmbiguousOffset::Gap { before, .. } => match self.skipped {
                SkippedHour::Later => before,
                SkippedHour::Reject => {
                    let reason = format!("this local time doesn't exist in {}, when clocks go forward", self.name());
                    return Err(Refusal::new(SKIPPED_HOUR, "", reason));
                }
            },
        };
        Ok(i64::from(offset.seconds()))
    }
}

/// A stretch of local time, in seconds, in which one offset holds and nothing is ambiguous.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: i64,
    to: i64,
    offset: i64,
}

/// Looks offsets up, remembering the stretches between transitions: rows of one file lie in few of them.
pub(super) struct Offsets<'a> {
    zone: &'a Zone,
    known: Vec<Stretch>,
}

/// Stretches kept at most: eight years of a zone with summer time.
const KEPT: usize = 16;

impl<'a> Offsets<'a> {
    /// Nothing looked up yet.
    pub fn new(zone: &'a Zone) -> Self {
        Self { zone, known: Vec::with_capacity(KEPT) }
    }

    /// The instant of a local time, both in microseconds since 1970-01-01 00:00:00.
    pub fn instant(&mut self, local_micros: i64) -> Result<i64, Refusal> {
        let local = local_micros.div_euclid(SECOND);
        if let Some(stretch) = self.known.iter().find(|s| s.from <= local && local < s.to) {
            return Ok(local_micros - stretch.offset * SECOND);
        }
        let offset = self.zone.offset(civil(local))?;
        if let Some(stretch) = self.stretch(local, offset) {
            if self.known.len() == KEPT {
                self.known.clear();
            }
            self.known.push(stretch);
        }
        Ok(local_micros - offset * SECOND)
    }

    /// The stretch around an unambiguous local time: from the later reading of the transition before it to the
    /// earlier reading of the one after it.
    fn stretch(&self, local: i64, offset: i64) -> Option<Stretch> {
        let zone = &self.zone.rules;
        if !matches!(zone.to_ambiguous_timestamp(civil(local)).offset(), AmbiguousOffset::Unambiguous { .. }) {
            return None;
        }
        let instant = jiff::Timestamp::from_second(local - offset).ok()?;
        let seconds_east = |at: jiff::Timestamp| i64::from(zone.to_offset(at).seconds());
        // A transition at this very instant belongs to the stretch it begins.
        let before = zone.preceding(instant.checked_add(jiff::SignedDuration::from_secs(1)).ok()?).next();
        let from = before.map_or(Some(i64::MIN), |transition| {
            let at = transition.timestamp();
            let earlier = seconds_east(at.checked_sub(jiff::SignedDuration::from_secs(1)).ok()?);
            Some(at.as_second() + earlier.max(offset))
        })?;
        let to = zone.following(instant).next().map_or(i64::MAX, |transition| {
            let at = transition.timestamp();
            at.as_second() + seconds_east(at).min(offset)
        });
        (from <= local && local < to).then_some(Stretch { from, to, offset })
    }
}

/// Seconds since 1970-01-01 as a date and time. The readers admit years 1000 to 9999 only.
fn civil(seconds: i64) -> DateTime {
    jiff::civil::date(1970, 1, 1)
        .at(0, 0, 0, 0)
        .checked_add(jiff::SignedDuration::from_secs(seconds))
        .unwrap_or(if seconds < 0 { DateTime::MIN } else { DateTime::MAX })
}
