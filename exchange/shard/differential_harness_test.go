package shard_test

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
)

// An op is one step of a random program: time passes, then commands are executed together. Accounts, markets, groups and
// orders are named by the serial number of the command that made them, so that a program of which something was left
// out still means the same.
type op struct {
	wait exchange.Duration
	cmds []command
}

type command struct {
	serial uint64
	exchange.Command
}

// A harness runs programs on the model and the shard and compares the two.
type harness struct {
	now   exchange.Time
	model *model.Engine
	shard shardVenue
	names names
	idle  map[uint64]bool  // commands that were refused or answered before: leaving them out may change nothing
	due   []exchange.Event // closings and switches that the model saw and the shard has not told yet
	seen  *coverage
}

func newHarness(seen *coverage) *harness {
	h := &harness{now: newYear2026, model: model.New(), names: newNames(), idle: map[uint64]bool{}, seen: seen}
	h.shard.reset()
	return h
}

// do executes an op on both sides. An error tells the first difference.
func (h *harness) do(o op) error {
	h.now += exchange.Time(o.wait)
	cmds := make([]exchange.Command, len(o.cmds))
	same := make([]exchange.Command, len(o.cmds)) // for the model
	for i, c := range o.cmds {
		same[i] = h.names.resolve(c.Command)
		cmds[i] = withOrder(same[i], h.shard.order)
	}
	var outcomes []outcome
	var after []exchange.Event
	if len(cmds) == 0 {
		after = h.shard.tick(h.now)
	} else {
		outcomes = h.shard.apply(h.now, cmds...)
		after = outcomes[len(outcomes)-1].after
	}
	h.due = append(h.due, h.model.PassTime(h.now)...)
	h.hint(outcomes, after)
	for i, c := range o.cmds {
		out := &outcomes[i]
		before := model.Background(out.events, cmds[i], h.due)
		if err := h.follow(out.events[:before]); err != nil {
			return err
		}
		out.events = out.events[before:]
		if err := h.compare(c.serial, same[i], *out); err != nil {
			return err
		}
	}
	if err := h.follow(after); err != nil {
		return err
	}
	if err := h.model.Check(); err != nil {
		return fmt.Errorf("the model is wrong: %w", err)
	}
	return h.compareRest()
}

func (h *harness) hint(outcomes []outcome, after []exchange.Event) {
	all := slices.Clone(after)
	for _, o := range outcomes {
		all = append(all, o.events...)
	}
	h.model.Hint(all)
}

// follow lets the model do what the shard did in the background.
func (h *harness) follow(events []exchange.Event) error {
	for len(events) > 0 {
		if i := slices.IndexFunc(h.due, func(e exchange.Event) bool { return model.Same(e, events[0]) }); i >= 0 {
			h.seen.event(events[0])
			h.due = slices.Delete(h.due, i, i+1)
			events = events[1:]
			continue
		}
		step, err := h.model.Step(events[0])
		if err != nil {
			return fmt.Errorf("in the background the shard did %s, but %w", show(events[0]), err)
		}
		for i, want := range step {
			if i >= len(events) || !model.Same(want, events[i]) {
				return differ("in the background", step, events[:min(len(events), len(step))])
			}
			h.seen.event(want)
		}
		events = events[len(step):]
	}
	return nil
}

// compare executes a command on the model and compares its answer and events with the shard's.
func (h *harness) compare(serial uint64, cmd exchange.Command, shard outcome) error {
	reply, events := h.model.Apply(h.now, cmd)
	h.names.learn(serial, cmd, reply)
	h.idle[serial] = reply.Code != exchange.Accepted || len(events) == 0
	h.seen.command(cmd, reply, events)
	got := shard.reply
	got.Seq = 0
	if reply != got {
		return fmt.Errorf("%s\nmodel answers %+v (%v)\nshard answers %+v (%v)\nmodel: %s\nshard: %s", show(cmd), reply, reply.Code,
			got, got.Code, showAll(events), showAll(shard.events))
	}
	if len(events) != len(shard.events) {
		return differ(show(cmd), events, shard.events)
	}
	for i := range events {
		if !model.Same(events[i], shard.events[i]) {
			return differ(show(cmd), events, shard.events)
		}
	}
	return nil
}

// compareRest compares what holds between commands.
func (h *harness) compareRest() error {
	if h.shard.fold.fault != nil {
		return fmt.Errorf("the shard's events: %w", h.shard.fold.fault)
	}
	if !h.model.Idle() && !h.shard.shard.Backlog() {
		return fmt.Errorf("the shard has no backlog, but the model has something left to do")
	}
	if len(h.due) > 0 && !h.shard.shard.Backlog() {
		return fmt.Errorf("the shard did not tell %s", showAll(h.due))
	}
	return nil
}

// compareStates compares everything that the model holds with what the shard's events and sums say.
func (h *harness) compareStates() error {
	if len(h.due) > 0 {
		return nil // the model is ahead: it has seen at once what the shard has not come round to
	}
	m := modelVenue{h.model}
	want, got := m.state(), h.shard.state()
	if !reflect.DeepEqual(want, got) {
		return fmt.Errorf("states differ:\n%s", firstDifference(reflect.ValueOf(want), reflect.ValueOf(got), "state"))
	}
	if err := h.compareTotals(want); err != nil {
		return err
	}
	return h.compareView()
}

func (h *harness) compareTotals(want state) error {
	totals := h.shard.shard.Totals()
	sum := totals
	sum.Cash, sum.Held, sum.Escrow, sum.MarketFees, sum.Receivable = 0, 0, 0, 0, 0
	sum.HouseFees, sum.World = want.House, want.World
	sum.Outbox, sum.Received, sum.Released = 0, want.Received, want.Released
	sum.MovedIn, sum.MovedOut = want.MovedIn, want.MovedOut
	for _, t := range want.Outbox {
		sum.Outbox += t.Amount
	}
	open := 0
	for _, a := range want.Accounts {
		sum.Cash += a.Cash
		sum.Held += a.Holds
		sum.Receivable += a.Receivable
		open += a.OpenOrders
	}
	for _, m := range want.Markets {
		sum.Escrow += m.Escrow
		sum.MarketFees += m.Fees
	}
	if totals != sum || open != h.shard.shard.OpenOrders() {
		return fmt.Errorf("sums differ:\nmodel %+v, %d orders\nshard %+v, %d orders", sum, open, totals, h.shard.shard.OpenOrders())
	}
	return nil
}
