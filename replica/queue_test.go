package replica

import (
	"errors"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

func submissionOf(t *testing.T, commands ...exchange.Command) *submission {
	t.Helper()
	s := &submission{count: len(commands), done: make(chan error, 1)}
	for _, c := range commands {
		var err error
		if s.commands, err = wire.AppendCommand(s.commands, c); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// A queue that is full of orders takes every cancel, and gives it first.
func TestCancelsPassAFullQueue(t *testing.T) {
	order := &exchange.PlaceOrder{Account: 1, Market: 1, Price: 1, Quantity: 1}
	cancel := &exchange.CancelOrder{Account: 1, Market: 1, Order: 1}
	q := newQueue(300)
	var orders []*submission
	for {
		s := submissionOf(t, order)
		if err := q.put(s); errors.Is(err, ErrOverloaded) {
			break
		}
		orders = append(orders, s)
	}
	if fill := q.fill(); fill < 0.5 || fill > 1 {
		t.Errorf("%d orders fill %v of the queue", len(orders), fill)
	}
	if err := q.put(submissionOf(t, cancel, order)); !errors.Is(err, ErrOverloaded) {
		t.Errorf("an order behind a cancel passed: %v", err)
	}
	var cancels []*submission
	for _, c := range []exchange.Command{
		cancel, &exchange.MassCancel{Account: 1}, &exchange.SetDeadMan{Account: 1},
		&exchange.ChangeGroup{Account: 1, Group: 1, Action: exchange.TriggerGroup}, &exchange.CancelMarketOrders{},
	} {
		for range 100 {
			s := submissionOf(t, c)
			if err := q.put(s); err != nil {
				t.Fatalf("%T: %v", c, err)
			}
			cancels = append(cancels, s)
		}
	}
	_, subs, count := q.take()
	if count != len(cancels)+len(orders) {
		t.Fatalf("%d commands of %d", count, len(cancels)+len(orders))
	}
	for i, s := range cancels {
		if subs[i] != s {
			t.Fatalf("place %d has another command than the cancel that came then", i)
		}
	}
	if q.fill() != 0 {
		t.Errorf("what was taken still fills %v", q.fill())
	}
}
