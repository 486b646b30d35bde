//! The words that begin clauses, and which of them a misspelt word may mean.

/// Words that begin a clause or are a usage.
const CLAUSES: &[&str] = &[
    "BINARY",
    "BLANK",
    "COMP",
    "COMP-1",
    "COMP-2",
    "COMP-3",
    "COMP-4",
    "COMP-5",
    "COMP-6",
    "COMP-9",
    "COMP-3U",
    "COMPUTATIONAL",
    "COMPUTATIONAL-1",
    "COMPUTATIONAL-2",
    "COMPUTATIONAL-3",
    "COMPUTATIONAL-4",
    "COMPUTATIONAL-5",
    "COMPUTATIONAL-6",
    "DISPLAY",
    "DISPLAY-1",
    "EXTERNAL",
    "FUNCTION-POINTER",
    "GLOBAL",
    "GROUP-USAGE",
    "INDEX",
    "JUST",
    "JUSTIFIED",
    "LEADING",
    "NATIONAL",
    "OCCURS",
    "PACKED-DECIMAL",
    "PIC",
    "PICTURE",
    "POINTER",
    "PROCEDURE-POINTER",
    "REDEFINES",
    "RENAMES",
    "SIGN",
    "SYNC",
    "SYNCHRONIZED",
    "TRAILING",
    "USAGE",
    "VALUE",
    "VALUES",
    "VOLATILE",
];

/// Words that begin a clause that isn't read, so that a message about them can say so.
const UNREAD: &[&str] = &["COMP-X", "COMP-N", "DATE", "DYNAMIC", "OBJECT", "POINTER-32", "UTF-8", "BYTE-LENGTH"];

/// Words that go on with a clause.
const PARTS: &[&str] =
    &["ASCENDING", "DESCENDING", "INDEXED", "DEPENDING", "KEY", "TIMES", "SEPARATE", "CHARACTER", "THRU", "THROUGH"];

/// Whether a word begins a clause, or goes on with one, rather than being a name. So does what looks like a usage: in a
/// list of names, such as those of indexes, a misspelt one would be passed as one more name.
pub(super) fn begins_clause(word: &str) -> bool {
    let is_like_a_usage =
        |prefix: &str| word.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
    CLAUSES.iter().chain(PARTS).any(|keyword| keyword.eq_ignore_ascii_case(word))
        || is_like_a_usage("COMP-")
        || is_like_a_usage("COMPUT")
}

/// Whether a word right after the level number begins a clause, so that the entry has no name. `DATE`, `INDEX` and the
/// like are names there in copybooks that no compiler minds.
pub(super) fn stands_for_no_name(word: &str) -> bool {
    CLAUSES.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// The keyword a misspelt word most likely means.
pub(super) fn meant(word: &str) -> Option<&'static str> {
    const LONGEST: usize = 30;
    if word.len() > LONGEST || !word.is_ascii() {
        return None;
    }
    let word = word.to_ascii_uppercase();
    let candidates = CLAUSES.iter().chain(UNREAD).chain(PARTS).copied();
    let near = candidates
        .clone()
        .map(|keyword| (distance(word.as_bytes(), keyword.as_bytes()), keyword))
        .filter(|(distance, keyword)| *distance <= 2 && *distance * 3 <= keyword.len())
        .min_by_key(|(distance, _)| *distance);
    let alike = || {
        candidates
            .map(|keyword| (keyword.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count(), keyword))
            .filter(|(alike, _)| *alike >= 5)
            .max_by_key(|(alike, keyword)| (*alike, std::cmp::Reverse(keyword.len())))
    };
    near.or_else(alike).map(|(_, keyword)| keyword)
}

/// How many letters have to be put in, taken out or changed.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
