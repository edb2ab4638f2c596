package shard_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/hustings/hustings/exchange"
)

// phrases writes a program in the language of the scenarios, as far as that has words for it. Accounts have the names
// that they registered, markets are called m1, m2, … by their ids.
func phrases(program []op, names names) string {
	p := phraser{names: names, now: newYear2026, accounts: map[exchange.AccountID]string{}}
	for _, o := range program {
		p.now += exchange.Time(o.wait)
		if o.wait > 0 {
			p.line("wait %v", time.Duration(o.wait))
		}
		if len(o.cmds) > 1 {
			p.line("at once")
		}
		for _, c := range o.cmds {
			p.command(c)
		}
	}
	return p.text.String()
}

type phraser struct {
	names    names
	now      exchange.Time
	accounts map[exchange.AccountID]string
	text     strings.Builder
}

func (p *phraser) line(format string, args ...any) {
	fmt.Fprintf(&p.text, "    "+format+"\n", args...)
}

func (p *phraser) account(id exchange.AccountID) string {
	if name, ok := p.accounts[id]; ok {
		return name
	}
	return "nobody"
}

func (p *phraser) command(c command) {
	key := ""
	if k := keyOf(c.Command); k != (exchange.Key{}) {
		key = fmt.Sprintf(" key %x", k[:3])
	}
	switch cmd := p.names.resolve(c.Command).(type) {
	case *exchange.Register:
		p.line("register %q", cmd.Name)
		if id, ok := p.names["Account"].ids[c.serial]; ok {
			p.accounts[exchange.AccountID(id)] = cmd.Name
		}
	case *exchange.CreateMarket:
		p.line("market m%d %s%s", p.names["Market"].ids[c.serial], phraseSpec(&cmd.Spec, p.now), key)
	case *exchange.PlaceOrder:
		p.line("%s %s%s%s   # o%d", p.account(cmd.Account), []string{"buys", "sells", "?"}[cmd.Side], phraseOrder(cmd, p.now), key,
			p.names["Order"].ids[c.serial])
	case *exchange.CancelOrder:
		p.line("%s cancels o%d in m%d%s", p.account(cmd.Account), cmd.Order.Number(), cmd.Market, key)
	case *exchange.AmendOrder:
		p.line("%s amends o%d%s%s", p.account(cmd.Account), cmd.Order.Number(), phraseAmendment(cmd), key)
	case *exchange.Deposit:
		p.line("deposit %s %v%s", p.account(cmd.Account), cmd.Amount, key)
	case *exchange.Withdraw:
		p.line("%s withdraws %v%s", p.account(cmd.Account), cmd.Amount, key)
	default:
		p.other(cmd, key)
	}
}

func (p *phraser) other(cmd exchange.Command, key string) {
	act := func(verb string, a exchange.MarketAction, rest string) {
		if a.Version != 0 {
			rest += fmt.Sprintf(" if-version %d", a.Version)
		}
		p.line("%s m%d%s%s", verb, a.Market, rest, key)
	}
	switch cmd := cmd.(type) {
	case *exchange.MassCancel:
		text := ""
		if cmd.Market != 0 {
			text += fmt.Sprintf(" in m%d", cmd.Market)
		}
		if cmd.Group != 0 {
			text += fmt.Sprintf(" group g%d", cmd.Group)
		}
		p.line("%s cancels all%s%s", p.account(cmd.Account), text, key)
	case *exchange.CreateGroup:
		p.line("%s makes group %d within %v%s", p.account(cmd.Account), cmd.Limit, time.Duration(cmd.Window), key)
	case *exchange.ChangeGroup:
		p.line("%s %s g%d%s", p.account(cmd.Account), []string{"resets", "triggers", "deletes", "?"}[cmd.Action], cmd.Group, key)
	case *exchange.SetGroup:
		p.line("tell of %+v", cmd.GroupTerms)
	case *exchange.CountGroup:
		p.line("tell %+v", *cmd)
	case *exchange.SetDeadMan:
		p.line("%s sets dead-man %v%s", p.account(cmd.Account), time.Duration(cmd.Timeout), key)
	case *exchange.SuspendMarket:
		act("suspend", cmd.MarketAction, "")
	case *exchange.ResumeMarket:
		act("resume", cmd.MarketAction, "")
	case *exchange.CloseMarket:
		act("close", cmd.MarketAction, "")
	case *exchange.CancelMarketOrders:
		act("cancel-orders", cmd.MarketAction, "")
	case *exchange.VoidMarket:
		act("void", cmd.MarketAction, fmt.Sprintf(" %q", cmd.Reason))
	case *exchange.ResolveMarket:
		act("resolve", cmd.MarketAction, " "+strings.Trim(fmt.Sprint(cmd.Values), "[]"))
	default:
		p.line("(%s)%s", show(cmd), key)
	}
}

func phraseSpec(s *exchange.MarketSpec, now exchange.Time) string {
	text := fmt.Sprintf("%q tick %v taker-fee %v maker-share %v limit %d", "Will it differ?", s.Tick.Middle, s.TakerFee, s.MakerShare,
		s.PositionLimit)
	if s.Tick.EdgeWidth > 0 {
		text += fmt.Sprintf(" edge-tick %v below %v", s.Tick.Edge, s.Tick.EdgeWidth)
	}
	if len(s.Outcomes) > 0 {
		text += fmt.Sprintf(" outcomes %q", strings.Join(s.Outcomes, ","))
	}
	if s.Collar > 0 {
		text += fmt.Sprintf(" collar %v", s.Collar)
	}
	if s.CloseAt > 0 {
		text += fmt.Sprintf(" closes-in %v", time.Duration(s.CloseAt-now))
	}
	if s.DisputeWindow > 0 {
		text += fmt.Sprintf(" dispute %v", time.Duration(s.DisputeWindow))
	}
	if s.Flags&exchange.KeepOrdersOnSuspend != 0 {
		text += " keeps-orders"
	}
	if s.Flags&exchange.SelfTradesAllowed != 0 {
		text += " self-trades"
	}
	return text
}

func phraseAmendment(c *exchange.AmendOrder) (text string) {
	if c.Quantity != 0 {
		text += fmt.Sprintf(" to %d", c.Quantity)
	}
	if c.Price != 0 {
		text += fmt.Sprintf(" at %v", c.Price)
	}
	if c.Version != 0 {
		text += fmt.Sprintf(" if-version %d", c.Version)
	}
	return text
}

func phraseOrder(c *exchange.PlaceOrder, now exchange.Time) string {
	text := fmt.Sprintf(" %d Yes at %v in m%d", c.Quantity, c.Price, c.Market)
	if c.Outcome > 0 {
		text = fmt.Sprintf(" %d %q at %v in m%d", c.Quantity, fmt.Sprintf("outcome %d", c.Outcome), c.Price, c.Market)
	}
	switch c.TimeInForce {
	case exchange.GoodTillTime:
		text += fmt.Sprintf(" for %v", time.Duration(c.ExpireAt-now))
	case exchange.ImmediateOrCancel:
		text += " immediate"
	case exchange.FillOrKill:
		text += " fill-or-kill"
	}
	for i, word := range []string{" post-only", " reduce-only", " market"} {
		if c.Flags&(1<<i) != 0 {
			text += word
		}
	}
	if c.MaxCost != 0 {
		text += fmt.Sprintf(" spending %v", c.MaxCost)
	}
	if c.Group != 0 {
		text += fmt.Sprintf(" group g%d", c.Group)
	}
	if c.SelfTrade != 0 && int(c.SelfTrade) < len(selfTradeModes) {
		text += " " + selfTradeModes[c.SelfTrade]
	}
	return text
}
