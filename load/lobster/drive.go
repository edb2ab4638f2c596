package lobster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/load/floor"
	"github.com/hustings/hustings/load/naive"
)

// Config says how a recording is driven.
type Config struct {
	Floor    *floor.Floor
	Speed    float64 // recorded seconds in a second; 0: as fast as the exchange answers
	Hurry    bool    // send the requests of that speed, but do not wait until they are due
	Tag      string  // appended to the names of the accounts, so that one exchange can take a recording twice
	Progress func(Progress)
}

// Progress tells how far a drive is.
type Progress struct{ Requests, Of int }

// Terms of the market. Fees are not 0, so that they have to add up as well.
const (
	takerFee   api.Rate  = 200
	makerShare api.Rate  = 2_500
	funds      api.Money = api.Money(exchange.MaxAmount)
)

// batchTime is how long steps may be held back at a limited speed to go in one request.
const batchTime = time.Millisecond

// Outcome is what an exchange answered to a plan, before anything was read back.
type Outcome struct {
	Market   api.ID
	Traders  []floor.Trader
	Requests int
	Took     time.Duration
	Orders   []api.ID // by number; 0: refused or never sent
	Filled   []uint32 // by number: contracts that the answer to the order itself reported
	Last     api.ID   // the greatest seq of an answer
	Problems Problems
}

// Problems is what was not as it should be: all are counted, the first ones are told.
type Problems struct {
	Count int
	Texts []string
}

const mostTold = 20

func (p *Problems) add(format string, args ...any) {
	p.Count++
	if len(p.Texts) < mostTold {
		p.Texts = append(p.Texts, fmt.Sprintf(format, args...))
	}
}

// Drive opens a market and accounts and sends the steps of the plan in order, one request after the other. Its error
// means that the drive could not be ended; what an exchange answered wrongly is among the outcome's problems.
func (p *Plan) Drive(ctx context.Context, messages []Message, c Config) (*Outcome, error) {
	d := driver{Config: c, Outcome: &Outcome{Orders: make([]api.ID, p.Orders+1), Filled: make([]uint32, p.Orders+1)}}
	if err := d.open(ctx, p.Accounts); err != nil {
		return nil, err
	}
	window := time.Duration(0)
	if c.Speed > 0 {
		window = max(1, time.Duration(float64(batchTime)*c.Speed))
	}
	requests := p.requests(messages, window)
	start := time.Now()
	for i := range requests {
		r := &requests[i]
		if err := d.pause(ctx, start, r.due-requests[0].due); err != nil {
			return nil, err
		}
		if err := d.send(ctx, i, r); err != nil {
			return nil, fmt.Errorf("request %d of %d: %w", i+1, len(requests), err)
		}
		if c.Progress != nil {
			c.Progress(Progress{i + 1, len(requests)})
		}
	}
	d.Requests, d.Took = len(requests), time.Since(start)
	return d.Outcome, nil
}

type driver struct {
	Config
	*Outcome
}

func (d *driver) open(ctx context.Context, accounts int) (err error) {
	fee, share := takerFee, makerShare
	d.Market, err = d.Floor.OpenMarket(ctx, api.CreateMarket{
		Question: "Does the price-time priority of this exchange agree with the recorded venue's?",
		TakerFee: &fee, MakerShare: &share,
	})
	if err != nil {
		return err
	}
	for account := range accounts {
		// One after the other: their ids are to be the same in every run.
		t, err := d.Floor.Hire(ctx, "lobster-"+role(account)+d.Tag, funds)
		if err != nil {
			return err
		}
		d.Traders = append(d.Traders, t)
	}
	return nil
}

func role(account int) string {
	switch account {
	case Maker:
		return "maker"
	case Taker:
		return "taker"
	}
	return "crosser-" + strconv.Itoa(account-Crosser+1)
}

// pause waits until a request that was recorded so long after the first one is due.
func (d *driver) pause(ctx context.Context, start time.Time, after time.Duration) error {
	if d.Speed == 0 || d.Hurry {
		return ctx.Err()
	}
	due := start.Add(time.Duration(float64(after) / d.Speed))
	select {
	case <-time.After(time.Until(due)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *driver) send(ctx context.Context, n int, r *request) error {
	key := "lobster-" + strconv.Itoa(n)
	t := d.Traders[r.account]
	if r.amend != nil {
		return d.amend(ctx, t, key, r.amend)
	}
	var b api.Batch
	for _, s := range r.cancels {
		b.Cancels = append(b.Cancels, api.BatchCancel{Market: d.Market, Order: d.Orders[s.Order]})
	}
	for _, s := range r.orders {
		b.Orders = append(b.Orders, api.BatchOrder{Market: d.Market, PlaceOrder: orderOf(s)})
	}
	a, err := t.Batch(ctx, key, b)
	if err != nil {
		return err
	}
	if len(a.Cancels) != len(r.cancels) || len(a.Orders) != len(r.orders) {
		return errors.New("the answer has not one result for each item")
	}
	d.Last = max(d.Last, a.Seq)
	for i, s := range r.cancels {
		d.cancelled(s, a.Cancels[i])
	}
	for i, s := range r.orders {
		d.placed(s, a.Orders[i])
	}
	return nil
}

func orderOf(s *Step) api.PlaceOrder {
	o := api.PlaceOrder{
		Outcome: api.Yes, Side: api.Buy, Price: api.Price(s.Tick), Quantity: s.Quantity,
		ClientOrderID: "row-" + strconv.Itoa(s.Message+1),
	}
	if s.Side == naive.Sell {
		o.Side = api.Sell
	}
	if s.Type == Execute {
		o.TimeInForce = api.IOC
	}
	return o
}

func (d *driver) placed(s *Step, r api.BatchOrderResult) {
	if r.Placed == nil {
		d.Problems.add("message %d: the order was refused: %s", s.Message+1, refusal(r.Refused))
		return
	}
	d.Orders[s.Order], d.Filled[s.Order] = r.Placed.Order, r.Placed.Filled
}

func (d *driver) cancelled(s *Step, r api.BatchCancelResult) {
	if gone := r.Cancelled == nil && refusal(r.Refused) == goneCode; gone != s.Gone || r.Cancelled == nil && !gone {
		d.Problems.add("message %d: its order is to be gone: %v; the cancel was answered with: %s", s.Message+1, s.Gone, refusal(r.Refused))
	}
}

func (d *driver) amend(ctx context.Context, t floor.Trader, key string, s *Step) error {
	a, err := t.Amend(ctx, d.Market, d.Orders[s.Order], key, 0, api.AmendOrder{Quantity: s.Quantity})
	var refused *client.Error
	switch {
	case err == nil:
		d.Last = max(d.Last, a.Seq)
		if s.Gone {
			d.Problems.add("message %d: an order that is to be gone was amended", s.Message+1)
		}
	case !errors.As(err, &refused) || refused.Status >= 500:
		return err
	case refused.Code != goneCode || !s.Gone:
		d.Problems.add("message %d: the amendment was refused: %s", s.Message+1, refused.Code)
	}
	return nil
}

var goneCode = exchange.RejectOrderNotFound.String()

func refusal(p *api.Problem) string {
	if p == nil {
		return "accepted"
	}
	return p.Code
}
