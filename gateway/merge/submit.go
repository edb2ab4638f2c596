package merge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
)

// Submit implements gateway.Submitter. Commands for the same shard stay in order and next to each other, but for orders that
// had to wait for cash, and commands about markets on their way between shards: those are sent again to where their market
// is then. Those of different shards take effect at the same time.
func (e *Exchange) Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error {
	again, err := e.first(ctx, commands, n, replies)
	until, length := time.Now().Add(e.patience), firstPause
	for err == nil && len(again) > 0 && pause(ctx, &length, until) { // when time is up the answer says that the market moves
		sent := len(again)
		if again, err = e.attempt(ctx, commands, n, replies, again); err != nil && sent < n {
			err = fmt.Errorf("sending commands again: %s", err.Error()) // others have taken effect
		}
	}
	return err
}

// waiting are commands that met a market on its way, by their places in a submission: with where to send them again, or 0.
type waiting map[int]exchange.ShardID

// after adds a command if it was answered so that it has to wait.
func (w waiting) after(place int, r *exchange.Reply) waiting {
	switch r.Code {
	case exchange.RejectMarketMoving:
		return w.with(place, 0)
	case exchange.RejectMarketMoved:
		return w.with(place, exchange.ShardID(r.ID))
	}
	return w
}

func (w waiting) with(place int, shard exchange.ShardID) waiting {
	if w == nil {
		w = waiting{}
	}
	w[place] = shard
	return w
}

// first submits all commands. Where there is only the home shard they are its own as they are.
func (e *Exchange) first(ctx context.Context, commands []byte, n int, replies []exchange.Reply) (again waiting, err error) {
	all := e.all()
	if len(all) > 1 {
		return e.attempt(ctx, commands, n, replies, nil)
	}
	if err := all[0].Submit(ctx, commands, n, replies); err != nil {
		return nil, err
	}
	for i := range replies[:n] { // a market may move to a shard that is not open here yet
		again = again.after(i, &replies[i])
	}
	return again, nil
}

// attempt submits commands, all or those that have waited, and returns those that have to wait.
func (e *Exchange) attempt(ctx context.Context, commands []byte, n int, replies []exchange.Reply, only waiting) (waiting, error) {
	all := e.all()
	parts := make([]part, len(all))
	for i := range n {
		frame, rest, err := wire.Next(commands)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", err, gateway.ErrNotSubmitted)
		}
		commands = rest
		hint, waited := only[i]
		if only != nil && !waited {
			continue
		}
		target, err := e.target(frame)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", err, gateway.ErrNotSubmitted)
		}
		if target.act != nil {
			if n != 1 {
				return nil, fmt.Errorf("command %d is one that is submitted by itself: %w", i, gateway.ErrNotSubmitted)
			}
			replies[0], err = target.act(ctx)
			return nil, err
		}
		if find(all, hint) != nil {
			target.shard = hint
		}
		if code := e.refuses(frame, target); code != exchange.Accepted {
			replies[i] = exchange.Reply{Code: code, Time: e.Now()}
			continue
		}
		for j, s := range all {
			if s.ID == target.shard {
				parts[j].add(frame, i, target.order)
			}
		}
	}
	return e.submit(ctx, all, parts, replies)
}

// part is what one shard gets of a submission.
type part struct {
	frames  []byte
	places  []int // of its commands in the submission
	replies []exchange.Reply
	err     error
}

func (p *part) add(frame []byte, place int, order bool) {
	at := len(p.frames)
	p.frames = append(p.frames, frame...)
	if order {
		wire.MarkElsewhere(p.frames[at:], true)
	}
	p.places = append(p.places, place)
}

// submit submits all parts at once, and puts their replies in their places.
func (e *Exchange) submit(ctx context.Context, all []*Shard, parts []part, replies []exchange.Reply) (waiting, error) {
	submit := func(i int) {
		p, s := &parts[i], all[i]
		p.replies = make([]exchange.Reply, len(p.places))
		if p.err = s.Submit(ctx, p.frames, len(p.places), p.replies); p.err == nil {
			p.err = e.topUp(ctx, s.ID, p)
		}
	}
	var submitting sync.WaitGroup
	for i := range parts {
		if n := len(parts[i].places); n == len(replies) {
			submit(i) // it is the only one
		} else if n > 0 {
			submitting.Go(func() { submit(i) })
		}
	}
	submitting.Wait()
	return gather(all, parts, replies)
}

// gather puts replies in their places, and returns which commands have to wait. Its error says that nothing was done only if
// that is so on all shards.
func gather(all []*Shard, parts []part, replies []exchange.Reply) (again waiting, err error) {
	var errs []error
	unsure := false
	for i := range parts {
		p := &parts[i]
		if p.err != nil {
			errs = append(errs, p.err)
			unsure = unsure || !errors.Is(p.err, gateway.ErrNotSubmitted)
			continue
		}
		unsure = unsure || len(p.places) > 0
		for j, place := range p.places {
			r := p.replies[j]
			r.Seq = joined(all[i].ID, r.Seq)
			replies[place] = r
			again = again.after(place, &r)
		}
	}
	if err = errors.Join(errs...); err == nil || !unsure {
		return again, err
	}
	return nil, fmt.Errorf("not all shards have answered: %s", err.Error()) // which must not say that nothing was done
}

func joined(shard exchange.ShardID, seq exchange.Seq) exchange.Seq {
	if seq == 0 {
		return 0
	}
	return JoinSeq(shard, seq)
}

// refuses says why home would refuse an order that goes to another shard, which may not have heard of it yet.
func (e *Exchange) refuses(frame []byte, to target) exchange.Reject {
	switch {
	case !to.order || to.shard == exchange.HomeShard:
	case e.blocked(frame, to.shard):
		return exchange.RejectAccountBlocked
	case e.home().Halted():
		return exchange.RejectExchangeHalted
	}
	return exchange.Accepted
}

// blocked reports whether an account that is blocked at home orders on another shard, which may not have heard of it.
func (e *Exchange) blocked(frame []byte, shard exchange.ShardID) bool {
	if shard == exchange.HomeShard {
		return false
	}
	account, _, _ := wire.CommandHead(frame)
	a, ok := e.home().Account(account)
	return ok && a.Blocked
}

// one submits one command to one shard.
func (e *Exchange) one(ctx context.Context, shard exchange.ShardID, cmd exchange.Command) (exchange.Reply, error) {
	frame, err := wire.AppendCommand(nil, cmd)
	if err != nil {
		return exchange.Reply{}, fmt.Errorf("%w: %w", err, gateway.ErrNotSubmitted)
	}
	return e.send(ctx, shard, frame)
}

func (e *Exchange) send(ctx context.Context, shard exchange.ShardID, frame []byte) (exchange.Reply, error) {
	var replies [1]exchange.Reply
	err := e.shard(shard).Submit(ctx, frame, 1, replies[:])
	return replies[0], err
}

// steadfast is send, for a command about all of an account's markets: it is sent again while one of them is on its way.
func (e *Exchange) steadfast(ctx context.Context, shard exchange.ShardID, frame []byte) (r exchange.Reply, err error) {
	until, length := time.Now().Add(e.patience), firstPause
	for {
		r, err = e.send(ctx, shard, frame)
		if err != nil || r.Code != exchange.RejectMarketMoving || !pause(ctx, &length, until) {
			return r, err
		}
	}
}
