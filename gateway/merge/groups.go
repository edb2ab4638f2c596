package merge

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
)

// makeKnown tells a shard of an order group that an order there names, as the group is at home. It is false where there is no
// such group of the account.
func (e *Exchange) makeKnown(ctx context.Context, to exchange.ShardID, account exchange.AccountID, id exchange.GroupID) (bool, error) {
	if err := e.shard(exchange.HomeShard).Fresh(ctx); err != nil { // it may have been made, or triggered, a moment ago
		return false, err
	}
	g, ok := e.home().Group(id)
	if !ok || g.Account != account || g.State == projection.GroupDeleted {
		return false, nil
	}
	r, err := e.one(ctx, to, &exchange.SetGroup{GroupTerms: g.Terms()})
	return r.Code == exchange.Accepted, err
}

// groupOf is the account and the group that an order names.
func groupOf(frame []byte) (exchange.AccountID, exchange.GroupID) {
	var o exchange.PlaceOrder
	if wire.CommandKind(frame) != exchange.KindPlaceOrder || !wire.ReadPlaceOrder(frame, &o) {
		return 0, 0
	}
	return o.Account, o.Group
}

// changeGroup changes a group at home, which decides, and then wherever it is known, so that whoever has triggered a group knows
// that nothing of it rests any more. A shard that does not answer in time hears of it later.
func (e *Exchange) changeGroup(ctx context.Context, c *exchange.ChangeGroup) (exchange.Reply, error) {
	reply, err := e.one(ctx, exchange.HomeShard, c)
	if err != nil || reply.Code != exchange.Accepted || len(e.all()) == 1 {
		return reply, err
	}
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	if e.home().WaitSeq(ctx, reply.Seq) != nil {
		return reply, nil
	}
	g, _ := e.home().Group(c.Group)
	_ = e.each(func(s *Shard) error { // what goes wrong, the shards' leaders make good
		if s.ID == exchange.HomeShard {
			return nil
		}
		if err := s.Fresh(ctx); err != nil {
			return err
		}
		if _, known := s.View.Group(c.Group); !known {
			return nil
		}
		_, err := e.one(ctx, s.ID, &exchange.SetGroup{GroupTerms: g.Terms()})
		return err
	})
	return reply, nil
}

// pursueGroup cancels a group's orders once more on a shard to which a market came meanwhile. Its key follows from that of the
// command.
func (e *Exchange) pursueGroup(ctx context.Context, c *exchange.MassCancel, s *Shard) error {
	again := *c
	if c.Key != (exchange.Key{}) {
		binary.LittleEndian.PutUint32(again.Key[:], binary.LittleEndian.Uint32(c.Key[:])^(1<<31|uint32(s.ID)))
	}
	frame, err := wire.AppendCommand(nil, &again)
	if err != nil {
		return err
	}
	r, err := e.steadfast(ctx, s.ID, frame)
	switch {
	case err != nil:
		return err
	case r.Code == exchange.Accepted, r.Code == exchange.RejectAccountNotFound, r.Code == exchange.RejectGroupNotFound:
		return nil
	}
	return fmt.Errorf("cancelling a group once more on shard %d: %v", s.ID, r.Code)
}
