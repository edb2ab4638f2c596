package projection

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

func (d *differ) markets() {
	for i := uint32(1); i <= min(d.a.lastMarket, d.b.lastMarket) && len(d.lines) < d.most; i++ {
		a, b := d.a.markets.at(i), d.b.markets.at(i)
		compare(d, "market", i, "move", d.a.movingOf(exchange.MarketID(i)), d.b.movingOf(exchange.MarketID(i)))
		if (a.bookCount > 0 || b.bookCount > 0) && !d.both("market", i, a.bookCount > 0, b.bookCount > 0) {
			continue
		}
		compare(d, "market", i, "state", a.state, b.state)
		compare(d, "market", i, "halted", a.halted, b.halted)
		compare(d, "market", i, "version", a.version, b.version)
		compare(d, "market", i, "question", a.question, b.question)
		compare(d, "market", i, "rules", a.rules, b.rules)
		compare(d, "market", i, "close time", a.closeAt, b.closeAt)
		compare(d, "market", i, "dispute window", a.disputeWindow, b.disputeWindow)
		compare(d, "market", i, "pays after", a.paysAfter(), b.paysAfter())
		compare(d, "market", i, "tick rule", a.tick, b.tick)
		compare(d, "market", i, "taker fee", a.takerFee, b.takerFee)
		compare(d, "market", i, "maker share", a.makerShare, b.makerShare)
		compare(d, "market", i, "position limit", a.positionLimit, b.positionLimit)
		compare(d, "market", i, "collar", a.collar, b.collar)
		compare(d, "market", i, "flags", a.flags, b.flags)
		compare(d, "market", i, "escrow", a.escrow, b.escrow)
		compare(d, "market", i, "fees", a.fees, b.fees)
		compare(d, "market", i, "open orders", a.openOrders, b.openOrders)
		compare(d, "market", i, "source", a.readEnding().Source, b.readEnding().Source)
		compare(d, "market", i, "evidence", a.readEnding().Evidence, b.readEnding().Evidence)
		if !slices.Equal(a.names(), b.names()) {
			d.add("market %d: outcomes %q, other %q", i, a.names(), b.names())
			continue
		}
		for outcome := range exchange.Outcome(a.bookCount) {
			d.book(i, outcome, d.a.bookAt(a, outcome), d.b.bookAt(b, outcome))
		}
	}
}

func (d *differ) book(market uint32, outcome exchange.Outcome, a, b *book) {
	compare(d, "market", market, "yes contracts", a.yes, b.yes)
	compare(d, "market", market, "no contracts", a.no, b.no)
	compare(d, "market", market, "last price", a.last, b.last)
	compare(d, "market", market, "settlement value", a.value, b.value)
	d.queues(market, outcome, a, b)
}

// leaves reports whether the positions of a market are being forgotten.
func (v *View) leaves(id exchange.MarketID) bool {
	return v.settled(id) || v.markets.at(uint32(id)).stage == StageDropping
}

// positions compares the positions that either side has. One that is missing is the same as an empty one.
func (d *differ) positions() {
	for i := uint32(1); i <= d.a.positions.last; i++ {
		if p := d.a.positions.at(i); p.account != 0 && !d.a.leaves(p.market) {
			d.position(p, d.b.position(p.account, p.market, p.outcome))
		}
	}
	for i := uint32(1); i <= d.b.positions.last; i++ {
		p := d.b.positions.at(i)
		if p.account != 0 && !d.b.leaves(p.market) && d.a.position(p.account, p.market, p.outcome) == nil {
			d.position(&position{account: p.account, market: p.market, outcome: p.outcome}, p)
		}
	}
}

func (d *differ) position(a, b *position) {
	if b == nil {
		b = &position{}
	}
	if a.yes == b.yes && a.no == b.no && a.reservedYes == b.reservedYes && a.reservedNo == b.reservedNo && a.paid == b.paid {
		return
	}
	d.add("position of account %d in market %d, outcome %d: %d yes (%d reserved), %d no (%d), paid %v; other %d (%d), %d (%d), %v",
		a.account, a.market, a.outcome, a.yes, a.reservedYes, a.no, a.reservedNo, a.paid,
		b.yes, b.reservedYes, b.no, b.reservedNo, b.paid)
}
