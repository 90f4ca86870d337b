//! Numbers, durations and addresses as logs write them.

use std::net::{IpAddr, Ipv4Addr};

use memchr::{memchr, memrchr};

/// Digits and nothing else.
pub(crate) fn whole(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |value, digit| {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// `12.345` times ten to this power; what is smaller still is cut off. Numbers with an exponent are what some JSON writers make of tiny ones.
pub(crate) fn scaled(number: &[u8], power: u32) -> Option<u64> {
    if number.iter().any(|byte| matches!(byte, b'e' | b'E')) {
        let value = str::from_utf8(number).ok()?.parse::<f64>().ok()? * 10f64.powi(i32::try_from(power).ok()?);
        // A float is cut to what an integer holds, and what is none to nothing.
        return (0.0..1e18).contains(&value).then_some(value as u64);
    }
    let (integer, fraction) = memchr(b'.', number).map_or((number, &b""[..]), |at| (&number[..at], &number[at + 1..]));
    let mut value = whole(integer)?.checked_mul(10u64.checked_pow(power)?)?;
    let mut weight = 10u64.checked_pow(power)?;
    for digit in fraction {
        if !digit.is_ascii_digit() {
            return None;
        }
        weight /= 10;
        value = value.checked_add(u64::from(digit - b'0') * weight)?;
    }
    Some(value)
}

/// A duration as Go prints it, such as `1m2.5s` or `350µs`, in microseconds.
pub(crate) fn go_duration_us(text: &[u8]) -> Option<u64> {
    let mut rest = text;
    let mut sum = 0u64;
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let unit = rest[digits..].iter().take_while(|byte| !byte.is_ascii_digit()).count();
        let (number, name) = (&rest[..digits], &rest[digits..digits + unit]);
        let part = match name {
            b"h" => scaled(number, 6)?.checked_mul(3600)?,
            b"m" => scaled(number, 6)?.checked_mul(60)?,
            b"s" => scaled(number, 6)?,
            b"ms" => scaled(number, 3)?,
            b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => scaled(number, 0)?,
            b"ns" => scaled(number, 0)? / 1000,
            // Only nothing at all has no unit.
            b"" if number == b"0" => 0,
            _ => return None,
        };
        sum = sum.checked_add(part)?;
        rest = &rest[digits + unit..];
    }
    (!text.is_empty()).then_some(sum)
}

/// A status has three digits; `000` and a dash say that nothing was answered.
pub(crate) fn status(text: &[u8]) -> Option<u16> {
    match text {
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
            Some(u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0'))
        }
        _ => None,
    }
}

/// An address with or without brackets, zone and, as far as that can be told, port. An IPv4 address that came in IPv6's clothes is one of IPv4.
pub(crate) fn ip(text: &[u8]) -> Option<IpAddr> {
    if let Some(ip) = ipv4(text) {
        return Some(IpAddr::V4(ip));
    }
    let text = str::from_utf8(text).ok()?;
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(ip.to_canonical());
    }
    let (inner, _) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).unwrap_or((text, ""));
    let inner = inner.split_once('%').map_or(inner, |(address, _)| address);
    if let Ok(ip) = inner.parse::<IpAddr>() {
        return Some(ip.to_canonical());
    }
    let (address, port) = inner.rsplit_once(':')?;
    (!port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit())).then(|| address.parse::<IpAddr>().ok()).flatten()
}

/// What nearly every line has, several times as fast as the standard library's own reading.
fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let (mut parts, mut at, mut digits, mut value) = ([0u8; 4], 0, 0, 0u16);
    for byte in text {
        match byte {
            b'0'..=b'9' if digits < 3 && !(digits == 1 && value == 0) => {
                value = value * 10 + u16::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 && at < 3 => {
                parts[at] = u8::try_from(value).ok()?;
                (at, digits, value) = (at + 1, 0, 0);
            }
            _ => return None,
        }
    }
    parts[3] = u8::try_from(value).ok()?;
    (at == 3 && digits > 0).then(|| Ipv4Addr::from(parts))
}

/// An address where a port always follows.
pub(crate) fn ip_before_port(text: &[u8]) -> Option<IpAddr> {
    ip(memrchr(b':', text).map_or(text, |at| &text[..at]))
}

/// `example.org:443` and `[::1]:443` without the port.
pub(crate) fn without_port(host: &[u8]) -> &[u8] {
    let Some(at) = memrchr(b':', host) else { return host };
    let (name, port) = (&host[..at], &host[at + 1..]);
    let is_whole_ipv6 = memchr(b':', name).is_some() && !name.ends_with(b"]");
    if !port.iter().all(u8::is_ascii_digit) || is_whole_ipv6 { host } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_digits() {
        assert_eq!(whole(b"2326"), Some(2326));
        assert_eq!(whole(b"18446744073709551615"), Some(u64::MAX));
        for text in ["", "-", "-1", "+1", "1.5", "1x", "18446744073709551616"] {
            assert_eq!(whole(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn fractions_are_scaled() {
        assert_eq!(scaled(b"0.005", 6), Some(5_000));
        assert_eq!(scaled(b"1646861401.5241024", 6), Some(1_646_861_401_524_102));
        assert_eq!(scaled(b"12", 3), Some(12_000));
        assert_eq!(scaled(b"5.2e-05", 6), Some(52));
        for text in ["", ".", "-1", "1.x", "e", "1e300", "-1e3", "99999999999999999999"] {
            assert_eq!(scaled(text.as_bytes(), 6), None, "{text}");
        }
    }

    #[test]
    fn durations_of_go_are_sums() {
        assert_eq!(go_duration_us(b"1m2.5s"), Some(62_500_000));
        assert_eq!(go_duration_us(b"12ms"), Some(12_000));
        assert_eq!(go_duration_us("350.4µs".as_bytes()), Some(350));
        assert_eq!(go_duration_us(b"1999ns"), Some(1));
        assert_eq!(go_duration_us(b"0"), Some(0));
        for text in ["", "5", "s", "-1s", "1d", "1s2"] {
            assert_eq!(go_duration_us(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_status_has_three_digits() {
        assert_eq!(status(b"200"), Some(200));
        assert_eq!(status(b"999"), Some(999));
        for text in ["", "-", "20", "2000", "000", "099", "2x0"] {
            assert_eq!(status(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn addresses_come_in_many_clothes() {
        let is = |text: &str, ip_text: &str| assert_eq!(ip(text.as_bytes()), Some(ip_text.parse().unwrap()), "{text}");
        is("192.0.2.7", "192.0.2.7");
        is("192.0.2.7:4711", "192.0.2.7");
        is("2001:db8::7", "2001:db8::7");
        is("[2001:db8::7]", "2001:db8::7");
        is("[2001:db8::7]:4711", "2001:db8::7");
        is("fe80::1%eth0", "fe80::1");
        is("[fe80::1%25eth0]:80", "fe80::1");
        is("::ffff:192.0.2.7", "192.0.2.7");
        for text in ["", "-", "localhost", "example.org", "example.org:80", "192.0.2", "192.0.2.7:", "unix:", "\u{e9}"] {
            assert_eq!(ip(text.as_bytes()), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn ipv4_is_read_as_the_standard_library_reads_it(text in r"([0-9]{0,4}\.?){0,5}", ip: Ipv4Addr) {
            proptest::prop_assert_eq!(ipv4(text.as_bytes()), text.parse().ok());
            proptest::prop_assert_eq!(ipv4(ip.to_string().as_bytes()), Some(ip));
        }
    }

    #[test]
    fn a_port_behind_an_address_is_cut_even_without_brackets() {
        assert_eq!(ip_before_port(b"2001:db8::1:33317"), Some("2001:db8::1".parse().unwrap()));
        assert_eq!(ip_before_port(b"::ffff:192.0.2.7:4711"), Some("192.0.2.7".parse().unwrap()));
        assert_eq!(ip_before_port(b"unix:1"), None);
    }

    #[test]
    fn hosts_lose_their_port() {
        for (text, name) in
            [("a.example:443", "a.example"), ("a.example", "a.example"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("::1", "::1")]
        {
            assert_eq!(without_port(text.as_bytes()), name.as_bytes());
        }
    }
}
