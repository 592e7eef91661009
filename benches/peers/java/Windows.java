import java.util.ArrayDeque;

/** The windows of one customer, kept by hand: for engines whose own windows do not slide with every event. */
final class Windows {
    private final ArrayDeque<Event> hour = new ArrayDeque<>(4), day = new ArrayDeque<>(4), month = new ArrayDeque<>(4);
    private int messagesDay, wechatHour, refunds, ordersDay, complaints, loginsHour;
    private double refundSum, orderSum, appSum;

    /** Whether more than 50 messages came in 24 hours, at this message. */
    boolean one(Event event) {
        long left = event.time - Peer.DAY;
        while (!day.isEmpty() && day.peekFirst().time <= left) day.pollFirst();
        day.addLast(event);
        return day.size() > 50;
    }

    /** One bit for each of the ten conditions that is true at this event. */
    int ten(Event event) {
        while (!hour.isEmpty() && hour.peekFirst().time <= event.time - Peer.HOUR) inHour(hour.pollFirst(), -1);
        while (!day.isEmpty() && day.peekFirst().time <= event.time - Peer.DAY) inDay(day.pollFirst(), -1);
        while (!month.isEmpty() && month.peekFirst().time <= event.time - Peer.MONTH) inMonth(month.pollFirst(), -1);
        hour.addLast(event);
        inHour(event, 1);
        if (event.type.equals("message") || event.type.equals("order")) {
            day.addLast(event);
            inDay(event, 1);
        }
        if (!event.type.equals("message") && !event.type.equals("login")) {
            month.addLast(event);
            inMonth(event, 1);
        }
        return bit(0, messagesDay > 50) | bit(1, wechatHour > 10) | bit(2, refundSum > 500) | bit(3, refunds > 2)
                | bit(4, orderSum > 5000) | bit(5, ordersDay > 5) | bit(6, complaints > 1) | bit(7, loginsHour > 5)
                | bit(8, appSum > 2000) | bit(9, hour.size() > 20);
    }

    private static int bit(int at, boolean set) {
        return set ? 1 << at : 0;
    }

    private void inHour(Event event, int sign) {
        if (event.type.equals("login")) loginsHour += sign;
        else if (event.type.equals("message") && event.channel.equals("wechat")) wechatHour += sign;
    }

    private void inDay(Event event, int sign) {
        if (event.type.equals("message")) {
            messagesDay += sign;
        } else {
            ordersDay += sign;
            if (event.channel.equals("app")) appSum += sign * event.amount;
        }
    }

    private void inMonth(Event event, int sign) {
        switch (event.type) {
            case "refund" -> {
                refunds += sign;
                refundSum += sign * event.amount;
            }
            case "order" -> orderSum += sign * event.amount;
            default -> complaints += sign;
        }
    }
}
