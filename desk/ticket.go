package desk

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/hustings/hustings/api"
)

// whole is the price of a contract that is certain to pay.
const whole api.Price = 10_000

// ticket is what an order would mean, from the book and the holdings as they are before it is sent.
//
// Selling a contract is buying its opposite at 1 − price, so a ticket speaks of the contract that is gained: its price,
// what it costs and what it pays. Contracts of the opposite that the account holds are closed first.
type ticket struct {
	market  *api.MarketInfo
	order   *api.PlaceOrder
	name    string // of the contract that the order names
	gained  string // of the contract that is gained
	limit   api.Price
	now     uint32    // contracts that would trade at once
	paid    api.Money // for these, in terms of the contract that is gained
	closing uint32    // of all, those that close what the account holds
}

// levels returns what an order would trade with, best first, in terms of the contract that it names.
func levels(book *api.Book, o *api.PlaceOrder) []api.Level {
	mirrored := o.Contract == api.No
	var side []api.Level
	if (o.Side == api.Buy) != mirrored {
		side = book.Asks
	} else {
		side = book.Bids
	}
	if !mirrored {
		return side
	}
	other := make([]api.Level, len(side))
	for i, l := range side {
		other[i] = api.Level{Price: whole - l.Price, Quantity: l.Quantity, Orders: l.Orders}
	}
	return other
}

// better reports whether an order of a side would rather trade at p than at limit, or as well.
func better(side string, p, limit api.Price) bool {
	if side == api.Buy {
		return p <= limit
	}
	return p >= limit
}

// newTicket works out what an order means. Held is how much the account has of the contract that the order would close.
func newTicket(m *api.MarketInfo, o *api.PlaceOrder, side []api.Level, held uint32) *ticket {
	t := &ticket{market: m, order: o, name: contractName(o.Outcome, o.Contract), limit: o.Price, closing: min(o.Quantity, held)}
	t.gained = t.name
	if o.Side == api.Sell {
		t.gained, t.limit = opposite(m, o), whole-o.Price
	}
	left := uint64(o.Quantity)
	for _, l := range side {
		if !better(o.Side, l.Price, o.Price) {
			break
		}
		n := min(left, l.Quantity)
		left -= n
		t.now += uint32(n)
		t.paid += api.Money(n) * api.Money(t.inGained(l.Price))
	}
	return t
}

// inGained translates a price of the contract that the order names.
func (t *ticket) inGained(p api.Price) api.Price {
	if t.order.Side == api.Sell {
		return whole - p
	}
	return p
}

// opposite names the other contract of an order's outcome.
func opposite(m *api.MarketInfo, o *api.PlaceOrder) string {
	switch {
	case m.Kind == api.Binary && o.Outcome == api.Yes:
		return contractName(api.No, "")
	case m.Kind == api.Binary:
		return contractName(api.Yes, "")
	case o.Contract == api.No:
		return o.Outcome
	}
	return o.Outcome + " (No)"
}

// immediate reports whether the order never waits in the book.
func (t *ticket) immediate() bool {
	return t.order.Type == api.TypeMarket || t.order.TimeInForce == api.IOC || t.order.TimeInForce == api.FOK
}

// rests is how many contracts would wait in the book.
func (t *ticket) rests() uint32 {
	if t.immediate() {
		return 0
	}
	return t.order.Quantity - t.now
}

// cost is what the whole order would cost if all of it traded, and average the price of a contract.
func (t *ticket) cost() (total api.Money, contracts uint32) {
	contracts = t.now + t.rests()
	return t.paid + api.Money(t.rests())*api.Money(t.limit), contracts
}

// feeMost is the greatest fee of the order: on all of its contracts, at the price at which it is greatest.
func (t *ticket) feeMost() api.Money {
	p := min(t.limit, whole/2) // the fee grows up to a half; a better price than the limit is a lower one of what is gained
	high, low := bits.Mul64(uint64(t.market.TakerFee)*uint64(t.order.Quantity), uint64(p)*uint64(whole-p))
	quotient, rest := bits.Div64(high, low, uint64(whole)*uint64(whole))
	if rest > 0 {
		quotient++
	}
	return api.Money(quotient)
}

// draw shows the ticket.
func (t *ticket) draw(s screen) string {
	var b strings.Builder
	o, verb := t.order, "Buy"
	if o.Side == api.Sell {
		verb = "Sell"
	}
	condition := "at " + price(o.Price) + " or better"
	switch {
	case o.TimeInForce == api.FOK:
		condition += ", all or nothing"
	case t.immediate():
		condition += ", what is there now"
	}
	fmt.Fprintf(&b, "%s %s %s %s\n%s\n\n", s.in(bold, verb), s.in(bold, count(o.Quantity)), s.in(bold, t.name), condition,
		s.in(faint, fmt.Sprintf("%s (market %s)", t.market.Question, t.market.Market)))
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "  %s  %s\n", s.in(faint, fmt.Sprintf("%-12s", label)), fmt.Sprintf(format, args...))
	}
	t.drawExecution(line)
	t.drawMoney(line)
	return b.String()
}

func (t *ticket) drawExecution(line func(label, format string, args ...any)) {
	if t.now > 0 {
		average := t.inGained(api.Price(int64(t.paid) / int64(t.now)))
		line("trades now", "%s at %s on average, as the book is", count(t.now), price(average))
	} else {
		line("trades now", "nothing, as the book is")
	}
	if n := t.rests(); n > 0 {
		line("rests", "%s in the book at %s, until traded or cancelled", count(n), price(t.order.Price))
	}
	if t.closing > 0 {
		line("closes", "%s of your %s: they are turned into cash", count(t.closing), t.closed())
	}
}

// closed names the contracts that the order gives up.
func (t *ticket) closed() string {
	if t.order.Side == api.Sell {
		return t.name
	}
	return opposite(t.market, t.order)
}

func (t *ticket) drawMoney(line func(label, format string, args ...any)) {
	total, contracts := t.cost()
	if contracts == 0 {
		return
	}
	closing := min(t.closing, contracts)
	opening := contracts - closing
	average := total / api.Money(contracts)
	if closing > 0 {
		line("brings in", "%s", money(api.Money(closing)*(api.Money(whole)-average)))
	}
	if opening > 0 {
		cost := total - api.Money(closing)*average
		payout := api.Money(opening) * api.Money(whole)
		line("cost", "%s, the most that you can lose", money(cost))
		line("payout", "%s if it is %s, else nothing", money(payout), t.gained)
		line("profit", "%s if it is %s", gain(payout-cost).text, t.gained)
		line("probability", "%s is where you break even%s", percent(api.Price(average)), t.marketView())
	}
	if fee := t.feeMost(); fee > 0 {
		line("fee", "%s at most", money(fee))
	}
}

// marketView says what the market thinks of the contract that is gained.
func (t *ticket) marketView() string {
	for i := range t.market.Outcomes {
		o := &t.market.Outcomes[i]
		if o.Outcome == t.order.Outcome && o.LastPrice != 0 {
			p := o.LastPrice
			if (t.order.Contract == api.No) != (t.order.Side == api.Sell) {
				p = whole - p
			}
			return "; the market says " + percent(p)
		}
	}
	return ""
}
