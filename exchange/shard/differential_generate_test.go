package shard_test

import (
	"math/rand/v2"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
)

const (
	millisecond exchange.Duration = 1e6
	second      exchange.Duration = 1e9
	hour                          = 3600 * second
)

// A generator makes random commands that are likely to meet each other: few accounts, few markets, few prices. It
// looks at the model to find something worth doing.
type generator struct {
	*rand.Rand
	h      *harness
	serial uint64
	recent []command          // that carried a key
	plan   []exchange.Command // to come next
	traits traits
}

// traits make one program different from another.
type traits struct {
	accounts, markets int
	spread            int // prices lie within so many steps of the middle
	keys, together    int // in 100
	hasty, rich, poor bool
	elsewhere         int // in 100, orders with funds elsewhere
}

func newGenerator(seed uint64, h *harness) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1)), h: h}
	g.traits = traits{accounts: 2 + g.IntN(6), markets: 1 + g.IntN(5), spread: 1 + g.IntN(8), keys: g.IntN(40),
		together: g.IntN(50), hasty: g.chance(30), rich: g.chance(20), poor: g.chance(20),
		elsewhere: pick(g, 0, 10, 80)}
	return g
}

// chance is true n times in 100.
func (g *generator) chance(n int) bool { return g.IntN(100) < n }

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// next makes one op.
func (g *generator) next() op {
	o := op{wait: g.wait()}
	if g.chance(3) {
		for _, cmd := range g.doomAndMeet() {
			g.serial++
			o.cmds = append(o.cmds, command{g.serial, g.h.names.unresolve(cmd)})
		}
		return o
	}
	n := 1
	if g.chance(g.traits.together) {
		n = g.IntN(7) // none: only time passes
	}
	for range n {
		o.cmds = append(o.cmds, g.command())
	}
	return o
}

// doomAndMeet dooms orders and, at the same instant, lets others meet them.
func (g *generator) doomAndMeet() []exchange.Command {
	target := g.openOrder()
	if target == nil {
		return []exchange.Command{g.make()}
	}
	cmds := []exchange.Command{pick[exchange.Command](g,
		&exchange.MassCancel{Account: target.Account}, &exchange.MassCancel{Account: target.Account, Market: target.Market},
		&exchange.CancelMarketOrders{MarketAction: exchange.MarketAction{Market: target.Market}},
		&exchange.SetLimits{Account: target.Account, MaxOpenOrders: 1_000, Blocked: true},
		&exchange.ChangeGroup{Account: target.Account, Group: max(1, target.Group), Action: exchange.TriggerGroup})}
	for range 1 + g.IntN(4) {
		cmd := pick(g, g.placeOrder(), g.placeOrder(), g.amendOrder(), g.cancelOrder())
		switch c := cmd.(type) {
		case *exchange.PlaceOrder:
			c.Market, c.Outcome, c.Price, c.Side = target.Market, target.Outcome, target.Price, target.Side.Opposite()
		case *exchange.AmendOrder:
			c.Price = target.Price
		}
		cmds = append(cmds, cmd)
	}
	return cmds
}

func (g *generator) wait() exchange.Duration {
	switch n := g.IntN(1000); {
	case n < 600:
		return 0
	case n < 900 || g.traits.hasty:
		return exchange.Duration(g.IntN(int(second)))
	case n < 985:
		return exchange.Duration(g.IntN(int(20 * second)))
	case n < 997:
		return exchange.Duration(g.IntN(int(hour)))
	}
	return 24 * hour
}

// command makes a command; some carry a key, and some of those a key that was used before.
func (g *generator) command() command {
	g.serial++
	if len(g.recent) > 0 && g.chance(g.traits.keys/4) {
		again := g.recent[g.IntN(len(g.recent))]
		if g.chance(70) {
			return command{g.serial, again.Command}
		}
		return command{g.serial, withKey(g.h.names.unresolve(g.make()), keyOf(again.Command))}
	}
	c := command{g.serial, g.h.names.unresolve(g.make())}
	if g.chance(g.traits.keys) {
		c.Command = withKey(c.Command, exchange.Key{byte(g.serial), byte(g.serial >> 8), byte(g.serial >> 16), 1})
		g.recent = append(g.recent, c)
		if len(g.recent) > 50 {
			g.recent = g.recent[1:]
		}
	}
	return c
}

func (g *generator) make() exchange.Command {
	m := g.h.model
	switch {
	case len(g.plan) > 0:
		next := g.plan[0]
		g.plan = g.plan[1:]
		return next
	case len(m.Accounts) < g.traits.accounts:
		return &exchange.Register{Name: "trader-" + string(rune('a'+len(m.Accounts)))}
	case g.openMarkets() < g.traits.markets && g.chance(30):
		return g.createMarket()
	}
	switch n := g.IntN(1000); {
	case n < 640:
		return g.placeOrder()
	case n < 700:
		return g.cancelOrder()
	case n < 850:
		return g.amendOrder()
	case n < 860:
		return g.massCancel()
	case n < 880:
		return g.groupCommand()
	case n < 890:
		return g.groupNews()
	case n < 897:
		return &exchange.SetDeadMan{Account: g.account(), Timeout: pick(g, 0, second, 10*second, hour, 24*hour, second-1, 24*hour+1)}
	case n < 955:
		return g.accountCommand()
	case n < 957:
		return &exchange.SwitchRules{Version: pick[uint32](g, 0, 1, 2, 3, 4, 5, 5)}
	case n < 962 && g.h.model.Rules >= exchange.ApprovalRules:
		return g.approvalCommand()
	case n < 963 || g.h.model.Halted && g.chance(30):
		return g.haltCommand()
	case n < 964:
		return &exchange.SetPlacement{Version: g.near(g.h.model.PlacementVersion), Data: make([]byte, pick(g, 0, g.IntN(100), exchange.MaxPart, exchange.MaxPart+1))}
	case n < 975:
		return g.transferCommand()
	}
	return g.marketCommand()
}

func (g *generator) openMarkets() int {
	n := 0
	for _, m := range g.h.model.Markets {
		if m.ID == 0 {
			continue
		}
		if m.State == exchange.StateOpen || m.State == exchange.StateSuspended {
			n++
		}
	}
	return n
}

// account is nearly always one that exists.
func (g *generator) account() exchange.AccountID {
	if g.chance(1) {
		return exchange.AccountID(pick(g, 0, len(g.h.model.Accounts)+1, 1<<31))
	}
	for range 20 {
		if a := g.h.model.Accounts[g.IntN(len(g.h.model.Accounts))]; !a.Absent {
			return a.ID
		}
	}
	return 1
}

// market prefers those that trade, and the newest.
func (g *generator) market() exchange.MarketID {
	all := g.h.model.Markets
	if len(all) == 0 || g.chance(1) {
		return exchange.MarketID(pick(g, 0, len(all)+1, 1<<31))
	}
	for range 20 {
		m := all[max(g.IntN(len(all)), g.IntN(len(all)))]
		if m.ID != 0 && m.State == exchange.StateOpen {
			return m.ID
		}
	}
	return exchange.MarketID(1 + g.IntN(len(all)))
}

func (g *generator) existing(id exchange.MarketID) *model.Market {
	if id == 0 || int(id) > len(g.h.model.Markets) || g.h.model.Markets[id-1].ID == 0 {
		return nil
	}
	return g.h.model.Markets[id-1]
}

func (g *generator) group(owner exchange.AccountID) exchange.GroupID {
	groups := g.h.model.Groups
	if g.chance(2) {
		return exchange.GroupID(g.IntN(len(groups) + 2))
	}
	var own []exchange.GroupID
	for _, x := range groups {
		if x.Account == owner && !x.Deleted {
			own = append(own, x.ID)
		}
	}
	if len(own) == 0 {
		return 0
	}
	return own[g.IntN(len(own))]
}

func (g *generator) groupCommand() exchange.Command {
	who := g.account()
	if g.chance(40) {
		return &exchange.CreateGroup{Account: who, Limit: exchange.Quantity(pick(g, g.IntN(30), g.IntN(30), 1_000_000, 1_000_001)),
			Window: pick(g, second, 8*second, 8*second+3, hour, second-1, hour+1, 0)}
	}
	return &exchange.ChangeGroup{Account: who, Group: g.group(who),
		Action: pick(g, exchange.ResetGroup, exchange.ResetGroup, exchange.ResetGroup, exchange.TriggerGroup, exchange.TriggerGroup, exchange.DeleteGroup, exchange.DeleteGroup+1)}
}
