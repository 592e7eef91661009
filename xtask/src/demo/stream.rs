//! The stream of the demo: one year, with the rhythm of days, weeks and sales, the same at every run.

use super::people::{CUSTOMERS, Dice, Kind, Person, STAFF};
use super::texts;
use serde_json::Value;

/// Midnight of 1 January 2025 in Shanghai, in seconds since 1970. That zone has no clock changes.
const START: u64 = 1_735_660_800;
const DAYS: u64 = 365;
const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;
const MINUTE: u64 = 60;
/// The end of the year, to which the clock is moved at last.
pub(crate) const END: &str = "2026-01-01T00:00:00+08:00";

/// One line of the stream.
pub(crate) struct Event {
    /// Seconds since 1970.
    time: u64,
    pub(crate) kind: &'static str,
    pub(crate) json: String,
}

/// Every event of the year, by time.
pub(crate) fn year() -> Vec<Event> {
    let mut shop = Shop { events: Vec::new(), dice: Dice::new(20_250_101), orders: 0 };
    for index in 0..CUSTOMERS {
        let person = Person::new(index, &mut shop.dice);
        shop.life(&person);
    }
    shop.staff();
    let mut events = shop.events;
    events.retain(|event| event.time < START + DAYS * DAY);
    // Stable: those of one second stay in the order in which they were made.
    events.sort_by_key(|event| event.time);
    events
}

struct Shop {
    events: Vec<Event>,
    dice: Dice,
    orders: u64,
}

/// What stands in an event beside its type and time.
enum Field<'a> {
    Text(&'a str),
    Number(u64),
    /// Exact to the cent: written as a decimal.
    Cents(u64),
}

impl Shop {
    fn emit(&mut self, kind: &'static str, time: u64, fields: &[(&str, Field<'_>)]) {
        let mut json = format!("{{\"type\":\"{kind}\",\"time\":\"{}\"", shanghai(time));
        for (name, value) in fields {
            let value = match value {
                Field::Text(text) => Value::from(*text).to_string(),
                Field::Number(number) => number.to_string(),
                Field::Cents(cents) => format!("{}.{:02}", cents / 100, cents % 100),
            };
            json.push_str(&format!(",\"{name}\":{value}"));
        }
        json.push('}');
        self.events.push(Event { time, kind, json });
    }

    /// All that one customer does.
    fn life(&mut self, person: &Person) {
        for day in person.days.clone() {
            let start = START + day * DAY;
            if day == person.days.start {
                let time = start + 9 * HOUR + self.dice.below(12 * HOUR);
                self.profile(person, time);
                continue;
            }
            if self.dice.chance(person.visits() * weekday(day) * season(day) / 10_000) {
                let time = start + self.hour() * HOUR + self.dice.below(HOUR);
                self.visit(person, time);
            }
        }
    }

    fn profile(&mut self, person: &Person, time: u64) {
        let birthday =
            person.birthday.map(|(year, month, day)| format!("{year}-{month:02}-{day:02}T00:00:00+08:00"));
        let mut fields = vec![("customer", Field::Text(&person.key))];
        if person.vip {
            fields.push(("tier", Field::Text("vip")));
        }
        if let Some(birthday) = &birthday {
            fields.push(("birthday", Field::Text(birthday)));
        }
        self.emit("profile", time, &fields);
    }

    fn visit(&mut self, person: &Person, time: u64) {
        match person.kind {
            Kind::Spammer => {
                for nth in 0..self.dice.between(1, 3) {
                    let text = texts::advertising(&mut self.dice, person.chinese);
                    self.message(person, time + nth * 7 * MINUTE, text);
                }
            }
            Kind::Flooder if self.dice.percent(35) => self.flood(person, time),
            _ => self.shop(person, time),
        }
    }

    /// Dozens or hundreds of messages within a day.
    fn flood(&mut self, person: &Person, time: u64) {
        let mut time = time;
        for _ in 0..self.dice.between(40, 160) {
            time += self.dice.between(20, 12 * MINUTE);
            let text = texts::question(&mut self.dice, person.chinese);
            self.message(person, time, text);
        }
    }

    /// A visit to the shop: a cart, mostly an order, now and then a question.
    fn shop(&mut self, person: &Person, time: u64) {
        if self.dice.percent(35) {
            for nth in 0..self.dice.between(1, 3) {
                let text = if self.dice.percent(2) {
                    texts::innocent(&mut self.dice, person.chinese)
                } else {
                    texts::question(&mut self.dice, person.chinese)
                };
                let pause = self.dice.between(1, 4) * MINUTE;
                self.message(person, time + nth * pause, text);
            }
        }
        let time = time + self.dice.between(3, 30) * MINUTE;
        let sku = format!("sku-{:03}", self.dice.below(400));
        if self.dice.percent(70) {
            self.emit("cart", time, &[("customer", Field::Text(&person.key)), ("sku", Field::Text(&sku))]);
        }
        if !self.dice.percent(78) {
            return;
        }
        // Most decide within minutes; some sleep on it.
        let wait = if self.dice.percent(90) { 25 * MINUTE } else { 20 * HOUR };
        let decided = time + self.dice.between(MINUTE, wait);
        self.order(person, decided);
    }

    fn order(&mut self, person: &Person, time: u64) {
        self.orders += 1;
        let order_id = format!("o{:06}", self.orders);
        let (category, amount) = self.goods(person);
        let customer = || ("customer", Field::Text(person.key.as_str()));
        self.emit(
            "order",
            time,
            &[
                customer(),
                ("order_id", Field::Text(&order_id)),
                ("amount", Field::Cents(amount)),
                ("category", Field::Text(category)),
            ],
        );
        let angry = person.kind == Kind::Abuser;
        if self.dice.percent(person.refunds()) {
            let hurried = person.kind == Kind::Refunder && self.dice.percent(40);
            let wait = if hurried { 20 * HOUR } else { 12 * DAY };
            let back = time + self.dice.between(2 * HOUR, wait);
            let mut fields = vec![
                customer(),
                ("order_id", Field::Text(&order_id)),
                ("amount", Field::Cents(if self.dice.percent(80) { amount } else { amount / 2 })),
            ];
            if self.dice.percent(70) {
                let cause = self.dice.pick(&["质量问题", "七天无理由", "发错货", "不喜欢"], "不喜欢");
                fields.push(("cause", Field::Text(cause)));
            }
            self.emit("refund", back, &fields);
            if angry || self.dice.percent(20) {
                let later = back + self.dice.between(HOUR, 4 * DAY);
                self.complain(person, later);
            }
        } else if self.dice.percent(if angry { 40 } else { 3 }) {
            let later = time + self.dice.between(DAY, 8 * DAY);
            self.complain(person, later);
        }
    }

    /// A complaint, and mostly a call back from the support.
    fn complain(&mut self, person: &Person, time: u64) {
        let (plain, about) = texts::complaint(&mut self.dice, person.chinese);
        let rude = person.kind == Kind::Abuser && self.dice.percent(70);
        let text = if rude { texts::insult(&mut self.dice, person.chinese) } else { plain };
        let customer = ("customer", Field::Text(person.key.as_str()));
        self.emit("complaint", time, &[customer, ("text", Field::Text(text)), ("about", Field::Text(about))]);
        if rude && self.dice.percent(50) {
            let text = texts::insult(&mut self.dice, person.chinese);
            self.message(person, time + 5 * MINUTE, text);
        }
        if self.dice.percent(88) {
            let staff = format!("s{:02}", self.dice.below(STAFF) + 1);
            let customer = ("customer", Field::Text(person.key.as_str()));
            let seconds = ("seconds", Field::Number(self.dice.between(40, 900)));
            let back = time + self.dice.between(HOUR, 44 * HOUR);
            self.emit("call", back, &[customer, ("staff", Field::Text(&staff)), seconds]);
        }
    }

    fn message(&mut self, person: &Person, time: u64, text: &str) {
        const CHANNELS: [&str; 5] = ["wechat", "app", "sms", "email", "phone"];
        let weights = if person.chinese { [60, 25, 5, 4, 6] } else { [5, 35, 10, 40, 10] };
        let channel = CHANNELS[self.dice.weighted(&weights)];
        let customer = ("customer", Field::Text(person.key.as_str()));
        self.emit(
            "message",
            time,
            &[customer, ("channel", Field::Text(channel)), ("text", Field::Text(text))],
        );
    }

    /// A category and a price in cents that suit the customer.
    fn goods(&mut self, person: &Person) -> (&'static str, u64) {
        const GOODS: [(&str, u64, u64); 6] = [
            ("食品", 15, 180),
            ("美妆", 50, 700),
            ("服饰", 60, 600),
            ("家居", 80, 1_200),
            ("数码", 400, 5_000),
            ("珠宝", 900, 9_000),
        ];
        let weights = match person.kind {
            Kind::BigSpender => [5, 10, 15, 20, 30, 20],
            Kind::Refunder => [5, 20, 45, 15, 15, 0],
            _ => [40, 20, 25, 10, 5, 0],
        };
        let (category, low, high) = GOODS[self.dice.weighted(&weights)];
        // The lower of two throws: cheap things sell more.
        let one = self.dice.between(low * 100, high * 100);
        let two = self.dice.between(low * 100, high * 100);
        (category, one.min(two) / 10 * 10)
    }

    /// An hour of the day: quiet at night, a bump at noon, most in the evening.
    fn hour(&mut self) -> u64 {
        const HOURS: [u64; 24] =
            [3, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 12, 9, 7, 7, 7, 8, 9, 12, 15, 14, 10, 6];
        self.dice.weighted(&HOURS) as u64
    }

    /// What the support's own people export: a report a working day, and one night that should worry someone.
    fn staff(&mut self) {
        for index in 0..STAFF {
            let staff = format!("s{:02}", index + 1);
            for day in 0..DAYS {
                if weekday(day) < 100 && self.dice.percent(80) {
                    let time = START + day * DAY + self.dice.between(9 * HOUR, 18 * HOUR);
                    let rows = self.dice.between(50, 4_000);
                    self.emit(
                        "export",
                        time,
                        &[("staff", Field::Text(&staff)), ("rows", Field::Number(rows))],
                    );
                }
            }
        }
        // 13 September, an hour past midnight.
        let night = START + 255 * DAY + HOUR;
        for nth in 0..8 {
            let rows = self.dice.between(18_000, 30_000);
            let time = night + nth * 5 * MINUTE;
            self.emit("export", time, &[("staff", Field::Text("s07")), ("rows", Field::Number(rows))]);
        }
    }
}

/// How busy the day of the week is, in per cent. The year begins on a Wednesday.
fn weekday(day: u64) -> u64 {
    const WEEK: [u64; 7] = [88, 92, 98, 124, 120, 90, 88];
    WEEK[(day % 7) as usize]
}

/// How busy the time of the year is, in per cent: two great sales, a small one, a quiet Spring Festival.
fn season(day: u64) -> u64 {
    match day {
        27..=34 => 40,
        166..=168 => 250,
        312..=314 => 400,
        345 => 200,
        _ => 100,
    }
}

/// RFC 3339 with the offset of Shanghai.
fn shanghai(time: u64) -> String {
    let local = time + 8 * HOUR;
    // Days since 1970 to a date, by Hinnant's algorithm for the civil calendar.
    let days = local / DAY + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (local / HOUR % 24, local / MINUTE % 60, local % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+08:00")
}

/// A time in UTC, `2025-12-31T16:00:00Z`, by the clock of Shanghai: `2026-01-01 00:00:00`. Anything else stays as it is.
pub(crate) fn local(utc: &str) -> String {
    let part = |from: usize, to: usize| utc.get(from..to)?.parse::<u64>().ok();
    let seconds = || {
        let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
        // The same algorithm backwards: years begin in March.
        let year = if month <= 2 { year.checked_sub(1)? } else { year };
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
        let days = (365 * year + year / 4 - year / 100 + year / 400 + of_year).checked_sub(719_468)?;
        Some(days * DAY + part(11, 13)? * HOUR + part(14, 16)? * MINUTE + part(17, 19)?)
    };
    seconds()
        .map_or_else(|| utc.to_owned(), |time| shanghai(time).replacen('T', " ", 1).replace("+08:00", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_local_times() {
        assert_eq!(shanghai(START), "2025-01-01T00:00:00+08:00");
        assert_eq!(shanghai(START + DAYS * DAY), END);
        assert_eq!(shanghai(1_709_136_000), "2024-02-29T00:00:00+08:00");
        for (utc, written) in [
            ("2025-12-31T16:00:00Z", "2026-01-01 00:00:00"),
            ("2024-02-28T16:00:01Z", "2024-02-29 00:00:01"),
            ("2025-02-28T15:59:59Z", "2025-02-28 23:59:59"),
            ("never", "never"),
        ] {
            assert_eq!(local(utc), written);
        }
    }

    #[test]
    fn is_the_same_at_every_run_and_in_order() {
        let (one, two) = (year(), year());
        assert!(one.len() > 50_000);
        assert!(one.iter().map(|event| &event.json).eq(two.iter().map(|event| &event.json)));
        assert!(one.is_sorted_by_key(|event| event.time));
    }
}
