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
	last      struct {
		at        exchange.Time
		contracts uint32
		price     exchange.Price
		direction uint8 // 0: the one with the smaller id bought
	}
	told  bool
	trail trail
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

func (x *exchanged) roll(now exchange.Time) {
	if now-x.start >= hour {
		*x = exchanged{start: now}
	}
}

// trade takes in a trade, and reports whether there were too many reversals, given what each of the two has traded in all.
func (x *exchanged) trade(now exchange.Time, seq exchange.Seq, direction uint8, contracts uint32, price exchange.Price, all [2]uint32) (out bool) {
	x.roll(now)
	if x.trades > 0 && direction != x.last.direction && now-x.last.at <= washWithin && alike(contracts, x.last.contracts) &&
		max(price, x.last.price)-min(price, x.last.price) <= washPrice {
		x.reversals++
	}
	x.contracts += contracts
	x.trades++
	x.last.at, x.last.contracts, x.last.price, x.last.direction = now, contracts, price, direction
	x.trail.add(seq)
	if x.told || x.reversals < washReversals || x.reversals*100 < x.trades*washPart {
		return false
	}
	both := uint64(x.contracts) * 100
	if both < uint64(all[0])*washShare || both < uint64(all[1])*washShare {
		return false
	}
	x.told = true
	return true
}

// self takes in a trade of an account with itself.
func (x *exchanged) self(now exchange.Time, seq exchange.Seq) (out bool) {
	x.roll(now)
	x.trades++
	x.trail.add(seq)
	if x.trades < selfTrades || x.told {
		return false
	}
	x.told = true
	return true
}

// purchases are the last contracts that an account bought in a book, and from whom: along them it is found out whether what somebody
// buys now is what it sold before.
type purchases struct {
	last [keptPurchases]purchase
	next uint8
}

type purchase struct {
	seq       exchange.Seq
	at        exchange.Time
	from      exchange.AccountID
	contracts uint32
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

// before returns the purchases as alike as can be to a later trade, and not too long before it.
func (p *purchases) before(t purchase) (found []purchase) {
	for i := range p.last {
		b := &p.last[i]
		if b.seq != 0 && b.seq < t.seq && t.at-b.at <= ringWithin && alike(b.contracts, t.contracts) {
			found = append(found, *b)
		}
	}
	return found
}

func alike(a, b uint32) bool { return uint64(min(a, b))*100 >= uint64(max(a, b))*alikePart }

// ring is how often contracts went round three accounts of a market in an hour. No trade is part of two rounds: where many trade at
// once, a few of their trades make up many rounds by chance.
type ring struct {
	start exchange.Time
	last  exchange.Seq // trade of the round before
	times uint32
	told  bool
	trail trail
}

// again takes in a round, its trades in their order, and reports whether there were too many.
func (r *ring) again(now exchange.Time, seqs ...exchange.Seq) (out bool) {
	if now-r.start >= hour {
		*r = ring{start: now}
	}
	if seqs[0] <= r.last {
		return false
	}
	r.last = seqs[len(seqs)-1]
	r.times++
	for _, s := range seqs {
		r.trail.add(s)
	}
	if r.times < ringTimes || r.told {
		return false
	}
	r.told = true
	return true
}
