//! The codes of ISO 4217.

use crate::suggest::nearest;

/// Codes of currencies in use (list one of the standard, without funds, metals and test codes).
const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF \
                     CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ \
                     GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP \
                     LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR \
                     PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC \
                     SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF \
                     XPF YER ZAR ZMW ZWG";

/// Message and help where `code` is none of them.
pub fn check(code: &str) -> Option<(String, String)> {
    let mut codes = CODES.split_ascii_whitespace();
    if codes.clone().any(|known| known == code) {
        return None;
    }
    let upper = code.to_ascii_uppercase();
    let symbol = [("$", "USD"), ("€", "EUR"), ("£", "GBP"), ("EURO", "EUR"), ("¥", "JPY")];
    let meant = symbol.iter().find(|(sign, _)| *sign == upper).map(|(_, code)| *code);
    let help = match meant
        .or_else(|| codes.find(|known| *known == upper))
        .or_else(|| nearest(code, CODES.split_ascii_whitespace()).filter(|_| code.len() == 3))
    {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write the currency's three letters: `USD`".to_owned(),
    };
    Some((format!("`{code}` is not a currency code of ISO 4217"), help))
}
