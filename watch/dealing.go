package watch

import "github.com/hustings/hustings/exchange"

// dealing is what an account does in one book.
//
// Layering: contracts are shown on one side to make the price look as if it were about to move, a trade on the other side profits
// from that, and then what was shown goes away. A market maker does something alike when it quotes anew after a fill. What
// tells them apart is that the maker shows as much on the other side as it trades there, and a layerer shows many times more.
type dealing struct {
	resting [2]uint32        // contracts in the book, by side
	placed  [2]exchange.Time // when some of these came last
	shown   [2]exchange.Seq
	traded  [2]uint32 // by its own side, since tradedFrom
	from    exchange.Time

	mark struct { // a trade against which much was shown
		at      exchange.Time
		seq     exchange.Seq
		side    exchange.Side // on which it was shown
		resting uint32        // then
		gone    uint32        // cancelled since
	}

	start exchange.Time // of the hour
	times uint32        // that it happened in it
	told  bool
	trail trail

	volume uint32 // contracts traded in the hour, of which pairs look at their share
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

func (d *dealing) roll(now exchange.Time) {
	if now-d.start >= hour {
		d.start, d.times, d.told, d.trail, d.volume = now, 0, false, trail{}, 0
	}
	if now-d.from >= layerFresh {
		d.from, d.traded = now, [2]uint32{}
	}
}

// rest takes in contracts that rest from now on.
func (d *dealing) rest(now exchange.Time, seq exchange.Seq, side exchange.Side, contracts uint32) {
	d.roll(now)
	d.resting[side] += contracts
	d.placed[side], d.shown[side] = now, seq
}

// trade takes in a trade on the account's own side.
func (d *dealing) trade(now exchange.Time, seq exchange.Seq, side exchange.Side, contracts uint32) {
	d.roll(now)
	d.traded[side] += contracts
	d.volume += contracts
	other := side.Opposite()
	shown := d.resting[other]
	if shown < layerShown || now-d.placed[other] > layerFresh || uint64(shown) < layerFactor*(uint64(d.traded[side])+uint64(d.resting[side])) {
		return
	}
	d.mark.at, d.mark.seq, d.mark.side, d.mark.resting, d.mark.gone = now, seq, other, shown, 0
}

// cancel takes in contracts that the account takes out of the book by its own will, and reports whether that completes the pattern
// too often.
func (d *dealing) cancel(now exchange.Time, seq exchange.Seq, side exchange.Side, contracts uint32) (out bool) {
	d.leave(side, contracts)
	m := &d.mark
	if m.resting == 0 || m.side != side || now-m.at > layerQuick {
		return false
	}
	if m.gone += contracts; uint64(m.gone)*100 < uint64(m.resting)*layerGonePart {
		return false
	}
	d.roll(now)
	d.trail.add(d.shown[side])
	d.trail.add(m.seq)
	d.trail.add(seq)
	m.resting = 0
	d.times++
	if d.times < layerTimes || d.told {
		return false
	}
	d.told = true
	return true
}

// leave takes in contracts that do not rest any more.
func (d *dealing) leave(side exchange.Side, contracts uint32) {
	d.resting[side] -= min(d.resting[side], contracts)
}
