//! What was worked out: which part each fact belongs to, what it brought and cost, and ROI.
//!
//! From the facts to the figures: `response_match`, `attribution_credit` and `cost_allocation` tie each fact to a
//! part and a month; `roi_cell` sums them up by part and month; `campaign_roi` is what people read. The `roi_work_`
//! tables hold a refresh's own notes and are empty between refreshes.

use campaignd_contract::{Column, Group, Table};

use super::column::{boolean, choice, date, decimal, identifier, identity, index, integer, money, text, timestamp};

/// How a fact was tied to its part.
pub const MATCH_METHODS: &[&str] = &["direct", "code", "response", "none"];

/// Why a fact belongs to no part.
pub const UNMATCHED_REASONS: &[&str] = &[
    "no_code",
    "unknown_code",
    "outside_validity",
    "ambiguous",
    "unknown_part",
    "campaign_only",
    "unknown_campaign",
    "unknown_response",
    "test",
];

/// Why an amount can't be stated in the currency ROI is kept in.
pub const MONEY_REASONS: &[&str] = &["no_fx_rate", "mixed_currency"];

const PART: Column = text(
    "campaign_part_id",
    120,
    "The campaign part; `unallocated` where none claims it, `unallocated:CAMPAIGN` where only the campaign is known",
);
const MONTH: Column = text("month", 7, "The month it belongs to").unit("YYYY-MM");
const METHOD: Column = choice("match_method", MATCH_METHODS, "How it was tied to its part").required();
const REASON: Column = choice("reason", UNMATCHED_REASONS, "Why no part claims it; NULL where one does");
const MONEY_REASON: Column = choice(
    "money_reason",
    MONEY_REASONS,
    "Why its amount can't be stated in the currency ROI is kept in; NULL where it can",
);
const FACT_CURRENCY: Column = text("currency_code", 3, "Currency of the amounts as they came").unit("ISO 4217");

const fn base(name: &'static str, meaning: &'static str) -> Column {
    decimal(name, meaning).unit("currency of campaign_roi")
}

/// Responses and their parts.
pub static RESPONSE_MATCH: Table = Table {
    name: "response_match",
    group: Group::Results,
    meaning: "Which campaign part a response belongs to, and why",
    term: "campaignd",
    key: &["response_no"],
    columns: &[
        integer("response_no", "The response: campaign_response.response_no").required(),
        PART,
        MONTH.required(),
        METHOD,
        REASON,
        boolean("is_response", "Whether it counts as a response").required(),
        boolean("is_contact", "Whether it counts as a contact").required(),
        boolean("is_anonymous", "Whether it counts as a response and nobody knows whose").required(),
        integer("party_hash", "The customer, where it counts as a response: 63 bits worked out of party_key"),
    ],
    inputs: &[],
    indexes: &[index(
        "response_match_cell",
        &["campaign_part_id", "month", "party_hash", "is_response", "is_contact", "is_anonymous"],
    )],
};

/// Customers and the cells they responded in.
pub static ROI_RESPONDER: Table = Table {
    name: "roi_responder",
    group: Group::Results,
    meaning: "A customer's response by customer: where else somebody responded is found here",
    term: "campaignd",
    key: &["party_hash", "month", "campaign_part_id", "response_no"],
    columns: &[
        integer("party_hash", "The customer: 63 bits worked out of party_key").required(),
        MONTH.required(),
        PART.required(),
        integer("response_no", "The response: campaign_response.response_no").required(),
    ],
    inputs: &[],
    indexes: &[],
};

/// Conversions and their parts.
pub static ATTRIBUTION_CREDIT: Table = Table {
    name: "attribution_credit",
    group: Group::Results,
    meaning: "The credit a campaign part has for a conversion; the credits of a conversion add up to its amount",
    term: "Salesforce CampaignInfluence",
    key: &["conversion_no", "model_id", "campaign_part_id"],
    columns: &[
        integer("conversion_no", "The conversion: conversion.conversion_no").required(),
        identifier("model_id", "The rule that gave it: attribution_model.model_id").required(),
        integer("model_version", "Its version").required(),
        PART.required(),
        MONTH.required(),
        METHOD,
        REASON,
        integer("response_no", "The response it came from, where known: campaign_response.response_no"),
        decimal("weight", "Share of the conversion").required().unit("share"),
        integer("conversions", "Conversions counted: 1, or 0 where it was retracted").required(),
        FACT_CURRENCY,
        money("gross_amount", "Amount of the conversion"),
        money("adjustment_amount", "What later adjustments changed it by"),
        money("credited_amount", "The credit: gross amount and adjustment"),
        base("revenue_gross", "The gross amount, in the currency of ROI"),
        base("revenue_adjustments", "The adjustment, in the currency of ROI"),
        base("revenue", "The credit, in the currency of ROI"),
        base("margin", "What of it is margin"),
        MONEY_REASON,
    ],
    inputs: &[],
    indexes: &[
        index("attribution_credit_cell", &["campaign_part_id", "month"]),
        index("attribution_credit_response", &["response_no"]),
        index("attribution_credit_reason", &["reason"]),
    ],
};

/// Costs, their parts and months.
pub static COST_ALLOCATION: Table = Table {
    name: "cost_allocation",
    group: Group::Results,
    meaning: "The share of an actual cost that falls on a month, by days; the shares of a cost add up to it",
    term: "Marketo Measure cost spreading",
    key: &["cost_no", "month"],
    columns: &[
        integer("cost_no", "The cost: campaign_cost.cost_no").required(),
        MONTH.required(),
        PART.required(),
        METHOD,
        REASON,
        FACT_CURRENCY.required(),
        money("amount", "The share").required(),
        base("cost", "The share, in the currency of ROI"),
        MONEY_REASON,
    ],
    inputs: &[],
    indexes: &[index("cost_allocation_cell", &["campaign_part_id", "month"])],
};

/// The code map without overlaps.
pub static CODE_SPAN: Table = Table {
    name: "code_span",
    group: Group::Results,
    meaning: "What a code meant in a span of time: the code map made free of gaps and overlaps",
    term: "campaignd",
    key: &["code_type", "code", "span_from"],
    columns: &[
        text("code_type", 32, "Kind of the code").required(),
        identifier("code", "The code").required(),
        timestamp("span_from", "From when, this instant included").required(),
        timestamp("span_to", "Until when, this instant not included").required(),
        identifier("campaign_part_id", "The part it belonged to; NULL where none or several claim it"),
        REASON,
    ],
    inputs: &[],
    indexes: &[],
};

/// The parts as ROI sees them.
pub static ROI_PART: Table = Table {
    name: "roi_part",
    group: Group::Results,
    meaning: "A campaign part with its place in every grain and its plan, and the rows `unallocated` that claim what no part can",
    term: "campaignd",
    key: &["campaign_part_id"],
    columns: &[
        PART.required(),
        identifier("campaign_id", "Its campaign, or `unallocated`").required(),
        identifier("channel_id", "Its channel, or `unallocated`").required(),
        identifier("segment_id", "Its segment, or `unallocated`").required(),
        identifier("offer_id", "Its offer, or `unallocated`").required(),
        identifier("vendor_id", "Its vendor, or `unallocated`").required(),
        decimal("margin_rate", "Share of revenue that is margin, as its offer says").unit("share"),
        integer("targeted", "People targeted: its members, or the number declared").unit("people"),
        decimal("expected_responses", "Responses expected: targeted times expected rate"),
        base("expected_revenue", "Revenue expected"),
        base("budgeted_cost", "Cost budgeted"),
    ],
    inputs: &[],
    indexes: &[],
};

/// Days.
pub static CALENDAR: Table = Table {
    name: "calendar",
    group: Group::Results,
    meaning: "A day that a cost falls on",
    term: "campaignd",
    key: &["date_day"],
    columns: &[
        date("date_day", "The day").required(),
        integer("day_no", "Days since 1970-01-01").required().unit("days"),
        MONTH.required(),
        integer("month_first_no", "day_no of the first day of its month").required().unit("days"),
        integer("month_end_no", "day_no of the day after the last of its month").required().unit("days"),
    ],
    inputs: &[],
    indexes: &[],
};

/// Sums by part and month.
pub static ROI_CELL: Table = Table {
    name: "roi_cell",
    group: Group::Results,
    meaning: "What a campaign part did in a month: the sums that every row of campaign_roi is added up from",
    term: "campaignd",
    key: &["campaign_part_id", "month"],
    columns: &[
        PART.required(),
        MONTH.required(),
        integer("responses", "Responses").required(),
        integer("contacted", "Contacts").required(),
        integer("known_responders", "Different customers among those who responded").required().unit("people"),
        integer("anonymous_responders", "Responses of nobody knows whom, each counted as somebody else")
            .required()
            .unit("people"),
        integer("conversions", "Conversions that were not retracted").required(),
        base("revenue_gross", "Revenue before adjustments").required(),
        base("revenue_adjustments", "What adjustments changed it by").required(),
        base("margin", "Margin of the revenue after adjustments").required(),
        integer("unpriced_conversions", "Conversions whose amount can't be stated in the currency of ROI").required(),
        base("cost", "Actual cost").required(),
        integer("cost_rows", "Costs that fall on it; 0: its cost is unknown").required(),
        integer("unpriced_costs", "Costs whose amount can't be stated in the currency of ROI").required(),
    ],
    inputs: &[],
    indexes: &[],
};

/// Customers seen before.
pub static ROI_REPEAT: Table = Table {
    name: "roi_repeat",
    group: Group::Results,
    meaning: "How many of a cell's customers had been seen before in a wider grain: what keeps them from being counted twice there",
    term: "campaignd",
    key: &["campaign_part_id", "month", "grains"],
    columns: &[
        PART.required(),
        MONTH.required(),
        integer("grains", "The grains, one bit each, in which an earlier cell has the customer already").required(),
        integer("parties", "How many customers").required().unit("people"),
    ],
    inputs: &[],
    indexes: &[],
};

/// The columns of `campaign_roi`.
const ROI_COLUMNS: &[Column] = &[
    choice(
        "grain",
        &["total", "campaign_part", "campaign", "channel", "segment", "offer", "vendor"],
        "What a row is about",
    )
    .required(),
    text(
        "grain_key",
        120,
        "Which one: campaign_part_id, campaign_id …; `all` for the total, `unallocated` for what none claims",
    )
    .required(),
    text("period", 7, "The month, or `all`").required().unit("YYYY-MM"),
    text("currency_code", 3, "Currency of the row").required().unit("ISO 4217"),
    identifier("model_id", "The rule by which conversions are credited: attribution_model.model_id").required(),
    integer("model_version", "Its version").required(),
    integer("targeted", "People targeted").unit("people"),
    integer("contacted", "Contacts").required(),
    integer("responses", "Responses").required().term("Salesforce NumberOfResponses"),
    integer(
        "unique_responders",
        "Different people among those who responded; a response of nobody knows whom counts as somebody else",
    )
    .required()
    .unit("people"),
    integer("conversions", "Conversions that were not retracted").required().term("Google Ads conversions"),
    money("revenue_gross", "Revenue before adjustments, booked in the month of the conversion"),
    money(
        "revenue_adjustments",
        "What retractions and restatements changed it by, booked in the month of the conversion",
    ),
    money("revenue", "Revenue after adjustments"),
    money("margin", "Revenue times margin rate"),
    money("cost", "Actual cost, spread over its days; NULL where none is known"),
    choice(
        "cost_known",
        &["yes", "partly", "no"],
        "Whether its cost is known; partly: some of its parts have responses or conversions and no cost",
    )
    .required(),
    money("contribution", "Margin minus cost"),
    decimal("roas", "Revenue divided by cost").unit("ratio").term("return on ad spend"),
    decimal("roi_net", "Revenue minus cost, divided by cost").unit("ratio").term("Salesforce Campaign ROI Analysis"),
    decimal("roi_margin", "Contribution divided by cost").unit("ratio").term("ROMI"),
    decimal("response_rate", "Unique responders divided by targeted").unit("share"),
    decimal("conversion_rate_of_responses", "Conversions divided by responses").unit("share"),
    money("cost_per_response", "Cost divided by responses"),
    money("cost_per_acquisition", "Cost divided by conversions").term("CPA"),
    money("expected_revenue", "Revenue expected by the plan").term("Salesforce ExpectedRevenue"),
    decimal("expected_responses", "Responses expected by the plan").term("Salesforce ExpectedResponse"),
    money("budgeted_cost", "Cost budgeted by the plan").term("Salesforce BudgetedCost"),
    money("revenue_vs_expected", "Revenue minus expected revenue"),
    money("cost_vs_budget", "Cost minus budgeted cost"),
    decimal("break_even_response_rate", "The response rate at which margin would equal cost").unit("share"),
    choice("pays_for_itself", &["yes", "no", "undecided"], "Whether margin is at least cost").required(),
    text("null_reasons", 1000, "Why figures are NULL: metric=reason, separated by blanks"),
    timestamp("refreshed_at", "When the row was worked out").required(),
];

/// Tabulated ROI.
pub static CAMPAIGN_ROI: Table = Table {
    name: "campaign_roi",
    group: Group::Results,
    meaning: "Tabulated ROI of a campaign part, campaign, channel, segment, offer or vendor, or of all of them, in a month or in all",
    term: "campaignd",
    key: &["grain", "grain_key", "period"],
    columns: ROI_COLUMNS,
    inputs: &[],
    indexes: &[],
};

/// Why figures moved.
pub static CAMPAIGN_ROI_CHANGE: Table = Table {
    name: "campaign_roi_change",
    group: Group::Results,
    meaning: "A published figure that a refresh changed: what it was, what it is, and why",
    term: "campaignd",
    key: &["change_no"],
    columns: &[
        identity("change_no", "Number of the change"),
        timestamp("changed_at", "When").required(),
        text("grain", 20, "campaign_roi.grain").required(),
        text("grain_key", 120, "campaign_roi.grain_key").required(),
        text("period", 7, "campaign_roi.period").required().unit("YYYY-MM"),
        identifier("metric", "The figure").required(),
        text("currency_code", 3, "Its currency").required().unit("ISO 4217"),
        money("old_value", "What it was; NULL: undefined, or there was no row"),
        money("new_value", "What it is; NULL: undefined, or there is no row"),
        choice("cause", &["new_facts", "adjustment", "code_map_changed", "reference_changed", "recomputed"], "Why")
            .required(),
    ],
    inputs: &[],
    indexes: &[],
};

/// A refresh's notes: facts and customers it has to look at.
pub static ROI_WORK_TOUCHED: Table = Table {
    name: "roi_work_touched",
    group: Group::Results,
    meaning: "A fact or customer that a refresh has to look at; empty between refreshes",
    term: "campaignd",
    key: &["kind", "number"],
    columns: &[
        choice("kind", &["response", "conversion", "cost", "party"], "What it is").required(),
        integer("number", "response_no, conversion_no, cost_no or party_hash").required(),
    ],
    inputs: &[],
    indexes: &[],
};

/// A refresh's notes: cells it has to work out again.
pub static ROI_WORK_CELL: Table = Table {
    name: "roi_work_cell",
    group: Group::Results,
    meaning: "A cell that a refresh has to work out again; empty between refreshes",
    term: "campaignd",
    key: &["campaign_part_id", "month"],
    columns: &[PART.required(), MONTH.required()],
    inputs: &[],
    indexes: &[],
};

/// A refresh's notes: codes that mean something else than before.
pub static ROI_WORK_CODE: Table = Table {
    name: "roi_work_code",
    group: Group::Results,
    meaning: "A code that means something else than before; empty between refreshes",
    term: "campaignd",
    key: &["code_type", "code"],
    columns: &[text("code_type", 32, "Kind of the code").required(), identifier("code", "The code").required()],
    inputs: &[],
    indexes: &[],
};

/// A refresh's notes: customers of several cells.
pub static ROI_WORK_PAIR: Table = Table {
    name: "roi_work_pair",
    group: Group::Results,
    meaning: "A customer of several cells, and one of them; empty between refreshes",
    term: "campaignd",
    key: &["party_hash", "month", "campaign_part_id"],
    columns: &[integer("party_hash", "The customer").required(), MONTH.required(), PART.required()],
    inputs: &[],
    indexes: &[],
};

/// A refresh's notes: how `roi_repeat` changes.
pub static ROI_WORK_REPEAT: Table = Table {
    name: "roi_work_repeat",
    group: Group::Results,
    meaning: "How a row of roi_repeat changes; empty between refreshes",
    term: "campaignd",
    key: &["phase", "campaign_part_id", "month", "grains"],
    columns: &[
        choice("phase", &["before", "after", "current"], "Customers it loses, gains or has").required(),
        PART.required(),
        MONTH.required(),
        integer("grains", "roi_repeat.grains").required(),
        integer("parties", "How many customers").required().unit("people"),
    ],
    inputs: &[],
    indexes: &[],
};

/// A refresh's notes: ROI as it will be.
pub static ROI_WORK_ROI: Table = Table {
    name: "roi_work_roi",
    group: Group::Results,
    meaning: "A row of campaign_roi as a refresh has worked it out; empty between refreshes",
    term: "campaignd",
    key: &["grain", "grain_key", "period"],
    columns: ROI_COLUMNS,
    inputs: &[],
    indexes: &[],
};
