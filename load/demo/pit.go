package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// pit is one market from its opening to its settlement. One goroutine trades in it for everybody.
type pit struct {
	*run
	event     int
	question  string
	outcomes  []string // whose books are traded: of a binary market that of Yes alone
	market    api.ID
	belief    *belief
	public    []float64 // what the makers think: they hear of news a little later
	random    *rand.Rand
	makersDue int               // makers who come before anybody else does: at first, and after the informed were there
	visits    int               // of makers, who come in turn
	resting   []api.BatchCancel // orders of the crowd that may rest in the book, the oldest first
	owners    []*trader         // of these
	interval  time.Duration     // between two orders, on the clock
	share     float64           // of the market's time that passes with an order
	due       time.Time         // of the next act
}

// interest is what all events draw together, for as many as are open.
func (r *run) interval(e *event) time.Duration {
	sum := 0.0
	for _, e := range catalogue {
		sum += e.interest
	}
	all := sum / float64(len(catalogue)) * float64(r.config.Markets)
	return time.Duration(float64(time.Second) * all / (r.config.Rate * e.interest))
}

func (r *run) newPit(event, number int, market api.ID, b *belief) *pit {
	e := &catalogue[event]
	p := &pit{run: r, event: event, question: e.name(number), outcomes: e.outcomes, market: market, belief: b, public: b.chances(), random: b.random,
		interval: r.interval(e), due: time.Now(), makersDue: makers}
	if e.outcomes == nil {
		p.outcomes = []string{api.Yes}
	}
	p.share = p.interval.Seconds() * r.config.Speed / e.lasts.Seconds()
	return p
}

// trade acts until the market's time is over.
func (p *pit) trade(ctx context.Context) error {
	for p.belief.left > leftLeast {
		err := p.act(ctx, p.whoseTurn())
		if client.Code(err) == "market_not_open" {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// whoseTurn chooses who acts next.
func (p *pit) whoseTurn() func(context.Context) (orders int, err error) {
	if p.makersDue > 0 {
		p.makersDue--
		return p.quote
	}
	switch x := p.random.Float64(); {
	case x < 0.12:
		return p.exploit
	case x < 0.55:
		return p.wander
	}
	return p.quote
}

// act lets somebody work, and time pass as the orders it took say.
func (p *pit) act(ctx context.Context, work func(context.Context) (orders int, err error)) error {
	orders, err := work(ctx)
	if err != nil {
		return err
	}
	orders = max(orders, 1)
	if p.belief.pass(p.share*float64(orders)) >= 0 {
		p.say("news      %s", p.question)
	}
	return p.wait(ctx, orders)
}

// wait keeps the pace. What could not be kept up with is not made up for.
func (p *pit) wait(ctx context.Context, orders int) error {
	if p.config.Hurry {
		return ctx.Err()
	}
	const late = time.Second
	p.due = p.due.Add(time.Duration(orders) * p.interval)
	if behind := time.Now().Add(-late); p.due.Before(behind) {
		p.due = behind
	}
	select {
	case <-time.After(time.Until(p.due)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// send sends a batch for a trader and returns what was placed, nil for what was refused.
func (p *pit) send(ctx context.Context, t *trader, b api.Batch) ([]*api.OrderAnswer, error) {
	if len(b.Cancels)+len(b.Orders) == 0 {
		return nil, nil
	}
	a, err := t.Batch(ctx, "", b)
	if err != nil {
		return nil, fmt.Errorf("orders of %s: %w", t.name, err)
	}
	for _, c := range a.Cancels {
		if c.Refused != nil {
			p.tally.refused(c.Refused.Code)
		}
	}
	placed, over := make([]*api.OrderAnswer, len(a.Orders)), 0
	for i, o := range a.Orders {
		if o.Refused != nil {
			p.tally.refused(o.Refused.Code)
			if o.Refused.Code == "market_not_open" {
				over++
			}
			continue
		}
		p.tally.placed(o.Placed)
		placed[i] = o.Placed
	}
	if over > 0 {
		return nil, &client.Error{Problem: api.Problem{Code: "market_not_open"}}
	}
	return placed, nil
}

// settle says what happened, and waits until everybody is paid.
func (p *pit) settle(ctx context.Context) error {
	e := &catalogue[p.event]
	won := p.belief.winner()
	r := api.ResolveMarket{Source: e.source, Evidence: "As published at the end of the event."}
	for i := range p.outcomes {
		value := api.Price(0)
		if i == won {
			value = one
		}
		r.Values = append(r.Values, value)
	}
	if _, err := p.config.Admin.ResolveMarket(ctx, p.market, 0, r); err != nil {
		return fmt.Errorf("resolving market %s: %w", p.market, err)
	}
	name := "No"
	switch {
	case e.outcomes != nil:
		name = e.outcomes[won]
	case won == 0:
		name = "Yes"
	}
	p.tally.do(func(t *Tally) { t.Resolved++ })
	p.say("resolved  %s %s", p.question, name)
	return p.awaitSettled(ctx)
}

func (p *pit) awaitSettled(ctx context.Context) error {
	const every, most = 20 * time.Millisecond, 30 * time.Second
	for deadline := time.Now().Add(most); time.Now().Before(deadline); {
		m, err := p.config.Admin.Fresh().OperatorMarket(ctx, p.market)
		if err != nil {
			return fmt.Errorf("watching market %s settle: %w", p.market, err)
		}
		if m.Status == "settled" {
			return nil
		}
		select {
		case <-time.After(every):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("a market that is resolved is not settled after half a minute")
}

func openMarkets() url.Values { return url.Values{"status": {"open"}} }
