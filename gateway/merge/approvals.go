package merge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
)

// A proposal is kept on the shard where its act is to be done, so that approval and act are one step. Outside, its id names the shard as
// a Seq does.

// Approvals returns which acts need a second operator: home decides.
func (e *Exchange) Approvals() exchange.Approvals { return e.home().Approvals() }

// Proposals returns what waits on all shards, those that lapse first before the others.
func (e *Exchange) Proposals() (all []projection.Proposal) {
	for _, s := range e.all() {
		for _, p := range s.View.Proposals() {
			p.ID = joinProposal(s.ID, p.ID)
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b projection.Proposal) int {
		return cmp.Or(cmp.Compare(a.LapseAt, b.LapseAt), cmp.Compare(a.ID, b.ID))
	})
	return all
}

func joinProposal(shard exchange.ShardID, id exchange.ProposalID) exchange.ProposalID {
	return exchange.ProposalID(JoinSeq(shard, exchange.Seq(id)))
}

// setApprovals sets at home which acts need a second operator, and then on the other shards. Those that do not answer make themselves
// as home is.
func (e *Exchange) setApprovals(ctx context.Context, c *exchange.SetApprovals) (exchange.Reply, error) {
	reply, err := e.one(ctx, exchange.HomeShard, c)
	if err != nil || reply.Code != exchange.Accepted {
		return reply, err
	}
	followed := *c
	followed.Followed = true
	frame, err := wire.AppendCommand(nil, &followed)
	if err != nil {
		return reply, err
	}
	err = e.each(func(s *Shard) error {
		if s.ID == exchange.HomeShard {
			return nil
		}
		_, err := e.send(ctx, s.ID, frame)
		return err
	})
	if err != nil {
		return reply, fmt.Errorf("not all shards have answered: %s", err.Error()) // which must not say that nothing was done
	}
	return reply, nil
}

// proposeAct proposes an act where it is to be done.
func (e *Exchange) proposeAct(ctx context.Context, c *exchange.ProposeAct) (r exchange.Reply, err error) {
	act, ok := wire.ReadProposable(c.Act)
	if !ok {
		return exchange.Reply{Code: exchange.RejectMalformed}, nil
	}
	until, length := time.Now().Add(e.patience), firstPause
	for shard := e.placeOf(act); ; {
		if r, err = e.one(ctx, shard, c); err != nil {
			return r, err
		}
		r.Seq = joined(shard, r.Seq)
		switch r.Code {
		case exchange.Accepted:
			r.ID = uint64(joinProposal(shard, exchange.ProposalID(r.ID)))
			return r, nil
		case exchange.RejectMarketMoving, exchange.RejectMarketMoved:
		default:
			return r, nil
		}
		if !pause(ctx, &length, until) {
			return r, nil
		}
		if to := exchange.ShardID(r.ID); r.Code == exchange.RejectMarketMoved && e.shard(to) != nil {
			shard = to
		} else {
			shard = e.placeOf(act)
		}
	}
}

// placeOf is the shard of an act's market, or home.
func (e *Exchange) placeOf(act exchange.Command) exchange.ShardID {
	switch c := act.(type) {
	case *exchange.ResolveMarket:
		return e.route(c.Market)
	case *exchange.VoidMarket:
		return e.route(c.Market)
	}
	return exchange.HomeShard
}

// decideAct decides about a proposal where it is kept. What a withdrawal lacks at home is brought there before it is approved. Of a
// market that has moved since, the approval is refused: it is to be proposed again where it is.
func (e *Exchange) decideAct(ctx context.Context, c *exchange.DecideAct) (exchange.Reply, error) {
	shard, id := SplitSeq(exchange.Seq(c.Proposal))
	if e.shard(shard) == nil {
		return exchange.Reply{Code: exchange.RejectProposalNotFound, Time: e.Now()}, nil
	}
	if c.Approve && shard == exchange.HomeShard {
		if err := e.gatherFor(ctx, exchange.ProposalID(id)); err != nil {
			return exchange.Reply{}, err
		}
	}
	there := *c
	there.Proposal = exchange.ProposalID(id)
	frame, err := wire.AppendCommand(nil, &there)
	if err != nil {
		return exchange.Reply{}, fmt.Errorf("%w: %w", err, gateway.ErrNotSubmitted)
	}
	r, err := e.steadfast(ctx, shard, frame)
	r.Seq = joined(shard, r.Seq)
	if r.Code == exchange.Accepted {
		r.ID = uint64(c.Proposal)
	}
	return r, err
}

// gatherFor brings home the cash that a withdrawal needs which was proposed there.
func (e *Exchange) gatherFor(ctx context.Context, id exchange.ProposalID) error {
	act := e.waitingAtHome(id)
	if act == nil { // it may have been proposed elsewhere a moment ago
		if err := e.Fresh(ctx); err != nil {
			return fmt.Errorf("%w: %w", err, gateway.ErrNotSubmitted)
		}
		act = e.waitingAtHome(id)
	}
	if c, ok := act.(*exchange.Withdraw); ok {
		return e.bringHome(ctx, c)
	}
	return nil
}

// waitingAtHome returns the act of a proposal that is kept at home, nil if none is seen here.
func (e *Exchange) waitingAtHome(id exchange.ProposalID) exchange.Command {
	for _, p := range e.home().Proposals() {
		if act, _ := wire.ReadProposable(p.Act); p.ID == id {
			return act
		}
	}
	return nil
}
