package sim

import (
	"fmt"
	"time"

	"github.com/hustings/hustings/courier"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
	"github.com/hustings/hustings/exchange/part"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/placement"
)

// mover moves markets from one shard to another where they belong, as package courier says. It reads whatever replicas it
// finds, loses answers, says things twice and in any order, loses its patience, and now and then forgets everything.
type mover struct {
	w        *world
	from, to *group
	markets  map[exchange.MarketID]*courier.Market
}

// seen is a market that needs something, as two replicas show it.
type seen struct {
	id                  exchange.MarketID
	step                courier.Step
	source, destination projection.Moving
}

// walk looks what there is to do, again and again.
func (m *mover) walk() {
	w := m.w
	m.look()
	w.after(10*time.Millisecond+w.upTo(100*time.Millisecond), m.walk)
}

// look looks at a replica of each shard. What they show counts only once fresh reads have said that it is there to stay.
func (m *mover) look() {
	w := m.w
	if w.chance(3) && !w.ending {
		w.count(MoverForgets)
		m.markets = nil
	}
	source, destination := m.from.hosts[w.IntN(len(w.nodes))], m.to.hosts[w.IntN(len(w.nodes))]
	places := w.places(w.groups[0].hosts[w.IntN(len(w.nodes))])
	if !source.up || !destination.up || places == nil {
		return
	}
	var all []seen
	view, there := source.replica.View(), destination.replica.View()
	view.Here(0, func(id exchange.MarketID, moving projection.Moving) bool {
		s := seen{id: id, source: moving, destination: there.Moving(id)}
		switch {
		case moving.Stage == projection.StageHere:
			x, _ := view.Market(id)
			_, exists := there.Market(id)
			if places.Of(id) != m.to.shard || exists || ended(x.State) || there.Rules() < exchange.MoveRules {
				return true
			}
		case moving.With != m.to.shard:
			return true
		}
		if s.step = m.market(id).Next(moving, s.destination); s.step != courier.Rest {
			all = append(all, s)
		}
		return true
	})
	if len(all) == 0 {
		return
	}
	life := destination.life
	source.read(func() {
		if destination.up && destination.life == life {
			destination.read(func() {
				for _, s := range all {
					m.act(source, s)
				}
			})
		}
	})
}

func ended(state exchange.MarketState) bool {
	return state == exchange.StateSettled || state == exchange.StateVoided || state == exchange.StateVoiding
}

func (m *mover) market(id exchange.MarketID) *courier.Market {
	if m.markets == nil {
		m.markets = map[exchange.MarketID]*courier.Market{}
	}
	if m.markets[id] == nil {
		m.markets[id] = &courier.Market{ID: id, From: m.from.shard, To: m.to.shard}
	}
	return m.markets[id]
}

// act does what a market needs.
func (m *mover) act(source *host, s seen) {
	x := m.market(s.id)
	switch s.step {
	case courier.Adopt:
		m.adopt(source, s, x)
	case courier.Abandon:
		m.send(m.to, func([]exchange.Reply) {}, x.Command(s.step, s.source.Move))
	default:
		m.send(m.from, func([]exchange.Reply) {}, x.Command(s.step, s.source.Move))
	}
}

// adopt brings some parts of a market to the destination.
func (m *mover) adopt(source *host, s seen, x *courier.Market) {
	w := m.w
	if !source.up || source.replica.Frozen() {
		return
	}
	parts := source.replica.WriteMarket(s.id, w.set.partSize)
	if source.kick(); parts == nil || source.replica.View().Moving(s.id) != s.source {
		return
	}
	if err := w.written(s, m.from.shard, parts); err != nil {
		w.fail(fmt.Errorf("%v: %w", source, err))
		return
	}
	cmds := x.Parts(s.source.Move, s.destination, parts)
	if len(cmds) == 0 {
		return
	}
	if w.chance(8) && !w.ending {
		w.count(MoveGivenUp)
		x.Answered(cmds[0], exchange.RejectMoveAbandoned)
		return
	}
	cmds = cmds[:min(len(cmds), 1+w.IntN(6))]
	if w.chance(10) {
		w.Shuffle(len(cmds), func(i, j int) { cmds[i], cmds[j] = cmds[j], cmds[i] })
	}
	m.send(m.to, func(replies []exchange.Reply) {
		for i, reply := range replies {
			x.Answered(cmds[i], reply.Code)
		}
	}, commands(cmds)...)
}

func (m *mover) send(to *group, learn func([]exchange.Reply), cmds ...exchange.Command) {
	w := m.w
	q := w.request(to, false, func(replies []exchange.Reply) {
		if !w.permille(200) { // otherwise the answer is lost
			learn(replies)
		}
	}, cmds...)
	q.send()
	if w.permille(100) {
		w.count(MoverTwice)
		w.after(w.upTo(200*time.Millisecond), q.send)
	}
}

// places is where markets belong, as a replica of the home shard shows it; nil if it shows nothing.
func (w *world) places(h *host) *placement.Map {
	if !h.up {
		return nil
	}
	_, data := h.replica.View().Placement()
	if m := w.read[string(data)]; m != nil {
		return m
	}
	m, err := placement.New(exchange.ShardID(len(w.groups))), error(nil)
	if data != nil {
		m, err = placement.Read(data)
	}
	if err != nil {
		w.fail(fmt.Errorf("%v: the placement: %w", h, err))
	}
	w.read[string(data)] = m
	return m
}

// replace has some market belong elsewhere, or some shard take more or fewer of them.
func (w *world) replace() {
	h := w.groups[0].hosts[w.IntN(len(w.nodes))]
	if !h.up || len(w.groups) == 1 || !w.chance(50) {
		return
	}
	version, _ := h.replica.View().Placement()
	m := w.places(h)
	shard := 1 + exchange.ShardID(w.IntN(len(w.groups)))
	var err error
	if next := m; w.chance(80) {
		m, err = next.Put(exchange.MarketID(1+w.IntN(max(1, w.desk.opened))), shard)
	} else if m, err = next.Weigh(shard, uint16(w.IntN(3)*placement.Points/2)); err != nil {
		return // the last one
	}
	if err != nil {
		w.fail(err)
		return
	}
	w.request(w.groups[0], false, func(replies []exchange.Reply) {
		if replies[0].Code == exchange.Accepted {
			w.count(PlacementChange)
		}
	}, &exchange.SetPlacement{Version: version, Data: m.Append(nil)}).send()
}

// eachCopy visits all markets in the models of all shards, and what is there of them.
func (w *world) eachCopy(visit func(g *group, m *model.Market)) {
	for _, g := range w.groups {
		for _, m := range g.oracle.model.Markets {
			if m != nil && len(m.Books) > 0 {
				visit(g, m)
			}
		}
	}
}

// where is the shard on which a market trades, or nil.
func (w *world) where(id exchange.MarketID) (at *group) {
	w.eachCopy(func(g *group, m *model.Market) {
		if m.ID == id && m.Move.Stage == model.Here {
			at = g
		}
	})
	return at
}

// copies are what is left or has come of markets that are elsewhere.
func (w *world) copies() (all []*model.Market) {
	itself := map[exchange.MarketID]*model.Market{} // what counts: it trades, or has been frozen last
	w.eachCopy(func(_ *group, m *model.Market) {
		is := itself[m.ID]
		if m.Move.Stage == model.Here || m.Move.Stage == model.Frozen && (is == nil || is.Move.Stage == model.Frozen && m.Move.Number > is.Move.Number) {
			itself[m.ID] = m
		}
	})
	w.eachCopy(func(_ *group, m *model.Market) {
		if m != itself[m.ID] {
			all = append(all, m)
		}
	})
	return all
}

// placed checks that each market trades on one shard, or on none while it is frozen on one.
func (w *world) placed() error {
	here, frozen := map[exchange.MarketID]exchange.ShardID{}, map[freezing]int{}
	last := map[exchange.MarketID]uint32{}
	var known []exchange.MarketID
	var err error
	w.eachCopy(func(g *group, m *model.Market) {
		known = append(known, m.ID)
		switch m.Move.Stage {
		case model.Here:
			if other := here[m.ID]; other != 0 {
				err = fmt.Errorf("market %d trades on shards %d and %d", m.ID, other, g.shard)
			}
			here[m.ID] = g.shard
		case model.Frozen:
			frozen[freezing{market: m.ID, move: m.Move.Number}]++
			last[m.ID] = max(last[m.ID], m.Move.Number)
		}
	})
	for _, id := range known {
		if n := frozen[freezing{market: id, move: last[id]}]; here[id] == 0 && n != 1 && err == nil {
			err = fmt.Errorf("market %d trades nowhere, and is frozen on %d shards", id, n)
		}
	}
	return err
}

// arrived reports whether each market is where it belongs, and nowhere else anything of it.
func (w *world) arrived() bool {
	places := w.places(w.groups[0].hosts[0])
	if places == nil {
		return false
	}
	all := true
	w.eachCopy(func(g *group, m *model.Market) {
		all = all && m.Move.Stage == model.Here && (places.Of(m.ID) == g.shard || ended(m.State))
	})
	return all
}

// written checks that a frozen market is written out in the same parts by every replica, but for what goes on meanwhile: how many
// orders the shard has accepted, when dead-man's switches are due, whose orders one has cancelled, and what is heard of groups.
func (w *world) written(s seen, from exchange.ShardID, parts [][]byte) error {
	var all []byte
	for _, b := range parts {
		p, ok := part.Read(b)
		if !ok {
			return fmt.Errorf("market %d is written out in parts that are none", s.id)
		}
		if p.Head != nil {
			p.Head.Number = 0
		}
		for i := range p.Positions {
			p.Positions[i].Deadline = 0
		}
		for i := range p.Orders {
			p.Orders[i].Doomed, p.Orders[i].GroupVersion = false, 0
		}
		all = fmt.Appendf(all, "%+v%+v%+v%+v%+v%+v\n", p.Head, p.Positions, p.Orders, p.Keys, p.Past, p.Traces)
	}
	key, sum := freezing{s.id, from, s.source.Move}, sumOf(all)
	if known, ok := w.parts[key]; ok && known != sum {
		return fmt.Errorf("market %d is not written out in the same parts as by another replica", s.id)
	}
	w.parts[key] = sum
	return nil
}

type freezing struct {
	market exchange.MarketID
	shard  exchange.ShardID
	move   uint32
}
