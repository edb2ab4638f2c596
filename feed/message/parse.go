package message

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// fields are all that a message in JSON may have. Each kind has some of them.
type fields struct {
	Type      string       `json:"type"`
	Market    api.ID       `json:"market"`
	Epoch     uint32       `json:"epoch"`
	Seq       api.ID       `json:"seq"`
	PrevEpoch *uint32      `json:"prev_epoch"`
	Prev      api.ID       `json:"prev"`
	Next      api.ID       `json:"next"`
	Time      api.Time     `json:"time"`
	Channel   string       `json:"channel"`
	Checksum  uint32       `json:"checksum"`
	Books     []bookFields `json:"books"`
	Changes   []dealFields `json:"changes"`
	Trades    []dealFields `json:"trades"`
	Status    string       `json:"status"`
	Halted    bool         `json:"halted"`
	Values    []api.Price  `json:"values"`
}

type bookFields struct {
	Book        exchange.Outcome `json:"book"`
	Outcome     string           `json:"outcome"`
	Bids        []levelFields    `json:"bids"`
	Asks        []levelFields    `json:"asks"`
	Bid         api.Price        `json:"bid"`
	BidQuantity uint64           `json:"bid_quantity"`
	Ask         api.Price        `json:"ask"`
	AskQuantity uint64           `json:"ask_quantity"`
	Last        api.Price        `json:"last"`
	Volume      uint64           `json:"volume"`
}

type levelFields struct {
	Price    api.Price `json:"price"`
	Quantity uint64    `json:"quantity"`
}

type dealFields struct {
	Book      exchange.Outcome `json:"book"`
	Side      string           `json:"side"`
	TakerSide string           `json:"taker_side"`
	Seq       api.ID           `json:"seq"`
	Price     api.Price        `json:"price"`
	Quantity  uint64           `json:"quantity"`
}

// ReadJSON reads a message in JSON. Fields that it does not know are passed over, so that a later exchange may have more.
func ReadJSON(frame []byte) (Message, error) {
	var f fields
	if err := json.Unmarshal(frame, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	h := Head{Market: exchange.MarketID(f.Market), Point: Point{f.Epoch, exchange.Seq(f.Seq)}, Time: exchange.Time(f.Time)}
	l := Link{Head: h, Prev: Point{f.Epoch, exchange.Seq(f.Prev)}}
	if f.PrevEpoch != nil {
		l.Prev.Epoch = *f.PrevEpoch
	}
	channel, known := ParseChannel(f.Channel)
	if uint64(f.Market) > uint64(^exchange.MarketID(0)) || f.Channel != "" && !known {
		return nil, fmt.Errorf("%w: its market or channel", ErrMalformed)
	}
	switch f.Type {
	case "image":
		return &Image{Head: h, Checksum: f.Checksum, Books: f.images()}, nil
	case "delta":
		return &Delta{Link: l, Checksum: f.Checksum, Changes: f.changes()}, nil
	case "trades":
		return &Trades{Link: l, Trades: f.deals()}, nil
	case "ticker":
		return &Tickers{Link: l, Tops: f.tops()}, nil
	case "status":
		return f.state(l)
	case "heartbeat":
		return &Heartbeat{Head: h, Channel: channel, Next: exchange.Seq(f.Next)}, nil
	case "gap":
		return &Gap{Head: h, Channel: channel}, nil
	case "chain":
		return &Chain{Head: h, Channel: channel}, nil
	case "account":
		return readPrivate[Account](frame)
	case "order":
		return readPrivate[Order](frame)
	case "fill":
		return readPrivate[Fill](frame)
	case "balance":
		return readPrivate[Balance](frame)
	}
	return nil, fmt.Errorf("%w: type %q is not known", ErrMalformed, f.Type)
}

func readPrivate[T any, M interface {
	*T
	Message
}](frame []byte) (Message, error) {
	m := M(new(T))
	if err := json.Unmarshal(frame, m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return m, nil
}

func (f *fields) images() (all []Levels) {
	levels := func(from []levelFields) (to []Level) {
		for _, l := range from {
			to = append(to, Level{exchange.Price(l.Price), l.Quantity})
		}
		return to
	}
	for _, b := range f.Books {
		all = append(all, Levels{strings.Clone(b.Outcome), levels(b.Bids), levels(b.Asks)})
	}
	return all
}

func side(word string) exchange.Side {
	if word == api.Sell {
		return exchange.Sell
	}
	return exchange.Buy
}

func (f *fields) changes() (all []Change) {
	for _, c := range f.Changes {
		all = append(all, Change{c.Book, side(c.Side), exchange.Price(c.Price), c.Quantity})
	}
	return all
}

func (f *fields) deals() (all []Deal) {
	for _, d := range f.Trades {
		all = append(all, Deal{exchange.Seq(d.Seq), d.Book, side(d.TakerSide), exchange.Price(d.Price), exchange.Quantity(d.Quantity)})
	}
	return all
}

func (f *fields) tops() (all []Top) {
	for _, b := range f.Books {
		all = append(all, Top{b.BidQuantity, b.AskQuantity, b.Volume, exchange.Price(b.Bid), exchange.Price(b.Ask), exchange.Price(b.Last), b.Book})
	}
	return all
}

func (f *fields) state(l Link) (Message, error) {
	m := &State{Link: l, Halted: f.Halted}
	for ; m.State.String() != f.Status; m.State++ {
		if m.State > exchange.StateVoided {
			return nil, fmt.Errorf("%w: status %q is not known", ErrMalformed, f.Status)
		}
	}
	for _, v := range f.Values {
		m.Values = append(m.Values, exchange.Price(v))
	}
	return m, nil
}
