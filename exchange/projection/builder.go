package projection

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// A Builder fills a View from the state of a shard, without events. Accounts and markets come first, then what refers
// to them. Fields marked as derived are not read: the Builder counts them itself, and View.Check compares.
type Builder struct {
	v    *View
	rest []uint32 // slots of orders without links
}

// NewBuilder returns a Builder of a View that has seen all events up to seq, the last of them at the log time now.
func NewBuilder(seq exchange.Seq, now exchange.Time) *Builder {
	v := New()
	v.seq, v.now = seq, now
	v.seen.Store(uint64(seq))
	return &Builder{v: v}
}

// AddHouse sets what belongs to no account: the fees of settled markets, and deposits less withdrawals.
func (b *Builder) AddHouse(fees, world exchange.Money) {
	b.v.total.HouseFees, b.v.total.World = fees, world
}

// SetRules sets the version of the rules that hold.
func (b *Builder) SetRules(version int) { b.v.rules = uint32(version) }

// AddAccount adds an account. Accounts come in the order of their ids, which may have gaps on a shard that is not home.
func (b *Builder) AddAccount(a *Account) error {
	if uint32(a.ID) <= b.v.lastAccount {
		return fmt.Errorf("account %d comes after account %d", a.ID, b.v.lastAccount)
	}
	b.v.addAccount(a)
	return nil
}

// AddCredential adds a credential. Each account's come in the order of their ids.
func (b *Builder) AddCredential(c *Credential) error {
	a := b.v.accountOf(c.Account)
	if a == nil || c.ID == 0 {
		return fmt.Errorf("credential %d has no account %d", c.ID, c.Account)
	}
	b.v.addCredential(a, c)
	return nil
}

// SetCredentials says which was the greatest id of a credential, also if it was forgotten.
func (b *Builder) SetCredentials(last exchange.CredentialID) {
	b.v.lastCredential = max(b.v.lastCredential, uint32(last))
}

// SetApprovals sets which acts need a second operator, and how many were proposed so far.
func (b *Builder) SetApprovals(asked exchange.Approvals, made exchange.ProposalID) {
	b.v.approval.asked, b.v.approval.made = asked, made
}

// AddProposal adds a proposal that waits, behind those made before it. It keeps the act.
func (b *Builder) AddProposal(p Proposal) { b.v.approval.proposals = append(b.v.approval.proposals, p) }

// SetHalted says whether orders are taken.
func (b *Builder) SetHalted(halted bool) { b.v.halted = halted }

// AddGroup adds an order group. Each account's come in the order of their ids.
func (b *Builder) AddGroup(g *Group) error {
	a := b.v.accountOf(g.Account)
	if a == nil || g.ID == 0 {
		return fmt.Errorf("group %d has no account %d", g.ID, g.Account)
	}
	b.v.addGroup(a, g)
	return nil
}

// AddMarket adds a market with the last prices, values and statistics of its Books. Markets come in the order of their
// ids, which may have gaps.
func (b *Builder) AddMarket(from *Market) error {
	v := b.v
	if uint32(from.ID) <= v.lastMarket {
		return fmt.Errorf("market %d comes after market %d", from.ID, v.lastMarket)
	}
	if n := from.Spec.Books(); n > exchange.MaxOutcomes || n != len(from.Books) {
		return fmt.Errorf("market %d has %d books for %d outcomes", from.ID, len(from.Books), n)
	}
	counted := *from
	counted.Volume = 0
	for i := range from.Books {
		counted.Volume += from.Books[i].Volume
		v.total.Trades += from.Books[i].Trades
	}
	v.total.Volume += counted.Volume
	m := v.addMarket(&counted)
	for i := range from.Books {
		to := v.bookAt(m, exchange.Outcome(i))
		to.last, to.value = from.Books[i].Last, from.Books[i].Value
		to.volume, to.trades = from.Books[i].Volume, from.Books[i].Trades
	}
	return nil
}

// AddPosition adds a position of a market that is not settled, also one without contracts if something was paid for it.
func (b *Builder) AddPosition(from *Position) error {
	v := b.v
	m := v.marketOf(from.Market)
	if m == nil || uint8(from.Outcome) >= m.bookCount || v.accountOf(from.Account) == nil {
		return fmt.Errorf("position of account %d in market %d, outcome %d: there is no such book or account",
			from.Account, from.Market, from.Outcome)
	}
	if v.position(from.Account, from.Market, from.Outcome) != nil {
		return fmt.Errorf("position of account %d in market %d, outcome %d comes twice", from.Account, from.Market, from.Outcome)
	}
	p := v.makePosition(from.Account, from.Market, from.Outcome)
	v.add(v.bookAt(m, from.Outcome), p, from.Yes, from.No)
	p.reservedYes, p.reservedNo = from.ReservedYes, from.ReservedNo
	p.paid, p.yesCost, p.noCost = from.Paid, from.YesCost, from.NoCost
	return nil
}

// AddOrder adds an open order. Orders of one price of one book come in the order of priority.
func (b *Builder) AddOrder(from *Order) error {
	v := b.v
	m, a := v.marketOf(from.Market), v.accountOf(from.Account)
	if m == nil || uint8(from.Outcome) >= m.bookCount || a == nil || from.Side > exchange.Sell {
		return fmt.Errorf("order %d of account %d in market %d, outcome %d: there is no such book or account",
			from.ID, from.Account, from.Market, from.Outcome)
	}
	o, err := b.fillOrder(from, from.ID.Slot())
	if err != nil {
		return err
	}
	v.enqueue(v.bookAt(m, from.Outcome), o, from.Remaining)
	b.rest = append(b.rest, from.ID.Slot())
	return nil
}

// fillOrder makes the record of an order, which is in no list yet.
func (b *Builder) fillOrder(from *Order, slot uint32) (*order, error) {
	v := b.v
	o := v.orders.make(slot)
	if o.id != 0 || slot == 0 {
		return nil, fmt.Errorf("order %d has the slot of order %d", from.ID, o.id)
	}
	*o = order{
		id: from.ID, account: from.Account, market: from.Market, group: from.Group, outcome: from.Outcome,
		side: from.Side, timeInForce: from.TimeInForce, selfTrade: from.SelfTrade, flags: from.Flags,
		price: from.Price, filled: from.Filled, remaining: from.Remaining,
		closing: from.Closing, hold: from.Hold, expireAt: from.ExpireAt, version: from.Version,
		placedAt: from.PlacedAt,
	}
	v.foreign.note(o, slot)
	v.nameOrder(o, from.ClientID)
	v.lastOrder = max(v.lastOrder, from.ID.Number())
	return o, nil
}

// Links are the slots of an open order and of those next to it: before and behind it in the queue of its price, and the
// next older and newer one of its account. 0 is none.
type Links struct{ Slot, Ahead, Behind, Older, Newer uint32 }

// AddLinkedOrder adds an open order whose neighbours are known. Such orders may come in any order, and all of them must;
// it is much faster than AddOrder when there are many.
func (b *Builder) AddLinkedOrder(from *Order, links Links) error {
	v := b.v
	m, a := v.marketOf(from.Market), v.accountOf(from.Account)
	if m == nil || uint8(from.Outcome) >= m.bookCount || a == nil || from.Side > exchange.Sell {
		return fmt.Errorf("order %d of account %d in market %d, outcome %d: there is no such book or account",
			from.ID, from.Account, from.Market, from.Outcome)
	}
	slot := links.Slot
	o, err := b.fillOrder(from, slot)
	if err != nil {
		return err
	}
	o.ahead, o.behind, o.older, o.newer, o.queued, o.listed = links.Ahead, links.Behind, links.Older, links.Newer, true, true
	lv := v.bookAt(m, from.Outcome).makeSide(from.Side).make(rankOf(from.Side, from.Price))
	lv.quantity += uint64(from.Remaining)
	lv.orders++
	if links.Ahead == 0 {
		lv.head = slot
	}
	if links.Behind == 0 {
		lv.tail = slot
	}
	if links.Older == 0 {
		a.oldestOrder = slot
	}
	if links.Newer == 0 {
		a.newestOrder = slot
	}
	a.openOrders++
	m.openOrders++
	v.total.OpenOrders++
	return nil
}

// View returns the View, which has not been checked: see View.Check. The Builder must not be used any more.
func (b *Builder) View() *View {
	v := b.v
	slices.SortFunc(b.rest, func(x, y uint32) int { return cmp.Compare(v.orders.at(x).id, v.orders.at(y).id) })
	for _, slot := range b.rest {
		o := v.orders.at(slot)
		v.enlist(v.accounts.at(uint32(o.account)), v.markets.at(uint32(o.market)), o)
	}
	return v
}
