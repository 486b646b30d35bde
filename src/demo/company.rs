//! Northway Telephone, a made-up regional carrier, and what it sells this year: the plan every demo file follows.

/// A campaign as marketing planned it.
pub struct Campaign {
    pub code: &'static str,
    pub name: &'static str,
    pub kind: &'static str,
    pub start: &'static str,
    pub end: &'static str,
    /// Whole dollars.
    pub budget: i64,
    /// Whole dollars.
    pub expected_revenue: i64,
    /// Per cent of the people targeted, as text.
    pub expected_response: &'static str,
    pub objective: &'static str,
}

pub static CAMPAIGNS: &[Campaign] = &[
    Campaign {
        code: "CF26",
        name: "Calling features 2026",
        kind: "telemarketing",
        start: "2026-01-05",
        end: "2026-08-31",
        budget: 32_000,
        expected_revenue: 62_000,
        expected_response: "38",
        objective: "sell voice mail, caller id, call forwarding and their bundle to line customers",
    },
    Campaign {
        code: "EM26",
        name: "Spring upgrade e-mail 2026",
        kind: "email",
        start: "2026-04-06",
        end: "2026-08-31",
        budget: 2_400,
        expected_revenue: 6_500,
        expected_response: "4",
        objective: "move line customers to caller id by e-mail",
    },
    Campaign {
        code: "SO26",
        name: "Summer bundle social 2026",
        kind: "social",
        start: "2026-06-01",
        end: "2026-08-31",
        budget: 9_000,
        expected_revenue: 16_000,
        expected_response: "2.5",
        objective: "find bundle buyers on the ad platform",
    },
];

/// A product offer.
pub struct Offer {
    pub code: &'static str,
    pub name: &'static str,
    pub product: &'static str,
    /// Twelve months of the feature, in cents.
    pub price: i64,
    /// Per cent of it that is left after carriage and billing, as text.
    pub margin_percent: &'static str,
}

pub static OFFERS: &[Offer] = &[
    Offer { code: "VM12", name: "Voice mail, 12 months", product: "voice_mail", price: 8_340, margin_percent: "72" },
    Offer { code: "CID12", name: "Caller ID, 12 months", product: "caller_id", price: 9_000, margin_percent: "78" },
    Offer {
        code: "FWD12",
        name: "Call forwarding, 12 months",
        product: "call_forwarding",
        price: 4_800,
        margin_percent: "65",
    },
    Offer {
        code: "BND12",
        name: "All three in a bundle, 12 months",
        product: "bundle",
        price: 17_940,
        margin_percent: "70",
    },
];

/// The offer of that code.
pub fn offer(code: &str) -> &'static Offer {
    OFFERS.iter().find(|offer| offer.code == code).expect("parts name offers of the table")
}

/// Code, name, definition and size of each segment.
pub static SEGMENTS: &[(&str, &str, &str, u32)] = &[
    ("NEWMOVER", "New movers", "line opened within 90 days", 2_500),
    ("FAMILY", "Families with several lines", "two lines or more at one address", 2_600),
    ("SMALLBIZ", "Small businesses", "business line, up to five employees", 1_500),
    ("CUSTOMER", "Line customers with e-mail", "active, opted in", 1_500),
    ("LAPSED", "Former feature customers", "cancelled a feature in the last two years", 900),
    ("PROSPECT", "Look-alike audience", "built by the ad platform", 0),
    ("VISITOR", "Site visitors", "visited the bundle page within 30 days", 0),
];

/// Code, name and rate basis of those who make the calls and run the ads.
pub static VENDORS: &[(&str, &str, &str)] = &[
    ("NORTHWAY", "Northway contact centre, Albany", "hour"),
    ("GULFLINE", "Gulfline Teleservices, Tampa", "contact"),
    ("PRAIRIE", "Prairie Voice Partners, Omaha", "contact"),
    ("POSTBOX", "Postbox Mail Services", "piece"),
    ("CIRCLE", "Circle Ads", "fixed"),
];

/// Code and name of each channel.
pub static CHANNELS: &[(&str, &str)] = &[("phone", "Telephone"), ("email", "E-mail"), ("social", "Social media")];

/// Code, name and kind of each system that the feeds come from.
pub static SYSTEMS: &[(&str, &str, &str)] = &[
    ("acd", "Call centres' log", "call_centre"),
    ("shop", "Order system", "warehouse"),
    ("postbox", "E-mail tool", "marketing_automation"),
    ("circle", "Circle Ads", "ad_platform"),
    ("finance", "Ledger", "mainframe"),
    ("vendors", "Vendors' invoices", "mainframe"),
    ("planning", "Campaign plan", "crm"),
];

/// A campaign part as planned: what earns or doesn't.
pub struct Part {
    pub code: &'static str,
    pub campaign: &'static str,
    pub name: &'static str,
    pub channel: &'static str,
    pub segment: &'static str,
    pub offer: &'static str,
    pub vendor: &'static str,
    pub execution: &'static str,
    pub start: &'static str,
    pub end: &'static str,
    /// Whole dollars.
    pub budget: i64,
    /// Whole dollars.
    pub expected_revenue: i64,
    /// Per cent, as text.
    pub expected_response: &'static str,
    /// People on its list; 0 where the ad platform picks the audience.
    pub targeted: u32,
    /// The first of its people; lists of different parts may overlap.
    pub first_person: u32,
}

macro_rules! part {
    ($code:literal $campaign:literal $name:literal, $channel:literal $segment:literal $offer:literal $vendor:literal
     $execution:literal, $start:literal..$end:literal, $budget:literal => $revenue:literal at $response:literal,
     $targeted:literal from $first:literal) => {
        Part {
            code: $code,
            campaign: $campaign,
            name: $name,
            channel: $channel,
            segment: $segment,
            offer: $offer,
            vendor: $vendor,
            execution: $execution,
            start: $start,
            end: $end,
            budget: $budget,
            expected_revenue: $revenue,
            expected_response: $response,
            targeted: $targeted,
            first_person: $first,
        }
    };
}

pub static PARTS: &[Part] = &[
    part!("CF26-VM-IN" "CF26" "Voice mail, in-house", "phone" "NEWMOVER" "VM12" "NORTHWAY" "in_house",
        "2026-01-05".."2026-08-31", 5_000 => 8_500 at "40", 1_250 from 0),
    part!("CF26-VM-OUT" "CF26" "Voice mail, outsourced", "phone" "NEWMOVER" "VM12" "GULFLINE" "outsourced",
        "2026-01-05".."2026-08-31", 5_200 => 8_500 at "40", 1_250 from 1_250),
    part!("CF26-CID-IN" "CF26" "Caller ID, in-house", "phone" "FAMILY" "CID12" "NORTHWAY" "in_house",
        "2026-01-05".."2026-08-31", 5_600 => 11_000 at "42", 1_300 from 2_500),
    part!("CF26-CID-OUT" "CF26" "Caller ID, outsourced", "phone" "FAMILY" "CID12" "GULFLINE" "outsourced",
        "2026-01-05".."2026-08-31", 5_600 => 11_000 at "42", 1_300 from 3_800),
    part!("CF26-FWD-OUT" "CF26" "Call forwarding, outsourced", "phone" "SMALLBIZ" "FWD12" "GULFLINE" "outsourced",
        "2026-01-05".."2026-06-30", 4_200 => 6_000 at "40", 1_000 from 5_100),
    part!("CF26-BND-IN" "CF26" "Bundle, in-house", "phone" "FAMILY" "BND12" "NORTHWAY" "in_house",
        "2026-07-01".."2026-08-31", 5_000 => 14_000 at "35", 1_200 from 2_600),
    part!("CF26-BND-OUT" "CF26" "Bundle, outsourced", "phone" "SMALLBIZ" "BND12" "PRAIRIE" "outsourced",
        "2026-08-01".."2026-08-31", 1_400 => 3_000 at "35", 500 from 5_600),
    part!("EM26-CUST" "EM26" "E-mail to line customers", "email" "CUSTOMER" "CID12" "POSTBOX" "outsourced",
        "2026-04-06".."2026-06-30", 900 => 4_000 at "6", 1_500 from 6_100),
    part!("EM26-LAPSED" "EM26" "E-mail to former customers", "email" "LAPSED" "VM12" "POSTBOX" "outsourced",
        "2026-05-04".."2026-07-31", 900 => 2_000 at "3", 900 from 7_600),
    part!("EM26-AUTUMN" "EM26" "First autumn e-mail", "email" "CUSTOMER" "BND12" "POSTBOX" "outsourced",
        "2026-08-31".."2026-10-31", 600 => 500 at "3", 400 from 8_500),
    part!("SO26-VISITOR" "SO26" "Ads to site visitors", "social" "VISITOR" "BND12" "CIRCLE" "outsourced",
        "2026-06-01".."2026-08-31", 3_000 => 9_000 at "4", 0 from 0),
    part!("SO26-LOOKALIKE" "SO26" "Ads to a look-alike audience", "social" "PROSPECT" "BND12" "CIRCLE" "outsourced",
        "2026-06-01".."2026-08-31", 5_200 => 6_000 at "2", 0 from 0),
    part!("SO26-BORDER" "SO26" "Ads across the Canadian border", "social" "PROSPECT" "BND12" "CIRCLE" "outsourced",
        "2026-07-01".."2026-08-31", 800 => 1_000 at "1", 0 from 0),
];

/// The part of that code.
pub fn part(code: &str) -> &'static Part {
    PARTS.iter().find(|part| part.code == code).expect("feeds name parts of the table")
}

/// A stretch of time in which a code meant a part. Local midnights; `until` is the first day it no longer does.
pub struct Assignment {
    pub kind: &'static str,
    pub code: &'static str,
    pub part: &'static str,
    pub from: &'static str,
    pub until: &'static str,
}

macro_rules! code {
    ($kind:literal $code:literal => $part:literal, $from:literal..$until:literal) => {
        Assignment { kind: $kind, code: $code, part: $part, from: $from, until: $until }
    };
}

/// The number that changes hands: call forwarding until 30 June, the bundle from 1 July.
pub const CHANGING_NUMBER: &str = "8005550130";
/// A number nobody planned: misdialled, or left out of the map.
pub const UNKNOWN_NUMBER: &str = "8005550177";

pub static CODES: &[Assignment] = &[
    code!("dnis" "8005550110" => "CF26-VM-IN", "2026-01-05".."2026-09-01"),
    code!("dnis" "8005550111" => "CF26-VM-OUT", "2026-01-05".."2026-09-01"),
    code!("dnis" "8005550120" => "CF26-CID-IN", "2026-01-05".."2026-09-01"),
    code!("dnis" "8005550121" => "CF26-CID-OUT", "2026-01-05".."2026-09-01"),
    code!("dnis" "8005550130" => "CF26-FWD-OUT", "2026-01-05".."2026-07-01"),
    code!("dnis" "8005550130" => "CF26-BND-IN", "2026-07-01".."2026-09-01"),
    code!("dnis" "8005550141" => "CF26-BND-OUT", "2026-08-01".."2026-09-01"),
    code!("promo_code" "SPRING26" => "EM26-CUST", "2026-04-06".."2026-07-01"),
    code!("promo_code" "COMEBACK" => "EM26-LAPSED", "2026-05-04".."2026-08-01"),
    code!("promo_code" "AUTUMN26" => "EM26-AUTUMN", "2026-08-31".."2026-11-01"),
    code!("utm_campaign" "bundle-visitors" => "SO26-VISITOR", "2026-06-01".."2026-09-01"),
    code!("utm_campaign" "bundle-lookalike" => "SO26-LOOKALIKE", "2026-06-01".."2026-09-01"),
    code!("utm_campaign" "bundle-border" => "SO26-BORDER", "2026-07-01".."2026-09-01"),
];

/// Area codes of the places Northway serves. With 555-01xx they are fictional numbers that still are valid ones.
static AREAS: &[&str] = &[
    "201", "203", "207", "212", "215", "216", "219", "231", "234", "240", "248", "260", "267", "269", "301", "302",
    "304", "315", "330", "339", "347", "351", "401", "410", "412", "413", "419", "434", "440", "443", "475", "484",
    "502", "508", "513", "516", "517", "518", "540", "551", "567", "570", "571", "585", "586", "603", "607", "609",
    "610", "614", "616", "617", "631", "646", "703", "704", "716", "717", "718", "724", "732", "734", "740", "757",
    "774", "781", "802", "804", "810", "814", "845", "848", "856", "857", "859", "860", "862", "878", "908", "914",
    "917", "919", "937", "947", "973", "978", "980", "989", "202", "206", "213", "214", "305", "312", "404", "415",
];

/// People who have a telephone number of their own.
pub const PEOPLE: u32 = 9_600;

/// The ten digits of a person's telephone.
pub fn phone_digits(person: u32) -> String {
    let area = AREAS[person as usize % AREAS.len()];
    let line = person as usize / AREAS.len() % 100;
    format!("{area}55501{line:02}")
}

/// A person's telephone as people write it, in one of three ways.
pub fn phone_text(person: u32) -> String {
    let digits = phone_digits(person);
    let (area, line) = (&digits[..3], &digits[6..]);
    match person % 3 {
        0 => format!("({area}) 555-{line}"),
        1 => format!("{area}-555-{line}"),
        _ => format!("+1 {area} 555 {line}"),
    }
}

static FIRST_NAMES: &[&str] = &[
    "ada", "ben", "carla", "dmitri", "elena", "farid", "grace", "hugo", "ines", "jonas", "keiko", "liam", "maya",
    "noor", "owen", "petra", "quinn", "rosa", "samir", "tess", "uma", "victor", "wanda", "yusuf", "zoe",
];

static LAST_NAMES: &[&str] = &[
    "adler", "brandt", "castillo", "dubois", "egan", "fischer", "garcia", "hansen", "ito", "jansen", "kowalski",
    "lopez", "moreau", "nguyen", "okafor", "patel", "rossi", "silva", "tanaka", "varga", "weber", "young",
];

/// A person's e-mail address as typed: now and then in capitals.
pub fn email_text(person: u32) -> String {
    let first = FIRST_NAMES[person as usize % FIRST_NAMES.len()];
    let last = LAST_NAMES[person as usize / FIRST_NAMES.len() % LAST_NAMES.len()];
    let domain = ["example.com", "example.net", "example.org"][person as usize % 3];
    let address = format!("{first}.{last}{person}@{domain}");
    if person.is_multiple_of(11) { address.to_uppercase() } else { address }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn everybody_has_a_valid_number_of_their_own() {
        let mut seen = HashSet::new();
        for person in 0..PEOPLE {
            let number = phonenumber::parse(Some(phonenumber::country::US), phone_text(person)).unwrap();
            assert!(number.is_valid(), "{} is not valid", phone_text(person));
            assert!(seen.insert(number.to_string()), "{} is given twice", phone_text(person));
        }
    }

    #[test]
    fn dialled_numbers_are_valid_toll_free_numbers() {
        for code in CODES.iter().filter(|code| code.kind == "dnis").map(|code| code.code).chain([UNKNOWN_NUMBER]) {
            assert!(phonenumber::parse(Some(phonenumber::country::US), code).unwrap().is_valid(), "{code}");
        }
    }

    #[test]
    fn every_list_is_people_with_numbers_and_every_code_names_a_part() {
        for part in PARTS {
            assert!(part.first_person + part.targeted <= PEOPLE, "{}", part.code);
            assert!(CAMPAIGNS.iter().any(|campaign| campaign.code == part.campaign), "{}", part.code);
            offer(part.offer);
        }
        for code in CODES {
            part(code.part);
        }
    }
}
