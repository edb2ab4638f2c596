package projection

import "github.com/hustings/hustings/exchange"

// A Market is what is known of one market.
type Market struct {
	ID       exchange.MarketID
	Spec     exchange.MarketSpec // its Outcomes belong to the View and must not be changed
	State    exchange.MarketState
	Halted   bool
	Version  uint32
	PayAfter exchange.Time
	Escrow   exchange.Money
	Fees     exchange.Money // charged and not yet paid to the house
	Ending   Ending
	Books    []Book // one for each outcome

	OpenOrders uint32 // derived: a Builder counts them itself

	CreatedAt exchange.Time // statistic
	ActiveAt  exchange.Time // statistic: of the last trade or, before the first, CreatedAt
	Volume    uint64        // statistic: contracts traded, of all books; derived
	DayVolume uint64        // statistic: the same in the last 24 hours of log time; derived
	Trades    uint64        // statistic; derived
}

// An Ending says how a market ended, or why it is halted.
type Ending struct {
	Source, Evidence string
	VoidReason       string
	HaltDetail       string
	HaltedBy         exchange.Invariant
}

// A Book is the summary of one outcome's book. Prices are 0 where there is none.
type Book struct {
	Last  exchange.Price // of the last trade
	Value exchange.Price // what Yes pays, once resolved

	Yes, No     uint64         // contracts of all accounts, the open interest; derived
	Bid, Ask    exchange.Price // the best; derived
	BidQuantity uint64         // at the best price; derived
	AskQuantity uint64         // derived

	Volume    uint64         // statistic: contracts traded
	Trades    uint64         // statistic
	DayVolume uint64         // statistic: contracts traded in the last 24 hours of log time, in steps of an hour
	DayBefore exchange.Price // statistic: last price before these 24 hours
}

// Market returns the summary of a market; ok is false if there is none.
func (v *View) Market(id exchange.MarketID) (m Market, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.marketOf(id) == nil {
		return Market{}, false
	}
	return v.readMarket(id), true
}

// State returns what a market is doing; ok is false if it is not here. It is for those who look at all markets.
func (v *View) State(id exchange.MarketID) (state exchange.MarketState, halted, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	m := v.marketOf(id)
	if m == nil {
		return 0, false, false
	}
	return m.state, m.halted, true
}

func (v *View) readMarket(id exchange.MarketID) Market {
	m := v.markets.at(uint32(id))
	out := Market{
		ID: id, State: m.state, Halted: m.halted, Version: m.version, PayAfter: m.paysAfter(),
		Spec: exchange.MarketSpec{
			Question: m.question, Rules: m.rules, Outcomes: m.names(), CloseAt: m.closeAt, DisputeWindow: m.disputeWindow,
			Tick: m.tick, TakerFee: m.takerFee, MakerShare: m.makerShare, PositionLimit: m.positionLimit,
			Collar: m.collar, Flags: m.flags,
		},
		Escrow: m.escrow, Fees: m.fees, OpenOrders: m.openOrders,
		CreatedAt: m.createdAt, ActiveAt: m.activeAt, Volume: m.volume,
		Books: make([]Book, m.bookCount),
	}
	out.Ending = m.readEnding()
	for i := range out.Books {
		out.Books[i] = v.readBook(v.bookAt(m, exchange.Outcome(i)))
		out.DayVolume += out.Books[i].DayVolume
		out.Trades += out.Books[i].Trades
	}
	return out
}

func (m *market) readEnding() Ending {
	if m.ending == nil {
		return Ending{}
	}
	return m.ending.Ending
}

func (v *View) readBook(b *book) Book {
	out := Book{Last: b.last, Value: b.value, Yes: b.yes, No: b.no, Volume: b.volume, Trades: b.trades}
	out.DayVolume, out.DayBefore = b.hours.day(v.now)
	if b.sides == nil {
		return out
	}
	if rank, lv := b.sides[exchange.Buy].best(); lv != nil {
		out.Bid, out.BidQuantity = priceOf(exchange.Buy, rank), lv.quantity
	}
	if rank, lv := b.sides[exchange.Sell].best(); lv != nil {
		out.Ask, out.AskQuantity = priceOf(exchange.Sell, rank), lv.quantity
	}
	return out
}

// priceOf is the price that has this rank.
func priceOf(side exchange.Side, rank uint32) exchange.Price {
	return side.OpenCost(exchange.Price(rank)) // which is its own inverse
}
