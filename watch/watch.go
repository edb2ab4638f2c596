package watch

import (
	"fmt"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Room bounds what a Watch remembers. Each is a number of entries.
type Room struct {
	Markets, Accounts, Dealings, Pairs, Rings, Orders int
}

// DefaultRoom takes some 25 MB once all of it is in use.
func DefaultRoom() Room {
	return Room{Markets: 1 << 14, Accounts: 1 << 15, Dealings: 1 << 15, Pairs: 1 << 14, Rings: 1 << 12, Orders: 1 << 18}
}

// A Watch folds the events of one shard. It is for one goroutine.
type Watch struct {
	found    func(Finding)
	decoder  wire.Decoder
	markets  table[volume]
	accounts table[messages]
	dealings table[dealing]
	pairs    table[exchanged]
	rings    table[ring]
	orders   orders
}

// New returns a Watch that has seen nothing. Found is called with each finding, in the order of the events.
func New(room Room, found func(Finding)) *Watch {
	return &Watch{
		found:   found,
		markets: newTable[volume](room.Markets), accounts: newTable[messages](room.Accounts), dealings: newTable[dealing](room.Dealings),
		pairs: newTable[exchanged](room.Pairs), rings: newTable[ring](room.Rings), orders: newOrders(room.Orders),
	}
}

// Record folds the events of one journal record: count frames, the first of which has the Seq first. Frames that are damaged
// are an error; those before them were folded.
func (w *Watch) Record(now exchange.Time, first exchange.Seq, events []byte, count int) error {
	for seq := first; seq < first+exchange.Seq(count); seq++ {
		frame, rest, err := wire.Next(events)
		if err != nil {
			return fmt.Errorf("reading event %d: %w", seq, err)
		}
		if matters(wire.EventKind(frame)) {
			event, err := w.decoder.Event(frame)
			if err != nil {
				return fmt.Errorf("reading event %d: %w", seq, err)
			}
			w.Event(now, seq, event)
		}
		events = rest
	}
	return nil
}

func matters(kind exchange.EventKind) bool {
	switch kind {
	case exchange.KindOrderPlaced, exchange.KindOrderRested, exchange.KindOrderMatched, exchange.KindOrderCancelled, exchange.KindOrderExpired,
		exchange.KindOrderReduced, exchange.KindOrderAmended:
		return true
	}
	return false
}

// Event folds one event.
func (w *Watch) Event(now exchange.Time, seq exchange.Seq, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		w.placed(now, seq, e)
	case *exchange.OrderRested:
		w.rests(now, seq, e.Market, e.Outcome, e.Account, e.Order, uint32(e.Resting))
	case *exchange.OrderMatched:
		w.matched(now, seq, e)
	case *exchange.OrderCancelled:
		w.cancelled(now, seq, e)
	case *exchange.OrderExpired:
		w.left(&e.Release)
	case *exchange.OrderReduced:
		w.left(&e.Release)
	case *exchange.OrderAmended:
		w.amended(now, seq, e)
	}
}

func dealingKey(account exchange.AccountID, market exchange.MarketID, outcome exchange.Outcome) uint64 {
	return uint64(account)<<32 | uint64(market)<<8 | uint64(outcome)
}

func (w *Watch) placed(now exchange.Time, seq exchange.Seq, e *exchange.OrderPlaced) {
	v := w.markets.at(uint64(e.Market))
	if limit, out := v.ordered(now, seq, uint64(e.Quantity)); out {
		w.found(Finding{Kind: VolumeSurge, Market: e.Market, From: exchange.Time(v.minute) * minute, To: now,
			Evidence: slices.Compact([]exchange.Seq{v.from, seq})}.scored(v.sum, limit))
	}
	w.message(now, seq, e.Account)
	w.orders.add(order{id: e.Order, side: e.Side, placed: now})
	if e.Resting > 0 {
		w.rests(now, seq, e.Market, e.Outcome, e.Account, e.Order, uint32(e.Resting))
	}
}

// message counts something that an account has sent.
func (w *Watch) message(now exchange.Time, seq exchange.Seq, account exchange.AccountID) {
	m := w.accounts.at(uint64(account))
	if ratio, out := m.send(now, seq); out {
		w.found(Finding{Kind: OrderToTrade, Accounts: []exchange.AccountID{account}, From: m.start, To: now, Evidence: m.trail.list()}.
			scored(ratio, ratioLimit))
	}
}

// rests takes in that an order rests. Of one that is not known any more the side is not either.
func (w *Watch) rests(now exchange.Time, seq exchange.Seq, market exchange.MarketID, outcome exchange.Outcome, account exchange.AccountID, id exchange.OrderID, contracts uint32) {
	o := w.orders.find(id)
	if o == nil {
		return
	}
	o.rested = contracts
	w.dealings.at(dealingKey(account, market, outcome)).rest(now, seq, o.side, contracts)
}

func (w *Watch) cancelled(now exchange.Time, seq exchange.Seq, e *exchange.OrderCancelled) {
	own := e.Reason == exchange.CancelRequested || e.Reason == exchange.CancelMass
	o := w.orders.find(e.Order)
	if own {
		if o != nil {
			w.accounts.at(uint64(e.Account)).cancel(now, o.placed)
		}
		w.message(now, seq, e.Account)
	}
	if o == nil || o.rested == 0 {
		return
	}
	contracts := min(o.rested, uint32(e.Quantity))
	o.rested = 0
	d := w.dealings.at(dealingKey(e.Account, e.Market, e.Outcome))
	if !own {
		d.leave(o.side, contracts)
		return
	}
	if d.cancel(now, seq, o.side, contracts) {
		w.found(Finding{Kind: Layering, Market: e.Market, Accounts: []exchange.AccountID{e.Account}, From: d.start, To: now,
			Evidence: d.trail.list()}.scored(uint64(d.times), layerTimes))
	}
}

// left takes in contracts that left a book without their owner's doing.
func (w *Watch) left(e *exchange.Release) {
	if o := w.orders.find(e.Order); o != nil {
		contracts := min(o.rested, uint32(e.Quantity))
		o.rested -= contracts
		w.dealings.at(dealingKey(e.Account, e.Market, e.Outcome)).leave(o.side, contracts)
	}
}

func (w *Watch) amended(now exchange.Time, seq exchange.Seq, e *exchange.OrderAmended) {
	w.message(now, seq, e.Account)
	o := w.orders.find(e.Order)
	if o == nil {
		return
	}
	w.dealings.at(dealingKey(e.Account, e.Market, e.Outcome)).leave(o.side, o.rested)
	w.rests(now, seq, e.Market, e.Outcome, e.Account, e.Order, uint32(e.Resting))
}

func (w *Watch) matched(now exchange.Time, seq exchange.Seq, e *exchange.OrderMatched) {
	contracts, makerSide := uint32(e.Quantity), e.TakerSide.Opposite()
	if o := w.orders.find(e.Maker); o != nil {
		o.rested -= min(o.rested, contracts)
	}
	if e.MakerAccount == e.TakerAccount {
		w.selfTraded(now, seq, e)
		return
	}
	var volumes [2]uint32 // of the maker and the taker
	for i, half := range [...]struct {
		account exchange.AccountID
		side    exchange.Side
	}{{e.MakerAccount, makerSide}, {e.TakerAccount, e.TakerSide}} {
		m := w.accounts.at(uint64(half.account))
		m.roll(now)
		m.trades++
		d := w.dealings.at(dealingKey(half.account, e.Market, e.Outcome))
		if i == 0 {
			d.leave(makerSide, contracts)
		}
		d.trade(now, seq, half.side, contracts)
		volumes[i] = d.volume
	}
	seller, buyer := e.MakerAccount, e.TakerAccount
	if e.TakerSide == exchange.Sell {
		seller, buyer = buyer, seller
	}
	w.pair(now, seq, e, seller, buyer, volumes)
	w.ring(e.Market, e.Outcome, buyer, purchase{seq, now, seller, contracts})
}

func pairKey(market exchange.MarketID, a, b exchange.AccountID) uint64 {
	return mix(uint64(min(a, b))<<32|uint64(max(a, b))) ^ uint64(market)
}

func (w *Watch) pair(now exchange.Time, seq exchange.Seq, e *exchange.OrderMatched, seller, buyer exchange.AccountID, volumes [2]uint32) {
	direction := uint8(0)
	if buyer > seller {
		direction = 1
	}
	x := w.pairs.at(pairKey(e.Market, seller, buyer))
	if x.trade(now, seq, direction, uint32(e.Quantity), e.Price, volumes) {
		w.found(Finding{Kind: WashPair, Market: e.Market, Accounts: []exchange.AccountID{min(seller, buyer), max(seller, buyer)},
			From: x.start, To: now, Evidence: x.trail.list()}.scored(uint64(x.reversals), washReversals))
	}
}

func (w *Watch) selfTraded(now exchange.Time, seq exchange.Seq, e *exchange.OrderMatched) {
	w.dealings.at(dealingKey(e.MakerAccount, e.Market, e.Outcome)).leave(e.TakerSide.Opposite(), uint32(e.Quantity))
	x := w.pairs.at(pairKey(e.Market, e.MakerAccount, e.MakerAccount))
	if x.self(now, seq) {
		w.found(Finding{Kind: SelfTrade, Market: e.Market, Accounts: []exchange.AccountID{e.MakerAccount},
			From: x.start, To: now, Evidence: x.trail.list()}.scored(uint64(x.trades), selfTrades))
	}
}

// ring looks whether what the buyer gets from the seller is what the buyer sold to a third, and that to the seller.
func (w *Watch) ring(market exchange.MarketID, outcome exchange.Outcome, buyer exchange.AccountID, t purchase) {
	of := func(account exchange.AccountID) *purchases {
		return &w.dealings.at(dealingKey(account, market, outcome)).bought
	}
	for _, second := range of(t.from).before(t) {
		if second.from == buyer || second.from == t.from {
			continue
		}
		for _, first := range of(second.from).before(second) {
			if first.from == buyer && t.at-first.at <= ringWithin && alike(first.contracts, t.contracts) {
				w.round(market, t.at, []exchange.AccountID{buyer, second.from, t.from}, first.seq, second.seq, t.seq)
			}
		}
	}
	of(buyer).add(t)
}

// round takes in that contracts went round three accounts.
func (w *Watch) round(market exchange.MarketID, now exchange.Time, three []exchange.AccountID, seqs ...exchange.Seq) {
	slices.Sort(three)
	r := w.rings.at(mix(mix(uint64(three[0])<<32|uint64(three[1]))+uint64(three[2])) ^ uint64(market))
	if r.again(now, seqs...) {
		w.found(Finding{Kind: WashRing, Market: market, Accounts: three, From: r.start, To: now, Evidence: r.trail.list()}.
			scored(uint64(r.times), ringTimes))
	}
}
