package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// Config says what a demo is made of.
type Config struct {
	Public  *client.Client // without a token
	Admin   *client.Client // with the operator's key
	Markets int            // open at any time, 1 to MarketsMost
	Rate    float64        // orders a second in all markets together
	Speed   float64        // by how much time runs faster in the markets than on the clock; 1: as it is
	Seed    uint64
	Hurry   bool                             // wait for nothing but answers; time in the markets passes all the same
	Say     func(format string, args ...any) // is told what happens, one call at a time; nil: nobody is

	treasury time.Duration // between two looks at everybody's cash
}

// MarketsMost is how many markets can be open at a time.
var MarketsMost = len(catalogue) - 2

// Check reports what is wrong with a configuration.
func (c *Config) Check() error {
	switch {
	case c.Markets < 1 || c.Markets > MarketsMost:
		return fmt.Errorf("%d markets: there can be 1 to %d", c.Markets, MarketsMost)
	case !(c.Rate > 0 && c.Rate <= 100_000):
		return fmt.Errorf("%v orders a second: it must be above 0 and at most 100,000", c.Rate)
	case !(c.Speed > 0 && c.Speed <= 1_000):
		return fmt.Errorf("a speed of %v: it must be above 0 and at most 1,000", c.Speed)
	}
	return nil
}

// run is a demo that runs.
type run struct {
	config Config
	cast   *cast
	tally  tally
	talk   sync.Mutex
	next   int   // of the catalogue
	number []int // the next number of each event
	busy   []bool
	choose sync.Mutex
}

// Demo is one that may be asked how far it is.
type Demo struct{ run *run }

// New makes a demo.
func New(c Config) (*Demo, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if c.Say == nil {
		c.Say = func(string, ...any) {}
	}
	c.treasury = time.Second
	r := &run{config: c, busy: make([]bool, len(catalogue))}
	r.tally.Refused = map[string]int{}
	for _, e := range catalogue {
		r.number = append(r.number, e.first)
	}
	return &Demo{r}, nil
}

// Tally returns what the demo has done so far. It may be called at any time.
func (d *Demo) Tally() Tally { return d.run.tally.read() }

// Run trades until the context ends, which is no error, and takes its orders out of the books then. Markets stay open, and
// another demo goes on with them.
func (d *Demo) Run(ctx context.Context) (err error) {
	r := d.run
	if r.cast, err = r.config.hire(ctx); err == nil {
		err = r.trade(ctx)
		const patience = 20 * time.Second
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if ctx.Err() != nil {
			err = nil // it was told to end
		}
		err = errors.Join(err, r.dismiss(ending))
	}
	return err
}

// trade funds the cast and trades in all slots.
func (r *run) trade(ctx context.Context) error {
	for _, t := range r.cast.all { // nobody trades without money
		if err := r.topUp(ctx, t); err != nil {
			return err
		}
	}
	pits, err := r.adopt(ctx)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.treasure(ctx) })
	for slot := range r.config.Markets {
		var first *pit
		if slot < len(pits) {
			first = pits[slot]
		}
		group.Go(func() error { return r.slot(ctx, first) })
	}
	return group.Wait()
}

// slot runs one market after the other.
func (r *run) slot(ctx context.Context, p *pit) (err error) {
	for {
		if p == nil {
			if p, err = r.open(ctx); err != nil {
				return err
			}
		}
		if err := p.trade(ctx); err != nil {
			return err
		}
		if err := p.settle(ctx); err != nil {
			return err
		}
		r.free(p.event)
		p = nil
	}
}

// take chooses the next event of which no market is open.
func (r *run) take() (event, number int) {
	r.choose.Lock()
	defer r.choose.Unlock()
	for r.busy[r.next] {
		r.next = (r.next + 1) % len(catalogue)
	}
	event = r.next
	r.busy[event] = true
	r.next = (r.next + 1) % len(catalogue)
	number = r.number[event]
	r.number[event]++
	return event, number
}

func (r *run) free(event int) {
	r.choose.Lock()
	defer r.choose.Unlock()
	r.busy[event] = false
}

func (r *run) say(format string, args ...any) {
	r.talk.Lock()
	defer r.talk.Unlock()
	r.config.Say(format, args...)
}

// random returns the source of a market's chances.
func (r *run) random(event, number int) *rand.Rand {
	return rand.New(rand.NewPCG(r.config.Seed, uint64(event)<<32|uint64(number)))
}

// open opens the next market.
func (r *run) open(ctx context.Context) (*pit, error) {
	event, number := r.take()
	e := &catalogue[event]
	fee, share := api.Rate(200), api.Rate(0)
	m := api.CreateMarket{Question: e.name(number), Rules: e.rules + "\nSource: " + e.source + ".", Outcomes: e.outcomes, Tick: &tick, TakerFee: &fee, MakerShare: &share}
	if !r.config.Hurry {
		m.CloseAt = api.Time(time.Now().Add(time.Duration(float64(e.lasts) / r.config.Speed)).UnixNano())
	}
	a, err := r.config.Admin.CreateMarket(ctx, "", m)
	if err != nil {
		return nil, fmt.Errorf("opening a market: %w", err)
	}
	r.tally.do(func(t *Tally) { t.Opened++ })
	r.say("opened    %s", m.Question)
	return r.newPit(event, number, a.Market, newBelief(e.chance, 1, e.news, r.random(event, number))), nil
}

// adopt finds the markets that an earlier demo has left open, and goes on from their prices.
func (r *run) adopt(ctx context.Context) (pits []*pit, err error) {
	for m, err := range r.config.Public.Fresh().EachMarket(ctx, openMarkets()) {
		if err != nil {
			return nil, fmt.Errorf("looking for markets of an earlier demo: %w", err)
		}
		for event := range catalogue {
			number, ok := catalogue[event].number(m.Question)
			if !ok {
				continue
			}
			r.number[event] = max(r.number[event], number+1)
			if len(pits) < r.config.Markets && !r.busy[event] && len(m.Outcomes) == len(catalogue[event].chance) {
				r.busy[event] = true
				pits = append(pits, r.adoptOne(event, number, &m))
			}
		}
	}
	return pits, nil
}

func (r *run) adoptOne(event, number int, m *api.MarketInfo) *pit {
	e := &catalogue[event]
	chance, sum := make([]float64, len(e.chance)), 0.0
	for i := range chance {
		if chance[i] = e.chance[i]; m.Outcomes[i].LastPrice > 0 {
			chance[i] = float64(m.Outcomes[i].LastPrice) / float64(one)
		}
		sum += chance[i]
	}
	for i := range chance {
		chance[i] /= sum
	}
	left := 1.0
	if m.CloseAt != 0 {
		left = min(1, max(leftLeast, time.Until(m.CloseAt.Std()).Seconds()*r.config.Speed/e.lasts.Seconds()))
	}
	r.say("goes on   %s", m.Question)
	return r.newPit(event, number, m.Market, newBelief(chance, left, e.news, r.random(event, number)))
}
