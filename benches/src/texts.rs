//! The texts of messages and complaints, and the keywords that some of them hold.

use crate::stream::{random, unit, whole};
use std::collections::BTreeSet;

/// How many keywords there are of each script.
const EACH: usize = 5000;

const SYLLABLES: [&str; 26] = [
    "ba", "ko", "ri", "ta", "mo", "ne", "lu", "shi", "vor", "den", "gal", "per", "tin", "sor", "mak", "ul",
    "zen", "cra", "flo", "ply", "dra", "qui", "ex", "on", "ist", "er",
];

const CHINESE: [&str; 50] = [
    "你好",
    "请问",
    "我的",
    "订单",
    "什么时候",
    "发货",
    "退款",
    "可以",
    "吗",
    "谢谢",
    "客服",
    "怎么",
    "没有",
    "收到",
    "商品",
    "质量",
    "问题",
    "优惠",
    "活动",
    "会员",
    "积分",
    "登录",
    "密码",
    "地址",
    "修改",
    "快递",
    "今天",
    "明天",
    "还是",
    "需要",
    "帮我",
    "查一下",
    "一下",
    "投诉",
    "太慢了",
    "不满意",
    "很好",
    "支持",
    "微信",
    "支付",
    "发票",
    "尺码",
    "颜色",
    "换货",
    "已经",
    "等了",
    "三天",
    "了",
    "的",
    "，",
];

const ENGLISH: [&str; 44] = [
    "hello", "order", "please", "refund", "when", "ship", "thanks", "where", "is", "my", "package", "can",
    "you", "help", "the", "size", "color", "wrong", "item", "coupon", "not", "working", "login", "password",
    "app", "update", "invoice", "delivery", "late", "good", "ok", "vip", "account", "price", "discount",
    "broken", "return", "exchange", "agent", "call", "me", "back", "asap", "today",
];

/// Makes the texts.
#[derive(Clone, Debug)]
pub struct Texts {
    keywords: Vec<String>,
}

impl Default for Texts {
    fn default() -> Texts {
        Texts::new()
    }
}

impl Texts {
    /// Draws the keywords.
    #[must_use]
    pub fn new() -> Texts {
        let mut at = 0;
        let mut draw = |below: usize| {
            at += 1;
            ((random(100, at - 1) >> 11) % below as u64) as usize
        };
        let mut chinese = BTreeSet::new();
        while chinese.len() < EACH {
            let word: String = (0..2 + draw(4)).map(|_| han(draw(3000))).collect();
            chinese.insert(word);
        }
        let mut english = BTreeSet::new();
        while english.len() < EACH {
            let mut word: String = (0..2 + draw(3)).map(|_| SYLLABLES[draw(26)]).collect();
            if draw(4) == 0 {
                word.push(' ');
                (0..2 + draw(2)).for_each(|_| word.push_str(SYLLABLES[draw(26)]));
            }
            if word.len() >= 6 {
                english.insert(word);
            }
        }
        Texts { keywords: chinese.into_iter().chain(english).collect() }
    }

    /// 10,000 keywords, first the Chinese ones, each half in order of its letters.
    #[must_use]
    pub fn keywords(&self) -> &[String] {
        &self.keywords
    }

    /// The text of the event at `at`, empty for a kind that has none. Four in a hundred hold a keyword on purpose.
    #[must_use]
    pub fn text(&self, at: u64, kind: u8) -> String {
        if !matches!(kind, 0 | 4) {
            return String::new();
        }
        let mut state = random(7, at);
        let words = 3 + whole(6, at, 8);
        let planted = unit(8, at) < 0.04;
        let keyword = &self.keywords[whole(9, at, self.keywords.len() as u64) as usize];
        let mut chinese = (state >> 60) % 10 < 7;
        let mut text = String::new();
        for word in 0..words {
            if planted && word == words / 2 {
                let space = if keyword.is_ascii() { " " } else { "" };
                text.extend([space, keyword, space]);
            }
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let drawn = state >> 33;
            chinese ^= drawn & 7 == 0;
            if chinese {
                text.push_str(CHINESE[(drawn >> 3) as usize % CHINESE.len()]);
            } else {
                // The first word has no space before it; a keyword planted before it counts as a word.
                let before = if text.is_empty() { "" } else { " " };
                text.extend([before, ENGLISH[(drawn >> 3) as usize % ENGLISH.len()], " "]);
            }
        }
        text.replace("  ", " ").trim().to_owned()
    }
}

/// One of 3,000 Han characters.
fn han(at: usize) -> char {
    char::from_u32(0x4e00 + (at as u32 * 37) % 20_000).unwrap_or('一')
}
