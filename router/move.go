package router

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hustings/hustings/courier"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// errNotReady says that the destination could not take a market, so that none is frozen.
var errNotReady = errors.New("the destination does not take markets yet: its rules are older")

// begin freezes markets and brings them to the destination, if that takes commands now.
func (m *Mover) begin(ctx context.Context, ids []exchange.MarketID) error {
	if err := m.calm(ctx); err != nil {
		return fmt.Errorf("asking the destination: %w", err)
	}
	if rules := m.Arrival.View().Rules(); rules < exchange.MoveRules || rules < m.Source.View().Rules() {
		return errNotReady
	}
	ids = slices.DeleteFunc(ids, func(id exchange.MarketID) bool { return !m.mayCome(id) })
	freeze := make([]exchange.Command, len(ids))
	for i, id := range ids {
		freeze[i] = m.market(id).Command(courier.Freeze, 0)
	}
	begun := time.Now()
	replies, err := submitAll(ctx, m.Departures, freeze)
	if err != nil {
		return fmt.Errorf("freezing markets: %w", err)
	}
	var frozen []adoption
	for i, id := range ids {
		if code := replies[i].Code; code != exchange.Accepted {
			m.put(id, code)
			continue
		}
		frozen = append(frozen, adoption{m.market(id), replies[i].Version, m.Arrival.View().Moving(id)})
	}
	adopted, err := m.adopt(ctx, frozen, begun)
	if err != nil {
		return err
	}
	release := make([]exchange.Command, len(adopted)) // the destination's own answer says that it has them
	for i, a := range adopted {
		release[i] = a.market.Command(courier.Release, a.move)
	}
	return m.end(ctx, release)
}

// calm asks the destination whether it takes commands, and waits for a moment in which it does so at once.
func (m *Mover) calm(ctx context.Context) error {
	for begun := time.Now(); ; sleep(ctx, unsteady) {
		asked := time.Now()
		if err := sure(ctx, m.Arrival); err != nil {
			return err
		}
		steady := time.Since(asked) < quick && (m.Calm == nil || m.Calm())
		if steady || time.Since(begun) >= cmp.Or(m.awaitCalm, noLonger) {
			return nil
		}
	}
}

// put puts a market off that could not be frozen.
func (m *Mover) put(id exchange.MarketID, code exchange.Reject) {
	if courier.Stays(code) {
		m.postpone(id, notForLong)
		return
	}
	m.postpone(id, soon)
}

// goOn takes the next steps of markets that are on their way. What both sides have published decides, and is made sure of
// before anything is done because of it.
func (m *Mover) goOn(ctx context.Context, ids []exchange.MarketID) (idle bool, err error) {
	var adoptions []adoption
	var here, there []exchange.Command
	idle = true
	for _, id := range ids {
		x, source, destination := m.market(id), m.Source.View().Moving(id), m.Arrival.View().Moving(id)
		switch step := x.Next(source, destination); step {
		case courier.Adopt:
			adoptions = append(adoptions, adoption{x, source.Move, destination})
		case courier.Abandon:
			there = append(there, x.Command(step, source.Move))
		case courier.Thaw, courier.Release:
			here = append(here, x.Command(step, source.Move))
		default:
			continue
		}
		idle = false
	}
	if idle {
		return true, nil
	}
	if err := errors.Join(sure(ctx, m.Source), sure(ctx, m.Arrival)); err != nil {
		return false, fmt.Errorf("making sure of what was seen: %w", err)
	}
	if _, err := m.adopt(ctx, adoptions, time.Time{}); err != nil {
		return false, err
	}
	if err := m.do(ctx, m.Destination, m.Arrival.View(), there); err != nil {
		return false, fmt.Errorf("giving up moves: %w", err)
	}
	return false, m.end(ctx, here)
}

// end has the source take the last steps of moves.
func (m *Mover) end(ctx context.Context, steps []exchange.Command) error {
	if err := m.introduce(ctx, steps); err != nil {
		return fmt.Errorf("telling the destination of accounts: %w", err)
	}
	if err := m.do(ctx, m.Departures, m.Source.View(), steps); err != nil {
		return fmt.Errorf("ending moves: %w", err)
	}
	return nil
}

// do has a shard take steps, and waits until they can be seen.
func (m *Mover) do(ctx context.Context, to Submitter, view *projection.View, cmds []exchange.Command) error {
	replies, err := submitAll(ctx, to, cmds)
	if err != nil {
		return err
	}
	for i, r := range replies {
		if r.Code != exchange.Accepted {
			m.Log.Warn("a step of a move was refused", "from", m.From, "to", m.To, "step", fmt.Sprintf("%T%+v", cmds[i], cmds[i]), "code", r.Code)
		}
		if c, ok := cmds[i].(*exchange.ThawMarket); ok {
			delete(m.markets, c.Market)
			m.postpone(c.Market, notSoon)
		}
		if c, ok := cmds[i].(*exchange.ReleaseMarket); ok {
			delete(m.markets, c.Market)
		}
	}
	return m.see(ctx, view, replies)
}

// see waits until what was answered can be read.
func (m *Mover) see(ctx context.Context, view *projection.View, replies []exchange.Reply) error {
	var seq exchange.Seq
	for i := range replies {
		seq = max(seq, replies[i].Seq)
	}
	ctx, cancel := context.WithTimeout(ctx, mostWait)
	defer cancel()
	return view.WaitSeq(ctx, seq)
}

// sure makes sure of what was seen of a shard.
func sure(ctx context.Context, of interface{ Fresh(context.Context) error }) error {
	ctx, cancel := context.WithTimeout(ctx, mostWait)
	defer cancel()
	return of.Fresh(ctx)
}

const mostWait = 2 * time.Second // for a shard before another attempt is made

// adoption is a frozen market that the destination is to take, and how far it has.
type adoption struct {
	market *courier.Market
	move   uint32
	there  projection.Moving
}

const mostBytes = 400 << 10 // of parts in one submission, which then fits in an entry of the log

// adopt writes markets out and brings their parts to the destination, as many at once as fit. It returns those that the
// destination has answered to have all of.
func (m *Mover) adopt(ctx context.Context, all []adoption, begun time.Time) (adopted []adoption, err error) {
	commands, err := m.write(ctx, all)
	if err != nil {
		return nil, err
	}
	ended := map[exchange.MarketID]bool{} // refused
	var seen []exchange.Reply
	for len(commands) > 0 {
		n, size := 0, 0
		for n < len(commands) && (n == 0 || size+len(commands[n].Data) <= mostBytes) {
			size += len(commands[n].Data)
			n++
		}
		replies, err := submitAll(ctx, m.Destination, commands[:n])
		if err != nil {
			return nil, fmt.Errorf("bringing parts of markets: %w", err)
		}
		for i, r := range replies {
			c := commands[i]
			if ended[c.Market] {
				continue
			}
			m.market(c.Market).Answered(c, r.Code)
			if ended[c.Market] = r.Code != exchange.Accepted; ended[c.Market] {
				m.Log.Warn("a part of a market was refused", "market", c.Market, "from", m.From, "to", m.To, "part", c.Part, "code", r.Code)
			} else if c.Last {
				m.stood(begun)
				adopted = append(adopted, adoption{m.market(c.Market), c.Move, projection.Moving{}})
			}
		}
		seen, commands = replies, commands[n:]
	}
	return adopted, m.see(ctx, m.Arrival.View(), seen)
}

// stood takes note of how long a market stood still, and moves fewer or more at once.
func (m *Mover) stood(begun time.Time) {
	if begun.IsZero() { // another mover froze it
		return
	}
	d := time.Since(begun)
	if d > shortStand {
		m.batch = max(leastBatch, m.batch/2)
	} else {
		m.batch = min(mostBatch, m.batch+1)
	}
	if m.Moved != nil {
		m.Moved(d)
	}
}

// write writes markets out, all at the same time, and returns what the destination lacks of them.
func (m *Mover) write(ctx context.Context, all []adoption) (commands []*exchange.AdoptMarket, err error) {
	parts, errs := make([][][]byte, len(all)), make([]error, len(all))
	var writing sync.WaitGroup
	for i, a := range all {
		writing.Go(func() { parts[i], errs[i] = m.Source.WriteMarket(ctx, a.market.ID) })
	}
	writing.Wait()
	for i, a := range all {
		commands = append(commands, a.market.Parts(a.move, a.there, parts[i])...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("writing markets out: %w", err)
	}
	return commands, nil
}
