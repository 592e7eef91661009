//! What people write, in Chinese and English.

use super::people::Dice;

/// Everyday questions to the support.
pub(crate) fn question(dice: &mut Dice, chinese: bool) -> &'static str {
    const CHINESE: [&str; 14] = [
        "你好，请问我的订单什么时候发货？",
        "快递到哪里了，帮我查一下",
        "可以改一下收货地址吗",
        "这个有现货吗？尺码偏大还是偏小",
        "发票怎么开",
        "优惠券用不了，显示已过期",
        "谢谢客服，问题解决了",
        "积分可以兑换什么",
        "登录密码忘了怎么办",
        "换货需要自己付运费吗",
        "收到了，质量很好",
        "颜色和图片不太一样",
        "今天能送到吗",
        "會員日是哪一天？",
    ];
    const ENGLISH: [&str; 10] = [
        "Hi, when will my order ship?",
        "Where is my package? The tracking page shows nothing new.",
        "Could you change the delivery address, please?",
        "The coupon does not work at checkout",
        "Do you have this in size M?",
        "I need an invoice for my company",
        "Thanks, that solved it!",
        "The colour is not what the picture shows",
        "How do I reset my password",
        "Can I exchange it for another one?",
    ];
    if chinese { dice.pick(&CHINESE, CHINESE[0]) } else { dice.pick(&ENGLISH, ENGLISH[0]) }
}

/// A complaint in plain words, and what it is about.
pub(crate) fn complaint(dice: &mut Dice, chinese: bool) -> (&'static str, &'static str) {
    const CHINESE: [(&str, &str); 7] = [
        ("用了两天就坏了，质量太差", "商品"),
        ("等了一个星期还没收到货", "物流"),
        ("包装破损，里面的东西也碎了", "物流"),
        ("客服态度不好，问了三次没人回答", "服务"),
        ("刚买就降价一百块，要求退差价", "价格"),
        ("发错货了，要的是黑色", "商品"),
        ("退款三天了还没到账", "服务"),
    ];
    const ENGLISH: [(&str, &str); 5] = [
        ("It broke after two days", "商品"),
        ("The parcel is a week late", "物流"),
        ("Nobody answers my questions", "服务"),
        ("You sent the wrong item", "商品"),
        ("The price dropped the day after I bought it", "价格"),
    ];
    if chinese { dice.pick(&CHINESE, CHINESE[0]) } else { dice.pick(&ENGLISH, ENGLISH[0]) }
}

/// What the rude write; some of it spelt so that a simple search misses it.
pub(crate) fn insult(dice: &mut Dice, chinese: bool) -> &'static str {
    const CHINESE: [&str; 6] = [
        "你们就是垃圾平台，骗消费者！",
        "骗 消 费 者，我要去曝光你们",
        "垃圾平臺，退錢",
        "什么破客服，全是骗子",
        "垃.圾.平.台 再也不买了",
        "骗子公司，等着收律师函",
    ];
    const ENGLISH: [&str; 4] = [
        "This shop is a SCAM, I want my money back",
        "What a rip-off. Thieves, all of you!",
        "S C A M !!! do not buy here",
        "ｓｃａｍ shop, I will tell everyone",
    ];
    if chinese { dice.pick(&CHINESE, CHINESE[0]) } else { dice.pick(&ENGLISH, ENGLISH[0]) }
}

/// What looks rude to a simple search and is not.
pub(crate) fn innocent(dice: &mut Dice, chinese: bool) -> &'static str {
    const CHINESE: [&str; 2] =
        ["请问打骗消费者权益保护的电话是12315吗", "小区里的垃圾分类平台能用积分换礼品吗"];
    const ENGLISH: [&str; 2] =
        ["The scampi pan arrived, lovely", "My order went to the wrong drip-office address"];
    if chinese { dice.pick(&CHINESE, CHINESE[0]) } else { dice.pick(&ENGLISH, ENGLISH[0]) }
}

/// Advertising.
pub(crate) fn advertising(dice: &mut Dice, chinese: bool) -> &'static str {
    const CHINESE: [&str; 4] = [
        "加微信领红包，日赚五百，刷单兼职",
        "加 微.信 看好货，刷单返现，名额有限",
        "兼职刷单，日結工資，加微信 zq888",
        "免费领红包，日赚千元不是梦",
    ];
    const ENGLISH: [&str; 3] = [
        "Work from home! Earn cash daily, click my link",
        "FREE CASH for you, click my link now, work from home",
        "Guaranteed earn cash daily - add me, free cash",
    ];
    if chinese { dice.pick(&CHINESE, CHINESE[0]) } else { dice.pick(&ENGLISH, ENGLISH[0]) }
}
