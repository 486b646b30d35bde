CREATE TABLE source_system (
  source_system TEXT NOT NULL,
  kind TEXT CHECK (kind = 'call_centre' OR kind = 'mainframe' OR kind = 'warehouse' OR kind = 'message_feed' OR kind = 'crm' OR kind = 'marketing_automation' OR kind = 'ad_platform' OR kind = 'other'),
  name TEXT,
  timezone TEXT,
  default_currency TEXT,
  campaign_meaning TEXT CHECK (campaign_meaning = 'initiative' OR campaign_meaning = 'send' OR campaign_meaning = 'first_touch_tag' OR campaign_meaning = 'automation' OR campaign_meaning = 'ad_container' OR campaign_meaning = 'dial_program'),
  reread_days INTEGER,
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (source_system)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel (
  channel_id TEXT NOT NULL,
  name TEXT,
  parent_channel_id TEXT,
  screen TEXT,
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (channel_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE campaign_micro (
  campaign_id TEXT NOT NULL,
  name TEXT,
  campaign_type TEXT,
  status TEXT,
  objective TEXT,
  parent_campaign_id TEXT,
  start_date TEXT,
  end_date TEXT,
  owner TEXT,
  currency_code TEXT,
  budgeted_cost INTEGER,
  expected_revenue INTEGER,
  expected_response_rate INTEGER,
  targeted_count INTEGER,
  declared_actual_cost INTEGER,
  is_active INTEGER CHECK (is_active IN (0, 1)),
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (campaign_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW campaign AS SELECT
  campaign_id,
  name,
  campaign_type,
  status,
  objective,
  parent_campaign_id,
  start_date,
  end_date,
  owner,
  currency_code,
  budgeted_cost / 1000000.0 AS budgeted_cost,
  expected_revenue / 1000000.0 AS expected_revenue,
  expected_response_rate / 1000000.0 AS expected_response_rate,
  targeted_count,
  declared_actual_cost / 1000000.0 AS declared_actual_cost,
  is_active,
  batch_no,
  source_offset,
  source_line
FROM campaign_micro;

CREATE TABLE campaign_part_micro (
  campaign_part_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  name TEXT,
  part_kind TEXT CHECK (part_kind = 'activity' OR part_kind = 'ad_group' OR part_kind = 'ad' OR part_kind = 'list' OR part_kind = 'wave' OR part_kind = 'cell' OR part_kind = 'send'),
  channel_id TEXT,
  segment_id TEXT,
  offer_id TEXT,
  vendor_id TEXT,
  execution TEXT CHECK (execution = 'in_house' OR execution = 'outsourced'),
  creative_id TEXT,
  wave TEXT,
  scheduled_start TEXT,
  scheduled_end TEXT,
  currency_code TEXT,
  budgeted_cost INTEGER,
  expected_revenue INTEGER,
  expected_response_rate INTEGER,
  targeted_count INTEGER,
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (campaign_part_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW campaign_part AS SELECT
  campaign_part_id,
  campaign_id,
  name,
  part_kind,
  channel_id,
  segment_id,
  offer_id,
  vendor_id,
  execution,
  creative_id,
  wave,
  scheduled_start,
  scheduled_end,
  currency_code,
  budgeted_cost / 1000000.0 AS budgeted_cost,
  expected_revenue / 1000000.0 AS expected_revenue,
  expected_response_rate / 1000000.0 AS expected_response_rate,
  targeted_count,
  batch_no,
  source_offset,
  source_line
FROM campaign_part_micro;

CREATE TABLE segment (
  segment_id TEXT NOT NULL,
  name TEXT,
  list_type TEXT CHECK (list_type = 'default' OR list_type = 'seed' OR list_type = 'test' OR list_type = 'exempt' OR list_type = 'holdout'),
  definition TEXT,
  size_at_launch INTEGER,
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (segment_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE offer_micro (
  offer_id TEXT NOT NULL,
  name TEXT,
  product TEXT,
  price INTEGER,
  currency_code TEXT,
  margin_rate INTEGER,
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (offer_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW offer AS SELECT
  offer_id,
  name,
  product,
  price / 1000000.0 AS price,
  currency_code,
  margin_rate / 1000000.0 AS margin_rate,
  batch_no,
  source_offset,
  source_line
FROM offer_micro;

CREATE TABLE vendor_micro (
  vendor_id TEXT NOT NULL,
  name TEXT,
  rate_basis TEXT CHECK (rate_basis = 'contact' OR rate_basis = 'hour' OR rate_basis = 'piece' OR rate_basis = 'response' OR rate_basis = 'order' OR rate_basis = 'fixed'),
  rate INTEGER,
  currency_code TEXT,
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (vendor_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW vendor AS SELECT
  vendor_id,
  name,
  rate_basis,
  rate / 1000000.0 AS rate,
  currency_code,
  batch_no,
  source_offset,
  source_line
FROM vendor_micro;

CREATE TABLE code_map (
  code_type TEXT NOT NULL,
  code TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT,
  campaign_part_id TEXT NOT NULL,
  note TEXT,
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (code_type, code, valid_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE disposition_map (
  source_system TEXT NOT NULL,
  disposition TEXT NOT NULL,
  response_code TEXT CHECK (response_code = 'interested' OR response_code = 'not_interested' OR response_code = 'do_not_send' OR response_code = 'error'),
  human_answered INTEGER CHECK (human_answered IN (0, 1)),
  customer_contact INTEGER CHECK (customer_contact IN (0, 1)),
  sale INTEGER CHECK (sale IN (0, 1)),
  do_not_call INTEGER CHECK (do_not_call IN (0, 1)),
  not_interested INTEGER CHECK (not_interested IN (0, 1)),
  unworkable INTEGER CHECK (unworkable IN (0, 1)),
  scheduled_callback INTEGER CHECK (scheduled_callback IN (0, 1)),
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (source_system, disposition)
) STRICT, WITHOUT ROWID;

CREATE TABLE fx_rate_micro (
  from_currency TEXT NOT NULL,
  to_currency TEXT NOT NULL,
  rate_date TEXT NOT NULL,
  rate INTEGER NOT NULL,
  rate_units INTEGER DEFAULT 1,
  rate_source TEXT,
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (from_currency, to_currency, rate_date)
) STRICT, WITHOUT ROWID;

CREATE VIEW fx_rate AS SELECT
  from_currency,
  to_currency,
  rate_date,
  rate / 1000000.0 AS rate,
  rate_units,
  rate_source,
  batch_no,
  source_offset,
  source_line
FROM fx_rate_micro;

CREATE TABLE attribution_model (
  model_id TEXT NOT NULL,
  model_version INTEGER NOT NULL,
  name TEXT,
  family TEXT CHECK (family = 'direct' OR family = 'single_touch' OR family = 'multi_touch'),
  weights TEXT,
  lookback_days INTEGER,
  booking_basis TEXT CHECK (booking_basis = 'touch' OR booking_basis = 'conversion' OR booking_basis = 'close'),
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  PRIMARY KEY (model_id, model_version)
) STRICT, WITHOUT ROWID;

CREATE TABLE campaign_member (
  member_no INTEGER PRIMARY KEY,
  source_system TEXT NOT NULL,
  source_key TEXT NOT NULL,
  campaign_part_id TEXT,
  campaign_id TEXT,
  code_type TEXT,
  code TEXT,
  party_key TEXT,
  member_since TEXT,
  member_status TEXT,
  has_responded INTEGER CHECK (has_responded IN (0, 1)),
  first_responded_date TEXT,
  arm TEXT DEFAULT 'treatment' CHECK (arm = 'treatment' OR arm = 'control'),
  list_source TEXT,
  is_test INTEGER DEFAULT 0 CHECK (is_test IN (0, 1)),
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  UNIQUE (source_system, source_key)
) STRICT;

CREATE INDEX campaign_member_batch ON campaign_member (batch_no);

CREATE TABLE campaign_response (
  response_no INTEGER PRIMARY KEY,
  source_system TEXT NOT NULL,
  source_key TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  campaign_part_id TEXT,
  campaign_id TEXT,
  code_type TEXT,
  code TEXT,
  channel_id TEXT,
  response_type TEXT NOT NULL DEFAULT 'inquiry' CHECK (response_type = 'inquiry' OR response_type = 'order' OR response_type = 'appointment' OR response_type = 'callback' OR response_type = 'visit' OR response_type = 'click' OR response_type = 'form' OR response_type = 'reply' OR response_type = 'survey' OR response_type = 'complaint' OR response_type = 'opt_out' OR response_type = 'refusal' OR response_type = 'no_contact' OR response_type = 'other'),
  response_code TEXT CHECK (response_code = 'interested' OR response_code = 'not_interested' OR response_code = 'do_not_send' OR response_code = 'error'),
  disposition TEXT,
  is_contact INTEGER CHECK (is_contact IN (0, 1)),
  human_answered INTEGER CHECK (human_answered IN (0, 1)),
  is_test INTEGER DEFAULT 0 CHECK (is_test IN (0, 1)),
  party_key TEXT,
  vendor_id TEXT,
  agent_id TEXT,
  queue TEXT,
  attempt_no INTEGER,
  wait_seconds INTEGER,
  talk_seconds INTEGER,
  hold_seconds INTEGER,
  wrap_seconds INTEGER,
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  UNIQUE (source_system, source_key)
) STRICT;

CREATE INDEX campaign_response_batch ON campaign_response (batch_no);

CREATE TABLE campaign_cost_micro (
  cost_no INTEGER PRIMARY KEY,
  source_system TEXT NOT NULL,
  source_key TEXT NOT NULL,
  campaign_part_id TEXT,
  campaign_id TEXT,
  code_type TEXT,
  code TEXT,
  cost_kind TEXT DEFAULT 'other' CHECK (cost_kind = 'media' OR cost_kind = 'list' OR cost_kind = 'print' OR cost_kind = 'postage' OR cost_kind = 'telecom' OR cost_kind = 'agent_time' OR cost_kind = 'vendor_fee' OR cost_kind = 'creative' OR cost_kind = 'incentive' OR cost_kind = 'other'),
  cost_status TEXT NOT NULL DEFAULT 'actual' CHECK (cost_status = 'budgeted' OR cost_status = 'committed' OR cost_status = 'estimated' OR cost_status = 'actual'),
  period_start TEXT NOT NULL,
  period_end TEXT,
  amount INTEGER NOT NULL,
  currency_code TEXT NOT NULL,
  vendor_id TEXT,
  invoice_reference TEXT,
  is_test INTEGER DEFAULT 0 CHECK (is_test IN (0, 1)),
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  UNIQUE (source_system, source_key)
) STRICT;

CREATE INDEX campaign_cost_batch ON campaign_cost_micro (batch_no);

CREATE VIEW campaign_cost AS SELECT
  cost_no,
  source_system,
  source_key,
  campaign_part_id,
  campaign_id,
  code_type,
  code,
  cost_kind,
  cost_status,
  period_start,
  period_end,
  amount / 1000000.0 AS amount,
  currency_code,
  vendor_id,
  invoice_reference,
  is_test,
  batch_no,
  source_offset,
  source_line
FROM campaign_cost_micro;

CREATE TABLE conversion_micro (
  conversion_no INTEGER PRIMARY KEY,
  source_system TEXT NOT NULL,
  source_key TEXT NOT NULL,
  order_id TEXT,
  converted_at TEXT NOT NULL,
  conversion_type TEXT NOT NULL DEFAULT 'order' CHECK (conversion_type = 'order' OR conversion_type = 'won_opportunity' OR conversion_type = 'lead' OR conversion_type = 'appointment' OR conversion_type = 'donation' OR conversion_type = 'other'),
  campaign_part_id TEXT,
  campaign_id TEXT,
  code_type TEXT,
  code TEXT,
  response_key TEXT,
  response_source_system TEXT,
  amount INTEGER,
  currency_code TEXT,
  margin_rate INTEGER,
  quantity INTEGER,
  party_key TEXT,
  is_test INTEGER DEFAULT 0 CHECK (is_test IN (0, 1)),
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  UNIQUE (source_system, source_key)
) STRICT;

CREATE INDEX conversion_batch ON conversion_micro (batch_no);

CREATE VIEW conversion AS SELECT
  conversion_no,
  source_system,
  source_key,
  order_id,
  converted_at,
  conversion_type,
  campaign_part_id,
  campaign_id,
  code_type,
  code,
  response_key,
  response_source_system,
  amount / 1000000.0 AS amount,
  currency_code,
  margin_rate / 1000000.0 AS margin_rate,
  quantity,
  party_key,
  is_test,
  batch_no,
  source_offset,
  source_line
FROM conversion_micro;

CREATE TABLE conversion_adjustment_micro (
  adjustment_no INTEGER PRIMARY KEY,
  source_system TEXT NOT NULL,
  source_key TEXT NOT NULL,
  conversion_key TEXT NOT NULL,
  conversion_source_system TEXT,
  adjustment_type TEXT NOT NULL CHECK (adjustment_type = 'RETRACTION' OR adjustment_type = 'RESTATEMENT'),
  adjusted_at TEXT NOT NULL,
  new_amount INTEGER,
  currency_code TEXT,
  reason TEXT CHECK (reason = 'refund' OR reason = 'chargeback' OR reason = 'cancellation' OR reason = 'correction' OR reason = 'other'),
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  UNIQUE (source_system, source_key)
) STRICT;

CREATE INDEX conversion_adjustment_batch ON conversion_adjustment_micro (batch_no);

CREATE INDEX conversion_adjustment_conversion ON conversion_adjustment_micro (conversion_key);

CREATE VIEW conversion_adjustment AS SELECT
  adjustment_no,
  source_system,
  source_key,
  conversion_key,
  conversion_source_system,
  adjustment_type,
  adjusted_at,
  new_amount / 1000000.0 AS new_amount,
  currency_code,
  reason,
  batch_no,
  source_offset,
  source_line
FROM conversion_adjustment_micro;

CREATE TABLE ad_performance_daily_micro (
  performance_no INTEGER PRIMARY KEY,
  source_system TEXT NOT NULL,
  source_key TEXT NOT NULL,
  date_day TEXT NOT NULL,
  platform TEXT,
  account_id TEXT,
  platform_campaign_id TEXT,
  ad_group_id TEXT,
  ad_id TEXT,
  campaign_part_id TEXT,
  campaign_id TEXT,
  code_type TEXT,
  code TEXT,
  impressions INTEGER,
  clicks INTEGER,
  reach INTEGER,
  spend INTEGER,
  conversions INTEGER,
  conversions_value INTEGER,
  currency_code TEXT,
  attribution_window TEXT,
  is_final INTEGER CHECK (is_final IN (0, 1)),
  batch_no INTEGER NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  UNIQUE (source_system, source_key)
) STRICT;

CREATE INDEX ad_performance_daily_batch ON ad_performance_daily_micro (batch_no);

CREATE VIEW ad_performance_daily AS SELECT
  performance_no,
  source_system,
  source_key,
  date_day,
  platform,
  account_id,
  platform_campaign_id,
  ad_group_id,
  ad_id,
  campaign_part_id,
  campaign_id,
  code_type,
  code,
  impressions,
  clicks,
  reach,
  spend / 1000000.0 AS spend,
  conversions / 1000000.0 AS conversions,
  conversions_value / 1000000.0 AS conversions_value,
  currency_code,
  attribution_window,
  is_final,
  batch_no,
  source_offset,
  source_line
FROM ad_performance_daily_micro;

CREATE TABLE response_match (
  response_no INTEGER NOT NULL,
  campaign_part_id TEXT,
  month TEXT NOT NULL,
  match_method TEXT NOT NULL CHECK (match_method = 'direct' OR match_method = 'code' OR match_method = 'response' OR match_method = 'none'),
  reason TEXT CHECK (reason = 'no_code' OR reason = 'unknown_code' OR reason = 'outside_validity' OR reason = 'ambiguous' OR reason = 'unknown_part' OR reason = 'campaign_only' OR reason = 'unknown_campaign' OR reason = 'unknown_response' OR reason = 'test'),
  is_response INTEGER NOT NULL CHECK (is_response IN (0, 1)),
  is_contact INTEGER NOT NULL CHECK (is_contact IN (0, 1)),
  is_anonymous INTEGER NOT NULL CHECK (is_anonymous IN (0, 1)),
  party_hash INTEGER,
  PRIMARY KEY (response_no)
) STRICT, WITHOUT ROWID;

CREATE INDEX response_match_cell ON response_match (campaign_part_id, month, party_hash, is_response, is_contact, is_anonymous);

CREATE TABLE attribution_credit_micro (
  conversion_no INTEGER NOT NULL,
  model_id TEXT NOT NULL,
  model_version INTEGER NOT NULL,
  campaign_part_id TEXT NOT NULL,
  month TEXT NOT NULL,
  match_method TEXT NOT NULL CHECK (match_method = 'direct' OR match_method = 'code' OR match_method = 'response' OR match_method = 'none'),
  reason TEXT CHECK (reason = 'no_code' OR reason = 'unknown_code' OR reason = 'outside_validity' OR reason = 'ambiguous' OR reason = 'unknown_part' OR reason = 'campaign_only' OR reason = 'unknown_campaign' OR reason = 'unknown_response' OR reason = 'test'),
  response_no INTEGER,
  weight INTEGER NOT NULL,
  conversions INTEGER NOT NULL,
  currency_code TEXT,
  gross_amount INTEGER,
  adjustment_amount INTEGER,
  credited_amount INTEGER,
  revenue_gross INTEGER,
  revenue_adjustments INTEGER,
  revenue INTEGER,
  margin INTEGER,
  money_reason TEXT CHECK (money_reason = 'no_fx_rate' OR money_reason = 'mixed_currency'),
  PRIMARY KEY (conversion_no, model_id, campaign_part_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX attribution_credit_cell ON attribution_credit_micro (campaign_part_id, month);

CREATE INDEX attribution_credit_response ON attribution_credit_micro (response_no);

CREATE INDEX attribution_credit_reason ON attribution_credit_micro (reason);

CREATE VIEW attribution_credit AS SELECT
  conversion_no,
  model_id,
  model_version,
  campaign_part_id,
  month,
  match_method,
  reason,
  response_no,
  weight / 1000000.0 AS weight,
  conversions,
  currency_code,
  gross_amount / 1000000.0 AS gross_amount,
  adjustment_amount / 1000000.0 AS adjustment_amount,
  credited_amount / 1000000.0 AS credited_amount,
  revenue_gross / 1000000.0 AS revenue_gross,
  revenue_adjustments / 1000000.0 AS revenue_adjustments,
  revenue / 1000000.0 AS revenue,
  margin / 1000000.0 AS margin,
  money_reason
FROM attribution_credit_micro;

CREATE TABLE cost_allocation_micro (
  cost_no INTEGER NOT NULL,
  month TEXT NOT NULL,
  campaign_part_id TEXT NOT NULL,
  match_method TEXT NOT NULL CHECK (match_method = 'direct' OR match_method = 'code' OR match_method = 'response' OR match_method = 'none'),
  reason TEXT CHECK (reason = 'no_code' OR reason = 'unknown_code' OR reason = 'outside_validity' OR reason = 'ambiguous' OR reason = 'unknown_part' OR reason = 'campaign_only' OR reason = 'unknown_campaign' OR reason = 'unknown_response' OR reason = 'test'),
  currency_code TEXT NOT NULL,
  amount INTEGER NOT NULL,
  cost INTEGER,
  money_reason TEXT CHECK (money_reason = 'no_fx_rate' OR money_reason = 'mixed_currency'),
  PRIMARY KEY (cost_no, month)
) STRICT, WITHOUT ROWID;

CREATE INDEX cost_allocation_cell ON cost_allocation_micro (campaign_part_id, month);

CREATE VIEW cost_allocation AS SELECT
  cost_no,
  month,
  campaign_part_id,
  match_method,
  reason,
  currency_code,
  amount / 1000000.0 AS amount,
  cost / 1000000.0 AS cost,
  money_reason
FROM cost_allocation_micro;

CREATE TABLE campaign_roi_micro (
  grain TEXT NOT NULL CHECK (grain = 'total' OR grain = 'campaign_part' OR grain = 'campaign' OR grain = 'channel' OR grain = 'segment' OR grain = 'offer' OR grain = 'vendor'),
  grain_key TEXT NOT NULL,
  period TEXT NOT NULL,
  currency_code TEXT NOT NULL,
  model_id TEXT NOT NULL,
  model_version INTEGER NOT NULL,
  targeted INTEGER,
  contacted INTEGER NOT NULL,
  responses INTEGER NOT NULL,
  unique_responders INTEGER NOT NULL,
  conversions INTEGER NOT NULL,
  revenue_gross INTEGER,
  revenue_adjustments INTEGER,
  revenue INTEGER,
  margin INTEGER,
  cost INTEGER,
  cost_known TEXT NOT NULL CHECK (cost_known = 'yes' OR cost_known = 'partly' OR cost_known = 'no'),
  contribution INTEGER,
  roas INTEGER,
  roi_net INTEGER,
  roi_margin INTEGER,
  response_rate INTEGER,
  conversion_rate_of_responses INTEGER,
  cost_per_response INTEGER,
  cost_per_acquisition INTEGER,
  expected_revenue INTEGER,
  expected_responses INTEGER,
  budgeted_cost INTEGER,
  revenue_vs_expected INTEGER,
  cost_vs_budget INTEGER,
  break_even_response_rate INTEGER,
  pays_for_itself TEXT NOT NULL CHECK (pays_for_itself = 'yes' OR pays_for_itself = 'no' OR pays_for_itself = 'undecided'),
  null_reasons TEXT,
  refreshed_at TEXT NOT NULL,
  PRIMARY KEY (grain, grain_key, period)
) STRICT, WITHOUT ROWID;

CREATE VIEW campaign_roi AS SELECT
  grain,
  grain_key,
  period,
  currency_code,
  model_id,
  model_version,
  targeted,
  contacted,
  responses,
  unique_responders,
  conversions,
  revenue_gross / 1000000.0 AS revenue_gross,
  revenue_adjustments / 1000000.0 AS revenue_adjustments,
  revenue / 1000000.0 AS revenue,
  margin / 1000000.0 AS margin,
  cost / 1000000.0 AS cost,
  cost_known,
  contribution / 1000000.0 AS contribution,
  roas / 1000000.0 AS roas,
  roi_net / 1000000.0 AS roi_net,
  roi_margin / 1000000.0 AS roi_margin,
  response_rate / 1000000.0 AS response_rate,
  conversion_rate_of_responses / 1000000.0 AS conversion_rate_of_responses,
  cost_per_response / 1000000.0 AS cost_per_response,
  cost_per_acquisition / 1000000.0 AS cost_per_acquisition,
  expected_revenue / 1000000.0 AS expected_revenue,
  expected_responses / 1000000.0 AS expected_responses,
  budgeted_cost / 1000000.0 AS budgeted_cost,
  revenue_vs_expected / 1000000.0 AS revenue_vs_expected,
  cost_vs_budget / 1000000.0 AS cost_vs_budget,
  break_even_response_rate / 1000000.0 AS break_even_response_rate,
  pays_for_itself,
  null_reasons,
  refreshed_at
FROM campaign_roi_micro;

CREATE TABLE campaign_roi_change_micro (
  change_no INTEGER PRIMARY KEY,
  changed_at TEXT NOT NULL,
  grain TEXT NOT NULL,
  grain_key TEXT NOT NULL,
  period TEXT NOT NULL,
  metric TEXT NOT NULL,
  currency_code TEXT NOT NULL,
  old_value INTEGER,
  new_value INTEGER,
  cause TEXT NOT NULL CHECK (cause = 'new_facts' OR cause = 'adjustment' OR cause = 'code_map_changed' OR cause = 'reference_changed' OR cause = 'recomputed'),
  UNIQUE (change_no)
) STRICT;

CREATE VIEW campaign_roi_change AS SELECT
  change_no,
  changed_at,
  grain,
  grain_key,
  period,
  metric,
  currency_code,
  old_value / 1000000.0 AS old_value,
  new_value / 1000000.0 AS new_value,
  cause
FROM campaign_roi_change_micro;

CREATE TABLE roi_part_micro (
  campaign_part_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  segment_id TEXT NOT NULL,
  offer_id TEXT NOT NULL,
  vendor_id TEXT NOT NULL,
  margin_rate INTEGER,
  targeted INTEGER,
  expected_responses INTEGER,
  expected_revenue INTEGER,
  budgeted_cost INTEGER,
  PRIMARY KEY (campaign_part_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW roi_part AS SELECT
  campaign_part_id,
  campaign_id,
  channel_id,
  segment_id,
  offer_id,
  vendor_id,
  margin_rate / 1000000.0 AS margin_rate,
  targeted,
  expected_responses / 1000000.0 AS expected_responses,
  expected_revenue / 1000000.0 AS expected_revenue,
  budgeted_cost / 1000000.0 AS budgeted_cost
FROM roi_part_micro;

CREATE TABLE roi_cell_micro (
  campaign_part_id TEXT NOT NULL,
  month TEXT NOT NULL,
  responses INTEGER NOT NULL,
  contacted INTEGER NOT NULL,
  known_responders INTEGER NOT NULL,
  anonymous_responders INTEGER NOT NULL,
  conversions INTEGER NOT NULL,
  revenue_gross INTEGER NOT NULL,
  revenue_adjustments INTEGER NOT NULL,
  margin INTEGER NOT NULL,
  unpriced_conversions INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  cost_rows INTEGER NOT NULL,
  unpriced_costs INTEGER NOT NULL,
  PRIMARY KEY (campaign_part_id, month)
) STRICT, WITHOUT ROWID;

CREATE VIEW roi_cell AS SELECT
  campaign_part_id,
  month,
  responses,
  contacted,
  known_responders,
  anonymous_responders,
  conversions,
  revenue_gross / 1000000.0 AS revenue_gross,
  revenue_adjustments / 1000000.0 AS revenue_adjustments,
  margin / 1000000.0 AS margin,
  unpriced_conversions,
  cost / 1000000.0 AS cost,
  cost_rows,
  unpriced_costs
FROM roi_cell_micro;

CREATE TABLE roi_responder (
  party_hash INTEGER NOT NULL,
  month TEXT NOT NULL,
  campaign_part_id TEXT NOT NULL,
  response_no INTEGER NOT NULL,
  PRIMARY KEY (party_hash, month, campaign_part_id, response_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE roi_repeat (
  campaign_part_id TEXT NOT NULL,
  month TEXT NOT NULL,
  grains INTEGER NOT NULL,
  parties INTEGER NOT NULL,
  PRIMARY KEY (campaign_part_id, month, grains)
) STRICT, WITHOUT ROWID;

CREATE TABLE code_span (
  code_type TEXT NOT NULL,
  code TEXT NOT NULL,
  span_from TEXT NOT NULL,
  span_to TEXT NOT NULL,
  campaign_part_id TEXT,
  reason TEXT CHECK (reason = 'no_code' OR reason = 'unknown_code' OR reason = 'outside_validity' OR reason = 'ambiguous' OR reason = 'unknown_part' OR reason = 'campaign_only' OR reason = 'unknown_campaign' OR reason = 'unknown_response' OR reason = 'test'),
  PRIMARY KEY (code_type, code, span_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE calendar (
  date_day TEXT NOT NULL,
  day_no INTEGER NOT NULL,
  month TEXT NOT NULL,
  month_first_no INTEGER NOT NULL,
  month_end_no INTEGER NOT NULL,
  PRIMARY KEY (date_day)
) STRICT, WITHOUT ROWID;

CREATE TABLE roi_work_touched (
  kind TEXT NOT NULL CHECK (kind = 'response' OR kind = 'conversion' OR kind = 'cost' OR kind = 'party'),
  number INTEGER NOT NULL,
  PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE roi_work_cell (
  campaign_part_id TEXT NOT NULL,
  month TEXT NOT NULL,
  PRIMARY KEY (campaign_part_id, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE roi_work_code (
  code_type TEXT NOT NULL,
  code TEXT NOT NULL,
  PRIMARY KEY (code_type, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE roi_work_pair (
  party_hash INTEGER NOT NULL,
  month TEXT NOT NULL,
  campaign_part_id TEXT NOT NULL,
  PRIMARY KEY (party_hash, month, campaign_part_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE roi_work_repeat (
  phase TEXT NOT NULL CHECK (phase = 'before' OR phase = 'after' OR phase = 'current'),
  campaign_part_id TEXT NOT NULL,
  month TEXT NOT NULL,
  grains INTEGER NOT NULL,
  parties INTEGER NOT NULL,
  PRIMARY KEY (phase, campaign_part_id, month, grains)
) STRICT, WITHOUT ROWID;

CREATE TABLE roi_work_roi_micro (
  grain TEXT NOT NULL CHECK (grain = 'total' OR grain = 'campaign_part' OR grain = 'campaign' OR grain = 'channel' OR grain = 'segment' OR grain = 'offer' OR grain = 'vendor'),
  grain_key TEXT NOT NULL,
  period TEXT NOT NULL,
  currency_code TEXT NOT NULL,
  model_id TEXT NOT NULL,
  model_version INTEGER NOT NULL,
  targeted INTEGER,
  contacted INTEGER NOT NULL,
  responses INTEGER NOT NULL,
  unique_responders INTEGER NOT NULL,
  conversions INTEGER NOT NULL,
  revenue_gross INTEGER,
  revenue_adjustments INTEGER,
  revenue INTEGER,
  margin INTEGER,
  cost INTEGER,
  cost_known TEXT NOT NULL CHECK (cost_known = 'yes' OR cost_known = 'partly' OR cost_known = 'no'),
  contribution INTEGER,
  roas INTEGER,
  roi_net INTEGER,
  roi_margin INTEGER,
  response_rate INTEGER,
  conversion_rate_of_responses INTEGER,
  cost_per_response INTEGER,
  cost_per_acquisition INTEGER,
  expected_revenue INTEGER,
  expected_responses INTEGER,
  budgeted_cost INTEGER,
  revenue_vs_expected INTEGER,
  cost_vs_budget INTEGER,
  break_even_response_rate INTEGER,
  pays_for_itself TEXT NOT NULL CHECK (pays_for_itself = 'yes' OR pays_for_itself = 'no' OR pays_for_itself = 'undecided'),
  null_reasons TEXT,
  refreshed_at TEXT NOT NULL,
  PRIMARY KEY (grain, grain_key, period)
) STRICT, WITHOUT ROWID;

CREATE VIEW roi_work_roi AS SELECT
  grain,
  grain_key,
  period,
  currency_code,
  model_id,
  model_version,
  targeted,
  contacted,
  responses,
  unique_responders,
  conversions,
  revenue_gross / 1000000.0 AS revenue_gross,
  revenue_adjustments / 1000000.0 AS revenue_adjustments,
  revenue / 1000000.0 AS revenue,
  margin / 1000000.0 AS margin,
  cost / 1000000.0 AS cost,
  cost_known,
  contribution / 1000000.0 AS contribution,
  roas / 1000000.0 AS roas,
  roi_net / 1000000.0 AS roi_net,
  roi_margin / 1000000.0 AS roi_margin,
  response_rate / 1000000.0 AS response_rate,
  conversion_rate_of_responses / 1000000.0 AS conversion_rate_of_responses,
  cost_per_response / 1000000.0 AS cost_per_response,
  cost_per_acquisition / 1000000.0 AS cost_per_acquisition,
  expected_revenue / 1000000.0 AS expected_revenue,
  expected_responses / 1000000.0 AS expected_responses,
  budgeted_cost / 1000000.0 AS budgeted_cost,
  revenue_vs_expected / 1000000.0 AS revenue_vs_expected,
  cost_vs_budget / 1000000.0 AS cost_vs_budget,
  break_even_response_rate / 1000000.0 AS break_even_response_rate,
  pays_for_itself,
  null_reasons,
  refreshed_at
FROM roi_work_roi_micro;

CREATE TABLE etl_run (
  run_no INTEGER PRIMARY KEY,
  pipeline TEXT NOT NULL,
  config_hash TEXT NOT NULL,
  app_version TEXT NOT NULL,
  owner TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  status TEXT NOT NULL CHECK (status = 'running' OR status = 'succeeded' OR status = 'partly' OR status = 'failed' OR status = 'stopped'),
  message TEXT,
  UNIQUE (run_no)
) STRICT;

CREATE TABLE etl_batch (
  batch_no INTEGER NOT NULL,
  batch_id TEXT NOT NULL,
  run_no INTEGER NOT NULL,
  pipeline TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  position_from TEXT NOT NULL,
  position_to TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_undecodable INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  app_version TEXT NOT NULL,
  config_hash TEXT NOT NULL,
  committed_at TEXT NOT NULL,
  PRIMARY KEY (batch_no)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX etl_batch_id ON etl_batch (batch_id);

CREATE INDEX etl_batch_unit ON etl_batch (pipeline, unit_id);

CREATE TABLE etl_checkpoint (
  pipeline TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  position TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (pipeline, unit_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE etl_lease (
  pipeline TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  owner TEXT NOT NULL,
  heartbeat_at TEXT NOT NULL,
  PRIMARY KEY (pipeline)
) STRICT, WITHOUT ROWID;

CREATE TABLE etl_file (
  pipeline TEXT NOT NULL,
  name TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  bytes INTEGER,
  modified_at TEXT,
  state TEXT NOT NULL CHECK (state = 'loading' OR state = 'loaded' OR state = 'duplicate' OR state = 'held' OR state = 'quarantined' OR state = 'empty'),
  reason TEXT,
  layout BLOB,
  first_seen_at TEXT NOT NULL,
  finished_at TEXT,
  rows_read INTEGER,
  duplicate_of TEXT,
  PRIMARY KEY (pipeline, name, unit_id)
) STRICT;

CREATE TABLE etl_inbox (
  queue TEXT NOT NULL,
  message_key TEXT NOT NULL,
  batch_no INTEGER NOT NULL,
  seen_at TEXT NOT NULL,
  PRIMARY KEY (queue, message_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE etl_reject_micro (
  reject_no INTEGER PRIMARY KEY,
  batch_no INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  output_no INTEGER NOT NULL,
  pipeline TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  source_offset INTEGER,
  source_line INTEGER,
  source_length INTEGER,
  record_kind TEXT,
  stage TEXT NOT NULL CHECK (stage = 'decode' OR stage = 'map'),
  code TEXT NOT NULL,
  field TEXT,
  text TEXT,
  reason TEXT NOT NULL,
  value_at_risk INTEGER,
  currency_code TEXT,
  raw_sealed BLOB,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state = 'open' OR state = 'replayed' OR state = 'rejected_again' OR state = 'noted'),
  replayed_batch_no INTEGER,
  rejected_at TEXT NOT NULL,
  UNIQUE (batch_no, ordinal, output_no)
) STRICT;

CREATE INDEX etl_reject_pipeline ON etl_reject_micro (pipeline, state);

CREATE VIEW etl_reject AS SELECT
  reject_no,
  batch_no,
  ordinal,
  output_no,
  pipeline,
  unit_id,
  source_offset,
  source_line,
  source_length,
  record_kind,
  stage,
  code,
  field,
  text,
  reason,
  value_at_risk / 1000000.0 AS value_at_risk,
  currency_code,
  raw_sealed,
  state,
  replayed_batch_no,
  rejected_at
FROM etl_reject_micro;

CREATE TABLE etl_control (
  batch_no INTEGER NOT NULL,
  output_no INTEGER NOT NULL,
  measure TEXT NOT NULL,
  record_kind TEXT,
  read_total INTEGER,
  accepted_total INTEGER,
  rejected_total INTEGER,
  filtered_total INTEGER,
  duplicate_total INTEGER,
  unknown_total INTEGER,
  expected_text TEXT,
  actual_text TEXT,
  verdict TEXT CHECK (verdict = 'agrees' OR verdict = 'differs'),
  PRIMARY KEY (batch_no, output_no, measure)
) STRICT, WITHOUT ROWID;

CREATE TABLE etl_dirty (
  table_name TEXT NOT NULL,
  batch_no INTEGER NOT NULL,
  PRIMARY KEY (table_name, batch_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE etl_occurrence (
  pipeline TEXT NOT NULL,
  nominal_local TEXT NOT NULL,
  fold INTEGER NOT NULL DEFAULT 0,
  due_at TEXT NOT NULL,
  window_from TEXT NOT NULL,
  window_to TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin = 'schedule' OR origin = 'catch_up' OR origin = 'backfill'),
  state TEXT NOT NULL CHECK (state = 'due' OR state = 'running' OR state = 'succeeded' OR state = 'partly' OR state = 'failed' OR state = 'skipped' OR state = 'missed'),
  reason TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  retry_files INTEGER NOT NULL DEFAULT 0,
  retry_at TEXT,
  run_no INTEGER,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (pipeline, nominal_local, fold)
) STRICT, WITHOUT ROWID;

CREATE INDEX etl_occurrence_state ON etl_occurrence (state, pipeline);

CREATE INDEX etl_occurrence_due ON etl_occurrence (pipeline, due_at);

CREATE TABLE etl_pipeline (
  pipeline TEXT NOT NULL,
  scheduled_since TEXT NOT NULL,
  paused_at TEXT,
  paused_by TEXT,
  pause_reason TEXT,
  PRIMARY KEY (pipeline)
) STRICT, WITHOUT ROWID;

CREATE TABLE etl_expectation (
  pipeline TEXT NOT NULL,
  day TEXT NOT NULL,
  expected_by TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state = 'met' OR state = 'late' OR state = 'met_late'),
  met_at TEXT,
  PRIMARY KEY (pipeline, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX etl_expectation_state ON etl_expectation (state, pipeline);

CREATE TABLE etl_migration (
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  applied_at TEXT NOT NULL,
  app_version TEXT NOT NULL,
  PRIMARY KEY (version)
) STRICT, WITHOUT ROWID;

INSERT INTO attribution_model (model_id, model_version, name, family, weights, booking_basis, batch_no) VALUES ('direct', 1, 'Direct: the part that the code or the source names', 'direct', '1', 'conversion', 0);
