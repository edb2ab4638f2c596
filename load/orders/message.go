package orders

import (
	"bytes"
	"strconv"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// Requests are written and answers are read by hand: the load runs on the cores of the exchange that it measures.

// appendOrder appends the body of an order, with its market if it is one of a batch.
func appendOrder(b []byte, o *order, inBatch bool, clientID []byte) []byte {
	b = append(b, '{')
	if inBatch {
		b = strconv.AppendUint(append(b, `"market":"`...), uint64(o.market), 10)
		b = append(b, `",`...)
	}
	b = append(b, `"outcome":"yes","side":"`...)
	if o.side == exchange.Buy {
		b = append(b, api.Buy...)
	} else {
		b = append(b, api.Sell...)
	}
	b = o.price.Append(append(b, `","price":"`...))
	b = strconv.AppendUint(append(b, `","quantity":`...), uint64(o.quantity), 10)
	if o.immediate {
		b = append(b, `,"time_in_force":"ioc"`...)
	}
	b = append(append(b, `,"client_order_id":"`...), clientID...)
	return append(b, `"}`...)
}

func appendCancel(b []byte, o restingOrder) []byte {
	b = strconv.AppendUint(append(b, `{"market":"`...), uint64(o.market), 10)
	b = strconv.AppendUint(append(b, `","order":"`...), uint64(o.order), 10)
	return append(b, `"}`...)
}

// placed reads the id of an order that an answer says was placed, and whether something of it rests.
func placed(answer []byte) (id api.ID, rests bool) {
	id = api.ID(digits(answer, `"order":"`))
	return id, digits(answer, `"remaining":`) > 0
}

// digits returns the number that follows a mark, 0 if there is none.
func digits(b []byte, mark string) (n uint64) {
	_, b, found := bytes.Cut(b, []byte(mark))
	if !found {
		return 0
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + uint64(c-'0')
	}
	return n
}

// items calls each with the results of one list in the answer to a batch. Texts in it hold no quotation marks or
// braces, so the braces that are not nested end an item.
func items(answer []byte, list string, each func(i int, item []byte)) {
	_, rest, found := bytes.Cut(answer, []byte(`"`+list+`":[`))
	if !found {
		return
	}
	depth, start, n := 0, 0, 0
	for i, c := range rest {
		switch {
		case c == '{':
			if depth == 0 {
				start = i
			}
			depth++
		case c == '}':
			if depth--; depth == 0 {
				each(n, rest[start:i+1])
				n++
			}
		case c == ']' && depth == 0:
			return
		}
	}
}

// code returns the stable code of a refusal in an answer, or "".
func code(answer []byte) string {
	_, rest, found := bytes.Cut(answer, []byte(`"code":"`))
	if !found {
		return ""
	}
	text, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(text)
}
