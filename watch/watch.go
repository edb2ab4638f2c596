package watch

import (
	"fmt"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Room bounds what a Watch remembers. Each is a number of entries; Orders are for each shard.
type Room struct {
	Markets, Accounts, Dealings, Pairs, Tallies, Orders int
}

// DefaultRoom takes some 25 MB once all of it is in use, and 4 MB more for each further shard.
func DefaultRoom() Room {
	return Room{Markets: 1 << 14, Accounts: 1 << 15, Dealings: 1 << 15, Pairs: 1 << 14, Tallies: 1 << 13, Orders: 1 << 18}
}

// A Watch folds the events of the shards of an exchange. It is for one goroutine.
type Watch struct {
	found    func(Finding)
	decoder  wire.Decoder
	markets  table[volume]
	accounts table[account]
	dealings table[dealing]
	pairs    table[exchanged]
	tallies  table[tally]
	orders   orders
	trades   uint32 // seen, modulo 2³²
}

// New returns a Watch that has seen nothing. Found is called with each finding, in the order of the events.
func New(room Room, found func(Finding)) *Watch {
	return &Watch{
		found:   found,
		markets: newTable[volume](room.Markets), accounts: newTable[account](room.Accounts), dealings: newTable[dealing](room.Dealings),
		pairs: newTable[exchanged](room.Pairs), tallies: newTable[tally](room.Tallies), orders: newOrders(room.Orders),
	}
}

// Record folds the events of one record. Frames that are damaged are an error; those before them were folded.
func (w *Watch) Record(r *Record) error {
	events := r.Events
	for seq := r.First; seq < r.First+exchange.Seq(r.Count); seq++ {
		frame, rest, err := wire.Next(events)
		if err != nil {
			return fmt.Errorf("reading event %d: %w", seq, err)
		}
		if matters(wire.EventKind(frame)) {
			event, err := w.decoder.Event(frame)
			if err != nil {
				return fmt.Errorf("reading event %d: %w", seq, err)
			}
			w.Event(r.Shard, r.Time, seq, event)
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

// Event folds one event of a shard. One of neither side, which no shard writes but bytes can say, tells nothing.
func (w *Watch) Event(shard exchange.ShardID, now exchange.Time, seq exchange.Seq, event exchange.Event) {
	at := moment{now, Evidence{Seq: seq, Shard: shard}}
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		if at.Market = e.Market; e.Side <= exchange.Sell {
			w.placed(at, e)
		}
	case *exchange.OrderRested:
		at.Market = e.Market
		w.rests(at, e.Outcome, e.Account, e.Order, uint32(e.Resting))
	case *exchange.OrderMatched:
		if at.Market = e.Market; e.TakerSide <= exchange.Sell {
			w.matched(at, e)
		}
	case *exchange.OrderCancelled:
		at.Market = e.Market
		w.cancelled(at, e)
	case *exchange.OrderExpired:
		at.Market = e.Market
		w.left(at, &e.Release)
	case *exchange.OrderReduced:
		at.Market = e.Market
		w.left(at, &e.Release)
	case *exchange.OrderAmended:
		at.Market = e.Market
		w.amended(at, e)
	}
}

func (w *Watch) dealing(account exchange.AccountID, market exchange.MarketID, outcome exchange.Outcome) *dealing {
	return w.dealings.at(dealingKey(account, market, outcome))
}

func dealingKey(account exchange.AccountID, market exchange.MarketID, outcome exchange.Outcome) uint64 {
	return uint64(account)<<32 | uint64(market)<<8 | uint64(outcome)
}

func (w *Watch) placed(at moment, e *exchange.OrderPlaced) {
	v := w.markets.at(uint64(e.Market))
	if limit, out := v.ordered(at, uint64(e.Quantity)); out {
		w.tell(VolumeSurge, at, exchange.Time(v.minute)*minute, slices.Compact([]Evidence{v.from, at.Evidence}), v.sum, limit)
	}
	w.message(at, w.accounts.at(uint64(e.Account)), e.Account)
	w.orders.add(at, e.Order, e.Side, uint32(e.Resting))
	if e.Resting > 0 {
		w.dealing(e.Account, e.Market, e.Outcome).rest(at, e.Side, uint32(e.Resting))
	}
}

// message counts something that an account has sent.
func (w *Watch) message(at moment, a *account, id exchange.AccountID) {
	if ratio, out := a.send(at); out {
		w.tell(OrderToTrade, at, a.start, a.trail.list(), ratio, ratioLimit, id)
	}
}

// rests takes in that an order rests. Of one that is not known any more the side is not either.
func (w *Watch) rests(at moment, outcome exchange.Outcome, account exchange.AccountID, id exchange.OrderID, contracts uint32) {
	o := w.orders.find(at, id)
	if o == nil {
		return
	}
	o.rest(contracts)
	w.dealing(account, at.Market, outcome).rest(at, o.side(), contracts)
}

func (w *Watch) cancelled(at moment, e *exchange.OrderCancelled) {
	own := e.Reason == exchange.CancelRequested || e.Reason == exchange.CancelMass
	o := w.orders.find(at, e.Order)
	if own {
		a := w.accounts.at(uint64(e.Account))
		if o != nil {
			a.cancel(at.now, o.age(at.now) < fleetingLife)
		}
		w.message(at, a, e.Account)
	}
	if o == nil || o.rested() == 0 {
		return
	}
	contracts, side := min(o.rested(), uint32(e.Quantity)), o.side()
	o.rest(0)
	d := w.dealing(e.Account, e.Market, e.Outcome)
	if !own {
		d.leave(side, contracts)
		return
	}
	if d.cancel(at.now, side, contracts) {
		w.count(Layering, at, d.placed[side], layerTimes, []Evidence{d.shown[side], d.mark.Evidence, at.Evidence}, e.Account)
	}
}

// count takes in that accounts did something once more, by these events, and tells of it if that was too often within an hour.
func (w *Watch) count(kind Kind, at moment, begun exchange.Time, limit uint32, events []Evidence, accounts ...exchange.AccountID) {
	t := w.tallies.at(tallyKey(kind, accounts...))
	t.add(at.now, begun, events...)
	if t.times >= limit && !t.told {
		t.told = true
		w.tell(kind, at, t.start, t.trail.list(), uint64(t.times), uint64(limit), accounts...)
	}
}

func tallyKey(kind Kind, accounts ...exchange.AccountID) uint64 {
	key := mix(uint64(kind) + 1)
	for _, a := range accounts {
		key = mix(key + uint64(a))
	}
	return key
}

// left takes in contracts that left a book without their owner's doing.
func (w *Watch) left(at moment, e *exchange.Release) {
	if o := w.orders.find(at, e.Order); o != nil {
		contracts := min(o.rested(), uint32(e.Quantity))
		o.rest(o.rested() - contracts)
		w.dealing(e.Account, e.Market, e.Outcome).leave(o.side(), contracts)
	}
}

func (w *Watch) amended(at moment, e *exchange.OrderAmended) {
	w.message(at, w.accounts.at(uint64(e.Account)), e.Account)
	o := w.orders.find(at, e.Order)
	if o == nil {
		return
	}
	d := w.dealing(e.Account, e.Market, e.Outcome)
	d.leave(o.side(), o.rested())
	o.rest(uint32(e.Resting))
	d.rest(at, o.side(), o.rested())
}

func (w *Watch) matched(at moment, e *exchange.OrderMatched) {
	contracts, makerSide := uint32(e.Quantity), e.TakerSide.Opposite()
	if o := w.orders.find(at, e.Maker); o != nil {
		o.rest(o.rested() - min(o.rested(), contracts))
	}
	if e.MakerAccount == e.TakerAccount {
		w.dealing(e.MakerAccount, e.Market, e.Outcome).leave(makerSide, contracts)
		w.count(SelfTrade, at, at.now, selfTrades, []Evidence{at.Evidence}, e.MakerAccount)
		return
	}
	var here, everywhere [2]uint32 // what the maker and the taker have traded
	for i, half := range [...]struct {
		account exchange.AccountID
		side    exchange.Side
	}{{e.MakerAccount, makerSide}, {e.TakerAccount, e.TakerSide}} {
		a := w.accounts.at(uint64(half.account))
		a.roll(at.now)
		a.trades++
		everywhere[i] = a.traded.add(at.now, contracts)
		d := w.dealing(half.account, e.Market, e.Outcome)
		if i == 0 {
			d.leave(makerSide, contracts)
		}
		d.trade(at, half.side, contracts)
		here[i] = d.all.add(at.now, contracts)
	}
	seller, buyer := e.MakerAccount, e.TakerAccount
	if e.TakerSide == exchange.Sell {
		seller, buyer = buyer, seller
	}
	w.pair(handedOver{moment: at, contracts: contracts, price: e.Price, up: buyer > seller}, seller, buyer, here, everywhere)
	w.trades++
	w.ring(at, e.Outcome, buyer, purchase{at.Seq, at.now, w.trades, seller, contracts, at.Shard})
}

// pair takes in a trade of two accounts. What they trade to and fro is looked at in the market, and in all markets together; it is
// told once in an hour.
func (w *Watch) pair(t handedOver, seller, buyer exchange.AccountID, here, everywhere [2]uint32) {
	first, second := min(seller, buyer), max(seller, buyer)
	x := w.pairs.at(mix(uint64(first)<<32|uint64(second)) ^ uint64(t.Market))
	undone, undoes := x.trade(t)
	if !undoes {
		return
	}
	all := w.tallies.at(tallyKey(WashPair, first, second))
	if undone.undoes {
		all.add(t.now, undone.now, t.Evidence)
	} else {
		all.add(t.now, undone.now, undone.Evidence, t.Evidence)
		all.contracts += undone.contracts
	}
	all.contracts += t.contracts
	if all.told || !x.out(here) && (all.times < washReversals || !shared(all.contracts, everywhere)) {
		return
	}
	all.told = true
	w.tell(WashPair, t.moment, all.start, all.trail.list(), uint64(max(x.reversals, all.times)), washReversals, first, second)
}

// ring looks whether what the buyer gets in a trade is what the buyer sold to a third, and that to the seller. No trade is part of
// two rounds: where many trade at once, a few of their trades make up many rounds by chance.
func (w *Watch) ring(at moment, outcome exchange.Outcome, buyer exchange.AccountID, t purchase) {
	bought := func(account exchange.AccountID) []purchase {
		if d := w.dealings.find(dealingKey(account, at.Market, outcome)); d != nil {
			return d.bought.last[:]
		}
		return nil
	}
	seconds := bought(t.from)
	for i := range seconds {
		second := &seconds[i]
		if !second.before(&t) || second.from == buyer || second.from == t.from {
			continue
		}
		firsts := bought(second.from)
		for k := range firsts {
			first := &firsts[k]
			if first.from == buyer && t.at-first.at <= ringWithin && first.before(second) && alike(first.contracts, t.contracts) {
				three := []exchange.AccountID{buyer, second.from, t.from}
				slices.Sort(three)
				w.count(WashRing, at, first.at, ringTimes, []Evidence{first.evidence(at.Market), second.evidence(at.Market), at.Evidence}, three...)
				*first, *second = purchase{}, purchase{}
				return
			}
		}
	}
	w.dealing(buyer, at.Market, outcome).bought.add(t)
}
