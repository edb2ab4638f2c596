package projection

import (
	"hash/maphash"
	"math"

	"github.com/hustings/hustings/exchange"
)

// DefaultMaxOpenOrders is how many orders an account may have open until an event says otherwise.
const DefaultMaxOpenOrders = 200_000

// An Account is what is known of one account.
type Account struct {
	ID            exchange.AccountID
	Name          string
	PasswordHash  string
	Cash          exchange.Money // free
	Held          exchange.Money // by its open orders
	Receivable    exchange.Money // what it owes the house
	Version       uint32
	MaxOpenOrders uint32
	Blocked       bool
	Tier          exchange.Tier // unset is standard
	DeadMan       exchange.Time // when its orders are cancelled unless it renews its switch; 0: never
	OpenOrders    uint32        // derived: a Builder counts them itself

	Realised exchange.Money // statistic: profit in settled markets, fees deducted
}

type account struct {
	cash, held, receivable exchange.Money
	realised               exchange.Money
	deadMan                exchange.Time
	version, maxOpenOrders uint32
	openOrders             uint32
	oldestOrder            uint32 // slots of the first and last of its open orders
	newestOrder            uint32
	positions              uint32 // the newest of its positions
	newestKey              uint32
	newestGroup            uint32
	registered, blocked    bool
	tier                   exchange.Tier
	name, passwordHash     string
}

// accountOf returns an account, or nil if there is none.
func (v *View) accountOf(id exchange.AccountID) *account {
	if v.alone {
		return v.accounts.make(uint32(id))
	}
	return v.account(id)
}

// account returns an account that there is, or nil.
func (v *View) account(id exchange.AccountID) *account {
	if id == 0 || uint32(id) > v.lastAccount {
		return nil
	}
	if a := v.accounts.at(uint32(id)); a.registered {
		return a
	}
	return nil
}

func noAccount(id exchange.AccountID) *InconsistencyError {
	return broken("there is no account %d", id).withAccount(id)
}

// pay adds delta to an account's free cash, which must then be what the event says.
func (v *View) pay(id exchange.AccountID, a *account, delta, cash exchange.Money) *InconsistencyError {
	if v.alone {
		return nil
	}
	before := a.cash
	a.cash += delta
	v.total.Cash += delta
	if a.cash != cash {
		return broken("cash was %v and changes by %v, so it is %v, not %v", before, delta, a.cash, cash).withAccount(id)
	}
	if cash < 0 {
		return broken("cash is %v", cash).withAccount(id)
	}
	return nil
}

// hold adds delta to what an order holds of its account's money.
func (v *View) hold(a *account, o *order, delta exchange.Money) *InconsistencyError {
	o.hold += delta
	a.held += delta
	v.total.Held += delta
	if o.hold < 0 {
		return broken("%v more than its hold is released", -o.hold).withAccount(o.account).withOrder(o.id)
	}
	return nil
}

func (v *View) accountEvent(event exchange.Event) *InconsistencyError {
	if e, ok := event.(*exchange.AccountRegistered); ok {
		return v.accountRegistered(e)
	}
	id, _, _ := subject(event)
	a := v.accountOf(id)
	if a == nil {
		return noAccount(id)
	}
	var fault *InconsistencyError
	switch e := event.(type) {
	case *exchange.PasswordSet:
		a.passwordHash = e.PasswordHash
	case *exchange.LimitsSet:
		fault = a.limitsSet(e)
	case *exchange.TierSet:
		fault = a.tierSet(e)
	case *exchange.SessionsEnded:
		v.sessionsEnded(e)
	case *exchange.DeadManSet:
		a.deadMan = e.Deadline
	case *exchange.MassCancelAccepted:
		if e.Reason == exchange.CancelDeadMan { // the switch has done its work
			a.deadMan = 0
		}
	case *exchange.FundsDeposited:
		fault = v.fundsDeposited(a, e)
	case *exchange.FundsWithdrawn:
		fault = v.fundsWithdrawn(a, e)
	case *exchange.CredentialCreated:
		fault = v.credentialCreated(a, e)
	case *exchange.CredentialRevoked:
		fault = v.credentialRevoked(e)
	case *exchange.GroupCreated:
		fault = v.groupCreated(a, e)
	case *exchange.GroupChanged:
		fault = v.groupChanged(e)
	case *exchange.GroupSet:
		fault = v.groupSet(a, e)
	case *exchange.GroupCounted:
		fault = v.groupCounted(e)
	}
	if fault != nil {
		fault.Account = id
	}
	return fault
}

func (v *View) accountRegistered(e *exchange.AccountRegistered) *InconsistencyError {
	if uint32(e.Account) != v.lastAccount+1 {
		return broken("the account before it was %d", v.lastAccount).withAccount(e.Account)
	}
	if v.accountNamed(e.Name) != 0 {
		return broken("another account has the name %q", e.Name).withAccount(e.Account)
	}
	v.addAccount(&Account{ID: e.Account, Name: e.Name, PasswordHash: e.PasswordHash, Version: 1, MaxOpenOrders: DefaultMaxOpenOrders})
	return nil
}

func (v *View) addAccount(from *Account) {
	for v.lastAccount < uint32(from.ID) { // ids before it that nobody has here
		v.lastAccount++
		v.accounts.make(v.lastAccount)
	}
	a := v.accounts.at(uint32(from.ID))
	a.registered = true
	a.name, a.passwordHash = from.Name, from.PasswordHash
	a.cash, a.held, a.receivable = from.Cash, from.Held, from.Receivable
	a.version, a.maxOpenOrders, a.blocked = from.Version, from.MaxOpenOrders, from.Blocked
	a.deadMan, a.realised = from.DeadMan, from.Realised
	a.tier = max(from.Tier, exchange.TierStandard)
	v.total.Accounts++
	v.total.Cash += a.cash
	v.total.Held += a.held
	v.total.Receivables += a.receivable
	if a.name != "" { // one that came by a transfer has none
		v.names.insert(v.hashName(a.name), uint32(from.ID))
	}
}

func (v *View) hashName(name string) uint32 { return uint32(maphash.String(v.seed, name)) }

func (v *View) accountNamed(name string) exchange.AccountID {
	for p := v.names.probe(v.hashName(name)); p.next(); {
		if v.accounts.at(p.number).name == name {
			return exchange.AccountID(p.number)
		}
	}
	return 0
}

func (a *account) limitsSet(e *exchange.LimitsSet) *InconsistencyError {
	if e.Version != a.version+1 {
		return broken("version %d follows version %d of the account", e.Version, a.version)
	}
	a.version, a.maxOpenOrders, a.blocked = e.Version, e.MaxOpenOrders, e.Blocked
	return nil
}

func (a *account) tierSet(e *exchange.TierSet) *InconsistencyError {
	if e.Version != a.version+1 {
		return broken("version %d follows version %d of the account", e.Version, a.version)
	}
	a.version, a.tier = e.Version, e.Tier
	return nil
}

func (v *View) fundsDeposited(a *account, e *exchange.FundsDeposited) *InconsistencyError {
	if e.Amount <= 0 || e.Amount > math.MaxInt64-v.total.World {
		return broken("%v is deposited", e.Amount)
	}
	v.total.World += e.Amount
	return v.credit(e.Account, a, e.Amount, e.Repaid, e.Cash)
}

// credit adds money from outside the shard to an account, of which its debt is repaid first.
func (v *View) credit(id exchange.AccountID, a *account, amount, repaid, cash exchange.Money) *InconsistencyError {
	if repaid != min(amount, a.receivable) {
		return broken("%v of %v repay a debt of %v", repaid, amount, a.receivable)
	}
	a.receivable -= repaid
	v.total.Receivables -= repaid
	return v.pay(id, a, amount-repaid, cash)
}

func (v *View) fundsWithdrawn(a *account, e *exchange.FundsWithdrawn) *InconsistencyError {
	if e.Amount <= 0 {
		return broken("%v is withdrawn", e.Amount)
	}
	v.total.World -= e.Amount
	return v.pay(e.Account, a, -e.Amount, e.Cash)
}
