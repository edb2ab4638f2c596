package sim

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/replica"
)

// follower runs the independent model behind a shard's log and compares what the two say. The model knows orders by their
// number alone.
type follower struct {
	model   *model.Engine
	due     []exchange.Event // what the model saw fall due and the shard has not told yet
	seq     exchange.Seq
	replies map[exchange.Key]exchange.Reply // first answers
	adopted bool                            // a market, with the answers that were given elsewhere
	took    []exchange.Key                  // that took effect in the last batch
	closed  int                             // markets that closed by themselves in the last batch
	working bool                            // the shard may have something to work off now
	names   names                           // of all shards' orders
}

func newFollower(n names) *follower {
	return &follower{model: model.New(), replies: map[exchange.Key]exchange.Reply{}, names: n}
}

// batch follows one entry of the log.
func (f *follower) batch(a replica.Applied) ([]exchange.Command, error) {
	if a.FirstSeq != f.seq+1 {
		return nil, fmt.Errorf("its first event is %d, after %d", a.FirstSeq, f.seq)
	}
	cmds, err := readCommands(a.Batch)
	if err != nil {
		return nil, err
	}
	events, err := readEvents(a.Events, f.names.learn)
	if err != nil {
		return nil, err
	}
	f.took, f.closed = f.took[:0], 0
	f.due = append(f.due, f.model.PassTime(a.Time)...)
	f.model.Hint(events)
	f.working = len(f.due) > 0 || !f.model.Idle()
	for i, cmd := range cmds {
		reply := a.Replies[i]
		own := 0
		if reply.Seq > f.seq {
			own = int(reply.Seq - f.seq)
		}
		if own > len(events) {
			return nil, fmt.Errorf("%s was answered with event %d, there are %d after %d", show(cmd), reply.Seq, len(events), f.seq)
		}
		if err := f.command(a.Time, cmd, reply, events[:own]); err != nil {
			return nil, err
		}
		events, f.seq = events[own:], f.seq+exchange.Seq(own)
		f.working = f.working || own > 0
	}
	f.seq += exchange.Seq(len(events))
	if err := f.background(events); err != nil {
		return nil, err
	}
	if err := f.model.Check(); err != nil {
		return nil, fmt.Errorf("an invariant is broken: %w", err)
	}
	return cmds, nil
}

// command follows one command with the events up to its last one.
func (f *follower) command(now exchange.Time, cmd exchange.Command, reply exchange.Reply, events []exchange.Event) error {
	before := model.Background(events, cmd, f.due)
	if err := f.background(events[:before]); err != nil {
		return err
	}
	events = events[before:]
	if isLater(cmd, reply) && f.working && len(events) == 0 {
		return nil
	}
	key := keyOf(cmd)
	if first, ok := f.replies[key]; ok && reply.Code != exchange.RejectKeyReused && keeps(reply.Code) && !f.alike(first, reply) {
		return fmt.Errorf("%s was answered %+v, the first time %+v", show(cmd), reply, first)
	}
	want, said := f.model.Apply(now, f.names.translated(cmd))
	f.names.back(said)
	got := reply
	got.Seq = 0
	if isOrder(cmd) && (keeps(got.Code) || got.Code == exchange.RejectFundsElsewhere) {
		got.ID = uint64(exchange.NewOrderID(exchange.OrderID(got.ID).Number(), 0))
	}
	if got != want {
		return fmt.Errorf("%s\nwas answered   %+v (%v)\nthe model says %+v (%v)", show(cmd), got, got.Code, want, want.Code)
	}
	if _, adopts := cmd.(*exchange.AdoptMarket); adopts && reply.Code == exchange.Accepted {
		f.adopted = true
	}
	if key != (exchange.Key{}) && reply.Code != exchange.RejectKeyReused && keeps(reply.Code) {
		f.replies[key] = reply
		if len(said) > 0 {
			f.took = append(f.took, key)
		}
	}
	return equal(show(cmd), said, events)
}

// isLater reports whether a market is not frozen, or a part of one not taken, yet because the shard is still looking for orders to be
// removed. The model, which knows at once that there are none, need not agree, provided that something has happened that such orders may
// come of.
func isLater(cmd exchange.Command, reply exchange.Reply) bool {
	_, freeze := cmd.(*exchange.FreezeMarket)
	_, adopt := cmd.(*exchange.AdoptMarket)
	return reply.Code == exchange.RejectMarketMoving && (adopt || freeze && reply.ID == 0)
}

// keeps reports whether an answer is kept with its key. Otherwise the command may come again, here or elsewhere.
func keeps(code exchange.Reject) bool {
	return code != exchange.RejectFundsElsewhere && code != exchange.RejectGroupElsewhere && code != exchange.RejectMarketMoving && code != exchange.RejectMarketMoved
}

// alike reports whether two answers to a key are the same one. One that came with a market has the Seq of its adoption, and is not of a later time.
func (f *follower) alike(a, b exchange.Reply) bool {
	if f.adopted {
		a.Seq, b.Seq, a.Time, b.Time = 0, 0, 0, 0
	}
	return a == b
}

// background lets the model do what the shard did without a command.
func (f *follower) background(events []exchange.Event) error {
	for len(events) > 0 {
		if i := slices.IndexFunc(f.due, func(e exchange.Event) bool { return model.Same(e, events[0]) }); i >= 0 {
			if _, closed := f.due[i].(*exchange.MarketClosed); closed {
				f.closed++
			}
			f.due = slices.Delete(f.due, i, i+1)
			events = events[1:]
			continue
		}
		step, err := f.model.Step(events[0])
		if err != nil {
			return fmt.Errorf("the shard did %s, but %w", show(events[0]), err)
		}
		n := min(len(step), len(events))
		if err := equal("in the background", step, events[:n]); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

func equal(what string, want, got []exchange.Event) error {
	if slices.EqualFunc(want, got, model.Same) {
		return nil
	}
	return fmt.Errorf("%s: the model says%s\nthe shard says%s", what, showAll(want), showAll(got))
}

func show(v any) string { return fmt.Sprintf("%T%+v", v, reflect.Indirect(reflect.ValueOf(v))) }

func showAll(events []exchange.Event) (text string) {
	if len(events) == 0 {
		return " nothing"
	}
	for _, event := range events {
		text += "\n    " + show(event)
	}
	return text
}

func readCommands(batch []byte) (cmds []exchange.Command, err error) {
	_, count, frames, err := wire.ReadBatch(bytes.Clone(batch))
	for range count {
		var frame []byte
		if err == nil {
			frame, frames, err = wire.Next(frames)
		}
		if err != nil {
			return nil, fmt.Errorf("reading a batch: %w", err)
		}
		cmd, err := wire.ReadCommand(frame)
		if err != nil {
			return nil, fmt.Errorf("reading a command: %w", err)
		}
		cmds = append(cmds, cmd)
	}
	return cmds, err
}

// readEvents reads events, shows them and takes the slots out of their orders' ids.
func readEvents(frames []byte, show func(exchange.Event)) (events []exchange.Event, err error) {
	for frames = bytes.Clone(frames); len(frames) > 0; {
		var frame []byte
		if frame, frames, err = wire.Next(frames); err != nil {
			return nil, fmt.Errorf("reading events: %w", err)
		}
		event, err := new(wire.Decoder).Event(frame)
		if err != nil {
			return nil, fmt.Errorf("reading an event: %w", err)
		}
		show(event)
		clearSlots(reflect.ValueOf(event).Elem())
		events = append(events, event)
	}
	return events, nil
}

var orderID = reflect.TypeFor[exchange.OrderID]()

// clearSlots takes the slots out of all ids of orders in a struct.
func clearSlots(v reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Type() == orderID:
			f.SetUint(uint64(exchange.NewOrderID(exchange.OrderID(f.Uint()).Number(), 0)))
		case f.Kind() == reflect.Struct:
			clearSlots(f)
		}
	}
}

func isOrder(cmd exchange.Command) bool {
	switch cmd.CommandKind() {
	case exchange.KindPlaceOrder, exchange.KindCancelOrder, exchange.KindAmendOrder:
		return true
	}
	return false
}

func keyOf(cmd exchange.Command) (key exchange.Key) {
	if f := reflect.ValueOf(cmd).Elem().FieldByName("Key"); f.IsValid() {
		key = f.Interface().(exchange.Key)
	}
	return key
}
