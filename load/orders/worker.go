package orders

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
)

// worker keeps one connection busy.
type worker struct {
	flow
	pace     *pace
	measured time.Time // requests that are due before are not counted
	batch    int       // items in a request; 1: one order a request
	tag      string    // makes client order ids different from those of every other worker
	number   uint64    // of the last client order id
	body     []byte
	id       []byte
	placing  []order // of the batch being sent

	count   Count
	latency *hdrhistogram.Histogram // µs
	lag     *hdrhistogram.Histogram // µs
	last    time.Time               // of the last answer
}

// Count is what became of what was sent.
type Count struct {
	Requests uint64
	Orders   uint64 // accepted
	Cancels  uint64 // done
	TooLate  uint64 // cancels of orders that had traded in the meantime
	Errors   uint64 // refused, or without an answer
	Codes    map[string]uint64
}

// longestLatency is the greatest that is told apart.
const longestLatency = time.Minute

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longestLatency.Microseconds(), 3)
}

// run sends requests until the pace ends.
func (w *worker) run(ctx context.Context) {
	for {
		due, ok := w.pace.wait(ctx)
		if !ok {
			return
		}
		begun := time.Now()
		var c Count
		if w.batch > 1 {
			w.sendBatch(&c)
		} else {
			w.sendOne(&c)
		}
		if due.Before(w.measured) {
			continue
		}
		w.last = time.Now()
		record(w.latency, w.last.Sub(due))
		record(w.lag, begun.Sub(due))
		w.count.Requests++
		w.count.add(&c)
	}
}

func record(h *hdrhistogram.Histogram, d time.Duration) {
	// It fails only for values above the greatest.
	_ = h.RecordValue(min(d, longestLatency).Microseconds())
}

func (c *Count) add(o *Count) {
	c.Requests += o.Requests
	c.Orders += o.Orders
	c.Cancels += o.Cancels
	c.TooLate += o.TooLate
	c.Errors += o.Errors
	for code, n := range o.Codes {
		c.fail(code, n)
	}
}

func (c *Count) fail(code string, n uint64) {
	if c.Codes == nil {
		c.Codes = make(map[string]uint64)
	}
	c.Codes[code] += n
}

// failed counts items that were refused, or had no answer.
func (c *Count) failed(code string, items int) {
	c.Errors += uint64(items)
	c.fail(code, uint64(items))
}

// gone is the code of a cancel that came too late.
var gone = exchange.RejectOrderNotFound.String()

func (c *Count) cancelled(code string) {
	switch code {
	case "":
		c.Cancels++
	case gone:
		c.TooLate++
	default:
		c.failed(code, 1)
	}
}

// errorCode is the code of a refusal, or what else went wrong.
func errorCode(err error) string {
	if err == nil {
		return ""
	}
	var refused *client.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return "no_answer"
}

// newID makes the next client order id.
func (w *worker) newID() []byte {
	w.number++
	w.id = strconv.AppendUint(append(w.id[:0], w.tag...), w.number, 10)
	return w.id
}

func (w *worker) sendOne(c *Count) {
	t := w.someone()
	if o, ok := w.cancel(t); ok {
		path := "/api/markets/" + o.market.String() + "/orders/" + o.order.String()
		_, err := t.Send(context.Background(), client.Request{Method: "DELETE", Path: path})
		c.cancelled(errorCode(err))
		return
	}
	o := w.order()
	w.body = appendOrder(w.body[:0], &o, false, w.newID())
	path := "/api/markets/" + o.market.String() + "/orders"
	answer, err := t.Send(context.Background(), client.Request{Method: "POST", Path: path, InBody: true, Raw: w.body})
	if err != nil {
		c.failed(errorCode(err), 1)
		return
	}
	c.Orders++
	t.keep(&o, answer)
}

// keep remembers an order that an answer says was placed, if it rests.
func (t *trader) keep(o *order, answer []byte) {
	if id, rests := placed(answer); rests {
		t.rests(restingOrder{market: o.market, order: id, off: o.off})
	}
}

// sendBatch sends one trader's cancels and orders in one request.
func (w *worker) sendBatch(c *Count) {
	t := w.someone()
	cancels := w.appendBatch(t)
	answer, err := t.Send(context.Background(), client.Request{Method: "POST", Path: "/api/orders/batch", Raw: w.body})
	if err != nil {
		c.failed(errorCode(err), w.batch)
		return
	}
	answered := 0
	items(answer, "cancels", func(_ int, item []byte) {
		answered++
		c.cancelled(code(item))
	})
	items(answer, "orders", func(i int, item []byte) {
		answered++
		if refusal := code(item); refusal != "" {
			c.failed(refusal, 1)
			return
		}
		c.Orders++
		t.keep(&w.placing[i], item)
	})
	if missing := cancels + len(w.placing) - answered; missing != 0 {
		c.failed("no_result", missing)
	}
}

// appendBatch writes a batch into the worker's body, its orders into placing, and returns its number of cancels.
func (w *worker) appendBatch(t *trader) (cancels int) {
	w.body, w.placing = append(w.body[:0], '{'), w.placing[:0]
	for range w.batch {
		o, ok := w.cancel(t)
		if !ok {
			w.placing = append(w.placing, w.order())
			continue
		}
		w.body = append(w.body, separator(cancels, `"cancels":[`)...)
		w.body = appendCancel(w.body, o)
		cancels++
	}
	if cancels > 0 {
		w.body = append(w.body, ']')
	}
	for i := range w.placing {
		if i == 0 && cancels > 0 {
			w.body = append(w.body, ',')
		}
		w.body = append(w.body, separator(i, `"orders":[`)...)
		w.body = appendOrder(w.body, &w.placing[i], true, w.newID())
	}
	if len(w.placing) > 0 {
		w.body = append(w.body, ']')
	}
	w.body = append(w.body, '}')
	return cancels
}

func separator(i int, first string) string {
	if i == 0 {
		return first
	}
	return ","
}
