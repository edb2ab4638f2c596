package main

import (
	"context"
	"errors"
	"math"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/audit"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// fromFiles reads the journal of an exchange that does not run, and answers in the API's shapes.
func (f *atFlags) fromFiles(context.Context) (*instant, error) {
	if f.market > math.MaxUint32 {
		return nil, audit.ErrNoMarket
	}
	id := exchange.MarketID(f.market)
	found, err := f.find(id)
	if err != nil {
		return nil, err
	}
	m, _ := found.View.Market(id)
	then := &instant{Question: m.Spec.Question, Positions: []api.Position{}}
	then.MarketAt = api.MarketAt{Market: f.market, Time: f.at, Seq: api.ID(found.Seq), Status: m.State.String()}
	for i := range m.Books {
		d, _ := found.View.Depth(id, exchange.Outcome(i), f.depth)
		then.addBook(&m, i, &d)
	}
	for _, p := range found.View.Holders(id) {
		then.addPosition(&m, &p)
	}
	then.HasPositions = true
	if found.Cut != nil {
		then.Notes = append(then.Notes, "the journal is read up to where it is whole: "+found.Cut.Error())
	}
	if exchange.Time(f.at) > found.End {
		then.Notes = append(then.Notes, "the journal ends at "+api.Time(found.End).String())
	}
	return then, nil
}

// find looks for the shard that the market was on then.
func (f *atFlags) find(id exchange.MarketID) (found *audit.Instant, err error) {
	all, err := f.shards()
	if err != nil {
		return nil, err
	}
	var missing []error
	for _, s := range all {
		found, err := audit.At(s.dir, id, exchange.Time(f.at), audit.Options{Shard: s.id})
		switch {
		case err == nil:
			return found, nil
		case !errors.Is(err, audit.ErrNoMarket) && !errors.Is(err, audit.ErrBefore):
			return nil, err
		}
		missing = append(missing, err)
	}
	return nil, missing[0]
}

// addBook adds a book; the one of a binary market from both sides.
func (n *instant) addBook(m *projection.Market, i int, d *projection.Depth) {
	b := &m.Books[i]
	yes := api.OutcomeInfo{Outcome: api.Yes, BestBid: api.Price(b.Bid), BestAsk: api.Price(b.Ask), LastPrice: api.Price(b.Last),
		DayOpenPrice: api.Price(b.DayBefore), Volume: b.Volume, DayVolume: b.DayVolume, OpenInterest: b.Yes}
	bids, asks := levels(d.Bids, asIs), levels(d.Asks, asIs)
	if m.Spec.Outcomes != nil {
		yes.Outcome = m.Spec.Outcomes[i]
	}
	n.Outcomes = append(n.Outcomes, yes)
	n.Books = append(n.Books, api.Book{Outcome: yes.Outcome, Bids: bids, Asks: asks})
	if m.Spec.Outcomes != nil {
		return
	}
	no := yes
	no.Outcome = api.No
	no.BestBid, no.BestAsk = api.Price(complement(b.Ask)), api.Price(complement(b.Bid))
	no.LastPrice, no.DayOpenPrice = api.Price(complement(b.Last)), api.Price(complement(b.DayBefore))
	n.Outcomes = append(n.Outcomes, no)
	n.Books = append(n.Books, api.Book{Outcome: api.No, Bids: levels(d.Asks, complement), Asks: levels(d.Bids, complement)})
}

func asIs(p exchange.Price) exchange.Price { return p }

// complement is the price of the other contract; where there is none it stays that way.
func complement(p exchange.Price) exchange.Price {
	if p == 0 {
		return 0
	}
	return p.Complement()
}

func levels(from []projection.Level, price func(exchange.Price) exchange.Price) []api.Level {
	out := make([]api.Level, len(from))
	for i, l := range from {
		out[i] = api.Level{Price: api.Price(price(l.Price)), Quantity: l.Quantity, Orders: l.Orders}
	}
	return out
}

// addPosition adds what there is of a position's two contracts.
func (n *instant) addPosition(m *projection.Market, p *projection.Position) {
	mark := m.Books[p.Outcome].Last
	if m.State == exchange.StateResolved {
		mark = m.Books[p.Outcome].Value
	}
	add := func(contract string, quantity, reserved exchange.Quantity, cost exchange.Money, mark exchange.Price) {
		if quantity == 0 {
			return
		}
		row := api.Position{Account: api.ID(p.Account), Market: n.Market, Outcome: contract, Quantity: uint32(quantity),
			Reserved: uint32(reserved), Cost: api.Money(cost), MarkPrice: api.Price(mark), Value: api.Money(exchange.Cost(mark, quantity))}
		if m.Spec.Outcomes != nil {
			row.Outcome, row.Contract = m.Spec.Outcomes[p.Outcome], contract
		}
		n.Positions = append(n.Positions, row)
	}
	add(api.Yes, p.Yes, p.ReservedYes, p.YesCost, mark)
	add(api.No, p.No, p.ReservedNo, p.NoCost, mark.Complement())
}
