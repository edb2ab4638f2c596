package feed

import (
	"reflect"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// TestSettle turns levels as they were before each change into what has changed over all of them.
func TestSettle(t *testing.T) {
	level := func(book exchange.Outcome, side exchange.Side, price exchange.Price, quantity uint64) message.Change {
		return message.Change{Book: book, Side: side, Price: price, Quantity: quantity}
	}
	m := &market{books: message.NewBooks(2)}
	m.books.Set(level(0, exchange.Buy, 5_000, 7))
	m.books.Set(level(0, exchange.Sell, 5_100, 3))
	m.books.Set(level(1, exchange.Buy, 100, 1))
	for _, c := range []struct {
		name       string
		were, want []message.Change
	}{
		{"nothing", nil, nil},
		{"new", []message.Change{level(0, exchange.Buy, 5_000, 0)}, []message.Change{level(0, exchange.Buy, 5_000, 7)}},
		{"gone", []message.Change{level(0, exchange.Buy, 4_000, 2)}, []message.Change{level(0, exchange.Buy, 4_000, 0)}},
		{"back to what it was", []message.Change{level(0, exchange.Buy, 5_000, 7), level(0, exchange.Buy, 5_000, 9)}, nil},
		{"come and gone", []message.Change{level(0, exchange.Buy, 4_000, 0), level(0, exchange.Buy, 4_000, 2)}, nil},
		{"sorted", []message.Change{level(1, exchange.Buy, 100, 0), level(0, exchange.Sell, 5_100, 0), level(0, exchange.Buy, 5_000, 1)},
			[]message.Change{level(0, exchange.Buy, 5_000, 7), level(0, exchange.Sell, 5_100, 3), level(1, exchange.Buy, 100, 1)}},
	} {
		if got := m.settle(c.were, false); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	if got := m.settle([]message.Change{level(0, exchange.Buy, 5_000, 7)}, true); len(got) != 1 || got[0].Quantity != 7 {
		t.Errorf("of a level that has come to be as it was, conflated: %+v", got)
	}
}
