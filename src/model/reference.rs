//! What exists: campaigns and their parts, what ties a record to them, and what amounts are converted with.

use campaignd_contract::{Group, Table};

use super::column::{
    BATCH_NO, CAMPAIGN_ID, CURRENCY_CODE, NAME, SOURCE_LINE, SOURCE_OFFSET, boolean, choice, date, decimal, identifier,
    integer, money, text, timestamp,
};

/// The systems records come from.
pub static SOURCE_SYSTEM: Table = Table {
    name: "source_system",
    group: Group::Reference,
    meaning: "A system that records come from",
    term: "campaignd",
    key: &["source_system"],
    columns: &[
        identifier("source_system", "Short name of the system, as pipelines give it").required(),
        choice(
            "kind",
            &[
                "call_centre",
                "mainframe",
                "warehouse",
                "message_feed",
                "crm",
                "marketing_automation",
                "ad_platform",
                "other",
            ],
            "What kind of system it is",
        ),
        NAME,
        text("timezone", 64, "Time zone of its local times").unit("IANA time zone"),
        text("default_currency", 3, "Currency of its amounts where they have none of their own").unit("ISO 4217"),
        choice(
            "campaign_meaning",
            &["initiative", "send", "first_touch_tag", "automation", "ad_container", "dial_program"],
            "What the system means by the word campaign",
        ),
        integer("reread_days", "How many days back its figures may still change").unit("days"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};

/// The channels.
pub static CHANNEL: Table = Table {
    name: "channel",
    group: Group::Reference,
    meaning: "A way to reach people: telephone, e-mail, social …",
    term: "Marketo channel",
    key: &["channel_id"],
    columns: &[
        identifier("channel_id", "Short name of the channel").required(),
        NAME,
        identifier("parent_channel_id", "The wider channel it belongs to: channel.channel_id"),
        identifier("screen", "The dashboard screen it is shown on"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};

/// The campaigns.
pub static CAMPAIGN: Table = Table {
    name: "campaign",
    group: Group::Reference,
    meaning: "A campaign: an initiative with a plan, a budget and parts",
    term: "Salesforce Campaign",
    key: &["campaign_id"],
    columns: &[
        CAMPAIGN_ID.required(),
        NAME.term("Salesforce Campaign.Name"),
        identifier("campaign_type", "Direct mail, telemarketing, e-mail …, in the company's own words")
            .term("Salesforce Campaign.Type"),
        identifier("status", "Planned, in progress, completed, aborted …, in the company's own words")
            .term("Salesforce Campaign.Status"),
        text("objective", 400, "What it is meant to achieve").term("Dynamics campaign.objective"),
        identifier("parent_campaign_id", "The campaign it belongs to: campaign.campaign_id")
            .term("Salesforce Campaign.ParentId"),
        date("start_date", "First day").term("Salesforce Campaign.StartDate"),
        date("end_date", "Last day; responses after it are still counted").term("Salesforce Campaign.EndDate"),
        identifier("owner", "Who answers for it").term("Salesforce Campaign.OwnerId"),
        CURRENCY_CODE,
        money("budgeted_cost", "What it may cost, where the plan says so for the campaign as a whole")
            .term("Salesforce Campaign.BudgetedCost"),
        money("expected_revenue", "What it is expected to bring, where the plan says so for the campaign as a whole")
            .term("Salesforce Campaign.ExpectedRevenue"),
        decimal("expected_response_rate", "Share of those targeted that are expected to respond")
            .unit("share")
            .term("Salesforce Campaign.ExpectedResponse"),
        integer("targeted_count", "How many people are targeted, as declared for the campaign as a whole")
            .unit("people")
            .term("Salesforce Campaign.NumberSent"),
        money(
            "declared_actual_cost",
            "Actual cost as the source system states it; shown, never added to campaign_cost",
        )
        .term("Salesforce Campaign.ActualCost"),
        boolean("is_active", "Whether it is running").term("Salesforce Campaign.IsActive"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};

/// The campaign parts.
pub static CAMPAIGN_PART: Table = Table {
    name: "campaign_part",
    group: Group::Reference,
    meaning: "A part of a campaign, one channel, segment, offer, wave and vendor: what earns its cost or doesn't",
    term: "Dynamics campaignactivity",
    key: &["campaign_part_id"],
    columns: &[
        identifier("campaign_part_id", "The part's own code").required(),
        CAMPAIGN_ID.required(),
        NAME,
        choice(
            "part_kind",
            &["activity", "ad_group", "ad", "list", "wave", "cell", "send"],
            "What the source system calls such a part",
        ),
        identifier("channel_id", "Its channel: channel.channel_id").term("Dynamics campaignactivity.channeltypecode"),
        identifier("segment_id", "The people it is aimed at: segment.segment_id"),
        identifier("offer_id", "What it offers: offer.offer_id"),
        identifier("vendor_id", "Who carries it out: vendor.vendor_id"),
        choice("execution", &["in_house", "outsourced"], "Whether the company carries it out itself"),
        identifier("creative_id", "The script, mail or advertisement used"),
        identifier("wave", "Which of several waves"),
        date("scheduled_start", "First day planned").term("Dynamics campaignactivity.scheduledstart"),
        date("scheduled_end", "Last day planned").term("Dynamics campaignactivity.scheduledend"),
        CURRENCY_CODE,
        money("budgeted_cost", "What it may cost").term("Dynamics campaignactivity.budgetedcost"),
        money("expected_revenue", "What it is expected to bring").term("Salesforce Campaign.ExpectedRevenue"),
        decimal("expected_response_rate", "Share of those targeted that are expected to respond")
            .unit("share")
            .term("Salesforce Campaign.ExpectedResponse"),
        integer("targeted_count", "How many people it targets, as declared; used where there are no members")
            .unit("people")
            .term("Salesforce Campaign.NumberSent"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};

/// The segments.
pub static SEGMENT: Table = Table {
    name: "segment",
    group: Group::Reference,
    meaning: "A group of people that a campaign part is aimed at",
    term: "SuiteCRM ProspectList",
    key: &["segment_id"],
    columns: &[
        identifier("segment_id", "Short name of the segment").required(),
        NAME,
        choice("list_type", &["default", "seed", "test", "exempt", "holdout"], "What the list is for")
            .term("SuiteCRM list_type"),
        text("definition", 400, "Who belongs to it, in words"),
        integer("size_at_launch", "How many belonged to it when the campaign started").unit("people"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};

/// The offers.
pub static OFFER: Table = Table {
    name: "offer",
    group: Group::Reference,
    meaning: "What is offered: a product at a price",
    term: "Adobe XDM offer",
    key: &["offer_id"],
    columns: &[
        identifier("offer_id", "Short name of the offer").required(),
        NAME,
        text("product", 200, "The product offered"),
        money("price", "Its price"),
        CURRENCY_CODE,
        decimal("margin_rate", "Share of its revenue that is margin, where the conversion doesn't say").unit("share"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};

/// The vendors.
pub static VENDOR: Table = Table {
    name: "vendor",
    group: Group::Reference,
    meaning: "Who carries parts out: an agency, a call centre, a department of the company",
    term: "Oracle BIZ_COSTS vendor",
    key: &["vendor_id"],
    columns: &[
        identifier("vendor_id", "Short name of the vendor").required(),
        NAME,
        choice("rate_basis", &["contact", "hour", "piece", "response", "order", "fixed"], "What its rate is for"),
        money("rate", "Its rate for one of these"),
        CURRENCY_CODE,
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};

/// The temporal code map.
pub static CODE_MAP: Table = Table {
    name: "code_map",
    group: Group::Reference,
    meaning: "Which campaign part a code belonged to, and when: numbers are given to other campaigns",
    term: "Liveops source assignment",
    key: &["code_type", "code", "valid_from"],
    columns: &[
        text("code_type", 32, "dnis, vdn, did, queue, promo_code, source_code, list_id, utm_campaign …").required(),
        identifier("code", "The code: the number dialled, the promotion code …").required(),
        timestamp("valid_from", "From when it belongs to the part, this instant included").required(),
        timestamp("valid_to", "Until when, this instant not included; NULL: still"),
        identifier("campaign_part_id", "The part it belongs to: campaign_part.campaign_part_id").required(),
        text("note", 400, "Why, for people"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};

/// What the dispositions of a system mean.
pub static DISPOSITION_MAP: Table = Table {
    name: "disposition_map",
    group: Group::Reference,
    meaning: "What a disposition of a source system means",
    term: "VICIdial vicidial_statuses",
    key: &["source_system", "disposition"],
    columns: &[
        identifier("source_system", "The system that uses it: source_system.source_system").required(),
        identifier("disposition", "The disposition, as the system writes it").required(),
        choice("response_code", super::facts::RESPONSE_CODES, "The response code it stands for")
            .term("Dynamics campaignresponse.responsecode"),
        boolean("human_answered", "Whether a person answered").term("VICIdial human_answered"),
        boolean("customer_contact", "Whether the customer was reached; used where the response doesn't say")
            .term("VICIdial customer_contact"),
        boolean("sale", "Whether it is a sale").term("VICIdial sale"),
        boolean("do_not_call", "Whether the customer asked not to be called").term("VICIdial dnc"),
        boolean("not_interested", "Whether the customer wasn't interested").term("VICIdial not_interested"),
        boolean("unworkable", "Whether the number can't be used").term("VICIdial unworkable"),
        boolean("scheduled_callback", "Whether a callback was agreed").term("VICIdial scheduled_callback"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};

/// Exchange rates by date.
pub static FX_RATE: Table = Table {
    name: "fx_rate",
    group: Group::Reference,
    meaning: "An exchange rate from its date on, until the next",
    term: "Salesforce DatedConversionRate",
    key: &["from_currency", "to_currency", "rate_date"],
    columns: &[
        text("from_currency", 3, "Currency converted from").required().unit("ISO 4217"),
        text("to_currency", 3, "Currency converted to").required().unit("ISO 4217"),
        date("rate_date", "First day it holds").required(),
        decimal("rate", "How much of to_currency so many units of from_currency are worth")
            .required()
            .unit("to_currency"),
        integer(
            "rate_units",
            "For how many units of from_currency the rate is: 1, or 100 as central banks publish some",
        )
        .default("1")
        .unit("from_currency"),
        text("rate_source", 100, "Who published it"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};

/// How credit is given.
pub static ATTRIBUTION_MODEL: Table = Table {
    name: "attribution_model",
    group: Group::Reference,
    meaning: "A rule that gives the credit for a conversion to campaign parts: its weights, window and version",
    term: "Salesforce CampaignInfluenceModel",
    key: &["model_id", "model_version"],
    columns: &[
        identifier("model_id", "Short name of the model").required(),
        integer("model_version", "Version: any change of the rule is a new one").required(),
        NAME,
        choice("family", &["direct", "single_touch", "multi_touch"], "What kind of rule it is"),
        text("weights", 400, "The weights, by position of the touch").unit("share"),
        integer("lookback_days", "How many days before the conversion a touch still counts; NULL: any").unit("days"),
        choice("booking_basis", &["touch", "conversion", "close"], "Whose date says in which month credit is booked"),
        BATCH_NO,
        SOURCE_OFFSET,
        SOURCE_LINE,
    ],
    inputs: &[],
    indexes: &[],
};
