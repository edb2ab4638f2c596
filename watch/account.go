package watch

import "github.com/hustings/hustings/exchange"

// messages is what an account did in a window of ten minutes, in all markets. A market maker sends many for each trade too, but
// its quotes stand for a while; who floods an exchange takes orders back before anybody could trade with them.
type messages struct {
	start     exchange.Time
	sent      uint32 // orders placed, changed and cancelled
	cancelled uint32 // of these: cancels
	fleeting  uint32 // of these: of orders that lived for less than a second
	trades    uint32
	told      bool
	trail     trail
}

const (
	messageWindow = 10 * minute
	leastMessages = 500 // in a window, below which nobody is bothered
	ratioLimit    = 60  // messages for each trade
	fleetingPart  = 50  // per cent of the cancels
	fleetingLife  = second
)

func (m *messages) roll(now exchange.Time) {
	if now-m.start >= messageWindow {
		*m = messages{start: now}
	}
}

// cancel takes in that an order is taken back, and whether it was fleeting.
func (m *messages) cancel(now exchange.Time, fleeting bool) {
	m.roll(now)
	m.cancelled++
	if fleeting {
		m.fleeting++
	}
}

// send takes in a message, and reports how many there were for each trade if these are too many.
func (m *messages) send(at moment) (ratio uint64, out bool) {
	m.roll(at.now)
	m.sent++
	if m.sent&(m.sent-1) == 0 { // the 1st, 2nd, 4th, … and so some from all of the window
		m.trail.add(at.Evidence)
	}
	if m.sent < leastMessages || m.told || m.fleeting*100 < m.cancelled*fleetingPart {
		return 0, false
	}
	if ratio = uint64(m.sent) / uint64(max(m.trades, 1)); ratio < ratioLimit {
		return 0, false
	}
	m.told = true
	m.trail.add(at.Evidence)
	return ratio, true
}

// account is what is known of one in all markets.
type account struct {
	traded traded
	messages
}

// traded is the contracts that an account traded in the last hour, of which pairs look at their share.
type traded struct {
	start     exchange.Time
	contracts uint32
	before    uint32 // in the hour before the start
}

// add takes in a trade, and returns the sum. Of the hour before it counts as much as lies less than an hour back, as if all had been
// traded evenly: a sum that began anew would for a moment be nothing, and every share of it great.
func (t *traded) add(now exchange.Time, contracts uint32) (sum uint32) {
	switch over := now - t.start; {
	case over >= 2*hour:
		*t = traded{start: now}
	case over >= hour:
		*t = traded{start: t.start + hour, before: t.contracts}
	}
	t.contracts += contracts
	left := uint64(min(t.start+hour-now, hour) / second)
	return t.contracts + uint32(uint64(t.before)*left/uint64(hour/second))
}
