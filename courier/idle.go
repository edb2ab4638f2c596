package courier

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// Idle finds free cash of accounts that lies idle on a shard that is not home. An account that trades there keeps its cash:
// to bring it again would cost a transfer. It is for one goroutine.
type Idle struct {
	seen map[exchange.AccountID]stillness
}

// stillness is what an account without open orders has, and since when.
type stillness struct {
	cash  exchange.Money
	since exchange.Time
}

// Look takes in how an account is at a log time, and returns how much of its cash should go home: all of what is free, if it
// has no open order and nothing has changed for so long. It is to look at an account often enough to see what happens to it.
func (i *Idle) Look(a *projection.Account, now exchange.Time, long exchange.Duration) exchange.Money {
	if a.Cash <= 0 || a.OpenOrders > 0 {
		delete(i.seen, a.ID)
		return 0
	}
	last, known := i.seen[a.ID]
	if !known || last.cash != a.Cash {
		last = stillness{a.Cash, now}
	}
	if now-last.since < exchange.Time(long) {
		if i.seen == nil {
			i.seen = map[exchange.AccountID]stillness{}
		}
		i.seen[a.ID] = last
		return 0
	}
	delete(i.seen, a.ID)
	return a.Cash
}
