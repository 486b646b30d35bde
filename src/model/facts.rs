//! What happened: who was targeted, who responded, what it cost, what it brought.

use campaignd_contract::{Group, Table};

use super::column::{
    BATCH_NO, CAMPAIGN_ID, CAMPAIGN_PART_ID, CODE, CODE_TYPE, CURRENCY_CODE, PARTY_INPUTS, PARTY_KEY, SOURCE_KEY,
    SOURCE_LINE, SOURCE_OFFSET, SOURCE_SYSTEM, boolean, choice, date, decimal, identifier, identity, index, integer,
    money, text, timestamp,
};

/// What somebody did in answer to a campaign.
pub const RESPONSE_TYPES: &[&str] = &[
    "inquiry",
    "order",
    "appointment",
    "callback",
    "visit",
    "click",
    "form",
    "reply",
    "survey",
    "complaint",
    "opt_out",
    "refusal",
    "no_contact",
    "other",
];

/// The response types that are not responses: an attempt that reached nobody, and a no. They count as contacts, or
/// not even that.
pub const NOT_RESPONSES: &[&str] = &["refusal", "no_contact"];

/// What somebody thought of it.
pub const RESPONSE_CODES: &[&str] = &["interested", "not_interested", "do_not_send", "error"];

/// Who was targeted.
pub static CAMPAIGN_MEMBER: Table = Table {
    name: "campaign_member",
    group: Group::Facts,
    meaning: "A person whom a campaign part targets",
    term: "Salesforce CampaignMember",
    key: &["source_system", "source_key"],
    columns: &[
        identity("member_no", "Number of the row in this warehouse"),
        SOURCE_SYSTEM,
        SOURCE_KEY,
        CAMPAIGN_PART_ID,
        CAMPAIGN_ID,
        CODE_TYPE,
        CODE,
        PARTY_KEY,
        timestamp("member_since", "When the person was put on the list").term("Marketo membershipDate"),
        identifier("member_status", "Sent, responded, attended …, in the source's own words")
            .term("Salesforce CampaignMember.Status"),
        boolean("has_responded", "Whether the source counts the person as having responded")
            .term("Salesforce CampaignMember.HasResponded"),
        date("first_responded_date", "Day of the first response, as the source states it")
            .term("Salesforce CampaignMember.FirstRespondedDate"),
        choice("arm", &["treatment", "control"], "Which arm of a trial; control members are held out and not targeted")
            .default("treatment"),
        identifier("list_source", "The list the person came from"),
        boolean("is_test", "Whether it is a test record; test records count for nothing").default("false"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: PARTY_INPUTS,
    indexes: &[index("campaign_member_batch", &["batch_no"])],
};

/// Who responded.
pub static CAMPAIGN_RESPONSE: Table = Table {
    name: "campaign_response",
    group: Group::Facts,
    meaning: "A response to a campaign, or a contact made for it: a call, a click, a form, a reply",
    term: "Dynamics campaignresponse",
    key: &["source_system", "source_key"],
    columns: &[
        identity("response_no", "Number of the row in this warehouse"),
        SOURCE_SYSTEM,
        SOURCE_KEY,
        timestamp("occurred_at", "When it happened; says to which month it belongs")
            .required()
            .term("Dynamics campaignresponse.receivedon"),
        CAMPAIGN_PART_ID,
        CAMPAIGN_ID,
        CODE_TYPE,
        CODE,
        identifier("channel_id", "The channel it came by, where the source says: channel.channel_id"),
        choice(
            "response_type",
            RESPONSE_TYPES,
            "What it is; no_contact (nobody was reached) and refusal (a no) are not counted as responses",
        )
        .required()
        .default("inquiry"),
        choice("response_code", RESPONSE_CODES, "What the person thought of it")
            .term("Dynamics campaignresponse.responsecode"),
        identifier(
            "disposition",
            "How the contact ended, in the source's own words; disposition_map says what it means",
        )
        .term("VICIdial status"),
        boolean(
            "is_contact",
            "Whether the person was reached; where NULL, disposition_map says, or else the response type",
        )
        .term("VICIdial customer_contact"),
        boolean("human_answered", "Whether a person answered").term("VICIdial human_answered"),
        boolean("is_test", "Whether it is a test record; test records count for nothing").default("false"),
        PARTY_KEY,
        identifier("vendor_id", "Who handled it: vendor.vendor_id"),
        identifier("agent_id", "The agent who handled it"),
        identifier("queue", "The queue or skill it came through").term("Asterisk queue_log"),
        integer("attempt_no", "Which attempt to reach the person it was"),
        integer("wait_seconds", "Time until it was answered").unit("seconds"),
        integer("talk_seconds", "Time talked").unit("seconds").term("VICIdial talk_sec"),
        integer("hold_seconds", "Time on hold").unit("seconds"),
        integer("wrap_seconds", "Time the agent needed afterwards").unit("seconds"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: PARTY_INPUTS,
    indexes: &[index("campaign_response_batch", &["batch_no"])],
};

/// What it cost.
pub static CAMPAIGN_COST: Table = Table {
    name: "campaign_cost",
    group: Group::Facts,
    meaning: "A cost of a campaign or of one of its parts, over a day or a period",
    term: "Marketo program cost",
    key: &["source_system", "source_key"],
    columns: &[
        identity("cost_no", "Number of the row in this warehouse"),
        SOURCE_SYSTEM,
        SOURCE_KEY,
        CAMPAIGN_PART_ID,
        CAMPAIGN_ID,
        CODE_TYPE,
        CODE,
        choice(
            "cost_kind",
            &[
                "media",
                "list",
                "print",
                "postage",
                "telecom",
                "agent_time",
                "vendor_fee",
                "creative",
                "incentive",
                "other",
            ],
            "What it was spent on",
        )
        .default("other"),
        choice(
            "cost_status",
            &["budgeted", "committed", "estimated", "actual"],
            "How certain it is; only actual costs count as cost",
        )
        .required()
        .default("actual"),
        date("period_start", "First day it is for").required(),
        date("period_end", "Last day it is for; NULL: the first. It is spread evenly over the days"),
        money("amount", "The amount").required(),
        CURRENCY_CODE.required(),
        identifier("vendor_id", "Who is paid: vendor.vendor_id"),
        identifier("invoice_reference", "The invoice it is on"),
        boolean("is_test", "Whether it is a test record; test records count for nothing").default("false"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[index("campaign_cost_batch", &["batch_no"])],
};

/// What it brought.
pub static CONVERSION: Table = Table {
    name: "conversion",
    group: Group::Facts,
    meaning: "An order, a won deal, a lead: what the campaign was for",
    term: "Google Ads conversion",
    key: &["source_system", "source_key"],
    columns: &[
        identity("conversion_no", "Number of the row in this warehouse"),
        SOURCE_SYSTEM,
        SOURCE_KEY,
        identifier("order_id", "The order it is about").term("Google Ads order_id"),
        timestamp("converted_at", "When it happened; says to which month its revenue belongs")
            .required()
            .term("Google Ads conversion_date_time"),
        choice(
            "conversion_type",
            &["order", "won_opportunity", "lead", "appointment", "donation", "other"],
            "What it is",
        )
        .required()
        .default("order"),
        CAMPAIGN_PART_ID,
        CAMPAIGN_ID,
        CODE_TYPE,
        CODE,
        text("response_key", 200, "The response it came from, where the source knows: campaign_response.source_key"),
        identifier("response_source_system", "The source system of that response; NULL: the same as the conversion's"),
        money("amount", "Its revenue; NULL for a conversion without one").term("Google Ads conversion_value"),
        CURRENCY_CODE,
        decimal("margin_rate", "Share of its revenue that is margin; where NULL, the offer says, or else the settings")
            .unit("share"),
        integer("quantity", "Number of pieces"),
        PARTY_KEY,
        boolean("is_test", "Whether it is a test record; test records count for nothing").default("false"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: PARTY_INPUTS,
    indexes: &[index("conversion_batch", &["batch_no"])],
};

/// What changed of it later.
pub static CONVERSION_ADJUSTMENT: Table = Table {
    name: "conversion_adjustment",
    group: Group::Facts,
    meaning: "A later change of a conversion: a cancellation, a return, a corrected amount",
    term: "Google Ads conversion adjustment",
    key: &["source_system", "source_key"],
    columns: &[
        identity("adjustment_no", "Number of the row in this warehouse"),
        SOURCE_SYSTEM,
        SOURCE_KEY,
        text("conversion_key", 200, "The conversion it changes: conversion.source_key").required(),
        identifier(
            "conversion_source_system",
            "The source system of that conversion; NULL: the same as the adjustment's",
        ),
        choice(
            "adjustment_type",
            &["RETRACTION", "RESTATEMENT"],
            "RETRACTION: the conversion doesn't count at all. RESTATEMENT: its amount is new_amount",
        )
        .required()
        .term("Google Ads adjustment_type"),
        timestamp("adjusted_at", "When; of several adjustments of one conversion the latest holds")
            .required()
            .term("Google Ads adjustment_date_time"),
        money("new_amount", "The amount that holds instead; only for a RESTATEMENT")
            .term("Google Ads restatement_value"),
        CURRENCY_CODE,
        choice("reason", &["refund", "chargeback", "cancellation", "correction", "other"], "Why"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[
        index("conversion_adjustment_batch", &["batch_no"]),
        index("conversion_adjustment_conversion", &["conversion_key"]),
    ],
};

/// What the ad platforms say.
pub static AD_PERFORMANCE_DAILY: Table = Table {
    name: "ad_performance_daily",
    group: Group::Facts,
    meaning: "What an ad platform claims for an ad on a day; shown beside the company's own figures, never added to them",
    term: "Fivetran ad_reporting",
    key: &["source_system", "source_key"],
    columns: &[
        identity("performance_no", "Number of the row in this warehouse"),
        SOURCE_SYSTEM,
        SOURCE_KEY,
        date("date_day", "The day, in the account's time zone").required().term("Fivetran date_day"),
        identifier("platform", "The platform: google_ads, facebook_ads …").term("Fivetran platform"),
        identifier("account_id", "The advertiser's account").term("Fivetran account_id"),
        identifier("platform_campaign_id", "The campaign, as the platform numbers it").term("Fivetran campaign_id"),
        identifier("ad_group_id", "The ad group or ad set").term("Fivetran ad_group_id"),
        identifier("ad_id", "The ad").term("Fivetran ad_id"),
        CAMPAIGN_PART_ID,
        CAMPAIGN_ID,
        CODE_TYPE,
        CODE,
        integer("impressions", "How often it was shown").term("Fivetran impressions"),
        integer("clicks", "How often it was clicked").term("Fivetran clicks"),
        integer("reach", "How many people saw it").unit("people").term("Meta reach"),
        money("spend", "What the platform charged; its cost counts only as campaign_cost").term("Fivetran spend"),
        decimal("conversions", "Conversions the platform claims").term("Fivetran conversions"),
        money("conversions_value", "Revenue the platform claims").term("Fivetran conversions_value"),
        CURRENCY_CODE,
        identifier("attribution_window", "Window of the claims: 7d_click …").term("Meta action_attribution_windows"),
        boolean("is_final", "Whether the platform will not change them any more"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[index("ad_performance_daily_batch", &["batch_no"])],
};
