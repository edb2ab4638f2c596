package merge

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
)

// topUps is how often an order is sent again because of what others have done with the cash that was brought for it.
const topUps = 8

// topUp brings what orders of a part lack and is elsewhere, cash or knowledge of their group, and sends them again: at last
// without the mark, so that a refusal is kept.
func (e *Exchange) topUp(ctx context.Context, to exchange.ShardID, p *part) error {
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	for round := range topUps {
		frames := p.frames
		var again part
		for i := range p.replies {
			frame, rest, err := wire.Next(frames)
			if err != nil {
				return err
			}
			frames = rest
			if code := p.replies[i].Code; code != exchange.RejectFundsElsewhere && code != exchange.RejectGroupElsewhere {
				continue
			}
			brought, err := e.supply(ctx, to, frame, &p.replies[i])
			if err != nil {
				return fmt.Errorf("bringing what an order lacks: %s", err.Error()) // others may have taken effect
			}
			again.add(frame, i, true)
			if !brought || round == topUps-1 {
				wire.MarkElsewhere(again.frames[len(again.frames)-len(frame):], false)
			}
		}
		if len(again.places) == 0 {
			return nil
		}
		again.replies = make([]exchange.Reply, len(again.places))
		if err := e.shard(to).Submit(ctx, again.frames, len(again.places), again.replies); err != nil {
			return fmt.Errorf("sending orders again: %s", err.Error()) // others have taken effect
		}
		for i, place := range again.places {
			r := again.replies[i]
			if r.Code == exchange.RejectAccountNotFound && r.Seq != 0 { // it has nothing here, and no cash anywhere to be brought
				r.Code = exchange.RejectInsufficientFunds
			}
			p.replies[place] = r
		}
	}
	return nil
}

// supply brings a shard what an order lacks there, and is false if there is none.
func (e *Exchange) supply(ctx context.Context, to exchange.ShardID, frame []byte, refused *exchange.Reply) (bool, error) {
	if refused.Code == exchange.RejectGroupElsewhere {
		account, group := groupOf(frame)
		return e.makeKnown(ctx, to, account, group)
	}
	account, _, _ := wire.CommandHead(frame)
	return e.bring(ctx, to, account, wanted(frame, refused))
}

// need is cash that is to come to a shard: at least least, and most if there is so much.
type need struct{ least, most exchange.Money }

// wanted is what an order lacks, and a margin, so that not every order needs a transfer. Of an account that the shard has
// not heard of, all that the order can cost is brought.
func wanted(frame []byte, refused *exchange.Reply) need {
	if refused.Cost > 0 {
		return need{refused.Cost, refused.Cost * margin}
	}
	var o exchange.PlaceOrder
	if wire.CommandKind(frame) == exchange.KindPlaceOrder && wire.ReadPlaceOrder(frame, &o) {
		return need{1, 2 * exchange.Cost(exchange.One, o.Quantity)} // a price, and a fee of no more than that
	}
	return need{}
}

const margin = 4

// bring moves cash of an account to a shard, from home first and then from wherever there is most. It returns when the cash
// can be used there, or false if there is too little anywhere, without moving any.
func (e *Exchange) bring(ctx context.Context, to exchange.ShardID, account exchange.AccountID, n need) (bool, error) {
	if n.least <= 0 {
		return false, nil
	}
	sources, there := e.sources(to, account)
	if there < n.least { // cash that came a moment ago may not be seen here yet
		if err := e.Fresh(ctx); err != nil {
			return false, err
		}
		if sources, there = e.sources(to, account); there < n.least {
			return e.settled(ctx, account)
		}
	}
	_, known := e.shard(to).View.Account(account)
	var moved exchange.Money
	for _, s := range sources {
		amount := min(s.cash, n.most-moved)
		if amount <= 0 {
			break
		}
		cmd := exchange.SendTransfer{Account: account, Key: randomKey(), To: to, Amount: amount}
		sent, err := e.one(ctx, s.shard, &cmd)
		if err != nil {
			return false, fmt.Errorf("moving cash from shard %d to shard %d: %w", s.shard, to, err)
		}
		if sent.Code != exchange.Accepted { // it was spent meanwhile
			continue
		}
		moved += amount
		if err := e.arrived(ctx, s.shard, to, sent.ID); err != nil {
			return false, fmt.Errorf("waiting for transfer %d from shard %d to shard %d: %w", sent.ID, s.shard, to, err)
		}
	}
	if !known && moved > 0 {
		return true, e.introduce(ctx, to, account)
	}
	return true, nil // though others may have taken some of it meanwhile
}

type source struct {
	shard exchange.ShardID
	cash  exchange.Money
}

// sources are the shards with cash of an account, but one.
func (e *Exchange) sources(but exchange.ShardID, account exchange.AccountID) (all []source, sum exchange.Money) {
	for _, s := range e.all() {
		if a, ok := s.View.Account(account); ok && s.ID != but && a.Cash > 0 {
			all = append(all, source{s.ID, a.Cash})
			sum += a.Cash
		}
	}
	slices.SortStableFunc(all, func(a, b source) int {
		if a.shard == exchange.HomeShard || b.shard == exchange.HomeShard {
			return cmp.Compare(a.shard, b.shard)
		}
		return cmp.Compare(b.cash, a.cash)
	})
	return all, sum
}

// settled waits until nothing of an account is under way, and reports whether something was.
func (e *Exchange) settled(ctx context.Context, account exchange.AccountID) (was bool, err error) {
	for ; e.underWay(account) > 0; was = true {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return was, ctx.Err()
		}
	}
	return was, nil
}

// arrived waits until a shard has credited a transfer.
func (e *Exchange) arrived(ctx context.Context, from, to exchange.ShardID, number uint64) error {
	for view := e.shard(to).View; ; {
		seen := view.Seq()
		if view.Received(from) >= number {
			return nil
		}
		if err := view.WaitSeq(ctx, seen+1); err != nil {
			return err
		}
	}
}

// introduce tells a shard that has just heard of an account what holds for it everywhere.
func (e *Exchange) introduce(ctx context.Context, to exchange.ShardID, account exchange.AccountID) error {
	a, _ := e.home().Account(account)
	if a.Version > 1 {
		cmd := exchange.SetLimits{Account: account, Key: randomKey(), MaxOpenOrders: a.MaxOpenOrders, Blocked: a.Blocked}
		if _, err := e.one(ctx, to, &cmd); err != nil {
			return err
		}
	}
	if rest := exchange.Duration(a.DeadMan - e.home().Now()); a.DeadMan != 0 {
		cmd := exchange.SetDeadMan{Account: account, Key: randomKey(), Timeout: max(rest, exchange.Duration(time.Second))}
		if _, err := e.one(ctx, to, &cmd); err != nil {
			return err
		}
	}
	return nil
}

// withdraw brings home what a withdrawal lacks there, and withdraws it.
func (e *Exchange) withdraw(ctx context.Context, c *exchange.Withdraw) (exchange.Reply, error) {
	if err := e.bringHome(ctx, c); err != nil {
		return exchange.Reply{}, err
	}
	return e.one(ctx, exchange.HomeShard, c)
}

// bringHome brings home what a withdrawal lacks there.
func (e *Exchange) bringHome(ctx context.Context, c *exchange.Withdraw) error {
	if a, ok := e.home().Account(c.Account); ok && a.Cash < c.Amount && !a.Blocked {
		lacks := c.Amount - a.Cash
		if _, err := e.bring(ctx, exchange.HomeShard, c.Account, need{lacks, lacks}); err != nil {
			return fmt.Errorf("gathering cash for a withdrawal: %w: %w", err, gateway.ErrNotSubmitted)
		}
	}
	return nil
}

func randomKey() (key exchange.Key) {
	_, _ = rand.Read(key[:]) // it never fails
	return key
}
