package shard_test

import (
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
	"github.com/hustings/hustings/exchange/part"
)

// ask executes a step of a move, and compares the states.
func (c *caravan) ask(at exchange.ShardID, wait exchange.Duration, cmd exchange.Command) exchange.Reply {
	c.t.Helper()
	h := c.shards[at]
	if err := step(h, op{wait: wait, cmds: []command{{opsBetweenStates, cmd}}}, opsBetweenStates); err != nil {
		c.t.Fatalf("shard %d: %v", at, err)
	}
	r := h.shard.out.Replies[0]
	if r.Code != exchange.Accepted {
		c.seen().add("reject %v of a move", r.Code)
	}
	return r
}

// travel begins or goes on with a move.
func (c *caravan) travel() {
	id := c.markets[c.IntN(len(c.markets))]
	if len(c.journey) > 0 && c.IntN(3) > 0 {
		for under := range c.journey { // any
			id = min(id, under)
		}
		for under := range c.journey {
			id = max(id, under)
		}
	}
	j := c.journey[id]
	wait := exchange.Duration(c.IntN(int(second / 4)))
	switch {
	case j == nil:
		c.setOut(id)
	case j.adopted:
		if r := c.ask(j.from, wait, &exchange.ReleaseMarket{Market: id, Move: j.number}); r.Code != exchange.Accepted {
			c.t.Fatalf("release: %v", r.Code)
		} else if r.Remaining == 0 {
			delete(c.journey, id)
			c.counts["market released"]++
		}
	case j.parts == nil:
		c.write(id, j)
		c.counts["written late"]++
	case j.given || c.IntN(25) == 0:
		c.turnBack(id, j, wait)
	default:
		c.goOn(id, j, wait)
	}
}

// setOut freezes a market in which nothing is left to do.
func (c *caravan) setOut(id exchange.MarketID) {
	j := &journey{from: c.home[id], to: c.shard()}
	h := c.shards[j.from]
	if j.to == j.from || len(c.journey) > 0 && c.IntN(30) > 0 && len(c.journey) > 2 {
		return
	}
	for h.shard.shard.Backlog() {
		if err := step(h, op{}, 1); err != nil {
			c.t.Fatal(err)
		}
	}
	r := c.ask(j.from, 0, &exchange.FreezeMarket{Market: id, To: j.to})
	if r.Code != exchange.Accepted {
		c.counts["not frozen"]++
		return
	}
	j.number = r.Version
	if c.IntN(2) == 0 {
		c.write(id, j)
	}
	c.journey[id] = j
	c.counts["frozen"]++
}

// turnBack gives a move up.
func (c *caravan) turnBack(id exchange.MarketID, j *journey, wait exchange.Duration) {
	r := c.ask(j.to, wait, &exchange.AbandonMarket{Market: id, From: j.from, Move: j.number})
	if j.given = true; r.Code != exchange.Accepted {
		c.t.Fatalf("abandon: %v", r.Code)
	}
	if r := c.ask(j.to, 0, c.partOf(id, j, j.next)); r.Code != exchange.RejectMoveAbandoned {
		c.t.Fatalf("a part of a move that was given up: %v", r.Code)
	}
	if r.Remaining == 0 && c.IntN(2) == 0 {
		if r := c.ask(j.from, wait, &exchange.ThawMarket{Market: id, Move: j.number}); r.Code != exchange.Accepted {
			c.t.Fatalf("thaw: %v", r.Code)
		}
		delete(c.journey, id)
		c.counts["thawed"]++
	}
}

func (c *caravan) partOf(id exchange.MarketID, j *journey, n int) *exchange.AdoptMarket {
	return &exchange.AdoptMarket{From: j.from, Market: id, Move: j.number, Part: uint32(n), Last: n == len(j.parts)-1, Data: j.parts[n]}
}

// goOn takes a part to where it goes: mostly the next one as it is.
func (c *caravan) goOn(id exchange.MarketID, j *journey, wait exchange.Duration) {
	cmd := c.partOf(id, j, j.next)
	switch n := c.IntN(25); {
	case n == 0:
		c.counts["part lost"]++
		return
	case n == 1 && j.next > 0:
		if r := c.ask(j.to, wait, c.partOf(id, j, c.IntN(j.next))); r.Code == exchange.Accepted {
			c.counts["taken before"]++
		}
		return
	case n == 2 && j.next+1 < len(j.parts):
		c.ask(j.to, wait, c.partOf(id, j, j.next+1))
		c.counts["too early"]++
		return
	case n < 6:
		c.spoil(cmd)
		c.counts["spoiled"]++
	}
	spoiled := !slices.Equal(cmd.Data, j.parts[j.next]) || cmd.Last != (j.next == len(j.parts)-1)
	groups := c.ofGroups(j.to, cmd.Data)
	r := c.ask(j.to, wait, cmd)
	if r.Code == exchange.Accepted && !spoiled {
		for _, what := range groups {
			c.counts[what]++
		}
	}
	switch {
	case r.Code == exchange.RejectMarketMoving:
		c.counts["not yet"]++
	case r.Code == exchange.RejectMoveAbandoned && !spoiled:
		j.given = true
		c.counts["refused for ever"]++
	case r.Code == exchange.Accepted && cmd.Last:
		if j.adopted = true; c.shards[j.to].model.Markets[id-1].Move.Number > 1 {
			c.counts["adopted elsewhere again"]++
		}
		c.home[id] = j.to
		c.counts["adopted"]++
		c.arrived(id, j)
	case r.Code == exchange.Accepted:
		j.next++
	case !spoiled:
		c.t.Fatalf("part %d of market %d: %v", j.next, id, r.Code)
	}
}

// spoil makes something of a part that is no part, or comes at the wrong place.
func (c *caravan) spoil(cmd *exchange.AdoptMarket) {
	p, _ := part.Read(cmd.Data)
	var w part.Writer
	switch {
	case len(p.Orders) > 0 && c.IntN(2) == 0:
		w.Order(&p.Orders[c.IntN(len(p.Orders))])
		cmd.Data = slices.Concat(cmd.Data, w.Parts()[0])
	case len(p.Positions) > 0 && c.IntN(2) == 0:
		w.Position(&p.Positions[c.IntN(len(p.Positions))])
		cmd.Data = slices.Concat(cmd.Data, w.Parts()[0])
	case c.IntN(2) == 0:
		cmd.Data = append(slices.Clone(cmd.Data), 200)
	default:
		cmd.Last = true
	}
}

// nonsense is a step of a move that nobody makes, and that may not do anything wrong.
func (c *caravan) nonsense() {
	at := c.shard()
	id := exchange.MarketID(c.IntN(len(c.markets) + 2))
	var move model.Move
	if all := c.shards[at].model.Markets; id > 0 && int(id) <= len(all) {
		move = all[id-1].Move
	}
	number := move.Number + uint32(c.IntN(3))
	if move.Number > 0 && c.IntN(2) == 0 {
		number = move.Number - 1
	}
	from := exchange.ShardID(1 + c.IntN(4))
	switch n := c.IntN(6); {
	case n == 0 && c.journey[id] != nil && move.Stage != model.Here:
		c.ask(at, 0, &exchange.FreezeMarket{Market: id, To: from})
	case n == 1:
		c.ask(at, 0, &exchange.FreezeMarket{Market: exchange.MarketID(len(c.markets) + 100), To: from})
	case n == 2 && (number != move.Number || move.Stage != model.Frozen):
		c.ask(at, 0, &exchange.ThawMarket{Market: id, Move: number})
	case n == 3 && (number != move.Number || move.Stage == model.Here || move.Stage == model.Arriving):
		c.ask(at, 0, &exchange.ReleaseMarket{Market: id, Move: number})
	case n == 4 && c.journey[id] == nil && id > 0 && int(id) <= len(c.markets):
		c.ask(at, 0, &exchange.AbandonMarket{Market: id, Move: number + 1, From: from})
	case n == 5:
		c.ask(at, 0, &exchange.AdoptMarket{Market: id, Move: number, From: from, Part: uint32(c.IntN(3)), Data: []byte{200}})
	}
}
