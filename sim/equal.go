package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
)

// examine does the checks that are dear, on one replica.
func (w *world) examine() {
	h := w.groups[w.IntN(len(w.groups))].hosts[w.IntN(len(w.nodes))]
	if h.up && !h.cut && h.replica.Err() == nil {
		if err := h.examine(); err != nil {
			w.fail(fmt.Errorf("%v: %w", h, err))
		}
	}
}

// examine compares the state of a replica with that of others, and its read model with it.
func (h *host) examine() error {
	if err := h.consulted(); err != nil {
		return err
	}
	state, index := h.replica.State()
	if h.replica.Frozen() {
		return nil
	}
	sum, err := replica.SumState(state)
	if err != nil {
		return err
	}
	if !h.bygone() {
		if err := h.group.oracle.holds(index, sum); err != nil {
			return err
		}
	}
	if seq := h.replica.View().Seq(); seq != state.Seq() {
		if last := exchange.Seq(h.replica.Journal().Last().Seq); !h.replica.Waiting().Publish && last == state.Seq() {
			return fmt.Errorf("the journal ends with event %d, and the read model stays at %d", last, seq)
		}
		return nil
	}
	view, err := state.View()
	if err != nil {
		return err
	}
	if diff := h.replica.View().Diff(view); len(diff) > 0 {
		return fmt.Errorf("what the events fold to is not the state: %v", diff)
	}
	return h.replica.View().Check()
}

// consulted checks that the consensus counts the votes of those who have one.
func (h *host) consulted() error {
	var voters []replica.ID
	for _, m := range h.replica.Members() {
		if m.Role == replica.Voter {
			voters = append(voters, m.Replica)
		}
	}
	waiting := h.replica.Waiting() // for a change, or for a snapshot with other members
	if counted := h.replica.Voters(); !waiting.Work && !waiting.Persist && !slices.Equal(voters, counted) {
		return fmt.Errorf("the voters are %v, the consensus counts the votes of %v", voters, counted)
	}
	return nil
}

// compareVotes has the replicas of a shard compare what they hash to, as nodes do.
func (w *world) compareVotes() {
	for _, g := range w.groups {
		for _, h := range g.hosts {
			for _, other := range g.hosts {
				if h != other && h.up && other.up && !w.isCut(other.node, h.node) {
					h.replica.TakeVotes(other.replica.Votes())
				}
			}
			if h.up && h.replica.Err() != nil {
				var d *replica.Divergence
				if errors.As(h.replica.Err(), &d) {
					w.fail(fmt.Errorf("%v: %w", h, d))
				}
			}
		}
	}
	w.after(200*time.Millisecond, w.compareVotes)
}

// mend lets everything be well from now on.
func (w *world) mend() {
	w.note("mend")
	w.ending = true
	w.net = network{}
	w.set.brokenFetches = 0
	for _, n := range w.nodes {
		n.clock, n.stalled, n.slow = 0, 0, 0
	}
	w.repair()
}

// repair starts again and again what is down.
func (w *world) repair() {
	for _, n := range w.nodes {
		for _, h := range n.hosts {
			if !h.up && h.lost {
				h.renew()
			}
			h.restart()
		}
	}
	w.after(300*time.Millisecond, w.repair)
}

// over reports whether nothing is left to be done.
func (w *world) over() bool {
	if !w.ending || !w.desk.idle() || w.region.lost {
		return false
	}
	if !w.arrived() || !w.agreed() {
		return false
	}
	for _, g := range w.groups {
		if !g.settled() || len(g.oracle.model.Outbox()) > 0 {
			return false
		}
		for _, h := range g.hosts {
			index, seq := h.replica.Applied()
			if h.bygone() || index < g.oracle.last || h.replica.View().Seq() != g.oracle.seq || seq != uint64(g.oracle.seq) || h.replica.Waiting() != (replica.Waiting{}) {
				return false
			}
		}
	}
	return true
}

// standing says how far each replica is.
func (w *world) standing() (text string) {
	for _, g := range w.groups {
		text += fmt.Sprintf("\nshard %d: entry %d, event %d, outbox %d, joining %d, leaving %v, clients idle %t, moves done %t, groups agreed %t", g.shard, g.oracle.last,
			g.oracle.seq, len(g.oracle.model.Outbox()), g.joining, g.leaving, w.desk.idle(), w.arrived(), w.agreed())
		for _, h := range g.hosts {
			if !h.up {
				text += fmt.Sprintf("\n  %v is down, lost %t", h.id, h.lost)
				continue
			}
			text += fmt.Sprintf("\n  %v %+v %+v", h.id, h.replica.Status(), h.replica.Waiting())
		}
	}
	return text
}

// compareAll compares all replicas in the end.
func (w *world) compareAll() {
	for _, g := range w.groups {
		tip := g.hosts[0].replica.Journal().Last()
		for _, h := range g.hosts {
			err := h.examine()
			if last := h.replica.Journal().Last(); err == nil && last != tip {
				err = fmt.Errorf("the journal ends at %+v, elsewhere at %+v", last, tip)
			}
			if err != nil {
				w.fail(fmt.Errorf("in the end %v: %w", h, err))
			}
		}
	}
	if err := w.conserved(); err != nil {
		w.fail(err)
	}
}
