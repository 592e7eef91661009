//! W2: ten conditions at every event, on one log a customer.

use super::keys::Keyed;
use tagwarden::{Event, EventId, Schema, Value};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
const MONTH: i64 = 30 * DAY;

/// What a record is, for all windows at once.
const MESSAGE: u8 = 0;
const WECHAT: u8 = 1;
const LOGIN: u8 = 2;
const ORDER: u8 = 3;
const APP_ORDER: u8 = 4;
const REFUND: u8 = 5;
const COMPLAINT: u8 = 6;

/// The windows of W2.
#[derive(Debug)]
pub struct Ten {
    /// For each event type of the schema, what it is and where its channel and amount stand.
    kinds: Vec<(u8, usize, usize)>,
    customers: Keyed<Customer>,
    /// At how many events each condition was true.
    pub hits: [u64; 10],
}

/// One event of the log: 16 bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    micros: i64,
    cents: u32,
    kind: u8,
}

/// A customer's log, a ring, and what is in each window. Positions count from the customer's first event.
#[derive(Debug, Default)]
struct Customer {
    log: Box<[Record]>,
    end: u32,
    hour: u32,
    day: u32,
    month: u32,
    messages_day: u32,
    orders_day: u32,
    app_cents_day: u64,
    wechat_hour: u32,
    logins_hour: u32,
    refunds_month: u32,
    complaints_month: u32,
    refund_cents_month: u64,
    order_cents_month: u64,
}

impl Ten {
    /// Reads events of this schema.
    ///
    /// # Panics
    /// The schema lacks something that W2 reads.
    #[must_use]
    pub fn new(schema: &Schema) -> Ten {
        let kind = |(at, ty): (usize, &tagwarden::EventType)| {
            let field =
                |name: &str| ty.fields.iter().position(|field| *field.name == *name).unwrap_or(usize::MAX);
            let id = schema.event(&ty.name).expect("declared");
            assert_eq!(usize::from(id.0), at, "event types are numbered in order");
            let kind = match &*ty.name {
                "message" => MESSAGE,
                "login" => LOGIN,
                "order" => ORDER,
                "refund" => REFUND,
                "complaint" => COMPLAINT,
                other => panic!("W2 knows no {other}"),
            };
            (kind, field("channel"), field("amount"))
        };
        let kinds = schema.events.iter().enumerate().map(kind).collect();
        Ten { kinds, customers: Keyed::default(), hits: [0; 10] }
    }

    /// Takes an event; a bit for each condition that is true at it.
    #[inline]
    pub fn process(&mut self, event: &Event) -> u16 {
        let hits = self.take(event).hits();
        for (at, count) in self.hits.iter_mut().enumerate() {
            *count += u64::from(hits >> at & 1);
        }
        hits
    }

    /// Takes an event; what each condition compares, sums in cents. For engines that have conditions but no windows.
    #[inline]
    pub fn values(&mut self, event: &Event) -> [u64; 10] {
        self.take(event).values()
    }

    #[inline]
    fn take(&mut self, event: &Event) -> &Customer {
        let EventId(id) = event.event;
        let (mut kind, channel, amount) = self.kinds[usize::from(id)];
        let channel_is = |text: &str| matches!(event.fields.get(channel), Some(Some(Value::Text(channel))) if **channel == *text);
        if kind == MESSAGE && channel_is("wechat") {
            kind = WECHAT;
        } else if kind == ORDER && channel_is("app") {
            kind = APP_ORDER;
        }
        let cents = match event.fields.get(amount) {
            Some(Some(Value::Number(number))) => (number.units() as u64 / 10_000) as u32,
            _ => 0,
        };
        let customer = self.customers.state(&event.keys[0]);
        customer.take(Record { micros: event.time.micros(), cents, kind });
        customer
    }

    /// How many customers it has seen.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers.len()
    }
}

impl Customer {
    #[inline]
    fn take(&mut self, record: Record) {
        let now = record.micros;
        while self.month != self.end && self.at(self.month).micros <= now - MONTH {
            self.leave_month();
        }
        while self.day != self.end && self.at(self.day).micros <= now - DAY {
            self.leave_day();
        }
        while self.hour != self.end && self.at(self.hour).micros <= now - HOUR {
            self.leave_hour();
        }
        self.push(record);
        let cents = u64::from(record.cents);
        match record.kind {
            MESSAGE => self.messages_day += 1,
            WECHAT => {
                self.messages_day += 1;
                self.wechat_hour += 1;
            }
            LOGIN => self.logins_hour += 1,
            ORDER => {
                self.orders_day += 1;
                self.order_cents_month += cents;
            }
            APP_ORDER => {
                self.orders_day += 1;
                self.order_cents_month += cents;
                self.app_cents_day += cents;
            }
            REFUND => {
                self.refunds_month += 1;
                self.refund_cents_month += cents;
            }
            _ => self.complaints_month += 1,
        }
    }

    #[inline]
    fn hits(&self) -> u16 {
        u16::from(self.messages_day > 50)
            | u16::from(self.wechat_hour > 10) << 1
            | u16::from(self.refund_cents_month > 50_000) << 2
            | u16::from(self.refunds_month > 2) << 3
            | u16::from(self.order_cents_month > 500_000) << 4
            | u16::from(self.orders_day > 5) << 5
            | u16::from(self.complaints_month > 1) << 6
            | u16::from(self.logins_hour > 5) << 7
            | u16::from(self.app_cents_day > 200_000) << 8
            | u16::from(self.end - self.hour > 20) << 9
    }

    #[inline]
    fn values(&self) -> [u64; 10] {
        [
            self.messages_day.into(),
            self.wechat_hour.into(),
            self.refund_cents_month,
            self.refunds_month.into(),
            self.order_cents_month,
            self.orders_day.into(),
            self.complaints_month.into(),
            self.logins_hour.into(),
            self.app_cents_day,
            (self.end - self.hour).into(),
        ]
    }

    #[inline]
    fn at(&self, position: u32) -> Record {
        self.log[position as usize & (self.log.len() - 1)]
    }

    #[inline]
    fn leave_hour(&mut self) {
        match self.at(self.hour).kind {
            WECHAT => self.wechat_hour -= 1,
            LOGIN => self.logins_hour -= 1,
            _ => {}
        }
        self.hour += 1;
    }

    #[inline]
    fn leave_day(&mut self) {
        let record = self.at(self.day);
        match record.kind {
            MESSAGE | WECHAT => self.messages_day -= 1,
            ORDER => self.orders_day -= 1,
            APP_ORDER => {
                self.orders_day -= 1;
                self.app_cents_day -= u64::from(record.cents);
            }
            _ => {}
        }
        self.day += 1;
    }

    #[inline]
    fn leave_month(&mut self) {
        let record = self.at(self.month);
        let cents = u64::from(record.cents);
        match record.kind {
            ORDER | APP_ORDER => self.order_cents_month -= cents,
            REFUND => {
                self.refunds_month -= 1;
                self.refund_cents_month -= cents;
            }
            COMPLAINT => self.complaints_month -= 1,
            _ => {}
        }
        self.month += 1;
    }

    #[inline]
    fn push(&mut self, record: Record) {
        if self.log.len() == (self.end - self.month) as usize {
            self.grow();
        }
        let at = self.end as usize & (self.log.len() - 1);
        self.log[at] = record;
        self.end += 1;
    }

    #[cold]
    fn grow(&mut self) {
        let length = (self.log.len() * 2).max(4);
        let mut log = vec![Record::default(); length].into_boxed_slice();
        for position in self.month..self.end {
            log[position as usize & (length - 1)] = self.at(position);
        }
        self.log = log;
    }
}
