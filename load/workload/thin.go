package workload

// Ticks of a thin stream. On each side one order rests far away, 9,000 ticks behind where the trading is.
const (
	thinBid, farBid = 9_500, 500
	thinAsk, farAsk = 501, 9_501
)

// Thin makes a stream in which the best order of a side comes and goes, by a trade or by a cancel, and the next best
// price is 9,000 ticks away each time: the worst case of finding it. It has 2 orders of prefill and 8 timed commands a
// round.
func Thin(rounds int) *Stream {
	t := thin{stream: &Stream{Prefill: 2, Records: make([]Record, 0, 2+8*rounds)}}
	t.place(New, Buy, farBid)
	t.place(New, Sell, farAsk)
	for range rounds {
		t.comeAndGo(Buy, thinBid)
		t.comeAndGo(Sell, thinAsk)
	}
	return t.stream
}

type thin struct {
	stream *Stream
	orders uint32
}

func (t *thin) comeAndGo(side uint8, tick uint16) {
	t.place(New, side, tick)
	t.place(Aggressive, side^1, tick)
	t.place(New, side, tick)
	t.stream.Records = append(t.stream.Records, Record{ID: t.orders, Tick: tick, Kind: Cancel, Side: side})
}

func (t *thin) place(kind Kind, side uint8, tick uint16) {
	t.orders++
	t.stream.Records = append(t.stream.Records, Record{ID: t.orders, Quantity: 10, Tick: tick, Kind: kind, Side: side})
}
