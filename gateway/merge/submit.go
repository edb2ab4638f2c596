package merge

import (
	"context"
	"errors"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
)

// Submit implements gateway.Submitter. Commands for the same shard stay in order and next to each other, but for orders that
// had to wait for cash. Those of different shards take effect at the same time.
func (e *Exchange) Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error {
	parts := make([]part, len(e.shards))
	for i := range n {
		frame, rest, err := wire.Next(commands)
		if err != nil {
			return fmt.Errorf("%w: %w", err, gateway.ErrNotSubmitted)
		}
		commands = rest
		target, err := e.target(frame)
		if err != nil {
			return fmt.Errorf("%w: %w", err, gateway.ErrNotSubmitted)
		}
		if target.act != nil {
			if n != 1 {
				return fmt.Errorf("command %d is one that is submitted by itself: %w", i, gateway.ErrNotSubmitted)
			}
			replies[0], err = target.act(ctx)
			return err
		}
		if target.order && e.blocked(frame, target.shard) {
			replies[i] = exchange.Reply{Code: exchange.RejectAccountBlocked, Time: e.Now()}
			continue
		}
		parts[target.shard-exchange.HomeShard].add(frame, i, target.order)
	}
	return e.submit(ctx, parts, replies)
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
func (e *Exchange) submit(ctx context.Context, parts []part, replies []exchange.Reply) error {
	_ = e.each(func(id exchange.ShardID, s *Shard) error { // each part keeps its own error
		p := &parts[id-exchange.HomeShard]
		if len(p.places) == 0 {
			return nil
		}
		p.replies = make([]exchange.Reply, len(p.places))
		if p.err = s.Submit(ctx, p.frames, len(p.places), p.replies); p.err == nil {
			p.err = e.topUp(ctx, id, p)
		}
		for i := range p.replies {
			p.replies[i].Seq = joined(id, p.replies[i].Seq)
		}
		return nil
	})
	return gather(parts, replies)
}

// gather puts replies in their places. Its error says that nothing was done only if that is so on all shards.
func gather(parts []part, replies []exchange.Reply) error {
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
			replies[place] = p.replies[j]
		}
	}
	err := errors.Join(errs...)
	if err == nil || !unsure {
		return err
	}
	return fmt.Errorf("not all shards have answered: %s", err.Error()) // which must not say that nothing was done
}

func joined(shard exchange.ShardID, seq exchange.Seq) exchange.Seq {
	if seq == 0 {
		return 0
	}
	return JoinSeq(shard, seq)
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
