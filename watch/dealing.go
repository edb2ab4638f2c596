package watch

import "github.com/hustings/hustings/exchange"

// dealing is what an account does in one book.
//
// Layering: contracts are shown on one side to make the price look as if it were about to move, a trade on the other side profits
// from that, and then what was shown goes away. A market maker does something alike when it quotes anew after a fill. What
// tells them apart is that the maker shows as much on the other side as it trades there, and a layerer shows many times more.
type dealing struct {
	resting [2]uint32        // contracts in the book, by side
	traded  [2]uint32        // by its own side, since from
	placed  [2]exchange.Time // when some of what rests came last
	from    exchange.Time
	all     traded // in this book

	mark struct { // a trade against which much was shown
		moment
		side    exchange.Side // on which it was shown
		resting uint32        // then
		gone    uint32        // cancelled since
	}

	shown  [2]Evidence // of what came last, by side
	bought purchases
}

const (
	hour          = 60 * minute
	layerTimes    = 3           // in an hour
	layerShown    = 200         // contracts at least
	layerFactor   = 5           // times as much as is traded or shown on the other side
	layerFresh    = 60 * second // what is shown came so shortly before the trade
	layerQuick    = 15 * second // and is gone so shortly after it
	layerGonePart = 80          // per cent of it
)

// rest takes in contracts that rest from now on.
func (d *dealing) rest(at moment, side exchange.Side, contracts uint32) {
	d.resting[side] += contracts
	d.placed[side], d.shown[side] = at.now, at.Evidence
}

// trade takes in a trade on the account's own side.
func (d *dealing) trade(at moment, side exchange.Side, contracts uint32) {
	if at.now-d.from >= layerFresh {
		d.from, d.traded = at.now, [2]uint32{}
	}
	d.traded[side] += contracts
	other := side.Opposite()
	shown := d.resting[other]
	if shown < layerShown || at.now-d.placed[other] > layerFresh || uint64(shown) < layerFactor*(uint64(d.traded[side])+uint64(d.resting[side])) {
		return
	}
	d.mark.moment, d.mark.side, d.mark.resting, d.mark.gone = at, other, shown, 0
}

// cancel takes in contracts that the account takes out of the book by its own will, and reports whether that completes the pattern.
func (d *dealing) cancel(now exchange.Time, side exchange.Side, contracts uint32) (layered bool) {
	d.leave(side, contracts)
	m := &d.mark
	if m.resting == 0 || m.side != side || now-m.now > layerQuick {
		return false
	}
	if m.gone += contracts; uint64(m.gone)*100 < uint64(m.resting)*layerGonePart {
		return false
	}
	m.resting = 0
	return true
}

// leave takes in contracts that do not rest any more.
func (d *dealing) leave(side exchange.Side, contracts uint32) {
	d.resting[side] -= min(d.resting[side], contracts)
}
