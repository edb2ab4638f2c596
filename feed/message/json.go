package message

import (
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// AppendJSON appends a message as JSON.
func AppendJSON(b []byte, m Message) []byte {
	switch m := m.(type) {
	case *Image:
		b = headJSON(b, "image", &m.Head)
		b = checksumJSON(b, m.Checksum)
		b = append(b, `,"books":[`...)
		for i := range m.Books {
			b = levelsJSON(comma(b, i), &m.Books[i])
		}
		return append(b, "]}"...)
	case *Delta:
		b = linkJSON(b, "delta", &m.Link)
		b = checksumJSON(b, m.Checksum)
		b = append(b, `,"changes":[`...)
		for i := range m.Changes {
			b = changeJSON(comma(b, i), &m.Changes[i])
		}
		return append(b, "]}"...)
	case *Trades:
		b = linkJSON(b, "trades", &m.Link)
		b = append(b, `,"trades":[`...)
		for i := range m.Trades {
			b = dealJSON(comma(b, i), &m.Trades[i])
		}
		return append(b, "]}"...)
	case *Tickers:
		b = linkJSON(b, "ticker", &m.Link)
		b = append(b, `,"books":[`...)
		for i := range m.Tops {
			b = topJSON(comma(b, i), &m.Tops[i])
		}
		return append(b, "]}"...)
	case *State:
		return stateJSON(b, m)
	case *Heartbeat:
		b = channelJSON(headJSON(b, "heartbeat", &m.Head), m.Channel)
		return append(seqJSON(b, "next", m.Next), '}')
	case *Gap:
		return append(channelJSON(headJSON(b, "gap", &m.Head), m.Channel), '}')
	case *Chain:
		return append(channelJSON(headJSON(b, "chain", &m.Head), m.Channel), '}')
	case *Account:
		return privateJSON(b, "account", m)
	case *Order:
		return privateJSON(b, "order", m)
	case *Fill:
		return privateJSON(b, "fill", m)
	case *Balance:
		return privateJSON(b, "balance", m)
	}
	panic("message: a message of an unknown type")
}

// privateJSON writes a message about an account, whose fields have the shapes of the API.
func privateJSON(b []byte, word string, m Message) []byte {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // every text in it is valid
	}
	b = append(append(append(b, `{"type":"`...), word...), `",`...)
	return append(b, text[1:]...)
}

func headJSON(b []byte, word string, h *Head) []byte {
	b = append(b, `{"type":"`...)
	b = append(b, word...)
	b = append(b, `","market":"`...)
	b = strconv.AppendUint(b, uint64(h.Market), 10)
	b = append(b, `","epoch":`...)
	b = strconv.AppendUint(b, uint64(h.Epoch), 10)
	b = seqJSON(b, "seq", h.Seq)
	b = append(b, `,"time":"`...)
	b = api.Time(h.Time).Append(b)
	return append(b, '"')
}

func linkJSON(b []byte, word string, l *Link) []byte {
	b = headJSON(b, word, &l.Head)
	b = seqJSON(b, "prev", l.Prev.Seq)
	if l.Prev.Epoch != l.Epoch {
		b = append(b, `,"prev_epoch":`...)
		b = strconv.AppendUint(b, uint64(l.Prev.Epoch), 10)
	}
	return b
}

func seqJSON(b []byte, name string, seq exchange.Seq) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":"`...)
	b = strconv.AppendUint(b, uint64(seq), 10)
	return append(b, '"')
}

func checksumJSON(b []byte, sum uint32) []byte {
	return strconv.AppendUint(append(b, `,"checksum":`...), uint64(sum), 10)
}

func channelJSON(b []byte, c Channel) []byte {
	b = append(b, `,"channel":"`...)
	b = append(b, c.String()...)
	return append(b, '"')
}

func levelsJSON(b []byte, l *Levels) []byte {
	b = append(b, `{"outcome":`...)
	b, _ = jsontext.AppendQuote(b, l.Outcome) // names of outcomes are valid UTF-8
	for i, side := range [][]Level{l.Bids, l.Asks} {
		b = append(b, [2]string{`,"bids":[`, `,"asks":[`}[i]...)
		for i, level := range side {
			b = append(comma(b, i), '{')
			b = append(priceJSON(b, `"price"`, level.Price), `,"quantity":`...)
			b = append(strconv.AppendUint(b, level.Quantity, 10), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func changeJSON(b []byte, c *Change) []byte {
	b = bookJSON(b, c.Book)
	b = sideJSON(b, `,"side":"`, c.Side)
	b = priceJSON(b, `,"price"`, c.Price)
	return append(strconv.AppendUint(append(b, `,"quantity":`...), c.Quantity, 10), '}')
}

func dealJSON(b []byte, d *Deal) []byte {
	b = bookJSON(b, d.Book)
	b = seqJSON(b, "seq", d.Seq)
	b = priceJSON(b, `,"price"`, d.Price)
	b = strconv.AppendUint(append(b, `,"quantity":`...), uint64(d.Quantity), 10)
	return append(sideJSON(b, `,"taker_side":"`, d.TakerSide), '}')
}

func topJSON(b []byte, t *Top) []byte {
	b = bookJSON(b, t.Book)
	if t.Bid != 0 {
		b = priceJSON(b, `,"bid"`, t.Bid)
		b = strconv.AppendUint(append(b, `,"bid_quantity":`...), t.BidQuantity, 10)
	}
	if t.Ask != 0 {
		b = priceJSON(b, `,"ask"`, t.Ask)
		b = strconv.AppendUint(append(b, `,"ask_quantity":`...), t.AskQuantity, 10)
	}
	if t.Last != 0 {
		b = priceJSON(b, `,"last"`, t.Last)
	}
	return append(strconv.AppendUint(append(b, `,"volume":`...), t.Volume, 10), '}')
}

func stateJSON(b []byte, m *State) []byte {
	b = linkJSON(b, "status", &m.Link)
	b = append(b, `,"status":"`...)
	b = append(append(b, m.State.String()...), '"')
	if m.Halted {
		b = append(b, `,"halted":true`...)
	}
	if len(m.Values) > 0 {
		b = append(b, `,"values":[`...)
		for i, v := range m.Values {
			b = append(v.Append(append(comma(b, i), '"')), '"')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func bookJSON(b []byte, book exchange.Outcome) []byte {
	return strconv.AppendUint(append(b, `{"book":`...), uint64(book), 10)
}

func sideJSON(b []byte, name string, s exchange.Side) []byte {
	return append(append(append(b, name...), api.SideWords[s&1]...), '"')
}

func priceJSON(b []byte, name string, p exchange.Price) []byte {
	b = append(append(b, name...), `:"`...)
	return append(p.Append(b), '"')
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}
