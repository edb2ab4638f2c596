package sim

import (
	"time"

	"github.com/hustings/hustings/courier"
	"github.com/hustings/hustings/exchange"
)

// carrier drives a courier between two shards. It reads whatever replica it finds, loses answers, says things twice, and
// now and then forgets everything.
type carrier struct {
	w        *world
	from, to *group
	route    courier.Route
}

const atOnce = 8 // commands

func newCarrier(w *world, from, to *group) *carrier {
	c := &carrier{w: w, from: from, to: to}
	c.forget()
	return c
}

// walk looks what there is to do, again and again.
func (c *carrier) walk() {
	w := c.w
	c.step()
	w.after(5*time.Millisecond+w.upTo(80*time.Millisecond), c.walk)
}

// step looks at a replica. What its view shows counts only once a fresh read has said that all of it is there to stay: a
// synchronous copy might lack it, and be all that is left tomorrow.
func (c *carrier) step() {
	w := c.w
	if w.chance(2) && !w.ending {
		w.count(CourierForgets)
		c.forget()
		if h := c.to.hosts[w.IntN(len(c.to.hosts))]; h.up {
			received := h.replica.View().Received(c.from.shard)
			h.read(func() { c.route.Received(received) })
		}
	}
	source := c.from.hosts[w.IntN(len(c.from.hosts))]
	if !source.up {
		return
	}
	if outbox := source.replica.View().Outbox(); len(outbox) > 0 {
		source.read(func() { c.carry(outbox) })
	}
}

func (c *carrier) forget() { c.route = courier.Route{From: c.from.shard, To: c.to.shard} }

// carry does what an outbox needs.
func (c *carrier) carry(outbox []exchange.Transfer) {
	if next := c.route.Deliver(outbox, atOnce); len(next) > 0 {
		c.send(c.to, commands(next), func(replies []exchange.Reply) {
			for i, reply := range replies {
				c.route.Answered(next[i], reply)
			}
		})
	}
	if next := c.route.Release(outbox, atOnce); len(next) > 0 {
		c.send(c.from, commands(next), func([]exchange.Reply) {})
	}
}

func (c *carrier) send(to *group, cmds []exchange.Command, learn func([]exchange.Reply)) {
	w := c.w
	q := w.request(to, false, func(replies []exchange.Reply) {
		for i, reply := range replies {
			switch {
			case reply.Code != exchange.Accepted:
			case reply.Cost == 0:
				w.count(CourierTwice)
			case cmds[i].CommandKind() == exchange.KindReceiveTransfer:
				w.result.Moved++
			}
		}
		if !w.permille(200) { // otherwise the answer is lost
			learn(replies)
		}
	}, cmds...)
	q.send()
	if w.permille(100) {
		q.send()
	}
}

func commands[C exchange.Command](all []C) (cmds []exchange.Command) {
	for _, c := range all {
		cmds = append(cmds, c)
	}
	return cmds
}
