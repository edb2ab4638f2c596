package projection

import (
	"time"

	"github.com/hustings/hustings/exchange"
)

const hoursKept = 24

// hours are the trades of the last 24 hours of log time, the current one included, in buckets of one hour.
type hours struct {
	newest int64 // hours since the epoch
	volume [hoursKept]uint64
	close  [hoursKept]exchange.Price // last price of the hour; 0: no trade
	before exchange.Price            // last price before these hours
}

func hourOf(t exchange.Time) int64 { return int64(t) / int64(time.Hour) }

func (h *hours) add(now exchange.Time, price exchange.Price, quantity exchange.Quantity) {
	h.advance(hourOf(now))
	i := h.newest % hoursKept
	h.volume[i] += uint64(quantity)
	h.close[i] = price
}

// advance makes room for a new hour.
func (h *hours) advance(to int64) {
	if rounds := (to - h.newest) / hoursKept; rounds > 1 {
		h.newest += (rounds - 1) * hoursKept // one round clears everything
	}
	for h.newest < to {
		h.newest++
		i := h.newest % hoursKept
		if h.close[i] != 0 {
			h.before = h.close[i]
		}
		h.volume[i], h.close[i] = 0, 0
	}
}

// day returns the volume of the 24 hours up to now, and the last price before them, 0 if there was none.
func (h *hours) day(now exchange.Time) (volume uint64, before exchange.Price) {
	if h == nil {
		return 0, 0
	}
	first := hourOf(now) - hoursKept + 1
	before = h.before
	for hour := h.newest - hoursKept + 1; hour <= h.newest; hour++ {
		i := hour % hoursKept
		if hour < 0 {
			continue
		}
		if hour >= first {
			volume += h.volume[i]
		} else if h.close[i] != 0 {
			before = h.close[i]
		}
	}
	return volume, before
}
