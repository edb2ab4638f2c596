package shards

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// worker trades on one shard. Each batch cancels what rests of the one before and places orders around the middle, about
// half of which trade.
type worker struct {
	site     *site
	number   int
	batch    int
	random   *rand.Rand
	key      [16]byte
	keys     uint64
	frames   []byte
	placed   []exchange.PlaceOrder
	cancels  []exchange.CancelOrder
	replies  []exchange.Reply
	commands int
	refused  int
}

func newWorker(s *site, number, batch int) *worker {
	w := &worker{site: s, number: number, batch: batch, random: rand.New(rand.NewPCG(uint64(number), 1)), replies: make([]exchange.Reply, batch)}
	binary.LittleEndian.PutUint64(w.key[8:], uint64(number)+1)
	return w
}

// nextKey is spread over all of its bytes, as the hashes of the gateway are.
func (w *worker) nextKey() exchange.Key {
	w.keys++
	binary.LittleEndian.PutUint64(w.key[:], w.keys*0x9e3779b97f4a7c15)
	return w.key
}

func (w *worker) run(ctx context.Context) error {
	for ctx.Err() == nil {
		w.fill()
		n := len(w.cancels) + len(w.placed)
		if err := w.site.Submit(context.WithoutCancel(ctx), w.frames, n, w.replies[:n]); err != nil {
			return err
		}
		w.learn(w.replies[:n])
	}
	return nil
}

func (w *worker) fill() {
	w.frames, w.placed = w.frames[:0], w.placed[:0]
	for i := range w.cancels {
		w.frames = wire.AppendCancelOrder(w.frames, &w.cancels[i])
	}
	for n := len(w.cancels); n < w.batch; n++ {
		w.placed = append(w.placed, exchange.PlaceOrder{
			Account: accountOf(w.number, n), Key: w.nextKey(), Market: w.site.markets[w.random.IntN(len(w.site.markets))],
			Side: exchange.Side(w.random.IntN(2)), Price: exchange.Price(4_950 + w.random.IntN(100)), Quantity: exchange.Quantity(1 + w.random.IntN(10)),
		})
		w.frames = wire.AppendPlaceOrder(w.frames, &w.placed[len(w.placed)-1])
	}
}

// learn counts what became of a batch, and remembers what rests, for the next one: half of it, so that there is room for
// orders.
func (w *worker) learn(replies []exchange.Reply) {
	w.commands += len(replies)
	for i := range replies {
		if replies[i].Code != exchange.Accepted {
			w.refused++
		}
	}
	replies = replies[len(w.cancels):]
	w.cancels = w.cancels[:0]
	for i := range replies {
		if r := &replies[i]; r.Code == exchange.Accepted && r.Remaining > 0 && len(w.cancels) < w.batch/2 {
			w.cancels = append(w.cancels, exchange.CancelOrder{Account: w.placed[i].Account, Key: w.nextKey(), Market: w.placed[i].Market,
				Order: exchange.OrderID(r.ID)})
		}
	}
}
