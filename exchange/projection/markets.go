package projection

import (
	"github.com/hustings/hustings/exchange"
)

type market struct {
	question string
	rules    string
	outcomes *[]string   // nil for a binary market
	ending   *conclusion // nil until it is resolved, voided or halted

	closeAt       exchange.Time
	disputeWindow exchange.Duration
	createdAt     exchange.Time
	activeAt      exchange.Time // of the last trade or, before the first, createdAt
	volume        uint64        // statistic: contracts traded, of all books
	escrow, fees  exchange.Money

	version       uint32
	positionLimit exchange.Quantity
	openOrders    uint32
	positions     uint32 // the newest position
	firstBook     uint32 // its books lie side by side

	tick                 exchange.TickRule
	takerFee, makerShare exchange.FeeRate
	collar               exchange.Price
	flags                exchange.MarketFlags
	state                exchange.MarketState
	halted               bool
	bookCount            uint8
	touched              bool // in View.touched
	stage                Stage
}

// conclusion is what only markets that end have.
type conclusion struct {
	Ending
	payAfter exchange.Time
	voidedAt exchange.Time // 0: before the last start
}

// paysAfter is when payouts begin; 0 unless it is resolved.
func (m *market) paysAfter() exchange.Time {
	if m.ending == nil {
		return 0
	}
	return m.ending.payAfter
}

// marketOf returns a market, or nil if there is none.
func (v *View) marketOf(id exchange.MarketID) *market {
	if id == 0 || uint32(id) > v.lastMarket {
		return nil
	}
	if m := v.markets.get(uint32(id)); m != nil && m.bookCount > 0 { // alone, a View has but one
		return m
	}
	return nil
}

func (v *View) bookAt(m *market, outcome exchange.Outcome) *book {
	return v.books.at(m.firstBook + uint32(outcome))
}

// tradingBook returns a book in which orders may trade now.
func (v *View) tradingBook(id exchange.MarketID, outcome exchange.Outcome) (*market, *book, *InconsistencyError) {
	m := v.marketOf(id)
	switch {
	case m == nil:
		return nil, nil, broken("there is no such market").withMarket(id)
	case uint8(outcome) >= m.bookCount:
		return nil, nil, broken("the market has no outcome %d", outcome)
	case m.halted:
		return nil, nil, broken("the market is halted")
	case m.stage != StageHere:
		return nil, nil, broken("the market is on its way to another shard")
	case m.state != exchange.StateOpen:
		return nil, nil, broken("the market is %v, not open", m.state)
	}
	return m, v.bookAt(m, outcome), nil
}

func (v *View) addEscrow(m *market, delta exchange.Money) {
	m.escrow += delta
	v.total.Escrow += delta
}

func (v *View) addFees(m *market, delta exchange.Money) {
	m.fees += delta
	v.total.MarketFees += delta
}

func (m *market) end() *conclusion {
	if m.ending == nil {
		m.ending = new(conclusion)
	}
	return m.ending
}

func (m *market) names() []string {
	if m.outcomes == nil {
		return nil
	}
	return *m.outcomes
}

func (v *View) marketCreated(e *exchange.MarketCreated) *InconsistencyError {
	if e.Market == 0 || e.Market > exchange.MaxMarkets || v.marketOf(e.Market) != nil {
		return broken("another market has this id, or none can").withMarket(e.Market)
	}
	if n := e.Spec.Books(); n > exchange.MaxOutcomes {
		return broken("it has %d outcomes", n).withMarket(e.Market)
	}
	v.addMarket(&Market{ID: e.Market, Spec: e.Spec, Version: 1, CreatedAt: v.now})
	return nil
}

func (v *View) addMarket(from *Market) *market {
	id := uint32(from.ID)
	for ; !v.alone && v.lastMarket < id; v.lastMarket++ { // ids before it that nobody has here
		v.markets.make(v.lastMarket + 1)
	}
	v.lastMarket = max(v.lastMarket, id)
	v.total.Markets++
	m := v.markets.make(id)
	s := &from.Spec
	words := s.Question + s.Rules // in one piece of memory
	*m = market{
		question: words[:len(s.Question)], rules: words[len(s.Question):], closeAt: s.CloseAt, disputeWindow: s.DisputeWindow, tick: s.Tick,
		takerFee: s.TakerFee, makerShare: s.MakerShare, positionLimit: s.PositionLimit, collar: s.Collar, flags: s.Flags,
		version: from.Version, state: from.State, halted: from.Halted,
		createdAt: from.CreatedAt, activeAt: max(from.CreatedAt, from.ActiveAt), volume: from.Volume,
		bookCount: uint8(s.Books()), stage: m.stage,
	}
	if len(s.Outcomes) > 0 {
		outcomes := s.Outcomes
		m.outcomes = &outcomes
	}
	if from.Ending != (Ending{}) || from.PayAfter != 0 {
		*m.end() = conclusion{Ending: from.Ending, payAfter: from.PayAfter}
	}
	v.addEscrow(m, from.Escrow)
	v.addFees(m, from.Fees)
	m.firstBook, _ = v.books.add()
	for range m.bookCount - 1 {
		v.books.add()
	}
	if !v.alone {
		v.words.add(id, m)
		v.ranks.add(id, m.rankedBy())
	}
	return m
}

// touch has the market ranked anew when the record ends. It is called before what it is ranked by changes.
func (v *View) touch(id exchange.MarketID, m *market) {
	if !m.touched && !v.alone {
		m.touched = true
		v.touched = append(v.touched, touched{uint32(id), m.rankedBy()})
	}
}

// touched is a market and what the ranks know of it.
type touched struct {
	market uint32
	before rankedBy
}

func (v *View) rankTouched() {
	for _, t := range v.touched {
		m := v.markets.at(t.market)
		m.touched = false
		v.ranks.move(t.market, t.before, m.rankedBy())
	}
	v.touched = v.touched[:0]
}

// sweep forgets positions of settled markets, a bounded number with each record.
func (v *View) sweep() {
	const most = 256
	for range most {
		n := len(v.leaving)
		if n == 0 {
			return
		}
		m := v.markets.at(v.leaving[n-1])
		i := m.positions
		if i == 0 {
			v.leaving = v.leaving[:n-1]
			continue
		}
		m.positions = v.positions.at(i).next
		v.dropPosition(i)
	}
}
