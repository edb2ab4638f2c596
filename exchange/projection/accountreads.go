package projection

import "github.com/hustings/hustings/exchange"

// Account returns an account; ok is false if there is none.
func (v *View) Account(id exchange.AccountID) (a Account, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.readAccount(id)
}

// AccountByName returns the account of this exact name.
func (v *View) AccountByName(name string) (a Account, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.readAccount(v.accountNamed(name))
}

func (v *View) readAccount(id exchange.AccountID) (Account, bool) {
	a := v.account(id)
	if a == nil {
		return Account{}, false
	}
	return Account{
		ID: id, Name: a.name, PasswordHash: a.passwordHash,
		Cash: a.cash, Held: a.held, Receivable: a.receivable,
		Version: a.version, MaxOpenOrders: a.maxOpenOrders, Blocked: a.blocked, Tier: a.tier,
		DeadMan: a.deadMan, OpenOrders: a.openOrders, Realised: a.realised,
	}, true
}

// Totals are sums over the whole shard.
//
//	Cash + Held + Escrow + MarketFees + HouseFees − Receivables + Outbox = World + Received − Released
type Totals struct {
	Cash        exchange.Money // free cash of all accounts
	Held        exchange.Money // by open orders
	Escrow      exchange.Money // of all markets
	MarketFees  exchange.Money // charged in markets that are not settled
	HouseFees   exchange.Money // of settled markets
	Receivables exchange.Money // what accounts owe the house
	World       exchange.Money // deposits − withdrawals
	Outbox      exchange.Money // sent to other shards, which are not known to have it
	Received    exchange.Money // everything that ever came from other shards
	Released    exchange.Money // everything that other shards are known to have got
	MovedIn     exchange.Money // everything that ever came with a market
	MovedOut    exchange.Money // everything that ever left with one

	Accounts   uint64
	Markets    uint64
	OpenOrders uint64
	Positions  uint64 // pairs of account and book with contracts
	Trades     uint64 // statistic
	Volume     uint64 // statistic: contracts traded
}

// Totals returns the sums over the shard.
func (v *View) Totals() Totals {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.total
}
