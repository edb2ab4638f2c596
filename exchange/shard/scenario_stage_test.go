package shard_test

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
)

// A stage is a venue with the names that a transcript gives to what is on it.
type stage struct {
	venue
	now      exchange.Time
	accounts map[string]exchange.AccountID
	people   []string // names by AccountID, from 1
	markets  map[string]*namedMarket
	listed   []*namedMarket // by MarketID, from 1
	latest   *namedMarket
	placedIn map[uint64]exchange.MarketID // orders, by number
	tells    bool                         // when positions open and close
}

type namedMarket struct {
	id       exchange.MarketID
	name     string
	outcomes []string
}

// A request is a command with what its answer needs.
type request struct {
	cmd      exchange.Command
	accepted func(exchange.Reply) // remembers names
	silent   bool                 // it was not asked for by name
}

// newYear2026 is when every test begins. It is a whole number of anything that a window can be divided into.
const newYear2026 exchange.Time = 1_767_225_600e9

func newStage(v venue) *stage {
	v.reset()
	return &stage{venue: v, now: newYear2026, accounts: map[string]exchange.AccountID{}, people: []string{"nobody"},
		markets: map[string]*namedMarket{}, listed: []*namedMarket{nil}, placedIn: map[uint64]exchange.MarketID{}}
}

// run executes one step of a transcript, line by line; what follows "at once" happens at one instant.
func (s *stage) run(lines []string) ([]string, error) {
	var batch []request
	var out []string
	together := false
	for _, line := range lines {
		if line == "at once" {
			together = true
			continue
		}
		shown, ok, err := s.ask(line)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(append(out, s.perform(batch)...), shown()...)
			batch = nil
			continue
		}
		requests, err := s.parse(line)
		if err != nil {
			return nil, fmt.Errorf("%w in: %s", err, line)
		}
		batch = append(batch, requests...)
		if !together {
			out = append(out, s.perform(batch)...)
			batch = nil
		}
	}
	return append(out, s.perform(batch)...), nil
}

// perform executes commands together, and then works off what they left to do.
func (s *stage) perform(batch []request) []string {
	if len(batch) == 0 {
		return nil
	}
	cmds := make([]exchange.Command, len(batch))
	for i, r := range batch {
		cmds[i] = r.cmd
	}
	var out []string
	var after []exchange.Event
	for i, o := range s.apply(s.now, cmds...) {
		after = append(after, o.after...)
		if r := batch[i]; o.reply.Code == exchange.Accepted && r.accepted != nil {
			r.accepted(o.reply)
		}
		if !batch[i].silent {
			out = append(append(out, s.answer(cmds[i], o)), s.tell(o.events)...)
		}
	}
	return append(out, s.tellSorted(append(after, s.drain(s.now)...))...)
}

// ask answers the lines that are not commands: what to show, and waiting.
func (s *stage) ask(line string) (show func() []string, ok bool, err error) {
	w := split(line)
	switch {
	case w.is("wait"):
		span := w.span()
		show = func() []string {
			s.now += exchange.Time(span)
			return s.tellSorted(s.drain(s.now))
		}
	case w.is("show"):
		show = s.parseShow(w)
	case w.is("tell"):
		w.must("positions")
		show = func() []string {
			s.tells = true
			return nil
		}
	default:
		return nil, false, nil
	}
	if w.err == nil && !w.empty() {
		w.fail("%q is not understood", w.rest[0])
	}
	if w.err != nil {
		return nil, false, fmt.Errorf("%w in: %s", w.err, line)
	}
	return show, true, nil
}
