package feed

import (
	"errors"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

var (
	errMissing  = errors.New("a message of the feed is missing")
	errChecksum = errors.New("a book is not as the exchange has it")
)

// take takes a message in. It returns nil for one that says nothing new; an error means that the connection cannot be
// relied on.
func (f *Feed) take(m Message) (Message, error) {
	switch m := m.(type) {
	case *message.Image:
		f.places[chain{m.Market, message.Book}] = m.Point
		f.books[m.Market] = message.BooksOf(m)
		return m, f.check(&m.Head, m.Checksum)
	case *message.Delta:
		if fresh, err := f.link(&m.Link, message.Book); !fresh {
			return nil, err
		}
		return f.change(m)
	case *message.Trades:
		if fresh, err := f.link(&m.Link, message.Trade); !fresh {
			return nil, err
		}
		return m, nil
	case *message.Tickers:
		if fresh, err := f.link(&m.Link, message.Ticker); !fresh {
			return nil, err
		}
		return m, nil
	case *message.State:
		if fresh, err := f.link(&m.Link, message.Status); !fresh {
			return nil, err
		}
		return m, nil
	case *message.Chain:
		return f.begin(m), nil
	case *message.Heartbeat:
		if at, known := f.places[chain{m.Market, m.Channel}]; known && at.Before(m.Point) {
			return nil, errMissing
		}
		return nil, nil
	case *message.Order:
		f.own = max(f.own, exchange.Seq(m.Seq))
	case *message.Balance:
		f.own = max(f.own, exchange.Seq(m.Seq))
	}
	return m, nil
}

// link moves a chain on by a message. It reports false for one that has come already.
func (f *Feed) link(l *message.Link, channel message.Channel) (fresh bool, err error) {
	key := chain{l.Market, channel}
	at, known := f.places[key]
	if l.Prev == l.Point { // it begins the chain, with all there is to know
		f.places[key] = l.Point
		return true, nil
	}
	switch {
	case !known || at.Before(l.Prev):
		return false, fmt.Errorf("%w: market %d, %s", errMissing, l.Market, channel)
	case !at.Before(l.Point):
		return false, nil
	}
	f.places[key] = l.Point
	return true, nil
}

// begin takes in from where a chain goes on. Where that is beyond what has come, trades are missing: it returns a Gap.
func (f *Feed) begin(m *message.Chain) Message {
	key := chain{m.Market, m.Channel}
	at, known := f.places[key]
	if known && !at.Before(m.Point) || m.Channel == message.Book {
		return nil
	}
	f.places[key] = m.Point
	if known {
		return &message.Gap{Head: m.Head, Channel: m.Channel}
	}
	return nil
}

// change applies a delta to the books.
func (f *Feed) change(m *message.Delta) (Message, error) {
	books := f.books[m.Market]
	if books == nil {
		return nil, fmt.Errorf("%w: market %d has a change before an image", errMissing, m.Market)
	}
	for _, c := range m.Changes {
		books.Set(c) // what has no place in them shows in the checksum
	}
	if err := f.check(&m.Head, m.Checksum); err != nil {
		return nil, err
	}
	return m, nil
}

// check compares the books with a checksum. Books that are wrong are forgotten, so that they come anew.
func (f *Feed) check(h *message.Head, sum uint32) error {
	if b := f.books[h.Market]; b.Checksum() == sum {
		return nil
	}
	delete(f.books, h.Market)
	delete(f.places, chain{h.Market, message.Book})
	return fmt.Errorf("%w: market %d at seq %d", errChecksum, h.Market, h.Seq)
}
