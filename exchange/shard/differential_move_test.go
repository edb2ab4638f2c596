package shard_test

import (
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
	"github.com/hustings/hustings/exchange/part"
)

// moved folds what happens to a market on its way.
func (f *fold) moved(event exchange.Event) {
	switch e := event.(type) {
	case *exchange.MarketFrozen:
		f.market(e.Market).Move = moveState{model.Frozen, e.To, e.Move, 0}
	case *exchange.MarketThawed:
		f.market(e.Market).Move.Stage = model.Here
	case *exchange.MarketPartAdopted:
		f.adopted(e)
	case *exchange.MarketPartDropped:
		f.dropped(e)
	}
}

func (f *fold) adopted(e *exchange.MarketPartAdopted) {
	p, ok := part.Read(e.Data)
	if !ok || len(e.Slots) != 4*len(p.Orders) {
		f.fail("part %d of market %d makes no sense", e.Part, e.Market)
		return
	}
	for len(f.state.Markets) < int(e.Market) {
		f.state.Markets = append(f.state.Markets, marketState{})
	}
	m := f.market(e.Market)
	if h := p.Head; h != nil {
		*m = marketState{State: h.State, Version: h.Version, Question: h.Spec.Question, Rules: h.Spec.Rules, CloseAt: h.Spec.CloseAt,
			Fees: h.Fees, Values: slices.Clone(h.Values), PayAfter: h.PayAfter, Books: make([]bookState, len(h.Books))}
		for i, b := range h.Books {
			m.Escrow += b.Escrow
			m.Books[i].Last = b.Last
		}
		f.state.MovedIn += m.Escrow + m.Fees
		f.state.Orders = max(f.state.Orders, h.Number)
	}
	for _, x := range p.Positions {
		if a := f.admitted(x.Account); a.Deadline == 0 {
			a.Deadline = x.Deadline
		}
		*f.position(e.Market, x.Outcome, x.Account) = positionState{Account: x.Account, Yes: int64(x.Yes), No: int64(x.No), Paid: x.Paid}
	}
	for i := range p.Groups {
		f.setCopy(&p.Groups[i])
	}
	for _, x := range p.Orders {
		if x.Group != 0 && f.state.Groups[x.Group-1].Account != x.Account {
			x.Group = 0
		}
		o := &foldedOrder{market: e.Market, outcome: x.Outcome, side: x.Side, orderState: orderState{
			Number: x.ID.Number(), Account: x.Account, Price: x.Price, Quantity: int64(x.Filled + x.Remaining), Filled: int64(x.Filled),
			Open: int64(x.Remaining), Closing: int64(x.Closing), Hold: x.Hold, Version: x.Version, ExpireAt: x.ExpireAt, Flags: x.Flags,
			SelfTrade: x.SelfTrade, Group: x.Group}}
		f.orders[namedOrder{e.Market, o.Number}] = o
		f.reserve(o, o.Closing)
		f.state.MovedIn += o.Hold
		f.rest(o)
	}
	m.Move = moveState{model.Arriving, e.From, e.Move, e.Part + 1}
	if e.Last {
		m.Move.Stage, m.Move.Part = model.Here, 0
	}
}

func (f *fold) dropped(e *exchange.MarketPartDropped) {
	for len(f.state.Markets) < int(e.Market) {
		f.state.Markets = append(f.state.Markets, marketState{})
	}
	m := f.market(e.Market)
	left := e.Orders
	for i := range m.Books {
		for _, side := range []*[]orderState{&m.Books[i].Bids, &m.Books[i].Asks} {
			n := min(int(left), len(*side))
			for _, o := range (*side)[:n] {
				folded := f.orders[namedOrder{e.Market, o.Number}]
				f.reserve(folded, -folded.Closing)
				f.state.MovedOut += o.Hold
				delete(f.orders, namedOrder{e.Market, o.Number})
			}
			*side = slices.Delete(*side, 0, n)
			left -= uint32(n)
		}
	}
	if left > 0 {
		f.fail("market %d has fewer orders than were dropped", e.Market)
	}
	m.Move = moveState{model.Dropping, e.To, e.Move, 0}
	if e.Last {
		f.state.MovedOut += m.Escrow + m.Fees
		*m = marketState{Move: moveState{model.Gone, e.To, e.Move, 0}}
	}
}
