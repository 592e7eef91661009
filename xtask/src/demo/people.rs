//! The customers of the demo: what kind each is, and the dice.

/// How many customers the shop has.
pub(crate) const CUSTOMERS: u64 = 3_000;
/// How many people work in its support.
pub(crate) const STAFF: u64 = 12;

/// SplitMix64: the same numbers from the same seed, everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of 0 to `sides` - 1.
    pub(crate) fn below(&mut self, sides: u64) -> u64 {
        self.next() % sides.max(1)
    }

    /// One of `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True `millionths` times in a million.
    pub(crate) fn chance(&mut self, millionths: u64) -> bool {
        self.below(1_000_000) < millionths
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T], otherwise: T) -> T {
        from.get(self.below(from.len() as u64) as usize).copied().unwrap_or(otherwise)
    }

    /// An index, each as likely as its weight says.
    pub(crate) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut rest = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if rest < *weight {
                return index;
            }
            rest -= weight;
        }
        0
    }
}

/// What a customer is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Comes by every few weeks.
    Casual,
    /// Comes by every week.
    Regular,
    /// Spends a lot on dear things.
    BigSpender,
    /// Sends back much of what was bought.
    Refunder,
    /// Insults the staff, above all after a refund.
    Abuser,
    /// Now and then writes hundreds of messages in a day.
    Flooder,
    /// Advertises to the staff.
    Spammer,
    /// Buys for some months and then no more.
    Churner,
}

/// One customer.
pub(crate) struct Person {
    pub(crate) key: String,
    pub(crate) kind: Kind,
    /// Writes Chinese; otherwise English.
    pub(crate) chinese: bool,
    /// First and last day in the shop, counted from the start of the year.
    pub(crate) days: std::ops::Range<u64>,
    /// Month and day of birth, where the shop was told.
    pub(crate) birthday: Option<(u64, u64, u64)>,
    /// Has a contract that makes a VIP.
    pub(crate) vip: bool,
}

impl Person {
    /// Customer number `index`, the same for the same dice.
    pub(crate) fn new(index: u64, dice: &mut Dice) -> Person {
        const KINDS: [(Kind, u64); 8] = [
            (Kind::Casual, 680),
            (Kind::Regular, 180),
            (Kind::BigSpender, 22),
            (Kind::Refunder, 14),
            (Kind::Abuser, 6),
            (Kind::Flooder, 3),
            (Kind::Spammer, 4),
            (Kind::Churner, 91),
        ];
        let kind = KINDS[dice.weighted(&KINDS.map(|(_, weight)| weight))].0;
        // Two in three know the shop from its first weeks; the others come in over the year.
        let first = if dice.percent(66) { dice.below(21) } else { dice.below(330) };
        let last = match kind {
            Kind::Churner => (first + dice.between(60, 200)).min(365),
            Kind::Spammer => (first + dice.between(10, 60)).min(365),
            _ => 365,
        };
        let birthday =
            dice.percent(60).then(|| (dice.between(1955, 2006), dice.between(1, 12), dice.between(1, 28)));
        let vip = kind == Kind::BigSpender && dice.percent(25);
        Person {
            key: format!("c{:04}", index + 1),
            kind,
            chinese: dice.percent(78),
            days: first..last,
            birthday,
            vip,
        }
    }

    /// How likely a visit is on a usual day, in millionths.
    pub(crate) fn visits(&self) -> u64 {
        match self.kind {
            Kind::Casual => 32_000,
            Kind::Regular => 110_000,
            Kind::BigSpender => 130_000,
            Kind::Refunder => 90_000,
            Kind::Abuser => 60_000,
            Kind::Flooder => 50_000,
            Kind::Spammer => 250_000,
            Kind::Churner => 80_000,
        }
    }

    /// How many of a hundred of their orders come back.
    pub(crate) fn refunds(&self) -> u64 {
        match self.kind {
            Kind::Refunder => 55,
            Kind::Abuser => 25,
            Kind::BigSpender => 3,
            _ => 5,
        }
    }
}
