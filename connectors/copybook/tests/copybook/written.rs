//! Random copybooks, and records of them from an independent writer: each value is read as it was written, and each
//! prefix of a record says that more is needed.

use campaignd_copybook::decode::{Decoder, Fault, Length, Value, Visitor};
use campaignd_copybook::layout::{ItemId, Layout};
use proptest::prelude::*;

use super::{layout, options};

/// What a copybook is written from.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// `PIC X(n)`.
    Text(usize),
    /// `PIC S9(n)`, the sign in the last digit, packed, or binary.
    Zoned(usize),
    Packed(usize),
    Binary(usize),
    Group(Vec<Node>),
    /// A table of so many.
    Times(usize, Box<Node>),
    /// A counter, and a table of at least and at most so many.
    Counted(usize, usize, Box<Node>),
    /// A field, another way to look at its bytes that is shorter, and one that is as long.
    Redefined(usize),
}

pub(super) fn node() -> impl Strategy<Value = Node> {
    let field = prop_oneof![
        (1..6_usize).prop_map(Node::Text),
        (1..9_usize).prop_map(Node::Zoned),
        (1..9_usize).prop_map(Node::Packed),
        (1..9_usize).prop_map(Node::Binary),
        (2..6_usize).prop_map(Node::Redefined),
    ];
    field.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Node::Group),
            (1..4_usize, inner.clone()).prop_map(|(times, node)| Node::Times(times, node.into())),
            (0..3_usize, 0..3_usize, inner).prop_map(|(least, more, node)| Node::Counted(
                least,
                least + more.max(1),
                node.into()
            )),
        ]
    })
}

/// Writes the copybook, and a record with what is in it.
pub(super) struct Writer<'r> {
    pub copybook: String,
    pub record: Vec<u8>,
    /// Values in their order, as text.
    values: Vec<String>,
    names: usize,
    random: &'r mut dyn FnMut(u64) -> u64,
}

/// xorshift*, so that a failure shrinks to a small seed.
pub(super) fn random(mut seed: u64) -> impl FnMut(u64) -> u64 {
    move |bound: u64| {
        seed ^= seed >> 12;
        seed ^= seed << 25;
        seed ^= seed >> 27;
        (seed.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound.max(1)
    }
}

impl<'r> Writer<'r> {
    pub fn new(random: &'r mut dyn FnMut(u64) -> u64) -> Self {
        Self { copybook: "01 R.\n".into(), record: vec![], values: vec![], names: 0, random }
    }
}

impl Writer<'_> {
    fn name(&mut self) -> String {
        self.names += 1;
        format!("F{}", self.names)
    }

    /// The entry of a node, once; `written` is how its record bytes are made as often as it occurs.
    pub fn entry(&mut self, level: usize, occurs: &str, node: &Node) -> Plan {
        let name = self.name();
        let mut entry = |picture: &str| self.copybook += &format!("{level:02} {name}{occurs}{picture}.\n");
        match node {
            Node::Text(length) => {
                entry(&format!(" PIC X({length})"));
                Plan::Text(*length)
            }
            Node::Zoned(digits) => {
                entry(&format!(" PIC S9({digits})"));
                Plan::Zoned(*digits)
            }
            Node::Packed(digits) => {
                entry(&format!(" PIC S9({digits}) COMP-3"));
                Plan::Packed(*digits)
            }
            Node::Binary(digits) => {
                entry(&format!(" PIC S9({digits}) COMP"));
                Plan::Binary(*digits)
            }
            Node::Group(nodes) => {
                entry("");
                Plan::Group(nodes.iter().map(|node| self.entry(level + 1, "", node)).collect())
            }
            // What occurs is put into a group, because some of these are more than one entry.
            Node::Times(times, node) => {
                entry("");
                let inner = self.entry(level + 1, &format!(" OCCURS {times}"), &Node::Group(vec![(**node).clone()]));
                Plan::Times(*times, Box::new(inner))
            }
            Node::Counted(least, most, node) => {
                entry("");
                let counter = self.name();
                self.copybook += &format!("{:02} {counter} PIC 9.\n", level + 1);
                let occurs = format!(" OCCURS {least} TO {most} DEPENDING ON {counter}");
                let inner = self.entry(level + 1, &occurs, &Node::Group(vec![(**node).clone()]));
                Plan::Counted(*least, *most, Box::new(inner))
            }
            Node::Redefined(length) => {
                entry("");
                let (first, second, third) = (self.name(), self.name(), self.name());
                let level = level + 1;
                self.copybook += &format!(
                    "{level:02} {first} PIC X({length}).\n{level:02} {second} REDEFINES {first} PIC X({}).\n\
                     {level:02} {third} REDEFINES {second} PIC X({length}).\n",
                    length - 1
                );
                Plan::Redefined(*length)
            }
        }
    }

    fn number(&mut self, digits: usize) -> i64 {
        let bound = 10_u64.pow(u32::try_from(digits).unwrap());
        let value = i64::try_from((self.random)(bound)).unwrap();
        if (self.random)(2) == 0 { value } else { -value }
    }

    pub fn write(&mut self, plan: &Plan) {
        match plan {
            Plan::Text(length) => {
                let text = self.text(*length);
                self.values.push(text);
            }
            Plan::Zoned(digits) => {
                let value = self.number(*digits);
                let mut shown = format!("{:0digits$}", value.abs()).into_bytes();
                let last = shown.len() - 1;
                if value < 0 {
                    shown[last] = b"}JKLMNOPQR"[usize::from(shown[last] - b'0')];
                }
                self.record.extend(shown);
                self.values.push(value.to_string());
            }
            Plan::Packed(digits) => {
                let value = self.number(*digits);
                let width = digits / 2 * 2 + 1;
                let shown = format!("{:0width$}{}", value.abs(), if value < 0 { 'D' } else { 'C' });
                let nibbles: Vec<u8> = shown.chars().map(|c| u8::try_from(c.to_digit(16).unwrap()).unwrap()).collect();
                self.record.extend(nibbles.chunks(2).map(|pair| pair[0] << 4 | pair[1]));
                self.values.push(value.to_string());
            }
            Plan::Binary(digits) => {
                let value = self.number(*digits);
                let bytes = value.to_be_bytes();
                let width = if *digits <= 4 { 2 } else { 4 };
                self.record.extend(&bytes[8 - width..]);
                self.values.push(value.to_string());
            }
            Plan::Group(plans) => plans.iter().for_each(|plan| self.write(plan)),
            Plan::Times(times, plan) => (0..*times).for_each(|_| self.write(plan)),
            Plan::Counted(least, most, plan) => {
                let count = least + usize::try_from((self.random)(1 + u64::try_from(most - least).unwrap())).unwrap();
                self.record.push(b'0' + u8::try_from(count).unwrap());
                self.values.push(count.to_string());
                (0..count).for_each(|_| self.write(plan));
            }
            Plan::Redefined(length) => {
                let text = self.text(*length);
                self.values.push(text.clone());
                self.values.push(text[..length - 1].to_owned());
                self.values.push(text);
            }
        }
    }

    fn text(&mut self, length: usize) -> String {
        let text: String = (0..length).map(|_| char::from(b'a' + u8::try_from((self.random)(26)).unwrap())).collect();
        self.record.extend(text.bytes());
        text
    }
}

pub(super) enum Plan {
    Text(usize),
    Zoned(usize),
    Packed(usize),
    Binary(usize),
    Group(Vec<Plan>),
    Times(usize, Box<Plan>),
    Counted(usize, usize, Box<Plan>),
    Redefined(usize),
}

/// Values in the order they are told.
#[derive(Default)]
struct Values(Vec<String>);

impl Visitor for Values {
    fn value(&mut self, _item: ItemId, value: Value<'_>) {
        self.0.push(match value {
            Value::Text(text) => text.to_owned(),
            Value::Number(number) => number.to_string(),
            other => panic!("{other:?}"),
        });
    }
    fn fault(&mut self, fault: Fault) {
        panic!("{fault:?}");
    }
}

fn check(layout: &Layout, writer: &Writer<'_>) {
    let mut decoder = Decoder::new(layout.clone().into(), options("latin1"));
    let (record, bytes) = (layout.records[0], &writer.record);
    let mut values = Values::default();
    assert_eq!(decoder.decode(record, bytes, &mut values), Some(bytes.len()));
    assert_eq!(values.0, writer.values);
    for until in 0..bytes.len() {
        let length = decoder.length(record, &bytes[..until], &mut |_| true);
        assert!(matches!(length, Length::Needs(more) if more > until && more <= bytes.len()), "{until}: {length:?}");
    }
    // Whatever comes behind it.
    for behind in [&b""[..], b"0", b"\xFF\xFF\xFF"] {
        let length = decoder.length(record, &[bytes, behind].concat(), &mut |_| true);
        assert_eq!(length, Length::Is(bytes.len()));
    }
    assert!((layout.shortest(record)..=layout.longest(record)).contains(&u32::try_from(bytes.len()).unwrap()));
}

proptest! {
    #[test]
    fn what_was_written_is_read(nodes in prop::collection::vec(node(), 1..5), seed in any::<u64>()) {
        let mut random = random(seed);
        let mut writer = Writer::new(&mut random);
        let plans: Vec<Plan> = nodes.iter().map(|node| writer.entry(2, "", node)).collect();
        let layout = layout(&writer.copybook);
        for _ in 0..3 {
            (writer.record, writer.values) = (vec![], vec![]);
            for plan in &plans {
                writer.write(plan);
            }
            check(&layout, &writer);
        }
    }
}
