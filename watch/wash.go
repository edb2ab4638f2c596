package watch

import "github.com/hustings/hustings/exchange"

// exchanged is what two accounts traded with each other in a market in an hour. Two makers trade with each other too, now this way
// and now that, but each pays the other's spread. Who washes gives back what it got: the next trade goes the other way, is about
// as great and at about the same price.
type exchanged struct {
	start     exchange.Time
	contracts uint32 // in all
	trades    uint32
	reversals uint32 // of these: trades that undid the one before
	last      handedOver
}

// handedOver is a trade of two accounts.
type handedOver struct {
	moment
	contracts uint32
	price     exchange.Price
	up        bool // the one with the greater id bought
	undoes    bool // the one before
}

const (
	washReversals = 4 // in an hour
	washWithin    = 10 * minute
	washPart      = 50  // per cent of their trades with each other that are reversals
	washShare     = 50  // per cent of what each of them trades there that is with the other
	washPrice     = 100 // a cent: how much the price of a reversal is off at most
	selfTrades    = 3
	alikePart     = 80 // per cent that the smaller of two alike trades is of the greater
)

// trade takes in a trade, and returns the one that it undoes, if so.
func (x *exchanged) trade(t handedOver) (undone handedOver, undoes bool) {
	if t.now-x.start >= hour {
		*x = exchanged{start: t.now}
	}
	last := &x.last
	if x.trades > 0 && t.up != last.up && t.now-last.now <= washWithin && alike(t.contracts, last.contracts) &&
		max(t.price, last.price)-min(t.price, last.price) <= washPrice {
		t.undoes = true
		x.reversals++
	}
	x.contracts += t.contracts
	x.trades++
	undone, *last = *last, t
	return undone, t.undoes
}

// out reports whether too many trades were undone, given what each of the two has traded in the market.
func (x *exchanged) out(traded [2]uint32) bool {
	return x.reversals >= washReversals && x.reversals*100 >= x.trades*washPart && shared(x.contracts, traded)
}

// shared reports whether contracts are a great part of what each of two accounts has traded.
func shared(contracts uint32, traded [2]uint32) bool {
	return uint64(contracts)*100 >= uint64(max(traded[0], traded[1]))*washShare
}

// purchases are the last contracts that an account bought in a book, and from whom: along them it is found out whether what somebody
// buys now is what it sold before.
type purchases struct {
	last [keptPurchases]purchase
	next uint8
}

type purchase struct {
	seq       exchange.Seq // 0: none
	at        exchange.Time
	number    uint32 // among all trades that were seen, modulo 2³²
	from      exchange.AccountID
	contracts uint32
	shard     exchange.ShardID
}

const (
	keptPurchases = 4
	ringWithin    = 3 * minute // between the first and the last trade
	ringTimes     = 3          // in an hour
)

func (p *purchases) add(b purchase) {
	p.last[p.next] = b
	p.next = (p.next + 1) % keptPurchases
}

// before reports whether a purchase is as alike as can be to a later trade, and not too long before it.
func (p *purchase) before(t *purchase) bool {
	return p.seq != 0 && int32(p.number-t.number) < 0 && t.at-p.at <= ringWithin && alike(p.contracts, t.contracts)
}

func (p *purchase) evidence(market exchange.MarketID) Evidence {
	return Evidence{p.seq, market, p.shard}
}

func alike(a, b uint32) bool { return uint64(min(a, b))*100 >= uint64(max(a, b))*alikePart }
