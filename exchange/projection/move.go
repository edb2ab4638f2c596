package projection

import (
	"encoding/binary"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/part"
)

// A Stage says where a market is on its way between shards.
type Stage uint8

// Stages.
const (
	StageHere     Stage = iota
	StageFrozen         // on its way to another shard
	StageArriving       // parts have come from another shard
	StageDropping       // on another shard; what is left here is being dropped
	StageGone           // on another shard
)

// Moving is what is known of a market's moves between shards.
type Moving struct {
	Stage Stage
	With  exchange.ShardID // the other shard
	Move  uint32           // number of the newest move
	Part  uint32           // arriving: the part that comes next
}

// Moving returns where a market is on its way between shards, also one that is on another shard.
func (v *View) Moving(id exchange.MarketID) Moving {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id == 0 || uint32(id) > v.lastMarket {
		return Moving{}
	}
	return v.movingOf(id)
}

func (v *View) movingOf(id exchange.MarketID) Moving { return v.moves[id] }

// setMoving sets where a market is on its way.
func (v *View) setMoving(id exchange.MarketID, m *market, moving Moving) {
	m.stage = moving.Stage
	v.moves[id] = moving
	i, listed := slices.BinarySearch(v.underWay, id)
	switch onItsWay := moving.Stage != StageHere && moving.Stage != StageGone; {
	case onItsWay && !listed:
		v.underWay = slices.Insert(v.underWay, i, id)
	case !onItsWay && listed:
		v.underWay = slices.Delete(v.underWay, i, i+1)
	}
}

// UnderWay returns the markets on their way between shards of which something is here.
func (v *View) UnderWay() []exchange.MarketID {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.Clone(v.underWay)
}

// Holds returns where a market is on its way between shards, and whether it, or what has come or is left of it, is here.
func (v *View) Holds(id exchange.MarketID) (m Moving, holds bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id == 0 || uint32(id) > v.lastMarket {
		return Moving{}, false
	}
	return v.movingOf(id), v.marketOf(id) != nil
}

func (v *View) moveEvent(event exchange.Event) *InconsistencyError {
	switch e := event.(type) {
	case *exchange.MarketFrozen:
		m := v.marketOf(e.Market)
		if m == nil || m.stage != StageHere || e.Move != v.movingOf(e.Market).Move+1 {
			return broken("it cannot be frozen now").withMarket(e.Market)
		}
		v.setMoving(e.Market, m, Moving{StageFrozen, e.To, e.Move, 0})
	case *exchange.MarketThawed:
		m := v.marketOf(e.Market)
		moving := v.movingOf(e.Market)
		if m == nil || moving.Stage != StageFrozen || e.Move != moving.Move {
			return broken("it is not frozen").withMarket(e.Market)
		}
		moving.Stage = StageHere
		v.setMoving(e.Market, m, moving)
	case *exchange.MarketPartAdopted:
		return v.partAdopted(e)
	case *exchange.MarketPartDropped:
		return v.partDropped(e)
	}
	return nil
}

func (v *View) partAdopted(e *exchange.MarketPartAdopted) *InconsistencyError {
	p, ok := part.Read(e.Data)
	if !ok || (e.Part == 0) != (p.Head != nil) || e.Market == 0 || e.Market > exchange.MaxMarkets || len(e.Slots) != 4*len(p.Orders) {
		return broken("part %d is not one of a market", e.Part).withMarket(e.Market)
	}
	m := v.marketOf(e.Market)
	if e.Part == 0 {
		if m != nil {
			return broken("another market has this id").withMarket(e.Market)
		}
		m = v.adoptHead(e, p.Head)
	}
	if m == nil || v.movingOf(e.Market) != (Moving{StageArriving, e.From, e.Move, e.Part}) {
		return broken("part %d of move %d does not come next", e.Part, e.Move).withMarket(e.Market)
	}
	for i := range p.Positions {
		x := &p.Positions[i]
		if uint8(x.Outcome) >= m.bookCount || x.Account == 0 || x.Account > exchange.MaxAccounts || v.position(x.Account, e.Market, x.Outcome) != nil {
			return broken("account %d cannot have a position in outcome %d", x.Account, x.Outcome).withMarket(e.Market)
		}
		if a := v.admitted(x.Account); a.deadMan == 0 {
			a.deadMan = x.Deadline
		}
		pos := v.makePosition(x.Account, e.Market, x.Outcome)
		v.add(v.bookAt(m, x.Outcome), pos, x.Yes, x.No)
		pos.paid = x.Paid
	}
	for i := range p.Groups {
		if fault := v.adoptGroup(&p.Groups[i]); fault != nil {
			return fault.withMarket(e.Market)
		}
	}
	for i := range p.Orders {
		if fault := v.adoptOrder(e.Market, m, &p.Orders[i], binary.LittleEndian.Uint32(e.Slots[4*i:])); fault != nil {
			return fault.withMarket(e.Market).withOrder(p.Orders[i].ID)
		}
	}
	v.adoptPast(e.Market, m, &p)
	moving := Moving{StageArriving, e.From, e.Move, e.Part + 1}
	if e.Last {
		moving.Stage, moving.Part = StageHere, 0
	}
	v.setMoving(e.Market, m, moving)
	if e.Last {
		for i := range exchange.Outcome(m.bookCount) {
			if v.bookAt(m, i).crossed() {
				return broken("the book of outcome %d is crossed", i).withMarket(e.Market)
			}
		}
	}
	return nil
}

func (v *View) adoptHead(e *exchange.MarketPartAdopted, h *part.Head) *market {
	from := Market{ID: e.Market, Spec: h.Spec, State: h.State, Version: h.Version, PayAfter: h.PayAfter, Fees: h.Fees,
		Ending: Ending{Source: h.Source, Evidence: h.Evidence}, CreatedAt: v.now}
	if len(h.Books) != h.Spec.Books() || len(h.Books) > exchange.MaxOutcomes {
		return nil
	}
	for _, b := range h.Books {
		from.Escrow += b.Escrow
	}
	m := v.addMarket(&from)
	v.setMoving(e.Market, m, Moving{StageArriving, e.From, e.Move, 0})
	for i, b := range h.Books {
		to := v.bookAt(m, exchange.Outcome(i))
		if to.last = b.Last; len(h.Values) > i {
			to.value = h.Values[i]
		}
	}
	v.total.MovedIn += from.Escrow + from.Fees
	v.lastOrder = max(v.lastOrder, h.Number)
	return m
}

// admitted returns an account, which exists from now on.
func (v *View) admitted(id exchange.AccountID) *account {
	if v.accountOf(id) == nil {
		v.addAccount(&Account{ID: id, Version: 1, MaxOpenOrders: DefaultMaxOpenOrders})
	}
	return v.accountOf(id)
}

// adoptGroup takes in what the shard that a market comes from knows of a group.
func (v *View) adoptGroup(t *exchange.GroupTerms) *InconsistencyError {
	if v.alone {
		return nil
	}
	a := v.accountOf(t.Account)
	if a == nil {
		return noAccount(t.Account)
	}
	return v.setCopy(a, t)
}

func (v *View) adoptOrder(id exchange.MarketID, m *market, x *part.Order, slot uint32) *InconsistencyError {
	if uint8(x.Outcome) >= m.bookCount || x.Side > exchange.Sell || x.Price < exchange.MinPrice || x.Price > exchange.MaxPrice || slot == 0 || slot > exchange.MaxOpenOrders {
		return broken("it is not one of this market")
	}
	o := v.orders.make(slot)
	if x.Account == 0 || x.Account > exchange.MaxAccounts || o.id != 0 || v.openOrder(id, x.ID) != nil {
		return broken("there is no such account, or its slot or id is taken")
	}
	group := x.Group
	if group != 0 && !v.alone && v.groupOf(group, x.Account) == nil {
		if v.group(group) == nil {
			return broken("its group %d is not known", group)
		}
		group = 0 // it is somebody else's here
	}
	a := v.admitted(x.Account)
	p := v.makePosition(x.Account, id, x.Outcome) // one without contracts is not there where the View was made from a state
	*o = order{id: x.ID, account: x.Account, market: id, group: group, outcome: x.Outcome, side: x.Side, price: x.Price, selfTrade: x.SelfTrade,
		flags: x.Flags, filled: x.Filled, remaining: x.Remaining, closing: x.Closing, expireAt: x.ExpireAt, version: x.Version}
	if x.ExpireAt != 0 {
		o.timeInForce = exchange.GoodTillTime
	}
	v.foreign.note(o, slot)
	v.enlist(a, m, o)
	v.enqueue(v.bookAt(m, x.Outcome), o, x.Remaining)
	p.addReserved(o.side, o.closing)
	v.total.MovedIn += x.Hold
	if fault := v.hold(a, o, x.Hold); fault != nil {
		return fault
	}
	return o.check()
}

func (v *View) partDropped(e *exchange.MarketPartDropped) *InconsistencyError {
	m := v.marketOf(e.Market)
	if m == nil { // it was given up before anything came
		if e.Orders > 0 || !e.Last || e.Market == 0 || e.Market > exchange.MaxMarkets {
			return broken("there is no such market").withMarket(e.Market)
		}
		v.placeFor(e.Market)
		v.setMoving(e.Market, v.markets.at(uint32(e.Market)), Moving{StageGone, e.To, e.Move, 0})
		return nil
	}
	moving := v.movingOf(e.Market)
	if moving.Stage == StageHere || moving.Move != e.Move {
		return broken("it is not on its way").withMarket(e.Market)
	}
	v.setMoving(e.Market, m, Moving{StageDropping, e.To, e.Move, 0})
	for range e.Orders {
		o, b := v.firstOrder(m)
		if o == nil {
			return broken("it has fewer orders than were dropped").withMarket(e.Market)
		}
		v.dropOrder(m, b, o)
	}
	if e.Last {
		return v.dropMoved(e.Market, m)
	}
	return nil
}

// firstOrder returns the first order of a market by book, side and priority, or nil.
func (v *View) firstOrder(m *market) (*order, *book) {
	for i := range exchange.Outcome(m.bookCount) {
		b := v.bookAt(m, i)
		for side := range exchange.Side(2) {
			if b.sides == nil {
				continue
			}
			if _, lv := b.sides[side].best(); lv != nil {
				return v.orders.at(lv.head), b
			}
		}
	}
	return nil, nil
}

// dropOrder takes an order out of everything: it is on another shard.
func (v *View) dropOrder(m *market, b *book, o *order) {
	a := v.accountOf(o.account)
	if p := v.position(o.account, o.market, o.outcome); p != nil {
		p.addReserved(o.side, -o.closing)
	}
	v.shrink(b, o, o.remaining, true)
	a.held -= o.hold
	v.total.Held -= o.hold
	v.total.MovedOut += o.hold
	v.remove(a, m, o)
}

// dropMoved leaves of a market where it is.
func (v *View) dropMoved(id exchange.MarketID, m *market) *InconsistencyError {
	if m.openOrders > 0 {
		return broken("%d of its orders are left", m.openOrders).withMarket(id)
	}
	for i := m.positions; i != 0; {
		p := v.positions.at(i)
		next := p.next
		if !p.flat() {
			v.total.Positions--
		}
		a := v.accounts.at(uint32(p.account))
		realised := a.realised
		v.dropPosition(i)
		a.realised = realised
		i = next
	}
	v.total.Escrow -= m.escrow
	v.total.MarketFees -= m.fees
	v.total.MovedOut += m.escrow + m.fees
	v.total.Markets--
	if !v.alone {
		v.words.remove(uint32(id), m)
		v.untouch(id, m)
		v.ranks.remove(uint32(id), m.rankedBy())
	}
	for i := range uint32(m.bookCount) {
		*v.books.at(m.firstBook + i) = book{}
	}
	*m = market{}
	moving := v.movingOf(id)
	moving.Stage = StageGone
	v.setMoving(id, m, moving)
	return nil
}

// untouch takes a market out of those to be ranked anew, and ranks it as it is.
func (v *View) untouch(id exchange.MarketID, m *market) {
	for i, t := range v.touched {
		if t.market == uint32(id) {
			v.ranks.move(t.market, t.before, m.rankedBy())
			v.touched = append(v.touched[:i], v.touched[i+1:]...)
			m.touched = false
			return
		}
	}
}

// placeFor makes room for the record of a market.
func (v *View) placeFor(id exchange.MarketID) {
	for ; !v.alone && v.lastMarket < uint32(id); v.lastMarket++ {
		v.markets.make(v.lastMarket + 1)
	}
	v.lastMarket = max(v.lastMarket, uint32(id))
	v.markets.make(uint32(id))
}

// SetMoving sets where a market is on its way between shards; one that is on another shard was not added.
func (b *Builder) SetMoving(id exchange.MarketID, moving Moving) {
	b.v.placeFor(id)
	if moving != (Moving{}) {
		b.v.setMoving(id, b.v.markets.at(uint32(id)), moving)
	}
}

// SetMoved sets everything that ever came and left with markets.
func (b *Builder) SetMoved(in, out exchange.Money) { b.v.total.MovedIn, b.v.total.MovedOut = in, out }
