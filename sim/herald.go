package sim

import (
	"time"

	"github.com/hustings/hustings/courier"
	"github.com/hustings/hustings/exchange"
)

// herald lets home and another shard tell each other of order groups. It compares whatever replicas it finds, loses what it
// wanted to tell, and tells what has long been different.
type herald struct {
	w           *world
	home, other *group
	told        []news // that was made sure of
}

// news is what a shard is told of a group.
type news struct {
	to  *group
	cmd exchange.Command
}

// walk compares, again and again.
func (h *herald) walk() {
	h.step()
	h.w.after(5*time.Millisecond+h.w.upTo(60*time.Millisecond), h.walk)
}

func (h *herald) step() {
	w := h.w
	home, other := h.home.hosts[w.IntN(len(h.home.hosts))], h.other.hosts[w.IntN(len(h.other.hosts))]
	if !home.up || !other.up {
		return
	}
	if len(h.told) > 0 && w.permille(100) {
		old := h.told[w.IntN(len(h.told))]
		w.count(NewsTwice)
		h.tell(old)
	}
	at, there := home.replica.View(), other.replica.View()
	for id := exchange.GroupID(1); id <= exchange.GroupID(w.desk.grouped); id++ {
		g, _ := at.Group(id)
		known, ok := there.Group(id)
		if !ok {
			if g.ID != 0 && w.chance(3) { // an order may name it there
				h.make(home, g.Terms())
			}
			continue
		}
		switch down, up := courier.Group(g, at.GroupCounted(id, h.other.shard), h.other.shard, known); {
		case down != nil:
			home.read(func() { h.sure(news{h.other, down}) })
		case up != nil:
			other.read(func() { h.sure(news{h.home, up}) })
		}
	}
}

// make makes a copy of a group.
func (h *herald) make(home *host, terms exchange.GroupTerms) {
	home.read(func() { h.sure(news{h.other, &exchange.SetGroup{GroupTerms: terms}}) })
}

// sure tells what cannot be lost any more where it was seen.
func (h *herald) sure(n news) {
	if h.told = append(h.told, n); h.w.permille(100) {
		h.w.count(NewsLost)
		return
	}
	h.tell(n)
}

func (h *herald) tell(n news) {
	q := h.w.request(n.to, false, func(replies []exchange.Reply) {
		if c, ok := n.cmd.(*exchange.CountGroup); ok && replies[0].Code == exchange.Accepted && replies[0].Version == c.Version+1 {
			h.w.count(CopyTriggered)
		}
	}, n.cmd)
	q.send()
	if h.w.permille(100) {
		q.send()
	}
}

// agreed reports whether home and every copy say the same of each group. Deleted ones need not count.
func (w *world) agreed() bool {
	home := w.groups[0].oracle.model.Groups
	for _, g := range w.groups[1:] {
		for _, known := range g.oracle.model.Groups {
			if known.Account == 0 || int(known.ID) > len(home) || home[known.ID-1].Account != known.Account { // lost with a region
				continue
			}
			at := home[known.ID-1]
			if at.Version > known.Version || at.Version == known.Version && !at.Deleted &&
				(known.Filled > at.Counted[g.shard] || known.Triggered && !at.Triggered) {
				return false
			}
		}
	}
	return true
}

// newGroup makes a group that some fills pass.
func (d *desk) newGroup(id exchange.AccountID) exchange.Command {
	d.grouped++
	return &exchange.CreateGroup{Key: d.key(), Account: id, Limit: exchange.Quantity(5 + d.w.IntN(60)), Window: 5e9}
}

// group puts some orders in a group of their account: the one that it was given when the exchange was founded.
func (d *desk) group(o *exchange.PlaceOrder) {
	if d.w.chance(50) {
		o.Group = exchange.GroupID(o.Account)
	}
}

func (d *desk) changeGroup() exchange.Command {
	id := d.account()
	return &exchange.ChangeGroup{Key: d.key(), Account: id, Group: exchange.GroupID(id), Action: exchange.GroupAction(d.w.IntN(4) / 3)}
}
