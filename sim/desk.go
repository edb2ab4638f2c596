package sim

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/hustings/hustings/exchange"
)

const (
	traders = exchange.AccountID(6)
	markets = 2 // of each shard, to begin with
)

// desk is where the clients are.
type desk struct {
	w       *world
	busy    int        // requests under way
	history []*dealing // that were answered
	orders  []resting  // that may still rest
	opened  int        // markets; their ids go up to here
	books   []int      // of each of them
	grouped int        // order groups, likewise
}

// dealing is a command and its answer, to be asked for again.
type dealing struct {
	group *group
	cmd   exchange.Command
	reply exchange.Reply
	lost  bool // with the only nodes that knew it
}

type resting struct {
	group   *group
	account exchange.AccountID
	market  exchange.MarketID
	order   exchange.OrderID
}

func newDesk(w *world) *desk { return &desk{w: w} }

func (d *desk) idle() bool { return d.busy == 0 }

func (d *desk) key() (key exchange.Key) {
	binary.LittleEndian.PutUint64(key[:], d.w.Uint64())
	binary.LittleEndian.PutUint64(key[8:], d.w.Uint64()|1)
	return key
}

// open founds the exchange, one command after the other, and then lets the clients in.
func (d *desk) open() {
	type founding struct {
		group *group
		cmd   exchange.Command
	}
	var all []founding
	for _, g := range d.w.groups {
		all = append(all, founding{g, &exchange.SwitchRules{Key: d.key(), Version: exchange.GroupRules}})
		for range markets {
			all = append(all, founding{g, d.newMarket()})
		}
	}
	home := d.w.groups[0]
	for id := exchange.AccountID(1); id <= traders; id++ {
		all = append(all, founding{home, &exchange.Register{Key: d.key(), Name: fmt.Sprintf("trader%d", id)}},
			founding{home, &exchange.Deposit{Key: d.key(), Account: id, Amount: 50_000_000, Reference: "first"}})
		all = append(all, founding{home, d.newGroup(id)})
		for _, g := range d.w.groups[1:] {
			all = append(all, founding{home, &exchange.SendTransfer{Key: d.key(), Account: id, To: g.shard, Amount: 10_000_000}})
		}
	}
	var next func(i int)
	next = func(i int) {
		if i < len(all) {
			d.ask(all[i].group, all[i].cmd, func(exchange.Reply) { next(i + 1) })
			return
		}
		for range d.w.set.clients {
			d.serve()
		}
	}
	next(0)
}

// serve lets one client do something after some thought, for ever.
func (d *desk) serve() {
	w := d.w
	w.after(w.upTo(50*time.Millisecond), func() {
		switch {
		case w.ending:
		case w.chance(15):
			g := w.groups[w.IntN(len(w.groups))]
			if h := g.hosts[w.IntN(len(g.hosts))]; h.up {
				h.read(func() {})
			}
			d.serve()
		case len(d.history) > 0 && w.chance(10):
			d.askAgain()
		default:
			g, cmd := d.choose()
			d.ask(g, cmd, func(exchange.Reply) { d.serve() })
		}
	})
}

// ask has a command done, and sometimes asks twice at once.
func (d *desk) ask(g *group, cmd exchange.Command, then func(exchange.Reply)) {
	d.busy++
	q := d.w.request(g, true, func(replies []exchange.Reply) {
		if replies[0].Code == exchange.RejectGroupElsewhere {
			d.w.count(GroupElsewhere)
		}
		if code := replies[0].Code; code == exchange.RejectMarketMoving || code == exchange.RejectMarketMoved {
			d.askElsewhere(g, cmd, replies[0], then)
			return
		}
		d.busy--
		d.learn(g, cmd, replies[0])
		then(replies[0])
	}, cmd)
	q.send()
	if d.w.chance(6) {
		d.w.count(ClientTwice)
		q.send()
	}
}

// askElsewhere has a command done about a market that is on its way, or on another shard.
func (d *desk) askElsewhere(g *group, cmd exchange.Command, reply exchange.Reply, then func(exchange.Reply)) {
	d.w.count(AskedElsewhere)
	if other := d.w.group(exchange.ShardID(reply.ID)); reply.Code == exchange.RejectMarketMoved && other != nil {
		g = other
	}
	d.w.after(d.w.upTo(30*time.Millisecond), func() {
		d.busy--
		d.ask(g, cmd, then)
	})
}

// askAgain asks for an answer that was given before.
func (d *desk) askAgain() {
	old := d.history[d.w.IntN(len(d.history))]
	d.w.count(ClientRetry)
	d.ask(old.group, old.cmd, func(reply exchange.Reply) {
		if d.w.result.Markets > 0 { // its answer may have come with one, or be asked for elsewhere
			reply.Seq, reply.Time = old.reply.Seq, old.reply.Time
		}
		if !old.lost && reply != old.reply && keeps(old.reply.Code) {
			d.w.fail(fmt.Errorf("shard %d: %s was answered %+v, and later %+v", old.group.shard, show(old.cmd), old.reply, reply))
		}
		d.serve()
	})
}

// forget takes in that what a shard said behind an event is lost.
func (d *desk) forget(g *group, last exchange.Seq) {
	d.history = slices.DeleteFunc(d.history, func(old *dealing) bool {
		old.lost = old.group == g && old.reply.Seq > last
		return old.lost
	})
}

func (d *desk) learn(g *group, cmd exchange.Command, reply exchange.Reply) {
	d.history = append(d.history, &dealing{g, cmd, reply, false})
	if c, ok := cmd.(*exchange.PlaceOrder); ok && reply.Remaining > 0 {
		d.orders = append(d.orders, resting{g, c.Account, c.Market, exchange.OrderID(reply.ID)})
	}
}
