package lobster

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/load/floor"
	"github.com/hustings/hustings/load/naive"
)

// Trade is a match as the exchange tells it.
type Trade struct {
	Seq      api.ID
	Maker    api.ID
	Taker    api.ID
	Quantity uint32
	Price    api.Price
}

// Audit is what was read back from an exchange after a drive.
type Audit struct {
	Trades    []Trade // by seq, from the fills of all accounts
	Fees      api.Money
	Conserved bool // what the accounts have and paid, and what their contracts hold, is what they were given
	Balanced  bool // as many Yes as No contracts, and as many as the market says
	Matched   bool // each fill has its other half, and the fills are those that the answers to the orders told of
	Problems  Problems
}

// Audit reads back, through the API, what every account has, and whether it adds up.
func (o *Outcome) Audit(ctx context.Context) (*Audit, error) {
	a := &Audit{Conserved: true, Balanced: true, Matched: true}
	if err := a.fills(ctx, o); err != nil {
		return nil, err
	}
	if err := a.money(ctx, o); err != nil {
		return nil, err
	}
	return a, nil
}

// fills joins the halves of each trade.
func (a *Audit) fills(ctx context.Context, o *Outcome) error {
	halves := make(map[api.ID]*Trade)
	filled := make(map[api.ID]uint32)
	for _, t := range o.Traders {
		err := eachFill(ctx, t, o, func(f api.Fill) {
			a.Fees += f.Fee
			trade := halves[f.Seq]
			if trade == nil {
				trade = &Trade{Seq: f.Seq, Quantity: f.Quantity, Price: f.Price}
				halves[f.Seq] = trade
			}
			half := &trade.Maker
			if f.Role == "taker" {
				half = &trade.Taker
				filled[f.Order] += f.Quantity
			}
			if *half != 0 || trade.Quantity != f.Quantity || trade.Price != f.Price {
				a.unmatched("the trade at seq %s has a fill that does not fit: %+v", f.Seq, f)
			}
			*half = f.Order
		})
		if err != nil {
			return err
		}
	}
	for _, t := range halves {
		if t.Maker == 0 || t.Taker == 0 {
			a.unmatched("the trade at seq %s has one fill only", t.Seq)
		}
		a.Trades = append(a.Trades, *t)
	}
	slices.SortFunc(a.Trades, func(x, y Trade) int { return cmp.Compare(x.Seq, y.Seq) })
	for number, order := range o.Orders {
		if order != 0 && filled[order] != o.Filled[number] {
			a.unmatched("order %s was answered with %d filled contracts, its fills add up to %d", order, o.Filled[number], filled[order])
		}
	}
	return nil
}

func (a *Audit) unmatched(format string, args ...any) {
	a.Matched = false
	a.Problems.add(format, args...)
}

func eachFill(ctx context.Context, t floor.Trader, o *Outcome, visit func(api.Fill)) error {
	query := url.Values{"market": {o.Market.String()}, api.ParamSeq: {o.Last.String()}}
	for f, err := range t.EachFill(ctx, query) {
		if err != nil {
			return fmt.Errorf("reading the fills of account %s: %w", t.Account, err)
		}
		visit(f)
	}
	return nil
}

// money adds up accounts and positions.
func (a *Audit) money(ctx context.Context, o *Outcome) error {
	var have api.Money
	var yes, no uint64
	for _, t := range o.Traders {
		p, err := t.Portfolio(ctx, o.Last)
		if err != nil {
			return fmt.Errorf("reading the portfolio of account %s: %w", t.Account, err)
		}
		have += p.Cash + p.Held
		for _, position := range p.Positions {
			if position.Outcome == api.Yes {
				yes += uint64(position.Quantity)
			} else {
				no += uint64(position.Quantity)
			}
		}
	}
	m, err := o.Traders[Maker].Market(ctx, o.Market, o.Last)
	if err != nil {
		return fmt.Errorf("reading the market: %w", err)
	}
	pairs := m.Outcomes[0].OpenInterest
	if yes != no || yes != pairs {
		a.Balanced = false
		a.Problems.add("accounts hold %d Yes and %d No contracts, the market counts %d pairs", yes, no, pairs)
	}
	escrow := api.Money(pairs) * api.Money(exchange.One)
	if given := funds * api.Money(len(o.Traders)); have+escrow+a.Fees != given {
		a.Conserved = false
		a.Problems.add("accounts have %s, escrow %s, fees %s; they were given %s", have, escrow, a.Fees, given)
	}
	return nil
}

// ByOrder returns the trades of each order that took, by its number in the plan.
func (o *Outcome) ByOrder(trades []Trade) [][]naive.Trade {
	numbers := make(map[api.ID]uint32, len(o.Orders))
	for number, order := range o.Orders {
		if order != 0 {
			numbers[order] = uint32(number)
		}
	}
	all := make([][]naive.Trade, len(o.Orders))
	for _, t := range trades {
		taker := numbers[t.Taker]
		all[taker] = append(all[taker], naive.Trade{Maker: numbers[t.Maker], Quantity: t.Quantity, Tick: uint16(t.Price)})
	}
	return all
}
