package shard_test

import (
	"strconv"
	"strings"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
)

func (g *generator) accountCommand() exchange.Command {
	who := g.account()
	switch n := g.IntN(100); {
	case n < 40:
		return &exchange.Deposit{Account: who, Amount: g.amount(), Reference: g.text(0, 200)}
	case n < 65:
		return &exchange.Withdraw{Account: who, Amount: g.amount(), Reference: g.text(0, 200)}
	case n < 72:
		if g.chance(30) {
			return &exchange.Register{Name: "trader-" + strconv.Itoa(len(g.h.model.Accounts))}
		}
		return &exchange.Register{Name: pick(g, "trader-a", "trader-b", "ab", "", "Upper", "sp ace", strings.Repeat("x", 33))}
	case n < 74:
		return g.guardCommand(who)
	case n < 76:
		return &exchange.SetPassword{Account: who, PasswordHash: "hash"}
	case n < 86:
		c := &exchange.CreateCredential{Account: who, Permissions: exchange.Permission(g.IntN(9)), Label: g.text(0, 100), ExpireAt: g.h.now + exchange.Time(pick(g, hour, 1, 0))}
		c.Hash[0] = byte(g.IntN(256))
		if c.Session = g.chance(50); g.chance(40) {
			c.Tier, c.Scheme = exchange.Tier(g.IntN(5)), exchange.Scheme(pick(g, 0, 0, 1, 1, 2))
			c.Addresses = pick(g, "", "10.0.0.0/8 ::1/128", g.text(0, 1500))
		}
		return c
	case n < 92:
		return &exchange.RevokeCredential{Account: who, Credential: exchange.CredentialID(g.IntN(len(g.h.model.Credentials) + 2))}
	}
	return g.setLimits(who)
}

// amount is mostly small, and often exactly what an account has.
func (g *generator) amount() exchange.Money {
	switch n := g.IntN(100); {
	case n < 3:
		return pick[exchange.Money](g, 0, -1, exchange.MaxAmount+1, exchange.MaxAmount)
	case n < 20:
		a := g.h.model.Accounts[g.IntN(len(g.h.model.Accounts))]
		return a.Cash
	}
	if g.traits.rich {
		return 1 + exchange.Money(g.Int64N(int64(exchange.MaxAmount)/1000))
	}
	if g.traits.poor {
		return exchange.Money(1 + g.IntN(5_0000))
	}
	return exchange.Money(1 + g.IntN(200_0000))
}

// setLimits blocks an account now and then, and then mostly unblocks one.
func (g *generator) setLimits(who exchange.AccountID) exchange.Command {
	for _, a := range g.h.model.Accounts {
		if a.Blocked && g.chance(70) {
			return &exchange.SetLimits{Account: a.ID, Version: a.Version, MaxOpenOrders: 1000}
		}
	}
	return &exchange.SetLimits{Account: who, Version: uint32(g.IntN(3)), MaxOpenOrders: pick[uint32](g, 1000, 1000, 1000, 5, 0),
		Blocked: g.chance(40)}
}

// text has a length that is allowed, but for once in a while.
func (g *generator) text(least, most int) string {
	switch g.IntN(40) {
	case 0:
		return strings.Repeat("x", most+1)
	case 1:
		return strings.Repeat("x", max(0, least-1))
	case 2:
		return strings.Repeat("ü", most)
	case 3:
		return strings.Repeat("x", most)
	case 4:
		return strings.Repeat("x", least) + "\xff"
	}
	return strings.Repeat("t", least)
}

func (g *generator) createMarket() exchange.Command {
	spec := exchange.MarketSpec{
		Question: g.text(10, 500), Rules: g.text(0, 10_000),
		Tick:          pick(g, exchange.TickRule{Middle: 1}, exchange.TickRule{Middle: 10}, exchange.TickRule{Middle: 100, Edge: 10, EdgeWidth: 1_000}, exchange.TickRule{Middle: 100, Edge: 1, EdgeWidth: 4_900}),
		TakerFee:      pick[exchange.FeeRate](g, 0, 1, 333, 700, 10_000),
		MakerShare:    pick[exchange.FeeRate](g, 0, 0, 1_000, 2_500, 10_000),
		PositionLimit: pick[exchange.Quantity](g, 15, 60, 1_000_000, exchange.MaxPosition),
		Collar:        pick[exchange.Price](g, 0, 0, 0, 3, 50, 500, 9_000),
		Flags:         exchange.MarketFlags(g.IntN(4)),
		DisputeWindow: pick(g, 0, 0, 5*second, hour),
	}
	if g.chance(20) {
		spec.CloseAt = g.h.now + exchange.Time(pick(g, second, hour, 48*hour))
	}
	if g.chance(40) {
		for i := range pick(g, 2, 2, 3, 64) {
			spec.Outcomes = append(spec.Outcomes, "outcome "+strconv.Itoa(i))
		}
	}
	if g.chance(10) {
		g.spoilTerms(&spec)
	}
	return &exchange.CreateMarket{ID: g.newMarket(), Spec: spec}
}

func (g *generator) spoilTerms(s *exchange.MarketSpec) {
	switch g.IntN(12) {
	case 10:
		s.Flags |= exchange.SelfTradesAllowed << 1
	case 11:
		s.DisputeWindow = 1<<63 - 1
	case 0:
		s.Outcomes = []string{"alone"}
	case 1:
		s.Outcomes = []string{"twice", "twice"}
	case 2:
		s.Outcomes = []string{"", "other"}
	case 3:
		s.Tick = pick(g, exchange.TickRule{}, exchange.TickRule{Middle: 2}, exchange.TickRule{Middle: 10, Edge: 100, EdgeWidth: 100}, exchange.TickRule{Middle: 1, Edge: 1, EdgeWidth: 5_000})
	case 4:
		s.TakerFee = exchange.MaxFeeRate + 1
	case 5:
		s.MakerShare = exchange.MaxFeeRate + 1
	case 6:
		s.PositionLimit = pick(g, 0, exchange.MaxPosition+1)
	case 7:
		s.CloseAt = pick(g, g.h.now, -1, 1)
	case 8:
		s.DisputeWindow = -1
	case 9:
		s.Collar = exchange.One
	}
}

func (g *generator) marketCommand() exchange.Command {
	m := g.existing(g.market())
	if m == nil {
		return g.createMarket()
	}
	head := exchange.MarketAction{Market: m.ID, Version: pick(g, 0, 0, 0, m.Version, m.Version+1)}
	if g.chance(1) {
		head.Market = exchange.MarketID(len(g.h.model.Markets) + 1)
	}
	switch n := g.IntN(100); {
	case n < 18:
		return &exchange.SuspendMarket{MarketAction: head}
	case n < 60:
		return &exchange.ResumeMarket{MarketAction: g.suspended(head)}
	case n < 65:
		return &exchange.CloseMarket{MarketAction: head}
	case n < 75:
		return &exchange.CancelMarketOrders{MarketAction: head}
	case n < 87:
		return &exchange.UpdateMarket{Market: head.Market, Version: head.Version, Question: pick(g, "", g.text(10, 500)),
			Rules: pick(g, "", "", g.text(1, 10_000)), CloseAt: pick(g, -1, -1, 0, g.h.now+exchange.Time(pick(g, second, 48*hour, 0)))}
	case n < 95:
		return g.resolve(head, m)
	}
	void := &exchange.VoidMarket{MarketAction: head, Reason: g.text(1, 500)}
	if first := g.takeProfits(m); len(first) > 0 && g.chance(60) {
		g.plan = append(first[1:], void)
		return first[0]
	}
	return void
}

// takeProfits lets those who received more from a market than they paid withdraw nearly all they have.
func (g *generator) takeProfits(m *model.Market) []exchange.Command {
	var all []exchange.Command
	if g.h.model.Approvals != (exchange.Approvals{}) {
		all = append(all, &exchange.SetApprovals{Followed: true})
	}
	for _, a := range g.h.model.Accounts {
		var paid exchange.Money
		for _, b := range m.Books {
			if p := b.Positions[a.ID]; p != nil {
				paid += p.Paid
			}
		}
		if paid < 0 && a.Cash > 0 {
			all = append(all, &exchange.Withdraw{Account: a.ID, Amount: max(1, a.Cash-exchange.Money(g.IntN(2)))})
		}
	}
	return all
}

// suspended turns to a market that is suspended, if there is one.
func (g *generator) suspended(head exchange.MarketAction) exchange.MarketAction {
	for _, m := range g.h.model.Markets {
		if m.State == exchange.StateSuspended {
			return exchange.MarketAction{Market: m.ID}
		}
	}
	return head
}

func (g *generator) resolve(head exchange.MarketAction, m *model.Market) exchange.Command {
	c := &exchange.ResolveMarket{MarketAction: head, Source: g.text(1, 500), Evidence: g.text(0, 2_000)}
	left := 10_000
	for i := range m.Books {
		v := left
		switch {
		case len(m.Spec.Outcomes) == 0:
			v = pick(g, 0, 10_000, g.IntN(10_001))
		case i < len(m.Books)-1:
			v = pick(g, 0, left, g.IntN(left+1))
		}
		left -= v
		c.Values = append(c.Values, exchange.Price(v))
	}
	if g.chance(10) {
		c.Values = pick(g, nil, []exchange.Price{10_001}, []exchange.Price{1, 1, 1}, append(c.Values, 0))
	}
	return c
}
