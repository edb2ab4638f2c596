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
	if id == 0 || uint32(id) > v.lastAccount {
		return Account{}, false
	}
	a := v.accounts.at(uint32(id))
	return Account{
		ID: id, Name: a.name, PasswordHash: a.passwordHash,
		Cash: a.cash, Held: a.held, Receivable: a.receivable,
		Version: a.version, MaxOpenOrders: a.maxOpenOrders, Blocked: a.blocked,
		DeadMan: a.deadMan, OpenOrders: a.openOrders, Realised: a.realised,
	}, true
}

// Totals are sums over the whole shard.
//
//	Cash + Held + Escrow + MarketFees + HouseFees − Receivables = World
type Totals struct {
	Cash        exchange.Money // free cash of all accounts
	Held        exchange.Money // by open orders
	Escrow      exchange.Money // of all markets
	MarketFees  exchange.Money // charged in markets that are not settled
	HouseFees   exchange.Money // of settled markets
	Receivables exchange.Money // what accounts owe the house
	World       exchange.Money // deposits − withdrawals

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
