package shard_test

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
)

// A venue executes commands: the model or the shard.
type venue interface {
	name() string
	reset()

	// apply executes commands at one instant, before anything is worked off. For each it returns the answer and the
	// events.
	apply(now exchange.Time, cmds ...exchange.Command) []outcome

	// drain lets time pass and works off everything that is due.
	drain(now exchange.Time) []exchange.Event

	// order returns the id that the venue gave to the order with this number.
	order(market exchange.MarketID, number uint64) exchange.OrderID

	state() state
}

// An outcome is what a command led to: the answer, its own events, and what was worked off in the same breath.
type outcome struct {
	reply         exchange.Reply
	events, after []exchange.Event
}

func venues() []venue { return []venue{&modelVenue{}, &shardVenue{}} }

type modelVenue struct{ engine *model.Engine }

func (v *modelVenue) name() string { return "model" }
func (v *modelVenue) reset()       { v.engine = model.New() }

func (v *modelVenue) apply(now exchange.Time, cmds ...exchange.Command) []outcome {
	var all []outcome
	for _, cmd := range cmds {
		reply, events := v.engine.Apply(now, cmd)
		v.check()
		all = append(all, outcome{reply: reply, events: events})
	}
	return all
}

func (v *modelVenue) drain(now exchange.Time) []exchange.Event {
	events := v.engine.Drain(now)
	v.check()
	return events
}

func (v *modelVenue) check() {
	if err := v.engine.Check(); err != nil {
		panic("the model is wrong: " + err.Error())
	}
}

func (v *modelVenue) order(_ exchange.MarketID, number uint64) exchange.OrderID {
	return exchange.NewOrderID(number, 0)
}
