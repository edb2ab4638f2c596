package projection

import (
	"fmt"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// mostDifferences bounds what Diff returns.
const mostDifferences = 100

// Equal reports whether two Views hold the same logical state at the same Seq. Statistics do not count.
func (v *View) Equal(other *View) bool { return len(v.diff(other, 1)) == 0 }

// Diff names what differs between two Views, without statistics, in up to 100 lines: first the values of v, then those
// of other. It keeps both from applying events meanwhile.
func (v *View) Diff(other *View) []string { return v.diff(other, mostDifferences) }

// A differ collects differences.
type differ struct {
	a, b  *View
	most  int
	lines []string
}

func (v *View) diff(other *View, most int) []string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	other.mu.RLock()
	defer other.mu.RUnlock()
	d := &differ{a: v, b: other, most: most}
	if v.seq != other.seq {
		d.add("seq: %d, other %d", v.seq, other.seq)
	}
	for _, compare := range []func(){d.totals, d.placement, d.neighbours, d.accounts, d.credentials, d.groups, d.markets, d.orders, d.positions} {
		if len(d.lines) < most {
			compare()
		}
	}
	return d.lines[:min(len(d.lines), most)]
}

func (d *differ) add(format string, args ...any) {
	if len(d.lines) < d.most {
		d.lines = append(d.lines, fmt.Sprintf(format, args...))
	}
}

// compare adds a difference in one field of one thing.
func compare[T comparable](d *differ, what string, id any, field string, a, b T) {
	if a != b {
		d.add("%s %v: %s %v, other %v", what, id, field, a, b)
	}
}

// both adds a difference in whether a thing exists, and reports whether both have it.
func (d *differ) both(what string, id any, a, b bool) bool {
	if a != b {
		d.add("%s %v: exists %v, other %v", what, id, a, b)
	}
	return a && b
}

func (d *differ) totals() {
	compare(d, "shard", "", "version of the rules", d.a.rules, d.b.rules)
	compare(d, "shard", "", "halted", d.a.halted, d.b.halted)
	d.approval()
	compare(d, "shard", "", "house fees", d.a.total.HouseFees, d.b.total.HouseFees)
	compare(d, "shard", "", "deposits less withdrawals", d.a.total.World, d.b.total.World)
	compare(d, "shard", "", "accounts", d.a.lastAccount, d.b.lastAccount)
	compare(d, "shard", "", "sum received", d.a.total.Received, d.b.total.Received)
	compare(d, "shard", "", "sum released", d.a.total.Released, d.b.total.Released)
	compare(d, "shard", "", "sum that came with markets", d.a.total.MovedIn, d.b.total.MovedIn)
	compare(d, "shard", "", "sum that left with markets", d.a.total.MovedOut, d.b.total.MovedOut)
	compare(d, "shard", "", "markets", d.a.lastMarket, d.b.lastMarket)
}

func (d *differ) accounts() {
	for i := uint32(1); i <= min(d.a.lastAccount, d.b.lastAccount); i++ {
		a, b := d.a.accounts.at(i), d.b.accounts.at(i)
		compare(d, "account", i, "exists", a.registered, b.registered)
		compare(d, "account", i, "cash", a.cash, b.cash)
		compare(d, "account", i, "held", a.held, b.held)
		compare(d, "account", i, "receivable", a.receivable, b.receivable)
		compare(d, "account", i, "version", a.version, b.version)
		compare(d, "account", i, "open orders allowed", a.maxOpenOrders, b.maxOpenOrders)
		compare(d, "account", i, "blocked", a.blocked, b.blocked)
		compare(d, "account", i, "tier", a.tier, b.tier)
		compare(d, "account", i, "dead-man's deadline", a.deadMan, b.deadMan)
		compare(d, "account", i, "open orders", a.openOrders, b.openOrders)
		compare(d, "account", i, "name", a.name, b.name)
		if a.passwordHash != b.passwordHash { // not to be printed
			d.add("account %d: password hash differs", i)
		}
	}
}

// A revoked credential and a deleted group may be forgotten.
func (d *differ) credentials() {
	for i := uint32(1); i <= max(d.a.lastCredential, d.b.lastCredential); i++ {
		a, b := d.a.liveCredential(i), d.b.liveCredential(i)
		if d.both("credential", i, a != nil, b != nil) && *a != *b {
			d.add("credential %d: %+v, other %+v", i, a, b)
		}
	}
}

func (v *View) liveCredential(id uint32) *Credential {
	c := v.credentials.get(id)
	if c == nil || c.ID == 0 || c.Revoked {
		return nil
	}
	out := c.Credential
	out.CreatedAt = 0
	return &out
}

func (d *differ) groups() {
	for i := uint32(1); i <= max(d.a.lastGroup, d.b.lastGroup); i++ {
		a, b := d.a.liveGroup(i), d.b.liveGroup(i)
		if d.both("group", i, a != nil, b != nil) && *a != *b {
			d.add("group %d: %+v, other %+v", i, *a, *b)
		} else if a != nil && b != nil {
			d.counts(i)
		}
	}
}

func (v *View) liveGroup(id uint32) *Group {
	g := v.groups.get(id)
	if g == nil || g.ID == 0 || g.State == GroupDeleted {
		return nil
	}
	return &g.Group
}

func (d *differ) orders() {
	for i := range max(len(d.a.orders.pages), len(d.b.orders.pages)) * pageLen {
		a, b := d.a.orderIn(uint32(i)), d.b.orderIn(uint32(i))
		if a == nil && b == nil {
			continue
		}
		if a == nil || b == nil || a.id != b.id {
			d.both("order", "in slot "+fmt.Sprint(i), a != nil, b != nil)
			if a != nil && b != nil {
				compare(d, "slot", i, "order", a.id, b.id)
			}
			continue
		}
		d.order(a, b)
	}
}

func (v *View) orderIn(slot uint32) *order {
	if o := v.orders.get(slot); o != nil && o.id != 0 {
		return o
	}
	return nil
}

func (d *differ) order(a, b *order) {
	left, right := *a, *b
	for _, o := range []*order{&left, &right} { // places in lists are not part of an order
		o.ahead, o.behind, o.older, o.newer = 0, 0, 0, 0
		o.placedAt, o.nameLen = 0, 0
	}
	if left != right {
		d.add("order %d of account %d in market %d: %+v, other %+v", a.id, a.account, a.market, left, right)
	}
}

// queue returns the ids of the orders of one side of a book in the order of priority.
func (v *View) queue(b *book, side exchange.Side) []exchange.OrderID {
	var ids []exchange.OrderID
	v.queues(b, side, func(o *order) { ids = append(ids, o.id) })
	return ids
}

func (d *differ) queues(id uint32, outcome exchange.Outcome, a, b *book) {
	for side := range exchange.Side(2) {
		if !slices.Equal(d.a.queue(a, side), d.b.queue(b, side)) {
			d.add("market %d: the orders on side %d of outcome %d stand in different order", id, side, outcome)
		}
	}
}
