package shard_test

import (
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
	"github.com/hustings/hustings/exchange/part"
)

// news is what one shard is told of a group by another.
type news struct {
	to  exchange.ShardID
	cmd exchange.Command
}

// groupsOf lists the groups at home that an account has, or had.
func (c *caravan) groupsOf(id exchange.AccountID) (all []exchange.GroupID) {
	for _, g := range c.shards[exchange.HomeShard].model.Groups {
		if g.Account == id {
			all = append(all, g.ID)
		}
	}
	return all
}

// group puts an order in a group of its account, which its shard may not have heard of.
func (c *caravan) group(o *exchange.PlaceOrder) {
	if own := c.groupsOf(o.Account); len(own) > 0 && c.rules >= exchange.GroupRules && c.IntN(2) == 0 {
		o.Group = own[c.IntN(len(own))]
	}
}

// copyOn returns the copy of a group on a shard, or nil.
func (c *caravan) copyOn(at exchange.ShardID, id exchange.GroupID) *model.Group {
	all := c.shards[at].model.Groups
	if id == 0 || int(id) > len(all) || all[id-1].Account == 0 {
		return nil
	}
	return all[id-1]
}

// down is what a shard is told of a group at home.
func (c *caravan) down(at exchange.ShardID, g *model.Group) news {
	return news{at, &exchange.SetGroup{GroupTerms: exchange.GroupTerms{Account: g.Account, Group: g.ID, Version: g.Version,
		Cancelled: g.Cancelled, Limit: g.Limit, Window: g.Window, Triggered: g.Triggered, Deleted: g.Deleted}}}
}

// up is what home is told of a copy.
func (c *caravan) up(at exchange.ShardID, g *model.Group) news {
	return news{exchange.HomeShard, &exchange.CountGroup{From: at, Account: g.Account, Group: g.ID, Version: g.Version, Filled: uint64(g.Filled),
		Triggered: g.Triggered}}
}

// tell carries news of a group, old ones too, or loses them.
func (c *caravan) tell() {
	groups := c.shards[exchange.HomeShard].model.Groups
	if len(groups) == 0 || c.rules < exchange.GroupRules {
		return
	}
	at, g := exchange.ShardID(2+c.IntN(2)), groups[c.IntN(len(groups))]
	next := c.down(at, g)
	if known := c.copyOn(at, g.ID); known != nil && c.IntN(2) == 0 {
		next = c.up(at, known)
	}
	c.news = append(c.news, next)
	switch c.IntN(6) {
	case 0:
		c.counts["news of a group lost"]++
		return
	case 1, 2:
		next = c.news[c.IntN(len(c.news))]
	}
	h := c.shards[next.to]
	seq := h.shard.shard.Seq()
	r := c.do(next.to, next.cmd)
	switch _, down := next.cmd.(*exchange.SetGroup); {
	case r.Code != exchange.Accepted:
	case h.shard.shard.Seq() == seq:
		c.counts["old news of a group"]++
	case down:
		c.counts["a copy was told"]++
	default:
		c.counts["home was told"]++
	}
}

// tellAll carries all news of groups to where they go, until there are none: then every shard knows how each group is.
func (c *caravan) tellAll() {
	for changed := c.rules >= exchange.GroupRules; changed; {
		changed = false
		for at := exchange.ShardID(2); at < 4; at++ {
			for _, g := range slices.Clone(c.shards[exchange.HomeShard].model.Groups) {
				known := c.copyOn(at, g.ID)
				if known == nil || !c.exists(at, g.Account) {
					continue
				}
				for _, n := range []news{c.up(at, known), c.down(at, g)} {
					before := modelGroup(c.copyOn(n.to, g.ID))
					c.do(n.to, n.cmd)
					changed = changed || modelGroup(c.copyOn(n.to, g.ID)) != before
				}
			}
		}
	}
	for at := exchange.ShardID(2); at < 4; at++ {
		for _, g := range c.shards[at].model.Groups {
			home := c.copyOn(exchange.HomeShard, g.ID)
			if g.Account == 0 || c.rules < exchange.GroupRules {
				continue
			}
			if home.Version != g.Version || home.Triggered != g.Triggered || home.Deleted != g.Deleted ||
				home.Counted[at] != g.Filled && !home.Deleted {
				c.t.Fatalf("group %d is %+v at home and on shard %d %+v", g.ID, *home, at, *g)
			}
		}
	}
}

// ofGroups counts what a part that comes to a shard does with groups. It looks before the part is taken.
func (c *caravan) ofGroups(at exchange.ShardID, data []byte) (counts []string) {
	p, _ := part.Read(data)
	for _, t := range p.Groups {
		switch g := c.copyOn(at, t.Group); {
		case g == nil:
			counts = append(counts, "a copy came with a market")
		case g.Version < t.Version:
			counts = append(counts, "a copy learned from a market")
		}
	}
	for _, x := range p.Orders {
		switch g := c.copyOn(at, x.Group); {
		case x.Group == 0 || x.Doomed:
		case g != nil && (g.Triggered || g.Cancelled > x.GroupVersion):
			counts = append(counts, "came to a group that had been cancelled")
		default:
			counts = append(counts, "came with its group")
		}
	}
	return counts
}
