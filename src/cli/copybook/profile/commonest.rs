//! How often each value of a field occurs, as long as there are few.

/// Values that are told apart.
pub const MOST: usize = 20;
/// Bytes of a text that is told apart at most; its length takes one more.
const LONGEST: usize = size_of::<u128>() - 1;

/// How often each value occurs. A value is a number, or a text of a few bytes packed into one.
#[derive(Debug, Default)]
pub struct Commonest {
    counts: Vec<(u128, u64)>,
    /// Where in `counts` the last value stands: the next is often the same.
    last: usize,
    /// Why values aren't counted any longer.
    given_up: Option<Distinct>,
}

/// How many values there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distinct {
    /// So many.
    Few(usize),
    /// More than are told apart.
    Many,
    /// Nobody knows: a text is too long.
    Unknown,
}

impl Commonest {
    /// Counts a number.
    pub fn number(&mut self, number: i128) {
        self.add(number.cast_unsigned());
    }

    /// Counts a text. After one that is too long, none is.
    pub fn text(&mut self, text: &[u8]) {
        if self.given_up.is_some() {
            return;
        }
        let mut key = [0; LONGEST + 1];
        match (key.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) if text.len() <= LONGEST => {
                place.copy_from_slice(text);
                key[LONGEST] = length;
                self.add(u128::from_le_bytes(key));
            }
            _ => self.give_up(Distinct::Unknown),
        }
    }

    fn add(&mut self, key: u128) {
        if self.given_up.is_some() {
            return;
        }
        if self.counts.get(self.last).is_none_or(|(known, _)| *known != key) {
            match self.counts.iter().position(|(known, _)| *known == key) {
                Some(known) => self.last = known,
                None if self.counts.len() == MOST => return self.give_up(Distinct::Many),
                None => {
                    self.last = self.counts.len();
                    self.counts.push((key, 0));
                }
            }
        }
        self.counts[self.last].1 += 1;
    }

    fn give_up(&mut self, why: Distinct) {
        self.given_up = Some(why);
        self.counts = Vec::new();
    }

    /// How many values there are.
    pub fn distinct(&self) -> Distinct {
        self.given_up.unwrap_or(Distinct::Few(self.counts.len()))
    }

    /// The values as numbers, the commonest first, those that are equally common in their order.
    pub fn numbers(&self) -> Vec<(i128, u64)> {
        let mut numbers: Vec<_> = self.counts.iter().map(|(key, count)| (key.cast_signed(), *count)).collect();
        numbers.sort_by_key(|(number, count)| (std::cmp::Reverse(*count), *number));
        numbers
    }

    /// The same as texts.
    pub fn texts(&self) -> Vec<(String, u64)> {
        let text = |key: u128| {
            let bytes = key.to_le_bytes();
            let length = usize::from(bytes[LONGEST]);
            String::from_utf8_lossy(&bytes[..length.min(LONGEST)]).into_owned()
        };
        let mut texts: Vec<_> = self.counts.iter().map(|(key, count)| (text(*key), *count)).collect();
        texts.sort_by(|(left, often), (right, other)| other.cmp(often).then_with(|| left.cmp(right)));
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_comes_first() {
        let mut texts = Commonest::default();
        for text in ["B", "", "A", "B", "fifteen bytes ♥", "A", "B", "A\0"] {
            texts.text(text.as_bytes());
        }
        let expected = [("B", 3), ("A", 2), ("", 1), ("A\0", 1)].map(|(text, count)| (text.to_owned(), count));
        assert_eq!(texts.distinct(), Distinct::Unknown, "one of them has more than fifteen bytes");
        let mut texts = Commonest::default();
        for text in ["B", "", "A", "B", "A", "B", "A\0"] {
            texts.text(text.as_bytes());
        }
        assert_eq!(texts.texts(), expected);
        let mut numbers = Commonest::default();
        for number in [3, -1, 3, i128::MAX, -7] {
            numbers.number(number);
        }
        assert_eq!(numbers.numbers(), [(3, 2), (-7, 1), (-1, 1), (i128::MAX, 1)]);
    }

    #[test]
    fn too_many_are_not_counted() {
        let mut numbers = Commonest::default();
        (0..20).for_each(|number| numbers.number(number));
        assert_eq!(numbers.distinct(), Distinct::Few(MOST));
        (0..20).for_each(|number| numbers.number(number));
        assert_eq!(numbers.distinct(), Distinct::Few(MOST));
        numbers.number(20);
        assert_eq!(numbers.distinct(), Distinct::Many);
        assert!(numbers.numbers().is_empty());
    }
}
