package shard_test

import (
	"bytes"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
)

const defaultOpenOrders = shard.DefaultMaxOpenOrders

// shardVenue drives a shard through batches, as the log does. Order ids in what it returns have the number that the
// shard gave, and slot 0, so that they can be compared with the model's.
type shardVenue struct {
	shard *shard.Shard
	out   shard.Output
	fold  *fold
	ids   map[namedOrder]exchange.OrderID // may be shared by shards between which markets move
}

func (v *shardVenue) name() string { return "shard" }

func (v *shardVenue) reset() {
	*v = shardVenue{shard: shard.New(), fold: newFold(), ids: map[namedOrder]exchange.OrderID{}}
}

// namedOrder is what an order is known by: orders of two markets may have one number.
type namedOrder struct {
	market exchange.MarketID
	number uint64
}

// order returns the shard's id of an order; of one that it never accepted, an id that it could have given.
func (v *shardVenue) order(market exchange.MarketID, number uint64) exchange.OrderID {
	for _, in := range []exchange.MarketID{market, 0} { // 0: whoever names another market means the order all the same
		if id, ok := v.ids[namedOrder{in, number}]; ok {
			return id
		}
	}
	return exchange.NewOrderID(number, 1)
}

func (v *shardVenue) apply(now exchange.Time, cmds ...exchange.Command) []outcome {
	batch := wire.AppendBatchHead(nil, now, len(cmds))
	for _, cmd := range cmds {
		var err error
		if batch, err = wire.AppendCommand(batch, cmd); err != nil {
			panic(fmt.Sprintf("%+v: %v", cmd, err))
		}
	}
	events := v.run(batch)
	all := make([]outcome, len(cmds))
	seq := v.out.FirstSeq
	for i, cmd := range cmds {
		all[i].reply = v.out.Replies[i]
		if code := all[i].reply.Code; isOrder(cmd) && code != exchange.RejectMarketMoving && code != exchange.RejectMarketMoved {
			all[i].reply.ID = uint64(exchange.NewOrderID(exchange.OrderID(all[i].reply.ID).Number(), 0))
		}
		for ; seq <= v.out.Replies[i].Seq; seq++ {
			all[i].events = append(all[i].events, events[0])
			events = events[1:]
		}
	}
	if len(all) > 0 {
		last := &all[len(all)-1]
		last.after = events
	}
	return all
}

func isOrder(cmd exchange.Command) bool {
	switch cmd.CommandKind() {
	case exchange.KindPlaceOrder, exchange.KindCancelOrder, exchange.KindAmendOrder:
		return true
	}
	return false
}

// tick lets time pass and a bounded number of steps be done.
func (v *shardVenue) tick(now exchange.Time) []exchange.Event {
	return v.run(wire.AppendBatchHead(nil, now, 0))
}

func (v *shardVenue) drain(now exchange.Time) []exchange.Event {
	events := v.tick(now)
	for v.shard.Backlog() {
		events = append(events, v.tick(now)...)
	}
	return events
}

// run applies a batch, folds its events and returns them.
func (v *shardVenue) run(batch []byte) []exchange.Event {
	if err := v.shard.Apply(batch, &v.out); err != nil {
		panic(err)
	}
	var events []exchange.Event
	frames := bytes.Clone(v.out.Events)
	for len(frames) > 0 {
		frame, rest, err := wire.Next(frames)
		if err != nil {
			panic(err)
		}
		frames = rest
		event, err := new(wire.Decoder).Event(frame)
		if err != nil {
			panic(err)
		}
		v.rename(event)
		v.fold.add(event)
		events = append(events, event)
	}
	if len(events) != v.out.Count {
		v.fold.fail("%d events where the output counts %d", len(events), v.out.Count)
	}
	return events
}

// rename gives the orders in an event slot 0, and remembers the shard's own id of one that was placed.
func (v *shardVenue) rename(event exchange.Event) {
	if e, ok := event.(*exchange.OrderPlaced); ok {
		v.ids[namedOrder{e.Market, e.Order.Number()}] = e.Order
		v.ids[namedOrder{0, e.Order.Number()}] = e.Order
	}
	for _, id := range orderIDs(event) {
		*id = exchange.NewOrderID(id.Number(), 0)
	}
}

// orderIDs returns where an event names orders.
func orderIDs(event exchange.Event) []*exchange.OrderID {
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		return []*exchange.OrderID{&e.Order}
	case *exchange.OrderRested:
		return []*exchange.OrderID{&e.Order}
	case *exchange.OrderMatched:
		return []*exchange.OrderID{&e.Maker, &e.Taker}
	case *exchange.OrderCancelled:
		return []*exchange.OrderID{&e.Order}
	case *exchange.OrderExpired:
		return []*exchange.OrderID{&e.Order}
	case *exchange.OrderReduced:
		return []*exchange.OrderID{&e.Order}
	case *exchange.OrderAmended:
		return []*exchange.OrderID{&e.Order}
	case *exchange.CommandRejected:
		return []*exchange.OrderID{&e.Order}
	case *exchange.MassCancelAccepted:
		return []*exchange.OrderID{&e.Below}
	case *exchange.MarketOrdersCancelled:
		return []*exchange.OrderID{&e.Below}
	}
	return nil
}

// state returns what the events fold to.
func (v *shardVenue) state() state {
	if v.fold.fault != nil {
		panic(v.fold.fault)
	}
	return v.fold.settled()
}
