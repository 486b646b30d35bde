//! The plan and the lists around it, as the planning tool exports them, and the lists of people targeted.

use std::fmt::Write as _;

use super::company::{self, CAMPAIGNS, CHANNELS, CODES, OFFERS, PARTS, SEGMENTS, SYSTEMS, VENDORS};
use super::files::{GenerateError, Writer, dollars};

/// Writes the plan.
pub fn write(writer: &mut Writer) -> Result<(), GenerateError> {
    writer.plain("plan/lists.csv", lists().as_bytes())?;
    writer.plain("plan/offers.csv", offers().as_bytes())?;
    writer.plain("plan/campaigns.csv", campaigns().as_bytes())?;
    writer.plain("plan/parts.csv", parts().as_bytes())?;
    writer.plain("plan/code_map.csv", codes().as_bytes())?;
    writer.plain("plan/dispositions.csv", DISPOSITIONS.as_bytes())?;
    writer.plain("plan/fx_rates.csv", RATES.as_bytes())
}

const DISPOSITIONS: &str = "\
disposition,meaning,human_answered,customer_contact,sale,do_not_call,not_interested,unworkable,callback
SALE,interested,Y,Y,Y,N,N,N,N
INFO,interested,Y,Y,N,N,N,N,N
CALLBACK,interested,Y,Y,N,N,N,N,Y
NOINT,not_interested,Y,Y,N,N,Y,N,N
DNC,do_not_send,Y,Y,N,Y,Y,N,N
ABAND,error,N,N,N,N,N,N,N
WRONG,error,Y,N,N,N,N,Y,N
";

/// Two currencies have rates; a third, in which one order is, has none.
const RATES: &str = "\
from,to,date,rate
EUR,USD,2026-06-01,1.1420
EUR,USD,2026-07-01,1.1575
EUR,USD,2026-08-01,1.1610
CAD,USD,2026-06-01,0.7315
CAD,USD,2026-07-01,0.7290
CAD,USD,2026-08-01,0.7268
";

fn lists() -> String {
    let mut text = String::from("list,code,name,detail,size\n");
    for (code, name, kind) in SYSTEMS {
        writeln!(text, "system,{code},{name},{kind},").expect("writing to a string");
    }
    for (code, name) in CHANNELS {
        writeln!(text, "channel,{code},{name},,").expect("writing to a string");
    }
    for (code, name, definition, size) in SEGMENTS {
        let size = if *size == 0 { String::new() } else { size.to_string() };
        writeln!(text, "segment,{code},{name},\"{definition}\",{size}").expect("writing to a string");
    }
    for (code, name, rate_basis) in VENDORS {
        writeln!(text, "vendor,{code},\"{name}\",{rate_basis},").expect("writing to a string");
    }
    text
}

fn offers() -> String {
    let mut text = String::from("offer,name,product,price,margin_percent\n");
    for offer in OFFERS {
        writeln!(
            text,
            "{},\"{}\",{},{},{}",
            offer.code,
            offer.name,
            offer.product,
            dollars(offer.price),
            offer.margin_percent
        )
        .expect("writing to a string");
    }
    text
}

fn campaigns() -> String {
    let mut text =
        String::from("campaign,name,type,start,end,budget,expected_revenue,expected_response_percent,objective\n");
    for campaign in CAMPAIGNS {
        writeln!(
            text,
            "{},{},{},{},{},{},{},{},\"{}\"",
            campaign.code,
            campaign.name,
            campaign.kind,
            campaign.start,
            campaign.end,
            campaign.budget,
            campaign.expected_revenue,
            campaign.expected_response,
            campaign.objective
        )
        .expect("writing to a string");
    }
    text
}

fn parts() -> String {
    let mut text = String::from(
        "part,campaign,name,channel,segment,offer,vendor,execution,start,end,budget,expected_revenue,\
         expected_response_percent,targeted\n",
    );
    for part in PARTS {
        let targeted = if part.targeted == 0 { String::new() } else { part.targeted.to_string() };
        writeln!(
            text,
            "{},{},\"{}\",{},{},{},{},{},{},{},{},{},{},{targeted}",
            part.code,
            part.campaign,
            part.name,
            part.channel,
            part.segment,
            part.offer,
            part.vendor,
            part.execution,
            part.start,
            part.end,
            part.budget,
            part.expected_revenue,
            part.expected_response
        )
        .expect("writing to a string");
    }
    text
}

fn codes() -> String {
    let mut text = String::from("code_type,code,part,first_day,day_after\n");
    for code in CODES {
        writeln!(text, "{},{},{},{},{}", code.kind, code.code, code.part, code.from, code.until)
            .expect("writing to a string");
    }
    text
}

/// Writes who was targeted: a list for telephone parts and one for e-mail parts.
pub fn targets(writer: &mut Writer) -> Result<(), GenerateError> {
    for channel in ["phone", "email"] {
        let mut text = String::from("member,part,phone,email,listed_on\n");
        for part in PARTS.iter().filter(|part| part.channel == channel) {
            for index in 0..part.targeted {
                let person = part.first_person + index;
                let (phone, email) = match channel {
                    "phone" => (company::phone_text(person), String::new()),
                    _ => (String::new(), company::email_text(person)),
                };
                writeln!(text, "{}-{index:05},{},{phone},{email},{}", part.code, part.code, part.start)
                    .expect("writing to a string");
            }
        }
        writer.gzip(&format!("targets/targets_{channel}.csv.gz"), text.as_bytes())?;
    }
    Ok(())
}
